"""From clicks, keys and drops to pairings."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.pairing import TargetFaceRef
from faceswap_desktop.services.studio import Studio
from faceswap_desktop.ui.canvas.canvas import Canvas
from faceswap_desktop.ui.item_models.shelf import ShelfModel
from faceswap_desktop.ui.studio.faces_section import FacesSection
from faceswap_desktop.ui.studio.pairing import Pairing
from faceswap_desktop.ui.studio.shelf_panel import ShelfPanel
from faceswap_desktop.ui.studio.sources import Sources
from faceswap_desktop.ui.studio.stage import Stage


class Gestures(QObject):
    """Connects canvas, shelf, strip and list of faces with the pairing."""

    def __init__(
        self,
        studio: Studio,
        stage: Stage,
        pairing: Pairing,
        sources: Sources,
        canvas: Canvas,
        shelf: ShelfPanel,
        shelf_model: ShelfModel,
        faces: FacesSection,
    ) -> None:
        super().__init__(stage)
        self._studio = studio
        self._stage = stage
        self._pairing = pairing
        self._sources = sources
        self._canvas = canvas
        self._shelf = shelf
        self._shelf_model = shelf_model
        self._faces = faces
        canvas.face_clicked.connect(self._on_face_clicked)
        canvas.background_clicked.connect(self.let_go)
        canvas.escaped.connect(self.let_go)
        canvas.focus_moved.connect(self._on_focus_moved)
        canvas.number_pressed.connect(self.pair_number)
        canvas.clear_pressed.connect(self.clear_face)
        canvas.sources_dropped.connect(self._on_sources_dropped)
        canvas.faces_swapped.connect(self._on_faces_swapped)
        shelf.view.face_chosen.connect(self._on_source_chosen)
        shelf.view.escaped.connect(self.let_go)
        shelf.view.selectionModel().selectionChanged.connect(self._on_shelf_selection)
        faces.current_changed.connect(self._on_list_moved)
        faces.view.number_pressed.connect(self.pair_number)
        faces.view.clear_pressed.connect(self.clear_face)
        faces.view.face_activated.connect(self._on_face_clicked)
        faces.clear_all_wanted.connect(self.clear_picture)
        pairing.armed_changed.connect(self._on_armed)

    # What menus and actions ask for too

    def pair_number(self, face: int, number: int) -> None:
        """Pair a face with the source face at a place of the shelf."""
        shelf = self._sources.shelf
        if number < len(shelf):
            self.pair_face(face, shelf[number].id)

    def pair_face(self, face: int, source: SourceFaceId) -> None:
        """Pair one face of the current picture."""
        target = self._stage.target(face)
        if target is not None:
            self._pairing.pair([target], source)
            self.let_go()

    def clear_face(self, face: int) -> None:
        """Leave one face of the current picture as it is."""
        target = self._stage.target(face)
        if target is not None:
            self._pairing.clear([target])

    def clear_picture(self) -> None:
        """Leave all faces of the current picture as they are."""
        self._pairing.clear(self._pairing.current_targets())

    def swap(self, first: int, second: int) -> None:
        """Exchange what two faces of the current picture become."""
        one, other = self._stage.target(first), self._stage.target(second)
        if one is not None and other is not None:
            self._pairing.swap(one, other)

    def targets_like(self, face: int) -> list[TargetFaceRef]:
        """Return every face of the open pictures that looks like this one."""
        target = self._stage.target(face)
        return self._studio.targets_like(target) if target is not None else []

    def chosen_source(self) -> SourceFaceId | None:
        """Return the one source face that is chosen on the shelf, or None."""
        if self._pairing.armed is not None:
            return self._pairing.armed
        chosen = self._shelf.view.selected_faces()
        return chosen[0].id if len(chosen) == 1 else None

    def let_go(self) -> None:
        """Nothing waits any more for the second click."""
        self._pairing.arm(None)
        self._canvas.choose(None)
        self._show_hint()

    def drop_on_picture(self, key: str, sources: Sequence[SourceFaceId]) -> None:
        """Put a source face onto the main face of one picture."""
        if sources:
            self._pairing.pair(self._studio.targets_of_main_faces([key]), sources[0])

    def drop_on_face(self, face: int, sources: Sequence[SourceFaceId]) -> None:
        """Put a source face onto a face; several go onto this face and those after it."""
        self._on_sources_dropped(face, list(sources))

    # Signals

    def _on_face_clicked(self, face: int) -> None:
        if self._pairing.armed is not None:
            self.pair_face(face, self._pairing.armed)
        else:
            self._canvas.choose(None if self._canvas.chosen_face == face else face)
            self._show_hint()

    def _on_source_chosen(self, source: str) -> None:
        chosen = self._canvas.chosen_face
        if chosen is not None:
            self.pair_face(chosen, SourceFaceId(source))
        else:
            self._pairing.arm(None if self._pairing.armed == source else SourceFaceId(source))

    def _on_shelf_selection(self) -> None:
        if len(self._shelf.view.selectionModel().selectedIndexes()) != 1:
            self._pairing.arm(None)

    def _on_armed(self) -> None:
        self._shelf_model.set_armed(self._pairing.armed)
        self._show_hint()

    def _on_focus_moved(self, face: int) -> None:
        current = self._studio.current
        if face < 0 and current is not None and current.is_video:
            # Whoever leaves the frame is still in the video.
            return
        self._faces.show_current(face if face >= 0 else None)

    def _on_list_moved(self, face: int) -> None:
        self._canvas.focus_face(face)

    def _on_sources_dropped(self, face: int, sources: list[SourceFaceId]) -> None:
        """Pair what was dropped: one source face with this face, several with this one and those after it."""
        targets = self._pairing.current_targets()
        if not targets or not sources:
            return
        places = [target.face for target in targets]
        start = places.index(face) if face in places else 0
        if len(sources) == 1:
            self.pair_face(places[start], sources[0])
        else:
            self._pairing.pair_each(list(zip(targets[start:], sources, strict=False)))
            self.let_go()

    def _on_faces_swapped(self, first: int, second: int) -> None:
        self.swap(first, second)

    def _show_hint(self) -> None:
        armed, chosen = self._pairing.armed, self._canvas.chosen_face
        if armed is not None:
            name = self._sources.name_of(armed)
            self._stage.set_hint(self.tr("Click a face for {name}").format(name=name))
        elif chosen is not None:
            self._stage.set_hint(self.tr("Click a source face for face {n}").format(n=chosen + 1))
        else:
            self._stage.set_hint("")
