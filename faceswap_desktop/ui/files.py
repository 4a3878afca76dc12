"""Showing files in the system's file manager, opening them with its programs, and pages with its browser."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.messages import message


async def show_in_folder(path: Path) -> None:
    """Open the folder of a file with the file marked where the system can do that, or a folder itself.

    Raises:
        InputRefused: It is not there any more, or the system shows nothing.
    """
    is_folder, exists = await asyncio.to_thread(lambda: (path.is_dir(), path.exists()))
    if not exists:
        raise InputRefused(message("{name} is not there any more.", name=path.name), kind="missing")
    if not is_folder and sys.platform == "win32":
        started = QProcess.startDetached("explorer", ["/select,", str(path)])[0]
    elif not is_folder and sys.platform == "darwin":
        started = QProcess.startDetached("open", ["-R", str(path)])[0]
    else:
        started = QDesktopServices.openUrl(QUrl.fromLocalFile(str(path if is_folder else path.parent)))
    if not started:
        raise InputRefused(
            message("No file manager could be opened."),
            message("The file is here: {path}", path=str(path)),
            kind="permission",
        )


async def open_file(path: Path) -> None:
    """Open a file with the program that the system has for its kind.

    Raises:
        InputRefused: It is not there any more, or there is no such program.
    """
    if not await asyncio.to_thread(path.exists):
        raise InputRefused(message("{name} is not there any more.", name=path.name), kind="missing")
    if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
        raise InputRefused(
            message("No program could be found that opens {name}.", name=path.name),
            message("The file is here: {path}", path=str(path)),
            kind="permission",
        )


def open_page(url: str) -> None:
    """Open a page of the web in the user's browser.

    Raises:
        InputRefused: There is none.
    """
    if not QDesktopServices.openUrl(QUrl(url)):
        raise InputRefused(
            message("No browser could be opened."), message("The page is here: {url}", url=url), kind="permission"
        )
