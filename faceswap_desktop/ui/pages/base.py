"""What every page has in common."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QWidget

from faceswap_desktop.ui.actions import ActionSpec, ActionTable
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.widgets.roles import set_role


class Page(QWidget):
    """A place of the window.

    Subclasses set ``id``, ``title`` and ``icon`` as in their ``PageEntry``, build their widgets in
    ``__init__`` without waiting for anything, and fill them in ``activate``.

    Attributes:
        context: Services and the window's helpers.
        tasks: Owner of everything asynchronous that the page starts.
        table: The actions of the window, from the moment the page is put into it.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    icon: ClassVar[str]

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.tasks = Tasks(self, context.notifications)
        self.table: ActionTable | None = None
        self.setObjectName(f"page-{self.id}")
        self.setAccessibleName(self.title)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        set_role(self, "page")

    def actions_of_page(self) -> Sequence[ActionSpec]:
        """Return what can be done here; asked once, after ``__init__``."""
        return ()

    def table_ready(self) -> None:
        """Make what needs the actions (``self.table``), for example buttons for them; called once."""

    def activate(self) -> None:
        """Be shown. Called each time; start what fills the page through ``tasks``."""

    def deactivate(self) -> None:
        """Be hidden: stop what only the eye needs."""

    async def close_page(self) -> None:
        """The program ends: cancel what runs and wait for it."""
        await self.tasks.close()

    @property
    def undo_stack(self) -> QUndoStack | None:
        """What undo and redo act on while the page is shown; None if there is nothing to undo."""
        return None

    def first_focus(self) -> QWidget | None:
        """Return the widget that gets the keyboard when the page is shown by a key; None for the first."""
        return None

    def drop_hint(self, mime: QMimeData) -> str:
        """Return the words of the overlay while something is dragged over the page; empty to refuse it."""
        return ""

    def receive_drop(self, mime: QMimeData) -> None:
        """Take what was dropped, or pasted: called only where ``drop_hint`` was not empty."""

    def receive_files(self, paths: Sequence[Path]) -> bool:
        """Take files that were opened by menu or by another start of the program; False to leave them to the Studio."""
        return False

    def receive(self, payload: object) -> None:
        """Show something in particular; comes from ``context.navigator.go(page_id, payload)``."""
