"""How something went or stands: an icon, a sentence, and what helps."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from faceswap_desktop.ui.accessibility import announce
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.notifications import Tone
from faceswap_desktop.ui.theme.tokens import GRID
from faceswap_desktop.ui.widgets.labels import IconLabel, PlainLabel

_EDGE: Final = 16
_ICONS: Final = {
    Tone.INFO: ("info", IconColour.MUTED),
    Tone.SUCCESS: ("success", IconColour.SUCCESS),
    Tone.WARNING: ("warning", IconColour.WARNING),
    Tone.ERROR: ("error", IconColour.DANGER),
}


class OutcomeRow(QWidget):
    """Hidden until there is something to say. The words say as much as the icon; texts from outside stay plain."""

    def __init__(self, object_name: str, parent: QWidget | None = None, *, is_strong: bool = False) -> None:
        super().__init__(parent)
        self.setObjectName(object_name)
        self.tone = Tone.INFO
        self._picture = IconLabel("info", _EDGE, IconColour.MUTED, self)
        self._text = PlainLabel("", "strong" if is_strong else None, self, wraps=True)
        self._hint = PlainLabel("", "small", self, wraps=True)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GRID)
        grid.setVerticalSpacing(2)
        grid.addWidget(self._picture, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self._text, 0, 1)
        grid.addWidget(self._hint, 1, 1)
        grid.setColumnStretch(1, 1)
        self.setVisible(False)

    @property
    def text(self) -> str:
        """What it says; empty for nothing."""
        return self._text.text()

    @property
    def hint(self) -> str:
        """What helps, as it says."""
        return self._hint.text()

    def say(self, tone: Tone, text: str, hint: str = "", *, aloud: bool = False) -> None:
        """Say something.

        Args:
            tone: How serious it is.
            text: One sentence or two.
            hint: What helps, or what else is to know.
            aloud: A screen reader says it now.
        """
        self.tone = tone
        self._picture.set_icon(*_ICONS[tone])
        self._text.setText(text)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self.setVisible(bool(text))
        if aloud and text:
            announce(self, f"{text} {hint}".strip(), is_urgent=tone is Tone.ERROR)

    def clear(self) -> None:
        """Say nothing."""
        self.say(Tone.INFO, "")
