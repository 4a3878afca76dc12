"""One job on its way through its states. Every step is on the disk before it is taken."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterator
from typing import Final

from faceswap_desktop.domain.errors import (
    Cancelled,
    ConsentNeeded,
    FaceSwapError,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    SignerError,
    StorageError,
    UsageError,
    UserError,
    WorkerError,
)
from faceswap_desktop.domain.job import Hold, Job, JobState
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.work import Handle, StepPlan, WorkLost
from faceswap_desktop.jobs import desk
from faceswap_desktop.jobs.calls import CallState
from faceswap_desktop.jobs.context import JobContext
from faceswap_desktop.jobs.desk import HOLDS, Desk, backoff
from faceswap_desktop.jobs.failures import UNCONFIRMED, failure_of, failure_of_bug, maybe_arrived
from faceswap_desktop.jobs.finishing import convert, finish, plan, sign, tell
from faceswap_desktop.jobs.gate import accept, not_let_through, pass_gate
from faceswap_desktop.jobs.room import check_room
from faceswap_desktop.jobs.tools import Tools
from faceswap_desktop.jobs.wishes import Wish
from faceswap_desktop.media.naming import check_template
from faceswap_desktop.providers.protocol import Provider
from faceswap_desktop.storage.charges import OverBudget

logger = logging.getLogger(__name__)

MOST_CRASHES: Final = 2
"""A job whose worker crashed is tried once more."""
MOST_STARTS: Final = 5
"""A job at which the whole program ended this often is not taken up again by itself."""
MOST_RETRIES: Final = 5
"""After that a job waits on hold for the network."""
RATE_LIMITED: Final = "rate-limited"
_GOOD_SPELL_S: Final = 300.0
"""After so long without trouble the waits for the network begin anew."""
WRITE_WAITS_S: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Between tries to write down that a provider took a paid call: what it said must not be lost."""


class Course:
    """Takes one job from where it stands to its end, or to where it has to wait."""

    def __init__(self, job: Job, provider: Provider | None, tools: Tools) -> None:
        self.wish: Wish | None = None
        # What was delivered says how it goes on, from a state that is in the ledger already.
        self.is_settled = False
        self.task: asyncio.Task[None] | None = None
        self._tools = tools
        self._desk = Desk(job, provider, tools)
        self._may_interrupt = True
        # A paid call may have arrived, and what became of it is not yet written down.
        self._is_sending = False
        self._began = time.monotonic()
        self._context = JobContext(
            job,
            self._desk.scratch,
            tools.home.videos_folder,
            tools.settings().media.max_megapixels * 1_000_000,
            tools.source_files,
            tools.bus,
            self._got_on,
        )

    @property
    def job(self) -> Job:
        """The job as committed last."""
        return self._desk.job

    @property
    def needs_place(self) -> bool:
        """Whether it takes one of its provider's places."""
        return self._desk.needs_place

    @property
    def is_elsewhere(self) -> bool:
        """Whether its service is at another place now; see ``Desk.is_elsewhere``."""
        return self._desk.is_elsewhere

    @property
    def is_starting(self) -> bool:
        """Whether it is made ready or handed over, and nothing of it goes on at its provider yet."""
        return self._desk.is_starting

    @property
    def is_long(self) -> bool:
        """Whether its finished pieces outlive the program; such a job has a place of its own."""
        return self._desk.keeps_work

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
            self.is_settled = await self._desk.look_into_mailbox()

    async def cancel(self) -> None:
        """Tell the provider that nobody wants the work, remove what was made, and end the job as cancelled."""
        await self._desk.cancel()

    async def start_over(self) -> None:
        """Queue the job again as if nothing of it had been done; see ``Desk.start_over``."""
        await self._desk.start_over()

    # ----------------------------------------------------------------------------------------------- the way

    async def _walk(self) -> None:
        provider = self._desk.provider
        if provider is None:
            raise UsageError(
                message("There is no provider called {provider}.", provider=self.job.recipe.provider),
                message("Choose another provider and run it again."),
                kind="no-provider",
            )
        await self._desk.load()
        if self.job.state is JobState.FINISHING:
            await self._finish(is_taken_up=True)
            return
        if self._desk.is_elsewhere:
            await self._desk.wait_for_sandbox()
            return
        if self.job.state is JobState.QUEUED:
            await self._start(provider)
        await asyncio.to_thread(self._desk.make_scratch)
        while self.job.state is not JobState.FETCHING:
            await self._call(provider)
        await self._fetch_and_finish(provider)

    async def _start(self, provider: Provider) -> None:
        calls = self._desk.calls.started()
        if calls.work.attempts > MOST_STARTS:
            raise UsageError(
                message("The program ended {count} times while it worked on this job.", count=MOST_STARTS),
                message("Try again. If it happens with this picture only, the file may be damaged."),
                kind="crash",
            )
        to, word = JobState.PREPARING, "prepare"
        following = calls.following()
        if following is None:
            to, word = JobState.FETCHING, "fetch"
        elif calls.row(following.name).state == CallState.ACCEPTED:
            to, word = JobState.RUNNING, "run"
        await self._desk.move(to, calls=calls, attempt=self.job.attempt + 1, started_at=time.time(), step=word)
        # What cannot end well is said before the work, not after it.
        check_template(self.job.recipe.output.name_template)
        if to is JobState.PREPARING:
            await self._context.source_files()
            await check_room(self.job, provider, self._tools)

    async def _call(self, provider: Provider) -> None:
        """Take the call whose turn it is to its end."""
        step = self._desk.calls.following()
        if step is None:
            await self._desk.move(JobState.FETCHING, step="fetch")
            return
        self._set_context(step)
        if self.job.state is JobState.PREPARING:
            # Later calls of many jobs can come due in the same moment.
            async with self._tools.turns_of(provider.info).taken(is_later=bool(self._context.earlier)):
                await self._prepare(provider, step)
                await self._submit(provider, step)
        self._context.prepared = self._desk.calls.prepared(step.name)
        handle = await provider.run(self._desk.calls.handle(step.name, provider.info.id), self._context)
        await self._note_done(provider, step, handle)

    def _set_context(self, step: StepPlan) -> None:
        self._context.step = step
        self._context.prepared = self._desk.calls.prepared(step.name)
        self._context.earlier = self._desk.calls.earlier(self.job.recipe.provider)

    async def _prepare(self, provider: Provider, step: StepPlan) -> None:
        await pass_gate(self._context, self._tools)
        if not self._desk.calls.is_freshly_prepared(step.name):
            prepared = await provider.prepare(self._context)
            if prepared:
                await self._desk.note(self._desk.calls.with_prepared(step, prepared))
        self._context.prepared = self._desk.calls.prepared(step.name)

    async def _submit(self, provider: Provider, step: StepPlan) -> None:
        # Preparing takes its time, and consent can end meanwhile.
        await pass_gate(self._context, self._tools)
        calls = self._desk.calls.sent(step)
        # A paid call that is cut off in the middle could have been charged.
        with self._undisturbed() if step.is_paid else contextlib.nullcontext():
            await self._desk.move(
                JobState.SUBMITTING,
                calls=calls,
                booking=calls.booking(self.job.id, step.name, self._desk.payee),
                monthly_cap=self._tools.settings().budget.monthly_cap,
                step="submit",
            )
            self._is_sending = step.is_paid
            handle = await provider.submit(self._context)
            await self._note_accepted(provider, step, handle)
            self._is_sending = False

    async def _note_accepted(self, provider: Provider, step: StepPlan, handle: Handle) -> None:
        calls = self._desk.calls.accepted(step.name, handle)
        booking = calls.booking(self.job.id, step.name, self._desk.payee)
        for wait in (*WRITE_WAITS_S, None):
            try:
                await self._desk.move(JobState.RUNNING, calls=calls, booking=booking, step="run")
            except StorageError:
                if wait is None or not step.is_paid:
                    raise
                await asyncio.sleep(wait)
            else:
                return

    async def _note_done(self, provider: Provider, step: StepPlan, handle: Handle) -> None:
        name, calls = provider.info.id, self._desk.calls.done(step.name, handle)
        is_last = calls.following() is None
        await self._desk.move(
            JobState.FETCHING if is_last else JobState.PREPARING,
            calls=calls,
            booking=calls.booking(self.job.id, step.name, self._desk.payee),
            remote=None if self._desk.is_local else calls.remote(self.job.id, step.name, name),
            step="fetch" if is_last else "prepare",
        )
        self._tools.tries.pop(self.job.id, None)

    async def _fetch_and_finish(self, provider: Provider) -> None:
        calls = self._desk.calls
        last = next((row.name for row in reversed(calls.rows) if row.state == CallState.DONE), "")
        if not last:
            raise WorkLost
        self._set_context(calls.plan(last))
        file = await provider.fetch(calls.handle(last, provider.info.id), self._context)
        file = file if self._desk.is_local else await accept(self.job, file, self._tools)
        converted = None if self._desk.is_local else await convert(self._tools, self.job, file)
        with self._undisturbed():
            self._desk.calls = await plan(self._tools, self.job, calls, file, converted)
            await self._desk.move(JobState.FINISHING, step="finish")
        await self._finish()

    async def _finish(self, *, is_taken_up: bool = False) -> None:
        # A signer may be long in answering, so that wishes are heard meanwhile.
        self._desk.calls = await sign(self._tools, self.job, self._desk.calls, is_taken_up=is_taken_up)
        with self._undisturbed(check_after=False):
            job = await finish(self._tools, self.job, self._desk.calls, is_taken_up=is_taken_up)
            self._desk.publish(job)
            tell(self._tools, job)
            await self._desk.remove_scratch()
            await self._tools.ledger.set_steps(job.id, [])
            self._tools.end(job.id)

    # -------------------------------------------------------------------------------- what else can become of it

    async def _settle(self, error: Exception) -> None:
        if self._is_sending and not isinstance(error, ProviderError | UserError):
            logger.warning("job %s: a paid call was cut off here", self.job.id, exc_info=error)
            await self._desk.unconfirmed(maybe_arrived(self._desk.title, error))
            return
        match error:
            case WorkLost():
                await self._desk.lost()
            case Cancelled():
                # Not this job's user: the pool is closing.
                await self._interrupted()
            case WorkerError():
                await self._crashed(error)
            case ProviderUnavailable():
                await self._unavailable(error)
            case ProviderRejected() if error.kind in HOLDS:
                await self._desk.held_back(error, HOLDS[error.kind])
            case OverBudget():
                await self._desk.put_back(forget_starts=True, hold=Hold.BUDGET)
                self._desk.say_once(error, Hold.BUDGET)
            case StorageError():
                await self._storage_failed(error)
            case ConsentNeeded():
                await not_let_through(self._desk, self._tools, error)
            case SignerError():
                await self._desk.wait_for_signer(error)
            case FaceSwapError():
                await self._desk.fail(failure_of(error))
            case _:
                logger.error("job %s failed", self.job.id, exc_info=error)
                await self._desk.fail(failure_of_bug(error))

    async def _interrupted(self) -> None:
        await self._desk.reread()
        state = self.job.state
        if state.is_final:
            return
        if self.wish is Wish.CANCEL or self.job.cancel_requested:
            await self._desk.cancel()
        elif state is JobState.FINISHING:
            # The work is done, and is not done again for a pause: it is taken up from there.
            return
        elif self._desk.provider is None or self._desk.is_local or state is JobState.PREPARING:
            await self._desk.put_back(forget_starts=True)
        elif state is JobState.SUBMITTING:
            await self._desk.put_back()
        # Else the provider works on without us, and the job is taken up from where it stands.

    async def _crashed(self, error: WorkerError) -> None:
        # Where work is kept the provider has tried again itself, just what crashed.
        if self._desk.calls.work.attempts < MOST_CRASHES and not self._desk.keeps_work:
            logger.warning("job %s is tried once more: %s", self.job.id, error)
            await self._desk.put_back()
        else:
            await self._desk.fail(failure_of(error))

    async def _unavailable(self, error: ProviderUnavailable) -> None:
        await self._desk.reread()
        state, now = self.job.state, time.time()
        if state is JobState.SUBMITTING and error.kind == UNCONFIRMED:
            await self._desk.unconfirmed(failure_of(error))
        elif self._desk.keeps_work and state in {JobState.RUNNING, JobState.FETCHING}:
            # A cluster that is lost does not work on without us, unlike a cloud.
            await self._desk.put_back(forget_starts=True, hold=Hold.NETWORK, retry_at=0.0)
            self._desk.say(error)
        elif state in {JobState.RUNNING, JobState.FETCHING}:
            if time.monotonic() - self._began > _GOOD_SPELL_S:
                self._tools.tries.pop(self.job.id, None)
            await self._desk.wait_for_network(error)
        elif error.kind == RATE_LIMITED:
            # It is there and works; the turn of this one comes.
            sent = self._desk.calls.in_state(CallState.SENT)
            when = now + max(error.retry_after_s, backoff(sent.attempts if sent else 1, desk.LONGEST_WAIT_S))
            self._tools.rests[self.job.recipe.provider] = min(when, now + max(error.retry_after_s, desk.FIRST_RETRY_S))
            await self._desk.put_back(forget_starts=True, retry_at=when, keep_prepared=True)
        elif (starts := self._desk.calls.work.attempts) < MOST_RETRIES:
            wait = max(error.retry_after_s, backoff(starts, desk.LONGEST_RETRY_S))
            await self._desk.put_back(retry_at=now + wait)
        else:
            when = 0.0 if self._desk.is_local else now + max(error.retry_after_s, desk.LONGEST_WAIT_S)
            await self._desk.put_back(forget_starts=True, hold=Hold.NETWORK, retry_at=when)
            self._desk.say_once(error, Hold.NETWORK)

    async def _storage_failed(self, error: StorageError) -> None:
        if error.kind == "locked":
            # Another program holds the ledger; the runner takes the job up again when it lets go.
            raise error
        if error.kind != "disk-full":
            await self._desk.fail(failure_of(error))
            return
        await self._desk.reread()
        if self.job.state is JobState.FINISHING:
            # The work is done; only the place for it is missing.
            self._desk.publish(await self._tools.ledger.set_hold(self.job.id, Hold.DISK))
        else:
            await self._desk.put_back(forget_starts=True, hold=Hold.DISK)
        self._desk.say(error, is_error=True)

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

    async def _got_on(self) -> None:
        """Begin to count starts anew: the program does not end at this job without getting anywhere."""
        if self._desk.calls.work.attempts > 1:
            await self._desk.note(self._desk.calls.with_starts(1))
