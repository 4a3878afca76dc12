"""Scene cuts: each is found, and nothing else is taken for one."""

import pytest

from faceswap_desktop.vision.tracking.cuts import AFTER, BEFORE, is_cut, signature
from tests.clips import (
    Actor,
    Place,
    Scene,
    bar,
    cover,
    crossing,
    dark,
    flash,
    line,
    no_faces,
    one_person,
    rolling,
    still,
    swaying,
)
from tests.unit.vision.tracking.drawn import drawn

PAN = Actor("hopper", line(Place(-0.2, 0.5, 1.5), Place(1.2, 0.5, 1.5), 0.4), reach=0)


def _found(scenes: list[Scene]) -> list[int]:
    around = {number: signature(frame) for number, frame in enumerate(drawn(scenes, (320, 180)).frames)}
    return [number for number in around if is_cut(around, number)]


@pytest.mark.parametrize(
    "scenes",
    [
        [one_person(0.3), one_person(0.3, "hopper")],
        [one_person(0.3), no_faces(0.3, 5), one_person(0.3)],
        [Scene(0.3, (PAN,)), no_faces(0.3, 3)],
    ],
    ids=["same background", "other places", "out of a pan"],
)
def test_cuts_are_found(scenes: list[Scene]) -> None:
    assert _found(scenes) == drawn(scenes, (320, 180)).cuts


@pytest.mark.parametrize(
    "scene",
    [
        one_person(0.6, "collins", None, flash(0.3, 0.07)),
        one_person(0.6, "hopper", swaying(Place(0.5, 0.5, 0.8), 0.4, 0.5)),
        Scene(0.6, (PAN,)),
        Scene(0.6, (Actor("hopper", rolling(Place(0.5, 0.5, 1.2), 360), reach=0),)),
        one_person(0.6, "collins", None, dark(0.12, 0.3)),
        one_person(0.6, "collins", None, bar(0.1, 0.4, 0.3)),
        one_person(0.6, "collins", still(), cover(0.2, 0.4, Place(0.5, 0.5, 0.6))),
        crossing(0.6),
    ],
    ids=["flash", "fast motion", "pan", "roll", "light off", "bar passes", "hand appears", "crossing"],
)
def test_nothing_else_is_a_cut(scene: Scene) -> None:
    assert _found([scene]) == []


def test_a_few_frames_around_are_enough() -> None:
    # So that a chunk finds the cut at its border from few frames of its neighbours.
    frames = drawn([one_person(0.3), one_person(0.3, "hopper")], (320, 180)).frames
    around = {number: signature(frames[number]) for number in range(9 - BEFORE, 9 + AFTER + 1)}

    assert is_cut(around, 9)


def test_unreadable_frames_are_no_cut() -> None:
    frames = drawn([one_person(0.4)], (320, 180)).frames
    around = {number: signature(frame) for number, frame in enumerate(frames) if number not in {5, 6}}

    assert not any(is_cut(around, number) for number in range(len(frames)))
