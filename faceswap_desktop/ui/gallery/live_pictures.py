"""The last rendered frame of running videos: one file per job, whose content changes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap

from faceswap_desktop.domain.job import JobId
from faceswap_desktop.ui.bridge import Tasks

_EVERY_MS: Final = 500


class LivePictures(QObject):
    """Reads each file again when it has changed, at most twice a second.

    Attributes:
        arrived: A job has another picture (its id).
    """

    arrived = Signal(str)

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._paths: dict[JobId, str] = {}
        self._versions: dict[JobId, int] = {}
        self._pixmaps: dict[JobId, QPixmap] = {}
        self._stale: set[JobId] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._go)

    def get(self, job: JobId) -> QPixmap | None:
        """Return the last picture of a job, or None."""
        return self._pixmaps.get(job)

    def note(self, job: JobId, path: str) -> None:
        """Say where a job's picture is; it may have changed."""
        if path:
            self._paths[job] = path
            self._stale.add(job)
            if not self._timer.isActive():
                self._go()

    def forget(self, job: JobId) -> None:
        """Drop a job that is over."""
        for kept in (self._paths, self._versions, self._pixmaps):
            kept.pop(job, None)
        self._stale.discard(job)

    def _go(self) -> None:
        if self._stale and not self._tasks.is_running("live-pictures"):
            self._tasks.start(self._load(), key="live-pictures")
        if self._stale:
            self._timer.start()

    async def _load(self) -> None:
        wanted, self._stale = self._stale, set()
        for job in wanted:
            path = self._paths.get(job)
            found = await asyncio.to_thread(_read, path, self._versions.get(job, 0)) if path is not None else None
            if found is not None and job in self._paths:
                self._versions[job], image = found
                self._pixmaps[job] = QPixmap.fromImage(image)
                self.arrived.emit(job)


def _read(path: str, known: int) -> tuple[int, QImage] | None:
    """Return the picture and when it was written; None where it is the known one, gone, or just being replaced."""
    try:
        written = Path(path).stat().st_mtime_ns
    except OSError:
        return None
    if written == known:
        return None
    # Our own worker wrote this file, so Qt may read it.
    image = QImage(path)
    return None if image.isNull() else (written, image)
