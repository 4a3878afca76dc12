"""Whose turn it is to be made ready and handed over, where a provider's jobs come due all at once."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from faceswap_desktop.domain.errors import ProviderRejected

REMEMBERED_S: Final = 10.0
_OF_ALL: Final = frozenset({"account", "credits", "terms"})
"""What is refused for want of these is refused to all jobs of the provider."""


class Turns:
    """Lets only so many jobs of one provider be made ready and handed over at once.

    Args:
        room: How many; 0 for any number.
    """

    def __init__(self, room: int) -> None:
        self._room = asyncio.Semaphore(room) if room else None
        self._refused_at = -math.inf
        self._refusal: ProviderRejected | None = None

    @asynccontextmanager
    async def taken(self, *, is_later: bool) -> AsyncIterator[None]:
        """Hold a turn.

        Args:
            is_later: It is not the job's first call. Such jobs do not wait in the queue, where they would be held
                with all others after a refusal.

        Raises:
            ProviderRejected: Another job was refused a moment ago, for want of what this one needs too.
        """
        if self._room is None:
            yield
            return
        async with self._room:
            if is_later and self._refusal is not None and time.monotonic() - self._refused_at < REMEMBERED_S:
                raise self._refusal
            try:
                yield
            except ProviderRejected as error:
                if error.kind in _OF_ALL:
                    self._refused_at, self._refusal = time.monotonic(), error
                raise

    def forgive(self) -> None:
        """Have the provider be asked again: something has changed."""
        self._refusal = None
