"""What a page shows when it has nothing to show yet, or when something went wrong."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.theme.tokens import GAP, GRID, PAD
from faceswap_desktop.ui.widgets.labels import IconLabel, PlainLabel

_ICON_EDGE = 56
_TEXT_WIDTH = 440


class EmptyState(QWidget):
    """A picture, one sentence, what to do first, and at most two buttons, in the middle of its room."""

    def __init__(self, icon_name: str, title: str, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("empty-state")
        self._picture = IconLabel(icon_name, _ICON_EDGE, IconColour.MUTED, self)
        self._title = PlainLabel(title, "title", self, wraps=True)
        self._title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint = PlainLabel(hint, "muted", self, wraps=True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(GRID)
        self._buttons.addStretch(1)
        self._buttons.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(GRID)
        column.addStretch(2)
        column.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(GRID)
        for label in (self._title, self._hint):
            label.setFixedWidth(_TEXT_WIDTH)
            column.addWidget(label, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(PAD)
        column.addLayout(self._buttons)
        column.addStretch(3)
        row = QHBoxLayout(self)
        row.setContentsMargins(GAP, GAP, GAP, GAP)
        row.addStretch(1)
        row.addLayout(column)
        row.addStretch(1)

    def set_title(self, title: str) -> None:
        """Change the sentence."""
        self._title.setText(title)

    def set_hint(self, hint: str) -> None:
        """Change what to do first."""
        self._hint.setText(hint)

    def add_button(self, button: QPushButton) -> None:
        """Put a button under the words."""
        self._buttons.insertWidget(self._buttons.count() - 1, button)
