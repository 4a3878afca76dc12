"""Numbers to type."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QSpinBox, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.theme.tokens import CONTROL_HEIGHT, HALF

_WIDTH = 144
_PLACES = 2


class NumberField(QSpinBox):
    """Tells a whole number once typing or stepping has settled on it.

    Attributes:
        committed: The user changed the number.
    """

    committed = Signal(int)

    def __init__(
        self,
        label: str,
        object_name: str,
        minimum: int,
        maximum: int,
        parent: QWidget | None = None,
        *,
        suffix: str = "",
        zero_text: str = "",
        step: int = 1,
    ) -> None:
        """Make one.

        Args:
            label: What it is, for the screen reader.
            object_name: For tests.
            minimum: The smallest number.
            maximum: The largest.
            parent: The owner.
            suffix: Behind the number, for example ``" MB"``.
            zero_text: Shown instead of the smallest number, for example "Automatic".
            step: What an arrow key changes.
        """
        super().__init__(parent)
        name(self, object_name, label)
        self.setRange(minimum, maximum)
        self.setSingleStep(step)
        _set_up(self, suffix, zero_text)
        self.valueChanged.connect(self.committed)

    def set_number(self, number: int) -> None:
        """Show a number without telling anybody."""
        with QSignalBlocker(self):
            self.setValue(number)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page unless the field has the keyboard."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class DecimalField(QDoubleSpinBox):
    """Tells a number from 0 on, as ``NumberField`` does; two places at most, and none where there are none.

    Attributes:
        committed: The user changed the number.
    """

    committed = Signal(float)

    def __init__(
        self,
        label: str,
        object_name: str,
        maximum: float,
        parent: QWidget | None = None,
        *,
        suffix: str = "",
        zero_text: str = "",
        step: float = 1.0,
    ) -> None:
        """Make one that begins at nothing.

        Args:
            label: What it is, for the screen reader.
            object_name: For tests.
            maximum: The largest number.
            parent: The owner.
            suffix: Behind the number, for example ``" credits"``.
            zero_text: Shown instead of nothing, for example "No cap".
            step: What an arrow key changes.
        """
        super().__init__(parent)
        name(self, object_name, label)
        self.setDecimals(_PLACES)
        self.setRange(0.0, maximum)
        self.setSingleStep(step)
        _set_up(self, suffix, zero_text)
        self.valueChanged.connect(self.committed)

    def set_number(self, number: float) -> None:
        """Show a number without telling anybody."""
        with QSignalBlocker(self):
            self.setValue(number)

    def textFromValue(self, value: float) -> str:
        """Write 4 instead of 4.00."""
        text, point = super().textFromValue(value), self.locale().decimalPoint()
        return text.rstrip("0").removesuffix(point) if point in text else text

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page unless the field has the keyboard."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def _set_up(field: QSpinBox | QDoubleSpinBox, suffix: str, zero_text: str) -> None:
    field.setSuffix(suffix)
    field.setSpecialValueText(zero_text)
    field.setKeyboardTracking(False)
    field.setFixedSize(_WIDTH, CONTROL_HEIGHT)
    # A stylesheet cannot pad the text of a spin box.
    field.lineEdit().setTextMargins(HALF + 2, 0, 0, 0)
    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
