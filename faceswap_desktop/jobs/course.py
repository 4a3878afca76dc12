"""One job on its way through its states. Every step is on the disk before it is taken."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from faceswap_desktop.domain.errors import (
    Cancelled,
    FaceSwapError,
    ProviderUnavailable,
    StorageError,
    UsageError,
    WorkerError,
)
from faceswap_desktop.domain.events import JobChanged, Noticed, ResultAdded
from faceswap_desktop.domain.job import Failure, Hold, Job, JobState
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.work import FetchedFile, Handle, WorkLost
from faceswap_desktop.jobs.context import JobContext
from faceswap_desktop.jobs.failures import failure_of, failure_of_bug
from faceswap_desktop.jobs.placing import Placement, deliver_copy, is_ours, place, take_back
from faceswap_desktop.jobs.room import check_room
from faceswap_desktop.jobs.tools import Tools
from faceswap_desktop.media.naming import check_template
from faceswap_desktop.providers.protocol import Provider
from faceswap_desktop.storage.failures import mapped_errors
from faceswap_desktop.storage.ledger import JobStep

logger = logging.getLogger(__name__)

MOST_CRASHES: Final = 2
"""A job whose worker crashed is tried once more."""
MOST_STARTS: Final = 5
"""A job at which the whole program ended this often is not taken up again by itself."""
MOST_RETRIES: Final = 5
"""After that a job waits on hold for the network instead of trying again by itself."""
_LONGEST_RETRY_S: Final = 60.0

WORK, FINISH = "work", "finish"
"""The runner's own steps in the ledger: the handle and the count of starts; where the file goes."""


class Wish(StrEnum):
    """Why a job that runs is interrupted."""

    CANCEL = "cancel"
    PAUSE = "pause"
    STOP = "stop"


class Course:
    """Takes one job from where it stands to its end, or to where it has to wait."""

    def __init__(self, job: Job, provider: Provider | None, tools: Tools) -> None:
        self.job = job
        self.wish: Wish | None = None
        self.task: asyncio.Task[None] | None = None
        self._provider = provider
        self._tools = tools
        self._scratch = tools.scratch_of(job.id)
        self._may_interrupt = True
        self._work = JobStep(WORK)
        # What is finished of such work outlives pauses, failures and the program.
        self._keeps_work = provider is not None and provider.keeps_work(job.recipe)
        self._context = JobContext(
            job,
            self._scratch,
            tools.home.videos_folder,
            tools.settings().media.max_megapixels * 1_000_000,
            tools.source_files,
            tools.bus,
            self._got_on,
        )

    def interrupt(self, wish: Wish) -> None:
        """Make it stop where that does no harm; what becomes of it then depends on the wish."""
        is_first, self.wish = self.wish is None, wish
        self._context.is_cancelled = wish is Wish.CANCEL
        if is_first and self._may_interrupt and self.task is not None:
            self.task.cancel()

    async def go(self) -> None:
        """Take the job as far as it goes. Errors become states; only those of the ledger itself come out.

        Raises:
            StorageError: The ledger could not be written; the job stands where it stood.
        """
        try:
            await self._walk()
        except asyncio.CancelledError:
            if self.wish is None:
                raise
            self._may_interrupt = False
            await self._interrupted()
        except Exception as error:  # noqa: BLE001 - every error becomes a state
            # What is done about an error is short, and is not to be cut off by a wish.
            self._may_interrupt = False
            await self._settle(error)

    async def _settle(self, error: Exception) -> None:
        match error:
            case WorkLost():
                await self._put_back()
            case Cancelled():
                # Not this job's user: the pool is closing.
                await self._put_back(forget_starts=True)
            case WorkerError():
                await self._crashed(error)
            case ProviderUnavailable():
                await self._unavailable(error)
            case StorageError():
                await self._storage_failed(error)
            case FaceSwapError():
                await self._fail(failure_of(error))
            case _:
                logger.error("job %s failed", self.job.id, exc_info=error)
                await self._fail(failure_of_bug(error))

    # ----------------------------------------------------------------------------------------------- the way

    async def _walk(self) -> None:
        provider = self._provider
        if provider is None:
            raise UsageError(
                message("There is no provider called {provider}.", provider=self.job.recipe.provider),
                message("Choose another provider and run it again."),
                kind="no-provider",
            )
        steps = {step.name: step for step in await self._tools.ledger.steps(self.job.id)}
        self._work = steps.get(WORK, self._work)
        if self.job.state is JobState.FINISHING:
            await self._finish(_placement_in(steps.get(FINISH)), is_taken_up=True)
            return
        handle = _handle_in(self._work, provider)
        if self.job.state is JobState.QUEUED:
            await self._prepare(provider)
            handle = await self._submit(provider)
        await asyncio.to_thread(self._make_scratch)
        if self.job.state is JobState.RUNNING:
            await provider.run(handle, self._context)
            await self._move(JobState.FETCHING, step="fetch")
        await self._fetch_and_finish(provider, handle)

    async def _prepare(self, provider: Provider) -> None:
        starts = self._work.attempts + 1
        if starts > MOST_STARTS:
            raise UsageError(
                message("The program ended {count} times while it worked on this job.", count=MOST_STARTS),
                message("Try again. If it happens with this picture only, the file may be damaged."),
                kind="crash",
            )
        await self._move(JobState.PREPARING, attempt=self.job.attempt + 1, started_at=time.time(), step="prepare")
        self._work = JobStep(WORK, "started", None, starts)
        await self._tools.ledger.set_steps(self.job.id, [self._work])
        # What cannot end well is said before the work, not after it.
        check_template(self.job.recipe.output.name_template)
        await self._context.source_files()
        await check_room(self.job, provider, self._tools)
        await asyncio.to_thread(self._make_scratch)

    async def _submit(self, provider: Provider) -> Handle:
        await self._move(JobState.SUBMITTING, step="submit")
        is_paid = any(step.is_paid for step in provider.steps(self.job.recipe))
        # A paid call that is cut off in the middle could have been charged.
        with self._undisturbed() if is_paid else contextlib.nullcontext():
            handle = await provider.submit(self._context)
            self._work = JobStep(WORK, "submitted", dict(handle.values), self._work.attempts)
            await self._tools.ledger.set_steps(self.job.id, [self._work])
            await self._move(JobState.RUNNING, step="run")
        return handle

    async def _fetch_and_finish(self, provider: Provider, handle: Handle) -> None:
        file = await provider.fetch(handle, self._context)
        with self._undisturbed(check_after=False):
            placement = await self._plan(file)
            await self._move(JobState.FINISHING, step="finish")
            await self._finish(placement)

    async def _plan(self, file: FetchedFile) -> Placement:
        placement = await self._tools.placer.plan(self.job, file, self._tools.results_folder())
        await self._commit_plan(placement)
        return placement

    async def _commit_plan(self, placement: Placement) -> None:
        finish = JobStep(FINISH, "planned", placement.to_json(), 1)
        await self._tools.ledger.set_steps(self.job.id, [self._work, finish])

    async def _finish(self, placement: Placement, *, is_taken_up: bool = False) -> None:
        """Put the file in its place and end the job. Taken up after a crash, a file that is there is adopted."""
        requested = self.job.recipe.output.requested_path
        has_file = is_taken_up and await asyncio.to_thread(is_ours, Path(placement.path), placement)
        if not has_file and not await asyncio.to_thread(_is_there, placement.file.path):
            await asyncio.to_thread(take_back, placement, requested)
            self._tools.placer.free(placement)
            raise WorkLost
        if requested:
            await asyncio.to_thread(deliver_copy, placement, requested)
        while not has_file:
            try:
                await asyncio.to_thread(place, placement)
                has_file = True
            except FileExistsError:
                placement = await self._tools.placer.plan_again(self.job, placement)
                await self._commit_plan(placement)
        job = await self._tools.results.finish(self.job.id, placement.result_of(self.job, time.time()))
        self._tools.placer.free(placement)
        self._publish(job)
        self._tools.bus.publish(ResultAdded(placement.result))
        await self._clear()

    # -------------------------------------------------------------------------------- what else can become of it

    async def _interrupted(self) -> None:
        await self._reread()
        if self.job.state.is_final:
            return
        if self.wish is Wish.CANCEL or self.job.cancel_requested:
            await self.cancel()
        elif self._provider is None or self._provider.info.is_local or self.job.state is JobState.PREPARING:
            await self._put_back(forget_starts=True)
        elif self.job.state is JobState.SUBMITTING:
            await self._put_back()
        # Else the provider works on without us, and the job is taken up from where it stands.

    async def cancel(self) -> None:
        """Tell the provider that nobody wants the work, remove what was made, and end the job as cancelled."""
        steps = {step.name: step for step in await self._tools.ledger.steps(self.job.id)}
        if self.job.state is JobState.FINISHING:
            await self._take_back(steps.get(FINISH), self.job.recipe.output.requested_path)
        work = steps.get(WORK)
        if self._provider is not None and work is not None and work.handle is not None:
            try:
                outcome = await self._provider.cancel(_handle_in(work, self._provider))
            except FaceSwapError as error:
                self._tools.bus.publish(Noticed(error.message, error.hint))
            else:
                if outcome.message is not None:
                    self._tools.bus.publish(Noticed(outcome.message))
        await self._clear()
        to = JobState.DISMISSED if self.job.state is JobState.UNCONFIRMED else JobState.CANCELLED
        await self._move(to, step="")

    async def _put_back(self, *, forget_starts: bool = False, **changes: Any) -> None:
        """Queue the job again, so that it starts over, or goes on from what is kept of its work."""
        await self._reread()
        if self.job.state.is_final or self.job.state is JobState.QUEUED:
            return
        if not self._keeps_work:
            await self._remove_scratch()
        starts = 0 if forget_starts else self._work.attempts
        await self._tools.ledger.set_steps(self.job.id, [JobStep(WORK, "waiting", None, starts)])
        attempt = self.job.attempt - 1 if forget_starts else self.job.attempt
        await self._move(JobState.QUEUED, attempt=max(0, attempt), **changes)

    async def _crashed(self, error: WorkerError) -> None:
        # Where work is kept the provider has tried again itself, just what crashed.
        if self._work.attempts < MOST_CRASHES and not self._keeps_work:
            logger.warning("job %s is tried once more: %s", self.job.id, error)
            await self._put_back()
        else:
            await self._fail(failure_of(error))

    async def _unavailable(self, error: ProviderUnavailable) -> None:
        await self._reread()
        is_sent = self.job.state in {JobState.RUNNING, JobState.FETCHING}
        if self.job.state is JobState.SUBMITTING and error.kind == "unconfirmed":
            await self._move(JobState.UNCONFIRMED, failure=failure_of(error))
        elif is_sent or self._work.attempts >= MOST_RETRIES:
            # A cluster that is lost does not work on without us, unlike a cloud.
            if not is_sent or self._keeps_work:
                await self._put_back(forget_starts=True)
            self._publish(await self._tools.ledger.set_hold(self.job.id, Hold.NETWORK))
            self._tools.bus.publish(Noticed(error.message, error.hint))
        else:
            wait = min(_LONGEST_RETRY_S, 2.0**self._work.attempts) * random.uniform(0.8, 1.2)
            await self._put_back(retry_at=time.time() + wait)

    async def _storage_failed(self, error: StorageError) -> None:
        if error.kind == "locked":
            # Another program holds the ledger; the runner takes the job up again when it lets go.
            raise error
        if error.kind != "disk-full":
            await self._fail(failure_of(error))
            return
        await self._reread()
        if self.job.state is JobState.FINISHING:
            # The work is done; only the place for it is missing.
            self._publish(await self._tools.ledger.set_hold(self.job.id, Hold.DISK))
        else:
            await self._put_back(forget_starts=True, hold=Hold.DISK)
        self._tools.bus.publish(Noticed(error.message, error.hint, is_error=True))

    async def _fail(self, failure: Failure) -> None:
        await self._reread()
        if self.job.state.is_final:
            return
        if self.job.state is JobState.FINISHING:
            steps = {step.name: step for step in await self._tools.ledger.steps(self.job.id)}
            await self._take_back(steps.get(FINISH), "")
        if self._keeps_work:
            # A retry goes on from it; it goes when the job's row does.
            await self._tools.ledger.set_steps(self.job.id, [])
        else:
            await self._clear()
        await self._move(JobState.FAILED, failure=failure)

    # ------------------------------------------------------------------------------------------------- small things

    @contextlib.contextmanager
    def _undisturbed(self, *, check_after: bool = True) -> Iterator[None]:
        """Do something to its end before a wish is heard."""
        if self.wish is not None:
            raise asyncio.CancelledError
        self._may_interrupt = False
        try:
            yield
        finally:
            self._may_interrupt = True
        if check_after and self.wish is not None:
            raise asyncio.CancelledError

    async def _move(self, to: JobState, **changes: Any) -> None:
        self._publish(await self._tools.ledger.transition(self.job.id, {self.job.state}, to, **changes))

    def _publish(self, job: Job) -> None:
        self.job = job
        self._tools.bus.publish(JobChanged(job))

    async def _reread(self) -> None:
        # An interrupted call to the ledger may have been carried through all the same.
        self.job = await self._tools.ledger.get(self.job.id) or self.job

    async def _take_back(self, step: JobStep | None, requested_path: str) -> None:
        if step is not None and step.handle is not None:
            placement = _placement_in(step)
            await asyncio.to_thread(take_back, placement, requested_path)
            self._tools.placer.free(placement)

    async def _clear(self) -> None:
        """Remove what only an unfinished job needs."""
        await self._remove_scratch()
        await self._tools.ledger.set_steps(self.job.id, [])

    async def _remove_scratch(self) -> None:
        await asyncio.to_thread(shutil.rmtree, self._scratch, ignore_errors=True)

    async def _got_on(self) -> None:
        """Begin to count starts anew: the program does not end at this job without getting anywhere."""
        if self._work.attempts > 1:
            self._work = replace(self._work, attempts=1)
            await self._tools.ledger.set_steps(self.job.id, [self._work])

    def _make_scratch(self) -> None:
        with mapped_errors(self._scratch):
            self._scratch.mkdir(parents=True, exist_ok=True)


def _is_there(path: str) -> bool:
    return Path(path).is_file()


def _handle_in(step: JobStep, provider: Provider) -> Handle:
    return Handle(provider.info.id, dict(step.handle or {}))


def _placement_in(step: JobStep | None) -> Placement:
    if step is None or step.handle is None:
        raise WorkLost
    return Placement.from_json(step.handle)
