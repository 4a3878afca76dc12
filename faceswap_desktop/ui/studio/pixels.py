"""Pixels for the canvas: fetched from the workers, kept for the pictures looked at last."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Final

from PySide6.QtCore import QObject, Signal

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.services.detection import DisplayPicture
from faceswap_desktop.services.studio import Studio
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.canvas.picture_item import PictureLevels, make_levels

_KEPT_BYTES: Final = 192 * 1024 * 1024
_KEPT_PICTURES: Final = 6


class Pixels(QObject):
    """A bounded store of decoded pictures.

    Attributes:
        arrived: The pixels of a picture are there (its key).
        failed: They cannot be had (key, ``FaceSwapError``).
    """

    arrived = Signal(str)
    failed = Signal(str, object)

    def __init__(self, studio: Studio, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._tasks = tasks
        self._kept: OrderedDict[str, PictureLevels] = OrderedDict()
        self._wanted = ""

    def get(self, key: str) -> PictureLevels | None:
        """Return a picture's pixels, or None and fetch them."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        if key and self._studio.picture(key) is not None:
            self._wanted = key
            self._tasks.start(self._fetch_wanted(), key="pixels")
        return None

    def forget(self, key: str) -> None:
        """Drop a picture that was closed."""
        self._kept.pop(key, None)

    async def _fetch_wanted(self) -> None:
        # One at a time; whoever pages through forty pictures waits for the last one only.
        while (key := self._wanted) and key not in self._kept:
            try:
                levels = await self._fetch(key)
            except FaceSwapError as error:
                self._wanted = "" if self._wanted == key else self._wanted
                self.failed.emit(key, error)
                continue
            if self._studio.picture(key) is not None:
                self._keep(key, levels)
                self.arrived.emit(key)
            if self._wanted == key:
                self._wanted = ""

    async def _fetch(self, key: str) -> PictureLevels:
        shown: list[DisplayPicture] = []
        await self._studio.display(key, shown.append)
        picture = shown[0]
        media_size = Size(picture.media.size.width, picture.media.size.height)
        return await asyncio.to_thread(make_levels, picture.pixels, picture.size, picture.stride, media_size)

    def _keep(self, key: str, levels: PictureLevels) -> None:
        self._kept[key] = levels
        while len(self._kept) > 1 and (
            len(self._kept) > _KEPT_PICTURES or sum(one.bytes_used for one in self._kept.values()) > _KEPT_BYTES
        ):
            self._kept.popitem(last=False)
