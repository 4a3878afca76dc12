"""Garbage collection on the window's thread only.

Python collects cycles in whatever thread happens to allocate. A widget or timer that is part of a cycle would then be
destroyed in a thread of the database, which Qt does not allow ("Timers cannot be stopped from another thread", and
crashes). So the automatic collector is switched off and its work done before the event loop goes to sleep.
"""

from __future__ import annotations

import gc
from typing import Final

from PySide6.QtCore import QAbstractEventDispatcher, QObject

_YOUNG: Final = 5_000
"""Net allocations after which the youngest generation is collected (about a millisecond)."""

_MIDDLE: Final = 10
_OLD: Final = 10
"""Collections of one generation after which the next older one is collected with it."""


class WindowGarbage(QObject):
    """Takes the place of the automatic collector from ``start`` to ``stop``."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._dispatcher: QAbstractEventDispatcher | None = None

    def start(self) -> None:
        """Begin. What is there now (modules, classes) is for ever and not looked at again."""
        self._dispatcher = QAbstractEventDispatcher.instance()
        self._dispatcher.aboutToBlock.connect(self._on_about_to_block)
        gc.collect()
        gc.freeze()
        gc.disable()

    def stop(self) -> None:
        """Give the work back to Python."""
        if self._dispatcher is not None:
            self._dispatcher.aboutToBlock.disconnect(self._on_about_to_block)
            self._dispatcher = None
            gc.enable()
            gc.unfreeze()

    def _on_about_to_block(self) -> None:
        young, middle, old = gc.get_count()
        if young > _YOUNG:
            gc.collect(2 if old > _OLD else 1 if middle > _MIDDLE else 0)
