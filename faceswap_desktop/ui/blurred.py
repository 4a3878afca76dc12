"""Blurred pictures of refused files, fetched from the workers and kept."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.services.refusals import Refusals
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.icons import IconColour, icon
from faceswap_desktop.ui.theme.tokens import RADIUS, current_tokens

_KEPT: Final = 200
Key = tuple[str, float]


class BlurredPictures(QObject):
    """A bounded store that fills itself.

    Attributes:
        arrived: A picture is there, or is known not to come.
    """

    arrived = Signal()

    def __init__(self, refusals: Refusals, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._refusals = refusals
        self._tasks = tasks
        self._kept: OrderedDict[Key, QPixmap | None] = OrderedDict()
        self._wanted: list[Key] = []

    def get(self, path: str, seconds: float = 0.0) -> QPixmap | None:
        """Return a blurred picture; None while it is fetched, and where the file is gone.

        Args:
            path: The picture or video.
            seconds: When in a video.
        """
        key = (path, round(seconds, 2))
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if key not in self._wanted:
            self._wanted.append(key)
            self._tasks.start(self._fetch(), key="blurred")
        return None

    async def _fetch(self) -> None:
        while self._wanted:
            key = self._wanted[0]
            found: QPixmap | None = None
            try:
                made = await self._refusals.blurred(*key)
            except FaceSwapError:
                # What is said beside it says enough.
                pass
            else:
                image = QImage(made.rgb, made.width, made.height, 3 * made.width, QImage.Format.Format_RGB888)
                found = QPixmap.fromImage(image)
            self._kept[key] = found
            self._wanted.remove(key)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            self.arrived.emit()


class BlurredView(QWidget):
    """Shows one blurred picture, cut to its room; an icon while there is none."""

    def __init__(self, size: QSize, object_name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name(self, object_name, title)
        self.setFixedSize(size)
        self._picture: QPixmap | None = None

    @property
    def picture(self) -> QPixmap | None:
        """What it shows."""
        return self._picture

    def set_picture(self, picture: QPixmap | None) -> None:
        """Show another one, or none."""
        if picture is not self._picture:
            self._picture = picture
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint with round corners, in the colours of the moment."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        corners = QPainterPath()
        corners.addRoundedRect(self.rect().toRectF(), RADIUS, RADIUS)
        painter.setClipPath(corners)
        painter.fillRect(self.rect(), current_tokens().pressed)
        if self._picture is not None:
            size = self._picture.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
            place = self.rect()
            place.setSize(size)
            place.moveCenter(self.rect().center())
            painter.drawPixmap(place, self._picture)
            return
        mark = self.rect().adjusted(0, 0, 0, 0)
        mark.setSize(QSize(20, 20))
        mark.moveCenter(self.rect().center())
        icon("eye", IconColour.MUTED).paint(painter, mark)
