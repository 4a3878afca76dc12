"""One live session at a service from its opening to its closing, and those that take over from it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import replace
from typing import Final, TypeVar

from faceswap_desktop.domain.clearance import ClearedSource
from faceswap_desktop.domain.errors import ConsentNeeded, FaceSwapError, ProviderRejected
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.live_cloud import (
    JOIN_LIMIT_S,
    LONGEST_SESSION_S,
    REJOIN_LIMIT_S,
    RENEW_BEFORE_S,
    CloudLiveState,
    LegError,
    LegEvent,
    LegFigures,
    LegTrouble,
    MediaLeg,
    Session,
)
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.services import live_troubles as troubles
from faceswap_desktop.services.live_looks import LiveLooks
from faceswap_desktop.services.live_opening import Opening, OpenSession
from faceswap_desktop.services.live_run_parts import Ending, RunParts
from faceswap_desktop.services.session_book import minutes_begun

logger = logging.getLogger(__name__)

TICK_S: Final = 1.0
EARLY_S: Final = 2.0
"""So long before a minute that must not begin the session is closed: closing takes its time."""
_SLEPT_S: Final = 10.0
"""When the clock on the wall has gone on by so much more than the steady one, the computer slept."""
_STOOD_STILL_S: Final = 60.0
"""So long no tick comes only where the steady clock goes on while the computer sleeps."""
_REJOIN_EVERY_S: Final = 10.0
_LEAVE_LIMIT_S: Final = 5.0
_RENEW_AGAIN_S: Final = 60.0
_T = TypeVar("_T")


class LiveRun:
    """One live session; ``live`` is its whole life.

    Attributes:
        started: Done when the first swapped picture is there; else it has the error with which it failed.
    """

    def __init__(self, parts: RunParts, source: SourceFaceId, leg: MediaLeg, limit_minutes: int) -> None:
        self._parts = parts
        self._clock = parts.clock
        self._source = source
        self._cleared: ClearedSource | None = None
        self._leg = leg
        self._limit_s = 60.0 * limit_minutes
        self._opening = Opening(parts.service, parts.book, parts.closer, parts.clock, limit_minutes)
        self._current: OpenSession | None = None
        self._phase = "opening"
        self._figures = LegFigures()
        self._refused: Message | None = None
        self._error: Message | None = None
        self._end: Ending | None = None
        self._wake, self._stopped, self._picture = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._lost_at: float | None = None
        self._picture_lost_at: float | None = None
        self._rejoin_at = 0.0
        self._rejoining: asyncio.Task[None] | None = None
        self._wants_renewal = False
        self._renew_at = 0.0
        self._renewing: asyncio.Task[None] | None = None
        self._must_check = False
        self._turn = asyncio.Lock()
        self._last = (0.0, 0.0)
        self.started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # Whoever waited for it may have gone away.
        self.started.add_done_callback(lambda one: one.cancelled() or one.exception())
        leg.on_event, leg.on_figures = self._on_event, self._on_figures

    @property
    def state(self) -> CloudLiveState:
        """How it stands."""
        session = self._current.session if self._current is not None else None
        return CloudLiveState(
            phase="lost" if self._phase == "running" and self._lost_at is not None else self._phase,
            session=session,
            seconds=self._opening.seconds,
            credits=self._opening.credits,
            figures=self._figures,
            refused=self._refused,
            error=self._error,
        )

    def stop(self, reason: str, error: Message | None = None) -> None:
        """Have it end; the first reason counts."""
        if self._end is None:
            self._end = Ending(reason, error)
        self._stopped.set()
        self._wake.set()

    def check_consent(self) -> None:
        """Have it look again whether the source face may be used."""
        self._must_check = True
        self._wake.set()

    def uses(self, faces: tuple[SourceFaceId, ...]) -> bool:
        """Say whether one of these source faces is put in."""
        return self._source in faces

    async def change_face(self, source: SourceFaceId) -> None:
        """Put another face in.

        Raises:
            FaceSwapError: It may not be used, or the service did not take it: the one before stays.
            Cancelled: The session was stopped meanwhile.
        """
        try:
            await self._change_face(source)
        except FaceSwapError as error:
            if self._is_wished_end:
                raise troubles.stopped() from error
            raise

    async def _change_face(self, source: SourceFaceId) -> None:
        async with self._turn:
            current = self._current
            if current is None or self._end is not None:
                raise ProviderRejected(troubles.GONE, message("Start a new one."), kind="unknown")
            cleared, face = await self._parts.ready(source)
            try:
                await self._parts.service.change(current.session.remote_id, cleared, face)
            except ProviderRejected as error:
                if error.kind == "unknown":
                    self.stop("error", troubles.GONE)
                raise
            self._source, self._cleared = source, cleared

    # ------------------------------------------------------------------------------------------------------ its life

    async def live(self) -> None:
        """Open, join, run and close. Never raises: ``started`` and ``state`` say what became of it."""
        looking: asyncio.Task[None] | None = None
        try:
            await self._begin()
            self.started.set_result(None)
            looks = LiveLooks(self._leg, self._parts.look, self._parts.folder, self._on_refused, self._clock)
            looking = asyncio.get_running_loop().create_task(looks.run(), name="look at a live session")
            await self._go_on()
        except Ending as ending:
            await self._finish(ending, None)
        except FaceSwapError as error:
            await self._finish(Ending("error", error.message), error)
        except Exception:
            logger.exception("a live session failed")
            await self._finish(Ending("error", message("Something unexpected went wrong. The log has it.")), None)
        finally:
            for task in (looking, self._rejoining, self._renewing):
                if task is not None:
                    task.cancel()

    async def _begin(self) -> None:
        self._set("opening")
        cleared, face = await self._unless_stopped(self._parts.ready(self._source))
        self._cleared = cleared
        # From here on nothing is broken off: what was sent is to be answered.
        opened = self._current = await self._opening.open(cleared, face)
        self._check_stopped()
        self._set("joining")
        try:
            await self._clock.within(self._unless_stopped(self._leg.join(opened.door)), JOIN_LIMIT_S)
        except (LegError, TimeoutError) as error:
            # Whoever stops it may take the page away at the same moment.
            self._check_stopped()
            trouble = error if isinstance(error, LegError) else LegError(LegTrouble.TIMEOUT)
            raise troubles.of_leg(trouble, self._provider) from error
        self._set("waiting")
        try:
            await self._clock.within(self._unless_stopped(self._picture.wait()), JOIN_LIMIT_S)
        except TimeoutError:
            raise Ending("error", troubles.NO_PICTURE) from None
        self._set("running")

    async def _go_on(self) -> None:
        self._last = self._clock.wall(), self._clock.steady()
        while True:
            self._check_stopped()
            self._check_sleep()
            await self._count()
            await self._check_consent()
            self._check_network()
            self._check_picture()
            self._check_renewal()
            self._parts.on_change(self.state)
            await self._clock.until(self._wake, TICK_S)
            self._wake.clear()

    async def _finish(self, ending: Ending, failure: FaceSwapError | None) -> None:
        self._error = ending.error
        self._end = self._end or ending
        self._set("closing")
        for task in (self._rejoining, self._renewing):
            if task is not None:
                task.cancel()
        # Both at once: it costs until it is closed.
        closed, _ = await asyncio.gather(self._close_all(ending.reason), self._leave())
        if self._current is not None:
            session = next((one for one in closed if one.id == self._current.session.id), self._current.session)
            self._current = replace(self._current, session=session)
        self._phase = "off"
        if not self.started.done():
            self.started.set_exception(failure or troubles.ended(ending.error, self._provider, ending.reason))

    async def _close_all(self, reason: str) -> list[Session]:
        try:
            return await self._opening.close_all(reason)
        except FaceSwapError:
            # The rows say that they are open: the next start closes them.
            logger.exception("live sessions could not be closed")
            return []

    async def _leave(self) -> None:
        with suppress(Exception):
            await self._clock.within(self._leg.leave(), _LEAVE_LIMIT_S)

    # ---------------------------------------------------------------------------------------------------- every second

    def _check_stopped(self) -> None:
        if self._end is not None:
            raise self._end

    def _check_sleep(self) -> None:
        wall, steady = self._clock.wall(), self._clock.steady()
        by_wall, by_steady = wall - self._last[0], steady - self._last[1]
        self._last = wall, steady
        if by_wall - by_steady > _SLEPT_S or by_steady > _STOOD_STILL_S:
            raise Ending("sleep", troubles.SLEPT)

    async def _count(self) -> None:
        """Write down the minutes that have begun; end where another one must not begin."""
        for one in await self._opening.count():
            # A consent can run out by itself.
            self._must_check = True
            logger.info("live session %s is in minute %s", one.session.id, one.minutes)
        total, current = self._opening.seconds, self._open
        if self._limit_s and total >= self._limit_s - EARLY_S:
            minutes = round(self._limit_s / 60)
            raise Ending("limit", message("The limit of {minutes} minutes is reached.", minutes=minutes))
        age = current.age(self._clock)
        is_near = minutes_begun(age) < minutes_begun(age + EARLY_S)
        if is_near and not await self._parts.book.may_go_on(current.session):
            raise Ending("limit", troubles.CAP_REACHED)
        if age >= LONGEST_SESSION_S:
            raise Ending("limit", troubles.HOUR_OVER)

    async def _check_consent(self) -> None:
        if not self._must_check or self._cleared is None:
            return
        self._must_check = False
        try:
            await self._parts.let_through(self._cleared.source)
        except ConsentNeeded as error:
            raise Ending("error", error.message) from error
        except FaceSwapError as error:
            logger.info("the source face cannot be looked up now: %s", error)

    def _check_network(self) -> None:
        if self._lost_at is None:
            return
        now = self._clock.steady()
        if now - self._lost_at >= REJOIN_LIMIT_S:
            raise Ending("network", troubles.LOST)
        if now >= self._rejoin_at and self._is_idle(self._rejoining):
            self._rejoin_at = now + _REJOIN_EVERY_S
            self._rejoining = asyncio.get_running_loop().create_task(self._rejoin(), name="rejoin a live session")

    async def _rejoin(self) -> None:
        try:
            await self._leg.rejoin()
        except LegError as error:
            logger.info("the live session could not be joined again: %s", error)
            return
        self._on_event(LegEvent.BACK)

    def _check_picture(self) -> None:
        since = self._picture_lost_at
        if since is not None and self._lost_at is None and self._clock.steady() - since >= REJOIN_LIMIT_S:
            raise Ending("error", troubles.PICTURE_GONE)

    # ------------------------------------------------------------------------------------------------------- renewal

    def _check_renewal(self) -> None:
        age, now = self._open.age(self._clock), self._clock.steady()
        is_due = self._wants_renewal or age >= LONGEST_SESSION_S - RENEW_BEFORE_S
        left = self._limit_s - self._opening.seconds if self._limit_s else LONGEST_SESSION_S
        ends_before = not self._wants_renewal and left <= LONGEST_SESSION_S - age
        if is_due and not ends_before and now >= self._renew_at and self._is_idle(self._renewing):
            self._wants_renewal = False
            self._renew_at = now + _RENEW_AGAIN_S
            self._renewing = asyncio.get_running_loop().create_task(self._renew(), name="renew a live session")

    async def _renew(self) -> None:
        """Have another session take over; where that fails, the one that runs goes on."""
        async with self._turn:
            old, new = self._open, None
            try:
                cleared, face = await self._parts.ready(self._source)
                new = await self._opening.open(cleared, face, follows=old.session.id)
                await self._clock.within(self._leg.hand_over(new.door), 2 * JOIN_LIMIT_S)
            except (FaceSwapError, LegError, TimeoutError) as error:
                await self._not_renewed(error, new)
                return
            self._current, self._cleared = new, cleared
            self._parts.on_change(self.state)
        await self._opening.close(old, "renewed")

    async def _not_renewed(self, error: Exception, new: OpenSession | None) -> None:
        if new is not None:
            await self._opening.close(new, "error")
        if isinstance(error, LegError | TimeoutError):
            trouble = error if isinstance(error, LegError) else LegError(LegTrouble.TIMEOUT)
            error = troubles.of_leg(trouble, self._provider)
        assert isinstance(error, FaceSwapError)
        if error.kind == "unconfirmed":
            # Not once more: each may be one that is open and cannot be closed.
            self._renew_at = float("inf")
        self._parts.closer.tell(troubles.not_renewed(error.message), error.hint)

    # ---------------------------------------------------------------------------------------------------- small things

    @property
    def _open(self) -> OpenSession:
        assert self._current is not None
        return self._current

    @property
    def _is_wished_end(self) -> bool:
        return self._end is not None and self._end.error is None

    @property
    def _provider(self) -> str:
        return self._parts.service.info.id

    @staticmethod
    def _is_idle(task: asyncio.Task[None] | None) -> bool:
        return task is None or task.done()

    def _set(self, phase: str) -> None:
        self._phase = phase
        self._parts.on_change(self.state)

    async def _unless_stopped(self, work: Awaitable[_T]) -> _T:
        task, stopped = asyncio.ensure_future(work), asyncio.ensure_future(self._stopped.wait())
        try:
            await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
        finally:
            for one in (task, stopped):
                one.cancel()
            await asyncio.gather(task, stopped, return_exceptions=True)
        assert self._end is not None
        raise self._end

    def _on_event(self, event: LegEvent) -> None:
        now = self._clock.steady()
        match event:
            case LegEvent.JOINED | LegEvent.BACK:
                self._lost_at = None
            case LegEvent.PICTURE:
                self._picture_lost_at = None
                self._picture.set()
            case LegEvent.PICTURE_LOST:
                self._picture_lost_at = now
            case LegEvent.LOST:
                if self._lost_at is None:
                    # The page tries by itself at first.
                    self._lost_at, self._rejoin_at = now, now + _REJOIN_EVERY_S
            case LegEvent.TOKEN_OLD:
                self._wants_renewal = True
            case LegEvent.ENDED:
                self.stop("error", troubles.PAGE_GONE)
        self._wake.set()

    def _on_figures(self, figures: LegFigures) -> None:
        self._figures = figures

    def _on_refused(self, why: Message | None) -> None:
        self._refused = why
        self._parts.on_change(self.state)
