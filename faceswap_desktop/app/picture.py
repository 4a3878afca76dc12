"""A picture of the window, taken by the program itself: for the demo and for the documents."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication

from faceswap_desktop.app import Start, show_window
from faceswap_desktop.app.session import Session
from faceswap_desktop.storage.paths import Home

logger = logging.getLogger(__name__)

SIZE: Final = QSize(1280, 800)
_READY_S: Final = 60.0
_QUIET_S: Final = 0.6
"""Nothing may have changed for so long before the picture is taken: thumbnails and previews come late."""

Arrange = Callable[[Start, Session], Awaitable[bool]]


def take_picture(
    to: str,
    page: str = "",
    home_folder: str | None = None,
    overrides: Sequence[str] = (),
    files: Sequence[str] = (),
) -> int:
    """Open the window, wait until it has come to rest, save a picture of it, and end.

    Args:
        to: PNG to write.
        page: Id of the page to show; empty for the one shown last.
        home_folder: As for ``run_window``.
        overrides: As for ``run_window``.
        files: As for ``run_window``.

    Returns:
        0 if the picture was written, else 1.
    """

    async def arrange(start: Start, _session: Session) -> bool:
        if page:
            start.window.show_page(page)
        await come_to_rest(start)
        return bool(start.window.grab().save(to))

    return 0 if drive(arrange, Home.find(home_folder), overrides, [Path(file).absolute() for file in files]) else 1


def drive(
    arrange: Arrange, home: Home, overrides: Sequence[str] = (), files: Sequence[Path] = (), size: QSize = SIZE
) -> bool:
    """Run the window's program, let ``arrange`` do with it what it wants, and end in order.

    Returns:
        What ``arrange`` returned; False if the window was not ready in time.
    """
    import qasync

    start = show_window(home)
    start.window.resize(size)
    session = Session(start.window, start.theme, start.hooks, home, overrides, list(files))

    async def run() -> bool:
        running = asyncio.get_running_loop().create_task(session.run())
        try:
            await asyncio.wait_for(session.ready.wait(), _READY_S)
            return await arrange(start, session)
        except TimeoutError:
            logger.exception("The window was not ready in time")
            return False
        finally:
            start.window.close()
            await running

    try:
        return bool(qasync.run(run()))
    finally:
        start.hooks.uninstall()


async def come_to_rest(start: Start) -> None:
    """Wait until the window has looked the same for a while, or for ten seconds at most."""
    before, quiet = b"", 0.0
    for _ in range(100):
        await asyncio.sleep(0.1)
        QApplication.sendPostedEvents()
        image = start.window.grab().toImage()
        now = bytes(image.constBits())
        quiet = quiet + 0.1 if now == before else 0.0
        before = now
        if quiet >= _QUIET_S:
            return
