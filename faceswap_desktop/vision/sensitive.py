"""Looks at pictures for what is refused. See docs/decisions/0020-sensitive-content.md.

``score`` is the classifier, and the one seam: whatever looks does so through ``sensitive.score``, so that tests can put
scripted scores in its place.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import atan2, ceil, pi
from typing import Any, Final, cast

import cv2
import numpy as np
from PIL import Image

from faceswap_desktop.domain.sensitive import NUDITY_BAR, YOUNG_BAR, YOUNG_YEARS, is_over
from faceswap_desktop.vision.arrays import Floats, Picture
from faceswap_desktop.vision.checkpoints import session
from faceswap_desktop.vision.detect import Detection, detect
from faceswap_desktop.vision.reage.age import estimate_age

CHECKPOINT: Final = "open_nsfw"
PICTURE_SIDE: Final = 1024
"""Short side in pixels to which pictures are shrunk before they are looked at."""
FRAME_SIDE: Final = 540
"""The same of a video's frames."""

_COPY: Final = 256
_INPUT: Final = 224
_MEANS: Final[Floats] = np.array([104, 117, 123], np.float32)
"""Blue, green, red."""
_PLAIN: Final = 8
"""Levels. What differs by less everywhere shows nothing; the network gives plain brown 0.33."""

_BODY_SIDE: Final = 7.0
"""Side of the square in which a body is looked for, in heights of its face."""
_BODY_DOWN: Final = 2.9
"""How far its middle lies below the face's."""
_BODY_OF_PICTURE: Final = 0.6
"""A body's square with more of the picture than this shows nothing that the whole does not."""
_BODY_OF_FRAME: Final = 0.2
"""The same for frames of videos, of which many are looked at: a face of more than a twelfth of the height."""
_MIN_FACE: Final = 12.0
"""Height in pixels; the body of a smaller one has some eighty."""
_MIN_AGED: Final = 24.0
"""Height in pixels of faces whose age is asked for: the network reads 64."""
_MOST_BODIES: Final = 6
_MOST_BODIES_OF_FRAME: Final = 2
_QUICK_EDGE: Final = 640
"""Long side of the copy in which faces of a frame are looked for: in one piece, without tiles."""
_MOST_AGED: Final = 8

_LONG: Final = 1.9
"""Long side against short side from which the whole is squeezed so much that squares of it are looked at too."""
_LEAST: Final = 128
"""Short side in pixels from which squares of a long picture are looked at: in smaller ones a sleeve looks like skin."""
_LARGE: Final = 900
"""Short side in pixels from which parts of a picture are looked at too."""
_PART: Final = 0.66
"""Side of such a part against the short side; neighbours overlap by a quarter of it."""
_OVERLAP: Final = 1 / 4
_MOST_PARTS: Final = 64


@dataclass(frozen=True, slots=True)
class Look:
    """What came of looking at one picture.

    Attributes:
        score: Of what is over its bar; where nothing is, the highest seen. 0 (harmless) to 1.
        looks_young: Somebody there looks like a child, and the lower bar was asked.
    """

    score: float
    looks_young: bool = False

    @property
    def is_over(self) -> bool:
        """Whether the picture is refused."""
        return is_over(self.score, looks_young=self.looks_young)


def score(picture: Picture) -> float:
    """Return what the network says of a picture, as one view.

    Yahoo's open_nsfw (BSD-2), with the steps of its own ``classify_nsfw.py``: squeezed to 256 × 256 with Pillow's
    ``BILINEAR`` (which averages when it shrinks), written as a JPEG of Pillow's own quality and read again, the middle
    224 × 224, blue before red, the means of the training set taken off.

    Args:
        picture: uint8 (height, width, 3), sRGB, upright.

    Returns:
        0 (harmless) to 1.

    Raises:
        CheckpointError: The checkpoint is missing or altered.
    """
    small = Image.fromarray(np.ascontiguousarray(picture)).resize((_COPY, _COPY), Image.Resampling.BILINEAR)
    if max(high - low for low, high in cast("tuple[tuple[int, int], ...]", small.getextrema())) < _PLAIN:
        return 0.0
    written = io.BytesIO()
    small.save(written, "JPEG")
    with Image.open(written) as read:
        pixels = np.asarray(read.convert("RGB"))
    edge = (_COPY - _INPUT) // 2
    middle = pixels[edge : edge + _INPUT, edge : edge + _INPUT, ::-1]
    blob = (middle.astype(np.float32) - _MEANS)[None]
    (output,) = cast("list[Any]", session(CHECKPOINT).run(None, {"input_0": blob}))
    return float(output[0, 1])


def shrunk(picture: Picture, side: int) -> Picture:
    """Return a picture whose short side is at most ``side`` pixels."""
    height, width = picture.shape[:2]
    scale = side / min(height, width)
    if scale >= 1.0:
        return picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def look_at_picture(picture: Picture, faces: Sequence[Detection] | None = None) -> Look:
    """Look at a picture: all of it, the bodies of those in it, and parts of it where it is large or long.

    Args:
        picture: uint8 (height, width, 3), sRGB, upright. Of large ones a smaller copy is looked at.
        faces: Those in it, in its pixels, in any order; None to look for them.

    Raises:
        CheckpointError: A checkpoint is missing or altered.
    """
    copy = shrunk(picture, PICTURE_SIDE)
    scene = _Scene(copy, _found(picture, copy, faces))
    return scene.look((*scene.whole(), *scene.bodies(_MOST_BODIES, _BODY_OF_PICTURE), *scene.parts()))


def look_at_changes(picture: Picture, faces: Sequence[Detection]) -> Look:
    """Look at a picture whose faces were changed, and which was looked at before: all of it, and those bodies.

    Args:
        picture: uint8 (height, width, 3), sRGB, upright. Of large ones a smaller copy is looked at.
        faces: The changed ones, in its pixels.

    Raises:
        CheckpointError: A checkpoint is missing or altered.
    """
    copy = shrunk(picture, PICTURE_SIDE)
    scene = _Scene(copy, _found(picture, copy, faces))
    return scene.look((*scene.whole(), *scene.bodies(_MOST_BODIES, _BODY_OF_PICTURE)))


def look_at_frame(picture: Picture) -> Look:
    """Look at a frame of a video: all of it, the bodies of two small people, and squares where it is long.

    Args:
        picture: uint8 (height, width, 3), sRGB, upright. Of large ones a smaller copy is looked at.

    Raises:
        CheckpointError: A checkpoint is missing or altered.
    """
    copy = shrunk(picture, FRAME_SIDE)
    edge = max(copy.shape[:2])
    quick = shrunk(copy, max(1, round(min(copy.shape[:2]) * min(1.0, _QUICK_EDGE / edge))))
    scene = _Scene(copy, _found(quick, copy, detect(quick)))
    return scene.look((*scene.whole(), *scene.bodies(_MOST_BODIES_OF_FRAME, _BODY_OF_FRAME), *scene.squares()))


# ------------------------------------------------------------------------------------------------------------ insides


@dataclass(frozen=True, slots=True)
class _View:
    """A part of a picture, turned by quarters so that the one in it stands upright."""

    left: int
    top: int
    right: int
    bottom: int
    turns: int = 0

    def cut(self, picture: Picture) -> Picture:
        return np.rot90(picture[self.top : self.bottom, self.left : self.right], self.turns)

    @property
    def area(self) -> int:
        return (self.right - self.left) * (self.bottom - self.top)

    def shows(self, face: Detection) -> bool:
        x, y = _middle(face)
        return bool(self.left <= x < self.right and self.top <= y < self.bottom)


class _Scene:
    """A picture, the people in it, and which parts of it are worth a look."""

    def __init__(self, picture: Picture, faces: Sequence[Detection]) -> None:
        self._picture = picture
        self._faces = [face for face in faces if _height(face) >= _MIN_FACE]
        self._years: dict[int, bool] = {}

    def look(self, views: Sequence[_View]) -> Look:
        """Look at one view after the other, until one is over its bar."""
        worst = Look(0.0)
        for view in dict.fromkeys(views):
            look = self._look(view)
            if look.is_over:
                return look
            worst = max(worst, look, key=lambda one: one.score)
        return worst

    def _look(self, view: _View) -> Look:
        value = score(view.cut(self._picture))
        is_between = YOUNG_BAR <= value < NUDITY_BAR
        return Look(value, is_between and self._has_young(view))

    def _has_young(self, view: _View) -> bool:
        shown = [number for number, face in enumerate(self._faces) if view.shows(face)]
        return any(self._looks_young(number) for number in shown[:_MOST_AGED])

    def _looks_young(self, number: int) -> bool:
        if number not in self._years:
            face = self._faces[number]
            years = estimate_age(self._picture, face) if _height(face) >= _MIN_AGED else None
            self._years[number] = years is not None and years < YOUNG_YEARS
        return self._years[number]

    # --------------------------------------------------------------------------------------------------------- views

    def whole(self) -> Iterator[_View]:
        """Yield all of the picture, as it is, and as the largest face in it stands upright."""
        height, width = self._picture.shape[:2]
        yield _View(0, 0, width, height)
        if self._faces and (turns := _turns(self._faces[0])):
            yield _View(0, 0, width, height, turns)

    def bodies(self, most: int, share: float) -> Iterator[_View]:
        """Yield squares around bodies, those of the largest faces first, that are below a share of the whole."""
        height, width = self._picture.shape[:2]
        left_to_show = most
        for face in self._faces:
            if not left_to_show:
                return
            half = _BODY_SIDE * _height(face) / 2
            x, y = _middle(face) + _down(face) * np.float32(_BODY_DOWN * _height(face))
            view = _View(
                max(0, int(x - half)),
                max(0, int(y - half)),
                min(width, ceil(x + half)),
                min(height, ceil(y + half)),
                _turns(face),
            )
            if view.right > view.left and view.bottom > view.top and view.area < share * width * height:
                left_to_show -= 1
                yield view

    def squares(self) -> Iterator[_View]:
        """Yield overlapping squares along a long picture."""
        short, long = sorted(self._picture.shape[:2])
        if long >= _LONG * short and short >= _LEAST:
            yield from self._grid(short)

    def parts(self) -> Iterator[_View]:
        """Yield squares of a long picture, and smaller ones of a large picture."""
        yield from self.squares()
        if min(self._picture.shape[:2]) >= _LARGE:
            yield from self._grid(round(_PART * min(self._picture.shape[:2])))

    def _grid(self, side: int) -> Iterator[_View]:
        height, width = self._picture.shape[:2]
        for top in _starts(height, side):
            for left in _starts(width, side):
                yield _View(left, top, min(width, left + side), min(height, top + side))


def _starts(length: int, side: int) -> list[int]:
    """Return where squares begin that overlap and together cover a length; of very long ones they only touch."""
    room = max(0, length - side)
    count = min(ceil(room / (side * (1 - _OVERLAP))), max(_MOST_PARTS, ceil(room / side)))
    return [round(room * number / count) for number in range(count + 1)] if count else [0]


def _found(picture: Picture, copy: Picture, faces: Sequence[Detection] | None) -> list[Detection]:
    """Return faces in pixels of the copy, largest first."""
    if faces is None:
        return detect(copy)
    scale = np.float32(copy.shape[1] / picture.shape[1])
    moved = [Detection(face.box * scale, face.score, face.five_points * scale) for face in faces]
    return sorted(moved, key=_height, reverse=True)


def _height(face: Detection) -> float:
    """Return the longer side of a face's box, in pixels: that of one who lies, too."""
    left, top, right, bottom = (float(value) for value in face.box)
    return max(right - left, bottom - top)


def _middle(face: Detection) -> Floats:
    return ((face.box[:2] + face.box[2:]) / np.float32(2)).astype(np.float32)


def _down(face: Detection) -> Floats:
    """Return the direction from the eyes to the mouth, of length 1; where they coincide, downwards."""
    eyes, mouth = face.five_points[:2].mean(axis=0), face.five_points[3:].mean(axis=0)
    length = float(np.hypot(*(mouth - eyes)))
    return np.array([0.0, 1.0], np.float32) if length < 1.0 else ((mouth - eyes) / length).astype(np.float32)


def _turns(face: Detection) -> int:
    """Return by how many quarters against the clock a picture has to be turned so that a face stands upright."""
    x, y = (float(value) for value in _down(face))
    return -round(atan2(x, y) / (pi / 2)) % 4
