"""Asking where a result, or a file that is dropped on the Gallery, comes from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QMimeData
from PySide6.QtWidgets import QAbstractItemView

from faceswap_desktop.ui.actions import ActionSpec, ActionTable, Menu
from faceswap_desktop.ui.canvas.drag import files_of
from faceswap_desktop.ui.context import AppContext

if TYPE_CHECKING:
    from faceswap_desktop.ui.pages.gallery import GalleryPage


class Verifying:
    """The way from the Gallery to the Verify page."""

    def __init__(self, page: GalleryPage, context: AppContext) -> None:
        self._page = page
        self._context = context

    def specs(self) -> list[ActionSpec]:
        """Return the action for a result."""
        return [
            ActionSpec(
                id="results.verify",
                text=_tr("Verify"),
                run=self._verify,
                shortcut="V",
                menu=Menu.RESULT,
                group=1,
                icon="verify",
                tip=_tr("See what its Content Credentials tell"),
            )
        ]

    def refresh(self, table: ActionTable) -> None:
        """Enable it for one result."""
        table.set_enabled("results.verify", self._page.chosen_count() == 1)

    def drop_hint(self, mime: QMimeData) -> str:
        """Say what dropping does; a card that is dragged out to another program is not meant for the Gallery."""
        if self._page.cards.state() == QAbstractItemView.State.DraggingState or not files_of(mime):
            return ""
        return _tr("Drop to see where it comes from")

    def receive_drop(self, mime: QMimeData) -> None:
        """Show where dropped files come from."""
        self._context.navigator.go("verify", files_of(mime))

    async def _verify(self) -> None:
        if chosen := await self._page.chosen_results():
            self._context.navigator.go("verify", Path(chosen[0].path))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Gallery", text)
