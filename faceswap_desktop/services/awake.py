"""Keeps the computer from going to sleep while jobs or a live session run."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from faceswap_desktop.domain.events import Event, JobAdded, JobChanged, JobRemoved, SettingsChanged
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.jobs.events import EventBus
from faceswap_desktop.services.settings import SettingsService

logger = logging.getLogger(__name__)


class KeepAwake:
    """Asks the system not to sleep from the first working job to the last.

    The screen may still go dark. Where the system takes no such wish (no session bus, a server) the
    log says so once and nothing else happens.

    Attributes:
        is_heard: Whether the system took the wish when it was asked last.
    """

    def __init__(self, bus: EventBus, settings: SettingsService) -> None:
        self._settings = settings
        self._working: set[JobId] = set()
        self._held: set[str] = set()
        self._is_wanted = False
        self._has_told = False
        self.is_heard = False
        self._stack = ExitStack()
        # One thread of its own: the session bus may take its time, and what entered must leave there too.
        self._thread: ThreadPoolExecutor | None = None
        self._unsubscribe = bus.subscribe(self._on_event)
        self._turns: set[asyncio.Future[None]] = set()

    @property
    def is_wanted(self) -> bool:
        """Whether the computer is asked to stay awake."""
        return self._is_wanted

    def hold(self, name: str) -> None:
        """Keep the computer awake for something that is no job, until ``let_go`` is called with the same name."""
        self._held.add(name)
        self._settle()

    def let_go(self, name: str) -> None:
        """End what ``hold`` began; does nothing where it did not."""
        self._held.discard(name)
        self._settle()

    async def close(self) -> None:
        """Let the computer sleep again."""
        self._unsubscribe()
        self._working.clear()
        self._held.clear()
        self._settle()
        await asyncio.gather(*self._turns, return_exceptions=True)
        if self._thread is not None:
            self._thread.shutdown(wait=False)
            self._thread = None

    def _on_event(self, event: Event) -> None:
        match event:
            case JobAdded(job) | JobChanged(job):
                if job.state.is_active and job.hold is None:
                    self._working.add(job.id)
                else:
                    self._working.discard(job.id)
            case JobRemoved(job_id):
                self._working.discard(job_id)
            case SettingsChanged():
                pass
            case _:
                return
        self._settle()

    def _settle(self) -> None:
        wanted = bool(self._working or self._held) and self._settings.current.jobs.keep_awake
        if wanted == self._is_wanted:
            return
        self._is_wanted = wanted
        if self._thread is None:
            self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="keep-awake")
        turn = asyncio.get_running_loop().run_in_executor(self._thread, self._ask if wanted else self._stack.close)
        self._turns.add(turn)
        turn.add_done_callback(self._turns.discard)

    def _ask(self) -> None:
        # It would tell at length, for every job, which of the systems' ways it has tried.
        logging.getLogger("wakepy").setLevel(logging.WARNING)
        from wakepy import keep

        mode = self._stack.enter_context(keep.running(on_fail="pass"))
        self.is_heard = mode.active
        if not mode.active and not self._has_told:
            self._has_told = True
            logger.info("This system takes no wish to stay awake")
