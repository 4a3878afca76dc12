"""What is written on a face: its number and whom it becomes. Always the same size, painted once and kept."""

from __future__ import annotations

from enum import Flag, auto
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap, QPixmapCache
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from faceswap_desktop.ui.canvas.faces import Badge
from faceswap_desktop.ui.theme.tokens import BODY_PX, SMALL_PX, current_tokens, face_colour, on_face_colour

if TYPE_CHECKING:
    from faceswap_desktop.ui.canvas.face_item import FaceItem

_NAME_FROM_PX: Final = 36.0
"""Width of a box on the screen from which there is room for more than a number."""
_NUMBER_FROM_PX: Final = 14.0
_CHIP_PX: Final = 20.0
_SMALL_CHIP_PX: Final = 16.0
_BADGE_PX: Final = 28.0
_WIDTH_PX: Final = 220.0
_HEIGHT_PX: Final = 36.0
_FEWEST_WORDS_PX: Final = 32.0


class Mark(Flag):
    """What holds for a face at the moment."""

    NONE = 0
    HOVERED = auto()
    FOCUSED = auto()
    CHOSEN = auto()
    DROP_TARGET = auto()


class FaceLabel(QGraphicsItem):
    """The number and, when paired, name and picture of whom the face becomes.

    Attributes:
        shows_number: Whether numbers are wanted.
        zoom: Logical pixels of the screen per pixel of the picture.
        room: Pixels of the picture from the left of this box to the next label at its right.
    """

    def __init__(self, face: FaceItem) -> None:
        super().__init__(face)
        self._face = face
        self.shows_number = True
        self.zoom = 1.0
        self.room = float("inf")
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def boundingRect(self) -> QRectF:
        return QRectF(-3, -_HEIGHT_PX - 3, _WIDTH_PX, _HEIGHT_PX + 6)

    def shape(self) -> QPainterPath:
        # Clicks beside the box go to what lies behind.
        return QPainterPath()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Paint above the upper left corner of the box."""
        shown, marks = self._face.shown, self._face.marks
        on_screen = self._face.rect.width() * self.zoom
        is_pointed_at = bool(marks & (Mark.HOVERED | Mark.FOCUSED | Mark.DROP_TARGET | Mark.CHOSEN))
        if on_screen < _NUMBER_FROM_PX and not is_pointed_at:
            return
        is_wide = on_screen >= _NAME_FROM_PX or is_pointed_at
        ratio = painter.device().devicePixelRatio()
        left = 0.0
        if self.shows_number:
            edge = _CHIP_PX if is_wide else _SMALL_CHIP_PX
            painter.drawPixmap(QPointF(-1, -edge - 3), _chip(shown.index, edge, ratio))
            left = edge + 4
        if is_wide and shown.words:
            # The name gives way to neighbours and to the edge of the view, unless somebody looks at this face.
            room = _WIDTH_PX if is_pointed_at else min(self.room * self.zoom - 4, _WIDTH_PX)
            if widget is not None:
                room = min(room, widget.width() - painter.worldTransform().dx() - 4)
            words = _fitting(shown.words, room - left - 6 - (_BADGE_PX if shown.badge is not None else 0) - 16)
            if words or shown.badge is not None:
                painter.drawPixmap(QPointF(left - 1, -_BADGE_PX - 5), _pill(shown.badge, words, ratio))


def _fitting(name: str, room: float) -> str:
    # Steps of 8 pixels: while zooming, a handful of pictures is enough.
    return _elided(name, int(room) // 8 * 8) if room > _FEWEST_WORDS_PX else ""


@lru_cache(maxsize=512)
def _elided(name: str, room: int) -> str:
    metrics = QFontMetricsF(_font(BODY_PX))
    return metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)


def _chip(index: int, edge: float, ratio: float) -> QPixmap:
    key = f"face-number:{index}:{edge}:{ratio}"
    found = QPixmap()
    if QPixmapCache.find(key, found):
        return found
    made = _empty(edge + 2, edge + 2, ratio)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    chip = QRectF(1, 1, edge, edge)
    painter.setPen(QPen(QColor(0, 0, 0, 150), 1.0))
    painter.setBrush(QColor(face_colour(index)))
    painter.drawRoundedRect(chip, 4, 4)
    painter.setPen(QColor(on_face_colour(index)))
    painter.setFont(_font(SMALL_PX if edge >= _CHIP_PX else SMALL_PX - 2))
    painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, str(index + 1))
    painter.end()
    QPixmapCache.insert(key, made)
    return made


def _pill(badge: Badge | None, words: str, ratio: float) -> QPixmap:
    scrim = QColor(current_tokens().scrim)
    picture = badge.picture if badge is not None else None
    key = f"face-pill:{picture.cacheKey() if picture is not None else 0}:{scrim.name()}:{ratio}:{words}"
    found = QPixmap()
    if QPixmapCache.find(key, found):
        return found
    font = _font(BODY_PX)
    words_width = QFontMetricsF(font).horizontalAdvance(words) + 16 if words else 0.0
    chip_width = _BADGE_PX if picture is not None else 0.0
    pill = QRectF(1, 1, chip_width + words_width, _BADGE_PX)
    made = _empty(pill.width() + 2, pill.height() + 2, ratio)
    painter = QPainter(made)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    scrim.setAlpha(190)
    painter.setPen(QPen(QColor(255, 255, 255, 60), 1.0))
    painter.setBrush(scrim)
    painter.drawRoundedRect(pill, _BADGE_PX / 2, _BADGE_PX / 2)
    if picture is not None:
        _paint_circle(painter, picture)
    painter.setFont(font)
    painter.setPen(QColor(255, 255, 255))
    painter.drawText(
        pill.adjusted(chip_width + (4 if chip_width else 8), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, words
    )
    painter.end()
    QPixmapCache.insert(key, made)
    return made


def _paint_circle(painter: QPainter, picture: QPixmap) -> None:
    circle = QRectF(3, 3, _BADGE_PX - 4, _BADGE_PX - 4)
    clip = QPainterPath()
    clip.addEllipse(circle)
    painter.save()
    painter.setClipPath(clip)
    painter.fillRect(circle, QColor(120, 120, 120))
    if not picture.isNull():
        painter.drawPixmap(circle, picture, QRectF(picture.rect()))
    painter.restore()


def _empty(width: float, height: float, ratio: float) -> QPixmap:
    made = QPixmap(round(width * ratio), round(height * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    return made


@lru_cache(maxsize=8)
def _font(pixels: int) -> QFont:
    font = QFont()
    font.setPixelSize(pixels)
    font.setWeight(QFont.Weight.DemiBold)
    return font
