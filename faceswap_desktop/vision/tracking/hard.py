"""The frames in which a swap may fail: turned, blurred, small, dark, covered, touching, unlike the person they show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from faceswap_desktop.domain.video import HardFrame, HardReason
from faceswap_desktop.vision.arrays import Floats
from faceswap_desktop.vision.topology import SURFACE_COUNT
from faceswap_desktop.vision.tracking.compose import Composed
from faceswap_desktop.vision.tracking.link import Track

MOST: Final = 12
"""As many as a person looks at before a run."""

_LEAST: Final = 0.15
_KEPT: Final = 3
"""Kept per track and reason."""
_PER_REASON: Final = 2
"""Shown per identity and reason."""
_SPACING: Final = 15
"""Frames between two that are kept: neighbours show the same."""

_RAMPS: Final[Mapping[HardReason, tuple[str, float, float]]] = {
    HardReason.BLUR: ("sharpness", 0.24, 0.08),
    HardReason.SMALL: ("eyes", 24.0, 8.0),
    HardReason.DARK: ("light", 70.0, 20.0),
}
"""From which value on (severity 0) to which one (severity 1) it is hard."""
_YAW: Final = (25.0, 60.0)
_PITCH: Final = (25.0, 50.0)
_COVERED: Final = (0.12, 0.6)
_TOUCHING: Final = (1.05, 0.5)
"""Distance of two faces' middles in sides of the larger."""
_UNLIKE: Final = (0.55, 0.25)
"""Cosine of one picture to the person's mean."""


class HardFrames:
    """Gathers the hardest frames of each track while the chunks go by."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, HardReason], list[tuple[float, int]]] = defaultdict(list)

    def add(self, parts: Sequence[Composed]) -> None:
        """Look at the tracks of one chunk."""
        for part in parts:
            for reason, severities in _severities(part):
                self._keep(part.run.track, reason, part.run.frames.first, severities)
        for number, part in enumerate(parts):
            for other in parts[number + 1 :]:
                self._add_touching(part, other)

    def add_unlike(self, group: Sequence[Track], mean: Floats | None) -> None:
        """Look at how much single pictures of an identity differ from the person's mean."""
        if mean is None:
            return
        for one in group:
            for frame, vector, _ in one.samples:
                alike = np.array([float(vector.astype(np.float32) @ mean)], np.float32)
                self._keep(one.number, HardReason.UNLIKE, frame, _ramp(alike, *_UNLIKE))

    def chosen(self, groups: Sequence[Sequence[Track]]) -> tuple[HardFrame, ...]:
        """Return the hardest frames, hardest first; ``groups`` are the identities' tracks, by number of identity."""
        candidates = [hard for index, group in enumerate(groups) for hard in self._of_identity(index, group)]
        candidates.sort(key=lambda hard: (-hard.severity, hard.frame, hard.identity, hard.reason.value))
        chosen: list[HardFrame] = []
        # First what is new: another person, another reason or another place. Then the rest, if there is room.
        for is_strict in (True, False):
            for hard in candidates:
                if len(chosen) < MOST and hard not in chosen and not (is_strict and _is_shown(hard, chosen)):
                    chosen.append(hard)
        return tuple(sorted(chosen, key=lambda hard: (-hard.severity, hard.frame, hard.identity, hard.reason.value)))

    def _of_identity(self, index: int, group: Sequence[Track]) -> Iterator[HardFrame]:
        for reason in HardReason:
            rows = (self._kept.get((one.number, reason), ()) for one in group)
            best = _spaced((row for kept in rows for row in kept), _PER_REASON)
            for severity, frame in best:
                yield HardFrame(frame, index, reason, round(severity, 3))

    def _keep(self, track: int, reason: HardReason, first: int, severities: Floats) -> None:
        hard = np.flatnonzero(severities >= _LEAST)
        if len(hard):
            key = (track, reason)
            rows = [*self._kept[key], *((float(severities[place]), first + int(place)) for place in hard)]
            self._kept[key] = _spaced(rows, _KEPT)

    def _add_touching(self, one: Composed, other: Composed) -> None:
        common = one.run.frames.common(other.run.frames)
        if common is None:
            return
        places = []
        for part in (one, other):
            surface = part.run.points[
                common.first - part.run.frames.first : common.end - part.run.frames.first, :SURFACE_COUNT, :2
            ]
            low, high = surface.min(axis=1), surface.max(axis=1)
            places.append(((low + high) / 2, (high - low).max(axis=1)))
        (middle, side), (others, their_side) = places
        away = np.hypot(*(middle - others).T) / np.maximum(np.maximum(side, their_side), 1.0)
        severities = _ramp(np.asarray(away, np.float32), *_TOUCHING)
        for part in (one, other):
            self._keep(part.run.track, HardReason.TOUCHING, common.first, severities)


def _severities(part: Composed) -> Iterator[tuple[HardReason, Floats]]:
    seen = ~part.run.bridged
    for reason, (name, harmless, worst) in _RAMPS.items():
        yield reason, _ramp(part.values[name], harmless, worst) * seen
    turned = np.maximum(_ramp(np.abs(part.run.yaw), *_YAW), _ramp(np.abs(part.run.pitch), *_PITCH))
    yield HardReason.POSE, turned * seen
    # A face that nobody saw for some frames was covered, or turned away.
    yield HardReason.COVERED, np.maximum(_ramp(part.run.covered, *_COVERED), 0.5 * part.run.bridged.astype(np.float32))


def _ramp(values: Floats, harmless: float, worst: float) -> Floats:
    return np.asarray(np.clip((values - harmless) / (worst - harmless), 0.0, 1.0), dtype=np.float32)


def _spaced(rows: Iterable[tuple[float, int]], most: int) -> list[tuple[float, int]]:
    """Return the severest rows, none too near to a severer one."""
    kept: list[tuple[float, int]] = []
    for severity, frame in sorted(rows, key=lambda row: (-row[0], row[1])):
        if len(kept) < most and all(abs(frame - other) >= _SPACING for _, other in kept):
            kept.append((severity, frame))
    return kept


def _is_shown(hard: HardFrame, chosen: Iterable[HardFrame]) -> bool:
    return any(
        hard.identity == other.identity and (hard.reason is other.reason or abs(hard.frame - other.frame) < _SPACING)
        for other in chosen
    )
