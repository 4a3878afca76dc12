"""Settings: applied at once, each section a column of cards."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtWidgets import QVBoxLayout, QWidget

from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.pages.base import Page
from faceswap_desktop.ui.settings.accounts import AccountsSection
from faceswap_desktop.ui.settings.advanced import AdvancedSection
from faceswap_desktop.ui.settings.appearance import AppearanceSection
from faceswap_desktop.ui.settings.budget import BudgetSection
from faceswap_desktop.ui.settings.hosting import HostingSection
from faceswap_desktop.ui.settings.jobs import JobsSection
from faceswap_desktop.ui.settings.output import OutputSection
from faceswap_desktop.ui.settings.privacy import PrivacySection
from faceswap_desktop.ui.settings.sandbox import SandboxSection
from faceswap_desktop.ui.settings.section import SettingsSection
from faceswap_desktop.ui.settings.storage import StorageSection
from faceswap_desktop.ui.settings.webhook import WebhookSection
from faceswap_desktop.ui.widgets.sections import Sections

_SECTIONS: tuple[type[SettingsSection], ...] = (
    AppearanceSection,
    OutputSection,
    AccountsSection,
    BudgetSection,
    HostingSection,
    WebhookSection,
    SandboxSection,
    JobsSection,
    StorageSection,
    PrivacySection,
    AdvancedSection,
)


class SettingsPage(Page):
    """A list of sections and the one chosen; ``receive`` takes a section's id."""

    id: ClassVar[str] = "settings"
    title: ClassVar[str] = "Settings"
    icon: ClassVar[str] = "settings"

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._sections = Sections(self.tr("Settings"), "settings", self)
        self._made: dict[str, SettingsSection] = {}
        for kind in _SECTIONS:
            section = kind(context, self.tasks)
            self._made[section.id] = section
            self._sections.add(section.id, section.title, section.icon, section)
        self._sections.shown.connect(self._on_shown)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._sections)

    def activate(self) -> None:
        """Measure again what changes by itself."""
        self._on_shown(self._sections.current)

    def first_focus(self) -> QWidget:
        """Start at the list."""
        return self._sections.list

    def receive(self, payload: object) -> None:
        """Show a section."""
        self._sections.show_section(str(payload))

    def _on_shown(self, section_id: str) -> None:
        self._made[section_id].shown()
