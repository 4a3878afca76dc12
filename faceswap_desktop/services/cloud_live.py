"""Live sessions at services: started, changed, renewed, and closed for certain, whatever happens in between."""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from faceswap_desktop.domain.clearance import ClearedSource
from faceswap_desktop.domain.errors import FaceSwapError, InputRefused, ProviderRejected, UsageError
from faceswap_desktop.domain.events import AddressesChanged, ConsentChanged, Event, SettingsChanged
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.live_cloud import CloudLiveState, MediaLeg, Session, SessionId, SessionState
from faceswap_desktop.domain.messages import message
from faceswap_desktop.jobs.events import EventBus
from faceswap_desktop.providers.protocol import LiveFace, LiveService, ProviderInfo
from faceswap_desktop.services import live_troubles as troubles
from faceswap_desktop.services.accounts import Accounts
from faceswap_desktop.services.awake import KeepAwake
from faceswap_desktop.services.clearance import Clearance
from faceswap_desktop.services.cloud import Cloud
from faceswap_desktop.services.library import Library
from faceswap_desktop.services.live_clock import LiveClock
from faceswap_desktop.services.live_run_parts import RunParts
from faceswap_desktop.services.session_book import SessionBook
from faceswap_desktop.services.session_closing import Closer
from faceswap_desktop.services.session_tidying import END_LIMIT_S, SessionHold, Tidier
from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.storage.charges import Charges
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.lease import HolderKind, Lease
from faceswap_desktop.storage.live_sessions import LiveSessionStore, SessionMoved
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.workers.look_requests import LookAtPicture, Looked
from faceswap_desktop.workers.pool import WorkerPool

if TYPE_CHECKING:
    from faceswap_desktop.services.live_run import LiveRun

logger = logging.getLogger(__name__)

_LEFT: Final = (SessionState.CREATING, SessionState.UNCONFIRMED, SessionState.OPEN, SessionState.CLOSING)

_AWAKE: Final = "live session at a service"

OnState = Callable[[CloudLiveState], None]


class CloudLive:
    """One live session at a service at a time, in this program and all others of the same home.

    Args:
        home: For a lock, and for pictures that are looked at.
        database: The ledger and the book of charges.
        services: Whose live sessions there are, in the order in which they are offered.
        accounts: For terms and credits.
        cloud: For hosting, and to wait for the sandbox.
        clearance: The gate.
        library: Source faces.
        pool: Looks at pictures.
        settings: For caps, limits and the sandbox's switch.
        bus: For what the user has to know.
        awake: Keeps the computer from going to sleep while a session costs.
        kind: What others are told who has a session.
        clock: What time it is; for tests.

    Attributes:
        book: The ledger.
    """

    def __init__(
        self,
        home: Home,
        database: Database,
        services: Sequence[LiveService],
        accounts: Accounts,
        cloud: Cloud,
        clearance: Clearance,
        library: Library,
        pool: WorkerPool,
        settings: SettingsService,
        bus: EventBus,
        awake: KeepAwake,
        *,
        kind: HolderKind = "command line",
        clock: LiveClock | None = None,
    ) -> None:
        self._home = home
        self._services = {one.info.id: one for one in services}
        self._accounts = accounts
        self._cloud = cloud
        self._clearance = clearance
        self._library = library
        self._pool = pool
        self._settings = settings
        self._bus = bus
        self._awake = awake
        self._clock = clock or LiveClock()
        self.book = SessionBook(LiveSessionStore(database), Charges(database), settings, accounts.credits, self._clock)
        self._closer = Closer(self.book, self._services, bus, self._clock, lambda: cloud.sandbox is not None)
        self._hold = SessionHold(Lease(home.root / "live.lock", kind), self._closer)
        self._tidier = Tidier(self.book, self._closer, self._hold, cloud.ready, bus, self._clock)
        self._is_starting = False
        self._run: LiveRun | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._followers: list[OnState] = []
        self._state = CloudLiveState()
        self._unsubscribe = bus.subscribe(self._on_event)

    # --------------------------------------------------------------------------------------------------- what is known

    @property
    def state(self) -> CloudLiveState:
        """How a session stands, or how the last one ended."""
        return self._run.state if self._run is not None else self._state

    @property
    def is_closing(self) -> bool:
        """Whether sessions are still to be closed, and are tried again and again."""
        return self._closer.is_pursuing

    @property
    def services(self) -> tuple[ProviderInfo, ...]:
        """The providers that have live sessions."""
        return tuple(one.info for one in self._services.values())

    def follow(self, on_state: OnState) -> Callable[[], None]:
        """Be told of every change, and every second while a session runs; returns what ends that."""
        self._followers.append(on_state)

        def stop() -> None:
            with suppress(ValueError):
                self._followers.remove(on_state)

        return stop

    def price_per_minute(self, provider_id: str = "") -> float:
        """Return what a minute costs by the table of prices, in the provider's own unit.

        Args:
            provider_id: Whose; empty for the first that has live sessions.

        Raises:
            UsageError: It has none.
        """
        return self._service(provider_id or next(iter(self._services))).price

    def destinations(self, provider_id: str) -> tuple[str, ...]:
        """Return the host names that get the source face.

        Raises:
            UsageError: The provider has no live sessions.
        """
        return self._service(provider_id).destinations

    async def open_sessions(self) -> list[Session]:
        """Return sessions that are not known to be over, oldest first; without the one that runs here."""
        running = self.state.session.id if self._run is not None and self.state.session is not None else ""
        return [one for one in await self.book.store.in_states(*_LEFT) if one.id != running]

    async def dismiss(self, session_id: SessionId) -> None:
        """Take note of a session of which nobody knows whether it is open, or that cannot be closed.

        Raises:
            UsageError: There is none that waits for that.
        """
        try:
            await self.book.dismissed(session_id)
        except SessionMoved as error:
            raise UsageError(
                message("There is no such live session to be dismissed."), kind="no-such-session"
            ) from error

    # --------------------------------------------------------------------------------------------------------- running

    async def start(
        self, provider_id: str, source: SourceFaceId, leg: MediaLeg, limit_minutes: int | None = None
    ) -> None:
        """Open a session and join it; returns when the first swapped picture is there.

        Whoever waits may be cancelled, which stops the session.

        Args:
            provider_id: At whom.
            source: Who is put in.
            leg: The way of the pictures; it is joined here, and left when the session ends.
            limit_minutes: After so many it ends; 0 for no limit, None for what the settings say.

        Raises:
            UsageError: A session runs already (kind ``running``), or the provider has none.
            ConsentNeeded: Nobody has said who the source face is; or a photo of it is refused.
            OverBudget: The monthly cap leaves no room for a minute.
            ProviderRejected: It refused; kinds ``account``, ``terms``, ``hosting`` say what has to be set up.
            ProviderUnavailable: It cannot be reached, or it could not be joined (the kinds of ``LegTrouble``), or no
                answer came (``unconfirmed``).
            Cancelled: It was stopped before the picture was there.
        """
        service = self._service(provider_id)
        if self._run is not None or self._is_starting:
            raise troubles.already()
        self._is_starting = True
        try:
            if not await self._hold.take():
                raise troubles.elsewhere()
            folder = await asyncio.to_thread(_new_folder, self._home.scratch_folder)
            run = self._begin(service, source, leg, limit_minutes, folder)
        finally:
            self._is_starting = False
        try:
            await asyncio.shield(run.started)
        except asyncio.CancelledError:
            run.stop("stopped")
            raise

    def _begin(
        self, service: LiveService, source: SourceFaceId, leg: MediaLeg, limit_minutes: int | None, folder: Path
    ) -> LiveRun:
        if limit_minutes is None:
            limit_minutes = self._settings.current.live.minutes_limit
        hosted_as = JobId(f"live-{uuid.uuid4().hex[:12]}")

        async def ready(face: SourceFaceId) -> tuple[ClearedSource, LiveFace]:
            return await self._make_ready(service, face, hosted_as, folder)

        parts = RunParts(
            service,
            self.book,
            self._closer,
            self._clock,
            ready,
            self._clearance.source,
            self._sees,
            folder,
            self._tell,
        )
        from faceswap_desktop.services.live_run import LiveRun

        run = self._run = LiveRun(parts, source, leg, limit_minutes)
        task = asyncio.get_running_loop().create_task(
            self._live(run, folder, hosted_as), name="live session at a service"
        )
        self._awake.hold(_AWAKE)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return run

    async def change_face(self, source: SourceFaceId) -> None:
        """Put another source face in while a session runs; if that fails, the one before stays.

        Raises:
            UsageError: None runs.
            ConsentNeeded: Nobody has said who it is; or a photo of it is refused.
            InputRefused: The service does not see just one face in it.
            ProviderError: It refused, or cannot be reached.
        """
        if self._run is None:
            raise UsageError(message("No live session runs."), kind="not-running")
        await self._run.change_face(source)

    async def stop(self, reason: str = "stopped") -> None:
        """End the session; returns when it is closed, or is tried to be closed in the background."""
        if self._run is not None:
            self._run.stop(reason)
        if self._tasks:
            await asyncio.wait(set(self._tasks))

    # ------------------------------------------------------------------------------------------- before and afterwards

    def begin_tidying(self) -> None:
        """Close what earlier starts of the program left open, in the background; see ``tidy``."""
        self._tidier.begin()

    async def tidied(self) -> None:
        """Wait until what was begun in the background has been tried once; a few seconds at most."""
        await self._tidier.tried()

    async def tidy(self) -> None:
        """Close what earlier starts of the program left open; what cannot be closed now is tried again and again.

        Sessions that another program has in hand are left alone until that is gone.

        Raises:
            StorageError: The ledger cannot be read.
        """
        await self._tidier.tidy()

    async def close(self) -> None:
        """The program ends: the session is closed, or else at the next start."""
        self._unsubscribe()
        if self._run is not None:
            self._run.stop("stopped")
        if tasks := set(self._tasks):
            await asyncio.wait(tasks, timeout=END_LIMIT_S)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await self._tidier.close()
        await self._closer.stop()
        self._hold.give_up()

    # ---------------------------------------------------------------------------------------------------- small things

    async def _live(self, run: LiveRun, folder: Path, hosted_as: JobId) -> None:
        try:
            await run.live()
        finally:
            self._state = run.state
            self._run = None
            self._awake.let_go(_AWAKE)
            self._hold.let_go()
            self._tell(self._state)
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            with suppress(FaceSwapError):
                await self._cloud.hosting.release(hosted_as)

    async def _make_ready(
        self, service: LiveService, source: SourceFaceId, hosted_as: JobId, folder: Path
    ) -> tuple[ClearedSource, LiveFace]:
        face = await self._library.face(source)
        if face is None:
            raise InputRefused(message("The source face is not in the library any more."), kind="source-missing")
        cleared = await self._clearance.source(self._library.source_ref(face))
        terms = self._accounts.terms(service.info.id)
        if terms is not None:
            raise ProviderRejected(terms, message("Agree to it first."), kind="terms", provider_id=service.info.id)
        for need in await service.needs():
            raise ProviderRejected(need.message, need.hint, kind=need.kind.value, provider_id=service.info.id)
        files = self._library.files_of(cleared.source)
        return cleared, await service.make_ready(cleared, files, hosted_as, str(folder))

    async def _sees(self, path: str) -> bool:
        limit = self._settings.current.media.max_megapixels * 1_000_000
        looked: Looked = await self._pool.run("look_at_picture", LookAtPicture(path, limit))
        return bool(looked.sightings)

    def _service(self, provider_id: str) -> LiveService:
        found = self._services.get(provider_id)
        if found is None:
            known = ", ".join(self._services) or "-"
            raise UsageError(
                message("There are no live sessions at “{provider}”.", provider=provider_id),
                message("Providers with live sessions: {known}.", known=known),
            )
        return found

    def _tell(self, state: CloudLiveState) -> None:
        for follower in list(self._followers):
            try:
                follower(state)
            except Exception:
                # What somebody paints must not keep a session open.
                logger.exception("somebody who follows live sessions failed")

    def _on_event(self, event: Event) -> None:
        match event:
            case ConsentChanged(faces) if self._run is not None and self._run.uses(faces):
                self._run.check_consent()
            case SettingsChanged(old, new) if old.sandbox.is_on != new.sandbox.is_on:
                if self._run is not None:
                    self._run.stop("error", troubles.SWITCHED)
                elif self._closer.is_pursuing:
                    self._closer.pursue(anew=True)
            case AddressesChanged() if self._closer.is_pursuing:
                self._closer.pursue(anew=True)
            case _:
                pass


def _new_folder(scratch: Path) -> Path:
    scratch.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="live-", dir=scratch))


__all__ = ["CloudLive"]
