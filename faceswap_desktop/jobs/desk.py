"""One job's rows in the ledger, and what can become of the job beside going its way.

Whatever changes about a call is committed together with the job's state: at no moment does the ledger say that a paid
call was not sent while it may have been.
"""

from __future__ import annotations

import asyncio
import math
import random
import shutil
import time
from typing import Any, Final

from faceswap_desktop.domain.errors import FaceSwapError, ProviderRejected, ProviderUnavailable, SignerError
from faceswap_desktop.domain.events import JobChanged, Noticed
from faceswap_desktop.domain.job import Failure, Hold, Job, JobState
from faceswap_desktop.domain.messages import message
from faceswap_desktop.jobs.calls import Calls, CallState, payee_of
from faceswap_desktop.jobs.failures import failure_of, maybe_charged, result_expired
from faceswap_desktop.jobs.finishing import undo
from faceswap_desktop.jobs.tools import Tools
from faceswap_desktop.jobs.unconfirmed import settle_from_mailbox
from faceswap_desktop.providers.protocol import Provider
from faceswap_desktop.storage.charges import Booking, TakenBack
from faceswap_desktop.storage.failures import mapped_errors
from faceswap_desktop.storage.job_rows import TransitionRefused
from faceswap_desktop.storage.ledger import Along
from faceswap_desktop.storage.remote import RemoteResult

HOLDS: Final = {kind: Hold(kind) for kind in ("account", "credits", "hosting", "webhook", "terms")}
"""What a provider's refusal of these kinds has to wait for."""
FIRST_RETRY_S: Final = 2.0
LONGEST_RETRY_S: Final = 60.0
LONGEST_WAIT_S: Final = 300.0
"""Between tries to reach a provider that has a job's work, or that stays away."""

_NEEDS_USER: Final = frozenset({"certificate", "passphrase"})
"""Kinds of a signer's error after which another try would come to the same."""

_SAY_AGAIN_S: Final = 60.0
_OF_SOME_RECIPES: Final = frozenset({Hold.HOSTING, Hold.WEBHOOK})
_MADE_NOTHING: Final = frozenset({"failed", "sensitive"})
"""After these words of a provider there is nothing more to ask after; another try is another call."""


class Desk:
    """Where one job stands, and what is written about it.

    Attributes:
        job: As committed last.
        calls: Likewise.
        provider: Who does it; None if nobody of that name is there any more.
        keeps_work: Finished pieces of its work outlive pauses, failures and the program.
    """

    def __init__(self, job: Job, provider: Provider | None, tools: Tools) -> None:
        self.job = job
        self.provider = provider
        self.keeps_work = provider is not None and provider.keeps_work(job.recipe)
        self.calls = Calls.of(provider.steps(job.recipe) if provider is not None else (), ())
        self.scratch = tools.scratch_of(job.id)
        self._tools = tools

    @property
    def is_local(self) -> bool:
        """Whether its work is done on this computer, and ends with the program."""
        return self.provider is not None and self.provider.info.is_local

    @property
    def is_elsewhere(self) -> bool:
        """Whether it belongs to the sandbox while that is off, or to a service while the sandbox is in its place."""
        return not self.is_local and self.job.recipe.in_sandbox != self._tools.settings().sandbox.is_on

    @property
    def payee(self) -> str:
        """Under which name its calls are booked."""
        return payee_of(self.job.recipe)

    @property
    def title(self) -> str:
        """What people call the provider."""
        return self.provider.info.title if self.provider is not None else self.job.recipe.provider

    @property
    def needs_place(self) -> bool:
        """Whether it takes one of its provider's places."""
        return self.is_local or self.job.state not in {JobState.FETCHING, JobState.FINISHING}

    @property
    def is_starting(self) -> bool:
        """Whether it is made ready or handed over."""
        return self.job.state in {JobState.QUEUED, JobState.PREPARING, JobState.SUBMITTING}

    # ------------------------------------------------------------------------------------------------------ writing

    async def load(self) -> None:
        """Read the rows of its calls."""
        self.calls = Calls.of(self.calls.plans, await self._tools.ledger.steps(self.job.id))

    async def reread(self) -> None:
        """Read all of it again: an interrupted call to the ledger may have been carried through all the same."""
        self.job = await self._tools.ledger.get(self.job.id) or self.job
        await self.load()

    async def move(
        self,
        to: JobState,
        *,
        calls: Calls | None = None,
        booking: Booking | TakenBack | None = None,
        monthly_cap: float = 0.0,
        remote: RemoteResult | None = None,
        **changes: Any,
    ) -> None:
        """Commit that the job goes to another state, with what belongs to it.

        Raises:
            TransitionRefused: It is not where it was believed to be.
            OverBudget: The booking would exceed the cap.
            StorageError: It could not be written.
        """
        along = Along(calls.steps() if calls is not None else None, booking, monthly_cap, remote)
        job = await self._tools.ledger.transition(self.job.id, {self.job.state}, to, along=along, **changes)
        if calls is not None:
            self.calls = calls
        before = (self.needs_place, self.is_starting)
        self.publish(job)
        if (self.needs_place, self.is_starting) < before:
            self._tools.on_room()

    async def note(self, calls: Calls) -> None:
        """Commit what changed about the calls.

        Raises:
            StorageError: It could not be written.
        """
        await self._tools.ledger.set_steps(self.job.id, calls.steps())
        self.calls = calls

    def publish(self, job: Job) -> None:
        """Tell where the job stands now."""
        self.job = job
        self._tools.bus.publish(JobChanged(job))

    def say(self, error: FaceSwapError, *, is_error: bool = False, hold: Hold | None = None) -> None:
        """Tell the user of an error that does not end the job."""
        self._tools.bus.publish(Noticed(error.message, error.hint, is_error, hold))

    def say_once(self, error: FaceSwapError, hold: Hold) -> None:
        """Tell the user why jobs of a provider wait; not for each of hundreds of them."""
        key, now = (self.job.recipe.provider, hold), time.monotonic()
        if now - self._tools.said.get(key, -math.inf) > _SAY_AGAIN_S:
            self._tools.said[key] = now
            self.say(error, hold=hold)

    # ------------------------------------------------------------------------------------------- what becomes of it

    async def put_back(
        self,
        *,
        forget_starts: bool = False,
        hold: Hold | None = None,
        why: Failure | None = None,
        retry_at: float | None = None,
        keep_prepared: bool = False,
    ) -> None:
        """Queue the job again: it starts over, or goes on from what is done, taken by a provider, or kept.

        Only for a call that is known not to have been taken: what was booked for it is taken back.
        """
        await self.reread()
        if self.job.state.is_final or self.job.state is JobState.QUEUED:
            return
        calls, booking = self._not_taken(keep_prepared=keep_prepared)
        calls = calls.afresh() if self.is_local else calls.put_back()
        if forget_starts:
            calls = calls.with_starts(0)
        if not self.keeps_work and (self.is_local or not calls.rows):
            await self.remove_scratch()
        changes: dict[str, Any] = {"attempt": max(0, self.job.attempt - (1 if forget_starts else 0))}
        if hold is not None:
            # The user's own wish to pause stays.
            changes["hold"] = self.job.hold or hold
            if why is not None and changes["hold"] is hold:
                changes["failure"] = why
        if retry_at is not None:
            changes["retry_at"] = retry_at
        await self.move(JobState.QUEUED, calls=calls, booking=booking, **changes)

    async def fail(self, failure: Failure) -> None:
        """End the job with a sentence. What is paid stays, so that another try goes on from it."""
        await self.reread()
        if self.job.state.is_final:
            return
        if self.job.state is JobState.FINISHING:
            await undo(self._tools, self.calls.finish, "")
        calls, booking = self._not_taken()
        if not self.keeps_work:
            await self.remove_scratch()
        await self.move(JobState.FAILED, calls=self._after(calls, failure.kind), booking=booking, failure=failure)
        self._tools.end(self.job.id)

    async def cancel(self) -> None:
        """Tell the provider that nobody wants the work, remove what was made, and end the job as cancelled."""
        await self.load()
        if self.job.state is JobState.FINISHING:
            await undo(self._tools, self.calls.finish, self.job.recipe.output.requested_path)
        await self._tell_provider()
        if self.job.state is JobState.SUBMITTING and self._is_maybe_paid:
            failure = maybe_charged(self.title)
            self._tools.bus.publish(Noticed(failure.message, failure.hint))
        await self.remove_scratch()
        keeping = () if self.is_local else (CallState.DONE,)
        to = JobState.DISMISSED if self.job.state is JobState.UNCONFIRMED else JobState.CANCELLED
        await self.move(to, calls=self.calls.ended(keeping=keeping), step="")
        self._tools.end(self.job.id)

    async def unconfirmed(self, failure: Failure) -> None:
        """Leave it to the user, a delivery or a poll to say what became of a call."""
        await self.reread()
        if self.job.state is not JobState.SUBMITTING:
            return
        sent = self.calls.in_state(CallState.SENT)
        calls = self.calls.unconfirmed(sent.name) if sent is not None else None
        await self.move(JobState.UNCONFIRMED, calls=calls, failure=failure)

    async def look_into_mailbox(self) -> bool:
        """Let an unconfirmed job go on with what was delivered for it: that can be quicker than the end of its call.

        Returns:
            Whether it goes on, from where it stands in the ledger now.
        """
        if self.job.state is not JobState.UNCONFIRMED:
            return False
        try:
            return await settle_from_mailbox(self.job.id, self.provider, self._tools)
        except TransitionRefused:
            return False
        except ProviderRejected as error:
            self.say(error)
            return False

    async def lost(self) -> None:
        """Start over what is gone, if that costs nothing."""
        await self.reread()
        if not self.is_local and self.job.state in {JobState.RUNNING, JobState.FETCHING}:
            taken = self.calls.in_state(CallState.ACCEPTED)
            is_paid = self.calls.has_paid if taken is None else taken.charge is not None
            if is_paid:
                await self.fail(result_expired(self.title))
                return
            await self.note(self.calls.again(taken.name) if taken is not None else self.calls.afresh())
        await self.put_back()

    async def start_over(self) -> None:
        """Queue the job again as if nothing of it had been done: who had it in hand is gone, and it costs nothing."""
        await self.reread()
        state = self.job.state
        if state.is_final or state in {JobState.FINISHING, JobState.UNCONFIRMED} or not self.calls.rows:
            return
        await self.remove_scratch()
        if self._tools.hooks.on_end is not None:
            # What was hosted went too, and what may still be delivered is of the calls before.
            await self._tools.hooks.on_end(self.job.id)
        if state is JobState.QUEUED:
            await self.note(self.calls.afresh())
        else:
            await self.move(JobState.QUEUED, calls=self.calls.afresh().with_starts(0), retry_at=0.0, step="")

    async def held_back(self, error: ProviderRejected, hold: Hold) -> None:
        """Have the job wait, and all others of its provider that would get the same answer."""
        await self.put_back(forget_starts=True, hold=hold)
        ledger, name = self._tools.ledger, self.job.recipe.provider
        self.say_once(error, hold)
        others = await ledger.holds.untouched(name)
        if hold in _OF_SOME_RECIPES and self.provider is not None:
            provider = self.provider
            others = [job for job in others if await _needs(provider, job, hold)]
        for job in await ledger.holds.hold_queued((job.id for job in others), hold):
            self._tools.bus.publish(JobChanged(job))

    async def wait_for_network(self, error: ProviderUnavailable) -> None:
        """Have the job wait where it stands, and be looked after again by itself, less and less often."""
        tries = self._tools.tries[self.job.id] = self._tools.tries[self.job.id] + 1
        when = time.time() + max(error.retry_after_s, backoff(tries, LONGEST_WAIT_S))
        self.publish(await self._tools.ledger.holds.wait_until(self.job.id, Hold.NETWORK, when))
        if tries == 1:
            self.say_once(error, Hold.NETWORK)

    async def wait_for_sandbox(self) -> None:
        """Have the job wait until the sandbox is switched to where the job belongs."""
        error = (
            ProviderUnavailable(
                message("Jobs of the sandbox wait, because it is switched off."),
                message("Switch it on in the settings, or cancel them. They never go to a real service."),
            )
            if self.job.recipe.in_sandbox
            else ProviderUnavailable(
                message("Jobs of real services wait, because the sandbox is switched on."),
                message("They go on when it is switched off. Nothing of them goes to the sandbox."),
            )
        )
        self.publish(await self._tools.ledger.holds.wait_until(self.job.id, Hold.SANDBOX, 0.0))
        self.say_once(error, Hold.SANDBOX)

    async def wait_for_signer(self, error: SignerError) -> None:
        """Have the job wait where it stands, its result whole in the scratch folder, until the signer answers.

        It is tried again by itself, but with a certificate that will not do: that is the user's to mend.
        """
        await self.reread()
        if self.job.state.is_final:
            return
        when = 0.0
        if error.kind not in _NEEDS_USER:
            tries = self._tools.tries[self.job.id] = self._tools.tries[self.job.id] + 1
            when = time.time() + backoff(tries, LONGEST_WAIT_S)
        self.publish(await self._tools.ledger.holds.wait_until(self.job.id, Hold.SIGNER, when, failure_of(error)))
        self.say_once(error, Hold.SIGNER)

    # -------------------------------------------------------------------------------------------------- small things

    def make_scratch(self) -> None:
        """Make the scratch folder.

        Raises:
            StorageError: It cannot be made.
        """
        with mapped_errors(self.scratch):
            self.scratch.mkdir(parents=True, exist_ok=True)

    async def remove_scratch(self) -> None:
        """Remove the scratch folder with all that is in it."""
        await asyncio.to_thread(shutil.rmtree, self.scratch, ignore_errors=True)

    @property
    def _is_maybe_paid(self) -> bool:
        sent = self.calls.in_state(CallState.SENT)
        return sent is not None and sent.charge is not None

    def _not_taken(self, *, keep_prepared: bool = False) -> tuple[Calls, TakenBack | None]:
        """Return the rows, and what is booked, of a job whose call was not taken while it was being sent."""
        sent = self.calls.in_state(CallState.SENT)
        if sent is None:
            return self.calls, None
        booking = self.calls.taken_back(self.job.id, sent.name)
        return (self.calls.prepared_again if keep_prepared else self.calls.refused)(sent.name), booking

    def _after(self, calls: Calls, kind: str) -> Calls:
        """Return what stays of the rows after a failure."""
        if self.is_local or kind == "expired":
            return calls.ended()
        keeping = {CallState.DONE, CallState.REFUSED}
        if not (self.job.state is JobState.RUNNING and kind in _MADE_NOTHING):
            keeping.add(CallState.ACCEPTED)
        return calls.ended(keeping=keeping)

    async def _tell_provider(self) -> None:
        handle = self.calls.last_handle(self.job.recipe.provider)
        if self.provider is None or handle is None or self.is_elsewhere:
            return
        try:
            outcome = await self.provider.cancel(handle)
        except FaceSwapError as error:
            self.say(error)
        else:
            if outcome.message is not None:
                self._tools.bus.publish(Noticed(outcome.message))


async def _needs(provider: Provider, job: Job, hold: Hold) -> bool:
    return any(need.kind.value == hold.value for need in await provider.needs(job.recipe))


def backoff(tries: int, longest: float) -> float:
    """Return how many seconds to wait before another try: growing, and not the same for all."""
    return min(longest, FIRST_RETRY_S * 2.0 ** min(tries - 1, 30)) * random.uniform(0.8, 1.2)
