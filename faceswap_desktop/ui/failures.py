"""Bugs: everything unexpected ends here, in the log and as one strip with a button to copy the details."""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from PySide6.QtCore import QCoreApplication, QMessageLogContext, QObject, Qt, QtMsgType, Signal, qInstallMessageHandler
from PySide6.QtGui import QGuiApplication

from faceswap_desktop.ui.notifications import Notice, Notifications, Tone

if TYPE_CHECKING:
    import asyncio
    from pathlib import Path

logger = logging.getLogger("faceswap_desktop.bug")
_qt_logger = logging.getLogger("faceswap_desktop.qt")

_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def report_bug(error: BaseException) -> None:
    """Log an unexpected exception; where hooks are installed, the user is told as well."""
    text = "".join(traceback.format_exception(error))
    logger.error("unexpected error\n%s", text)
    for hooks in _installed:
        hooks.tell(text)


class FailureHooks(QObject):
    """Catches what nobody caught, in every thread, in slots, in the loop and in Qt.

    Use ``install()`` at the start and ``uninstall()`` at the end of the program.
    """

    # Other threads report too; the strip belongs to the window's thread.
    _told = Signal(str)

    def __init__(self, notifications: Notifications) -> None:
        super().__init__(notifications)
        self._notifications = notifications
        self._told.connect(self._show, Qt.ConnectionType.QueuedConnection)
        self._restore: list[Callable[[], object]] = []
        self._fault_file: TextIO | None = None

    def install(self) -> None:
        """Take over the hooks of Python and Qt."""
        old_hook, old_thread_hook = sys.excepthook, threading.excepthook
        sys.excepthook = _on_exception
        threading.excepthook = _on_thread_exception
        old_handler = qInstallMessageHandler(_on_qt_message)
        _installed.append(self)
        self._restore = [
            lambda: setattr(sys, "excepthook", old_hook),
            lambda: setattr(threading, "excepthook", old_thread_hook),
            lambda: qInstallMessageHandler(old_handler),
        ]

    def watch_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        """Catch what a callback of the event loop raises."""
        loop.set_exception_handler(_on_loop_exception)

    def write_faults_to(self, path: Path) -> None:
        """Write where the program was if it dies of a fault (segmentation, abort) into the log's folder."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._fault_file = path.open("a", encoding="utf-8")
        except OSError as error:
            logger.info("faults are not written to %s: %s", path, error)
            return
        faulthandler.enable(self._fault_file)

    def uninstall(self) -> None:
        """Give the hooks back."""
        for restore in self._restore:
            restore()
        self._restore = []
        if self in _installed:
            _installed.remove(self)
        if self._fault_file is not None:
            faulthandler.disable()
            self._fault_file.close()
            self._fault_file = None

    def tell(self, details: str) -> None:
        """Show the strip; may be called from any thread."""
        self._told.emit(details)

    def _show(self, details: str) -> None:
        self._notifications.post(
            Notice(
                QCoreApplication.translate("Failures", "Something went wrong that should not have."),
                Tone.ERROR,
                QCoreApplication.translate("Failures", "Your work is kept. The details are in the log."),
                QCoreApplication.translate("Failures", "Copy details"),
                lambda: QGuiApplication.clipboard().setText(details),
                key="bug",
            )
        )


_installed: list[FailureHooks] = []


def _on_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if isinstance(error, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    report_bug(error.with_traceback(trace))


def _on_thread_exception(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None and not isinstance(arguments.exc_value, SystemExit):
        report_bug(arguments.exc_value)


def _on_loop_exception(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    if isinstance(error, BaseException):
        report_bug(error)
    else:
        logger.error("event loop: %s", context.get("message", context))


def _on_qt_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    _qt_logger.log(_QT_LEVELS.get(kind, logging.WARNING), "%s: %s", context.category or "qt", text)
