"""Keeps calls apart in time, for services that count calls per second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable


class Pace:
    """Lets one call go at a time, with a pause between them.

    Share one among all clients of a service. Those who wait go in the order in which they came.
    """

    def __init__(
        self,
        interval_s: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Make a pace.

        Args:
            interval_s: At least so much time lies between two calls.
            clock: Tells the time in seconds; for tests.
            sleep: Waits; for tests.
        """
        self._clock = clock
        self._sleep = sleep
        self._interval_s = interval_s
        self._earliest = 0.0
        self._lock = asyncio.Lock()

    async def turn(self) -> None:
        """Return when the next call may go. A caller that is cancelled while it waits takes no turn."""
        async with self._lock:
            # Timers may end a little early, the window's by milliseconds.
            while (left := self._earliest - self._clock()) > 0:
                await self._sleep(left)
            self._earliest = self._clock() + self._interval_s
