"""The sign, on the sections that it concerns, that the sandbox is on."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout

from faceswap_desktop.ui.notifications import Tone
from faceswap_desktop.ui.settings.section import SettingsSection
from faceswap_desktop.ui.theme.tokens import GRID, HALF, PAD
from faceswap_desktop.ui.widgets.buttons import LinkButton
from faceswap_desktop.ui.widgets.outcome import OutcomeRow
from faceswap_desktop.ui.widgets.roles import set_role


class SandboxNote(QFrame):
    """Shown while the switch is on, with a way to it."""

    def __init__(self, section: SettingsSection, what: str) -> None:
        """Make one.

        Args:
            section: Where it stands.
            what: What that means there.
        """
        super().__init__(section)
        self.setObjectName(f"{section.id}-sandbox-note")
        set_role(self, "card")
        words = OutcomeRow(f"{section.id}-sandbox-words", self)
        words.say(Tone.WARNING, self.tr("The sandbox is on."), what)
        go = LinkButton(self.tr("Sandbox"), f"{section.id}-sandbox-go", self)
        go.setAccessibleName(self.tr("Show the sandbox's switch"))
        go.clicked.connect(lambda: section.context.navigator.go("settings", "sandbox"))
        row = QHBoxLayout(self)
        row.setContentsMargins(PAD, PAD - HALF, GRID, PAD - HALF)
        row.setSpacing(GRID)
        row.addWidget(words, 1)
        row.addWidget(go)
        section.follow(lambda settings: self.setVisible(settings.sandbox.is_on))
