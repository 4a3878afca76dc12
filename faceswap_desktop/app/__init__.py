"""The window's program: start, one instance, shutdown. Paints first and builds everything else after that."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QApplication

from faceswap_desktop import __version__
from faceswap_desktop.app import features as features  # before all that follows
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.ui.failures import FailureHooks
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.notifications import Notifications
from faceswap_desktop.ui.theme.manager import ThemeManager
from faceswap_desktop.ui.window_state import WindowState

NO_SCREEN_EXIT_CODE: Final = 3
"""``ExitCode.REFUSED``; its module is not worth its import time before the first paint."""


def run_window(home_folder: str | None = None, overrides: Sequence[str] = (), files: Sequence[str] = ()) -> int:
    """Open the window and stay until it is closed.

    Args:
        home_folder: ``--home``; None for ``FACESWAP_HOME`` or the platform's places.
        overrides: ``section.key=value``, for this run only.
        files: Pictures and folders to open in the Studio.

    Returns:
        The exit code.
    """
    if not has_screen():
        # Qt would end the process with a core dump where no screen answers.
        sys.stderr.write(
            "There is no screen for the window. `faceswap-desktop --help` lists what can be done without one.\n"
        )
        return NO_SCREEN_EXIT_CODE
    home = Home.find(home_folder)
    paths = [Path(file).expanduser().absolute() for file in files]
    if hand_over(home, paths):
        return 0
    code = _run(home, overrides, paths)
    # What is left of the window in cycles goes now: at the end of Python, icons outlive what they are drawn with.
    gc.collect()
    return code


def _run(home: Home, overrides: Sequence[str], paths: Sequence[Path]) -> int:
    start = show_window(home)
    from faceswap_desktop.app.session import Session
    from faceswap_desktop.ui.loop import run_once

    session = Session(start.window, start.theme, start.hooks, home, overrides, paths)
    try:
        return run_once(session.run(), start.app)
    finally:
        start.hooks.uninstall()


def has_screen() -> bool:
    """Tell whether a window can be shown, or was asked for on a platform without screen."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


@dataclass(frozen=True, slots=True)
class Start:
    """What is there when the window is first seen."""

    app: QApplication
    window: MainWindow
    theme: ThemeManager
    hooks: FailureHooks


def show_window(home: Home) -> Start:
    """Put the window on the screen. Nothing that takes time is imported or read before that."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = _make_application()
    notifications = Notifications(app)
    hooks = FailureHooks(notifications)
    hooks.install()
    state = WindowState(home.window_state_file)
    theme = ThemeManager(app)
    theme.apply(state.theme)
    window = MainWindow(notifications, state)
    window.show()
    # The only place where events are processed by hand: no coroutine runs yet, and the first picture
    # of the window must not wait for what is imported next.
    app.processEvents()
    return Start(app, window, theme, hooks)


def _make_application() -> QApplication:
    app = QApplication(sys.argv[:1])
    app.setApplicationName("faceswap-desktop")
    app.setApplicationDisplayName("Faceswap Desktop")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("faceswap-desktop")
    # Closing the last window would stop the event loop under running coroutines.
    app.setQuitOnLastWindowClosed(False)
    return app


def hand_over(home: Home, files: Sequence[Path]) -> bool:
    """Pass files on to a window that runs on this home already, and raise it.

    Returns:
        Whether there is one.
    """
    if not home.bell_file.exists():
        return False
    from faceswap_desktop.jobs.doorbell import ring
    from faceswap_desktop.storage.lease import Lease

    holder = Lease(home.lease_file).holder()
    if holder is None or holder.kind != "window":
        return False
    message = {"kind": "open", "files": [str(file) for file in files]} if files else {"kind": "show"}
    return ring(home, message)
