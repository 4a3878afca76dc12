"""A number with places behind the point to type."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.theme.tokens import CONTROL_HEIGHT, HALF

_WIDTH = 144
_PLACES = 2


class DecimalField(QDoubleSpinBox):
    """Tells a number once typing or stepping has settled on it; two places at most, and none where there are none.

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
        self.setSuffix(suffix)
        self.setSpecialValueText(zero_text)
        self.setKeyboardTracking(False)
        self.setFixedSize(_WIDTH, CONTROL_HEIGHT)
        # A stylesheet cannot pad the text of a spin box.
        self.lineEdit().setTextMargins(HALF + 2, 0, 0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._is_silent = False
        self.valueChanged.connect(self._on_changed)

    def set_number(self, number: float) -> None:
        """Show a number without telling anybody."""
        self._is_silent = True
        self.setValue(number)
        self._is_silent = False

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

    def _on_changed(self, number: float) -> None:
        if not self._is_silent:
            self.committed.emit(number)
