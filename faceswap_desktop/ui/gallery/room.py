"""How the height of the Gallery is shared between jobs and cards."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from faceswap_desktop.ui.theme.tokens import CONTROL_HEIGHT, GRID, PAD

FOR_CARDS: Final = 144
"""So much of the height is always left to the cards: a picture can be told from another."""
_LEAST: Final = 132
"""A title, a row, and a line that says what is the matter."""


class Column(QWidget):
    """The page's column; says how high the jobs may be in it.

    Attributes:
        room_changed: Pixels for the jobs.
    """

    room_changed = Signal(int)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share out the new height."""
        super().resizeEvent(event)
        above = PAD + CONTROL_HEIGHT + 2 * GRID
        self.room_changed.emit(max(_LEAST, self.height() - above - FOR_CARDS))
