"""The ledger of live sessions, as those use it who open and close them: rows, and what they cost, in one step."""

from __future__ import annotations

import logging
import math
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.live_cloud import Session, SessionId, SessionState
from faceswap_desktop.jobs.calls import payee
from faceswap_desktop.services.live_clock import LiveClock
from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.storage.charges import Booking, Charges, TakenBack
from faceswap_desktop.storage.live_sessions import LiveSessionStore, SessionMoved

logger = logging.getLogger(__name__)

STEP: Final = "live"
"""The call's name in the book of charges."""
_ALONE_S: Final = 600.0
"""What was booked so long before may be taken from the account while a session runs."""
_ASK_LIMIT_S: Final = 10.0

GetCredits = Callable[[str], Awaitable[float | None]]
"""Given a provider's id, returns what the account has left; None where it does not tell."""


def charged_as(session_id: SessionId) -> JobId:
    """Return under which name a session stands in the book of charges, and what is hosted for it."""
    return JobId(f"live-{session_id}")


def minutes_begun(seconds: float) -> int:
    """Return how many minutes so many seconds are paid as."""
    return max(1, math.ceil(seconds / 60.0))


class SessionBook:
    """Writes down what becomes of sessions, each time before it becomes so.

    Args:
        store: The ledger.
        charges: The book of charges.
        settings: For the monthly cap and the sandbox's switch.
        credits: Asks for what is left.
        clock: What time it is.
    """

    def __init__(
        self,
        store: LiveSessionStore,
        charges: Charges,
        settings: SettingsService,
        credits: GetCredits,
        clock: LiveClock,
    ) -> None:
        self.store: Final = store
        self._charges = charges
        self._settings = settings
        self._credits = credits
        self._clock = clock

    async def begin(self, provider: str, price: float, limit_minutes: int, follows: str = "") -> Session:
        """Write a session down that is about to be asked for, with the price of its first minute.

        Raises:
            OverBudget: The monthly cap leaves no room for it.
            StorageError: It could not be written: then it must not be asked for.
        """
        session = Session(
            id=SessionId(uuid.uuid4().hex[:12]),
            provider=provider,
            state=SessionState.CREATING,
            created_at=self._clock.wall(),
            price=price,
            credits_before=await self.credits(provider),
            limit_minutes=limit_minutes,
            follows=follows,
            in_sandbox=self._settings.current.sandbox.is_on,
        )
        cap = self._settings.current.budget.monthly_cap
        await self.store.begin(session, self._line(session, price), cap)
        return session

    async def opened(self, session: Session, remote_id: str) -> Session:
        """Write down that the service has opened it."""
        line = replace(self._line(session, session.price), is_confirmed=True)
        return await self.store.move(
            session.id,
            {SessionState.CREATING},
            SessionState.OPEN,
            booking=line,
            remote_id=remote_id,
            opened_at=self._clock.wall(),
        )

    async def refused(self, session: Session) -> Session:
        """Write down that none was opened; it cost nothing."""
        line = TakenBack(charged_as(session.id), STEP, 1)
        return await self.store.move(
            session.id, {SessionState.CREATING}, SessionState.REFUSED, booking=line, closed_at=self._clock.wall()
        )

    async def unconfirmed(self, session: Session) -> Session:
        """Write down that nobody knows whether one was opened; then, what the account has now."""
        moved = await self.store.move(session.id, {SessionState.CREATING}, SessionState.UNCONFIRMED)
        if session.in_sandbox != self.in_sandbox:
            return moved
        after = await self.credits(session.provider)
        return await self.store.move(
            session.id, {SessionState.UNCONFIRMED}, SessionState.UNCONFIRMED, credits_after=after
        )

    async def count(self, session: Session, seconds: float) -> None:
        """Write down how many minutes of it have begun.

        Raises:
            StorageError: It could not be written.
        """
        credits = minutes_begun(seconds) * session.price
        await self.store.book(replace(self._line(session, credits), is_confirmed=True))

    async def closing(self, session: Session, reason: str) -> Session:
        """Write down that it is to be closed; the first reason stays."""
        known = await self.store.get(session.id) or session
        if known.state is SessionState.CLOSING:
            return known
        return await self.store.move(session.id, {SessionState.OPEN}, SessionState.CLOSING, reason=reason)

    async def closed(self, session: Session) -> Session:
        """Write down that it costs no more.

        Raises:
            StorageError: It could not be written.
        """
        try:
            # From OPEN too: that it was to be closed may not have been written, on a full disk.
            return await self.store.move(
                session.id,
                {SessionState.CLOSING, SessionState.OPEN},
                SessionState.CLOSED,
                closed_at=self._clock.wall(),
                reason=session.reason,
            )
        except SessionMoved:
            # Another program was quicker.
            return await self.store.get(session.id) or session

    async def settle(self, session: Session) -> Session:
        """Correct what a closed session has cost, where the account tells it.

        Raises:
            StorageError: It could not be written.
        """
        after = await self.credits(session.provider)
        line = await self._final_line(session, after)
        return await self.store.move(
            session.id, {SessionState.CLOSED}, SessionState.CLOSED, booking=line, credits_after=after
        )

    async def dismissed(self, session_id: SessionId) -> Session:
        """Write down that the user has taken note of a session of which nothing more can be told.

        Raises:
            SessionMoved: It is open, or over.
        """
        waiting = {SessionState.UNCONFIRMED, SessionState.CLOSING}
        return await self.store.move(session_id, waiting, SessionState.DISMISSED)

    async def may_go_on(self, session: Session) -> bool:
        """Say whether the monthly cap leaves room for one more minute of a session."""
        cap = self._settings.current.budget.monthly_cap
        name = payee(session.provider, in_sandbox=session.in_sandbox)
        return cap <= 0 or await self._charges.month_total(name) + session.price <= cap

    @property
    def in_sandbox(self) -> bool:
        """Whether services are the sandbox's at the moment."""
        return self._settings.current.sandbox.is_on

    async def credits(self, provider: str) -> float | None:
        """Return what the account has left; None where that cannot be told now."""
        try:
            return await self._clock.within(self._credits(provider), _ASK_LIMIT_S)
        except (FaceSwapError, TimeoutError):
            # The session matters more than what it costs; the table's price stands.
            return None

    def _line(self, session: Session, credits: float) -> Booking:
        name = payee(session.provider, in_sandbox=session.in_sandbox)
        return Booking(charged_as(session.id), STEP, 1, name, credits, at=session.created_at)

    async def _final_line(self, session: Session, after: float | None) -> Booking | None:
        """Return what it has cost by the account, where nothing else was taken from it meanwhile."""
        before = session.credits_before
        if before is None or after is None or after >= before or session.follows:
            return None
        name = payee(session.provider, in_sandbox=session.in_sandbox)
        meanwhile = await self._charges.between(session.created_at - _ALONE_S, self._clock.wall() + 1.0, name)
        if any(line.job != charged_as(session.id) for line in meanwhile):
            return None
        return replace(self._line(session, before - after), is_estimate=False, is_confirmed=True)
