"""Settings: applied at once, each section a column of cards."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtWidgets import QVBoxLayout, QWidget

from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.pages.base import Page
from faceswap_desktop.ui.settings import SECTIONS, SectionEntry
from faceswap_desktop.ui.widgets.sections import Sections

if TYPE_CHECKING:
    from faceswap_desktop.ui.settings.section import SettingsSection


class SettingsPage(Page):
    """A list of sections and the one chosen; ``receive`` takes a section's id."""

    id: ClassVar[str] = "settings"
    title: ClassVar[str] = "Settings"
    icon: ClassVar[str] = "settings"

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._sections = Sections(self.tr("Settings"), "settings", self)
        self._made: dict[str, SettingsSection] = {}
        for entry in SECTIONS:
            self._sections.add_later(entry.id, entry.shown_title(), entry.icon, partial(self._make, entry))
        self._sections.shown.connect(self._on_shown)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._sections)

    def activate(self) -> None:
        """Build what comes into sight, and measure again what changes by itself."""
        self._sections.open()

    def first_focus(self) -> QWidget:
        """Start at the list."""
        return self._sections.list

    def receive(self, payload: object) -> None:
        """Show a section."""
        self._sections.show_section(str(payload))

    def _make(self, entry: SectionEntry) -> QWidget:
        kind = entry.load()
        section = self._made[entry.id] = kind(self.context, self.tasks, entry)
        return section

    def _on_shown(self, section_id: str) -> None:
        self._made[section_id].shown()
