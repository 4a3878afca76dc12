"""The viewer of licences."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPlainTextEdit, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.theme.tokens import GRID
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.sections import SectionColumn

if TYPE_CHECKING:
    from faceswap_desktop.ui.help.licences import Licence

_LIST_WIDTH = 280


class LicencesSection(SectionColumn):
    """Works at the left, the text of the chosen one at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Licences"), parent, is_wide=True)
        self._list = QListWidget(self)
        name(self._list, "licences-list", self.tr("Works in this program"))
        self._text = QPlainTextEdit(self)
        self._text.setReadOnly(True)
        self._text.setTabChangesFocus(True)
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        name(self._text, "licences-text", self.tr("Text of the licence"))
        font = QFont("monospace")
        font.setStyleHint(QFont.StyleHint.Monospace)
        font.setPixelSize(12)
        self._text.setFont(font)
        self._list.setFixedWidth(_LIST_WIDTH)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self._list)
        row.addWidget(self._text, 1)
        hint = self.tr("Faceswap Desktop stands on the work of others. Thank you.")
        self.column.addWidget(PlainLabel(hint, "muted", self))
        self.column.addLayout(row, 1)
        self._licences: list[Licence] = []
        self._list.currentRowChanged.connect(self._on_row)

    async def load(self) -> None:
        """Read the licences, once."""
        if self._licences:
            return
        from faceswap_desktop.ui.help.licences import read_licences

        self._licences = await asyncio.to_thread(read_licences)
        for licence in self._licences:
            item = QListWidgetItem(licence.title)
            item.setToolTip(licence.terms)
            self._list.addItem(item)
        self._list.setCurrentRow(0)

    def _on_row(self, row: int) -> None:
        if 0 <= row < len(self._licences):
            licence = self._licences[row]
            head = f"{licence.title}\n{licence.terms}".strip()
            self._text.setPlainText(f"{head}\n\n{licence.text}".strip())
