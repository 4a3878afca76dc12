"""A slider whose zero is in the middle, with the stretch marked within which its values can be trusted."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider, QWidget

from faceswap_desktop.ui.theme.tokens import HALF, current_tokens

_GROOVE: Final = 4.0
_TICK: Final = 12.0
_HANDLE: Final = 14.0


class CentredSlider(QSlider):
    """Fills its groove from the middle to the handle; beyond the trusted stretch the groove is dotted.

    Attributes:
        reset_wanted: It was double-clicked.
    """

    reset_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._trusted = (0.0, 1.0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def trusted(self) -> tuple[float, float]:
        """The trusted stretch, as shares of the groove from its left end."""
        return self._trusted

    def set_trusted(self, start: float, end: float) -> None:
        """Mark the trusted stretch, as shares of the groove from its left end."""
        self._trusted = (start, end)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel it is in, unless it has the keyboard."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go back to the middle."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.setSliderDown(False)
            self.reset_wanted.emit()
        else:
            super().mouseDoubleClickEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint groove, marks, filling and handle in the theme's colours; the places are the style's."""
        tokens = current_tokens()
        left, right = self._place(self.minimum()), self._place(self.maximum())
        middle, now, y = (left + right) / 2, self._place(self.sliderPosition()), self.height() / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        start, end = (left + share * (right - left) for share in self._trusted)
        ground = QColor(tokens.outline if tokens.name == "contrast" else tokens.border)
        # The groove reaches to the edges, as the other sliders' does; the handle's middle does not.
        edge = _HANDLE / 2
        for first, last in ((left - edge, start), (end, right + edge)):
            painter.setPen(QPen(ground, 2.0, Qt.PenStyle.DotLine, Qt.PenCapStyle.RoundCap))
            if last - first > edge + 1:
                painter.drawLine(QPointF(first, y), QPointF(last, y))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(start, y - _GROOVE / 2, end - start, _GROOVE), 2, 2)
        painter.setPen(QPen(QColor(tokens.outline), 1.0))
        for place in (start, middle, end):
            if left < place < right:
                painter.drawLine(QPointF(place, y - _TICK / 2), QPointF(place, y + _TICK / 2))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.accent if self.isEnabled() else tokens.disabled))
        painter.drawRoundedRect(QRectF(min(middle, now), y - _GROOVE / 2, abs(now - middle), _GROOVE), 2, 2)
        painter.setPen(QPen(QColor(tokens.text if self.isEnabled() else tokens.disabled), 1.0))
        painter.setBrush(QColor(tokens.hover if self.underMouse() and self.isEnabled() else tokens.surface))
        painter.drawEllipse(QPointF(now, y), _HANDLE / 2, _HANDLE / 2)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.focus), tokens.focus_width))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), HALF, HALF)

    def _place(self, position: int) -> float:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        groove = self.style().subControlRect(
            QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderGroove, self
        )
        handle = self.style().subControlRect(
            QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, self
        )
        room = groove.width() - handle.width()
        along = QStyle.sliderPositionFromValue(self.minimum(), self.maximum(), position, room)
        return float(groove.left() + handle.width() / 2 + along)
