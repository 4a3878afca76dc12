"""What is done to the source faces chosen on the shelf: pasting, putting together, deleting, renaming."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from faceswap_desktop.ui.canvas.drag import has_pictures
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.item_models.shelf import ShelfModel
from faceswap_desktop.ui.studio.incoming import Incoming
from faceswap_desktop.ui.studio.library_gestures import LibraryGestures
from faceswap_desktop.ui.studio.menus import StudioMenus
from faceswap_desktop.ui.studio.shelf_panel import ShelfPanel


class ShelfGestures(QObject):
    """Connects the shelf with the library."""

    def __init__(
        self,
        context: AppContext,
        shelf: ShelfPanel,
        model: ShelfModel,
        library: LibraryGestures,
        incoming: Incoming,
        menus: StudioMenus,
    ) -> None:
        super().__init__(shelf)
        self._context = context
        self._shelf = shelf
        self._library = library
        self._incoming = incoming
        shelf.add_wanted.connect(library.ask_to_add)
        shelf.merge_button.clicked.connect(self.put_together)
        shelf.view.menu_wanted.connect(lambda place: menus.open_shelf_menu(shelf.view.selected_faces(), place))
        shelf.view.delete_pressed.connect(self._delete)
        shelf.view.rename_pressed.connect(self._rename)
        model.pictures_dropped.connect(incoming.add_mime)
        model.reorder_wanted.connect(library.reorder)
        library.progressed.connect(shelf.show_progress)

    def paste(self) -> None:
        """Put what is on the clipboard on the shelf."""
        mime = QGuiApplication.clipboard().mimeData()
        if has_pictures(mime):
            self._incoming.add_mime(mime)
        else:
            words = self.tr("There is no picture on the clipboard.")
            self._context.notifications.info(words, key="paste")

    def put_together(self) -> None:
        """Make one person of those chosen."""
        self._library.put_together(self._shelf.view.selected_faces())

    def _delete(self) -> None:
        if chosen := self._shelf.view.selected_faces():
            self._library.delete(chosen)

    def _rename(self) -> None:
        if len(chosen := self._shelf.view.selected_faces()) == 1:
            self._library.ask_for_name(chosen[0])
