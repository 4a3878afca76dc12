"""The shelf beside the live picture: a click, a number or a drop puts a face on somebody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QIcon, QUndoStack
from PySide6.QtWidgets import QMenu, QWidget

from faceswap_desktop.domain.faces import SourceFace, SourceFaceId
from faceswap_desktop.ui.accessibility import announce
from faceswap_desktop.ui.item_models.shelf import ShelfModel, number_key
from faceswap_desktop.ui.studio.incoming import Incoming
from faceswap_desktop.ui.studio.library_gestures import LibraryGestures
from faceswap_desktop.ui.studio.shelf_panel import ShelfPanel

if TYPE_CHECKING:
    from faceswap_desktop.services.live_state import LiveState
    from faceswap_desktop.ui.bridge import Tasks
    from faceswap_desktop.ui.context import AppContext
    from faceswap_desktop.ui.live.casting import Casting
    from faceswap_desktop.ui.live.people_section import PeopleSection
    from faceswap_desktop.ui.studio.sources import Sources

_NAMED = 2
"""From so many people on a click on a face alone does not say who is meant."""


class LiveShelf(QObject):
    """Connects shelf, people and picture.

    With one person in the picture a click on a face is enough. With several the face waits for a person to be clicked,
    unless somebody was chosen before.

    Attributes:
        panel: The shelf.
        library: What is done with the user's source faces.
    """

    def __init__(
        self,
        context: AppContext,
        tasks: Tasks,
        stack: QUndoStack,
        sources: Sources,
        casting: Casting,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._context = context
        self._sources = sources
        self._casting = casting
        self._window = window
        self._people: PeopleSection | None = None
        self._armed: SourceFaceId | None = None
        self.model = ShelfModel(self)
        self.panel = ShelfPanel(self.model, window)
        self.panel.set_hint(self.tr("Click a face, or press its number: whoever is chosen, or everyone, becomes it."))
        self.library = LibraryGestures(context, tasks, stack, sources, window)
        self.incoming = Incoming(context, tasks, self.library, window)
        view = self.panel.view
        self.panel.add_wanted.connect(self.library.ask_to_add)
        self.panel.merge_button.clicked.connect(lambda: self.library.put_together(view.selected_faces()))
        view.face_chosen.connect(self.choose)
        view.menu_wanted.connect(self._open_shelf_menu)
        view.delete_pressed.connect(lambda: self.library.delete(view.selected_faces()))
        view.rename_pressed.connect(self._rename)
        view.escaped.connect(self.let_go)
        self.model.pictures_dropped.connect(self.incoming.add_mime)
        self.model.reorder_wanted.connect(self.library.reorder)
        self.library.progressed.connect(self.panel.show_progress)
        sources.changed.connect(self._on_sources)

    @property
    def armed(self) -> SourceFaceId | None:
        """The face that waits for a person."""
        return self._armed

    def follow_people(self, people: PeopleSection) -> None:
        """Know who is chosen."""
        self._people = people

    def show_state(self, state: LiveState) -> None:
        """Mark on the shelf who is in use."""
        uses: dict[SourceFaceId, int] = {}
        for part in (state.everyone, *state.parts.values()):
            if part.source is not None:
                uses[part.source] = uses.get(part.source, 0) + 1
        self.model.set_uses(uses)

    def choose(self, source: SourceFaceId) -> None:
        """Take a face from the shelf: for whoever is chosen, or for the next person who is clicked."""
        chosen = self._people.chosen if self._people is not None else None
        if chosen is not None:
            self.put(chosen, source)
        elif len(self._context.live.state.people) < _NAMED:
            self.put(0, source)
        else:
            self._arm(source)
            announce(self._window, self.tr("Now choose a person, or everyone."))

    def take(self, number: int) -> bool:
        """Give the face that waits to a person who was clicked; False where none waits."""
        if self._armed is None:
            return False
        self.put(number, self._armed)
        return True

    def put(self, number: int, source: SourceFaceId) -> None:
        """Put a face on a person; 0 for everyone."""
        self._arm(None)
        self._casting.give(number, source)
        name = self._sources.name_of(source)
        who = self.tr("Everyone") if not number else self.tr("Person {n}").format(n=number)
        announce(self._window, self.tr("{person} becomes {name}").format(person=who, name=name))

    def put_dropped(self, number: int, sources: Sequence[SourceFaceId]) -> None:
        """Put the first of the faces that were dropped on a person."""
        if sources:
            self.put(number, sources[0])

    def put_number(self, row: int, pointed_at: int | None) -> None:
        """Put the face of a number key on whoever is pointed at (0 for everyone), or chosen; else on everyone."""
        shelf = self._sources.shelf
        if 0 <= row < len(shelf):
            chosen = self._people.chosen if self._people is not None else None
            self.put(pointed_at if pointed_at is not None else chosen or 0, shelf[row].id)

    def let_go(self) -> None:
        """Let no face wait any more."""
        self._arm(None)

    def open_person_menu(self, number: int, place: QPoint) -> None:
        """Open the menu of a person; of everyone for 0."""
        self.person_menu(number).popup(place)

    def person_menu(self, number: int) -> QMenu:
        """Make the menu of a person."""
        menu = self._menu("menu-live-person")
        words = self.tr("Everyone becomes") if not number else self.tr("Person {n} becomes").format(n=number)
        inside = menu.addMenu(words)
        inside.setEnabled(bool(self._sources.shelf))
        current = self._casting.part_of(number).source
        for row, face in enumerate(self._sources.shelf):
            badge = self._sources.badge(face.id)
            picture = QIcon(badge.picture) if badge is not None else QIcon()
            action = inside.addAction(picture, face.name.replace("&", "&&"))
            if number_key(row):
                action.setShortcut(number_key(row))
            action.setCheckable(face.id == current)
            action.setChecked(face.id == current)
            action.triggered.connect(partial(self._put_checked, number, face.id))
        leave = menu.addAction(self.tr("Leave as is"))
        leave.setShortcut("Del")
        leave.triggered.connect(lambda: self._casting.leave(number))
        if number:
            own = menu.addAction(self.tr("As everyone"))
            own.setEnabled(number in self._context.live.state.parts)
            own.triggered.connect(lambda: self._casting.as_everyone(number))
        return menu

    # Inside

    def _arm(self, source: SourceFaceId | None) -> None:
        self._armed = source
        self.model.set_armed(source)

    def _on_sources(self) -> None:
        self.model.set_faces(self._sources.shelf)
        if self._armed is not None and self._armed not in self._sources.all:
            self._arm(None)

    def _put_checked(self, number: int, source: SourceFaceId, _checked: bool = False) -> None:
        self.put(number, source)

    def _rename(self) -> None:
        if len(chosen := self.panel.view.selected_faces()) == 1:
            self.library.ask_for_name(chosen[0])

    def _open_shelf_menu(self, place: QPoint) -> None:
        if faces := self.panel.view.selected_faces():
            self._shelf_menu(faces).popup(place)

    def _shelf_menu(self, faces: Sequence[SourceFace]) -> QMenu:
        menu = self._menu("menu-live-shelf")
        entries: list[tuple[str, str, Callable[[], None]]] = []
        if len(faces) == 1:
            face = faces[0]
            entries += [
                (self.tr("Put on everyone"), "", partial(self.put, 0, face.id)),
                (self.tr("Rename…"), "F2", partial(self.library.ask_for_name, face)),
                (self.tr("Add photos of this person…"), "", partial(self.library.ask_for_more_photos, face)),
            ]
        else:
            together = self.tr("Put together as one person ({n})").format(n=len(faces))
            entries.append((together, "", partial(self.library.put_together, faces)))
        entries += [
            (self.tr("Take off the shelf"), "", partial(self.library.take_off_shelf, faces)),
            (self.tr("Delete"), "Del", partial(self.library.delete, faces)),
        ]
        for words, keys, work in entries:
            action = menu.addAction(words)
            action.setShortcut(keys)
            action.triggered.connect(work)
        return menu

    def _menu(self, object_name: str) -> QMenu:
        menu = QMenu(self._window)
        menu.setObjectName(object_name)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu
