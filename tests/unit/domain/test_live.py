"""Live: who has which part, and what may be said of a part."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import pytest

from faceswap_desktop.domain.faces import Embedding, SourceFaceId
from faceswap_desktop.domain.live import (
    CaptureTrouble,
    CastMember,
    LiveControls,
    LivePart,
    PanicPicture,
    Shown,
    WhenLost,
)
from faceswap_desktop.domain.recipe import MOST_YEARS, NO_LABEL, LabelOptions
from faceswap_desktop.domain.settings import LiveSettings

LEFT, RIGHT = LivePart(SourceFaceId("left")), LivePart(SourceFaceId("right"), -10)


def a_member(number: int, part: LivePart) -> CastMember:
    return CastMember(number, Embedding(bytes(512), "sface"), part)


def test_who_has_no_part_gets_everyones() -> None:
    controls = LiveControls(LEFT, (a_member(2, RIGHT), a_member(3, LivePart())))
    assert [controls.part_of(number) for number in (1, 2, 3, 4)] == [LEFT, RIGHT, LivePart(), LEFT]


def test_nothing_is_done_to_anybody_before_it_is_said() -> None:
    assert LiveControls().part_of(1) == LivePart(None, 0)


def test_the_label_is_on_before_anything_is_said() -> None:
    assert LiveControls().label == LabelOptions()
    assert LiveControls().label.is_on
    assert LabelOptions() != NO_LABEL


@pytest.mark.parametrize("years", [-MOST_YEARS, 0, MOST_YEARS])
def test_years_that_can_be_made(years: int) -> None:
    assert LivePart(years=years).years == years


@pytest.mark.parametrize("years", [-MOST_YEARS - 1, MOST_YEARS + 1, 10_000])
def test_years_that_cannot(years: int) -> None:
    with pytest.raises(ValueError, match=f"not {years}"):
        LivePart(years=years)


def test_controls_are_replaced_whole() -> None:
    controls = LiveControls()
    with pytest.raises(FrozenInstanceError):
        controls.card_title = "Back soon"  # type: ignore[misc]
    assert "card_title" in {item.name for item in fields(LiveControls)}


def test_whatever_the_panic_key_shows_is_told_as_shown() -> None:
    assert {picture.value for picture in PanicPicture} < {shown.value for shown in Shown}


def test_the_panic_key_shows_no_bare_camera_unless_it_is_set_to() -> None:
    assert LiveSettings().panic is PanicPicture.CARD
    assert LiveSettings().when_lost is WhenLost.AS_IS


def test_every_trouble_has_a_word_of_its_own() -> None:
    # They are kinds of errors as well, beside those of pictures and jobs.
    assert all(
        "camera" in one.value or "microphone" in one.value or "resolution" in one.value for one in CaptureTrouble
    )
