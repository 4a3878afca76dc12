"""Privacy."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.settings import SectionEntry
from faceswap_desktop.ui.settings.refused import RefusedPart
from faceswap_desktop.ui.settings.section import SettingsSection
from faceswap_desktop.ui.widgets.forms import SectionHeader, Switch
from faceswap_desktop.ui.widgets.labels import PlainLabel


class PrivacySection(SettingsSection):
    """What leaves the computer, and what results tell about the original."""

    def __init__(self, context: AppContext, tasks: Tasks, entry: SectionEntry, parent: QWidget | None = None) -> None:
        super().__init__(context, tasks, entry, parent)
        local = all(provider.info.is_local for provider in context.providers)
        stays = (
            self.tr("All work is done on this computer. No picture, no face and no figure about you is sent anywhere.")
            if local
            else self.tr(
                "Work on this computer sends nothing. Before a job for a provider starts, it says what leaves."
            )
        )
        self.add_card(
            SectionHeader(self.tr("What leaves this computer"), self), PlainLabel(stays, "muted", self, wraps=True)
        )
        gps = Switch(self.tr("Keep the place where a photo or video was taken"), "settings-gps", self)
        self.bind(gps, "output", "keep_gps")
        words = self.tr(
            "Results keep the camera's other notes, such as date and lens. The place is left out unless this is on."
        )
        self.add_card(
            SectionHeader(self.tr("What results tell"), self), gps, PlainLabel(words, "small", self, wraps=True)
        )
        kept = self.tr(
            "Source faces are kept as crops of your photos, results as files, both in folders of yours. "
            "Originals are only ever read. What you said of whose faces they are is kept with the documents that you "
            "added, also after a withdrawal, until you delete it on the page Faces; and of every result how it looks, "
            "so that it is known again when you verify a file. Nothing of this is sent anywhere. "
            "Diagnostics files contain no pictures, no file names and no keys."
        )
        self.add_card(SectionHeader(self.tr("What is kept"), self), PlainLabel(kept, "muted", self, wraps=True))
        self.refused = RefusedPart(context, tasks, self)
        self.add_card(SectionHeader(self.tr("What is looked at"), self), *self.refused.parts)
        self.end()

    def shown(self) -> None:
        """Read what was refused lately."""
        self.refused.reload()
