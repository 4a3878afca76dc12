"""A field to search in, that waits until the typing pauses."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.icons import IconColour, icon

_PAUSE_MS: Final = 150


class SearchField(QLineEdit):
    """Esc clears it.

    Attributes:
        searched: What is looked for, once the typing pauses; each text is told once.
    """

    searched = Signal(str)

    def __init__(self, placeholder: str, object_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setClearButtonEnabled(False)
        self.addAction(icon("search", IconColour.MUTED), QLineEdit.ActionPosition.LeadingPosition)
        self._clear = self.addAction(icon("close", IconColour.MUTED), QLineEdit.ActionPosition.TrailingPosition)
        self._clear.setToolTip(self.tr("Clear search"))
        self._clear.setVisible(False)
        self._clear.triggered.connect(self.clear)
        name(self, object_name, placeholder)
        self._told = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self._tell)
        self.textChanged.connect(self._on_changed)
        self.returnPressed.connect(self._tell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Clear with Esc; an empty field leaves Esc to others."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)

    def _on_changed(self, text: str) -> None:
        self._clear.setVisible(bool(text))
        if text:
            self._timer.start()
        else:
            self._tell()

    def _tell(self) -> None:
        self._timer.stop()
        text = self.text().strip()
        if text != self._told:
            self._told = text
            self.searched.emit(text)
