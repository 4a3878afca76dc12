"""One face on the canvas: its box, its landmarks, and a label that keeps its size at any zoom.

The face colours tell faces apart; what a face *is* never hangs on colour: a paired box is solid and
carries name and picture, an unpaired one is dashed and carries its number only.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsObject, QStyleOptionGraphicsItem, QWidget

from faceswap_desktop.ui.canvas.face_label import FaceLabel, Mark
from faceswap_desktop.ui.canvas.faces import CanvasFace, points_of, rect_of
from faceswap_desktop.ui.theme.tokens import face_colour

_WHITE: Final = QColor(255, 255, 255)
_BLACK: Final = QColor(0, 0, 0)
_HALO: Final = QColor(0, 0, 0, 130)
_POINTS_FROM_PX: Final = 40.0
"""Landmarks of a face narrower than this on the screen would only be a smear."""
_THICK_FROM_PX: Final = 160.0
_ROUND_FROM_PX: Final = 300.0


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
        """Show something else of the same face: whom it becomes now, or where it is in the next frame."""
        if shown == self.shown:
            return
        if shown.face is not self.shown.face:
            self.prepareGeometryChange()
            self._rect = rect_of(shown.face.box)
            self._points = points_of(shown.face)
            self._points_rect = self._points.boundingRect()
            self.label.setPos(self._rect.topLeft())
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
        # Opaque points one pixel wide are painted a hundred times as fast as round ones, of which few fit the view.
        if on_screen >= _ROUND_FROM_PX:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for colour, width in ((_HALO, 4.6), (self._colour, 2.8)):
                painter.setPen(_cosmetic(colour, width, cap=Qt.PenCapStyle.RoundCap))
                painter.drawPoints(self._points)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            return
        painter.setPen(_cosmetic(self._colour, 1.0 if on_screen < _THICK_FROM_PX else 2.0))
        painter.drawPoints(self._points)

    def _paint_box(self, painter: QPainter) -> None:
        is_paired = self.shown.badge is not None
        is_lit = bool(self.marks & (Mark.HOVERED | Mark.DROP_TARGET | Mark.CHOSEN))
        width = (3.0 if is_paired else 2.0) + (1.0 if is_lit else 0.0)
        if Mark.DROP_TARGET in self.marks:
            tint = QColor(self._colour)
            tint.setAlpha(70)
            painter.fillRect(self._rect, tint)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(_cosmetic(_BLACK, width + 2.0))
        painter.drawRect(self._rect)
        painter.setPen(_cosmetic(self._colour, width, is_dashed=not is_paired))
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


def _cosmetic(
    colour: QColor, width: float, *, is_dashed: bool = False, cap: Qt.PenCapStyle = Qt.PenCapStyle.FlatCap
) -> QPen:
    return _pen(colour.rgba(), width, is_dashed, cap)


@lru_cache(maxsize=128)
def _pen(rgba: int, width: float, is_dashed: bool, cap: Qt.PenCapStyle) -> QPen:
    pen = QPen(QColor.fromRgba(rgba), width)
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    pen.setCapStyle(cap)
    if is_dashed:
        pen.setDashPattern([4.0, 3.0])
    return pen


__all__ = ["FaceItem", "FaceLabel", "Mark"]
