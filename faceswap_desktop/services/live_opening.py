"""Opening live sessions, and keeping count of those of one run: no one of them is ever lost sight of."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, replace

from faceswap_desktop.domain.clearance import ClearedSource
from faceswap_desktop.domain.errors import FaceSwapError, ProviderUnavailable, StorageError
from faceswap_desktop.domain.live_cloud import ChannelDoor, Session
from faceswap_desktop.domain.messages import message
from faceswap_desktop.providers.protocol import LiveFace, LiveService
from faceswap_desktop.services import live_troubles as troubles
from faceswap_desktop.services.live_clock import LiveClock
from faceswap_desktop.services.session_book import SessionBook, minutes_begun
from faceswap_desktop.services.session_closing import Closer
from faceswap_desktop.storage.charges import OverBudget

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that costs.

    Attributes:
        session: Its row.
        door: The way in.
        since: When it was opened, by the steady clock.
        minutes: How many have begun, as far as that is written down.
    """

    session: Session
    door: ChannelDoor
    since: float
    minutes: int = 1

    def age(self, clock: LiveClock) -> float:
        """Return how long it has been open, in seconds."""
        return clock.steady() - self.since


class Opening:
    """Opens the sessions of one run and closes them.

    Args:
        service: Whose they are.
        book: The ledger.
        closer: Closes for certain.
        clock: What time it is.
        limit_minutes: Kept with each.
    """

    def __init__(
        self, service: LiveService, book: SessionBook, closer: Closer, clock: LiveClock, limit_minutes: int
    ) -> None:
        self._service = service
        self._book = book
        self._closer = closer
        self._clock = clock
        self._limit_minutes = limit_minutes
        self._open: dict[str, OpenSession] = {}
        self._asking: set[asyncio.Task[OpenSession]] = set()
        self._began: float | None = None
        self._past_credits = 0.0
        self._lasted: float | None = None

    @property
    def seconds(self) -> float:
        """How long the run has had a session, those that took over included."""
        if self._began is None:
            return 0.0
        return self._lasted if self._lasted is not None else self._clock.steady() - self._began

    @property
    def credits(self) -> float:
        """What the run has cost so far, by the table of prices."""
        return self._past_credits + sum(_price_of(one) for one in self._open.values())

    async def open(self, cleared: ClearedSource, face: LiveFace, follows: str = "") -> OpenSession:
        """Ask for a session. Whoever waits may be cancelled; what was sent is brought to its end all the same.

        Raises:
            OverBudget: The monthly cap leaves no room.
            ProviderError: None was opened; with kind ``unconfirmed`` one may be.
            StorageError: The ledger cannot be written.
        """
        task = asyncio.get_running_loop().create_task(self._ask(cleared, face, follows), name="open a live session")
        self._asking.add(task)
        task.add_done_callback(self._asked)
        return await asyncio.shield(task)

    def _asked(self, task: asyncio.Task[OpenSession]) -> None:
        self._asking.discard(task)
        if not task.cancelled():
            # Whoever waited may have left.
            task.exception()

    async def _ask(self, cleared: ClearedSource, face: LiveFace, follows: str) -> OpenSession:
        service, book = self._service, self._book
        try:
            session = await book.begin(service.info.id, service.price, self._limit_minutes, follows)
        except OverBudget as error:
            # Nothing waits here for the next month.
            raise OverBudget(
                error.message, message("Raise the cap in the settings, or use another provider.")
            ) from error
        if session.in_sandbox != book.in_sandbox:
            # Switched just now: it would be opened at another place than is written down.
            await book.refused(session)
            raise troubles.switched(service.info.id)
        try:
            opened = await service.open(cleared, face)
        except ProviderUnavailable as error:
            if error.kind != "unconfirmed":
                await book.refused(session)
                raise
            raise troubles.unconfirmed(error, await book.unconfirmed(session)) from error
        except FaceSwapError:
            await book.refused(session)
            raise
        since = self._clock.steady()
        session = await self._written(session, opened.remote_id)
        if opened.door is None:
            await self._closer.close(session, "error")
            why = opened.why or message("The service said no way in.")
            raise troubles.unusable(why, service.info.id)
        self._began = since if self._began is None else self._began
        # Whose channel it is, the ledger says: nothing that a service answers makes a session one of the sandbox.
        door = replace(opened.door, in_sandbox=session.in_sandbox)
        made = self._open[session.id] = OpenSession(session, door, since)
        return made

    async def _written(self, session: Session, remote_id: str) -> Session:
        try:
            return await self._book.opened(session, remote_id)
        except StorageError:
            # What cannot be written down must not be open.
            with suppress(FaceSwapError):
                await self._service.close(remote_id)
            raise

    async def count(self) -> list[OpenSession]:
        """Write down the minutes that have begun; return the sessions with a new one."""
        changed: list[OpenSession] = []
        for key, one in list(self._open.items()):
            minutes = minutes_begun(one.age(self._clock))
            if minutes <= one.minutes:
                continue
            grown = self._open[key] = replace(one, minutes=minutes)
            changed.append(grown)
            try:
                await self._book.count(one.session, one.age(self._clock))
            except StorageError as error:
                logger.warning("the minutes of session %s could not be written: %s", one.session.id, error)
        return changed

    async def close(self, one: OpenSession, reason: str) -> Session:
        """Close a session; where that cannot be done now, it is tried again in the background."""
        await self.count()
        known = self._open.pop(one.session.id, None)
        if known is not None:
            self._past_credits += _price_of(known)
        return await self._closer.close(one.session, reason)

    async def close_all(self, reason: str) -> list[Session]:
        """Close every session that is open, also one that is only being opened now."""
        while self._asking:
            await asyncio.wait(set(self._asking))
        closed = await asyncio.gather(*(self.close(one, reason) for one in list(self._open.values())))
        self._lasted = self.seconds if self._began is not None else None
        return closed


def _price_of(one: OpenSession) -> float:
    return one.minutes * one.session.price
