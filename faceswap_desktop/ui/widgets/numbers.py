"""A whole number to type."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QSpinBox, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.theme.tokens import CONTROL_HEIGHT, HALF

_WIDTH = 144


class NumberField(QSpinBox):
    """Tells a number once typing or stepping has settled on it.

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
        self.setSuffix(suffix)
        self.setSpecialValueText(zero_text)
        self.setKeyboardTracking(False)
        self.setFixedSize(_WIDTH, CONTROL_HEIGHT)
        # A stylesheet cannot pad the text of a spin box.
        self.lineEdit().setTextMargins(HALF + 2, 0, 0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._is_silent = False
        self.valueChanged.connect(self._on_changed)

    def set_number(self, number: int) -> None:
        """Show a number without telling anybody."""
        self._is_silent = True
        self.setValue(number)
        self._is_silent = False

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page unless the field has the keyboard."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _on_changed(self, number: int) -> None:
        if not self._is_silent:
            self.committed.emit(number)
