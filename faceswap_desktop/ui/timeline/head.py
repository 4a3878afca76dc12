"""The upper part of the timeline: ruler, thumbnails, in and out points, playhead."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.texts import clock_text
from faceswap_desktop.ui.theme.tokens import SMALL_PX, Tokens, current_tokens
from faceswap_desktop.ui.timeline.clip import exact_text
from faceswap_desktop.ui.timeline.scale import visible_marks
from faceswap_desktop.ui.timeline.thumbnails import Thumbnails
from faceswap_desktop.ui.timeline.view import INSET, ZOOM_STEP, TimeView

RULER_PX: Final = 24
STRIP_PX: Final = 48
_HANDLE_PX: Final = 8.0
_REACH_PX: Final = 4.0
_SHADE: Final = 185
_LABEL_PX: Final = 9
"""From a line of the ruler to its time: a playhead on the line leaves the time in sight."""


class Point(Enum):
    """An end of what is chosen."""

    IN = auto()
    OUT = auto()


class TimeHead(QWidget):
    """Ruler and strip. Press or drag goes to a frame, the handles at the strip's ends choose a part.

    Attributes:
        seek_wanted: Go to this frame.
        scrub_changed: Whether the pointer drags the playhead.
        trim_wanted: Choose these frames (``FrameRange``; the number of the gesture).
        step_wanted: Go so many frames on.
        jump_wanted: Go so many seconds on.
    """

    seek_wanted = Signal(int)
    scrub_changed = Signal(bool)
    trim_wanted = Signal(object, int)
    step_wanted = Signal(int)
    jump_wanted = Signal(float)

    def __init__(self, view: TimeView, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name(self, "timeline", self.tr("Timeline"), self.tr("Arrow keys go frame by frame, with Shift a second"))
        self._view = view
        self._thumbnails = thumbnails
        self._dragged: Point | None = None
        self._is_scrubbing = False
        self._gesture = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        view.changed.connect(self.update)
        view.moved.connect(self._on_moved)
        thumbnails.arrived.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(320, RULER_PX + STRIP_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(64, RULER_PX + STRIP_PX)

    def value_text(self) -> str:
        """Return where the playhead stands, in words."""
        clip = self._view.clip
        if clip is None:
            return ""
        frame = self._view.frame
        words = self.tr("{time}, frame {n} of {count}").format(
            time=exact_text(clip.seconds(frame)), n=frame + 1, count=clip.frames
        )
        return self.tr("{time}, refused").format(time=words) if clip.is_refused_at(clip.seconds(frame)) else words

    @property
    def view(self) -> TimeView:
        """What it shows."""
        return self._view

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what is in sight."""
        tokens = current_tokens()
        painter = QPainter(self)
        painter.fillRect(QRectF(INSET, RULER_PX, self.width() - 2 * INSET, STRIP_PX), QColor(tokens.canvas))
        if self._view.clip is not None:
            painter.save()
            painter.setClipRect(QRectF(INSET, 0, self.width() - 2 * INSET, self.height()))
            self._paint_strip(painter)
            self._paint_refused(painter, tokens)
            painter.restore()
            self._paint_ruler(painter, tokens)
            self._paint_points(painter, tokens)
            self._paint_playhead(painter, tokens)
        if self.hasFocus():
            # What was painted last left its brush: the frame would hide everything.
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.focus), tokens.focus_width))
            inset = tokens.focus_width / 2
            painter.drawRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset))

    def _paint_strip(self, painter: QPainter) -> None:
        clip = self._view.clip
        if clip is None:
            return
        # Pictures on end are cut to squares: slivers would tell nothing.
        aspect = min(max(clip.size[0] / max(1, clip.size[1]), 1.0), 3.0)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for place, picture in self._thumbnails.pictures(STRIP_PX * aspect):
            if picture is not None:
                into = QRectF(place.x(), RULER_PX, place.width(), STRIP_PX)
                painter.drawPixmap(into, picture, _part_like(picture, into))

    def _paint_refused(self, painter: QPainter, tokens: Tokens) -> None:
        """Cover what is refused: its thumbnails are not shown, and the stripes do not speak by colour alone."""
        clip, scale = self._view.clip, self._view.scale
        for first, last in clip.refused if clip is not None else ():
            left, right = scale.x_of(first), scale.x_of(last)
            room = QRectF(left, RULER_PX, max(right - left, 6.0), STRIP_PX)
            painter.fillRect(room, QColor(tokens.window))
            painter.fillRect(room, QBrush(QColor(tokens.danger), Qt.BrushStyle.BDiagPattern))
            painter.fillRect(QRectF(room.left(), RULER_PX, room.width(), 3), QColor(tokens.danger))

    def _paint_ruler(self, painter: QPainter, tokens: Tokens) -> None:
        clip, scale = self._view.clip, self._view.scale
        if clip is None:
            return
        font = QFont(self.font())
        font.setPixelSize(SMALL_PX)
        painter.setFont(font)
        for tick in scale.ticks():
            x = round(scale.x_of(tick.seconds)) + 0.5
            painter.setPen(QColor(tokens.outline if tick.is_labelled else tokens.border))
            painter.drawLine(QPointF(x, RULER_PX - (8 if tick.is_labelled else 4)), QPointF(x, RULER_PX - 1))
            if tick.is_labelled and x + 44 < self.width():
                painter.setPen(QColor(tokens.muted))
                words = clock_text(tick.seconds) if tick.seconds == int(tick.seconds) else exact_text(tick.seconds)
                painter.drawText(QPointF(x + _LABEL_PX, RULER_PX - 9), words)
        painter.setPen(QPen(QColor(tokens.text), 1))
        for x in visible_marks(scale, clip.cuts):
            # A scissor's cut: a short line over the seam of two scenes.
            painter.drawLine(QPointF(round(x) + 0.5, RULER_PX), QPointF(round(x) + 0.5, RULER_PX + 7))
            painter.drawLine(QPointF(round(x) + 0.5, self.height() - 7), QPointF(round(x) + 0.5, self.height()))

    def _paint_points(self, painter: QPainter, tokens: Tokens) -> None:
        clip = self._view.clip
        if clip is None:
            return
        left, right = self._x_of(Point.IN), self._x_of(Point.OUT)
        shade = QColor(tokens.window)
        shade.setAlpha(_SHADE)
        painter.fillRect(QRectF(INSET, RULER_PX, max(0.0, left - INSET), STRIP_PX), shade)
        painter.fillRect(QRectF(right, RULER_PX, max(0.0, self.width() - INSET - right), STRIP_PX), shade)
        colour = QColor(tokens.accent_text if clip.trim is not None else tokens.outline)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if clip.trim is not None:
            painter.setPen(QPen(colour, 2))
            painter.drawLine(QPointF(left, RULER_PX + 1), QPointF(right, RULER_PX + 1))
            painter.drawLine(QPointF(left, self.height() - 1), QPointF(right, self.height() - 1))
        for x, is_in in ((left, True), (right, False)):
            # Outside of what is chosen: the first and last frames stay in sight.
            grip = QRectF(x - _HANDLE_PX if is_in else x, RULER_PX, _HANDLE_PX, STRIP_PX)
            painter.setPen(QPen(QColor(tokens.window), 1))
            painter.setBrush(colour)
            painter.drawRoundedRect(grip, 2, 2)
            painter.setPen(QPen(QColor(tokens.window), 2))
            middle = grip.center()
            painter.drawLine(QPointF(middle.x(), middle.y() - 6), QPointF(middle.x(), middle.y() + 6))

    def _paint_playhead(self, painter: QPainter, tokens: Tokens) -> None:
        x = self._view.x
        if not -8 <= x <= self.width() + 8:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tokens.window), 4))
        painter.drawLine(QPointF(x, RULER_PX - 6), QPointF(x, self.height()))
        painter.setPen(QPen(QColor(tokens.text), 2))
        painter.drawLine(QPointF(x, RULER_PX - 6), QPointF(x, self.height()))
        painter.setPen(QPen(QColor(tokens.window), 1))
        painter.setBrush(QColor(tokens.text))
        top = RULER_PX - 14
        painter.drawPolygon(
            QPolygonF(
                [
                    QPointF(x - 6, top),
                    QPointF(x + 6, top),
                    QPointF(x + 6, top + 6),
                    QPointF(x, top + 13),
                    QPointF(x - 6, top + 6),
                ]
            )
        )

    # Pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a handle, or go where the pointer is."""
        if event.button() != Qt.MouseButton.LeftButton or self._view.clip is None:
            event.ignore()
            return
        self._dragged = self._point_at(event.position())
        self._gesture += 1
        if self._dragged is None:
            self._is_scrubbing = True
            self.scrub_changed.emit(True)
            self.seek_wanted.emit(self._view.frame_at(event.position().x()))
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag what was taken; show what could be."""
        if self._dragged is not None:
            self._drag_point(event.position().x())
        elif self._is_scrubbing:
            self.seek_wanted.emit(self._view.frame_at(event.position().x()))
        else:
            is_handle = self._point_at(event.position()) is not None
            self.setCursor(Qt.CursorShape.SizeHorCursor if is_handle else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.let_go()

    def let_go(self) -> None:
        """Drag nothing any more."""
        self._dragged = None
        if self._is_scrubbing:
            self._is_scrubbing = False
            self.scrub_changed.emit(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with Ctrl, else scroll."""
        wheel(self._view, event, event.position().x())

    def event(self, event: QEvent) -> bool:
        """Say the time under the pointer, and what a handle is."""
        if isinstance(event, QHelpEvent) and self._view.clip is not None:
            place = QPointF(event.pos())
            seconds = self._view.scale.time_at(place.x())
            words = exact_text(seconds)
            if self._view.clip.is_refused_at(seconds):
                words = self.tr("{time}: refused, shown blurred").format(time=words)
            match self._point_at(place):
                case Point.IN:
                    words = self.tr("In point (I): drag to choose where it begins")
                case Point.OUT:
                    words = self.tr("Out point (O): drag to choose where it ends")
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._view.set_width(self.width())

    # Keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step by frames, or by seconds with Shift; zoom."""
        key, is_shifted = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        sign = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(key), 0)
        if self.isRightToLeft():
            sign = -sign
        if event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier):
            event.ignore()
        elif sign and is_shifted:
            self.jump_wanted.emit(float(sign))
        elif sign:
            self.step_wanted.emit(sign)
        elif key in {Qt.Key.Key_Home, Qt.Key.Key_End} and self._view.clip is not None:
            self.seek_wanted.emit(0 if key == Qt.Key.Key_Home else self._view.clip.frames - 1)
        elif key in {Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}:
            self.jump_wanted.emit(self._view.scale.span / 10 * (1 if key == Qt.Key.Key_PageDown else -1))
        elif key in {Qt.Key.Key_Plus, Qt.Key.Key_Equal}:
            self._view.zoom_in()
        elif key == Qt.Key.Key_Minus:
            self._view.zoom_out()
        else:
            event.ignore()

    # Inside

    def _on_moved(self, before: float, after: float) -> None:
        for x in (before, after):
            self.update(QRect(int(x) - 9, 0, 19, self.height()))

    def _x_of(self, point: Point) -> float:
        clip = self._view.clip
        if clip is None:
            return 0.0
        frame = clip.chosen.first if point is Point.IN else clip.chosen.end
        return self._view.scale.x_of(clip.seconds(frame))

    def _point_at(self, place: QPointF) -> Point | None:
        if place.y() < RULER_PX:
            return None
        left, right = self._x_of(Point.IN) - place.x(), place.x() - self._x_of(Point.OUT)
        near = [
            (abs(away), point)
            for away, point in ((left, Point.IN), (right, Point.OUT))
            if -_REACH_PX <= away <= _HANDLE_PX
        ]
        return min(near, key=lambda one: one[0])[1] if near else None

    def _drag_point(self, x: float) -> None:
        clip = self._view.clip
        if clip is None:
            return
        chosen, at = clip.chosen, clip.frame_at(self._view.scale.time_at(x))
        if self._dragged is Point.IN:
            wanted = FrameRange(min(at, chosen.end - 1), chosen.end)
            self.seek_wanted.emit(wanted.first)
        else:
            end = clip.frames if x >= self._view.scale.x_of(clip.length) - 1 else at
            wanted = FrameRange(chosen.first, max(end, chosen.first + 1))
            self.seek_wanted.emit(wanted.end - 1)
        self.trim_wanted.emit(wanted, self._gesture)


def _part_like(picture: QPixmap, into: QRectF) -> QRectF:
    """Return the largest part of a picture with the shape of a place: its middle, and rather its upper half."""
    scale = max(into.width() / max(1, picture.width()), into.height() / max(1, picture.height()))
    across, down = into.width() / scale, into.height() / scale
    return QRectF((picture.width() - across) / 2, (picture.height() - down) * 0.35, across, down)


def wheel(view: TimeView, event: QWheelEvent, x: float) -> None:
    """Zoom with Ctrl about the pointer, else scroll; upright wheels scroll sideways too."""
    delta = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta() / 2
    if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
        view.zoom(ZOOM_STEP ** (event.angleDelta().y() / 120), x)
    else:
        view.scroll(-(delta.x() or delta.y()) / view.scale.width * view.scale.span)
    event.accept()
