"""Upon the picture, while the panic key is on: what others see, and how it ends."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from faceswap_desktop.domain.live import PanicPicture
from faceswap_desktop.ui.accessibility import announce, name
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.live.words import panic_hint, panic_words
from faceswap_desktop.ui.theme.tokens import GRID, HALF, PAD
from faceswap_desktop.ui.widgets.buttons import Button
from faceswap_desktop.ui.widgets.labels import IconLabel, PlainLabel
from faceswap_desktop.ui.widgets.roles import set_role

_WIDE_FROM = 360


class PanicBanner(QFrame):
    """Lies upon the picture, so that nothing moves when it comes.

    Attributes:
        end_wanted: The swapped picture is to be shown again.
    """

    end_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "popup")
        name(self, "live-panic-banner", "")
        self._text = PlainLabel("", "strong", self, wraps=True)
        self._hint = PlainLabel(panic_hint(), "small", self, wraps=True)
        self._end = Button(self.tr("Show it again"), "live-panic-end", self)
        self._end.setAccessibleName(self.tr("Show the swapped picture again"))
        self._end.clicked.connect(self.end_wanted)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._text)
        words.addWidget(self._hint)
        row = QHBoxLayout(self)
        row.setContentsMargins(PAD, GRID, GRID, GRID)
        row.setSpacing(GRID + HALF)
        self._icon = IconLabel("panic", 24, IconColour.DANGER, self)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(words, 1)
        row.addWidget(self._end, 0, Qt.AlignmentFlag.AlignVCenter)
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text.text()

    def set_room(self, width: int) -> None:
        """Leave to the foot of the inspector what does not fit."""
        self._icon.setVisible(width >= _WIDE_FROM)
        self._end.setVisible(width >= _WIDE_FROM)

    def show_panic(self, panic: PanicPicture | None) -> None:
        """Say what others see; nothing while the key is off."""
        if panic is None:
            self.hide()
            return
        words = panic_words(panic)
        if self.isHidden() or words != self._text.text():
            self._text.setText(words)
            self.setAccessibleName(f"{words} {panic_hint()}")
            self.show()
            self.raise_()
            announce(self, self.accessibleName(), is_urgent=True)
