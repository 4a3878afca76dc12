"""Appearance."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from faceswap_desktop.domain.settings import Motion, Theme
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.settings import SectionEntry
from faceswap_desktop.ui.settings.section import SettingsSection
from faceswap_desktop.ui.widgets.forms import Choice, Switch


class AppearanceSection(SettingsSection):
    """Theme, motion, and what is drawn upon pictures."""

    def __init__(self, context: AppContext, tasks: Tasks, entry: SectionEntry, parent: QWidget | None = None) -> None:
        super().__init__(context, tasks, entry, parent)
        theme = Choice(
            self.tr("Theme"),
            "settings-theme",
            [
                (Theme.SYSTEM, self.tr("As the system")),
                (Theme.LIGHT, self.tr("Light")),
                (Theme.DARK, self.tr("Dark")),
                (Theme.HIGH_CONTRAST, self.tr("High contrast")),
            ],
            self,
        )
        motion = Choice(
            self.tr("Motion"),
            "settings-motion",
            [
                (Motion.SYSTEM, self.tr("As the system")),
                (Motion.FULL, self.tr("Full")),
                (Motion.REDUCED, self.tr("None")),
            ],
            self,
        )
        landmarks = Switch(self.tr("Show landmarks on pictures"), "settings-landmarks", self)
        numbers = Switch(self.tr("Show face numbers on pictures"), "settings-numbers", self)
        self.bind(theme, "appearance", "theme")
        self.bind(motion, "appearance", "motion")
        self.bind(landmarks, "appearance", "show_landmarks")
        self.bind(numbers, "appearance", "show_numbers")
        self.add_card(
            self.row(self.tr("Theme"), theme),
            self.row(
                self.tr("Motion"),
                motion,
                self.tr("Whether things may slide and fade. They never take longer than a blink."),
            ),
        )
        self.add_card(landmarks, numbers)
        self.end()
