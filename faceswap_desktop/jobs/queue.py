"""The queue: what people do with jobs, whichever process runs them.

The process that holds the lease runs jobs; every other one writes to the ledger, rings the doorbell
of the holder and watches.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from faceswap_desktop.domain.errors import FaceSwapError, UsageError
from faceswap_desktop.domain.events import JobAdded, JobChanged, JobRemoved, Noticed, ResultAdded
from faceswap_desktop.domain.job import Hold, Job, JobId, JobState, can_become
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.jobs.desk import Desk
from faceswap_desktop.jobs.doorbell import Doorbell, ring
from faceswap_desktop.jobs.events import EventBus
from faceswap_desktop.jobs.remote_queue import RemoteQueue, somebody_was_quicker
from faceswap_desktop.jobs.runner import JobRunner
from faceswap_desktop.jobs.tools import scratch_of
from faceswap_desktop.jobs.unconfirmed import dismiss
from faceswap_desktop.storage.lease import Lease, LeaseHolder
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.storage.paths import Home

_WATCH_INTERVAL_S = 0.25
_LOOK_AGAIN_S = 2.0
"""Who waits for jobs looks at them so often without being told: another process can end one, and itself, in between."""
_STEP_S = 1e-6
"""Between jobs that are added at once, so that their order can be told."""
_PATIENCE_S = 60.0
"""Whoever waits for a job is told when its provider could not be reached so often that the next try is so far away."""
_OPEN_STATES = frozenset(JobState) - {JobState.SUCCEEDED, JobState.DISMISSED}


class JobQueue(RemoteQueue):
    """Adds, orders, pauses, cancels and retries jobs.

    Attributes:
        on_visitor: Told what another start of the program on this home wants beside jobs (files to open,
            the window to be raised), while this process runs the jobs.
        on_take_over: Awaited before this process runs the jobs that another one ran, which it has watched.
    """

    def __init__(self, home: Home, ledger: Ledger, lease: Lease, runner: JobRunner, bus: EventBus) -> None:
        super().__init__(ledger, runner, bus)
        self._home = home
        self._lease = lease
        self._watching: asyncio.Task[None] | None = None
        self._seen: dict[JobId, Job] = {}
        self._door: Doorbell | None = None
        self._looks: set[asyncio.Task[None]] = set()
        self.on_visitor: Callable[[dict[str, Any]], None] | None = None
        self.on_take_over: Callable[[], Awaitable[None]] | None = None

    @property
    def is_running_here(self) -> bool:
        """Whether this process holds the lease and runs the jobs."""
        return self._runner.is_started

    async def start(self, *, only_new: bool = False) -> bool:
        """Become the runner if nobody else is.

        Args:
            only_new: Of services run only jobs that are added here: for a command that ends with its own job.

        Returns:
            Whether this process runs the jobs. If not, changes made by the other process are watched
            for and told as events, and this process takes over when the other one ends.
        """
        if only_new:
            self._runner.choice.keep_to_own()
        if await self._take_over():
            return True
        self._watching = asyncio.get_running_loop().create_task(self._watch())
        return False

    async def stop(self) -> None:
        """Stop watching and running; what ran starts over next time, or goes on from what it has kept."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
            self._watching = None
        if self._door is not None:
            await self._door.close()
            self._door = None
        await asyncio.gather(*self._looks, return_exceptions=True)
        await self._runner.tools.clear_away()
        if self._runner.is_started:
            await self._runner.stop()
            await asyncio.to_thread(self._lease.release)

    async def add(self, recipes: Sequence[Recipe]) -> list[Job]:
        """Commit one job per recipe, in order, behind those that wait.

        Jobs of services belong to the sandbox while its switch is on, for good: none of them ever costs anything.
        """
        now = time.time()
        # Behind those that wait even if the clock was set back in the meantime.
        last = await self._ledger.last_priority()
        first = now if last is None else max(now, last + _STEP_S)
        jobs = [
            Job(
                JobId(uuid.uuid4().hex[:10]),
                replace(recipe, in_sandbox=self._runner.is_for_sandbox(recipe.provider)),
                created_at=now + number * _STEP_S,
                priority=first + number * _STEP_S,
            )
            for number, recipe in enumerate(recipes)
        ]
        await self._ledger.add_many(jobs)
        self._runner.choice.add(job.id for job in jobs)
        for job in jobs:
            self._bus.publish(JobAdded(job))
        await self._go()
        return jobs

    async def all(self) -> list[Job]:
        """Return every job of the ledger, newest first."""
        return sorted(await self._ledger.list(), key=lambda job: -job.created_at)

    async def open_jobs(self) -> list[Job]:
        """Return the jobs the user may still do something about: unfinished, failed and cancelled ones, newest first.

        Those that succeeded are left out, so that this stays quick whatever has been done before.
        """
        return await self._ledger.list(_OPEN_STATES)

    async def unfinished(self) -> list[Job]:
        """Return the jobs that are not over, in the order in which they run."""
        return sorted(await self._ledger.unfinished(), key=lambda job: (job.priority, job.created_at))

    async def job(self, job_id: JobId) -> Job | None:
        """Return one job."""
        return await self._ledger.get(job_id)

    async def pause(self, job_ids: Iterable[JobId]) -> None:
        """Hold jobs. One that is being worked on stops; it starts over when it goes on, or from what it has kept."""
        for job_id in job_ids:
            await self._hold(job_id, Hold.PAUSED)
        await self._go()

    async def resume(self, job_ids: Iterable[JobId]) -> None:
        """Let held jobs go on, and have those that wait for another try tried now."""
        self._runner.tools.ask_anew()
        for job_id in job_ids:
            job = await self._ledger.get(job_id)
            if job is not None and not job.state.is_final and (job.hold is not None or job.retry_at):
                with somebody_was_quicker():
                    self._bus.publish(JobChanged(await self._ledger.resume(job_id)))
        await self._go()

    async def cancel(self, job_ids: Iterable[JobId]) -> None:
        """Ask for jobs to be cancelled; those that are over stay as they are."""
        for job_id in job_ids:
            job = await self._ledger.get(job_id)
            if job is not None and not job.state.is_final:
                with somebody_was_quicker():
                    self._bus.publish(JobChanged(await self._ledger.request_cancel(job_id)))
        await self._go()

    async def cancel_waiting(self, job_ids: Iterable[JobId]) -> None:
        """Carry a cancellation out where no process runs jobs; does nothing if one does."""
        if not await asyncio.to_thread(self._lease.acquire):
            return
        try:
            for job_id in job_ids:
                job = await self._ledger.get(job_id)
                if job is not None and not await dismiss(job_id, self._runner.tools):
                    await self._cancel_here(job)
        finally:
            await asyncio.to_thread(self._lease.release)

    async def begin_anew(self, before: float) -> None:
        """Have jobs of the sandbox start over that were begun before a moment: there is another one now.

        Nothing is done where another process runs the jobs: they are at the sandbox of that one.

        Raises:
            StorageError: The ledger cannot be read.
        """
        if self._lease.is_held or (await self.holder()) is None:
            await super().begin_anew(before)

    async def holder(self) -> LeaseHolder | None:
        """Return the process that runs the jobs of this home folder, or None."""
        return await asyncio.to_thread(self._lease.holder)

    async def retry(self, job_ids: Iterable[JobId]) -> None:
        """Start failed or cancelled jobs again, and try those that wait for their signer now; others stay as they are.

        So a second press does nothing.
        """
        for job_id in job_ids:
            job = await self._ledger.get(job_id)
            if job is not None and job.hold is Hold.SIGNER:
                await self.resume([job_id])
            if job is not None and job.state in {JobState.FAILED, JobState.CANCELLED}:
                with somebody_was_quicker():
                    self._bus.publish(JobChanged(await self._ledger.reset_failed(job_id)))
        await self._go()

    async def reorder(self, job_ids: Sequence[JobId]) -> None:
        """Set the order of waiting jobs; those not named keep their place behind them."""
        waiting = await self.unfinished()
        named = [job for wanted in job_ids for job in waiting if job.id == wanted]
        rest = [job for job in waiting if job.id not in set(job_ids)]
        slots = sorted(job.priority for job in waiting)
        for place in range(1, len(slots)):
            # Equal priorities would make an order that cannot be told apart.
            slots[place] = max(slots[place], slots[place - 1] + _STEP_S)
        order = {job.id: slot for job, slot in zip([*named, *rest], slots, strict=True)}
        await self._ledger.set_priority(order)
        for job_id in order:
            changed = await self._ledger.get(job_id)
            if changed is not None:
                self._bus.publish(JobChanged(changed))
        await self._go()

    async def remove(self, job_ids: Iterable[JobId]) -> None:
        """Delete the rows of jobs that are over, and what is kept of failed ones; results stay."""
        for job_id in job_ids:
            job = await self._ledger.get(job_id)
            if job is not None and job.state.is_final:
                with somebody_was_quicker():
                    await self._ledger.delete(job_id)
                    self._bus.publish(JobRemoved(job_id))
                    await self._remove_scratch(job_id)

    async def watchable(self, job_id: JobId) -> float:
        """Return how many seconds of a job's result, from its start on, can be watched while the rest is rendered.

        0.0 where that is nothing, and where another process runs the jobs.
        """
        job = await self._ledger.get(job_id) if self._runner.is_started else None
        return self._runner.watchable(job) if job is not None else 0.0

    async def watch(self, job_id: JobId) -> Path:
        """Make a file of what is finished of a job from the start on; it goes when the job ends.

        Raises:
            UsageError: Nothing is finished yet, the job is over, or another process runs the jobs.
            StorageError: There is no room for it.
        """
        if not self._runner.is_started:
            raise UsageError(
                message("Another program runs this job; only that one can show what is finished."),
                message("Use the window that is open, or wait until the job is done."),
                kind="not-here",
            )
        job = await self._ledger.get(job_id)
        if job is None:
            raise UsageError(message("There is no job {job}.", job=job_id), kind="no-such-job")
        return await self._runner.watch(job)

    async def wait(self, job_ids: Sequence[JobId]) -> list[Job]:
        """Wait until jobs are over, or wait for what only the user can do, or for a provider that stays away.

        Returns:
            The jobs in the order asked for; one that was deleted meanwhile is left out.

        Raises:
            StorageError: This process runs them, and the ledger cannot be written for a while already.
        """
        changed = asyncio.Event()
        unsubscribe = self._bus.subscribe(
            lambda event: changed.set() if isinstance(event, JobChanged | JobRemoved | Noticed) else None
        )
        try:
            while True:
                changed.clear()
                jobs = [await self._ledger.get(job_id) for job_id in job_ids]
                there = [job for job in jobs if job is not None]
                if not any(_gets_on(job) for job in there):
                    return there
                if (trouble := self._runner.trouble_with(job_ids)) is not None:
                    raise trouble
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_AGAIN_S):
                        await changed.wait()
        finally:
            unsubscribe()

    async def _remove_scratch(self, job_id: JobId) -> None:
        await asyncio.to_thread(shutil.rmtree, scratch_of(self._home, job_id), ignore_errors=True)

    async def _cancel_here(self, job: Job) -> None:
        if can_become(job.state, JobState.CANCELLED):
            # A service that works on it is told, and what was paid for stays known.
            await Desk(job, self._runner.provider(job.recipe.provider), self._runner.tools).cancel()

    async def _hold(self, job_id: JobId, hold: Hold | None) -> None:
        job = await self._ledger.get(job_id)
        if job is None or job.state.is_final or job.hold is hold:
            return
        with somebody_was_quicker():
            self._bus.publish(JobChanged(await self._ledger.set_hold(job_id, hold)))

    async def _go(self) -> None:
        if self._runner.is_started:
            self._runner.wake()
        else:
            await asyncio.to_thread(ring, self._home, {"kind": "jobs"})

    async def _take_over(self) -> bool:
        if not await asyncio.to_thread(self._lease.acquire):
            return False
        try:
            if self._watching is not None and self.on_take_over is not None:
                await self.on_take_over()
            await self._runner.start()
            self._door = Doorbell(self._home, self._on_rung)
            await self._door.open()
        except BaseException:
            # A lease without a runner would keep everybody else from running the jobs.
            await self._runner.stop()
            await asyncio.to_thread(self._lease.release)
            raise
        if self._watching is not None:
            # What the other process did last, after it was looked at and before it let go.
            await self._tell_changes()
        self._seen = {job.id: job for job in await self._ledger.list()}
        # What others added before there was a door to knock at.
        self._runner.wake()
        return True

    def _on_rung(self, said: dict[str, Any]) -> None:
        if said.get("kind") == "jobs":
            look = asyncio.get_running_loop().create_task(self._tell_changes())
            self._looks.add(look)
            look.add_done_callback(self._looks.discard)
            self._runner.wake()
        elif self.on_visitor is not None:
            self.on_visitor(said)

    async def _watch(self) -> None:
        """Tell what another process does with the jobs, until it ends; then take over.

        A ledger that cannot be used for a while is said once, and looked at again.
        """
        version, is_troubled = -1, False
        while True:
            try:
                if version < 0:
                    self._seen = {job.id: job for job in await self.open_jobs()}
                if (now := await self._ledger.data_version()) != version:
                    await self._tell_changes()
                    version = now
                if await self._take_over():
                    self._watching = None
                    return
                is_troubled = False
            except FaceSwapError as error:
                if not is_troubled:
                    is_troubled = True
                    self._bus.publish(Noticed(error.message, error.hint, is_error=True))
            await asyncio.sleep(_WATCH_INTERVAL_S)

    async def _tell_changes(self) -> None:
        jobs = {job.id: job for job in await self.open_jobs()}
        for job_id, job in jobs.items():
            if job_id not in self._seen:
                self._bus.publish(JobAdded(job))
            elif job != self._seen[job_id]:
                self._bus.publish(JobChanged(job))
        for job_id in self._seen.keys() - jobs.keys():
            ended = await self._ledger.get(job_id)
            self._bus.publish(JobRemoved(job_id) if ended is None else JobChanged(ended))
            if ended is not None and ended.result is not None and ended.state is JobState.SUCCEEDED:
                self._bus.publish(ResultAdded(ended.result))
        self._seen = jobs


def _gets_on(job: Job) -> bool:
    """Say whether a job gets on by itself, and soon."""
    if job.state.is_final or job.state is JobState.UNCONFIRMED:
        return False
    is_tried_soon = job.hold is Hold.NETWORK and 0.0 < job.retry_at < time.time() + _PATIENCE_S
    return job.hold is None or is_tried_soon
