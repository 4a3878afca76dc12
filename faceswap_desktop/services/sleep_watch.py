"""Notices that the computer has slept, or this process was stopped for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

JUMP_S: Final = 5.0
"""The wall clock goes so much farther than the monotonic one only where the computer slept, or the clock was set."""
GAP_S: Final = 10.0
"""Between two looks so much time passes only where nothing ran at all."""


class SleepWatch:
    """Compares two clocks: on most systems the monotonic one stands while the computer sleeps.

    Args:
        wall: Seconds since the epoch.
        steady: Seconds that only go forward.
    """

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._steady = wall, steady
        self._last = wall(), steady()

    def has_slept(self) -> bool:
        """Whether the computer has slept since the last call; to be asked every second or so."""
        before, self._last = self._last, (self._wall(), self._steady())
        on_the_wall, steadily = self._last[0] - before[0], self._last[1] - before[1]
        return on_the_wall - steadily > JUMP_S or steadily > GAP_S
