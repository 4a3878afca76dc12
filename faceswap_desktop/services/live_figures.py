"""How many pictures come, how many are shown, and how long they take from the camera to the screen."""

from __future__ import annotations

from collections import deque
from typing import Final

from faceswap_desktop.domain.live import LiveFigures

WINDOW_NS: Final = 2_000_000_000
"""Figures are of so many nanoseconds."""
_MOST_KEPT: Final = 256


class FigureKeeper:
    """Counts over the last two seconds. Times are ``time.monotonic_ns``."""

    def __init__(self) -> None:
        self._given: dict[int, int] = {}
        self._shown: deque[tuple[int, int]] = deque(maxlen=_MOST_KEPT)
        self._camera: deque[tuple[int, int]] = deque(maxlen=_MOST_KEPT)
        self._last_shown = 0
        self._scale = 1.0

    def note_given(self, number: int, taken_ns: int) -> None:
        """A picture was handed on to be shown."""
        self._given[number] = taken_ns
        while len(self._given) > _MOST_KEPT:
            del self._given[next(iter(self._given))]

    def note_shown(self, number: int, now_ns: int) -> None:
        """A picture was painted; painted again it does not count again."""
        taken_ns = self._given.get(number)
        if taken_ns is None or number <= self._last_shown:
            return
        self._last_shown = number
        self._shown.append((now_ns, now_ns - taken_ns))

    def note_camera(self, frames: int, now_ns: int) -> None:
        """So many frames has the camera given in all."""
        if self._camera and self._camera[-1][1] == frames:
            return
        self._camera.append((now_ns, frames))

    def note_scale(self, scale: float) -> None:
        """At this share of the camera's resolution faces are worked on now."""
        self._scale = scale

    def figures(self, now_ns: int) -> LiveFigures:
        """Return how well it goes."""
        while self._shown and now_ns - self._shown[0][0] > WINDOW_NS:
            self._shown.popleft()
        while self._camera and now_ns - self._camera[0][0] > WINDOW_NS:
            self._camera.popleft()
        delays = sorted(delay / 1e6 for _, delay in self._shown)
        return LiveFigures(
            camera_per_second=_per_second([(at, float(frames)) for at, frames in self._camera]),
            per_second=_per_second([(at, float(index)) for index, (at, _) in enumerate(self._shown)]),
            delay_ms=round(_share_of(delays, 0.5), 1) if delays else None,
            delay_p95_ms=round(_share_of(delays, 0.95), 1) if delays else None,
            scale=self._scale,
        )


def _per_second(counts: list[tuple[int, float]]) -> float:
    """Return the rate between the first and the last of (time, count so far)."""
    if len(counts) < 2 or counts[-1][0] <= counts[0][0]:
        return 0.0
    (began, first), (ended, last) = counts[0], counts[-1]
    return round((last - first) * 1e9 / (ended - began), 1)


def _share_of(ordered: list[float], share: float) -> float:
    """Return the value below which that share of them lies."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
