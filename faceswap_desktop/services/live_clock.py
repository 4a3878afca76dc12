"""The clocks that a live session goes by, so that tests need not wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class LiveClock:
    """What time it is, and how to wait.

    Attributes:
        wall: Seconds since the epoch; jumps when the computer slept.
        steady: Seconds that only ever go on; on most systems they stand still while the computer sleeps.
        sleep: Waits so many seconds.
    """

    wall: Callable[[], float] = time.time
    steady: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def within(self, work: Awaitable[_T], seconds: float) -> _T:
        """Return what comes of some work, if it comes soon enough; else the work is cancelled.

        Raises:
            TimeoutError: It did not.
        """
        task = asyncio.ensure_future(work)
        timer = asyncio.ensure_future(self.sleep(seconds))
        try:
            await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise TimeoutError
            return task.result()
        finally:
            for one in (task, timer):
                one.cancel()
            await asyncio.gather(task, timer, return_exceptions=True)

    async def until(self, event: asyncio.Event, seconds: float) -> bool:
        """Wait for an event, but no longer than so many seconds; return whether it is set."""
        try:
            return await self.within(event.wait(), seconds)
        except TimeoutError:
            return event.is_set()
