"""A notification of the system, for people who look elsewhere while jobs run."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QProcess
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from faceswap_desktop.ui.icons import APP_ICON, app_icon

if TYPE_CHECKING:
    from faceswap_desktop.domain.events import AllJobsDone


class DesktopNotice:
    """Tells that the jobs are done, unless the window is being looked at."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._tray: QSystemTrayIcon | None = None

    def tell(self, title: str, text: str) -> bool:
        """Show a notification and mark the window in the task bar.

        Returns:
            False if the window has the user's attention already or the system shows none.
        """
        if self._window.isActiveWindow():
            return False
        QApplication.alert(self._window)
        if QSystemTrayIcon.isSystemTrayAvailable():
            if self._tray is None:
                self._tray = QSystemTrayIcon(app_icon(), self._window)
                self._tray.messageClicked.connect(self._window.activateWindow)
            self._tray.show()
            self._tray.showMessage(title, text, app_icon())
            return True
        if sys.platform.startswith("linux") and (command := shutil.which("notify-send")) is not None:
            arguments = [f"--app-name={title}", f"--icon={APP_ICON}", title, text]
            return bool(QProcess.startDetached(command, arguments)[0])
        return False

    def close(self) -> None:
        """Take the tray's icon away."""
        if self._tray is not None:
            self._tray.hide()


def words_for(event: AllJobsDone) -> str:
    """Return the sentence for the end of all jobs."""
    done = _tr("1 job is done.") if event.succeeded == 1 else _tr("{n} jobs are done.").format(n=event.succeeded)
    if not event.failed:
        return done
    failed = _tr("1 job failed.") if event.failed == 1 else _tr("{n} jobs failed.").format(n=event.failed)
    return f"{done} {failed}" if event.succeeded else failed


def _tr(text: str) -> str:
    return QCoreApplication.translate("DesktopNotice", text)
