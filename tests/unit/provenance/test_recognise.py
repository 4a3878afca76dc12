"""Copies of results are known again; originals, and results with another face, are not taken for them."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import pytest
from PIL import Image, ImageEnhance

from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.provenance.recognise import FRAMES, Box, Pixels, marks_of, match
from faceswap_desktop.vision.reage.face import reage_face
from faceswap_desktop.vision.swap import apply, swap_faces
from tests.unit.vision.sample_faces import COLLINS, HOPPER, sample_face

Change = Callable[[Pixels], Pixels]


def box_of(name: str) -> Box:
    """The face, in shares of the picture's sides."""
    face = sample_face({"collins": COLLINS, "hopper": HOPPER}[name])
    (left, top), (right, bottom) = face.mesh.points[:, :2].min(axis=0), face.mesh.points[:, :2].max(axis=0)
    height, width = face.picture.shape[:2]
    return (float(left / width), float(top / height), float(right / width), float(bottom / height))


@cache
def pictures(name: str) -> dict[str, Pixels]:
    """The original and results made of it."""
    face, other = sample_face(COLLINS), sample_face(HOPPER)
    if name == "hopper":
        face, other = other, face
    older = reage_face(face.picture, face.mesh, 30)
    assert older is not None
    return {
        "original": face.picture,
        "swap": swap_faces(face.picture, [(face.mesh, other.atlas)], SwapOptions()),
        "itself": swap_faces(face.picture, [(face.mesh, face.atlas)], SwapOptions()),
        "older": apply(face.picture, [older]),
    }


def jpeg(quality: int) -> Change:
    def changed(pixels: Pixels) -> Pixels:
        encoded = io.BytesIO()
        Image.fromarray(pixels).save(encoded, "JPEG", quality=quality)
        return np.asarray(Image.open(encoded))

    return changed


def scaled(share: float) -> Change:
    return lambda pixels: np.asarray(cv2.resize(pixels, None, fx=share, fy=share, interpolation=cv2.INTER_AREA))


def enhanced(contrast: float, brightness: float, colour: float) -> Change:
    def changed(pixels: Pixels) -> Pixels:
        image = ImageEnhance.Contrast(Image.fromarray(pixels)).enhance(contrast)
        image = ImageEnhance.Brightness(image).enhance(brightness)
        return np.asarray(ImageEnhance.Color(image).enhance(colour))

    return changed


def screenshot(pixels: Pixels) -> Pixels:
    """Scaled, a little brighter, and cut a pixel or two at the edges."""
    return enhanced(1.03, 1.02, 1.0)(scaled(0.73)(pixels))[1:-2, 2:-1]


CHANGES: dict[str, Change] = {
    "none": lambda pixels: pixels,
    "JPEG 90": jpeg(90),
    "JPEG 75": jpeg(75),
    "JPEG 60": jpeg(60),
    "half": scaled(0.5),
    "a quarter": scaled(0.25),
    "a quarter, JPEG 60": lambda pixels: jpeg(60)(scaled(0.25)(pixels)),
    "twice": lambda pixels: jpeg(80)(scaled(1.4)(jpeg(70)(scaled(0.6)(pixels)))),
    "contrast": enhanced(1.2, 1.0, 1.0),
    "flat": enhanced(0.85, 1.0, 1.0),
    "bright": enhanced(1.0, 1.15, 1.0),
    "dark": enhanced(1.0, 0.85, 1.0),
    "grey": enhanced(1.0, 1.0, 0.0),
    "screenshot": screenshot,
}


@cache
def known() -> tuple[tuple[tuple[str, str], bytes], ...]:
    return tuple(
        ((name, made), marks_of([pixels], [pictures(name)["original"]], [box_of(name)]))
        for name in ("collins", "hopper")
        for made, pixels in pictures(name).items()
        if made != "original"
    )


def found(pixels: Pixels, leave_out: str = "") -> tuple[str, str] | None:
    marks = [(who, packed) for who, packed in known() if who[1] != leave_out]
    best = match([pixels], [packed for _, packed in marks])
    return None if best is None else marks[best.index][0]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", ["collins", "hopper"])
def test_copies_are_known_and_originals_are_not_taken_for_them(name: str, change: str) -> None:
    for made, pixels in pictures(name).items():
        seen = found(CHANGES[change](pixels))
        assert seen == (None if made == "original" else (name, made))


@pytest.mark.parametrize("name", ["collins", "hopper"])
@pytest.mark.parametrize("made", ["swap", "itself", "older"])
def test_a_result_with_another_face_is_not_taken_for_it(name: str, made: str) -> None:
    for change in CHANGES.values():
        assert found(change(pictures(name)[made]), leave_out=made) is None


def test_marks_are_small_and_tell_how_far_a_copy_is() -> None:
    for who, packed in known():
        assert 0 < len(packed) <= 1024
        pixels = pictures(who[0])[who[1]]
        same, worse = match([pixels], [packed]), match([jpeg(60)(scaled(0.5)(pixels))], [packed])
        assert same is not None
        assert worse is not None
        assert same.distance < 0.1
        assert same.distance < worse.distance < 1.0


def test_where_faces_are_is_found_by_the_difference() -> None:
    original, result = pictures("collins")["original"], pictures("collins")["swap"]
    packed = marks_of([scaled(0.8)(result)], [original])
    best = match([jpeg(75)(result)], [packed])
    assert best is not None
    assert match([original], [packed]) is None


def test_several_faces_of_one_picture() -> None:
    both = {
        made: np.hstack([pictures("collins")[made], pictures("hopper")[made][:512]]) for made in ("original", "swap")
    }
    left, right = box_of("collins"), box_of("hopper")
    high = 600 / 512
    boxes = [
        (left[0] / 2, left[1], left[2] / 2, left[3]),
        (0.5 + right[0] / 2, right[1] * high, 0.5 + right[2] / 2, right[3] * high),
    ]
    packed = marks_of([both["swap"]], [both["original"]], boxes)
    assert 600 < len(packed) <= 1024
    assert match([jpeg(60)(both["swap"])], [packed]) is not None
    assert match([both["original"]], [packed]) is None


def test_a_result_that_cannot_be_told_from_its_original_has_no_marks() -> None:
    original = pictures("collins")["original"]
    assert marks_of([jpeg(90)(original)], [original], [box_of("collins")]) == b""
    assert marks_of([original], [original]) == b""
    grey = np.full((64, 64, 3), 128, np.uint8)
    assert marks_of([grey], [grey], [(0.2, 0.2, 0.8, 0.8)]) == b""


def moving(name: str, made: str, shift: int = 0) -> list[Pixels]:
    """Frames of a video in which a face moves."""
    pixels = pictures(name)[made]
    return [np.roll(pixels, 6 * number + shift, axis=1) for number in range(FRAMES)]


def test_videos() -> None:
    packed = marks_of(moving("hopper", "swap"), moving("hopper", "original"))
    other = marks_of(moving("collins", "swap"), moving("collins", "original"))
    assert 0 < len(packed) <= 8192
    copy = [jpeg(60)(scaled(0.5)(one)) for one in moving("hopper", "swap")]
    best = match(copy, [other, packed])
    assert best is not None
    assert best.index == 1
    assert match(moving("hopper", "swap", shift=1), [packed]) is not None  # a frame beside it, moved a little
    assert match(moving("hopper", "original"), [other, packed]) is None
    assert match([jpeg(60)(scaled(0.5)(one)) for one in moving("hopper", "original")], [packed]) is None
    assert match([moving("hopper", "swap")[0]], [packed]) is None  # a picture is no video


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _data: b"",
        lambda data: data[:9],
        lambda data: data[:30],
        lambda data: data[:10] + b"\xff" * 400,
        lambda data: b"\x02" + data[1:],
        lambda data: data[:1] + b"\x09" + data[2:],
        lambda data: data[:11] + bytes(400),
    ],
)
def test_marks_that_are_damaged_are_passed_over(spoil: Callable[[bytes], bytes]) -> None:
    who, packed = known()[0]
    pixels = pictures(who[0])[who[1]]
    assert match([pixels], [spoil(packed)]) is None
    best = match([pixels], [spoil(packed), packed])
    assert best is not None
    assert best.index == 1


def test_one_among_very_many() -> None:
    """Most are left out by their small hash alone."""
    who, packed = known()[0]
    dice = np.random.default_rng(1)
    crowd = [packed[:2] + dice.bytes(8) + packed[10:] for _ in range(20_000)]
    best = match([pictures(who[0])[who[1]]], [*crowd, packed])
    assert best is not None
    assert best.index == len(crowd)
