"""One run of the window's program, from its first picture to its last breath."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from faceswap_desktop.app.garbage import WindowGarbage
from faceswap_desktop.domain.errors import FaceSwapError, StorageError
from faceswap_desktop.domain.events import AllJobsDone, Noticed, SettingsChanged
from faceswap_desktop.domain.job import Hold
from faceswap_desktop.domain.messages import message
from faceswap_desktop.ui.bridge import EngineSignals, Tasks
from faceswap_desktop.ui.context import AppContext, Navigator
from faceswap_desktop.ui.desktop_notice import DesktopNotice, words_for
from faceswap_desktop.ui.job_notices import JobNotices
from faceswap_desktop.ui.notifications import Notice, Tone
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.widgets.buttons import Button, PrimaryButton
from faceswap_desktop.ui.widgets.states import EmptyState

if TYPE_CHECKING:
    from faceswap_desktop.compose import Program
    from faceswap_desktop.domain.settings import AppearanceSettings
    from faceswap_desktop.storage.paths import Home
    from faceswap_desktop.ui.failures import FailureHooks
    from faceswap_desktop.ui.main_window import MainWindow
    from faceswap_desktop.ui.theme.manager import ThemeManager

logger = logging.getLogger(__name__)


class Session(QObject):
    """Builds the program behind a window that is on the screen already, and closes it in order.

    Attributes:
        hooks: What catches bugs; uninstalled by whoever made it.
        program: The composed program; None before it is built.
        ready: Set when the pages are there.
    """

    def __init__(
        self,
        window: MainWindow,
        theme: ThemeManager,
        hooks: FailureHooks,
        home: Home,
        overrides: Sequence[str] = (),
        files: Sequence[Path] = (),
    ) -> None:
        super().__init__(window)
        self.hooks = hooks
        self.program: Program | None = None
        self.ready = asyncio.Event()
        self._window = window
        self._theme = theme
        self._home = home
        self._overrides = tuple(overrides)
        self._files = list(files)
        self._done = asyncio.Event()
        self._retry = asyncio.Event()
        self._signals: EngineSignals | None = None
        self._notice = DesktopNotice(window)
        self._tasks = Tasks(None, window.notifications)
        self._garbage = WindowGarbage(self)
        self._has_log = False
        self._closers: list[Callable[[], object]] = []
        window.closed.connect(self._done.set)

    async def run(self) -> int:
        """Live until the window is closed or the process is told to end; returns the exit code."""
        loop = asyncio.get_running_loop()
        self.hooks.watch_loop(loop)
        self._garbage.start()
        self._listen_to_system(loop)
        self._tasks.start(self._come_alive())
        try:
            await self._done.wait()
        finally:
            await self._tasks.close()
            await self._shut_down()
            self._garbage.stop()
        return 0

    async def _come_alive(self) -> None:
        while (program := await self._build()) is None:
            await self._retry.wait()
            self._retry.clear()
        self.program = program
        context = self._connect(program)
        # The window can be used from here on, before the workers stand and the Studio is as it was left.
        program.studio.expect()
        self._window.take_context(context)
        program.queue.on_visitor = self._on_visitor
        await program.start()
        if not await self._is_alone(program):
            return
        await program.studio.restore()
        if self._files:
            self._window.receive_files(self._files)
        self._window.jobs_summary.set_jobs(await program.queue.unfinished())
        for entry in self._window.entries:
            # One page per turn of the loop, so that the window keeps answering.
            await asyncio.sleep(0)
            if not entry.on_demand:
                self._window.page(entry.id)
        self.ready.set()

    async def _build(self) -> Program | None:
        try:
            # The imports take a few hundred milliseconds; in a thread they leave the window alive.
            await asyncio.to_thread(_import_program)
            from faceswap_desktop.compose import build, set_up_log

            await asyncio.to_thread(self._home.create)
            if not self._has_log:
                await asyncio.to_thread(set_up_log, self._home)
                self._has_log = True
            self.hooks.write_faults_to(self._home.log_file.with_suffix(".faults"))
            await asyncio.to_thread(_check_other_window, self._home)
            program = await build(self._home, self._overrides, is_window=True)
        except FaceSwapError as error:
            logger.warning("The program could not be built: %s", error)
            self._show_trouble(error)
            return None
        return program

    def _connect(self, program: Program) -> AppContext:
        signals = EngineSignals(program.bus, self)
        self._signals = signals
        signals.settings_changed.connect(self._on_settings)
        signals.noticed.connect(self._on_noticed)
        signals.all_jobs_done.connect(self._on_all_done)
        self._use_appearance(program.settings.current.appearance)
        context = AppContext.of(
            program,
            signals=signals,
            notifications=self._window.notifications,
            navigator=Navigator(self),
            theme=self._theme,
            window_state=self._window.state,
        )
        JobNotices(context, self._notice.tell, self)
        return context

    async def _is_alone(self, program: Program) -> bool:
        """Make way if another window was a moment faster."""
        if program.queue.is_running_here:
            return True
        try:
            await asyncio.to_thread(_check_other_window, self._home)
        except FaceSwapError as error:
            logger.info("Another window has this home")
            from faceswap_desktop.jobs.doorbell import ring

            files = [str(file) for file in self._files]
            if await asyncio.to_thread(ring, self._home, {"kind": "open", "files": files}):
                self._window.close()
            else:
                self._show_trouble(error)
            return False
        return True

    def _on_visitor(self, said: dict[str, Any]) -> None:
        """Another start of the program on this home handed its files over."""
        match said.get("kind"):
            case "open":
                self._window.come_to_front()
                if files := [Path(str(file)) for file in said.get("files", ())]:
                    self._window.receive_files(files)
            case "show":
                self._window.come_to_front()

    def _on_settings(self, event: SettingsChanged) -> None:
        self._use_appearance(event.new.appearance)

    def _use_appearance(self, appearance: AppearanceSettings) -> None:
        self._theme.apply(appearance.theme, appearance.motion)
        self._window.state.theme = appearance.theme

    def _on_noticed(self, event: Noticed) -> None:
        if event.hold is Hold.SIGNER:
            # Told of by those who see which jobs wait, so that it goes with them.
            return
        tone = Tone.ERROR if event.is_error else Tone.INFO
        self._window.notifications.message(event.message, event.hint, tone=tone)

    def _on_all_done(self, event: AllJobsDone) -> None:
        if event.succeeded or event.failed:
            self._window.notifications.post(
                Notice(
                    words_for(event),
                    Tone.WARNING if event.failed else Tone.SUCCESS,
                    button=self.tr("Show in Gallery"),
                    action=lambda: self._window.show_page("gallery"),
                    key="jobs",
                )
            )
        if self.program is not None and self.program.settings.current.jobs.notify_when_done:
            self._notice.tell("Faceswap Desktop", words_for(event))

    def _show_trouble(self, error: FaceSwapError) -> None:
        state = EmptyState("error", text_of(error.message), text_of(error.hint))
        again = PrimaryButton(self.tr("Try again"), "trouble-retry")
        folder = Button(self.tr("Show folder"), "trouble-folder")
        leave = Button(self.tr("Quit"), "trouble-quit")
        again.clicked.connect(self._retry.set)
        folder.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._home.root))))
        leave.clicked.connect(self._window.close)
        for button in (again, folder, leave):
            state.add_button(button)
        self._window.show_state(state)

    def _listen_to_system(self, loop: asyncio.AbstractEventLoop) -> None:
        for name in (signal.SIGINT, signal.SIGTERM):
            # Windows has no signal handlers in the loop; there the window's close is the only way.
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(name, self._done.set)
                self._closers.append(partial(loop.remove_signal_handler, name))

    async def _shut_down(self) -> None:
        """End in order: pages, then everything below, then the window."""
        if self._window.isVisible():
            # Told to end by a signal: the window was not closed by hand.
            self._window.state.save_geometry(self._window)
            self._window.hide()
        self._notice.close()
        await self._window.close_pages()
        if self._signals is not None:
            self._signals.close()
        if self.program is not None:
            await self.program.close()
        for close in self._closers:
            close()
        self._window.notifications.detach()
        self._window.state.save()


def _import_program() -> None:
    import faceswap_desktop.compose  # noqa: F401 - what counts is that it is imported now, in a thread


def _check_other_window(home: Home) -> None:
    """Refuse a home that a window of another process uses.

    Raises:
        StorageError: There is one.
    """
    from faceswap_desktop.storage.lease import Lease

    holder = Lease(home.lease_file).holder()
    if holder is not None and holder.kind == "window" and holder.pid != os.getpid():
        raise StorageError(
            message("Faceswap Desktop is open already, on the same folder."),
            message("Go to that window, or close it and try again."),
            kind="in-use",
        )
