"""Help: first steps, keys, licences, what to do in trouble, what was said, about."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtWidgets import QVBoxLayout, QWidget

from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.help.about_section import AboutSection
from faceswap_desktop.ui.help.first_steps_section import FirstStepsSection
from faceswap_desktop.ui.help.licences_section import LicencesSection
from faceswap_desktop.ui.help.messages_section import MessagesSection
from faceswap_desktop.ui.help.shortcuts_section import ShortcutsSection
from faceswap_desktop.ui.help.troubles_section import TroublesSection
from faceswap_desktop.ui.pages import PAGES
from faceswap_desktop.ui.pages.base import Page
from faceswap_desktop.ui.widgets.sections import Sections


class HelpPage(Page):
    """A list of sections and the one chosen; ``receive`` takes a section's id."""

    id: ClassVar[str] = "help"
    title: ClassVar[str] = "Help"
    icon: ClassVar[str] = "help"

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._sections = Sections(self.tr("Help"), "help", self)
        self._shortcuts = ShortcutsSection()
        self._licences = LicencesSection()
        add = self._sections.add
        add("first-steps", self.tr("First steps"), "studio", FirstStepsSection())
        add("shortcuts", self.tr("Keyboard shortcuts"), "keyboard", self._shortcuts, scrolls=False)
        add("licences", self.tr("Licences"), "document", self._licences, scrolls=False)
        troubles = TroublesSection(context, self.tasks)
        add("troubles", self.tr("Log and diagnostics"), "bundle", troubles)
        messages = MessagesSection(context.notifications)
        add("messages", self.tr("Recent messages"), "list", messages, scrolls=False)
        add("about", self.tr("About"), "info", AboutSection())
        self._sections.shown.connect(self._on_shown)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._sections)

    def table_ready(self) -> None:
        """Follow the actions: pages that are built later bring their keys."""
        if self.table is not None:
            self.table.changed.connect(self._fill_shortcuts)
        self._fill_shortcuts()

    def first_focus(self) -> QWidget:
        """Start at the list."""
        return self._sections.list

    def receive(self, payload: object) -> None:
        """Show a section."""
        self._sections.show_section(str(payload))

    def _fill_shortcuts(self) -> None:
        if self.table is not None:
            self._shortcuts.set_specs(self.table.specs(), {entry.id: entry.shown_title() for entry in PAGES})

    def _on_shown(self, section_id: str) -> None:
        if section_id == "licences":
            self.tasks.start(self._licences.load(), key="licences")
