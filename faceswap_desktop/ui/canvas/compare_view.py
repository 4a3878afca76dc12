"""Before and after: a divider to drag, a lens under the pointer, or one blinking over the other; with zoom and pan."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.theme.tokens import GRID, SMALL_PX, current_tokens

_LENS_RADIUS: Final = 110
_LENS_ZOOM: Final = 2.5
_MAX_ZOOM: Final = 16.0
_STEP: Final = 1.25
_DIVIDER_STEP: Final = 0.02
_GRAB: Final = 12
_PAN_STEP: Final = 48


class CompareMode(StrEnum):
    """How the two pictures are shown."""

    SLIDER = "slider"
    LENS = "lens"
    BLINK = "blink"


class CompareView(QWidget):
    """Two pictures of the same scene on one place.

    Attributes:
        zoom_changed: Device pixels per pixel of the picture.
    """

    zoom_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name(self, "compare-view", self.tr("Before and after"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(QSize(200, 160))
        self._before: QPixmap | None = None
        self._after: QPixmap | None = None
        self._message = ""
        self._mode = CompareMode.SLIDER
        self._divider = 0.5
        self._shows_before = False
        self._zoom = 1.0
        self._is_fitted = True
        self._offset = QPointF()
        self._pointer: QPointF | None = None
        self._grabbed: str = ""
        self._last = QPointF()
        self._describe()

    # What is shown

    def set_pictures(self, before: QImage | None, after: QImage | None) -> None:
        """Show a pair; a missing one shows the other alone. The pictures have the same proportions."""
        self._before = QPixmap.fromImage(before) if before is not None else None
        self._after = QPixmap.fromImage(after) if after is not None else None
        self._message = ""
        self.fit()
        self._describe()

    def show_message(self, text: str) -> None:
        """Show words instead of pictures."""
        self._before = self._after = None
        self._message = text
        self.update()

    @property
    def mode(self) -> CompareMode:
        """How the two are shown."""
        return self._mode

    def set_mode(self, mode: CompareMode) -> None:
        """Change how the two are shown."""
        self._mode = mode
        self._shows_before = False
        self._describe()
        self.update()

    @property
    def divider(self) -> float:
        """Where the divider stands, 0 (all after) to 1 (all before) of the picture's width."""
        return self._divider

    def set_divider(self, share: float) -> None:
        """Move the divider."""
        self._divider = min(1.0, max(0.0, share))
        self._describe()
        self.update()

    def hold_before(self, is_held: bool) -> None:
        """Show the original while something is held down."""
        self._shows_before = is_held
        self.update()

    @property
    def zoom(self) -> float:
        """Pixels of the widget per pixel of the picture."""
        return self._zoom

    def fit(self) -> None:
        """Show the whole picture."""
        self._is_fitted = True
        self._fit_now()

    def actual_size(self) -> None:
        """Show one pixel of the picture on one pixel of the screen, round the middle."""
        self._zoom_to(1.0 / self.devicePixelRatioF(), QPointF(self.rect().center()))

    def zoom_in(self) -> None:
        """Come nearer to the middle."""
        self._zoom_to(self._zoom * _STEP, QPointF(self.rect().center()))

    def zoom_out(self) -> None:
        """Go further off."""
        self._zoom_to(self._zoom / _STEP, QPointF(self.rect().center()))

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the whole picture in sight, if it was."""
        super().resizeEvent(event)
        if self._is_fitted:
            self._fit_now()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom to the pointer."""
        steps = event.angleDelta().y() / 120
        if steps:
            self._zoom_to(self._zoom * _STEP**steps, event.position())
            event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the divider or of the picture."""
        self._last = event.position()
        on_divider = abs(event.position().x() - self._divider_x()) <= _GRAB
        if event.button() is Qt.MouseButton.LeftButton and self._mode is CompareMode.SLIDER and on_divider:
            self._grabbed = "divider"
        elif event.button() is Qt.MouseButton.LeftButton and self._mode is CompareMode.BLINK:
            self.hold_before(True)
            self._grabbed = "blink"
        else:
            self._grabbed = "picture"

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move what is held."""
        self._pointer = event.position()
        moved = event.position() - self._last
        self._last = event.position()
        room = self._room()
        if self._grabbed == "divider" and room.width() > 0:
            self.set_divider((event.position().x() - room.left()) / room.width())
        elif self._grabbed == "picture":
            self._is_fitted = False
            self._offset += moved
            self._hold_in_sight()
        near = self._mode is CompareMode.SLIDER and abs(event.position().x() - self._divider_x()) <= _GRAB
        self.setCursor(Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.OpenHandCursor)
        self.update()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        if self._grabbed == "blink":
            self.hold_before(False)
        self._grabbed = ""

    def leaveEvent(self, event: object) -> None:
        """Take the lens away."""
        self._pointer = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the divider, or the picture with Shift; the space bar blinks."""
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Right if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._pan(_PAN_STEP if event.key() == Qt.Key.Key_Left else -_PAN_STEP, 0)
            case Qt.Key.Key_Left | Qt.Key.Key_Right if self._mode is CompareMode.SLIDER:
                step = -_DIVIDER_STEP if event.key() == Qt.Key.Key_Left else _DIVIDER_STEP
                self.set_divider(self._divider + step)
            case Qt.Key.Key_Up | Qt.Key.Key_Down if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._pan(0, _PAN_STEP if event.key() == Qt.Key.Key_Up else -_PAN_STEP)
            case Qt.Key.Key_Space:
                self.hold_before(True)
            case _:
                super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Show the result again."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.hold_before(False)
        else:
            super().keyReleaseEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint what the mode wants."""
        tokens = current_tokens()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens.canvas))
        if self._after is None and self._before is None:
            painter.setPen(QColor(tokens.muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._message)
            return
        # Above actual size every pixel is to be seen as it is.
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._zoom < 2)
        room = self._room()
        after, before = self._after or self._before, self._before or self._after
        assert after is not None
        assert before is not None
        painter.drawPixmap(room, before if self._shows_before else after, QRectF(after.rect()))
        if self._before is None or self._after is None or self._shows_before:
            self._paint_tag(painter, self.tr("Before") if self._shows_before else self.tr("After"), is_left=True)
        elif self._mode is CompareMode.SLIDER:
            self._paint_slider(painter, room)
        elif self._mode is CompareMode.LENS and self._pointer is not None:
            self._paint_lens(painter, room, self._pointer)
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.focus), tokens.focus_width))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    # Inside

    def _paint_slider(self, painter: QPainter, room: QRectF) -> None:
        assert self._before is not None
        x = self._divider_x()
        painter.save()
        painter.setClipRect(QRectF(room.left(), room.top(), x - room.left(), room.height()))
        painter.drawPixmap(room, self._before, QRectF(self._before.rect()))
        painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top, bottom = max(0.0, room.top()), min(float(self.height()), room.bottom())
        painter.setPen(QPen(QColor(0, 0, 0, 120), 4))
        painter.drawLine(QPointF(x, top), QPointF(x, bottom))
        painter.setPen(QPen(QColor(255, 255, 255), 2))
        painter.drawLine(QPointF(x, top), QPointF(x, bottom))
        middle = QPointF(x, (top + bottom) / 2)
        painter.setBrush(QColor(255, 255, 255))
        painter.setPen(QPen(QColor(0, 0, 0, 120), 1))
        painter.drawEllipse(middle, 14, 14)
        painter.setPen(QPen(QColor(40, 40, 40), 2))
        for side in (-1, 1):
            tip = middle + QPointF(side * 8, 0)
            painter.drawLine(tip, tip + QPointF(-side * 4, -4))
            painter.drawLine(tip, tip + QPointF(-side * 4, 4))
        self._paint_tag(painter, self.tr("Before"), is_left=True)
        self._paint_tag(painter, self.tr("After"), is_left=False)

    def _paint_lens(self, painter: QPainter, room: QRectF, at: QPointF) -> None:
        assert self._before is not None
        circle = QPainterPath()
        circle.addEllipse(at, _LENS_RADIUS, _LENS_RADIUS)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipPath(circle)
        painter.fillRect(circle.boundingRect(), QColor(current_tokens().canvas))
        grown = QRectF(
            at.x() + (room.left() - at.x()) * _LENS_ZOOM,
            at.y() + (room.top() - at.y()) * _LENS_ZOOM,
            room.width() * _LENS_ZOOM,
            room.height() * _LENS_ZOOM,
        )
        # Left half before, right half after, both enlarged round the pointer.
        assert self._after is not None
        painter.drawPixmap(grown, self._after, QRectF(self._after.rect()))
        painter.setClipRect(
            QRectF(at.x() - _LENS_RADIUS, at.y() - _LENS_RADIUS, _LENS_RADIUS, 2 * _LENS_RADIUS),
            Qt.ClipOperation.IntersectClip,
        )
        painter.drawPixmap(grown, self._before, QRectF(self._before.rect()))
        painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((QColor(0, 0, 0, 120), 4), (QColor(255, 255, 255), 2)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(at, _LENS_RADIUS, _LENS_RADIUS)
        painter.setPen(QPen(QColor(255, 255, 255, 180), 1))
        painter.drawLine(at + QPointF(0, -_LENS_RADIUS), at + QPointF(0, _LENS_RADIUS))

    def _paint_tag(self, painter: QPainter, text: str, *, is_left: bool) -> None:
        font = self.font()
        font.setPixelSize(SMALL_PX)
        painter.setFont(font)
        width = painter.fontMetrics().horizontalAdvance(text) + 2 * GRID
        box = QRectF(GRID if is_left else self.width() - GRID - width, GRID, width, 24)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 170))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(255, 255, 255))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _picture_size(self) -> QSize:
        shown = self._after or self._before
        return shown.size() if shown is not None else QSize(1, 1)

    def _room(self) -> QRectF:
        size = self._picture_size()
        return QRectF(self._offset.x(), self._offset.y(), size.width() * self._zoom, size.height() * self._zoom)

    def _divider_x(self) -> float:
        room = self._room()
        return room.left() + room.width() * self._divider

    def _fit_now(self) -> None:
        size = self._picture_size()
        self._zoom = min(self.width() / size.width(), self.height() / size.height(), 4.0)
        self._offset = QPointF(
            (self.width() - size.width() * self._zoom) / 2, (self.height() - size.height() * self._zoom) / 2
        )
        self.zoom_changed.emit(self._zoom)
        self.update()

    def _zoom_to(self, zoom: float, at: QPointF) -> None:
        size = self._picture_size()
        least = min(self.width() / size.width(), self.height() / size.height(), 1.0) / 2
        zoom = min(_MAX_ZOOM, max(least, zoom))
        self._offset = at - (at - self._offset) * (zoom / self._zoom)
        self._zoom = zoom
        self._is_fitted = False
        self._hold_in_sight()
        self.zoom_changed.emit(self._zoom)
        self.update()

    def _pan(self, dx: float, dy: float) -> None:
        self._is_fitted = False
        self._offset += QPoint(int(dx), int(dy)).toPointF()
        self._hold_in_sight()
        self.update()

    def _hold_in_sight(self) -> None:
        room = self._room()
        margin = 64.0
        x = min(max(self._offset.x(), margin - room.width()), self.width() - margin)
        y = min(max(self._offset.y(), margin - room.height()), self.height() - margin)
        self._offset = QPointF(x, y)

    def _describe(self) -> None:
        if self._before is None:
            text = self.tr("The original is not there; the result is shown alone.")
        elif self._mode is CompareMode.SLIDER:
            text = self.tr("Divider at {percent} %. Left of it the original, right of it the result.").format(
                percent=round(self._divider * 100)
            )
        else:
            text = self.tr("Hold the space bar to see the original.")
        self.setAccessibleDescription(text)
