"""The visible label: one switch, and what the law expects of those who leave it off."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.label_words import law_words, switch_words
from faceswap_desktop.ui.theme.tokens import HALF
from faceswap_desktop.ui.widgets.forms import Switch
from faceswap_desktop.ui.widgets.labels import PlainLabel


class LabelSection(QWidget):
    """Switches the label on and off; it is remembered, and the preview shows it at once.

    Attributes:
        law_shown: The user left it off, and what the law expects stands below now.
    """

    law_shown = Signal()

    def __init__(self, context: AppContext, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("label-section")
        self._context = context
        self._switch = Switch(switch_words(), "label-switch", self)
        self._is_wish = False
        self._switch.toggled_by_user.connect(lambda value: tasks.start(self._change(is_on=value)))
        self._law = PlainLabel(law_words(), "small", self, wraps=True)
        self._law.setObjectName("label-law")
        self._switch.setAccessibleDescription(law_words())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, HALF, 0, HALF)
        column.setSpacing(HALF)
        column.addWidget(self._switch)
        column.addWidget(self._law)
        self.refresh()

    async def _change(self, *, is_on: bool) -> None:
        self._is_wish = not is_on
        await self._context.settings.update("label", is_on=is_on)

    def refresh(self) -> None:
        """Show the switch as the settings have it; without the label, what the law expects."""
        is_on = self._context.current_settings.label.is_on
        self._switch.setChecked(is_on)
        self._law.setVisible(not is_on)
        if self._is_wish and not is_on:
            self._is_wish = False
            self.law_shown.emit()
