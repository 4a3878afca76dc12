"""Before and after: a divider to drag, a lens under the pointer, or one blinking over the other; with zoom and pan."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from faceswap_desktop.ui.accessibility import announce, name
from faceswap_desktop.ui.canvas.compare_painting import ComparePainter
from faceswap_desktop.ui.canvas.compare_words import CompareMode, describe
from faceswap_desktop.ui.canvas.picture_item import PictureLevels
from faceswap_desktop.ui.theme.tokens import current_tokens

_MAX_ZOOM: Final = 16.0
_STEP: Final = 1.25
_DIVIDER_STEP: Final = 0.02
_GRAB: Final = 12
_PAN_STEP: Final = 48
_LENS_STEP: Final = 24

__all__ = ["CompareMode", "CompareView"]


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
        self._before: PictureLevels | None = None
        self._after: PictureLevels | None = None
        self._message = ""
        self._notice = ""
        self._sides: tuple[str, str] | None = None
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

    def set_pictures(self, before: PictureLevels | None, after: PictureLevels | None, notice: str = "") -> None:
        """Show a pair; a missing one shows the other alone. The pictures have the same proportions.

        Args:
            before: The original.
            after: The result.
            notice: What has to be said of them, written on their lower edge.
        """
        self._before, self._after = before, after
        self._message, self._notice = "", notice
        self._pointer = None
        self.fit()
        self._describe()

    def change_pictures(self, before: PictureLevels | None, after: PictureLevels | None, notice: str = "") -> None:
        """Show the next pair of a video: zoom, place and lens stay. The pictures are as large as those before."""
        is_first = self._after is None and self._before is None
        self._before, self._after = before, after
        self._message, self._notice = "", notice
        if is_first:
            self.fit()
            self._describe()
        self.update()

    @property
    def sides(self) -> tuple[str, str]:
        """What stands on the left and on the right."""
        return self._sides or (self.tr("Before"), self.tr("After"))

    def set_sides(self, sides: tuple[str, str] | None) -> None:
        """Name what is compared where it is not an original with its result; None for that."""
        self._sides = sides
        self._describe()
        self.update()

    @property
    def notice(self) -> str:
        """What is written on the lower edge; empty for nothing."""
        return self._notice

    @property
    def message(self) -> str:
        """What is shown in place of pictures; empty for nothing."""
        return self._message

    def show_message(self, text: str) -> None:
        """Show words instead of pictures."""
        self._before = self._after = None
        self._message, self._notice = text, ""
        self._describe()
        self.update()

    @property
    def mode(self) -> CompareMode:
        """How the two are shown."""
        return self._mode

    def set_mode(self, mode: CompareMode) -> None:
        """Change how the two are shown."""
        self._mode = mode
        self._shows_before = False
        if mode is CompareMode.LENS and self._pointer is None:
            # In the middle until the mouse or an arrow key takes it elsewhere.
            self._pointer = QPointF(self.rect().center())
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

    @property
    def shows_before(self) -> bool:
        """Whether the original covers the whole picture now."""
        return self._shows_before

    def hold_before(self, is_held: bool) -> None:
        """Show the original while something is held down."""
        is_held = is_held and self._before is not None
        if is_held != self._shows_before:
            self._shows_before = is_held
            announce(self, self.sides[0 if is_held else 1])
            self.update()

    @property
    def lens_at(self) -> QPointF | None:
        """Where the lens is, in pixels of the widget; None where there is none."""
        return self._pointer if self._mode is CompareMode.LENS else None

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
        elif event.button() in {Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton}:
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
        if self._grabbed or self._mode is CompareMode.LENS:
            self.update()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        if self._grabbed == "blink":
            self.hold_before(False)
        self._grabbed = ""

    def leaveEvent(self, event: QEvent) -> None:
        """Take the lens away."""
        super().leaveEvent(event)
        self._pointer = None
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Let go of what a key held: its release goes elsewhere."""
        super().focusOutEvent(event)
        self.hold_before(False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go between the whole picture and its actual size, at the pointer."""
        if self._is_fitted:
            self._zoom_to(1.0 / self.devicePixelRatioF(), event.position())
        else:
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the divider or the lens, with Shift the picture; the space bar shows the original."""
        arrow = _ARROWS.get(Qt.Key(event.key()))
        if arrow is not None and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._pan(-arrow[0] * _PAN_STEP, -arrow[1] * _PAN_STEP)
        elif arrow is not None and self._mode is CompareMode.LENS:
            self._move_lens(arrow)
        elif arrow is not None and arrow[0] and self._mode is CompareMode.SLIDER:
            self.set_divider(self._divider + arrow[0] * _DIVIDER_STEP)
        elif event.key() in {Qt.Key.Key_Home, Qt.Key.Key_End} and self._mode is CompareMode.SLIDER:
            self.set_divider(0.0 if event.key() == Qt.Key.Key_Home else 1.0)
        elif event.key() == Qt.Key.Key_Space:
            self.hold_before(True)
        else:
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
        painter.setFont(self.font())
        by = ComparePainter(painter, QRectF(self.rect()), self.devicePixelRatioF())
        self._paint_pictures(by)
        if self._notice:
            by.notice(self._notice)
        if self.hasFocus():
            by.focus()

    # Inside

    def _paint_pictures(self, by: ComparePainter) -> None:
        room, before, after = self._room(), self._before, self._after
        left, right = self.sides
        if before is None or after is None or self._shows_before:
            shown = before if self._shows_before or after is None else after
            assert shown is not None
            by.picture(room, shown)
            by.tag(left if shown is before else right, is_left=shown is before)
        elif self._mode is CompareMode.SLIDER:
            x = min(max(self._divider_x(), 0.0), float(self.width()))
            by.picture(room, after, within=QRectF(x, 0, self.width() - x, self.height()))
            by.picture(room, before, within=QRectF(0, 0, x, self.height()))
            by.divider(self._divider_x(), room)
            by.tag(left, is_left=True)
            by.tag(right, is_left=False)
        else:
            by.picture(room, after)
            if self._mode is CompareMode.LENS and self._pointer is not None:
                by.lens(self._pointer, room, (before, after), self.sides)
            by.tag(right, is_left=False)

    def _picture_size(self) -> QSize:
        shown = self._after or self._before
        return QSize(shown.size.width, shown.size.height) if shown is not None else QSize(1, 1)

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
        self._offset += QPointF(dx, dy)
        self._hold_in_sight()
        self.update()

    def _move_lens(self, arrow: tuple[int, int]) -> None:
        at = self._pointer or QPointF(self.rect().center())
        moved = at + QPointF(arrow[0], arrow[1]) * _LENS_STEP
        self._pointer = QPointF(
            min(max(moved.x(), 0.0), float(self.width())), min(max(moved.y(), 0.0), float(self.height()))
        )
        self.update()

    def _hold_in_sight(self) -> None:
        room = self._room()
        margin = 64.0
        x = min(max(self._offset.x(), margin - room.width()), self.width() - margin)
        y = min(max(self._offset.y(), margin - room.height()), self.height() - margin)
        self._offset = QPointF(x, y)

    def _describe(self) -> None:
        is_alone = self._before is None
        text = self._message or describe(self._mode, self._divider, self._sides, is_alone=is_alone)
        self.setAccessibleDescription(" ".join(filter(None, (self._notice, text))))


_ARROWS: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
