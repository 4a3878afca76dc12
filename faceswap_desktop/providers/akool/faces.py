"""Faces as AKOOL's detectors give them, and as its other calls want them.

A face picture and the points in it belong together: the four points of the whole picture go with the whole picture's
address, those of the crop with the crop's. Requests therefore take a ``FaceAt``, and one is made only from a detector's
answer, by ``Sighting.from_whole`` or ``Sighting.from_crop``, so coordinates of the two cannot mix.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from faceswap_desktop.domain.geometry import BoundingBox, Point
from faceswap_desktop.providers.akool.reading import (
    BrokenAnswerError,
    address,
    mapping,
    number,
    sequence,
    text,
)

_PAIR: Final = re.compile(r"\s*(-?\d{1,6}(?:\.\d+)?)\s*,\s*(-?\d{1,6}(?:\.\d+)?)\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Region:
    """A box as the detectors write it: ``[x, y, width, height]``, pixels, from the top left corner."""

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def read(cls, value: object, what: str) -> Self:
        """Read ``[x, y, width, height]``.

        Raises:
            BrokenAnswerError: It is something else, or has no size.
        """
        x, y, width, height = (round(number(one, what)) for one in _four(value, what))
        if width <= 0 or height <= 0:
            raise BrokenAnswerError(f"{what} has no size")
        return cls(x, y, width, height)

    @property
    def corners(self) -> Corners:
        """The same box by its corners."""
        return Corners(self.x, self.y, self.x + self.width, self.y + self.height)


@dataclass(frozen=True, slots=True)
class Corners:
    """A box as ``analyze_frames`` and ``face_mapping`` write it: ``[x1, y1, x2, y2]``, pixels."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def read(cls, value: object, what: str) -> Self:
        """Read ``[x1, y1, x2, y2]``.

        Raises:
            BrokenAnswerError: It is something else, or has no size.
        """
        left, top, right, bottom = (round(number(one, what)) for one in _four(value, what))
        if right <= left or bottom <= top:
            raise BrokenAnswerError(f"{what} has no size")
        return cls(left, top, right, bottom)

    @property
    def box(self) -> BoundingBox:
        """The same box in the program's own words."""
        return BoundingBox(self.left, self.top, self.right, self.bottom)

    def as_list(self) -> list[int]:
        """Return ``[x1, y1, x2, y2]``."""
        return [self.left, self.top, self.right, self.bottom]


def _four(value: object, what: str) -> list[Any]:
    found = sequence(value, what)
    if len(found) != 4:
        raise BrokenAnswerError(f"{what} has not four numbers")
    return found


@dataclass(frozen=True, slots=True)
class FourPoints:
    """Four points of a face in whole pixels: left eye, right eye, nose, and the mouth.

    The fourth is the mouth's middle in ``detect_faces`` and its left corner in the older ``detect``; AKOOL's texts take
    either.
    """

    points: tuple[tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int]]

    @classmethod
    def read(cls, value: object, what: str) -> Self:
        """Read ``x,y:x,y:x,y:x,y``. Of more points the first four are kept: some versions wrote six.

        Raises:
            BrokenAnswerError: It is something else, or has fewer.
        """
        pairs = [_PAIR.fullmatch(one) for one in text(value, what).split(":")]
        kept = [(round(float(one[1])), round(float(one[2]))) for one in pairs[:4] if one is not None]
        if len(kept) != 4 or None in pairs:
            raise BrokenAnswerError(f"{what} has not four points")
        return cls((kept[0], kept[1], kept[2], kept[3]))

    def as_text(self) -> str:
        """Return ``x,y:x,y:x,y:x,y``, as ``opts`` takes it."""
        return ":".join(f"{x},{y}" for x, y in self.points)


@dataclass(frozen=True, slots=True)
class FaceAt:
    """A face in a picture that AKOOL can fetch; made by a ``Sighting``.

    Attributes:
        path: Address of the picture.
        opts: Four points in pixels of that very picture.
        corners: Where the face is in that very picture; None where it fills a crop.
        origin: Where that picture's top left corner lies in the whole picture; (0, 0) for the whole one itself.
        is_crop: Whether the picture is a crop that AKOOL made and hosts.
    """

    path: str
    opts: FourPoints
    corners: Corners | None
    origin: tuple[int, int]
    is_crop: bool

    def item(self) -> dict[str, str]:
        """Return ``{path, opts}``, as ``targetImage`` and ``sourceImage`` take it."""
        return {"path": self.path, "opts": self.opts.as_text()}

    def to_json(self) -> dict[str, Any]:
        """Write it for the ledger."""
        return {
            **self.item(),
            "corners": self.corners.as_list() if self.corners is not None else None,
            "origin": list(self.origin),
            "is_crop": self.is_crop,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote.

        Raises:
            BrokenAnswerError: It is something else.
        """
        corners = data["corners"]
        x, y = data["origin"]
        return cls(
            address(data["path"], "path"),
            FourPoints.read(data["opts"], "opts"),
            Corners.read(corners, "corners") if corners is not None else None,
            (int(x), int(y)),
            bool(data["is_crop"]),
        )


@dataclass(frozen=True, slots=True)
class Sighting:
    """One face in one frame of a detector's answer.

    Attributes:
        index: Its place in the frame.
        frame: The frame's number in the answer; 0 in pictures.
        seconds: When that frame is shown; 0.0 in pictures.
        region: Where it is, in pixels of the whole frame.
        opts: Its four points there.
        points: All its points there.
        media_url: The whole picture's address; empty where its bytes were sent.
        crop_url: Address of the crop that AKOOL hosts; empty for none.
        crop_region: What the crop shows, in pixels of the whole frame.
        crop_opts: The four points in pixels of the crop.
    """

    index: int
    frame: int
    seconds: float
    region: Region
    opts: FourPoints
    points: tuple[Point, ...] = ()
    media_url: str = ""
    crop_url: str = ""
    crop_region: Region | None = None
    crop_opts: FourPoints | None = None

    @property
    def has_crop(self) -> bool:
        """Whether AKOOL hosts a crop of it."""
        return bool(self.crop_url) and self.crop_opts is not None

    @property
    def box(self) -> BoundingBox:
        """Where it is, in the program's own words."""
        return self.region.corners.box

    def from_whole(self) -> FaceAt:
        """Return the face in the whole picture.

        Raises:
            BrokenAnswerError: The picture has no address, because its bytes were sent.
        """
        if not self.media_url:
            raise BrokenAnswerError("the picture has no address")
        return FaceAt(self.media_url, self.opts, self.region.corners, (0, 0), is_crop=False)

    def from_crop(self) -> FaceAt:
        """Return the face in the crop that AKOOL hosts.

        Raises:
            BrokenAnswerError: There is none.
        """
        if not self.crop_url or self.crop_opts is None:
            raise BrokenAnswerError("there is no crop of the face")
        origin = (self.crop_region.x, self.crop_region.y) if self.crop_region is not None else (0, 0)
        return FaceAt(self.crop_url, self.crop_opts, None, origin, is_crop=True)

    def best(self) -> FaceAt:
        """Return the face in its crop where there is one, else in the whole picture.

        Raises:
            BrokenAnswerError: Neither has an address.
        """
        return self.from_crop() if self.has_crop else self.from_whole()


@dataclass(frozen=True, slots=True)
class Detection:
    """A detector's answer.

    Attributes:
        sightings: Faces by frame, in the answer's order within one.
        seconds: How long the detector took; 0.0 where it does not say.
        trx_id: What its support can find the call by; empty where it does not say.
    """

    sightings: tuple[Sighting, ...]
    seconds: float = 0.0
    trx_id: str = ""

    @property
    def frames(self) -> tuple[int, ...]:
        """The frames in which there are faces, ascending."""
        return tuple(sorted({one.frame for one in self.sightings}))

    def in_frame(self, frame: int) -> tuple[Sighting, ...]:
        """Return the faces of one frame."""
        return tuple(one for one in self.sightings if one.frame == frame)


def read_frames(data: Mapping[str, Any], media_url: str) -> Detection:
    """Read the answer of ``detect_faces``: frames by number, with one list per thing and one entry per face.

    Raises:
        BrokenAnswerError: It is not as the texts have it.
    """
    frames = mapping(data.get("faces_obj", {}), "faces_obj")
    if not all(key.isascii() and key.isdecimal() for key in frames):
        raise BrokenAnswerError("faces_obj is not keyed by frames")
    found: list[Sighting] = []
    for key in sorted(frames, key=int):
        found += _read_frame(mapping(frames[key], "a frame"), int(key), media_url)
    return Detection(tuple(found))


def _read_frame(data: Mapping[str, Any], frame: int, media_url: str) -> list[Sighting]:
    regions = sequence(data.get("region") or [], "region")
    lines = _lines(data.get("landmarks_str") or [])
    points = sequence(data.get("landmarks") or [], "landmarks")
    # Without return_face_url these are null.
    crops = [sequence(data.get(name) or [], name) for name in ("face_urls", "crop_region", "crop_landmarks")]
    if len(lines) != len(regions) or any(one and len(one) != len(regions) for one in (points, *crops)):
        raise BrokenAnswerError("the lists of a frame have different lengths")
    seconds = number(data["frame_time"], "frame_time") if data.get("frame_time") is not None else 0.0
    urls, crop_regions, crop_lines = crops
    return [
        Sighting(
            index=index,
            frame=frame,
            seconds=seconds,
            region=Region.read(region, "region"),
            opts=FourPoints.read(lines[index], "landmarks_str"),
            points=_points(points[index]) if points else (),
            media_url=media_url,
            crop_url=address(urls[index], "face_urls") if urls and urls[index] else "",
            crop_region=Region.read(crop_regions[index], "crop_region") if crop_regions else None,
            crop_opts=FourPoints.read(crop_lines[index], "crop_landmarks") if crop_lines else None,
        )
        for index, region in enumerate(regions)
    ]


def read_faces(data: Mapping[str, Any], media_url: str) -> Detection:
    """Read the answer of the older ``detect``: of pictures only, without crops.

    Raises:
        BrokenAnswerError: It is not as the texts have it.
    """
    landmarks = sequence(data.get("landmarks") or [], "landmarks")
    lines = _lines(data.get("landmarks_str") or [])
    regions = sequence(data.get("region") or [], "region")
    if not len(landmarks) == len(lines) == len(regions):
        raise BrokenAnswerError("the lists of the answer have different lengths")
    return Detection(
        tuple(
            Sighting(
                index=index,
                frame=0,
                seconds=0.0,
                region=Region.read(region, "region"),
                opts=FourPoints.read(lines[index], "landmarks_str"),
                points=_points(landmarks[index]),
                media_url=media_url,
            )
            for index, region in enumerate(regions)
        ),
        seconds=number(data["seconds"], "seconds") if data.get("seconds") is not None else 0.0,
        trx_id=text(data["trx_id"], "trx_id") if data.get("trx_id") is not None else "",
    )


def _lines(value: object) -> list[Any]:
    # A text in the vendor's table, a list with one entry per face in its example.
    return [value] if isinstance(value, str) else sequence(value, "landmarks_str")


def _points(value: object) -> tuple[Point, ...]:
    """Read a face's points; the older detector fills up with [0, 0]."""
    pairs = [sequence(one, "a point") for one in sequence(value, "landmarks")]
    if any(len(pair) != 2 for pair in pairs):
        raise BrokenAnswerError("a point has not two numbers")
    points = (Point(number(pair[0], "a point"), number(pair[1], "a point")) for pair in pairs)
    return tuple(point for point in points if point.x or point.y)
