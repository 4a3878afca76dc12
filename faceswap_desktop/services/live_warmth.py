"""Lets a worker get ready while the Live page is looked at, and lets go of it some time after."""

from __future__ import annotations

import asyncio
from typing import Final

from faceswap_desktop.workers.pool import Lane, WorkerPool

REST_AFTER_S: Final = 60.0
"""What stands ready takes several hundred megabytes; whoever only looks into another page finds it still there."""


class LiveWarmth:
    """Keeps workers for the live session ready from ``warm`` until a while after ``leave``."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool
        self._timer: asyncio.TimerHandle | None = None
        self._is_looked_at = False

    def warm(self) -> None:
        """The page is looked at."""
        self._is_looked_at = True
        self.close()
        self._pool.warm(Lane.LIVE)

    def leave(self) -> None:
        """The page is not looked at any more."""
        self._is_looked_at = False
        self.rest_later()

    def rest_later(self) -> None:
        """A session has ended, or nobody looks: let idle workers go after a while, unless somebody looks again."""
        self.close()
        if not self._is_looked_at:
            self._timer = asyncio.get_running_loop().call_later(REST_AFTER_S, self._rest)

    def _rest(self) -> None:
        if not self._pool.rest(Lane.LIVE):
            # Those that are busy, because they still get ready or a session runs: later.
            self.rest_later()

    def close(self) -> None:
        """Forget about it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
