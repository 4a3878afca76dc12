"""One face on the canvas: its box, its landmarks, and a label that keeps its size at any zoom.

The face colours tell faces apart; what a face *is* never hangs on colour: a paired box is solid and
carries name and picture, an unpaired one is dashed and carries its number only.
"""

from __future__ import annotations

from enum import Flag, auto
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QGraphicsObject, QStyleOptionGraphicsItem, QWidget

from faceswap_desktop.ui.canvas.faces import CanvasFace, points_of, rect_of
from faceswap_desktop.ui.theme.tokens import BODY_PX, SMALL_PX, current_tokens, face_colour, on_face_colour

_DARK: Final = QColor(0, 0, 0, 150)
_WHITE: Final = QColor(255, 255, 255)
_BLACK: Final = QColor(0, 0, 0)
_POINTS_FROM_PX: Final = 40.0
"""Landmarks of a face narrower than this on the screen would only be a smear."""
_NAME_FROM_PX: Final = 36.0
_NUMBER_FROM_PX: Final = 14.0
_CHIP_PX: Final = 20.0
_SMALL_CHIP_PX: Final = 16.0
_BADGE_PX: Final = 28.0
_LABEL_WIDTH_PX: Final = 220.0
_LABEL_HEIGHT_PX: Final = 36.0


class Mark(Flag):
    """What holds for a face at the moment."""

    NONE = 0
    HOVERED = auto()
    FOCUSED = auto()
    CHOSEN = auto()
    DROP_TARGET = auto()


class FaceItem(QGraphicsObject):
    """Paints a face and answers for it to screen readers (see ``accessible.py``)."""

    def __init__(self, shown: CanvasFace) -> None:
        super().__init__()
        self.shown = shown
        self.marks = Mark.NONE
        self.is_preview_shown = False
        self._rect = rect_of(shown.face.box)
        self._points = points_of(shown.face)
        self._points_rect = self._points.boundingRect()
        self._shows_points = True
        self._colour = QColor(face_colour(shown.index))
        self.label = FaceLabel(self)
        self.label.setPos(self._rect.topLeft())
        # Small faces stay reachable inside the boxes of large ones (see ``refresh``).
        self.setObjectName(f"canvas-face-{shown.index + 1}")

    @property
    def rect(self) -> QRectF:
        """The box, in pixels of the picture."""
        return QRectF(self._rect)

    def set_shown(self, shown: CanvasFace) -> None:
        """Show something else of the same face, for example whom it becomes now."""
        if shown != self.shown:
            self.shown = shown
            self.refresh()

    def set_mark(self, mark: Mark, is_on: bool) -> None:
        """Set or clear what holds for it."""
        marks = self.marks | mark if is_on else self.marks & ~mark
        if marks != self.marks:
            self.marks = marks
            self.refresh()

    def set_layers(self, *, points: bool, numbers: bool) -> None:
        """Show or hide landmarks and numbers."""
        self._shows_points = points
        self.label.shows_number = numbers
        self.refresh()

    def set_preview_shown(self, is_shown: bool) -> None:
        """Landmarks and tint would hide the preview, so they step back while it is shown."""
        if is_shown != self.is_preview_shown:
            self.is_preview_shown = is_shown
            self.update()

    def refresh(self) -> None:
        """Paint anew, label and all."""
        self.update()
        self.label.update()
        # The label of the face that is looked at lies above those of its neighbours.
        is_looked_at = bool(self.marks & (Mark.HOVERED | Mark.FOCUSED | Mark.DROP_TARGET))
        self.setZValue((2.0 if is_looked_at else 0.0) + 1.0 / (1.0 + self.shown.face.box.area))

    def boundingRect(self) -> QRectF:
        # Cosmetic pens are as wide as the zoom makes them; this holds down to a twentieth.
        margin = max(6.0, self._rect.width() * 0.08) + 60.0
        return self._rect.united(self._points_rect).adjusted(-margin, -margin, margin, margin)

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        path.addRect(self._rect)
        return path

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Paint the marks, the landmarks and the box; ``drawPoints`` keeps fifty faces far below a frame."""
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        on_screen = self._rect.width() * zoom
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if self._shows_points and not self.is_preview_shown and on_screen >= _POINTS_FROM_PX:
            self._paint_points(painter, on_screen)
        self._paint_box(painter)
        if Mark.FOCUSED in self.marks or Mark.CHOSEN in self.marks:
            self._paint_ring(painter, zoom)

    def _paint_points(self, painter: QPainter, on_screen: float) -> None:
        width = 1.0 if on_screen < 160 else 1.6 if on_screen < 420 else 2.2
        if on_screen >= 160:
            painter.setPen(_cosmetic(QColor(0, 0, 0, 110), width + 1.4))
            painter.drawPoints(self._points)
        colour = QColor(self._colour)
        colour.setAlpha(215)
        painter.setPen(_cosmetic(colour, width))
        painter.drawPoints(self._points)

    def _paint_box(self, painter: QPainter) -> None:
        is_paired = self.shown.badge is not None
        is_lit = bool(self.marks & (Mark.HOVERED | Mark.DROP_TARGET | Mark.CHOSEN))
        width = (2.6 if is_paired else 1.8) + (1.0 if is_lit else 0.0)
        if Mark.DROP_TARGET in self.marks:
            tint = QColor(self._colour)
            tint.setAlpha(70)
            painter.fillRect(self._rect, tint)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(_cosmetic(_DARK, width + 2.0))
        painter.drawRect(self._rect)
        pen = _cosmetic(self._colour, width)
        if not is_paired:
            pen.setDashPattern([4.0, 3.0])
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawRect(self._rect)

    def _paint_ring(self, painter: QPainter, zoom: float) -> None:
        # White inside black is seen on any picture; the keyboard's ring is whole, the choice has corners.
        gap = 5.0 / zoom
        ring = self._rect.adjusted(-gap, -gap, gap, gap)
        if Mark.FOCUSED in self.marks:
            painter.setPen(_cosmetic(_BLACK, 4.0))
            painter.drawRect(ring)
            painter.setPen(_cosmetic(_WHITE, 2.0))
            painter.drawRect(ring)
        if Mark.CHOSEN in self.marks:
            self._paint_corners(painter, 7.0 / zoom)

    def _paint_corners(self, painter: QPainter, edge: float) -> None:
        painter.setPen(_cosmetic(_BLACK, 1.0))
        painter.setBrush(QBrush(_WHITE))
        rect = self._rect
        for corner in (rect.topLeft(), rect.topRight(), rect.bottomLeft(), rect.bottomRight()):
            painter.drawRect(QRectF(corner.x() - edge / 2, corner.y() - edge / 2, edge, edge))


class FaceLabel(QGraphicsItem):
    """The number and, when paired, name and picture of whom the face becomes. Always the same size.

    Attributes:
        shows_number: Whether numbers are wanted.
        zoom: Logical pixels of the screen per pixel of the picture.
        room: Pixels of the picture from the left of this box to the next label at its right.
    """

    def __init__(self, parent: FaceItem) -> None:
        super().__init__(parent)
        self.shows_number = True
        self.zoom = 1.0
        self.room = float("inf")
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    @property
    def face(self) -> FaceItem:
        """The face it belongs to."""
        parent = self.parentItem()
        if not isinstance(parent, FaceItem):
            raise TypeError("a label belongs to a face")
        return parent

    def boundingRect(self) -> QRectF:
        return QRectF(-3, -_LABEL_HEIGHT_PX - 3, _LABEL_WIDTH_PX, _LABEL_HEIGHT_PX + 6)

    def shape(self) -> QPainterPath:
        # Clicks beside the box go to what lies behind.
        return QPainterPath()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Paint above the upper left corner of the box."""
        face = self.face
        on_screen = face.rect.width() * self.zoom
        is_pointed_at = bool(face.marks & (Mark.HOVERED | Mark.FOCUSED | Mark.DROP_TARGET | Mark.CHOSEN))
        if on_screen < _NUMBER_FROM_PX and not is_pointed_at:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_wide = on_screen >= _NAME_FROM_PX or is_pointed_at
        left = 0.0
        if self.shows_number:
            edge = _CHIP_PX if is_wide else _SMALL_CHIP_PX
            self._paint_number(painter, QRectF(0, -edge - 2, edge, edge))
            left = edge + 4
        if is_wide and face.shown.badge is not None:
            # The name gives way to neighbours and to the edge of the view, unless somebody looks at this face.
            room = _LABEL_WIDTH_PX if is_pointed_at else min(self.room * self.zoom - 4, _LABEL_WIDTH_PX)
            if widget is not None:
                room = min(room, widget.width() - painter.worldTransform().dx() - 4)
            self._paint_badge(painter, left, room - left - 6)

    def _paint_number(self, painter: QPainter, chip: QRectF) -> None:
        index = self.face.shown.index
        painter.setPen(QPen(_DARK, 1.0))
        painter.setBrush(QColor(face_colour(index)))
        painter.drawRoundedRect(chip, 4, 4)
        painter.setPen(QColor(on_face_colour(index)))
        painter.setFont(_font(SMALL_PX if chip.width() >= _CHIP_PX else SMALL_PX - 2, QFont.Weight.DemiBold))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, str(index + 1))

    def _paint_badge(self, painter: QPainter, left: float, room: float) -> None:
        badge = self.face.shown.badge
        if badge is None:
            return
        font = _font(BODY_PX, QFont.Weight.DemiBold)
        metrics = QFontMetricsF(font)
        words_room = room - _BADGE_PX - 16
        name = metrics.elidedText(badge.name, Qt.TextElideMode.ElideRight, words_room) if words_room > 32 else ""
        words_width = metrics.horizontalAdvance(name) + 16 if name else 0.0
        pill = QRectF(left, -_BADGE_PX - 4, _BADGE_PX + words_width, _BADGE_PX)
        scrim = QColor(current_tokens().scrim)
        scrim.setAlpha(190)
        painter.setPen(QPen(QColor(255, 255, 255, 60), 1.0))
        painter.setBrush(scrim)
        painter.drawRoundedRect(pill, _BADGE_PX / 2, _BADGE_PX / 2)
        circle = QRectF(pill.left() + 2, pill.top() + 2, _BADGE_PX - 4, _BADGE_PX - 4)
        painter.save()
        clip = QPainterPath()
        clip.addEllipse(circle)
        painter.setClipPath(clip)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if badge.picture.isNull():
            painter.fillRect(circle, QColor(120, 120, 120))
        else:
            painter.drawPixmap(circle, badge.picture, QRectF(badge.picture.rect()))
        painter.restore()
        painter.setFont(font)
        painter.setPen(_WHITE)
        text_rect = QRectF(circle.right() + 6, pill.top(), pill.width(), pill.height())
        painter.drawText(text_rect, Qt.AlignmentFlag.AlignVCenter, name)


def _cosmetic(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    return pen


def _font(pixels: int, weight: QFont.Weight) -> QFont:
    font = QFont()
    font.setPixelSize(pixels)
    font.setWeight(weight)
    return font
