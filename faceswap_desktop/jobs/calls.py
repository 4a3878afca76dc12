"""The calls of one job as the ledger keeps them: which are done, which a provider has, how often each was sent.

Each call of ``provider.steps`` has a row once it has begun:

    waiting → prepared → sent → accepted → done
                           ├→ refused         the provider said no, or was not reached; it cost nothing
                           └→ unconfirmed     nobody can tell whether it arrived

Before them stands the runner's own row with the count of starts, behind them the one that says where the file goes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.work import Handle, StepPlan
from faceswap_desktop.storage.charges import Booking, TakenBack
from faceswap_desktop.storage.ledger import JobStep
from faceswap_desktop.storage.remote import RemoteResult

WORK, FINISH = "work", "finish"
"""The runner's own rows: the count of starts; where the file goes."""

SIGNED_LATER: Final = "signed-later"
"""State of the last row where the file is put in its place unsigned, because the user wants it so."""

_FRESH_S: Final = 600.0
"""So long what was prepared can be used for another try; addresses of hosted files are valid for longer."""


class CallState(StrEnum):
    """Where a call stands."""

    WAITING = "waiting"
    PREPARED = "prepared"
    SENT = "sent"
    ACCEPTED = "accepted"
    DONE = "done"
    REFUSED = "refused"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True)
class Calls:
    """The rows of one job, as a value.

    Attributes:
        plans: What its provider says that has to be called.
        work: Counts the starts.
        rows: Of the calls that have begun, in order.
        finish: Where the file goes, once that is chosen.
    """

    plans: tuple[StepPlan, ...]
    work: JobStep
    rows: tuple[JobStep, ...] = ()
    finish: JobStep | None = None

    @classmethod
    def of(cls, plans: Iterable[StepPlan], steps: Iterable[JobStep]) -> Calls:
        """Read the ledger's rows."""
        found = list(steps)
        named = {step.name: step for step in found}
        rows = tuple(step for step in found if step.name not in {WORK, FINISH})
        return cls(tuple(plans), named.get(WORK, JobStep(WORK)), rows, named.get(FINISH))

    def steps(self) -> tuple[JobStep, ...]:
        """Return the rows for the ledger."""
        work = () if self.work == JobStep(WORK) else (self.work,)
        return (*work, *self.rows, *((self.finish,) if self.finish is not None else ()))

    # ------------------------------------------------------------------------------------------------ what they say

    def row(self, name: str) -> JobStep:
        """Return the row of a call; one that has not begun waits."""
        return next((row for row in self.rows if row.name == name), JobStep(name))

    def plan(self, name: str) -> StepPlan:
        """Return the plan of a call that has begun, also of one that its provider no longer plans."""
        is_paid = self.row(name).charge is not None
        return next((plan for plan in self.plans if plan.name == name), StepPlan(name, is_paid))

    def following(self) -> StepPlan | None:
        """Return the first call that is not done, or None."""
        return next((plan for plan in self.plans if self.row(plan.name).state != CallState.DONE), None)

    def in_state(self, *states: CallState) -> JobStep | None:
        """Return the first row in one of these states, or None."""
        return next((row for row in self.rows if row.state in states), None)

    @property
    def has_paid(self) -> bool:
        """Whether a provider took a call that can cost something."""
        return any(row.charge is not None and row.state in _TAKEN for row in self.rows)

    @property
    def is_signed_later(self) -> bool:
        """Whether the file is put in its place before it is signed, as the user wants it."""
        return self.finish is not None and self.finish.state == SIGNED_LATER

    def handle(self, name: str, provider: str) -> Handle:
        """Return the handle of a call; without values where there is none."""
        return Handle(provider, _part(self.row(name), "values"))

    def earlier(self, provider: str) -> dict[str, Handle]:
        """Return the handles of the calls that are done, by name."""
        return {row.name: self.handle(row.name, provider) for row in self.rows if row.state == CallState.DONE}

    def last_handle(self, provider: str) -> Handle | None:
        """Return the handle of the last call that a provider has taken, or None."""
        taken = [row for row in self.rows if row.state in _TAKEN]
        return self.handle(taken[-1].name, provider) if taken else None

    def prepared(self, name: str) -> dict[str, str]:
        """Return what was prepared for a call."""
        return _part(self.row(name), "prepared")

    def is_freshly_prepared(self, name: str) -> bool:
        """Say whether what was prepared for a call can be sent as it is."""
        row = self.row(name)
        made_at = (row.handle or {}).get("prepared_at", 0.0)
        return row.state == CallState.PREPARED and 0.0 <= time.time() - made_at < _FRESH_S

    # --------------------------------------------------------------------------------------------- what becomes of them

    def started(self) -> Calls:
        """Count one more start."""
        return replace(self, work=JobStep(WORK, "started", None, self.work.attempts + 1))

    def with_starts(self, starts: int) -> Calls:
        """Set the count of starts."""
        return replace(self, work=JobStep(WORK, self.work.state, None, starts))

    def with_finish(self, placement: Mapping[str, Any]) -> Calls:
        """Note where the file goes."""
        state = SIGNED_LATER if self.is_signed_later else "planned"
        return replace(self, finish=JobStep(FINISH, state, dict(placement), 1))

    def with_prepared(self, plan: StepPlan, prepared: Mapping[str, str]) -> Calls:
        """Note what was prepared for a call."""
        handle = {"prepared": dict(prepared), "values": {}, "prepared_at": time.time()}
        return self._with(plan.name, state=CallState.PREPARED, handle=handle)

    def sent(self, plan: StepPlan) -> Calls:
        """Note that a call is about to be sent."""
        charge = {"credits": plan.credits, "is_estimate": True} if plan.is_paid else None
        attempts = self.row(plan.name).attempts + 1
        return self._with(plan.name, state=CallState.SENT, attempts=attempts, charge=charge)

    def accepted(self, name: str, handle: Handle) -> Calls:
        """Note that a provider has taken a call."""
        return self._with(name, state=CallState.ACCEPTED, handle=self._handle_with(name, handle))

    def done(self, name: str, handle: Handle) -> Calls:
        """Note that a call's result is there."""
        charged, charge = _charged(handle), self.row(name).charge
        if charged is not None and (charged or charge is not None):
            charge = {"credits": charged, "is_estimate": False}
        return self._with(name, state=CallState.DONE, handle=self._handle_with(name, handle), charge=charge)

    def unconfirmed(self, name: str) -> Calls:
        """Note that nobody can tell what became of a call."""
        return self._with(name, state=CallState.UNCONFIRMED)

    def refused(self, name: str) -> Calls:
        """Note that a call was not taken, and cost nothing; what was prepared for it stays."""
        return self._with(name, state=CallState.REFUSED, charge=None)

    def again(self, name: str) -> Calls:
        """Have a call begin anew; it is still known how often it was sent."""
        return self._with(name, state=CallState.WAITING, handle=None, charge=None)

    def prepared_again(self, name: str) -> Calls:
        """Have a call sent again as it was prepared, where something was."""
        row = self.row(name)
        state = CallState.PREPARED if (row.handle or {}).get("prepared_at") else CallState.WAITING
        return self._with(name, state=state, charge=None)

    def put_back(self) -> Calls:
        """Return what stays when a job is queued again: calls that are done, taken or prepared, and how often sent."""
        calls = replace(self, finish=None, work=JobStep(WORK, "waiting", None, self.work.attempts))
        for row in self.rows:
            if row.state not in {CallState.DONE, CallState.ACCEPTED, CallState.PREPARED}:
                calls = calls.again(row.name)
        return calls

    def afresh(self) -> Calls:
        """Return what stays of a job that starts over: the count of starts."""
        return Calls(self.plans, JobStep(WORK, "waiting", None, self.work.attempts))

    def ended(self, *, keeping: Iterable[CallState] = ()) -> Calls:
        """Return what stays when a job ends without a result: calls in these states, and how often all was sent."""
        stays = set(keeping)
        calls = replace(self, finish=None, work=JobStep(WORK))
        for row in self.rows:
            if row.state not in stays:
                calls = calls.again(row.name)
        return calls

    # ---------------------------------------------------------------------------------------------- what goes with them

    def booking(self, job: JobId, name: str, provider: str) -> Booking | None:
        """Return the line of the book that says what a call costs; None for one that costs nothing."""
        row = self.row(name)
        if row.charge is None:
            return None
        is_confirmed = row.state in _TAKEN
        return Booking(
            job, name, row.attempts, provider, row.charge["credits"], bool(row.charge["is_estimate"]), is_confirmed
        )

    def taken_back(self, job: JobId, name: str) -> TakenBack | None:
        """Return that the line of a call goes; None for one that has none."""
        row = self.row(name)
        return None if row.charge is None else TakenBack(job, name, row.attempts)

    def remote(self, job: JobId, name: str, provider: str) -> RemoteResult:
        """Return what a call made, for whoever wants to delete it there."""
        handle = self.handle(name, provider)
        return RemoteResult(job, name, provider, dict(handle.values), time.time(), handle.expires_at)

    def _handle_with(self, name: str, handle: Handle) -> dict[str, Any]:
        return {**(self.row(name).handle or {"prepared": {}}), "values": dict(handle.values)}

    def _with(self, name: str, **changes: Any) -> Calls:
        row = replace(self.row(name), **changes)
        others = {old.name: old for old in self.rows} | {name: row}
        places = {plan.name: place for place, plan in enumerate(self.plans)}
        rows = sorted(others.values(), key=lambda one: places.get(one.name, -1))
        return replace(self, rows=tuple(one for one in rows if one.attempts or one.state != CallState.WAITING))


_TAKEN: Final = frozenset({CallState.ACCEPTED, CallState.DONE})


def payee_of(recipe: Recipe) -> str:
    """Return under which name a job's calls are booked."""
    return payee(recipe.provider, in_sandbox=recipe.in_sandbox)


def payee(provider: str, *, in_sandbox: bool) -> str:
    """Return under which name what a provider takes is booked: in the sandbox it is no money, and fills no cap."""
    return f"{provider} in the sandbox" if in_sandbox else provider


def _part(row: JobStep, name: str) -> dict[str, str]:
    return dict((row.handle or {}).get(name, {}))


def _charged(handle: Handle) -> float | None:
    try:
        charged = float(handle.values["charged"])
    except (KeyError, ValueError):
        return None
    # A sum with anything else in it would say nothing any more.
    return charged if 0.0 <= charged < math.inf else None
