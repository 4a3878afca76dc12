"""The runner: starts waiting jobs as providers have room, and carries out what the user asks of running ones.

One runner per home folder: the process that holds the lease. It sleeps until it is woken; no timer runs but one for
the next job that is to be tried again by itself, one while a job waits for room on the disk, and one while the ledger
cannot be written.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.cloud import Delivery
from faceswap_desktop.domain.errors import FaceSwapError, StorageError, UsageError
from faceswap_desktop.domain.events import AllJobsDone, JobChanged, Noticed
from faceswap_desktop.domain.job import Hold, Job, JobId, JobState
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.jobs.context import SourceFilesOf
from faceswap_desktop.jobs.course import Course
from faceswap_desktop.jobs.events import EventBus
from faceswap_desktop.jobs.places import Choice, without_place
from faceswap_desktop.jobs.reconcile import reconcile, take_up
from faceswap_desktop.jobs.tools import Clear, Hooks, Tools
from faceswap_desktop.jobs.unconfirmed import settle
from faceswap_desktop.jobs.waiting import Alarm, by_expiry, free_those_due, free_those_with_room, next_try
from faceswap_desktop.jobs.wishes import Wish
from faceswap_desktop.providers.protocol import Provider
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.storage.results import ResultStore

logger = logging.getLogger(__name__)

FAILED_WRITES: Final = 3
"""After so many times in a row in which the ledger could not be written, whoever waits for a job is told."""
_FIRST_LOOK_S: Final = 2.0
_LONGEST_LOOK_S: Final = 60.0
ROOM_LOOK_S: Final = 10.0
"""How often it is looked whether there is room again for jobs that wait for it."""
_LONGEST_ROOM_LOOK_S: Final = 600.0


class JobRunner:
    """Runs the jobs of one home folder, on one loop's thread.

    Args:
        ledger: Where jobs stand.
        results: Where results are entered.
        providers: Who can run jobs.
        home: Where scratch and results folders are.
        bus: Told after every change.
        settings_getter: Returns the settings as they are now.
        source_files: Returns the files of a recipe's source faces.
        clear: The gate.
        hooks: What others do for jobs.
    """

    def __init__(
        self,
        ledger: Ledger,
        results: ResultStore,
        providers: Sequence[Provider],
        home: Home,
        bus: EventBus,
        settings_getter: Callable[[], Settings],
        source_files: SourceFilesOf,
        clear: Clear,
        hooks: Hooks | None = None,
    ) -> None:
        self._ledger = ledger
        self._bus = bus
        self._providers = {provider.info.id: provider for provider in providers}
        self._tools = Tools(
            ledger, results, home, bus, settings_getter, source_files, clear, hooks=hooks or Hooks(), on_room=self._ring
        )
        self.choice = Choice(self._providers)
        self._running: dict[JobId, Course] = {}
        # Rows that could not be written stay where they are until the runner looks again, or is woken.
        self._set_aside: set[JobId] = set()
        self._left: set[JobId] = set()
        self._stuck: dict[JobId, StorageError] = {}
        self._failed_writes = 0
        self._look = Alarm(self.wake)
        self._ended: Counter[JobState] = Counter()
        self._bell = asyncio.Event()
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._wants_scan = False
        self._scheduler: asyncio.Task[None] | None = None
        self._retry = Alarm(self._on_retry)
        self._room = Alarm(self._on_room_look)
        self._room_wait_s = ROOM_LOOK_S
        self._wants_room = False
        self._wants_retry = False

    @property
    def tools(self) -> Tools:
        """What its jobs share."""
        return self._tools

    def provider(self, provider_id: str) -> Provider | None:
        """Return a provider by its id, or None."""
        return self._providers.get(provider_id)

    def is_for_sandbox(self, provider_id: str) -> bool:
        """Whether a new job of a provider goes to the sandbox: its switch is on, and the provider is a service."""
        provider = self._providers.get(provider_id)
        return self._tools.settings().sandbox.is_on and provider is not None and not provider.info.is_local

    @property
    def courses(self) -> dict[JobId, Course]:
        """The jobs that run, and those that somebody has in hand so that nobody starts them."""
        return self._running

    @property
    def is_started(self) -> bool:
        """Whether this process runs the jobs."""
        return self._scheduler is not None

    async def start(self) -> None:
        """Take up every unfinished job and begin to run.

        Raises:
            StorageError: The ledger cannot be read or written.
        """
        if self._scheduler is not None:
            return
        await reconcile(self._tools, self._providers)
        self._scheduler = asyncio.get_running_loop().create_task(self._schedule(), name="job runner")
        self.wake()

    def wake(self) -> None:
        """Look into the ledger: for new jobs, and for what the user wants of those that run."""
        self._set_aside.clear()
        self._wants_scan = True
        self._ring()

    async def stop(self) -> None:
        """Stop; local jobs that run are put back, and remote ones go on without us."""
        scheduler, self._scheduler = self._scheduler, None
        if scheduler is not None:
            scheduler.cancel()
            await asyncio.gather(scheduler, return_exceptions=True)
        for alarm in (self._retry, self._look, self._room):
            alarm.cancel()
        courses = list(self._running.values())
        for course in courses:
            course.interrupt(Wish.STOP)
        await asyncio.gather(*(course.task for course in courses if course.task is not None), return_exceptions=True)
        await self._tools.clear_away()
        self._is_idle.set()

    async def cancel(self, job_id: JobId) -> Job:
        """Cancel a job and return how it ended; one that has just been finished stays finished.

        Raises:
            UsageError: There is no such job.
            StorageError: It could not be written.
        """
        job = await self._ledger.request_cancel(job_id)
        if job.state.is_final:
            return job
        self._bus.publish(JobChanged(job))
        course = self._running.get(job_id)
        if course is not None and course.task is not None:
            course.interrupt(Wish.CANCEL)
            await asyncio.wait({course.task})
        await self._cancel_if_idle(job_id)
        return await self._ledger.get(job_id) or job

    async def settle(self, delivery: Delivery) -> bool:
        """Let a job of which nobody knew whether its call arrived go on with what its provider delivered.

        Returns:
            Whether there was such a job; else the delivery is for one that waits for it, or for nobody.

        Raises:
            ProviderRejected: The delivery speaks of no call.
            StorageError: It could not be written.
        """
        job = await self._ledger.get(delivery.job)
        provider = self._providers.get(job.recipe.provider) if job is not None else None
        if provider is None or not await settle(delivery, provider, self._tools):
            return False
        self.wake()
        return True

    def trouble_with(self, job_ids: Iterable[JobId]) -> StorageError | None:
        """Return why one of these jobs has not got on for a while: its row cannot be written. It is still tried."""
        return next((self._stuck[job_id] for job_id in job_ids if job_id in self._stuck), None)

    def watchable(self, job: Job) -> float:
        """Return how many seconds of a job's result can be watched already; 0.0 for none."""
        provider = self._providers.get(job.recipe.provider)
        return provider.watchable(job.id) if provider is not None and not job.state.is_final else 0.0

    async def watch(self, job: Job) -> Path:
        """Make a file of what is finished of a job from the start on.

        Raises:
            UsageError: Nothing is finished yet.
            StorageError: There is no room for it.
        """
        if not self.watchable(job):
            raise UsageError(
                message("Nothing of this can be watched yet."),
                message("Wait until its first two seconds are finished."),
                kind="nothing-to-watch",
            )
        return Path(await self._providers[job.recipe.provider].watch(job.id))

    async def idle(self) -> None:
        """Wait until nothing runs, and nothing will without somebody's doing, or before the ledger can be written."""
        await self._is_idle.wait()

    # --------------------------------------------------------------------------------------------------- scheduling

    def _ring(self) -> None:
        self._is_idle.clear()
        self._bell.set()

    async def _schedule(self) -> None:
        while True:
            await self._bell.wait()
            self._bell.clear()
            try:
                if self._wants_scan:
                    self._wants_scan = False
                    await self._scan()
                if self._wants_retry:
                    self._wants_retry = False
                    await self._look_after_those_due()
                if self._wants_room:
                    self._wants_room = False
                    await self._look_for_room()
                await self._start_waiting()
                await self._set_alarms()
            except FaceSwapError as error:
                self._tell_of_failed_write(error)
            except Exception:
                logger.exception("the job runner stumbled")
            self._rest()

    async def _scan(self) -> None:
        """Carry out wishes that stand in the ledger, and take up what stands in the middle of its way."""
        going_on: list[Job] = []
        for job in await self._ledger.unfinished():
            course = self._running.get(job.id)
            if course is not None:
                if job.cancel_requested:
                    course.interrupt(Wish.CANCEL)
                elif job.hold is Hold.PAUSED:
                    course.interrupt(Wish.PAUSE)
            elif job.cancel_requested:
                try:
                    await self._cancel_if_idle(job.id)
                except FaceSwapError as error:
                    self._bus.publish(Noticed(error.message, error.hint, is_error=True))
            elif job.state.is_active and job.hold is None and not self.choice.leaves(job):
                going_on.append(job)
        for job in await by_expiry(going_on, self._tools):
            await self._go_on(job)

    async def _look_after_those_due(self) -> None:
        """Look again after jobs for whose provider there was no network."""
        for job in await free_those_due(self._tools):
            is_here = job.id in self._running or self.choice.leaves(job)
            if not is_here and job.state.is_active and not job.cancel_requested:
                await self._go_on(job)

    async def _go_on(self, job: Job) -> None:
        """Take up a job that stands in the middle of its way; one that was left there as at the start."""
        provider = self._providers.get(job.recipe.provider)
        if job.id in self._left:
            await take_up(job, provider, self._tools)
            self._left.discard(job.id)
            again = await self._ledger.get(job.id)
            if again is None or not again.state.is_active or again.hold is not None:
                return
            job = again
        self._begin(job)

    async def _start_waiting(self) -> None:
        passed: set[JobId] = set()
        while True:
            courses = self._running.values()
            full = without_place(self._providers, courses, self._tools.rests)
            # The others are further on, so that the ledger passes over them anyway.
            begun = [course.job.id for course in courses if course.job.state is JobState.QUEUED]
            job = await self._ledger.next_queued(exclude=[*begun, *self._set_aside, *passed], exclude_providers=full)
            if job is None:
                return
            if self.choice.leaves(job):
                passed.add(job.id)
            elif self._is_long(job) and any(
                course.is_long and course.job.recipe.provider == job.recipe.provider for course in courses
            ):
                # One long job at a time: it uses all workers, and is done sooner than two beside each other.
                passed.add(job.id)
            elif job.id not in self._running:
                self._begin(job)

    def _is_long(self, job: Job) -> bool:
        provider = self._providers.get(job.recipe.provider)
        return provider is not None and provider.keeps_work(job.recipe)

    def _begin(self, job: Job) -> None:
        course = Course(job, self._providers.get(job.recipe.provider), self._tools)
        self._running[job.id] = course
        course.task = asyncio.get_running_loop().create_task(self._run(course), name=f"job {job.id}")

    async def _run(self, course: Course) -> None:
        try:
            await course.go()
            self._failed_writes = 0
            self._stuck.pop(course.job.id, None)
        except StorageError as error:
            self._set_aside.add(course.job.id)
            self._left.add(course.job.id)
            if self._failed_writes + 1 >= FAILED_WRITES:
                self._stuck[course.job.id] = error
            self._tell_of_failed_write(error)
        except Exception:
            self._set_aside.add(course.job.id)
            logger.exception("job %s was left where it stands", course.job.id)
        finally:
            self._running.pop(course.job.id, None)
            if course.job.state.is_final:
                self._ended[course.job.state] += 1
                self._room_wait_s = ROOM_LOOK_S
            if course.wish is not None or course.is_settled:
                # What the user wants may have changed while it was being put back.
                self._wants_scan = True
            if self.is_started:
                self._ring()

    def _tell_of_failed_write(self, error: FaceSwapError) -> None:
        """Say that the ledger cannot be used, once in a while, and look again later: nothing stays "running"."""
        self._failed_writes += 1
        if self._failed_writes in {1, FAILED_WRITES}:
            self._bus.publish(Noticed(error.message, error.hint, is_error=True))
        if self.is_started and not self._look.is_set:
            self._look.set_in(min(_LONGEST_LOOK_S, _FIRST_LOOK_S * 2.0 ** (self._failed_writes - 1)))

    async def _cancel_if_idle(self, job_id: JobId) -> None:
        job = await self._ledger.get(job_id)
        if job is None or job.state.is_final or job_id in self._running:
            return
        course = Course(job, self._providers.get(job.recipe.provider), self._tools)
        # Held in the list, so that nobody starts it meanwhile.
        self._running[job_id] = course
        try:
            await course.cancel()
        finally:
            self._running.pop(job_id, None)
            if self.is_started:
                self._ring()

    def _rest(self) -> None:
        if self._running or self._bell.is_set() or self._retry.is_set:
            return
        succeeded, failed = self._ended[JobState.SUCCEEDED], self._ended[JobState.FAILED]
        self._ended.clear()
        self._is_idle.set()
        if succeeded or failed:
            self._bus.publish(AllJobsDone(succeeded, failed))

    # ------------------------------------------------------------------------------------------------------ waiting

    async def _set_alarms(self) -> None:
        if (seconds := await next_try(self._tools)) is None:
            self._retry.cancel()
        else:
            self._retry.set_in(seconds)
        if not await self._ledger.on_hold(Hold.DISK):
            self._room.cancel()
        elif not self._room.is_set:
            self._room.set_in(self._room_wait_s)

    async def _look_for_room(self) -> None:
        freed = await free_those_with_room(self._tools, self._providers)
        if freed:
            self._wants_scan = True
            # A disk that says it has room and then has none is asked less and less often.
            self._room_wait_s = min(_LONGEST_ROOM_LOOK_S, self._room_wait_s * 2.0**freed)
            self._ring()

    def _on_retry(self) -> None:
        self._wants_retry = True
        self._ring()

    def _on_room_look(self) -> None:
        self._wants_room = True
        self._ring()
