"""Everybody sees the same: pixels out of the boxes, by the one rule."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from faceswap_desktop.domain.live import PanicPicture, Shown
from faceswap_desktop.workers.live_boxes import LiveBoxes
from faceswap_desktop.workers.live_outlet import OpenedOutlet, Outlet

SIZE = 16, 8


def pixels(value: int) -> bytes:
    return bytes([value]) * (3 * SIZE[0] * SIZE[1])


@pytest.fixture
def boxes() -> Iterator[LiveBoxes]:
    made = LiveBoxes(os.getpid(), SIZE[0] * SIZE[1])
    yield made
    made.close()


def show(boxes: LiveBoxes, value: int, *, taken_ns: int = 7) -> None:
    """A camera's frame, and the picture that the engine makes of it."""
    number = boxes.camera.write(pixels(value), *SIZE, taken_ns)
    boxes.picture.write(pixels(value + 100), *SIZE, taken_ns, number)


def test_the_newest_picture_comes_once(boxes: LiveBoxes) -> None:
    outlet = Outlet.of(boxes)
    show(boxes, 1)
    show(boxes, 2, taken_ns=9)
    picture = outlet.next()
    assert picture is not None
    assert (picture.shown, picture.taken_ns, picture.pixels) == (Shown.SWAPPED, 9, pixels(102))
    assert (picture.width, picture.height) == SIZE
    assert outlet.next() is None
    show(boxes, 3)
    following = outlet.next()
    assert following is not None
    assert following.number > picture.number


def test_before_any_picture_it_is_black_and_then_the_card(boxes: LiveBoxes) -> None:
    outlet = Outlet.of(boxes)
    boxes.camera.write(pixels(50), *SIZE, 1)
    first = outlet.next()
    assert first is not None
    assert (first.shown, first.pixels) == (Shown.STALLED, pixels(0)), "never the bare camera"
    assert outlet.next() is None
    boxes.card.write(pixels(9), *SIZE, 1)
    card = outlet.next()
    assert card is not None
    assert (card.shown, card.pixels) == (Shown.STALLED, pixels(9))


def test_panic_shows_at_the_very_next_look_while_the_engine_hangs(boxes: LiveBoxes) -> None:
    outlet = Outlet.of(boxes)
    boxes.card.write(pixels(9), *SIZE, 1)
    show(boxes, 1)
    outlet.next()
    boxes.switch.panic = PanicPicture.BLACK
    black = outlet.next()
    assert black is not None
    assert (black.shown, black.pixels) == (Shown.BLACK, pixels(0))
    assert outlet.next() is None
    boxes.switch.panic = PanicPicture.CARD
    card = outlet.next()
    assert card is not None
    assert (card.shown, card.pixels) == (Shown.CARD, pixels(9))
    boxes.switch.panic = PanicPicture.CAMERA
    bare = outlet.next()
    assert bare is not None
    assert (bare.shown, bare.pixels) == (Shown.CAMERA, pixels(1))
    assert outlet.next() is None
    boxes.camera.write(pixels(2), *SIZE, 1)
    bare = outlet.next()
    assert bare is not None
    assert bare.pixels == pixels(2)
    boxes.switch.panic = None
    back = outlet.next()
    assert back is not None
    assert (back.shown, back.pixels) == (Shown.SWAPPED, pixels(101))


def test_panic_shows_the_camera_as_black_while_there_is_none(boxes: LiveBoxes) -> None:
    boxes.switch.panic = PanicPicture.CAMERA
    outlet = Outlet.of(boxes)
    picture = outlet.next()
    assert picture is not None
    assert picture.shown is Shown.CAMERA
    assert not any(picture.pixels)
    assert outlet.next() is None


def test_frozen_the_picture_that_was_shown_last_stands(boxes: LiveBoxes) -> None:
    outlet = Outlet.of(boxes)
    show(boxes, 1)
    outlet.next()
    boxes.switch.is_frozen = True
    show(boxes, 2)
    assert outlet.next() is None
    boxes.switch.panic = PanicPicture.BLACK
    outlet.next()
    boxes.switch.panic = None
    again = outlet.next()
    assert again is not None
    assert again.pixels == pixels(101)
    boxes.switch.is_frozen = False
    moving = outlet.next()
    assert moving is not None
    assert moving.pixels == pixels(102)


def test_a_picture_that_is_forgotten_is_seen_by_nobody_again_frozen_or_not(boxes: LiveBoxes) -> None:
    outlet, late = Outlet.of(boxes), Outlet.of(boxes)
    boxes.card.write(pixels(9), *SIZE, 1)
    show(boxes, 1)
    outlet.next()
    boxes.switch.is_frozen = True
    boxes.switch.forgotten = 2
    for one in (outlet, late):
        card = one.next()
        assert card is not None
        assert (card.shown, card.pixels) == (Shown.STALLED, pixels(9))
    show(boxes, 2)
    assert outlet.next() is None, "it was being made at that time"
    show(boxes, 3)
    for one in (outlet, late):
        new = one.next()
        assert new is not None
        assert (new.shown, new.pixels) == (Shown.SWAPPED, pixels(103))


def test_what_was_refused_is_not_shown_again_by_a_frozen_picture(boxes: LiveBoxes) -> None:
    outlet = Outlet.of(boxes)
    boxes.card.write(pixels(9), *SIZE, 1)
    show(boxes, 1)
    outlet.next()
    boxes.switch.is_frozen = True
    boxes.switch.is_refused = True
    refused = outlet.next()
    assert refused is not None
    assert (refused.shown, refused.pixels) == (Shown.REFUSED, pixels(9))
    show(boxes, 2)
    boxes.switch.is_refused = False
    picture = outlet.next()
    assert picture is not None
    assert picture.pixels == pixels(102)


def test_a_new_card_is_shown_when_its_words_change(boxes: LiveBoxes) -> None:
    boxes.switch.panic = PanicPicture.CARD
    outlet = Outlet.of(boxes)
    boxes.card.write(pixels(1), *SIZE, 1)
    outlet.next()
    boxes.card.write(pixels(2), *SIZE, 1)
    card = outlet.next()
    assert card is not None
    assert card.pixels == pixels(2)


def test_after_panic_the_picture_of_a_camera_that_stopped_is_not_taken_for_stalled(
    boxes: LiveBoxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0]
    monkeypatch.setattr("faceswap_desktop.workers.live_outlet.time.monotonic_ns", lambda: now[0])
    outlet = Outlet.of(boxes)
    boxes.switch.panic = PanicPicture.BLACK
    outlet.next()
    show(boxes, 1)
    for _ in range(5):
        now[0] += 1_000_000_000
        outlet.next()
    boxes.switch.panic = None
    picture = outlet.next()
    assert picture is not None
    assert picture.shown is Shown.SWAPPED


def test_readers_open_it_by_name_and_hear_that_it_is_over(boxes: LiveBoxes) -> None:
    with OpenedOutlet(boxes.names) as outlet:
        show(boxes, 1)
        picture = outlet.wait(10.0)
        assert picture is not None
        assert picture.pixels == pixels(101)
        boxes.switch.is_over = True
        show(boxes, 2)
        assert outlet.wait(60.0) is None
        assert outlet.is_over


def test_a_session_that_is_gone_cannot_be_read(boxes: LiveBoxes) -> None:
    names = boxes.names
    boxes.close()
    with pytest.raises(FileNotFoundError):
        OpenedOutlet(names)
