"""The linked, smoothed tracks of one chunk, made of what was found in it and around it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.vision import topology
from faceswap_desktop.vision.arrays import Floats
from faceswap_desktop.vision.tracking.findings import Findings, Tracklet
from faceswap_desktop.vision.tracking.link import MOST_BRIDGED, Track, levelled
from faceswap_desktop.vision.tracking.looks import picture_quality, region_areas, region_places
from faceswap_desktop.vision.tracking.slices import TrackRun, TrackSlice, make_run
from faceswap_desktop.vision.tracking.smooth import REACH, smoothed

AROUND: Final = REACH + MOST_BRIDGED
"""Frames before and after a chunk whose findings are needed for it."""

_FOREIGN: Final = 44.0
"""Levels, of a face whose median is 128, by which a covered region differs from what it usually is."""
_HALF_FACE_DEGREES: Final = 70.0
"""Direction in which the outermost regions of a frontal face look."""
_NAMES: Final = ("flag", "score", "yaw", "pitch", "sharpness", "light", "cut", "eyes")


@dataclass(frozen=True, slots=True, eq=False)
class Composed:
    """One track's part in a chunk: the run, and what was measured in it.

    Attributes:
        run: Smoothed.
        values: As in ``Tracklet``, (n,) each, of the run's frames.
    """

    run: TrackRun
    values: dict[str, Floats]


def compose(
    frames: FrameRange, chunks: Sequence[tuple[Findings, Sequence[Track]]], references: dict[int, Floats]
) -> tuple[TrackSlice, list[Composed]]:
    """Put the tracks of a chunk together, bridge their gaps, smooth them, and tell what covers them.

    Args:
        frames: The chunk.
        chunks: Its findings and those around it (``AROUND`` frames on either side), in order, with each tracklet's
            owner.
        references: ``Track.reference`` by number of the track.
    """
    pieces: dict[int, list[Tracklet]] = defaultdict(list)
    for findings, owners in chunks:
        for one, owner in zip(findings.tracklets, owners, strict=True):
            if owner.number >= 0:
                pieces[owner.number].append(one)
    composed = []
    for number in sorted(pieces):
        for row in _rows(sorted(pieces[number], key=lambda one: one.first), frames):
            part = _composed(number, row, frames, references.get(number))
            if part is not None:
                composed.append(part)
    return TrackSlice(frames, tuple(part.run for part in composed)), composed


def _rows(pieces: list[Tracklet], frames: FrameRange) -> list[list[Tracklet]]:
    """Return the pieces near the chunk, in rows without a gap that is too long (where what lies between is unknown)."""
    near = [one for one in pieces if one.end > frames.first - AROUND and one.first < frames.end + AROUND]
    rows: list[list[Tracklet]] = []
    for one in near:
        if rows and one.first - rows[-1][-1].end <= MOST_BRIDGED:
            rows[-1].append(one)
        else:
            rows.append([one])
    return rows


def _composed(number: int, row: list[Tracklet], frames: FrameRange, reference: Floats | None) -> Composed | None:
    first, end = row[0].first, row[-1].end
    common = FrameRange(first, end).common(frames)
    if common is None:
        return None
    count = end - first
    points = np.full((count, topology.POINT_COUNT, 3), np.nan, np.float32)
    values = {name: np.zeros(count, np.float32) for name in _NAMES}
    colours = np.zeros((count, *row[0].colours.shape[1:]), np.uint8)
    for one in row:
        part = slice(one.first - first, one.end - first)
        points[part], colours[part] = one.points, one.colours
        for name in _NAMES:
            values[name][part] = one.values[name]
    seen = values["flag"] > 0
    points[~seen] = np.nan
    _fill(points, seen)
    for name in ("yaw", "pitch", "eyes"):
        values[name] = _filled(values[name], seen)
    low, high = max(0, frames.first - first - REACH), min(count, frames.end - first + REACH)
    wanted = slice(common.first - first, common.end - first)
    inside = slice(wanted.start - low, wanted.stop - low)
    still = smoothed(points[low:high])[inside]
    kept = {name: array[wanted] for name, array in values.items()}
    covered = _covered(colours[wanted], kept["yaw"], reference) * seen[wanted]
    run = make_run(
        number,
        common.first,
        still,
        kept["flag"],
        _evened(values["yaw"])[wanted],
        _evened(values["pitch"])[wanted],
        covered,
        ~seen[wanted],
        quality=_qualities(kept, covered) * seen[wanted],
    )
    return Composed(run, kept)


def _fill(points: Floats, seen: NDArray[np.bool_]) -> None:
    """Draw the meshes of frames that nobody saw from those before and after them."""
    known = np.flatnonzero(seen)
    for frame in np.flatnonzero(~seen):
        place = int(np.searchsorted(known, frame))
        before, after = known[max(0, place - 1)], known[min(place, len(known) - 1)]
        share = np.float32((frame - before) / (after - before)) if after > before else np.float32(0)
        share = np.clip(share, 0, 1)
        points[frame] = (1 - share) * points[before] + share * points[after]


def _filled(values: Floats, seen: NDArray[np.bool_]) -> Floats:
    known = np.flatnonzero(seen)
    return np.interp(np.arange(len(values)), known, values[known]).astype(np.float32)


def _evened(values: Floats) -> Floats:
    """Average over five frames, so that what depends on the pose does not tremble."""
    padded = np.pad(values, 2, mode="edge")
    return np.convolve(padded, np.array([1, 2, 3, 2, 1]) / 9.0, mode="valid").astype(np.float32)


def _covered(colours: NDArray[np.uint8], yaw: Floats, reference: Floats | None) -> Floats:
    """Return which share of the face shows other colours than it usually does, (n,)."""
    if reference is None:
        return np.zeros(len(colours), np.float32)
    shares = np.zeros(len(colours), np.float32)
    for place, regions in enumerate(colours):
        now = levelled(regions)
        # Light may have another tint; the median over the face does not mind what covers less than half of it.
        tint = np.median(reference / np.maximum(now, 8.0), axis=0).clip(0.6, 1.6)
        differs = np.abs(now * tint - reference).max(axis=1)
        turned = (region_places()[:, 0] - 0.5) * 2 * _HALF_FACE_DEGREES + yaw[place]
        weights = region_areas() * np.cos(np.radians(turned)).clip(0.0, 1.0)
        share = np.clip((differs - _FOREIGN * 0.7) / (_FOREIGN * 0.6), 0.0, 1.0)
        shares[place] = float((weights * share).sum() / max(float(weights.sum()), 1e-6))
    return shares


def _qualities(values: dict[str, Floats], covered: Floats) -> Floats:
    rows = zip(*(values[name] for name in ("eyes", "sharpness", "light", "yaw", "pitch", "cut")), strict=True)
    whole = np.array([picture_quality(*(float(value) for value in row)) for row in rows], np.float32)
    return np.asarray(whole * np.clip(1.0 - 2.0 * covered, 0.05, 1.0) * values["flag"], dtype=np.float32)
