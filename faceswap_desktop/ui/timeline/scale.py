"""From seconds to pixels and back: which part of a video the timeline shows."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

_STEPS_S: Final = (
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0,
    60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0,
)  # fmt: skip
_LABEL_PX: Final = 88.0
_TICK_PX: Final = 8.0
_SHORTEST_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the ruler: where, and whether its time is written on it."""

    seconds: float
    is_labelled: bool


@dataclass(frozen=True, slots=True)
class TimeScale:
    """A window on a time line.

    Attributes:
        length: Seconds of the whole video.
        width: Pixels that show the window.
        first: Seconds at the left edge.
        span: Seconds from the left to the right edge.
        inset: Pixels to the left of the window; places are counted from before them.
    """

    length: float = 1.0
    width: float = 1.0
    first: float = 0.0
    span: float = 1.0
    inset: float = 0.0

    @classmethod
    def of(cls, length: float, width: float, inset: float = 0.0) -> TimeScale:
        """Show all of a video."""
        length = max(length, 1e-3)
        return cls(length, max(width, 1.0), 0.0, length, inset)

    @property
    def is_whole(self) -> bool:
        """Whether all of the video is in sight."""
        return self.span >= self.length * (1 - 1e-9)

    @property
    def last(self) -> float:
        """Seconds at the right edge."""
        return self.first + self.span

    def x_of(self, seconds: float) -> float:
        """Return where a time lies, in pixels from the left edge."""
        return self.inset + (seconds - self.first) / self.span * self.width

    def time_at(self, x: float) -> float:
        """Return the time at a place, within the video."""
        return min(max(self.unbounded(x), 0.0), self.length)

    def unbounded(self, x: float) -> float:
        """Return the time at a place, also before and behind the video."""
        return self.first + (x - self.inset) / self.width * self.span

    def resized(self, width: float) -> TimeScale:
        """Show the same on more or fewer pixels."""
        return replace(self, width=max(width, 1.0))

    def zoomed(self, factor: float, x: float) -> TimeScale:
        """Show less (factor above 1) or more around a place, which stays where it is."""
        span = min(max(self.span / factor, min(_SHORTEST_S, self.length)), self.length)
        return self._at(self.unbounded(x) - (x - self.inset) / self.width * span, span)

    def scrolled(self, seconds: float) -> TimeScale:
        """Show what lies so many seconds later."""
        return self._at(self.first + seconds, self.span)

    def showing(self, seconds: float) -> TimeScale:
        """Turn the page if a time is out of sight."""
        if self.first <= seconds <= self.last:
            return self
        return self._at(seconds - self.span * (0.1 if seconds > self.last else 0.9), self.span)

    def ticks(self) -> Iterator[Tick]:
        """Return the lines of the ruler in sight; labels never touch each other."""
        per_pixel = self.span / self.width
        labelled = next((step for step in _STEPS_S if step / per_pixel >= _LABEL_PX), _STEPS_S[-1])
        fine = next((step for step in _STEPS_S if step / per_pixel >= _TICK_PX and _divides(step, labelled)), labelled)
        number, last = math.ceil(self.first / fine - 1e-6), min(self.last, self.length)
        per_label = round(labelled / fine)
        while number * fine <= last + 1e-9:
            yield Tick(number * fine, number % per_label == 0)
            number += 1

    def _at(self, first: float, span: float) -> TimeScale:
        return replace(self, first=min(max(first, 0.0), self.length - span), span=span)


def visible_runs(scale: TimeScale, starts: Sequence[float], ends: Sequence[float]) -> Iterator[tuple[float, float]]:
    """Return what spans look like: from and to which pixel; those closer than a pixel are one.

    Each step goes on by a pixel at least, however many spans there are.

    Args:
        scale: What is in sight.
        starts: Seconds, ascending.
        ends: Seconds; spans do not overlap.
    """
    place = max(0, bisect_right(ends, scale.first))
    while place < len(starts) and starts[place] < scale.last:
        left = scale.x_of(starts[place])
        right = max(scale.x_of(ends[place]), left + 1.0)
        place += 1
        while place < len(starts) and scale.x_of(starts[place]) <= right + 1.0:
            # Everything that begins before this pixel ends is within it, or makes it longer.
            place = max(place, bisect_right(starts, scale.unbounded(right + 1.0)) - 1)
            right = max(right, scale.x_of(ends[place]))
            place += 1
        yield max(left, scale.inset - 4.0), min(right, scale.inset + scale.width + 4.0)


def visible_marks(scale: TimeScale, times: Sequence[float]) -> Iterator[float]:
    """Return where marks lie, in pixels; of several on one pixel one.

    Args:
        scale: What is in sight.
        times: Seconds, ascending.
    """
    place = bisect_left(times, scale.first)
    while place < len(times) and times[place] <= scale.last:
        x = scale.x_of(times[place])
        yield x
        place = bisect_right(times, scale.unbounded(x + 1.0))


def _divides(step: float, whole: float) -> bool:
    return abs(whole / step - round(whole / step)) < 1e-6
