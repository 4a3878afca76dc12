"""The smoothed tracks of some frames: what rendering reads, here or on another computer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.vision.arrays import Floats
from faceswap_desktop.vision.mesh import Mesh
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

_VALUE_ARRAYS: Final = ("score", "yaw", "pitch", "covered", "bridged", "quality")


@dataclass(frozen=True, slots=True, eq=False)
class TrackedMesh:
    """One face in one frame.

    Attributes:
        track: Number of its track.
        frame: Number of the frame.
        points: float32 (478, 3): x and y in pixels of the upright frame, z at the same scale, smaller is nearer.
        score: How sure the mesh network is that this is a face, 0 to 1.
        yaw_degrees: Positive when the face looks to the right of the picture.
        pitch_degrees: Positive when the face looks up.
        covered: Share of the face that something lies over, 0 to 1, as far as that shows against earlier frames.
        is_bridged: Nobody saw the face here: it was lost for a few frames, and the mesh is drawn from those around.
    """

    track: int
    frame: int
    points: Floats
    score: float
    yaw_degrees: float
    pitch_degrees: float
    covered: float
    is_bridged: bool

    @property
    def mesh(self) -> Mesh:
        """The mesh as the other parts of this room take it."""
        return Mesh(self.points, self.score)


@dataclass(frozen=True, slots=True, eq=False)
class TrackRun:
    """One track over frames without a gap.

    Attributes:
        track: Number of the track.
        frames: Its frames, n of them.
        step: Pixels in whose multiples the points are kept; a power of two.
        points: float32 (n, 478, 3).
        score, yaw, pitch, covered: float32 (n,); see ``TrackedMesh``.
        bridged: bool (n,).
        quality: float32 (n,): how good a picture of the face each frame is, 0 to 1.
    """

    track: int
    frames: FrameRange
    step: float
    points: Floats
    score: Floats
    yaw: Floats
    pitch: Floats
    covered: Floats
    bridged: NDArray[np.bool_]
    quality: Floats

    def at(self, frame: int) -> TrackedMesh:
        """Return the face in one of the run's frames.

        Raises:
            IndexError: The frame is not among them.
        """
        if frame not in self.frames:
            raise IndexError(f"frame {frame} is not in {self.frames}")
        place = frame - self.frames.first
        return TrackedMesh(
            self.track,
            frame,
            self.points[place],
            float(self.score[place]),
            float(self.yaw[place]),
            float(self.pitch[place]),
            float(self.covered[place]),
            bool(self.bridged[place]),
        )

    def within(self, frames: FrameRange) -> TrackRun | None:
        """Return the part of the run that lies in some frames, or None."""
        common = self.frames.common(frames)
        if common is None:
            return None
        part = slice(common.first - self.frames.first, common.end - self.frames.first)
        return replace(
            self,
            frames=common,
            points=self.points[part],
            score=self.score[part],
            yaw=self.yaw[part],
            pitch=self.pitch[part],
            covered=self.covered[part],
            bridged=self.bridged[part],
            quality=self.quality[part],
        )


@dataclass(frozen=True, slots=True, eq=False)
class TrackSlice:
    """All tracks of some frames.

    Attributes:
        frames: The frames that are spoken of; one without faces has none in ``runs``.
        runs: By track, then by first frame. A track that is lost and found again has several.
    """

    frames: FrameRange
    runs: tuple[TrackRun, ...] = ()

    def face(self, track: int, frame: int) -> TrackedMesh | None:
        """Return a track's face in a frame, or None where it has none."""
        return next((run.at(frame) for run in self.runs if run.track == track and frame in run.frames), None)

    def faces(self, frame: int) -> tuple[TrackedMesh, ...]:
        """Return all faces of a frame, by track."""
        return tuple(run.at(frame) for run in self.runs if frame in run.frames)

    def within(self, frames: FrameRange) -> TrackSlice:
        """Return what is known of some of the frames."""
        common = self.frames.common(frames) or FrameRange(frames.first, frames.first)
        return TrackSlice(common, tuple(part for run in self.runs if (part := run.within(common)) is not None))

    def of_tracks(self, tracks: Iterable[int]) -> TrackSlice:
        """Return the same with some tracks only."""
        wanted = frozenset(tracks)
        return replace(self, runs=tuple(run for run in self.runs if run.track in wanted))

    def pack(self) -> bytes:
        """Return the slice as bytes. Unpacked and packed again it is the same, bit by bit."""
        header = {
            "frames": [self.frames.first, self.frames.end],
            "runs": [[run.track, run.frames.first, run.frames.end, run.step] for run in self.runs],
        }
        arrays: dict[str, NDArray[np.generic]] = {}
        for number, run in enumerate(self.runs):
            arrays |= prefixed(f"{number}.", encode_motion(quantised(run.points, run.step)))
            arrays |= prefixed(f"{number}.", _packed_values(run))
        return pack_record(header, arrays)

    @classmethod
    def unpack(cls, data: bytes) -> TrackSlice:
        """Return the slice that ``pack`` packed.

        Raises:
            DamagedError: The bytes are cut short or altered.
        """
        header, arrays = unpack_record(data)
        try:
            frames = FrameRange(*header["frames"])
            runs = []
            for number, (track, first, end, step) in enumerate(header["runs"]):
                points = dequantised(decode_motion(subset(f"{number}.", arrays, MOTION_ARRAYS)), float(step))
                values = subset(f"{number}.", arrays, _VALUE_ARRAYS)
                runs.append(_run(int(track), FrameRange(first, end), float(step), points, values))
        except (KeyError, TypeError, ValueError) as error:
            raise DamagedError("not a slice of tracks") from error
        return cls(frames, tuple(runs))


def make_run(
    track: int,
    first: int,
    points: Floats,
    score: Floats,
    yaw: Floats,
    pitch: Floats,
    covered: Floats,
    bridged: NDArray[np.bool_],
    *,
    quality: Floats | None = None,
    step: float | None = None,
) -> TrackRun:
    """Return a run whose values are already rounded to what ``pack`` keeps, so that packing changes nothing."""
    side = float(np.ptp(points[:, :SURFACE_COUNT, :2], axis=1).max()) if len(points) else 1.0
    fitting = step_for(side) if step is None else step
    good = np.ones(len(points), np.float32) if quality is None else quality
    frames = FrameRange(first, first + len(points))
    run = TrackRun(track, frames, fitting, points, score, yaw, pitch, covered, bridged, good)
    rounded = _packed_values(run)
    return _run(track, run.frames, fitting, dequantised(quantised(points, fitting), fitting), rounded)


def _packed_values(run: TrackRun) -> dict[str, NDArray[np.generic]]:
    return {
        "score": np.rint(np.clip(run.score, 0, 1) * 255).astype(np.uint8),
        "yaw": np.rint(np.clip(run.yaw, -180, 180) * 64).astype(np.int16),
        "pitch": np.rint(np.clip(run.pitch, -180, 180) * 64).astype(np.int16),
        "covered": np.rint(np.clip(run.covered, 0, 1) * 255).astype(np.uint8),
        "bridged": run.bridged.astype(np.uint8),
        "quality": np.rint(np.clip(run.quality, 0, 1) * 255).astype(np.uint8),
    }


def _run(
    track: int, frames: FrameRange, step: float, points: Floats, values: dict[str, NDArray[np.generic]]
) -> TrackRun:
    if any(len(array) != len(frames) for array in (points, *values.values())):
        raise DamagedError("lengths that do not fit")
    return TrackRun(
        track,
        frames,
        step,
        points,
        score=values["score"].astype(np.float32) / np.float32(255),
        yaw=values["yaw"].astype(np.float32) / np.float32(64),
        pitch=values["pitch"].astype(np.float32) / np.float32(64),
        covered=values["covered"].astype(np.float32) / np.float32(255),
        bridged=values["bridged"].astype(np.bool_),
        quality=values["quality"].astype(np.float32) / np.float32(255),
    )


def joined_runs(slices: Iterable[TrackSlice], frames: FrameRange) -> TrackSlice:
    """Put the slices of neighbouring frames together, in order, and return what they say of ``frames``."""
    parts = sorted(_parts(slices, frames), key=lambda run: (run.track, run.frames.first))
    runs: list[TrackRun] = []
    for part in parts:
        last = runs[-1] if runs else None
        if last is not None and (last.track, last.frames.end) == (part.track, part.frames.first):
            runs[-1] = _joined(last, part)
        else:
            runs.append(part)
    return TrackSlice(frames, tuple(runs))


def _parts(slices: Iterable[TrackSlice], frames: FrameRange) -> Iterator[TrackRun]:
    for one in slices:
        for run in one.runs:
            part = run.within(frames)
            if part is not None:
                yield part


def _joined(first: TrackRun, then: TrackRun) -> TrackRun:
    return replace(
        first,
        frames=FrameRange(first.frames.first, then.frames.end),
        # Points of either are whole multiples of the finer step.
        step=min(first.step, then.step),
        points=np.concatenate([first.points, then.points]),
        score=np.concatenate([first.score, then.score]),
        yaw=np.concatenate([first.yaw, then.yaw]),
        pitch=np.concatenate([first.pitch, then.pitch]),
        covered=np.concatenate([first.covered, then.covered]),
        bridged=np.concatenate([first.bridged, then.bridged]),
        quality=np.concatenate([first.quality, then.quality]),
    )
