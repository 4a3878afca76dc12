"""Keeps calls apart in time, for services that count calls per second."""

from __future__ import annotations

import asyncio
import time


class Pace:
    """Lets one call go at a time, with a pause between them.

    Share one among all clients of a service. Those who wait go in the order in which they came.
    """

    def __init__(self, interval_s: float) -> None:
        """Make a pace.

        Args:
            interval_s: At least so much time lies between two calls.
        """
        self._interval_s = interval_s
        self._earliest = 0.0
        self._lock = asyncio.Lock()

    async def turn(self) -> None:
        """Return when the next call may go. A caller that is cancelled while it waits takes no turn."""
        async with self._lock:
            # Timers may end a little early, the window's by milliseconds.
            while (left := self._earliest - time.monotonic()) > 0:  # noqa: ASYNC110 nobody could set an event
                await asyncio.sleep(left)
            self._earliest = time.monotonic() + self._interval_s
