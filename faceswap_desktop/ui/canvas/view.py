"""Looking at the canvas: zoom to the pointer, fit, one to one, pan."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGestureEvent, QGraphicsView, QPinchGesture, QWidget

from faceswap_desktop.ui.canvas.picture_item import PictureLevels
from faceswap_desktop.ui.canvas.scene import CanvasScene
from faceswap_desktop.ui.theme.tokens import current_tokens
from faceswap_desktop.ui.widgets.roles import set_role

_STEP: Final = 1.25
_LARGEST: Final = 32.0
_SMALLEST: Final = 0.02
_FIT_MARGIN_PX: Final = 24
_FIT_AT_MOST: Final = 4.0
"""A picture of a few pixels is not blown up to the whole view."""
_SCROLL_PX: Final = 64


class ZoomView(QGraphicsView):
    """A view of one picture.

    Attributes:
        zoom_changed: Device pixels of the screen per pixel of the picture.
    """

    zoom_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = CanvasScene(self)
        self.setScene(self.canvas)
        set_role(self, "canvas")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.viewport().setMouseTracking(True)
        self.viewport().grabGesture(Qt.GestureType.PinchGesture)
        self._is_fitted = True
        self._pan_from: QPoint | None = None
        self._is_space_held = False

    # Zoom

    @property
    def zoom(self) -> float:
        """Device pixels of the screen per pixel of the picture: 1.0 is one to one, on any screen."""
        return self.transform().m11() * self.devicePixelRatioF()

    @property
    def is_fitted(self) -> bool:
        """Whether the picture keeps filling the view when the view changes its size."""
        return self._is_fitted

    def show_levels(self, levels: PictureLevels | None) -> None:
        """Show another picture, fitted."""
        self.canvas.set_picture(levels)
        self.fit()

    def fit(self) -> None:
        """Show all of the picture."""
        self._is_fitted = True
        rect = self.canvas.picture_rect
        if rect.isEmpty():
            self._tell()
            return
        room = self.viewport().size()
        across = max(1, room.width() - 2 * _FIT_MARGIN_PX) / rect.width()
        # The labels above the topmost boxes need room as well.
        down = max(1, room.height() - 2 * _FIT_MARGIN_PX) / rect.height()
        scale = min(across, down, _FIT_AT_MOST / self.devicePixelRatioF())
        self._set_scale(scale)
        self.centerOn(rect.center())

    def zoom_to(self, zoom: float, anchor: QPointF | None = None) -> None:
        """Zoom so that what lies under the anchor stays there.

        Args:
            zoom: Device pixels per pixel of the picture.
            anchor: A place in the view; its middle if None.
        """
        if not self.canvas.has_picture:
            return
        place = anchor if anchor is not None else QPointF(self.viewport().rect().center())
        before = self._scene_at(place)
        self._is_fitted = False
        self._set_scale(min(max(zoom, _SMALLEST), _LARGEST) / self.devicePixelRatioF())
        moved = self.mapFromScene(before) - place.toPoint()
        self._pan(-moved)

    def zoom_in(self) -> None:
        """Zoom one step in, about the middle."""
        self.zoom_to(self.zoom * _STEP)

    def zoom_out(self) -> None:
        """Zoom one step out, about the middle."""
        self.zoom_to(self.zoom / _STEP)

    def zoom_actual(self) -> None:
        """Show one pixel of the picture as one pixel of the screen."""
        self.zoom_to(1.0)

    def scroll_by(self, across: int, down: int) -> None:
        """Pan by steps, as the arrow keys do; positive shows what lies to the right and below."""
        self._is_fitted = False
        self._pan(QPoint(-across * _SCROLL_PX, -down * _SCROLL_PX))

    def show_rect(self, rect: QRectF) -> None:
        """Pan just so far that a place is in sight."""
        if not self.viewport().rect().contains(self.mapFromScene(rect).boundingRect()) and not self._is_fitted:
            self.ensureVisible(rect, _FIT_MARGIN_PX, _FIT_MARGIN_PX)

    # Qt

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        painter.fillRect(rect, QColor(current_tokens().canvas))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._is_fitted:
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with a wheel; pan with two fingers on a touchpad unless Ctrl is held."""
        held = event.modifiers()
        is_touchpad = event.device().type() == QInputDevice.DeviceType.TouchPad and not event.pixelDelta().isNull()
        if held & Qt.KeyboardModifier.ShiftModifier or (is_touchpad and not held & Qt.KeyboardModifier.ControlModifier):
            delta = event.pixelDelta() if is_touchpad else event.angleDelta() / 2
            if held & Qt.KeyboardModifier.ShiftModifier and not delta.x():
                delta = QPoint(delta.y(), 0)
            self._is_fitted = False
            self._pan(delta)
        else:
            turned = event.angleDelta().y() or event.angleDelta().x()
            self.zoom_to(self.zoom * _STEP ** (turned / 120), event.position())
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        """Take pinches, of touchpads and touch screens."""
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom_to(self.zoom * (1 + event.value()), event.position())
                return True
            if event.gestureType() == Qt.NativeGestureType.SmartZoomNativeGesture:
                self.zoom_actual() if self._is_fitted else self.fit()
                return True
        if isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                self.zoom_to(self.zoom * pinch.scaleFactor(), QPointF(self.viewport().mapFromGlobal(pinch.hotSpot())))
                return True
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        left_pans = self._is_space_held and event.button() == Qt.MouseButton.LeftButton
        if event.button() == Qt.MouseButton.MiddleButton or left_pans:
            self._pan_from = event.position().toPoint()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
            event.accept()
            return
        self.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is not None:
            here = event.position().toPoint()
            self._is_fitted = False
            self._pan(here - self._pan_from)
            self._pan_from = here
            return
        self.move_pointer(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is not None:
            self._pan_from = None
            self._refresh_cursor()
            return
        self.release(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._is_space_held = True
                self._refresh_cursor()
            event.accept()
            return
        self.press_key(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._is_space_held = False
            self._refresh_cursor()
            event.accept()
            return
        self.release_key(event)

    # What canvases with faces add

    def press(self, event: QMouseEvent) -> None:
        """A button was pressed that does not pan."""

    def move_pointer(self, event: QMouseEvent) -> None:
        """The pointer moved and does not pan."""

    def release(self, event: QMouseEvent) -> None:
        """A button that did not pan was released."""

    def press_key(self, event: QKeyEvent) -> None:
        """A key was pressed that is not the space bar."""
        event.ignore()

    def release_key(self, event: QKeyEvent) -> None:
        """A key was released that is not the space bar."""
        event.ignore()

    @property
    def is_panning(self) -> bool:
        """Whether the pointer pans, or would if its button were pressed."""
        return self._pan_from is not None or self._is_space_held

    def stop_panning(self) -> None:
        """Forget a held space bar; its release goes elsewhere when the focus leaves."""
        self._is_space_held = False
        self._pan_from = None
        self._refresh_cursor()

    def _refresh_cursor(self) -> None:
        self.viewport().setCursor(Qt.CursorShape.OpenHandCursor if self._is_space_held else Qt.CursorShape.ArrowCursor)

    def _scene_at(self, place: QPointF) -> QPointF:
        inverted, _ = self.viewportTransform().inverted()
        return inverted.map(place)

    def _set_scale(self, scale: float) -> None:
        transform = self.transform()
        transform.setMatrix(scale, 0, 0, 0, scale, 0, 0, 0, 1)
        self.setTransform(transform)
        self.canvas.set_zoom(scale)
        self._tell()

    def _pan(self, by: QPoint) -> None:
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        sign = -1 if self.isRightToLeft() else 1
        across.setValue(across.value() - sign * by.x())
        down.setValue(down.value() - by.y())

    def _tell(self) -> None:
        self.zoom_changed.emit(self.zoom if self.canvas.has_picture else 0.0)
