"""A number between two ends: words, slider, figure, and a way back to the default."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QSizePolicy, QSlider, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.theme.tokens import CONTROL_HEIGHT, GRID, HALF
from faceswap_desktop.ui.widgets.buttons import IconButton
from faceswap_desktop.ui.widgets.centred_slider import CentredSlider
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.roles import set_role

_STEPS: Final = 100
_FIGURE_WIDTH: Final = 72
_WIDE_FIGURE: Final = 88


class _Slider(QSlider):
    """A slider that leaves the wheel to the panel it is in, unless it has the keyboard."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class _Figure(QDoubleSpinBox):
    """The number itself, with the same manners."""

    is_signed = False

    def textFromValue(self, value: float) -> str:
        """Write a plus before what is more than nothing, where that is wanted."""
        text = super().textFromValue(value)
        return f"+{text}" if self.is_signed and value > 0 else text

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ValueSlider(QWidget):
    """Label, slider, figure and reset.

    Attributes:
        changed: The value moves (while dragging too).
        committed: A gesture is over: the slider was let go, a key was pressed, a figure was typed, or
            it was reset. One undo step belongs to one of these.
    """

    changed = Signal(float)
    committed = Signal(float)

    def __init__(
        self,
        label: str,
        object_name: str,
        minimum: float,
        maximum: float,
        default: float,
        parent: QWidget | None = None,
        *,
        suffix: str = "",
        is_percent: bool = False,
        decimals: int = 0,
        is_centred: bool = False,
    ) -> None:
        """Make one that stands at its default.

        Args:
            label: What it is, in the user's language.
            object_name: For tests; the parts get ``-slider``, ``-figure``, ``-reset``.
            minimum: The left end, in the unit of the value.
            maximum: The right end.
            default: Where it starts and where the reset leads.
            parent: The owner.
            suffix: Behind the figure, for example ``" s"``.
            is_percent: The value runs from 0 to 1 and is shown as 0 to 100 %.
            decimals: Places behind the point of the figure.
            is_centred: Nothing is in the middle: the slider fills from there, and what is more has a plus.
        """
        super().__init__(parent)
        self.setObjectName(object_name)
        self._minimum, self._maximum, self._default = minimum, maximum, default
        self._scale = 100.0 if is_percent else 1.0
        self._value = default
        self._committed = default
        self._label = PlainLabel(label, None, self)
        self._slider: QSlider = CentredSlider(self) if is_centred else _Slider(Qt.Orientation.Horizontal, self)
        self._slider.setRange(0, self._slider_steps(decimals))
        self._slider.setPageStep(max(1, self._slider.maximum() // 10))
        self._slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._figure = _Figure(self)
        self._figure.is_signed = is_centred
        self._figure.setDecimals(decimals)
        self._figure.setRange(minimum * self._scale, maximum * self._scale)
        self._figure.setSuffix(" %" if is_percent else suffix)
        self._figure.setFixedSize(_WIDE_FIGURE if is_centred else _FIGURE_WIDTH, CONTROL_HEIGHT)
        # A stylesheet cannot pad the text of a spin box.
        self._figure.lineEdit().setTextMargins(HALF, 0, HALF, 0)
        # Without buttons, but not by setButtonSymbols: the stylesheet would leave no room for the text then.
        set_role(self._figure, "figure")
        self._figure.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._figure.setKeyboardTracking(False)
        self._figure.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._reset = IconButton(
            "reset", self.tr("Reset {what}").format(what=label), f"{object_name}-reset", self, colour=IconColour.MUTED
        )
        self._reset.setIconSize(QSize(16, 16))
        size = self._reset.sizePolicy()
        size.setRetainSizeWhenHidden(True)
        self._reset.setSizePolicy(size)
        name(self._slider, f"{object_name}-slider", label)
        name(self._figure, f"{object_name}-figure", label)
        self._label.setBuddy(self._slider)
        self._lay_out()
        self._slider.valueChanged.connect(self._on_slid)
        self._slider.sliderReleased.connect(self._commit)
        self._figure.valueChanged.connect(self._on_typed)
        self._reset.clicked.connect(self.reset)
        if isinstance(self._slider, CentredSlider):
            self._slider.reset_wanted.connect(self.reset)
        self._show()

    def value(self) -> float:
        """Return where it stands."""
        return self._value

    def set_value(self, value: float) -> None:
        """Put it somewhere without telling anybody."""
        self._value = self._committed = min(max(value, self._minimum), self._maximum)
        self._show()

    def set_default(self, default: float) -> None:
        """Change where the reset leads."""
        self._default = default
        self._show()

    def set_label(self, label: str) -> None:
        """Say what it is, in other words."""
        self._label.setText(label)
        self._slider.setAccessibleName(label)
        self._figure.setAccessibleName(label)

    def reset(self) -> None:
        """Go back to the default."""
        self._move_to(self._default)
        self._commit()
        # The button is about to hide: the keyboard stays with the value.
        self._slider.setFocus(Qt.FocusReason.OtherFocusReason)

    def slider(self) -> QSlider:
        """Return the slider, for focus and buddies."""
        return self._slider

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GRID // 2)
        grid.setVerticalSpacing(0)
        grid.addWidget(self._label, 0, 0)
        grid.addWidget(self._reset, 0, 1)
        grid.addWidget(self._figure, 0, 2)
        grid.addWidget(self._slider, 1, 0, 1, 3)
        grid.setColumnStretch(0, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def _slider_steps(self, decimals: int) -> int:
        figures = round((self._maximum - self._minimum) * self._scale * 10.0**decimals)
        return min(max(1, figures), 10 * _STEPS)

    def _on_slid(self, position: int) -> None:
        share = position / self._slider.maximum()
        self._move_to(self._minimum + share * (self._maximum - self._minimum))
        if not self._slider.isSliderDown():
            self._commit()

    def _on_typed(self, figure: float) -> None:
        self._move_to(figure / self._scale)
        self._commit()

    def _move_to(self, value: float) -> None:
        if value != self._value:
            self._value = value
            self._show()
            self.changed.emit(value)

    def _commit(self) -> None:
        if self._value != self._committed:
            self._committed = self._value
            self.committed.emit(self._value)

    def _show(self) -> None:
        span = self._maximum - self._minimum
        position = round((self._value - self._minimum) / span * self._slider.maximum()) if span else 0
        for widget in (self._slider, self._figure):
            widget.blockSignals(True)
        self._slider.setValue(position)
        self._figure.setValue(self._value * self._scale)
        for widget in (self._slider, self._figure):
            widget.blockSignals(False)
        self._reset.setVisible(abs(self._value - self._default) > 1e-9)
