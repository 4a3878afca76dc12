"""Jobs that wait: for room on the disk, for the network, for their turn to be fetched; and the timers for that."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

from faceswap_desktop.domain.events import JobChanged
from faceswap_desktop.domain.job import Hold, Job, JobState
from faceswap_desktop.jobs.room import has_room
from faceswap_desktop.jobs.tools import Tools
from faceswap_desktop.providers.protocol import Provider


class Alarm:
    """One timer of the loop: it rings once, and is set anew or not at all."""

    def __init__(self, on_ring: Callable[[], None]) -> None:
        self._on_ring = on_ring
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_set(self) -> bool:
        """Whether it will ring."""
        return self._timer is not None

    def set_in(self, seconds: float) -> None:
        """Have it ring after so many seconds, and not when it would have rung before."""
        self.cancel()
        self._timer = asyncio.get_running_loop().call_later(max(0.0, seconds), self._ring)

    def cancel(self) -> None:
        """Have it not ring."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self._timer = None
        self._on_ring()


async def free_those_with_room(tools: Tools, providers: Mapping[str, Provider]) -> int:
    """Let the jobs go on for which there is room on the disk again; returns how many."""
    freed = 0
    for job in await tools.ledger.on_hold(Hold.DISK):
        if await has_room(job, providers.get(job.recipe.provider), tools):
            tools.bus.publish(JobChanged(await tools.ledger.set_hold(job.id, None)))
            freed += 1
    return freed


async def free_those_due(tools: Tools) -> list[Job]:
    """Let the jobs go on that waited for the network or their signer until now, and return them."""
    now = time.time()
    freed = [job for hold in (Hold.NETWORK, Hold.SIGNER) for job in await tools.ledger.holds.release(hold, due=now)]
    for job in freed:
        tools.bus.publish(JobChanged(job))
    return freed


async def next_try(tools: Tools) -> float | None:
    """Return in how many seconds a job is to be tried again by itself, or a provider has rested; None for never."""
    now = time.time()
    whens = [when for when in tools.rests.values() if when > now]
    if (at := await tools.ledger.next_retry_at(now)) is not None:
        whens.append(at)
    return min(whens) - now if whens else None


async def by_expiry(jobs: Sequence[Job], tools: Tools) -> list[Job]:
    """Put those first whose results are only to be fetched, by when their providers delete them."""
    if not any(job.state is JobState.FETCHING for job in jobs):
        return list(jobs)
    places = {job_id: place for place, job_id in enumerate(await tools.ledger.remote.fetching_order())}
    return sorted(jobs, key=lambda job: places.get(job.id, len(places)))
