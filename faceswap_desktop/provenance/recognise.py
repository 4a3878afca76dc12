"""Knows copies of results that say nothing of themselves any more: scaled, encoded anew, a little brighter or flatter.

A result looks almost like its original: only a face differs. So each picture has a small hash of all of it, by which
results (and originals) are found among very many, and for its changed faces a description of the face in the result
and of how it differs from the face in the original. A file is a copy of the result if its face is clearly nearer to the
result's, and differs from the original's in the same way. ``docs/decisions/0022-marks-that-stay.md`` has the figures.

The descriptions are the lowest coefficients of the cosine transform of grey values, normalised. They are marks of
results only, are kept beside them, and go with them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in shares of width and height."""

_Floats = NDArray[np.float32]

VERSION: Final = 1
FRAMES: Final = 9
"""How many frames of a video are described."""

_MOST_FACES: Final = 3
_MOST_PARTS: Final = 2
_MOST_BITS: Final = 12
"""So many of 64 bits of the small hash may differ."""
_MOST_LOOKED_AT: Final = 500
_SIDE: Final = 48
_REACH: Final = 1
_KEPT: Final = 10
_COUNT: Final = _KEPT * _KEPT - 1
_LEAST_CHANGE: Final = 0.03
"""Of a description's length; less cannot be told from what encoding does."""
_MOST_RATIO: Final = 0.8
_LEAST_SHARE, _MOST_SHARE = 0.6, 1.5
_LARGEST_VIEW: Final = 2048
_LEAST_FRAMES: Final = 5
_HEAD: Final = struct.Struct("<BB")
_FACE: Final = struct.Struct("<4Hf")
_FACE_BYTES: Final = _FACE.size + 3 * _COUNT


@dataclass(frozen=True, slots=True)
class Match:
    """Of which result something is a copy.

    Attributes:
        index: Its place among the marks that were given.
        distance: 0.0 for the very same; below 1.0.
    """

    index: int
    distance: float


@dataclass(frozen=True, slots=True)
class _Face:
    box: Box
    result: _Floats
    change: _Floats


@dataclass(frozen=True, slots=True)
class _View:
    """What is kept of a picture or of one frame."""

    small: int
    faces: tuple[_Face, ...]


def marks_of(results: Sequence[Pixels], originals: Sequence[Pixels], boxes: Sequence[Box] = ()) -> bytes:
    """Describe a result so that copies of it are known again.

    Args:
        results: uint8 (H, W, 3) RGB: the picture, or ``FRAMES`` frames of a video at the same shares of its length.
        originals: The same of the original; sizes may differ.
        boxes: The changed faces; empty to look where the pictures differ.

    Returns:
        At most 1 kB for a picture and 8 kB for a video; empty where result and original cannot be told apart.
    """
    views = []
    for result, original in zip(results, originals, strict=True):
        found = [_compared(result, original, box) for box in boxes or _changed(result, original)]
        strong = sorted((one for one in found if one is not None), key=lambda one: -float(np.linalg.norm(one.change)))
        views.append(_View(_small_hash(result), tuple(strong[: _MOST_FACES if len(results) == 1 else _MOST_PARTS])))
    if not any(view.faces for view in views):
        return b""
    return _pack(views)


def match(candidate: Sequence[Pixels], marks: Sequence[bytes]) -> Match | None:
    """Find the result of which a picture or a video is a copy; of several, the nearest.

    Args:
        candidate: As ``results`` of ``marks_of``. Pictures are compared with pictures, videos with videos.
        marks: What ``marks_of`` returned; what cannot be read is passed over.
    """
    best: Match | None = None
    seen = [_Seen(pixels) for pixels in candidate]
    for index in _alike([one.small for one in seen], marks):
        views = _unpacked(marks[index])
        distance = _distance(seen, views) if views is not None else None
        if distance is not None and distance < 1.0 and (best is None or distance < best.distance):
            best = Match(index, distance)
    return best


# --------------------------------------------------------------------------------------------------------- small hash


def _small_hash(pixels: Pixels) -> int:
    """Return the signs, against their median, of the 64 lowest cosine coefficients of a picture."""
    grey = cv2.resize(_grey(pixels), (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(grey)[:8, :8].ravel()
    return int.from_bytes(np.packbits(low > np.median(low[1:])).tobytes(), "big")


def _alike(candidate: Sequence[int], marks: Sequence[bytes]) -> list[int]:
    """Return the places of results that look alike as a whole, the nearest first."""
    count = len(candidate)
    head = _HEAD.pack(VERSION, count)
    end = _HEAD.size + 8 * count
    places = [index for index, one in enumerate(marks) if one[: _HEAD.size] == head and len(one) > end]
    if not places:
        return []
    joined = b"".join([marks[index][_HEAD.size : end] for index in places])
    known = np.frombuffer(joined, dtype=">u8").reshape(-1, count)
    own = np.array(candidate, dtype=np.uint64)
    bits = np.bitwise_count(known.astype(np.uint64) ^ own)
    # Of a video most frames have to be alike; a few may fall on the other side of a cut.
    needed = min(count, _LEAST_FRAMES)
    worst = np.partition(bits, needed - 1, axis=1)[:, needed - 1]
    near = np.flatnonzero(worst <= _MOST_BITS)
    ordered = near[np.argsort(bits[near].sum(axis=1, dtype=np.int64), kind="stable")]
    return [places[int(index)] for index in ordered[:_MOST_LOOKED_AT]]


# -------------------------------------------------------------------------------------------------------------- faces


class _Seen:
    """A picture that is looked at; what was measured once is kept, since many results may come from one original."""

    def __init__(self, pixels: Pixels) -> None:
        self.small = _small_hash(pixels)
        self._pixels = pixels
        self._known: dict[Box, _Floats] = {}

    def at(self, box: Box) -> _Floats:
        found = self._known.get(box)
        if found is None:
            found = self._known[box] = _described(self._pixels, box, reach=_REACH)
        return found


def _distance(candidate: Sequence[_Seen], views: Sequence[_View]) -> float | None:
    """Return how far a file is from a result, 1.0 at the border; None where it is none at all."""
    to_result = to_original = along = length = 0.0
    for picture, view in zip(candidate, views, strict=True):
        if (picture.small ^ view.small).bit_count() > _MOST_BITS:
            continue
        for face in view.faces:
            seen = picture.at(face.box)
            from_result = np.linalg.norm(seen - face.result, axis=1)
            nearest = int(from_result.argmin())
            original = face.result - face.change
            to_result += float(from_result[nearest]) ** 2
            to_original += float(np.linalg.norm(seen - original, axis=1).min()) ** 2
            along += float((seen[nearest] - original) @ face.change)
            length += float(face.change @ face.change)
    if length <= 0.0 or not _LEAST_SHARE <= along / length <= _MOST_SHARE:
        return None
    return float(np.sqrt(to_result / max(to_original, 1e-12))) / _MOST_RATIO


def _compared(result: Pixels, original: Pixels, box: Box) -> _Face | None:
    left, top, right, bottom = (min(1.0, max(0.0, one)) for one in box)
    if right - left < 1e-3 or bottom - top < 1e-3:
        return None
    box = (left, top, right, bottom)
    described = _described(result, box)[0]
    change = described - _described(original, box)[0]
    return _Face(box, described, change) if float(np.linalg.norm(change)) >= _LEAST_CHANGE else None


def _described(pixels: Pixels, box: Box, *, reach: int = 0) -> _Floats:
    """Describe a part of a picture, also seen from a little beside it.

    Returns:
        float32 (n, 99) of length 1, the part itself in the middle; n is 1 or 9.
    """
    left, top, right, bottom = box
    width = max(8, min(_LARGEST_VIEW, round(_SIDE / (right - left))))
    height = max(8, min(_LARGEST_VIEW, round(_SIDE / (bottom - top))))
    smaller = width < pixels.shape[1] or height < pixels.shape[0]
    way = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    view = cv2.resize(_grey(pixels), (width, height), interpolation=way).astype(np.float32)
    side = _SIDE + 2 * reach
    centre = ((left + right) / 2 * width - 0.5, (top + bottom) / 2 * height - 0.5)
    part = cv2.getRectSubPix(view, (side, side), centre)
    steps = range(2 * reach + 1)
    found = [_coefficients(part[down : down + _SIDE, across : across + _SIDE]) for down in steps for across in steps]
    return np.stack(found)


def _coefficients(part: NDArray[Any]) -> _Floats:
    low = cv2.dct(np.ascontiguousarray(part, dtype=np.float32))[:_KEPT, :_KEPT].ravel()[1:]
    return np.asarray(low / max(float(np.linalg.norm(low)), 1e-6), dtype=np.float32)


def _changed(result: Pixels, original: Pixels) -> list[Box]:
    """Return where two frames differ most, as at most two boxes with a little around them."""
    size = (160, max(16, min(640, round(160 * result.shape[0] / result.shape[1]))))
    first, second = (
        cv2.GaussianBlur(cv2.resize(_grey(one), size, interpolation=cv2.INTER_AREA), (5, 5), 0)
        for one in (result, original)
    )
    difference = cv2.absdiff(first, second)
    limit = max(6.0, 4.0 * float(np.median(difference)))
    marked = cv2.morphologyEx((difference > limit).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    count, _, figures, _ = cv2.connectedComponentsWithStats(marked)
    largest = sorted(range(1, count), key=lambda one: -int(figures[one, cv2.CC_STAT_AREA]))[:_MOST_PARTS]
    boxes: list[Box] = []
    for one in largest:
        across, down, wide, high, area = (int(value) for value in figures[one])
        if area >= 12:
            edge = max(wide, high) * 0.1
            boxes.append(
                (
                    (across - edge) / size[0],
                    (down - edge) / size[1],
                    (across + wide + edge) / size[0],
                    (down + high + edge) / size[1],
                )
            )
    return boxes


def _grey(pixels: Pixels) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


# ------------------------------------------------------------------------------------------------------------- packed


def _pack(views: Sequence[_View]) -> bytes:
    parts = [_HEAD.pack(VERSION, len(views)), *(view.small.to_bytes(8, "big") for view in views)]
    for view in views:
        parts.append(bytes((len(view.faces),)))
        for face in view.faces:
            scale = float(np.abs(face.change).max())
            parts += [
                _FACE.pack(*(round(one * 0xFFFF) for one in face.box), scale),
                np.round(face.result * 0x7FFF).astype("<i2").tobytes(),
                np.round(face.change / scale * 0x7F).astype(np.int8).tobytes(),
            ]
    return b"".join(parts)


def _unpacked(marks: bytes) -> list[_View] | None:
    """Return what ``_pack`` wrote; None for anything else."""
    count = marks[1]
    at = _HEAD.size + 8 * count
    views = []
    try:
        for number in range(count):
            start = _HEAD.size + 8 * number
            small = int.from_bytes(marks[start : start + 8], "big")
            faces = tuple(_read_faces(marks, at + 1, marks[at]))
            at += 1 + marks[at] * _FACE_BYTES
            views.append(_View(small, faces))
    except (IndexError, ValueError, struct.error):
        return None
    return views


def _read_faces(marks: bytes, at: int, count: int) -> Iterator[_Face]:
    for _ in range(count):
        *corners, scale = _FACE.unpack_from(marks, at)
        at += _FACE.size
        result: _Floats = np.frombuffer(marks, "<i2", _COUNT, at).astype(np.float32) / np.float32(0x7FFF)
        at += 2 * _COUNT
        change = np.frombuffer(marks, np.int8, _COUNT, at).astype(np.float32) * np.float32(scale / 0x7F)
        at += _COUNT
        left, top, right, bottom = (one / 0xFFFF for one in corners)
        if right <= left or bottom <= top or not np.isfinite(scale):
            raise ValueError("no box")
        yield _Face((left, top, right, bottom), result, change)
