"""Joining what was found in chunks to tracks over the whole clip: over chunk borders, and over gaps of a few frames."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.domain.faces import SAME_PERSON_SIMILARITY
from faceswap_desktop.domain.video import FrameRange, FrameTimes
from faceswap_desktop.vision.arrays import Floats
from faceswap_desktop.vision.tracking.findings import EMBEDDING_SIZE, Findings, Tracklet
from faceswap_desktop.vision.tracking.following import STRANGER_SIMILARITY, mesh_middle, mesh_side

BRIDGED_SECONDS: Final = 0.3
"""A face that is lost for so long is bridged; what happens in a longer gap nobody can guess."""
MOST_BRIDGED: Final = 30
"""Frames; also at high frame rates."""

_NEAR: Final = 0.35
"""Sides by which a face may lie from where it was expected, to be taken for the one that was lost there."""
_NEAR_PER_FRAME: Final = 0.05
_GROWTH: Final = (0.6, 1.67)
_KNOWN_GAIN: Final = 2.5
"""By what factor it may lie further away if its embedding says that it is the same person."""
_MOST_COLOURS: Final = 48
_COLOURS_EVERY: Final = 10
"""Frames."""
_MIN_FRAMES: Final = 3
_SURE_SCORE: Final = 0.85
_BRIEF_SCORE: Final = 0.9
"""What lives for fewer frames than three has to score so much to be believed, if the clip itself is longer."""


@dataclass(eq=False)
class Track:
    """A face followed through the clip, as far as it is known.

    Attributes:
        number: Of the track; -1 where it was not believed.
        first, end: Its frames.
        seen: In how many of them somebody saw it.
        score: The best of the detector's.
        total: float64 (128,): sum of the embeddings, weighted by how good their pictures were.
        samples: Frame, embedding and quality of each.
        colours: Regions of the face at some frames, (regions, 3) each, brightness taken out.
        scene: Which scene it is in.
        places: Middle and side of the face at its first and last frame.
    """

    number: int
    first: int
    scene: int
    end: int = 0
    seen: int = 0
    score: float = 0.0
    total: NDArray[np.float64] = field(default_factory=lambda: np.zeros(EMBEDDING_SIZE))
    samples: list[tuple[int, NDArray[np.float16], float]] = field(default_factory=list)
    colours: list[Floats] = field(default_factory=list)
    places: list[tuple[Floats, float]] = field(default_factory=list)

    @property
    def frames(self) -> FrameRange:
        """Its frames, with those that are bridged."""
        return FrameRange(self.first, self.end)

    @property
    def mean(self) -> Floats | None:
        """The mean embedding, L2-normalised; None where the face was too small to tell."""
        norm = float(np.linalg.norm(self.total))
        return np.asarray(self.total / norm, dtype=np.float32) if norm > 1e-9 else None

    def reference(self) -> Floats | None:
        """Return what the regions of the face usually look like, (regions, 3), mean level 128."""
        return np.median(np.stack(self.colours), axis=0).astype(np.float32) if self.colours else None


@dataclass(eq=False)
class _Loose:
    """The end of a track that may go on."""

    track: Track
    end: int
    middle: Floats
    side: float
    speed: Floats


class Linker:
    """Takes in the findings of a clip's chunks, in order; keeps little of them.

    Args:
        times: When frames are shown: gaps are counted in seconds.
    """

    def __init__(self, times: FrameTimes) -> None:
        self._times = times
        self._loose: list[_Loose] = []
        self.tracks: list[Track] = []
        self.cuts: list[int] = []
        self.unreadable = 0
        self.is_crowded = False
        self.checkpoint = ""

    def add(self, findings: Findings) -> list[Track]:
        """Take in the next chunk; return whose each of its tracklets is."""
        self.cuts += findings.cuts
        self.unreadable += len(findings.unreadable)
        self.is_crowded |= findings.is_crowded
        self.checkpoint = findings.checkpoint or self.checkpoint
        owners: dict[int, Track] = {}
        for first in sorted({one.first for one in findings.tracklets}):
            starting = [place for place, one in enumerate(findings.tracklets) if one.first == first]
            self._forget(first)
            for place, loose in self._matched(findings.tracklets, starting).items():
                owners[place] = loose.track
                self._loose.remove(loose)
            for place in starting:
                one = findings.tracklets[place]
                owner = owners.setdefault(place, Track(-1, first, self._scene_of(first)))
                if not owner.seen:
                    self.tracks.append(owner)
                _take_in(owner, one)
                self._loose.append(_loose_end(owner, one))
        return [owners[place] for place in range(len(findings.tracklets))]

    def finish(self) -> list[Track]:
        """Number the tracks that are believed, by first frame, and return them; others keep -1."""
        total = len(self._times)
        believed = [one for one in self.tracks if _is_believed(one, total)]
        believed.sort(key=lambda one: one.first)
        for number, one in enumerate(believed):
            one.number = number
        return believed

    # ----------------------------------------------------------------------------------------------------- insides

    def _scene_of(self, frame: int) -> int:
        return bisect.bisect_right(self.cuts, frame)

    def _forget(self, frame: int) -> None:
        """Drop ends that are too long ago, or behind a cut."""
        scene = self._scene_of(frame)
        self._loose = [
            one for one in self._loose if self.may_bridge(one.end, frame) and self._scene_of(one.end - 1) == scene
        ]

    def may_bridge(self, end: int, first: int) -> bool:
        """Say whether a face last seen before ``end`` may be the one that is seen again from ``first``."""
        if first <= end:
            return True
        return first - end <= MOST_BRIDGED and self._times.of(first) - self._times.of(end) <= BRIDGED_SECONDS + 1e-6

    def _matched(self, tracklets: Sequence[Tracklet], starting: Sequence[int]) -> dict[int, _Loose]:
        pairs = sorted(
            (cost, place, number)
            for place in starting
            for number, loose in enumerate(self._loose)
            if loose.end <= tracklets[place].first and (cost := _cost(loose, tracklets[place])) is not None
        )
        found: dict[int, _Loose] = {}
        taken: set[int] = set()
        for _, place, number in pairs:
            if place not in found and number not in taken:
                found[place] = self._loose[number]
                taken.add(number)
        return found


def _cost(loose: _Loose, one: Tracklet) -> float | None:
    """Return how unlikely it is that a track goes on in a tracklet; None where it cannot."""
    gap = one.first - loose.end
    side = mesh_side(one.points[0])
    growth = side / max(loose.side, 1.0)
    if not _GROWTH[0] < growth < _GROWTH[1]:
        return None
    mean, known = tracklet_mean(one), loose.track.mean
    similarity = float(mean @ known) if mean is not None and known is not None else None
    if similarity is not None and similarity < STRANGER_SIMILARITY:
        return None
    # Over a gap nobody knows whether it went on as fast: half of that is expected.
    expected = loose.middle + loose.speed * (1 + gap / 2)
    away = float(np.hypot(*(mesh_middle(one.points[0]) - expected))) / max(side, loose.side, 1.0)
    limit = _NEAR + _NEAR_PER_FRAME * gap
    if similarity is not None and similarity >= SAME_PERSON_SIMILARITY:
        limit *= _KNOWN_GAIN
    if away > limit:
        return None
    return away + 0.5 * abs(float(np.log(growth))) + 0.02 * gap - 0.3 * (similarity or 0.0)


def tracklet_mean(one: Tracklet) -> Floats | None:
    """Return the mean embedding of a tracklet, L2-normalised; None where it has none."""
    if not len(one.embeddings):
        return None
    total = (one.embeddings * (one.qualities[:, None] + 0.01)).sum(axis=0)
    return np.asarray(total / max(float(np.linalg.norm(total)), 1e-9), dtype=np.float32)


def _loose_end(track: Track, one: Tracklet) -> _Loose:
    middle, side = mesh_middle(one.points[-1]), mesh_side(one.points[-1])
    speed = np.zeros(2, np.float32)
    if len(one.points) > 3:
        speed = (middle - mesh_middle(one.points[-4])) / np.float32(3)
    return _Loose(track, one.end, middle, side, speed)


def _take_in(track: Track, one: Tracklet) -> None:
    track.end = one.end
    track.seen += int((one.values["flag"] > 0).sum())
    track.score = max(track.score, float(one.values["score"].max()))
    track.total += (one.embeddings * (one.qualities[:, None] + 0.01)).sum(axis=0)
    track.samples += [
        (int(frame), vector.astype(np.float16), float(quality))
        for frame, vector, quality in zip(one.sampled, one.embeddings, one.qualities, strict=True)
    ]
    start, end = ((mesh_middle(points), mesh_side(points)) for points in (one.points[0], one.points[-1]))
    track.places = [track.places[0] if track.places else start, end]
    # By the frame's own number, so that it does not matter how the clip was divided.
    places = [place for place in range(len(one.points)) if (one.first + place) % _COLOURS_EVERY == _COLOURS_EVERY // 2]
    track.colours += [levelled(one.colours[place]) for place in places or ([] if track.colours else [0])]
    if len(track.colours) > _MOST_COLOURS:
        track.colours = track.colours[::2]


def levelled(colours: NDArray[np.uint8]) -> Floats:
    """Return the colours of regions with their median level brought to 128."""
    floats = colours.astype(np.float32)
    return np.asarray(floats * np.float32(128 / max(float(np.median(floats)), 4.0)), dtype=np.float32)


def _is_believed(track: Track, clip_frames: int) -> bool:
    if track.score >= _BRIEF_SCORE or clip_frames < _MIN_FRAMES:
        return True
    return track.seen >= _MIN_FRAMES and (track.score >= _SURE_SCORE or track.seen >= 2 * _MIN_FRAMES)
