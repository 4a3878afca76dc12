"""The menus of a face and of source faces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QWidget

from faceswap_desktop.domain.faces import SourceFace, SourceFaceId
from faceswap_desktop.domain.pairing import TargetFaceRef
from faceswap_desktop.services.studio import Studio
from faceswap_desktop.ui.item_models.shelf import number_key
from faceswap_desktop.ui.studio.gestures import Gestures
from faceswap_desktop.ui.studio.identities import Identities
from faceswap_desktop.ui.studio.library_gestures import LibraryGestures
from faceswap_desktop.ui.studio.pairing import Pairing
from faceswap_desktop.ui.studio.sources import Sources
from faceswap_desktop.ui.studio.stage import Stage


class StudioMenus(QObject):
    """Builds a menu for what was pointed at and opens it; a new one each time, since its counts change."""

    def __init__(
        self,
        studio: Studio,
        stage: Stage,
        gestures: Gestures,
        pairing: Pairing,
        library: LibraryGestures,
        sources: Sources,
        identities: Identities,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._studio = studio
        self._stage = stage
        self._gestures = gestures
        self._pairing = pairing
        self._library = library
        self._sources = sources
        self._identities = identities
        self._window = window

    def open_face_menu(self, face: int, place: QPoint) -> None:
        """Open the menu of a face of the current picture; of the picture as a whole for -1."""
        _open(self.face_menu(face), place)

    def open_shelf_menu(self, faces: Sequence[SourceFace], place: QPoint) -> None:
        """Open the menu of source faces on the shelf."""
        if faces:
            _open(self.shelf_menu(faces), place)

    def face_menu(self, face: int) -> QMenu:
        """Make the menu of a face."""
        menu = self._menu("menu-face")
        target = self._stage.target(face)
        picture = self._pairing.current_targets()
        main = self._studio.targets_of_main_faces()
        if target is not None:
            self._add_sources(menu, self.tr("This face becomes"), [target])
            like = self._gestures.targets_like(face)
            if len(like) > 1:
                words = self.tr("Every face that looks like this one ({n}) becomes").format(n=len(like))
                self._add_sources(menu, words, like)
        if len(picture) > 1:
            self._add_sources(menu, self.tr("All faces of this picture ({n}) become").format(n=len(picture)), picture)
        if len(main) > 1:
            self._add_sources(menu, self.tr("The main face of every picture ({n}) becomes").format(n=len(main)), main)
        if target is not None:
            self._add_for_face(menu, face, target, picture)
            self._identities.add_to_menu(menu, face)
        if not menu.isEmpty():
            menu.addSeparator()
        clear = menu.addAction(self.tr("Clear the pairings of this picture"))
        clear.setEnabled(any(self._studio.board.source_of(one) is not None for one in picture))
        clear.triggered.connect(self._gestures.clear_picture)
        return menu

    def shelf_menu(self, faces: Sequence[SourceFace]) -> QMenu:
        """Make the menu of source faces."""
        menu = self._menu("menu-shelf")
        if len(faces) == 1:
            self._add_for_source(menu, faces[0])
        else:
            merge = menu.addAction(self.tr("Put together as one person ({n})").format(n=len(faces)))
            merge.triggered.connect(partial(self._library.put_together, faces))
            menu.addSeparator()
        off = menu.addAction(self.tr("Take off the shelf"))
        off.triggered.connect(partial(self._library.take_off_shelf, faces))
        delete = menu.addAction(self.tr("Delete"))
        delete.setShortcut("Del")
        delete.triggered.connect(partial(self._library.delete, faces))
        return menu

    # Inside

    def _add_for_face(self, menu: QMenu, face: int, target: TargetFaceRef, picture: Sequence[TargetFaceRef]) -> None:
        others = [one.face for one in picture if one.face != face]
        if others:
            swap = menu.addMenu(self.tr("Swap pairing with"))
            for other in others:
                source = self._studio.board.source_of(TargetFaceRef(target.media, other))
                name = self._sources.name_of(source) if source is not None else ""
                words = self.tr("Face {n}").format(n=other + 1)
                action = swap.addAction(f"{words} · {name}".replace("&", "&&") if name else words)
                action.triggered.connect(partial(self._gestures.swap, face, other))
        leave = menu.addAction(self.tr("Leave this face as it is"))
        leave.setShortcut("Del")
        leave.setEnabled(self._studio.board.source_of(target) is not None)
        leave.triggered.connect(partial(self._gestures.clear_face, face))
        menu.addSeparator()
        keep = menu.addAction(self.tr("Put this face on the shelf"))
        current = self._stage.picture
        if current is not None:
            keep.triggered.connect(partial(self._library.add_face_of, current.path, face))

    def _add_for_source(self, menu: QMenu, face: SourceFace) -> None:
        picture = self._pairing.current_targets()
        main = self._studio.targets_of_main_faces()
        entries: list[tuple[str, Sequence[TargetFaceRef]]] = [
            (self.tr("Put on all faces of this picture ({n})").format(n=len(picture)), picture),
            (self.tr("Put on the main face of every picture ({n})").format(n=len(main)), main),
        ]
        for words, targets in entries:
            action = menu.addAction(words)
            action.setEnabled(bool(targets))
            action.triggered.connect(partial(self._pair, targets, face.id))
        menu.addSeparator()
        plain: list[tuple[str, str, Callable[[], None], bool]] = [
            (self.tr("Rename…"), "F2", partial(self._library.ask_for_name, face), True),
            (self.tr("Add photos of this person…"), "", partial(self._library.ask_for_more_photos, face), True),
            (self.tr("Take apart"), "", partial(self._library.take_apart, face), len(face.photos) > 1),
        ]
        for words, keys, work, is_enabled in plain:
            action = menu.addAction(words)
            action.setShortcut(keys)
            action.setEnabled(is_enabled)
            action.triggered.connect(work)
        menu.addSeparator()

    def _add_sources(self, menu: QMenu, title: str, targets: Sequence[TargetFaceRef]) -> None:
        inside = menu.addMenu(title)
        inside.setEnabled(bool(self._sources.shelf))
        becomes = {self._studio.board.source_of(target) for target in targets}
        for row, face in enumerate(self._sources.shelf):
            badge = self._sources.badge(face.id)
            action = inside.addAction(
                QIcon(badge.picture) if badge is not None else QIcon(), face.name.replace("&", "&&")
            )
            if len(targets) == 1 and number_key(row):
                action.setShortcut(number_key(row))
            action.setCheckable(becomes == {face.id})
            action.setChecked(becomes == {face.id})
            action.triggered.connect(partial(self._pair, targets, face.id))

    def _pair(self, targets: Sequence[TargetFaceRef], source: SourceFaceId, _checked: bool = False) -> None:
        self._pairing.pair(targets, source)
        self._gestures.let_go()

    def _menu(self, object_name: str) -> QMenu:
        menu = QMenu(self._window)
        menu.setObjectName(object_name)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu


def _open(menu: QMenu, place: QPoint) -> None:
    # popup, never exec: no event loop within the one that runs.
    menu.popup(place)
