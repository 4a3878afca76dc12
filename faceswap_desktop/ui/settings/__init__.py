"""The sections of the settings. Adding one is one file and a few lines here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

if TYPE_CHECKING:
    from faceswap_desktop.ui.settings.section import SettingsSection


@dataclass(frozen=True, slots=True)
class SectionEntry:
    """A section, known before its module is loaded: it is built when it is first looked at.

    Attributes:
        id: Stable name.
        title: English; translated when shown.
        icon: Name of its icon.
        load: Imports the module and returns the section's class.
    """

    id: str
    title: str
    icon: str
    load: Callable[[], type[SettingsSection]]

    def shown_title(self) -> str:
        """Return the title in the user's language."""
        return QCoreApplication.translate("Settings", self.title)


def _appearance() -> type[SettingsSection]:
    from faceswap_desktop.ui.settings.appearance import AppearanceSection

    return AppearanceSection


def _output() -> type[SettingsSection]:
    from faceswap_desktop.ui.settings.output import OutputSection

    return OutputSection


def _label() -> type[SettingsSection]:
    from faceswap_desktop.ui.settings.label import LabelSection

    return LabelSection


def _live() -> type[SettingsSection]:
    from faceswap_desktop.ui.settings.live import LiveSection

    return LiveSection


def _accounts() -> type[SettingsSection]:
    from faceswap_desktop.ui.settings.accounts import AccountsSection

    return AccountsSection


def _budget() -> type[SettingsSection]:
    from faceswap_desktop.ui.settings.budget import BudgetSection

    return BudgetSection


def _hosting() -> type[SettingsSection]:
    from faceswap_desktop.ui.settings.hosting import HostingSection

    return HostingSection


def _webhook() -> type[SettingsSection]:
    from faceswap_desktop.ui.settings.webhook import WebhookSection

    return WebhookSection


def _sandbox() -> type[SettingsSection]:
    from faceswap_desktop.ui.settings.sandbox import SandboxSection

    return SandboxSection


def _credentials() -> type[SettingsSection]:
    from faceswap_desktop.ui.settings.credentials import CredentialsSection

    return CredentialsSection


def _jobs() -> type[SettingsSection]:
    from faceswap_desktop.ui.settings.jobs import JobsSection

    return JobsSection


def _storage() -> type[SettingsSection]:
    from faceswap_desktop.ui.settings.storage import StorageSection

    return StorageSection


def _privacy() -> type[SettingsSection]:
    from faceswap_desktop.ui.settings.privacy import PrivacySection

    return PrivacySection


def _advanced() -> type[SettingsSection]:
    from faceswap_desktop.ui.settings.advanced import AdvancedSection

    return AdvancedSection


SECTIONS: Final = (
    SectionEntry("appearance", str(QT_TRANSLATE_NOOP("Settings", "Appearance")), "contrast", _appearance),
    SectionEntry("output", str(QT_TRANSLATE_NOOP("Settings", "Output")), "save", _output),
    SectionEntry("label", str(QT_TRANSLATE_NOOP("Settings", "Label")), "eye", _label),
    SectionEntry("live", str(QT_TRANSLATE_NOOP("Settings", "Live")), "live", _live),
    SectionEntry("accounts", str(QT_TRANSLATE_NOOP("Settings", "Accounts")), "cloud", _accounts),
    SectionEntry("budget", str(QT_TRANSLATE_NOOP("Settings", "Prices and budget")), "list", _budget),
    SectionEntry("hosting", str(QT_TRANSLATE_NOOP("Settings", "Hosting")), "share", _hosting),
    SectionEntry("webhook", str(QT_TRANSLATE_NOOP("Settings", "Webhook")), "bundle", _webhook),
    SectionEntry("sandbox", str(QT_TRANSLATE_NOOP("Settings", "Sandbox")), "cpu", _sandbox),
    SectionEntry("credentials", str(QT_TRANSLATE_NOOP("Settings", "Content Credentials")), "verify", _credentials),
    SectionEntry("jobs", str(QT_TRANSLATE_NOOP("Settings", "Jobs")), "clock", _jobs),
    SectionEntry("storage", str(QT_TRANSLATE_NOOP("Settings", "Storage")), "disk", _storage),
    SectionEntry("privacy", str(QT_TRANSLATE_NOOP("Settings", "Privacy")), "privacy", _privacy),
    SectionEntry("advanced", str(QT_TRANSLATE_NOOP("Settings", "Advanced")), "sliders", _advanced),
)
"""All sections, in the order of the list; the first is shown at first."""
