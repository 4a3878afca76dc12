"""What the comparison of two pictures is painted with: pictures, divider, lens, words."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from faceswap_desktop.ui.canvas.picture_item import PictureLevels
from faceswap_desktop.ui.theme.tokens import GRID, SMALL_PX, current_tokens

LENS_RADIUS: Final = 110
"""Pixels of the widget."""
LENS_ZOOM: Final = 2.5
"""How much larger things are under the lens than beside it."""
_SHARP_FROM: Final = 3.0
"""From this zoom on every pixel is to be seen as it is."""
_TAG_HEIGHT: Final = 24
_HANDLE: Final = 14
_SHADE: Final = QColor(0, 0, 0, 120)
_PLATE: Final = QColor(0, 0, 0, 190)
_WHITE: Final = QColor(255, 255, 255)
_ARROW: Final = QColor(40, 40, 40)


class ComparePainter:
    """Paints upon one widget."""

    def __init__(self, painter: QPainter, area: QRectF, density: float) -> None:
        """Take a painter.

        Args:
            painter: Open on the widget.
            area: The widget's rectangle.
            density: Device pixels per pixel of the widget.
        """
        self._painter = painter
        self._area = area
        self._density = density

    def picture(self, room: QRectF, picture: PictureLevels, within: QRectF | None = None) -> None:
        """Draw what of a picture can be seen, from the level that is just large enough.

        Args:
            room: Where the whole picture would lie.
            picture: The picture.
            within: Only this part of the widget; all of it if None.
        """
        seen = room.intersected(self._area if within is None else within)
        if seen.isEmpty():
            return
        wanted = room.width() * self._density
        image = next((one for one in reversed(picture.levels) if one.width() >= wanted), picture.levels[0])
        across, down = image.width() / room.width(), image.height() / room.height()
        left, top = (seen.left() - room.left()) * across, (seen.top() - room.top()) * down
        is_smooth = wanted < picture.size.width * _SHARP_FROM
        self._painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_smooth)
        self._painter.drawImage(seen, image, QRectF(left, top, seen.width() * across, seen.height() * down))

    def divider(self, x: float, room: QRectF) -> None:
        """Draw the line between the two, with the handle that is dragged."""
        painter = self._painter
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top, bottom = max(self._area.top(), room.top()), min(self._area.bottom(), room.bottom())
        for colour, width in ((_SHADE, 4), (_WHITE, 2)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(QPointF(x, top), QPointF(x, bottom))
        middle = QPointF(x, (top + bottom) / 2)
        painter.setBrush(_WHITE)
        painter.setPen(QPen(_SHADE, 1))
        painter.drawEllipse(middle, _HANDLE, _HANDLE)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(_ARROW, 2))
        for side in (-1, 1):
            tip = middle + QPointF(side * 8, 0)
            painter.drawLine(tip, tip + QPointF(-side * 4, -4))
            painter.drawLine(tip, tip + QPointF(-side * 4, 4))

    def lens(
        self, at: QPointF, room: QRectF, pictures: tuple[PictureLevels, PictureLevels], words: tuple[str, str]
    ) -> None:
        """Draw a round glass: left half the first picture, right half the second, both enlarged round its middle.

        Args:
            at: Its middle.
            room: Where the whole picture lies.
            pictures: Usually the original and the result.
            words: What they are; only what stands before the first dot is written.
        """
        painter, (before, after) = self._painter, pictures
        whole = QRectF(at.x() - LENS_RADIUS, at.y() - LENS_RADIUS, 2 * LENS_RADIUS, 2 * LENS_RADIUS)
        left = QRectF(whole.left(), whole.top(), LENS_RADIUS, whole.height())
        circle = QPainterPath()
        circle.addEllipse(at, LENS_RADIUS, LENS_RADIUS)
        grown = QRectF(
            at.x() + (room.left() - at.x()) * LENS_ZOOM,
            at.y() + (room.top() - at.y()) * LENS_ZOOM,
            room.width() * LENS_ZOOM,
            room.height() * LENS_ZOOM,
        )
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipPath(circle)
        painter.fillRect(whole, QColor(current_tokens().canvas))
        self.picture(grown, before, within=left)
        self.picture(grown, after, within=left.translated(LENS_RADIUS, 0))
        painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, width in ((_SHADE, 4), (_WHITE, 2)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(at, LENS_RADIUS, LENS_RADIUS)
        painter.setPen(QPen(_WHITE, 1))
        painter.drawLine(at + QPointF(0, -LENS_RADIUS), at + QPointF(0, LENS_RADIUS))
        above = whole.top() + GRID >= _TAG_HEIGHT + GRID
        y = whole.top() - GRID / 2 if above else whole.bottom() - _TAG_HEIGHT + GRID / 2
        self._plate(at.x() - GRID / 2, y, words[0].split(" · ")[0], align=1.0)
        self._plate(at.x() + GRID / 2, y, words[1].split(" · ")[0], align=0.0)

    def tag(self, text: str, *, is_left: bool) -> None:
        """Write a word into an upper corner."""
        x = self._area.left() + GRID if is_left else self._area.right() - GRID
        self._plate(x, self._area.top() + GRID, text, align=0.0 if is_left else 1.0, share=0.5)

    def notice(self, text: str) -> None:
        """Write a sentence on the lower edge, shortened where it does not fit."""
        self._plate(self._area.center().x(), self._area.bottom() - GRID - _TAG_HEIGHT, text, align=0.5)

    def focus(self) -> None:
        """Draw the ring that shows where the keyboard is."""
        tokens = current_tokens()
        inset = tokens.focus_width / 2
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.setPen(QPen(QColor(tokens.focus), tokens.focus_width, j=Qt.PenJoinStyle.MiterJoin))
        self._painter.drawRect(self._area.adjusted(inset, inset, -inset, -inset))

    def _plate(self, x: float, top: float, text: str, *, align: float, share: float = 1.0) -> None:
        painter = self._painter
        font = painter.font()
        font.setPixelSize(SMALL_PX)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        most = int(self._area.width() * share) - 4 * GRID
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, most)
        width = metrics.horizontalAdvance(shown) + 2 * GRID
        box = QRectF(x - width * align, top, width, _TAG_HEIGHT)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_PLATE)
        painter.drawRoundedRect(box, 4, 4)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(_WHITE)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)
