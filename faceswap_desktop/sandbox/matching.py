"""Which face a request means: by points, by a box, by the crop it came from, or by who it looks like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import hypot
from typing import Final

from faceswap_desktop.domain.faces import SAME_PERSON_SIMILARITY, DetectedFace
from faceswap_desktop.domain.geometry import BoundingBox, Point, Size

_OPTS: Final = re.compile(r"\d+,\d+(?::\d+,\d+){3}")
_MOST_APART: Final = 0.6
"""How far points may lie from a face's own, in distances between its eyes."""
_CROP_ROOM: Final = 0.4
"""Room around a face in a crop, in widths and heights of its box."""


@dataclass(frozen=True, slots=True)
class CropOf:
    """Where a hosted crop was cut from.

    Attributes:
        digest: Of the media's file.
        frame: Of a video; 0 in a picture.
        left, top: Pixels of the media.
        box: The face's own box in the media.
    """

    digest: str
    frame: int
    left: int
    top: int
    box: BoundingBox


def points_from(opts: object) -> tuple[Point, ...]:
    """Read ``x1,y1:x2,y2:x3,y3:x4,y4``: whole numbers, four points.

    Raises:
        ValueError: It is anything else.
    """
    if not isinstance(opts, str) or _OPTS.fullmatch(opts) is None:
        raise ValueError("opts are four points of whole numbers")
    pairs = (pair.split(",") for pair in opts.split(":"))
    return tuple(Point(float(x), float(y)) for x, y in pairs)


def box_from(value: object) -> BoundingBox:
    """Read ``[x1, y1, x2, y2]``.

    Raises:
        ValueError: It is anything else, such as a corner with width and height that end before it.
    """
    if not isinstance(value, list) or len(value) != 4:
        raise ValueError("a box is four numbers")
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in value):
        raise ValueError("a box is four numbers")
    left, top, right, bottom = (float(one) for one in value)
    if right <= left or bottom <= top:
        raise ValueError("a box ends after it begins")
    return BoundingBox(left, top, right, bottom)


def six_points(face: DetectedFace) -> list[list[int]]:
    """Return eyes, nose, middle of the mouth and its corners, in whole pixels."""
    left_eye, right_eye, nose, left_mouth, right_mouth = face.five_points
    middle = Point((left_mouth.x + right_mouth.x) / 2, (left_mouth.y + right_mouth.y) / 2)
    return [_whole(point) for point in (left_eye, right_eye, nose, middle, left_mouth, right_mouth)]


def string_of(points: Sequence[Sequence[int]], left: int = 0, top: int = 0) -> str:
    """Write the first four points, counted from a corner."""
    return ":".join(f"{x - left},{y - top}" for x, y in points[:4])


def region_of(face: DetectedFace, size: Size) -> list[int]:
    """Return ``[x, y, w, h]`` of a face's box."""
    box = within(face.box, size)
    return [int(box.left), int(box.top), int(box.width), int(box.height)]


def crop_around(face: DetectedFace, size: Size) -> BoundingBox:
    """Return the box that a hosted crop shows, in whole pixels of the media."""
    box, across, down = face.box, _CROP_ROOM * face.box.width, _CROP_ROOM * face.box.height
    return within(BoundingBox(box.left - across, box.top - down, box.right + across, box.bottom + down), size)


def within(box: BoundingBox, size: Size) -> BoundingBox:
    """Return the part of a box that lies in the picture, in whole pixels."""
    left, top = max(0, round(box.left)), max(0, round(box.top))
    return BoundingBox(
        left, top, max(left + 1, min(size.width, round(box.right))), max(top + 1, min(size.height, round(box.bottom)))
    )


def face_at_points(points: Sequence[Point], faces: Iterable[DetectedFace]) -> DetectedFace | None:
    """Return the face whose eyes and nose lie at the first three points, or None.

    The fourth point is the middle or the left corner of the mouth, whichever detector was asked.
    """
    best: DetectedFace | None = None
    nearest = _MOST_APART
    for face in faces:
        eyes = hypot(face.five_points[1].x - face.five_points[0].x, face.five_points[1].y - face.five_points[0].y)
        apart = sum(hypot(a.x - b.x, a.y - b.y) for a, b in zip(points[:3], face.five_points[:3], strict=True)) / (
            3 * max(eyes, 1.0)
        )
        if apart < nearest:
            best, nearest = face, apart
    return best


def face_in_box(box: BoundingBox, faces: Iterable[DetectedFace]) -> DetectedFace | None:
    """Return the face that fills a box best: its middle lies in the box, and near the box's own."""
    inside = [
        face
        for face in faces
        if box.left <= _middle(face.box).x <= box.right and box.top <= _middle(face.box).y <= box.bottom
    ]
    middle = _middle(box)
    return min(
        inside,
        key=lambda face: hypot(_middle(face.box).x - middle.x, _middle(face.box).y - middle.y),
        default=None,
    )


def look_alike(face: DetectedFace, faces: Iterable[DetectedFace]) -> DetectedFace | None:
    """Return the face that looks most like another, or None where nobody looks like the same person."""
    if face.embedding is None:
        return None
    best: DetectedFace | None = None
    most = SAME_PERSON_SIMILARITY
    for other in faces:
        if other.embedding is not None and other.embedding.checkpoint == face.embedding.checkpoint:
            similarity = face.embedding.similarity(other.embedding)
            if similarity >= most:
                best, most = other, similarity
    return best


def _middle(box: BoundingBox) -> Point:
    return Point((box.left + box.right) / 2, (box.top + box.bottom) / 2)


def _whole(point: Point) -> list[int]:
    return [max(0, round(point.x)), max(0, round(point.y))]
