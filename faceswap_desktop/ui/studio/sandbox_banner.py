"""A line that says that the sandbox stands in the place of all services."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.theme.tokens import GRID, PAD
from faceswap_desktop.ui.widgets.buttons import LinkButton
from faceswap_desktop.ui.widgets.forms import line
from faceswap_desktop.ui.widgets.labels import ElidedLabel, IconLabel
from faceswap_desktop.ui.widgets.roles import set_role


class SandboxBanner(QFrame):
    """Shown while the switch is on.

    Attributes:
        settings_wanted: The switch is to be shown.
    """

    settings_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "panel")
        words = self.tr("Sandbox: nothing leaves this computer, no credits are spent")
        name(self, "sandbox-banner", words)
        label = ElidedLabel(words, "warning", self)
        label.setObjectName("sandbox-words")
        link = LinkButton(self.tr("Switch off…"), "sandbox-settings", self)
        link.setAccessibleName(self.tr("Show the switch of the sandbox"))
        link.clicked.connect(self.settings_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(PAD, 2, GRID, 2)
        row.setSpacing(GRID)
        row.addWidget(IconLabel("bundle", 18, IconColour.WARNING, self))
        row.addWidget(label, 1)
        row.addWidget(link)
        column.addLayout(row)
        column.addWidget(line(self))
        self.hide()
