"""Whether the browser that a live session at a service needs is there; light: nothing of it is loaded before that."""

from __future__ import annotations

import importlib
import logging
import os
import sys
from typing import Final

from faceswap_desktop.domain.messages import Message, foreign, message

logger = logging.getLogger(__name__)

SCHEME: Final = b"faceswap-live"
_MODULES: Final = ("QtWebChannel", "QtWebEngineCore", "QtWebEngineWidgets")
FLAGS: Final = (
    # A session goes on while another page of the window is open, as fast as before.
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--no-first-run",
    "--disable-background-networking",
)
_FLAGS_VARIABLE: Final = "QTWEBENGINE_CHROMIUM_FLAGS"
_NO_SANDBOX_VARIABLE: Final = "QTWEBENGINE_DISABLE_SANDBOX"


def available() -> Message | None:
    """Load the browser; None if it can be used, else what is missing and how to get it.

    To be called when a session is to be started, not before: it costs some tens of milliseconds and of megabytes.
    """
    try:
        for name in _MODULES:
            importlib.import_module(f"PySide6.{name}")
    except ImportError as error:
        logger.warning("QtWebEngine cannot be loaded: %s", error)
        return message(
            "Live at a service needs the browser that belongs to Qt (QtWebEngine), and it cannot be loaded: {why}. "
            "Install PySide6-Addons, and on Linux the packages libnss3, libasound2, libxcomposite1, libxdamage1, "
            "libxtst6 and libxkbfile1.",
            why=foreign(error),
        )
    return None


def prepare() -> None:
    """Set what the browser reads once, at its first page; a second call changes nothing.

    The page's own scheme is secure, so that cameras may be opened, and cannot be reached from anywhere else.
    """
    from PySide6.QtCore import QByteArray
    from PySide6.QtWebEngineCore import QWebEngineUrlScheme

    if not QWebEngineUrlScheme.schemeByName(QByteArray(SCHEME)).name().isEmpty():
        return
    scheme = QWebEngineUrlScheme(QByteArray(SCHEME))
    scheme.setSyntax(QWebEngineUrlScheme.Syntax.Host)
    scheme.setFlags(QWebEngineUrlScheme.Flag.SecureScheme | QWebEngineUrlScheme.Flag.CorsEnabled)
    QWebEngineUrlScheme.registerScheme(scheme)
    given = os.environ.get(_FLAGS_VARIABLE, "").split()
    os.environ[_FLAGS_VARIABLE] = " ".join([*given, *(flag for flag in FLAGS if flag not in given)])
    if sys.platform.startswith("linux") and os.geteuid() == 0 and _NO_SANDBOX_VARIABLE not in os.environ:
        logger.info("the browser's own sandbox is off: it does not work for root")
        os.environ[_NO_SANDBOX_VARIABLE] = "1"
