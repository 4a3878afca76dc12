"""A picture with a rectangle in it that is moved and sized by pointer and keys. Measured in the picture's pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from faceswap_desktop.ui.accessibility import announce, name
from faceswap_desktop.ui.theme.tokens import PAD, current_tokens

SMALLEST_PX: Final = 16.0
"""Of the picture; a smaller part is a slip of the hand."""
_STEP: Final = 0.01
_HANDLE: Final = 9.0
_REACH: Final = 10.0
_SHADE: Final = 150
_ARROWS: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_CURSORS: Final = {
    (-1, -1): Qt.CursorShape.SizeFDiagCursor,
    (1, 1): Qt.CursorShape.SizeFDiagCursor,
    (-1, 1): Qt.CursorShape.SizeBDiagCursor,
    (1, -1): Qt.CursorShape.SizeBDiagCursor,
    (0, -1): Qt.CursorShape.SizeVerCursor,
    (0, 1): Qt.CursorShape.SizeVerCursor,
    (-1, 0): Qt.CursorShape.SizeHorCursor,
    (1, 0): Qt.CursorShape.SizeHorCursor,
    (0, 0): Qt.CursorShape.SizeAllCursor,
}
Grip = tuple[int, int]
"""Which sides are held: -1 left or top, 1 right or bottom, 0 neither; (0, 0) moves the whole."""
_NEW: Final[Grip] = (2, 2)


class CropArea(QWidget):
    """Shows a picture, its faces, and the part that is chosen.

    Attributes:
        changed: Another part is chosen.
    """

    changed = Signal()

    def __init__(self, image: QImage, size: QSize, faces: Sequence[QRectF], parent: QWidget | None = None) -> None:
        """Make one.

        Args:
            image: What it looks like; may be smaller than the picture.
            size: Pixels of the picture.
            faces: Where faces are, in pixels of the picture.
            parent: The owner.
        """
        super().__init__(parent)
        self._image = image
        self._whole = QRectF(0, 0, size.width(), size.height())
        self._faces = list(faces)
        self._part = QRectF(self._whole)
        self._grip: Grip | None = None
        self._from = (QPointF(), QRectF())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(240, 180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        name(self, "crop-area", self.tr("Part of the picture"), self._keys_words())

    def sizeHint(self) -> QSize:
        return QSize(640, 460)

    @property
    def part(self) -> QRectF:
        """The part that is chosen, whole pixels of the picture."""
        return QRectF(self._part.toRect()).intersected(self._whole)

    @property
    def is_whole(self) -> bool:
        """Whether all of the picture is chosen."""
        return self.part == self._whole

    def value_text(self) -> str:
        """Return what is chosen, in words."""
        part = self.part
        words = self.tr("{width} × {height} pixels, {left} from the left, {top} from the top")
        return words.format(
            width=round(part.width()), height=round(part.height()), left=round(part.left()), top=round(part.top())
        )

    def set_part(self, part: QRectF) -> None:
        """Choose a part, as much of it as lies in the picture; never less than the smallest."""
        inside = part.intersected(self._whole)
        least = QSize(round(min(SMALLEST_PX, self._whole.width())), round(min(SMALLEST_PX, self._whole.height())))
        width, height = max(inside.width(), least.width()), max(inside.height(), least.height())
        left = min(max(inside.left(), 0.0), self._whole.width() - width)
        top = min(max(inside.top(), 0.0), self._whole.height() - height)
        wanted = QRectF(left, top, width, height)
        if wanted != self._part:
            self._part = wanted
            self.setAccessibleDescription(f"{self.value_text()}. {self._keys_words()}")
            self.update()
            self.changed.emit()

    def choose_whole(self) -> None:
        """Choose all of the picture."""
        self.set_part(self._whole)

    def choose_faces(self) -> None:
        """Choose a part around all faces, with room for hair and chin."""
        around = QRectF()
        for face in self._faces:
            room = max(face.width(), face.height()) * 0.5
            around = around.united(face.adjusted(-room, -room, room, room))
        if not around.isEmpty():
            self.set_part(around)

    # Painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the picture, what is left out of it darker, and the rectangle."""
        tokens = current_tokens()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens.canvas))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        where, part = self._on_screen(self._whole), self._on_screen(self._part)
        painter.drawImage(where, self._image, QRectF(self._image.rect()))
        shade = QColor(tokens.scrim)
        shade.setAlpha(_SHADE)
        for dark in (
            QRectF(where.left(), where.top(), where.width(), part.top() - where.top()),
            QRectF(where.left(), part.bottom(), where.width(), where.bottom() - part.bottom()),
            QRectF(where.left(), part.top(), part.left() - where.left(), part.height()),
            QRectF(part.right(), part.top(), where.right() - part.right(), part.height()),
        ):
            painter.fillRect(dark, shade)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for face in self._faces:
            self._paint_frame(painter, self._on_screen(face), 1, Qt.PenStyle.DashLine)
        self._paint_frame(painter, part, 2, Qt.PenStyle.SolidLine)
        for grip in _CURSORS:
            if grip != (0, 0):
                self._paint_handle(painter, self._handle(part, grip))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.focus), tokens.focus_width))
            inset = tokens.focus_width / 2
            painter.drawRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset))

    def _paint_frame(self, painter: QPainter, rect: QRectF, width: int, style: Qt.PenStyle) -> None:
        # Light on dark, so that it is seen on any picture.
        tokens = current_tokens()
        painter.setPen(QPen(QColor(tokens.scrim), width + 2))
        painter.drawRect(rect)
        painter.setPen(QPen(QColor(tokens.on_scrim), width, style))
        painter.drawRect(rect)

    def _paint_handle(self, painter: QPainter, place: QRectF) -> None:
        tokens = current_tokens()
        painter.setPen(QPen(QColor(tokens.scrim), 1))
        painter.setBrush(QColor(tokens.on_scrim))
        painter.drawRect(place)

    # Pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Hold a handle or the rectangle; dragging beside it draws a new one."""
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        at = event.position()
        self._grip = self._grip_at(at) or _NEW
        self._from = (self._in_picture(at), QRectF(self._part))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag what is held; show what could be."""
        at = event.position()
        if self._grip is None:
            self.setCursor(_CURSORS.get(self._grip_at(at) or _NEW, Qt.CursorShape.CrossCursor))
            return
        start, part = self._from
        away = self._in_picture(at) - start
        if self._grip == _NEW:
            self.set_part(QRectF(start, self._in_picture(at)).normalized())
        elif self._grip == (0, 0):
            self._move(part, away.x(), away.y())
        else:
            self._stretch(part, self._grip, away.x(), away.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip = None

    # Keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrows, size with Shift; with Ctrl pixel by pixel."""
        way = _ARROWS.get(Qt.Key(event.key()))
        if way is None:
            super().keyPressEvent(event)
            return
        is_exact = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        step = 1.0 if is_exact else max(1.0, round(max(self._whole.width(), self._whole.height()) * _STEP))
        part = QRectF(self._part)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._stretch(part, (1, 1), way[0] * step, way[1] * step)
        else:
            self._move(part, way[0] * step, way[1] * step)
        announce(self, self.value_text())

    # Inside

    def _keys_words(self) -> str:
        return self.tr("Arrow keys move it, with Shift they size it, with Ctrl pixel by pixel")

    def _move(self, part: QRectF, across: float, down: float) -> None:
        left = min(max(part.left() + across, 0.0), self._whole.width() - part.width())
        top = min(max(part.top() + down, 0.0), self._whole.height() - part.height())
        self.set_part(QRectF(left, top, part.width(), part.height()))

    def _stretch(self, part: QRectF, grip: Grip, across: float, down: float) -> None:
        left, right = _ends(part.left(), part.right(), grip[0], across, self._whole.width())
        top, bottom = _ends(part.top(), part.bottom(), grip[1], down, self._whole.height())
        self.set_part(QRectF(QPointF(left, top), QPointF(right, bottom)))

    def _placed(self) -> QRectF:
        room = QRectF(self.rect()).adjusted(PAD, PAD, -PAD, -PAD)
        size = self._whole.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        where = QRectF(QPointF(0, 0), size)
        where.moveCenter(room.center())
        return where

    def _on_screen(self, rect: QRectF) -> QRectF:
        where = self._placed()
        scale = where.width() / self._whole.width()
        return QRectF(
            where.left() + rect.left() * scale,
            where.top() + rect.top() * scale,
            rect.width() * scale,
            rect.height() * scale,
        )

    def _in_picture(self, at: QPointF) -> QPointF:
        where = self._placed()
        scale = self._whole.width() / max(where.width(), 1.0)
        x, y = (at.x() - where.left()) * scale, (at.y() - where.top()) * scale
        return QPointF(min(max(x, 0.0), self._whole.width()), min(max(y, 0.0), self._whole.height()))

    def _handle(self, part: QRectF, grip: Grip) -> QRectF:
        x = part.center().x() + grip[0] * part.width() / 2
        y = part.center().y() + grip[1] * part.height() / 2
        return QRectF(x - _HANDLE / 2, y - _HANDLE / 2, _HANDLE, _HANDLE)

    def _grip_at(self, at: QPointF) -> Grip | None:
        part = self._on_screen(self._part)
        for grip in _CURSORS:
            centre = self._handle(part, grip).center()
            is_near = abs(at.x() - centre.x()) <= _REACH and abs(at.y() - centre.y()) <= _REACH
            if grip != (0, 0) and is_near:
                return grip
        # All of the picture is not moved: dragging in it begins a part.
        return (0, 0) if part.contains(at) and not self.is_whole else None


def _ends(low: float, high: float, side: int, by: float, limit: float) -> tuple[float, float]:
    """Move one end of a length within 0 and a limit; the ends never come closer than the smallest part."""
    least = min(SMALLEST_PX, limit)
    if side < 0:
        low = min(max(low + by, 0.0), high - least)
    elif side > 0:
        high = max(min(high + by, limit), low + least)
    return max(low, 0.0), min(high, limit)
