"""Thumbnails for cards, asked for while the user scrolls: the newest wish first, stale ones dropped."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPixmap

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.ui.bridge import Tasks

_KEPT: Final = 600
_WANTED: Final = 120
_AT_ONCE: Final = 2


class Thumbnails(QObject):
    """A bounded store of pixmaps that fills itself.

    Attributes:
        arrived: The key whose pixmap is there now, or is known not to come.
    """

    arrived = Signal(object)

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._pixmaps: OrderedDict[Hashable, QPixmap] = OrderedDict()
        self._failed: set[Hashable] = set()
        self._wanted: OrderedDict[Hashable, Callable[[], Awaitable[Path]]] = OrderedDict()
        self._running = 0

    def pixmap(self, key: Hashable, make: Callable[[], Awaitable[Path]]) -> QPixmap | None:
        """Return a pixmap, or None and fetch it.

        Args:
            key: What it shows; another key is another picture.
            make: Returns the picture's file; called when its turn comes.
        """
        found = self._pixmaps.get(key)
        if found is not None:
            self._pixmaps.move_to_end(key)
            return found
        if key not in self._failed:
            self._wanted[key] = make
            self._wanted.move_to_end(key)
            while len(self._wanted) > _WANTED:
                self._wanted.popitem(last=False)
            self._go()
        return None

    def is_missing(self, key: Hashable) -> bool:
        """Say whether the picture cannot be had."""
        return key in self._failed

    def forget(self, key: Hashable) -> None:
        """Ask again next time."""
        self._pixmaps.pop(key, None)
        self._failed.discard(key)

    def _go(self) -> None:
        while self._wanted and self._running < _AT_ONCE:
            key, make = self._wanted.popitem(last=True)
            self._running += 1
            self._tasks.start(self._fetch(key, make))

    async def _fetch(self, key: Hashable, make: Callable[[], Awaitable[Path]]) -> None:
        try:
            path = await make()
            # Our own worker wrote this file, so Qt may read it; in a thread, because a hundred may come at once.
            image = await asyncio.to_thread(QImage, str(path))
            if image.isNull():
                self._failed.add(key)
            else:
                self._pixmaps[key] = QPixmap.fromImage(image)
                while len(self._pixmaps) > _KEPT:
                    self._pixmaps.popitem(last=False)
        except (FaceSwapError, OSError):
            # A card without its picture says so; one strip per card would bury the rest.
            self._failed.add(key)
        finally:
            self._running -= 1
        self.arrived.emit(key)
        self._go()
