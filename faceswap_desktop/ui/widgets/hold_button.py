"""A button that works while it is held."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from faceswap_desktop.ui.widgets.buttons import Button


class HoldButton(Button):
    """Held with the mouse or the space bar.

    Attributes:
        held: It is pressed, or let go.
    """

    held = Signal(bool)

    def __init__(self, text: str, object_name: str, parent: QWidget, *, icon_name: str) -> None:
        super().__init__(text, object_name, parent, icon_name=icon_name)
        self.pressed.connect(lambda: self.held.emit(True))
        self.released.connect(lambda: self.held.emit(False))
        self.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Drop what a held key repeats: a press that repeats would flicker."""
        return isinstance(event, QKeyEvent) and event.isAutoRepeat()
