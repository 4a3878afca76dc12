"""Keeps up with the camera: works on faces at a lower resolution before pictures come more seldom."""

from __future__ import annotations

from collections import deque
from statistics import median
from typing import Final

SCALES: Final = (1.0, 0.84, 0.7, 0.6, 0.5, 0.42)
"""Shares of the camera's resolution at which faces are worked on."""

_SLOWEST_S: Final = 1 / 25
_FASTEST_S: Final = 1 / 30
"""A camera may give more pictures than anybody needs, or fewer: the time for one lies between these."""
_BUSY: Final = 0.9
"""Share of that time from which work is put down."""
_IDLE: Final = 0.6
"""Share of it that the work of the next higher resolution must stay below for it to be taken up."""
_FRAMES: Final = 12
"""Frames of which the median counts: one slow frame is no reason."""
_PATIENCE: Final = 90
"""Frames after which a higher resolution is tried at first."""
_MOST_PATIENCE: Final = 90 * 32
_HELPS: Final = 0.97
"""Where a step down leaves more of the work than this, it is not resolution that is too high."""


class Governor:
    """Chooses the resolution. Told, frame by frame, how long it took."""

    def __init__(self) -> None:
        self._level = 0
        self._lately: deque[float] = deque(maxlen=_FRAMES)
        self._gaps: deque[float] = deque(maxlen=4 * _FRAMES)
        self._patience = _PATIENCE
        self._since = 0
        self._is_trying = False
        self._before = 0.0
        self._is_no_use = False

    @property
    def scale(self) -> float:
        """Share of the camera's resolution at which faces are worked on, 0 to 1."""
        return SCALES[self._level]

    def note(self, work_s: float, gap_s: float) -> None:
        """Take in one frame.

        Args:
            work_s: How long it was worked on, in seconds.
            gap_s: Time between this frame of the camera and the one before it in which it came, divided by how many
                came: how often the camera gives one.
        """
        self._lately.append(work_s)
        self._gaps.append(gap_s)
        self._since += 1
        if len(self._lately) < _FRAMES:
            return
        room = min(_SLOWEST_S, max(_FASTEST_S, median(self._gaps)))
        work = median(self._lately)
        if work > _BUSY * room:
            self._go_down(work)
        elif self._is_idle(work, room):
            self._go_up()
        elif self._is_trying and self._since >= _PATIENCE:
            # It holds: next time one need not wait so long.
            self._is_trying, self._patience = False, max(_PATIENCE, self._patience // 2)

    def _go_down(self, work: float) -> None:
        if self._before and work > _HELPS * self._before:
            # The last step gave nothing, so neither will the next; what was given up for it comes back later.
            self._is_no_use, self._before = True, 0.0
        if self._is_no_use and not self._is_trying and self._since < self._patience:
            return
        self._is_no_use = False
        if self._is_trying:
            self._patience = min(_MOST_PATIENCE, 2 * self._patience)
        if self._level < len(SCALES) - 1:
            self._before = work
            self._turn_to(self._level + 1, is_trying=False)

    def _go_up(self) -> None:
        self._before, self._is_no_use = 0.0, False
        self._turn_to(self._level - 1, is_trying=True)

    def _is_idle(self, work: float, room: float) -> bool:
        if not self._level or self._since < self._patience:
            return False
        # At worst all of the work grows with the number of pixels.
        growth = float((SCALES[self._level - 1] / SCALES[self._level]) ** 2)
        return work * float(growth**0.5) < _IDLE * room

    def _turn_to(self, level: int, *, is_trying: bool) -> None:
        self._level, self._is_trying, self._since = level, is_trying, 0
        self._lately.clear()
