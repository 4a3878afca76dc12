"""The one rule of what everybody sees."""

from __future__ import annotations

from dataclasses import replace

import pytest

from faceswap_desktop.domain.live import PanicPicture, Shown
from faceswap_desktop.domain.live_rule import STALLED_AFTER_NS, LiveRule, LiveSight, LiveView

GOING = LiveSight(panic=None, is_frozen=False, is_refused=False, picture=5, picture_of=9, camera=9, now_ns=1_000)


def seen(**changes: object) -> LiveView:
    return LiveRule().look(replace(GOING, **changes))  # type: ignore[arg-type]


def test_usually_the_changed_picture_is_shown() -> None:
    assert seen() == LiveView(Shown.SWAPPED)


@pytest.mark.parametrize(
    ("panic", "shown"),
    [(PanicPicture.CAMERA, Shown.CAMERA), (PanicPicture.BLACK, Shown.BLACK), (PanicPicture.CARD, Shown.CARD)],
)
def test_panic_shows_what_was_set_whatever_stands_or_hangs(panic: PanicPicture, shown: Shown) -> None:
    assert seen(panic=panic).shown is shown
    assert seen(panic=panic, is_frozen=True).shown is shown
    assert seen(panic=panic, picture=0, picture_of=0).shown is shown


@pytest.mark.parametrize("panic", [None, PanicPicture.CAMERA, PanicPicture.CARD])
def test_what_is_refused_shows_its_card_and_no_kept_picture_again(panic: PanicPicture | None) -> None:
    assert seen(is_refused=True, panic=panic, is_frozen=True) == LiveView(Shown.REFUSED, forgets=True)


def test_black_wins_over_all() -> None:
    assert seen(is_refused=True, panic=PanicPicture.BLACK) == LiveView(Shown.BLACK, forgets=True)


def test_frozen_the_last_picture_stands_also_when_nothing_comes_any_more() -> None:
    rule = LiveRule()
    assert rule.look(replace(GOING, camera=10, is_frozen=True)) == LiveView(Shown.SWAPPED, stands=True)
    later = replace(GOING, camera=99, is_frozen=True, now_ns=GOING.now_ns + 9 * STALLED_AFTER_NS)
    assert rule.look(later) == LiveView(Shown.SWAPPED, stands=True)


def test_without_any_picture_the_card_is_shown_and_never_the_camera() -> None:
    assert seen(picture=0, picture_of=0).shown is Shown.STALLED
    assert seen(picture=0, picture_of=0, is_frozen=True).shown is Shown.STALLED


def test_the_card_comes_when_the_camera_goes_on_without_pictures_and_goes_with_the_next() -> None:
    rule = LiveRule()
    assert rule.look(GOING).shown is Shown.SWAPPED
    waiting = replace(GOING, camera=10, now_ns=GOING.now_ns + 10 * STALLED_AFTER_NS)
    assert rule.look(waiting).shown is Shown.SWAPPED, "it has only begun to wait"
    almost = replace(waiting, camera=40, now_ns=waiting.now_ns + STALLED_AFTER_NS - 1)
    assert rule.look(almost).shown is Shown.SWAPPED
    assert rule.look(replace(almost, now_ns=almost.now_ns + 1)).shown is Shown.STALLED
    assert rule.look(replace(almost, now_ns=almost.now_ns + 2, picture=6, picture_of=20)).shown is Shown.SWAPPED


def test_a_slow_engine_is_no_stalled_one() -> None:
    rule = LiveRule()
    for step in range(1, 20):
        sight = replace(GOING, picture=step, picture_of=step, camera=step + 30, now_ns=step * (STALLED_AFTER_NS - 1))
        assert rule.look(sight).shown is Shown.SWAPPED


def test_a_camera_that_gives_nothing_is_not_waited_for() -> None:
    rule = LiveRule()
    rule.look(GOING)
    assert rule.look(replace(GOING, now_ns=GOING.now_ns + 9 * STALLED_AFTER_NS)) == LiveView(Shown.SWAPPED)
