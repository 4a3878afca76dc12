"""One person's lane: its name at the left, and where it is seen."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QEnterEvent,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.canvas.drag import SOURCE_FACES, sources_of
from faceswap_desktop.ui.theme.tokens import (
    BODY_PX,
    GRID,
    HALF,
    SMALL_PX,
    Tokens,
    current_tokens,
    face_colour,
    on_face_colour,
)
from faceswap_desktop.ui.timeline.clip import LaneState, exact_text, gap_words
from faceswap_desktop.ui.timeline.head import wheel
from faceswap_desktop.ui.timeline.scale import visible_runs
from faceswap_desktop.ui.timeline.view import TimeView

LANE_PX: Final = 28
_CHIP_PX: Final = 18.0
_BADGE_PX: Final = 20.0
_BAR_PX: Final = 12.0
_MARK_PX: Final = 5.0


class Lane(QWidget):
    """Paints a lane and says what is wanted of it.

    Attributes:
        seek_wanted: Go to this frame.
        scrub_changed: Whether the pointer drags through the clip.
        chosen: It was clicked (whether it is added to those chosen).
        key_pressed: A key that belongs to the list of lanes (``QKeyEvent``).
        rename_wanted: Name this person.
        menu_wanted: Open its menu at this place of the screen.
        sources_dropped: Source faces were dropped on it (ids).
    """

    seek_wanted = Signal(int)
    scrub_changed = Signal(bool)
    chosen = Signal(bool)
    key_pressed = Signal(QKeyEvent)
    focused = Signal()
    rename_wanted = Signal()
    menu_wanted = Signal(object)
    sources_dropped = Signal(list)

    def __init__(self, view: TimeView, state: LaneState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._state = state
        self._name_width = 136
        self._is_selected = self._is_hovered = self._is_target = self._is_scrubbing = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFixedHeight(LANE_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_state(state)

    @property
    def state(self) -> LaneState:
        """Whom it shows."""
        return self._state

    @property
    def is_selected(self) -> bool:
        """Whether it is among those chosen."""
        return self._is_selected

    def set_state(self, state: LaneState) -> None:
        """Show what has become of the person."""
        self._state = state
        words = self.tr("Enter goes to the best frame, F2 renames, a number pairs with that source face")
        name(self, f"lane-{state.index + 1}", state.description, words)
        self.update()

    def set_name_width(self, width: int) -> None:
        """Leave so many pixels for the name."""
        self._name_width = width
        self.update()

    def set_selected(self, is_selected: bool) -> None:
        """Choose it or not."""
        if is_selected != self._is_selected:
            self._is_selected = is_selected
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, LANE_PX)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what is in sight."""
        tokens = current_tokens()
        painter = QPainter(self)
        ground = tokens.pressed if self._is_selected else tokens.hover if self._is_hovered else ""
        if ground:
            painter.fillRect(self.rect(), QColor(ground))
        painter.fillRect(QRect(0, self.height() - 1, self.width(), 1), QColor(tokens.border))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_name(painter, tokens)
        painter.save()
        painter.setClipRect(QRect(self._name_width, 0, self.width() - self._name_width, self.height()))
        painter.translate(self._name_width, 0)
        self._paint_spans(painter, tokens)
        self._paint_marks(painter, tokens)
        x = self._view.x
        painter.setPen(QPen(QColor(tokens.window), 4))
        painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        painter.setPen(QPen(QColor(tokens.text), 2))
        painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        painter.restore()
        if self.hasFocus() or self._is_target:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.focus), tokens.focus_width))
            inset = tokens.focus_width / 2
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset - 1), 4, 4)

    def _paint_name(self, painter: QPainter, tokens: Tokens) -> None:
        state, middle = self._state, self.height() / 2
        chip = QRectF(GRID, middle - _CHIP_PX / 2, _CHIP_PX, _CHIP_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(face_colour(state.index)))
        painter.drawRoundedRect(chip, 4, 4)
        font = QFont(self.font())
        font.setPixelSize(SMALL_PX)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(on_face_colour(state.index)))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, str(state.index + 1))
        right = float(self._name_width - GRID)
        if state.badge is not None and right - chip.right() > 2 * _BADGE_PX:
            right -= _BADGE_PX
            self._paint_badge(painter, QRectF(right, middle - _BADGE_PX / 2, _BADGE_PX, _BADGE_PX))
            right -= HALF
        room = right - chip.right() - GRID
        if room < _CHIP_PX:
            return
        font.setPixelSize(BODY_PX)
        font.setWeight(QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text))
        words = QFontMetricsF(font).elidedText(state.name, Qt.TextElideMode.ElideRight, room)
        area = QRectF(chip.right() + GRID, 0, room, self.height())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)

    def _paint_badge(self, painter: QPainter, circle: QRectF) -> None:
        badge = self._state.badge
        if badge is None or badge.picture.isNull():
            return
        clip = QPainterPath()
        clip.addEllipse(circle)
        painter.save()
        painter.setClipPath(clip)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(circle, badge.picture, QRectF(badge.picture.rect()))
        painter.restore()

    def _paint_spans(self, painter: QPainter, tokens: Tokens) -> None:
        colour, middle = QColor(face_colour(self._state.index)), self.height() / 2
        # A thin line goes through the gaps, so that they are seen as gaps of this lane.
        painter.setPen(QPen(QColor(tokens.outline), 1, Qt.PenStyle.DotLine))
        scale = self._view.scale
        painter.drawLine(QPointF(scale.x_of(0.0), middle), QPointF(scale.x_of(scale.length), middle))
        is_paired = self._state.badge is not None
        fill = QColor(colour)
        # As with the boxes on the picture: who becomes somebody is solid, who stays is only outlined.
        fill.setAlpha(255 if is_paired else 70)
        ground = QColor(tokens.surface)
        # Yellow on white would hardly be seen.
        line = QPen(colour if tokens.is_dark else colour.darker(130), 1.5)
        for left, right in visible_runs(self._view.scale, self._state.starts, self._state.ends):
            bar = QRectF(left, middle - _BAR_PX / 2, max(right - left, 2.0), _BAR_PX)
            radius = min(3.0, bar.width() / 2)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(bar, radius, radius)
            painter.setPen(line)
            painter.setBrush(fill)
            painter.drawRoundedRect(bar.adjusted(0.75, 0.75, -0.75, -0.75), radius, radius)

    def _paint_marks(self, painter: QPainter, tokens: Tokens) -> None:
        painter.setPen(QPen(QColor(tokens.window), 1))
        painter.setBrush(QColor(tokens.warning))
        top = self.height() / 2 - _BAR_PX / 2
        for mark in self._state.hard:
            x = self._view.scale.x_of(mark.seconds)
            if -_MARK_PX <= x <= self.width():
                points = [QPointF(x - _MARK_PX, top - 5), QPointF(x + _MARK_PX, top - 5), QPointF(x, top + 3)]
                painter.drawPolygon(QPolygonF(points))

    # Pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose it; in the part with times also go there."""
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        is_added = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        self.chosen.emit(is_added)
        if event.position().x() >= self._name_width and not is_added:
            self._is_scrubbing = True
            self.scrub_changed.emit(True)
            self._seek(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._is_scrubbing:
            self._seek(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._is_scrubbing:
            self._is_scrubbing = False
            self.scrub_changed.emit(False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Rename by the name."""
        if event.position().x() < self._name_width:
            self.rename_wanted.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        is_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        self.menu_wanted.emit(event.globalPos() if is_mouse else self.mapToGlobal(self.rect().bottomLeft()))
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom or scroll sideways; an upright wheel alone scrolls the lanes."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier or event.angleDelta().x():
            wheel(self._view, event, event.position().x() - self._name_width)
        else:
            event.ignore()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._is_hovered = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._is_hovered = False
        self.update()

    def event(self, event: QEvent) -> bool:
        """Say what lies under the pointer: the name, a hard frame, a span, or why there is none."""
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.words_at(float(event.pos().x())), self)
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_own_key(event):
            event.accept()
            return True
        return super().event(event)

    def words_at(self, x: float) -> str:
        """Return what is to be said of a place."""
        clip = self._view.clip
        if clip is None or x < self._name_width:
            return self._state.description
        scale = self._view.scale
        near = next(
            (mark for mark in self._state.hard if abs(scale.x_of(mark.seconds) + self._name_width - x) <= _MARK_PX),
            None,
        )
        if near is not None:
            return self.tr("{time}: {reason}, the swap may fade out here").format(
                time=exact_text(near.seconds), reason=near.words
            )
        seconds = scale.time_at(x - self._name_width)
        place = self._state.span_at(seconds)
        if place is None:
            return gap_words(clip, self._state, seconds)
        return self.tr("{name} is seen from {first} to {last}").format(
            name=self._state.name,
            first=exact_text(self._state.starts[place]),
            last=exact_text(self._state.ends[place]),
        )

    # Keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the keys to the list of lanes."""
        event.ignore()
        self.key_pressed.emit(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    # Drag and drop

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take source faces."""
        if event.mimeData().hasFormat(SOURCE_FACES):
            event.acceptProposedAction()
            self._set_target(True)
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._set_target(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._set_target(False)
        event.acceptProposedAction()
        self.sources_dropped.emit(sources_of(event.mimeData()))

    # Inside

    def _set_target(self, is_target: bool) -> None:
        self._is_target = is_target
        self.update()

    def _seek(self, x: float) -> None:
        self.seek_wanted.emit(self._view.frame_at(x - self._name_width))


def _is_own_key(event: QKeyEvent) -> bool:
    """Say whether a key that means something else elsewhere is the lane's while it has the keyboard."""
    is_control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
    return is_control and event.key() in {Qt.Key.Key_M, Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Right}
