"""Parts of panels and settings: headers, switches, choices, rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.theme.tokens import GRID, HALF, PAD
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.roles import set_role


class SectionHeader(QWidget):
    """The title of a part of a panel, with room for a small button at its right."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = PlainLabel(text, "section", self)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(HALF)
        self._row.addWidget(self._label, 1)

    def set_text(self, text: str) -> None:
        """Change the title."""
        self._label.setText(text)

    def add_widget(self, widget: QWidget) -> None:
        """Put something at the right end."""
        self._row.addWidget(widget)


class Switch(QCheckBox):
    """Something that is on or off; ``toggled_by_user`` tells only what the user did."""

    toggled_by_user = Signal(bool)

    def __init__(self, text: str, object_name: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        name(self, object_name, text)
        self.clicked.connect(self.toggled_by_user)


class Choice(QComboBox):
    """One of a few values.

    Attributes:
        chosen: The user chose another value.
    """

    chosen = Signal(object)

    def __init__(
        self, label: str, object_name: str, values: Sequence[tuple[Any, str]], parent: QWidget | None = None
    ) -> None:
        """Make one.

        Args:
            label: What is chosen, for the screen reader.
            object_name: For tests.
            values: Each value and its words.
            parent: The owner.
        """
        super().__init__(parent)
        name(self, object_name, label)
        # Not as item data: Qt turns members of a StrEnum into plain strings.
        self._values: list[Any] = []
        self.set_values(values)
        self.activated.connect(self._on_activated)

    def set_values(self, values: Sequence[tuple[Any, str]]) -> None:
        """Replace the values, keeping the one chosen if it is still there."""
        before = self.value()
        self.clear()
        self._values = [value for value, _ in values]
        self.addItems([words for _, words in values])
        self.set_value(before)

    def value(self) -> Any:
        """Return the value chosen; None for none."""
        row = self.currentIndex()
        return self._values[row] if 0 <= row < len(self._values) else None

    def values(self) -> Sequence[Any]:
        """Return what can be chosen, in order."""
        return tuple(self._values)

    def set_value(self, value: Any) -> None:
        """Choose without telling anybody."""
        if value in self._values:
            self.setCurrentIndex(self._values.index(value))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel: passing over must not change anything."""
        event.ignore()

    def _on_activated(self, row: int) -> None:
        self.chosen.emit(self._values[row])


class FormRow(QWidget):
    """Words at the left, a control at the right, and below them what it means."""

    def __init__(self, label: str, control: QWidget, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        words = PlainLabel(label, None, self)
        words.setBuddy(control)
        top = QHBoxLayout()
        top.setSpacing(GRID)
        top.addWidget(words)
        top.addStretch(1)
        top.addWidget(control)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(HALF)
        column.addLayout(top)
        self._hint = PlainLabel(hint, "small", self, wraps=True)
        self._hint.setVisible(bool(hint))
        column.addWidget(self._hint)
        if not control.accessibleName():
            control.setAccessibleName(label)
        if hint:
            control.setAccessibleDescription(hint)

    def set_hint(self, hint: str) -> None:
        """Change what it means."""
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))


def line(parent: QWidget | None = None) -> QFrame:
    """Make a thin line between parts."""
    frame = QFrame(parent)
    set_role(frame, "line")
    frame.setFixedHeight(1)
    frame.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return frame


def card(parent: QWidget | None = None) -> tuple[QFrame, QVBoxLayout]:
    """Make a card and the column inside it."""
    frame = QFrame(parent)
    set_role(frame, "card")
    column = QVBoxLayout(frame)
    column.setContentsMargins(PAD, PAD - HALF, PAD, PAD - HALF)
    column.setSpacing(GRID + HALF)
    return frame, column
