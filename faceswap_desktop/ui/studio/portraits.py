"""Small pictures of the people in a video, cut out of their best frames."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Final

from PySide6.QtCore import QObject, QRect, Qt, Signal
from PySide6.QtGui import QImage, QPixmap

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.video import Identity
from faceswap_desktop.services.videos import ShownFrame, Videos
from faceswap_desktop.ui.bridge import Tasks

_EDGE: Final = 112
"""Twice what is shown, for dense screens."""
_MOST_EDGE: Final = 1920
_ROOM: Final = 0.25
"""Around the face, in shares of its longer side."""
_KEPT: Final = 200

Key = tuple[str, int, BoundingBox]


class Portraits(QObject):
    """A bounded store of pictures that fills itself, one frame after the other.

    Attributes:
        arrived: A picture has come.
    """

    arrived = Signal()

    def __init__(self, videos: Videos, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._videos = videos
        self._tasks = tasks
        self._kept: OrderedDict[Key, QPixmap] = OrderedDict()
        self._failed: set[Key] = set()
        self._wanted: OrderedDict[Key, tuple[Media, Identity]] = OrderedDict()

    def get(self, media: Media, identity: Identity) -> QPixmap | None:
        """Return a person's picture, or None and fetch it."""
        key = (media.fingerprint.quick_digest, identity.best_frame, identity.best_face.box)
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        elif key not in self._failed:
            self._wanted[key] = (media, identity)
            self._tasks.start(self._fetch(), key="portraits")
        return found

    async def _fetch(self) -> None:
        while self._wanted:
            key, (media, identity) = self._wanted.popitem(last=False)
            if key in self._kept or key in self._failed:
                continue
            box = identity.best_face.box
            longest = max(media.size.width, media.size.height)
            edge = min(_MOST_EDGE, longest, round(longest * _EDGE / max(1.0, box.width, box.height)) + 1)
            try:
                frames = await self._videos.frames(media, [identity.best_frame], max_edge=edge)
            except FaceSwapError:
                frames = ()
            image = await asyncio.to_thread(_cut, frames[0], box) if frames else QImage()
            if image.isNull():
                self._failed.add(key)
                continue
            self._kept[key] = QPixmap.fromImage(image)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            self.arrived.emit()


def image_of(frame: ShownFrame) -> QImage:
    """Return a frame as Qt's image, with pixels of its own."""
    width, height = frame.size.width, frame.size.height
    return QImage(frame.pixels, width, height, frame.stride, QImage.Format.Format_RGB888).copy()


def _cut(frame: ShownFrame, box: BoundingBox) -> QImage:
    width, height = frame.size.width, frame.size.height
    image = QImage(frame.pixels, width, height, frame.stride, QImage.Format.Format_RGB888)
    half = max(box.width, box.height) * (0.5 + _ROOM) * frame.scale
    middle_x, middle_y = box.center.x * frame.scale, box.center.y * frame.scale
    # As much as there is: a square that lies in the frame.
    half = min(half, width / 2, height / 2)
    left = min(max(middle_x - half, 0.0), width - 2 * half)
    top = min(max(middle_y - half, 0.0), height - 2 * half)
    part = image.copy(QRect(int(left), int(top), max(1, int(2 * half)), max(1, int(2 * half))))
    return part.scaled(_EDGE, _EDGE, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
