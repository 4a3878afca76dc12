"""Closing live sessions for certain: tried until the service confirms it, also at the next start of the program."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Final

from faceswap_desktop.domain.errors import FaceSwapError, StorageError
from faceswap_desktop.domain.events import Noticed
from faceswap_desktop.domain.live_cloud import Session, SessionId, SessionState
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.jobs.events import EventBus
from faceswap_desktop.providers.protocol import LiveService
from faceswap_desktop.services.live_clock import LiveClock
from faceswap_desktop.services.session_book import SessionBook
from faceswap_desktop.storage.live_sessions import SessionMoved

logger = logging.getLogger(__name__)

CLOSE_LIMIT_S: Final = 20.0
"""How long one try may take."""
_WAITS_S: Final = (2.0, 5.0, 10.0, 30.0, 60.0, 120.0)
"""Between tries; then always ``_LONGEST_WAIT_S``."""
_LONGEST_WAIT_S: Final = 300.0


class Closer:
    """Closes sessions, and does not give up.

    Args:
        book: The ledger.
        services: By the providers' ids.
        bus: For what the user has to know.
        clock: For the waits.
        has_sandbox: Says whether the sandbox is there.
    """

    def __init__(
        self,
        book: SessionBook,
        services: Mapping[str, LiveService],
        bus: EventBus,
        clock: LiveClock,
        has_sandbox: Callable[[], bool],
    ) -> None:
        self._has_sandbox = has_sandbox
        self._book = book
        self._services = services
        self._bus = bus
        self._clock = clock
        self._pursuit: asyncio.Task[None] | None = None
        self._told: set[SessionId] = set()
        self._busy: dict[SessionId, asyncio.Task[Session]] = {}
        self.on_done: Callable[[], None] | None = None

    @property
    def is_pursuing(self) -> bool:
        """Whether sessions are still to be closed, and are tried again and again."""
        return self._pursuit is not None and not self._pursuit.done()

    async def close(self, session: Session, reason: str) -> Session:
        """Close a session; where that cannot be done now, it is tried again in the background.

        Returns:
            It as it stands then: ``CLOSED``, or ``CLOSING``.
        """
        try:
            session = await self._book.closing(session, reason)
        except SessionMoved:
            return await self._book.store.get(session.id) or session
        except StorageError as error:
            # It costs: closing matters more than writing. The next start finds it open, and asks once more.
            session = replace(session, reason=reason)
            logger.warning("that session %s is to be closed could not be written: %s", session.id, error)
        left = await self.attempt(session)
        if left.state is SessionState.CLOSING:
            self.pursue()
        return left

    async def attempt(self, session: Session) -> Session:
        """Try once to close a session; two who want the same wait for one try."""
        task = self._busy.get(session.id)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._attempt(session), name="close a live session")
            self._busy[session.id] = task
            task.add_done_callback(lambda _: self._busy.pop(session.id, None))
        return await asyncio.shield(task)

    async def _attempt(self, session: Session) -> Session:
        problem = await self._problem_of_closing(session)
        if problem is not None:
            self._tell_once(session, problem)
            return session
        try:
            closed = await self._book.closed(session)
        except StorageError as error:
            # Confirmed, and not written: asked once more later, which costs nothing.
            logger.warning("that session %s is closed could not be written: %s", session.id, error)
            return session
        with suppress(FaceSwapError):
            closed = await self._book.settle(closed)
        if session.id in self._told:
            self._told.discard(session.id)
            text = message("The live session of {time} is closed now.", time=clock_time(session))
            self._bus.publish(Noticed(text))
        return closed

    async def _problem_of_closing(self, session: Session) -> Message | None:
        """Ask the service to close a session; return why it did not, or None once it confirmed."""
        service = self._services.get(session.provider)
        if service is None:
            return message("there is no provider called {provider}", provider=session.provider)
        # At the other place it is not known, which would look as if it were closed.
        if session.in_sandbox and not self._has_sandbox():
            return message("it is the sandbox's, which is not there")
        if not session.in_sandbox and self._book.in_sandbox:
            return message("the sandbox is switched on")
        try:
            await self._clock.within(service.close(session.remote_id), CLOSE_LIMIT_S)
        except FaceSwapError as error:
            return error.message
        except TimeoutError:
            return message("it did not answer in time")
        return None

    def _tell_once(self, session: Session, why: Message) -> None:
        logger.warning("live session %s could not be closed: %s", session.id, why)
        # What the sandbox has costs nothing and ends with it.
        if session.id in self._told or session.in_sandbox:
            return
        self._told.add(session.id)
        self.tell(
            message(
                "The live session of {time} could not be closed, and may go on costing: {why}",
                time=clock_time(session),
                why=why.text(),
            ),
            message("It is tried again until it is confirmed, also at the next start of the program."),
        )

    def tell(self, text: Message, hint: Message | None) -> None:
        """Tell the user something that went wrong."""
        self._bus.publish(Noticed(text, hint, is_error=True))

    def pursue(self, *, anew: bool = False) -> None:
        """Try what is still to be closed again and again, in the background.

        Args:
            anew: Begin with short waits again, because something has changed that may help.
        """
        if self.is_pursuing and self._pursuit is not None:
            if not anew:
                return
            self._pursuit.cancel()
        self._pursuit = asyncio.get_running_loop().create_task(self._pursue(), name="close live sessions")

    async def _pursue(self) -> None:
        for wait in itertools.chain(_WAITS_S, itertools.repeat(_LONGEST_WAIT_S)):
            await self._clock.sleep(wait)
            try:
                left = await self.attempt_all(await self._book.store.in_states(SessionState.CLOSING))
            except FaceSwapError as error:
                logger.info("live sessions cannot be looked up: %s", error)
                continue
            if not left:
                break
        if self.on_done is not None:
            self.on_done()

    async def attempt_all(self, sessions: Iterable[Session]) -> list[Session]:
        """Try once to close sessions; return those that are not closed."""
        tried = await asyncio.gather(*(self.attempt(one) for one in sessions))
        return [one for one in tried if one.state is SessionState.CLOSING]

    async def stop(self) -> None:
        """Try no more; what is not closed is closed at the next start."""
        tasks = [task for task in (self._pursuit, *self._busy.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def clock_time(session: Session) -> str:
    """Return when a session was begun, as people write it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(session.created_at))
