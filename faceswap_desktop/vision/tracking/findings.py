"""What was found in one chunk of a video, before chunks are linked; and how it is packed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.sensitive import CHECKER, Sighting
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.vision.arrays import Floats
from faceswap_desktop.vision.topology import SURFACE_COUNT
from faceswap_desktop.vision.tracking.coding import (
    MOTION_ARRAYS,
    DamagedError,
    decode_motion,
    dequantised,
    encode_motion,
    pack_record,
    prefixed,
    quantised,
    step_for,
    subset,
    unpack_record,
)

EMBEDDING_SIZE: Final = 128
_COARSER: Final = 4.0
"""Before smoothing the points tremble by more than this many of the steps that are kept afterwards."""
_SCALES: Final[dict[str, tuple[float, type[np.unsignedinteger[Any] | np.signedinteger[Any]]]]] = {
    "flag": (255.0, np.uint8),
    "score": (255.0, np.uint8),
    "yaw": (64.0, np.int16),
    "pitch": (64.0, np.int16),
    "sharpness": (255.0, np.uint8),
    "light": (1.0, np.uint8),
    "cut": (255.0, np.uint8),
    "eyes": (16.0, np.uint16),
}
_COLOUR_STEP: Final = 4
_VALUES: Final = tuple(_SCALES)


@dataclass(frozen=True, slots=True, eq=False)
class Tracklet:
    """One face, followed without a break within a chunk; n frames.

    Attributes:
        first: Number of its first frame.
        points: float32 (n, 478, 3), as fitted.
        values: float32 (n,) each: ``flag`` (mesh network's, 0 to 1; 0 where the frame could not be read), ``score``
            (detector's, the last one given), ``yaw``, ``pitch`` (degrees), ``sharpness`` (0 to 1), ``light`` (level),
            ``cut`` (share beyond the edge), ``eyes`` (distance in pixels).
        colours: uint8 (n, regions, 3), see ``looks.Looks``.
        sampled: int32 (k,): frames at which the face was embedded.
        embeddings: float32 (k, 128).
        qualities: float32 (k,): how good the embedded pictures were.
    """

    first: int
    points: Floats
    values: dict[str, Floats]
    colours: NDArray[np.uint8]
    sampled: NDArray[np.int32]
    embeddings: Floats
    qualities: Floats

    @property
    def frames(self) -> FrameRange:
        """Its frames."""
        return FrameRange(self.first, self.first + len(self.points))

    @property
    def end(self) -> int:
        """The frame behind its last one."""
        return self.first + len(self.points)


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """All that was found in a chunk.

    Attributes:
        frames: The chunk.
        size: Width and height of the upright frames.
        tracklets: By first frame, then largest first.
        cuts: First frames of new scenes among the chunk's.
        unreadable: Frames that could not be decoded.
        is_crowded: There were more faces than are followed.
        checkpoint: Which one made the embeddings.
        sightings: Where something sensitive was seen; None where nobody has looked, or only as it was done before.
    """

    frames: FrameRange
    size: tuple[int, int]
    tracklets: tuple[Tracklet, ...] = ()
    cuts: tuple[int, ...] = ()
    unreadable: tuple[int, ...] = ()
    is_crowded: bool = False
    checkpoint: str = field(default="")
    sightings: tuple[Sighting, ...] | None = None

    def pack(self) -> bytes:
        """Return it as bytes, with a digest."""
        steps = [_step(one.points) for one in self.tracklets]
        header: dict[str, Any] = {
            "frames": [self.frames.first, self.frames.end],
            "size": list(self.size),
            "cuts": list(self.cuts),
            "unreadable": list(self.unreadable),
            "is_crowded": self.is_crowded,
            "checkpoint": self.checkpoint,
            "tracklets": [[one.first, step] for one, step in zip(self.tracklets, steps, strict=True)],
        }
        if self.sightings is not None:
            rows = [[one.score, one.looks_young, one.frame, one.seconds] for one in self.sightings]
            header["looks"] = {"checker": CHECKER, "sightings": rows}
        arrays: dict[str, NDArray[Any]] = {}
        for number, (one, step) in enumerate(zip(self.tracklets, steps, strict=True)):
            arrays |= prefixed(f"{number}.", _packed(one, step))
        return pack_record(header, arrays)

    @classmethod
    def unpack(cls, data: bytes) -> Findings:
        """Return what ``pack`` packed, rounded.

        Raises:
            DamagedError: The bytes are cut short or altered.
        """
        header, arrays = unpack_record(data)
        try:
            tracklets = [
                _unpacked(int(first), float(step), f"{number}.", arrays)
                for number, (first, step) in enumerate(header["tracklets"])
            ]
            return cls(
                FrameRange(*header["frames"]),
                (int(header["size"][0]), int(header["size"][1])),
                tuple(tracklets),
                tuple(header["cuts"]),
                tuple(header["unreadable"]),
                bool(header["is_crowded"]),
                str(header["checkpoint"]),
                _sightings_in(header.get("looks")),
            )
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise DamagedError("not what is found in a chunk") from error


def _sightings_in(looks: Any) -> tuple[Sighting, ...] | None:
    if looks is None or looks["checker"] != CHECKER:
        return None
    return tuple(
        Sighting(float(score), bool(young), int(frame), float(seconds))
        for score, young, frame, seconds in looks["sightings"]
    )


def _step(points: Floats) -> float:
    return step_for(float(np.ptp(points[:, :SURFACE_COUNT, :2], axis=1).max())) * _COARSER


def _packed(one: Tracklet, step: float) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = encode_motion(quantised(one.points, step))
    for name, (scale, kind) in _SCALES.items():
        limits = np.iinfo(kind)
        arrays[name] = np.rint(one.values[name] * scale).clip(limits.min, limits.max).astype(kind)
    # Bytes wrap around, so the differences fit into them.
    whole = one.colours // _COLOUR_STEP
    colours = whole.copy()
    colours[1:] -= whole[:-1]
    arrays["colours"] = colours
    arrays["sampled"] = one.sampled.astype(np.int32)
    arrays["embeddings"] = one.embeddings.astype(np.float16)
    arrays["qualities"] = one.qualities.astype(np.float16)
    return arrays


def _unpacked(first: int, step: float, prefix: str, arrays: dict[str, NDArray[Any]]) -> Tracklet:
    points = dequantised(decode_motion(subset(prefix, arrays, MOTION_ARRAYS)), step)
    raw = subset(prefix, arrays, (*_VALUES, "colours", "sampled", "embeddings", "qualities"))
    values = {name: raw[name].astype(np.float32) / np.float32(_SCALES[name][0]) for name in _VALUES}
    if any(len(array) != len(points) for array in (*values.values(), raw["colours"])):
        raise DamagedError("lengths that do not fit")
    return Tracklet(
        first,
        points,
        values,
        np.cumsum(raw["colours"], axis=0, dtype=np.uint8) * np.uint8(_COLOUR_STEP),
        raw["sampled"],
        raw["embeddings"].astype(np.float32).reshape(-1, EMBEDDING_SIZE),
        raw["qualities"].astype(np.float32),
    )


def enlarged(findings: Findings, size: Size) -> Findings:
    """Return what was found in reduced frames in pixels of the frames themselves.

    Args:
        findings: In pixels of frames of ``findings.size``.
        size: Of the frames.
    """
    if findings.size in {tuple(size), (0, 0)}:
        return replace(findings, size=(size.width, size.height))
    across, down = size.width / findings.size[0], size.height / findings.size[1]
    factors = np.array([across, down, (across + down) / 2], np.float32)

    def larger(one: Tracklet) -> Tracklet:
        values = one.values | {"eyes": one.values["eyes"] * factors[2]}
        return replace(one, points=(one.points * factors).astype(np.float32), values=values)

    return replace(findings, size=(size.width, size.height), tracklets=tuple(larger(one) for one in findings.tracklets))
