"""Live: not yet there, and saying so."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtWidgets import QVBoxLayout, QWidget

from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.pages.base import Page
from faceswap_desktop.ui.widgets.buttons import Button
from faceswap_desktop.ui.widgets.roles import set_role
from faceswap_desktop.ui.widgets.states import EmptyState


class LivePage(Page):
    """One honest sentence until the camera works."""

    id: ClassVar[str] = "live"
    title: ClassVar[str] = "Live"
    icon: ClassVar[str] = "live"

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        set_role(self, "canvas")
        state = EmptyState(
            "live",
            self.tr("Swapping faces on a live camera does not work yet"),
            self.tr("It comes in a later version. Pictures can be swapped in the Studio now."),
            self,
        )
        self._studio = Button(self.tr("Go to Studio"), "live-go-studio", self, icon_name="studio")
        self._studio.clicked.connect(lambda: self.context.navigator.go("studio"))
        state.add_button(self._studio)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(state)

    def first_focus(self) -> QWidget:
        """Start at the one button."""
        return self._studio
