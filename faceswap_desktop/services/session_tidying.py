"""Live sessions that earlier starts of the program left open are closed, by one program of the home at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.events import Noticed
from faceswap_desktop.domain.live_cloud import Session, SessionState
from faceswap_desktop.domain.messages import message
from faceswap_desktop.jobs.events import EventBus
from faceswap_desktop.services import live_troubles as troubles
from faceswap_desktop.services.live_clock import LiveClock
from faceswap_desktop.services.session_book import SessionBook
from faceswap_desktop.services.session_closing import Closer, clock_time
from faceswap_desktop.storage.lease import Lease

END_LIMIT_S: Final = 6.0
"""So long the end of the program waits for a session to be closed; then the next start closes it."""
_TIDY_AGAIN_S: Final = 30.0
"""So often it is looked whether another program that held sessions is gone."""


class SessionHold:
    """The right to have live sessions, and to close those of others who are gone.

    Attributes:
        is_ours: Whether this program has it.
    """

    def __init__(self, lease: Lease, closer: Closer) -> None:
        self._lease = lease
        self._closer = closer
        self._is_kept = False
        closer.on_done = self._give_back

    @property
    def is_ours(self) -> bool:
        """Whether this program has it."""
        return self._lease.is_held

    async def take(self) -> bool:
        """Take it once more; return whether that could be done."""
        return await asyncio.to_thread(self._lease.acquire)

    def let_go(self) -> None:
        """Give it back, unless sessions are still to be closed: then no other program needs to try."""
        if self._closer.is_pursuing and not self._is_kept:
            self._is_kept = True
        else:
            self._lease.release()

    def give_up(self) -> None:
        """Give it back whatever is still to be done: the program ends."""
        while self._lease.is_held:
            self._lease.release()

    def _give_back(self) -> None:
        if self._is_kept:
            self._is_kept = False
            self._lease.release()


class Tidier:
    """Closes what was left open.

    Args:
        book: The ledger.
        closer: Closes for certain.
        hold: The right to do so.
        sandbox_ready: Waits until the sandbox is there, if it is switched on.
        bus: For what the user has to know.
        clock: For the waits.
    """

    def __init__(
        self,
        book: SessionBook,
        closer: Closer,
        hold: SessionHold,
        sandbox_ready: Callable[[], Awaitable[None]],
        bus: EventBus,
        clock: LiveClock,
    ) -> None:
        self._book = book
        self._closer = closer
        self._hold = hold
        self._sandbox_ready = sandbox_ready
        self._bus = bus
        self._clock = clock
        self._first: asyncio.Task[None] | None = None
        self._later: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Do it in the background."""
        if self._first is None or self._first.done():
            self._first = asyncio.get_running_loop().create_task(self._tidy_quietly(), name="tidy live sessions")

    async def tidy(self) -> None:
        """Close what was left open; see ``CloudLive.tidy``.

        Raises:
            StorageError: The ledger cannot be read.
        """
        if not await self._tidy_once() and (self._later is None or self._later.done()):
            self._later = asyncio.get_running_loop().create_task(self._watch(), name="live sessions of others")

    async def tried(self) -> None:
        """Wait until what was begun in the background has been tried once; a few seconds at most."""
        if self._first is not None:
            await asyncio.wait({self._first}, timeout=END_LIMIT_S)

    async def close(self) -> None:
        """Give what is being closed a moment, and stop."""
        if self._first is not None and not self._first.done():
            await self.tried()
        elif self._closer.is_pursuing:
            with suppress(FaceSwapError, TimeoutError):
                async with asyncio.timeout(END_LIMIT_S):
                    await self._closer.attempt_all(await self._book.store.in_states(SessionState.CLOSING))
        tasks = [task for task in (self._first, self._later) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _tidy_quietly(self) -> None:
        try:
            await self.tidy()
        except FaceSwapError as error:
            self._bus.publish(Noticed(error.message, error.hint, is_error=True))

    async def _tidy_once(self) -> bool:
        """Return whether nothing is left to another program."""
        store = self._book.store
        unfinished = SessionState.CREATING, SessionState.OPEN, SessionState.CLOSING
        # Also where this program has a session: then it has looked already.
        if self._hold.is_ours or not await store.in_states(*unfinished):
            return True
        if not await self._hold.take():
            return False
        try:
            for one in await store.in_states(SessionState.CREATING):
                await self._note_unconfirmed(one)
            left = await store.in_states(SessionState.OPEN, SessionState.CLOSING)
            if any(one.in_sandbox for one in left):
                await self._sandbox_ready()
            for one in left:
                await self._closer.close(one, "killed")
        finally:
            self._hold.let_go()
        return True

    async def _watch(self) -> None:
        while True:
            await self._clock.sleep(_TIDY_AGAIN_S)
            with suppress(FaceSwapError):
                if await self._tidy_once():
                    return

    async def _note_unconfirmed(self, session: Session) -> None:
        known = await self._book.unconfirmed(session)
        text = message(
            "The program ended while it asked for a live session, on {time}. "
            "It may be open, and cost something. {change}",
            time=clock_time(session),
            # The terminal shows no hints.
            change=troubles.change_of(known).text(),
        )
        self._bus.publish(Noticed(text, is_error=True))
