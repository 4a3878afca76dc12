"""Pictures that come from outside: dropped, pasted, opened, or the samples."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QObject, Signal
from PySide6.QtGui import QImage, QImageWriter
from PySide6.QtWidgets import QWidget

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.messages import message
from faceswap_desktop.resources import resource_path
from faceswap_desktop.services.incoming import keep_pasted_picture, pictures_in
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.canvas.drag import files_of
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.dialogs.files import MEDIA_SUFFIXES, PICTURE_SUFFIXES, ask_for_media
from faceswap_desktop.ui.studio.library_gestures import LibraryGestures

SAMPLES: Final = {"eileen_collins.png": "Eileen Collins", "grace_hopper.jpg": "Grace Hopper"}
"""The sample pictures and whom they show."""


class Incoming(QObject):
    """Opens pictures in the Studio, or hands them to the shelf.

    Attributes:
        opened: Something was opened in the Studio.
    """

    opened = Signal()

    def __init__(self, context: AppContext, tasks: Tasks, library: LibraryGestures, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._context = context
        self._tasks = tasks
        self._library = library

    def open(self, paths: Sequence[Path]) -> None:
        """Open pictures and the pictures of folders."""
        self._tasks.start(self._open(paths))

    def ask_to_open(self) -> None:
        """Let the user choose files."""
        self._tasks.start(self._ask_to_open(), key="open")

    def open_mime(self, mime: QMimeData) -> None:
        """Open what was dropped or pasted."""
        self._tasks.start(self._open_mime(files_of(mime), _image_of(mime)))

    def add_mime(self, mime: QMimeData) -> None:
        """Put what was dropped or pasted on the shelf."""
        self._tasks.start(self._add_mime(files_of(mime), _image_of(mime)))

    def open_samples(self) -> None:
        """Open both sample pictures and put their faces on the shelf."""
        paths = {resource_path("samples", file): name for file, name in SAMPLES.items()}
        self._show(list(paths))
        self._library.add(list(paths), names=paths)

    async def _ask_to_open(self) -> None:
        if paths := await ask_for_media(self._window, self._context.window_state):
            self.open(paths)

    async def _open(self, paths: Sequence[Path]) -> list[Path]:
        found = await pictures_in(paths, MEDIA_SUFFIXES)
        if not found:
            raise InputRefused(
                message("There is no picture or video in {name}.", name=", ".join(path.name for path in paths)),
                kind="empty",
            )
        self._show(found)
        return found

    async def _open_mime(self, files: list[Path], image: QImage) -> None:
        if files:
            await self._open(files)
        elif not image.isNull():
            self._show([await self._kept(image)])

    def _show(self, paths: list[Path]) -> None:
        self._context.studio.open(paths)
        self.opened.emit()

    async def _add_mime(self, files: list[Path], image: QImage) -> None:
        if files:
            await self._library.added(await pictures_in(files, PICTURE_SUFFIXES), {})
        elif not image.isNull():
            await self._library.added([await self._kept(image)], {})

    async def _kept(self, image: QImage) -> Path:
        png = await asyncio.to_thread(_png_of, image)
        return await keep_pasted_picture(self._context.home, png)


def _image_of(mime: QMimeData) -> QImage:
    # Read now: what the clipboard holds belongs to it, and is gone a moment later.
    data = mime.imageData() if mime.hasImage() and not files_of(mime) else None
    return QImage(data) if isinstance(data, QImage) else QImage()


def _png_of(image: QImage) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    buffer.close()
    return bytes(data.data())
