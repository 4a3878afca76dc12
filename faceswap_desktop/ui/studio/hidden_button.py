"""The button below the list of people in a video: who is hidden."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from faceswap_desktop.ui.studio.identities import Identities
from faceswap_desktop.ui.widgets.buttons import LinkButton


class HiddenButton(LinkButton):
    """Opens a menu of those who are hidden; not there while nobody is."""

    def __init__(self, identities: Identities, parent: QWidget | None = None) -> None:
        super().__init__("", "people-hidden", parent)
        self._identities = identities
        self.clicked.connect(self._on_clicked)
        self.refresh()

    def refresh(self) -> None:
        """Say how many are hidden."""
        analysis = self._identities.analysis
        count = sum(one.is_hidden for one in analysis.identities) if analysis is not None else 0
        words = self.tr("Show hidden ({n})").format(n=count)
        self.setText(words)
        self.setAccessibleName(words)
        self.setVisible(count > 0)

    def _on_clicked(self) -> None:
        # popup, never exec: no event loop within the one that runs.
        self._identities.hidden_menu().popup(self.mapToGlobal(QPoint(0, self.height())))
