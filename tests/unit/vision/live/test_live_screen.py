"""What goes out where a face that is to be changed cannot be changed."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from faceswap_desktop.domain.live import WhenLost
from faceswap_desktop.vision.live.screen import Screen
from faceswap_desktop.vision.live.stage import Scene


def picture(level: int, side: int = 8) -> NDArray[np.uint8]:
    return np.full((side, side, 3), level, np.uint8)


def scene(*, missing: bool = False, bare: bool = False) -> Scene:
    return Scene((), 1.0, bare, missing, False)


@pytest.mark.parametrize("when_lost", list(WhenLost))
def test_where_all_is_well_the_picture_goes_out(when_lost: WhenLost) -> None:
    made = picture(10)
    assert Screen().choose(made, scene(), when_lost) is made


@pytest.mark.parametrize("when_lost", list(WhenLost))
def test_who_is_not_ready_is_never_seen_as_they_are(when_lost: WhenLost) -> None:
    screen = Screen()
    screen.choose(picture(1), scene(), when_lost)
    assert screen.choose(picture(10), scene(bare=True), when_lost) is None


def test_as_it_is_is_as_it_is() -> None:
    made = picture(10)
    assert Screen().choose(made, scene(missing=True), WhenLost.AS_IS) is made


def test_the_last_good_picture_is_held_until_the_face_is_back() -> None:
    screen, good = Screen(), picture(1)
    screen.choose(good, scene(), WhenLost.HOLD)
    for level in range(20):
        assert screen.choose(picture(level), scene(missing=True), WhenLost.HOLD) is good
    back = picture(30)
    assert screen.choose(back, scene(), WhenLost.HOLD) is back


def test_the_card_comes_after_a_few_held_frames() -> None:
    screen, good = Screen(), picture(1)
    screen.choose(good, scene(), WhenLost.CARD)
    shown = [screen.choose(picture(level), scene(missing=True), WhenLost.CARD) for level in range(10)]
    assert shown[0] is good
    assert shown[-1] is None
    assert all(one is good or one is None for one in shown)


@pytest.mark.parametrize("when_lost", [WhenLost.HOLD, WhenLost.CARD])
def test_without_a_good_picture_the_card_is_shown(when_lost: WhenLost) -> None:
    screen = Screen()
    assert screen.choose(picture(10), scene(missing=True), when_lost) is None
    screen.choose(picture(1, side=16), scene(), when_lost)
    assert screen.choose(picture(10), scene(missing=True), when_lost) is None
