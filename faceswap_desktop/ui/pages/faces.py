"""The Faces page: the user's source faces, their photos and how good they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from faceswap_desktop.domain.faces import PhotoId, SourceFace, SourceFaceId
from faceswap_desktop.ui.actions import ActionSpec, Menu
from faceswap_desktop.ui.canvas.drag import files_of
from faceswap_desktop.ui.consent.actions import consent_actions
from faceswap_desktop.ui.consent.gestures import ConsentGestures
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.faces.detail_panel import FaceDetailPanel
from faceswap_desktop.ui.faces.face_card import FACE_CARD, FaceCardDelegate
from faceswap_desktop.ui.faces.face_model import FaceModel
from faceswap_desktop.ui.faces.gestures import FaceGestures
from faceswap_desktop.ui.pages.base import Page
from faceswap_desktop.ui.theme.tokens import GRID, PAD
from faceswap_desktop.ui.widgets.buttons import IconButton, PrimaryButton
from faceswap_desktop.ui.widgets.card_grid import CARD_INSET, CardGrid
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.panels import splitter
from faceswap_desktop.ui.widgets.search import SearchField
from faceswap_desktop.ui.widgets.states import EmptyState


class FacesPage(Page):
    """Cards of people at the left, the chosen one's photos at the right."""

    id: ClassVar[str] = "faces"
    title: ClassVar[str] = "Faces"
    icon: ClassVar[str] = "faces"

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._undo = QUndoStack(self)
        self.gestures = FaceGestures(context, self.tasks, self._undo, self)
        self.consent = ConsentGestures(context, self.tasks, self, self._on_erased)
        self._wanted: set[SourceFaceId] = set()
        self.model = FaceModel(self)
        self.cards = self._make_cards()
        self.details = FaceDetailPanel(self)
        self.search = SearchField(self.tr("Search by name"), "faces-search", self)
        self._count = PlainLabel("", "muted", self)
        self._tools = QHBoxLayout()
        self._shown = QStackedWidget(self)
        self._build()
        self.search.searched.connect(self._on_search)
        self.cards.selectionModel().selectionChanged.connect(lambda *_: self._on_choice())
        self.model.modelReset.connect(self._on_choice)
        self.cards.customContextMenuRequested.connect(self._show_menu)
        self.cards.typed.connect(self._on_typed)
        self.cards.activated.connect(lambda _index: self._trigger("faces.rename"))
        self.details.photo_removed.connect(self._on_photo_removed)
        self.gestures.added.connect(self._on_added)
        self.details.consent.document_wanted.connect(self.consent.open_document)
        context.signals.consent_changed.connect(lambda _event: self.refresh())
        context.signals.source_faces_changed.connect(lambda _event: self.refresh())

    # Page

    def actions_of_page(self) -> Sequence[ActionSpec]:
        """Everything that can be done to source faces."""
        tr, menu = self.tr, Menu.FACES
        return [
            ActionSpec(
                id="faces.add",
                text=tr("Add photos…"),
                run=self.gestures.ask_for_photos,
                shortcut="Ctrl+N",
                menu=menu,
                icon="person-add",
            ),
            ActionSpec(
                id="faces.photo", text=tr("Add a photo of this person…"), run=self._add_photo_to, menu=menu, icon="add"
            ),
            ActionSpec(
                id="faces.together",
                text=tr("Put together as one person"),
                run=self._put_together,
                shortcut="Ctrl+M",
                menu=menu,
                group=1,
                icon="merge",
            ),
            ActionSpec(id="faces.apart", text=tr("Take apart"), run=self._take_apart, menu=menu, group=1, icon="split"),
            ActionSpec(
                id="faces.rename", text=tr("Rename…"), run=self._rename, shortcut="F2", menu=menu, group=2, icon="edit"
            ),
            ActionSpec(
                id="faces.shelf",
                text=tr("Take off the shelf"),
                run=self._toggle_shelf,
                menu=menu,
                group=2,
                shortcut="S",
                icon="studio",
            ),
            *consent_actions(self.consent, self.chosen),
            ActionSpec(
                id="faces.delete", text=tr("Delete"), run=self._delete, shortcut="Del", menu=menu, group=4, icon="trash"
            ),
            ActionSpec(
                id="faces.all",
                text=tr("Choose all faces"),
                run=self.cards.selectAll,
                shortcut="Ctrl+A",
                menu=Menu.EDIT,
                group=9,
            ),
            ActionSpec(
                id="faces.search",
                text=tr("Search faces"),
                run=self.start_search,
                shortcut="Ctrl+F",
                menu=Menu.EDIT,
                group=9,
                icon="search",
            ),
        ]

    def table_ready(self) -> None:
        """Make the buttons above the cards."""
        assert self.table is not None
        for action_id, icon_name in (
            ("faces.together", "merge"),
            ("faces.apart", "split"),
            ("faces.rename", "edit"),
            ("faces.delete", "trash"),
        ):
            self._tools.addWidget(IconButton.of(self.table.action(action_id), icon_name, self))
        self.details.set_actions(
            one=[self.table.action(f"faces.{one}") for one in ("photo", "shelf", "consent", "withdraw")],
            several=[self.table.action("faces.together")],
        )
        self._on_choice()

    def activate(self) -> None:
        """Be shown."""
        self.refresh()

    @property
    def undo_stack(self) -> QUndoStack:
        """Changes of the library can be undone."""
        return self._undo

    def first_focus(self) -> QWidget:
        """Start in the cards, or at the first step."""
        return self._first if self._shown.currentIndex() == 1 else self.cards

    def drop_hint(self, mime: QMimeData) -> str:
        """Photos can be dropped anywhere on the page."""
        count = len(files_of(mime))
        if not count:
            return ""
        return self.tr("Drop to add 1 photo") if count == 1 else self.tr("Drop to add {n} photos").format(n=count)

    def receive_drop(self, mime: QMimeData) -> None:
        """Take photos."""
        self.receive_files(files_of(mime))

    def receive_files(self, paths: Sequence[Path]) -> bool:
        """Files opened while this page is shown become source faces."""
        self.tasks.start(self.gestures.add(list(paths)))
        return True

    def start_search(self) -> None:
        """Give the keyboard to the search field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def refresh(self) -> None:
        """Ask for the library anew."""
        self.tasks.start(self._fill(), key="fill", replace=True)

    def chosen(self) -> list[SourceFace]:
        """Return the chosen faces, in order."""
        return [face for row in self.cards.chosen_rows() if (face := self.model.face_at(row)) is not None]

    # Inside

    def _make_cards(self) -> CardGrid:
        words = self.tr("Delete removes a face, F2 renames it, S puts it on the shelf. Type to search.")
        cards = CardGrid("face-cards", self.tr("Source faces"), words, FACE_CARD, self)
        cards.setModel(self.model)
        cards.setItemDelegate(FaceCardDelegate(cards))
        return cards

    def _build(self) -> None:
        add = PrimaryButton(self.tr("Add photos…"), "faces-add", self)
        add.clicked.connect(self._start_asking)
        self._bar = QWidget(self)
        top = QHBoxLayout(self._bar)
        top.setSpacing(GRID)
        top.addWidget(self.search, 1)
        top.addLayout(self._tools)
        top.addWidget(self._count)
        top.addWidget(add)
        empty = EmptyState(
            "faces",
            self.tr("Nobody here yet"),
            self.tr("Drop photos here. Each becomes a source face, graded for use."),
            self,
        )
        first = PrimaryButton(self.tr("Add photos…"), "faces-add-first", self)
        first.clicked.connect(self._start_asking)
        empty.add_button(first)
        self._first = first
        no_match = EmptyState("search", self.tr("Nobody matches"), self.tr("Try another name."), self)
        for widget in (self.cards, empty, no_match):
            self._shown.addWidget(widget)
        stage = QWidget(self)
        left = QVBoxLayout(stage)
        # The cards reach as far to the left as what stands above them; their scroll bar is in the margin.
        left.setContentsMargins(PAD - CARD_INSET, PAD, 0, 0)
        left.setSpacing(GRID)
        top.setContentsMargins(CARD_INSET, 0, PAD, 0)
        left.addWidget(self._bar)
        left.addWidget(self._shown, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._splitter = splitter("faces-splitter", stage, self.details, parent=self)
        self._splitter.setStretchFactor(0, 1)
        self.context.window_state.follow_splitter(self._splitter)
        row.addWidget(self._splitter)

    async def _fill(self) -> None:
        faces = await self.context.library.faces()
        standings = await self.context.consents.standings(faces)
        # Now: the user may have chosen another one meanwhile.
        chosen = self._wanted or {face.id for face in self.chosen()}
        self.model.set_faces(faces)
        self.model.set_standings(standings)
        self._choose(chosen)
        self._wanted = set()
        self._show_right_state()
        self._on_choice()

    def _choose(self, ids: set[SourceFaceId]) -> None:
        rows = [row for row, face in enumerate(self.model.faces) if face.id in ids]
        selection = self.cards.selectionModel()
        if rows == self.cards.chosen_rows():
            return
        selection.clearSelection()
        for row in rows:
            selection.select(self.model.index(row), selection.SelectionFlag.Select)
        if rows:
            selection.setCurrentIndex(self.model.index(rows[0]), selection.SelectionFlag.NoUpdate)
            self.cards.scrollTo(self.model.index(rows[-1]))

    def _on_added(self, ids: list[SourceFaceId]) -> None:
        self._wanted = set(ids)
        self.refresh()

    def _on_typed(self, text: str) -> None:
        self.search.setText(text)
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show_right_state(self) -> None:
        count = self.model.count_of_all
        self._count.setText(self.tr("1 face") if count == 1 else self.tr("{n} faces").format(n=count))
        had_focus = self.window().focusWidget() is self.cards
        self._shown.setCurrentIndex(0 if self.model.faces else 2 if count else 1)
        self.details.setVisible(bool(count))
        self._bar.setVisible(bool(count))
        if had_focus and not count:
            self._first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_search(self, text: str) -> None:
        self.model.search(text)
        self._show_right_state()

    def _on_choice(self) -> None:
        chosen = self.chosen()
        self.details.show_faces(chosen, looks_alike=self.context.library.look_alike(chosen))
        known = self.model.consent_of(chosen[0].id) if len(chosen) == 1 else None
        self.details.consent.show_consent(known)
        if self.table is None:
            return
        for action_id, is_enabled in (
            ("faces.consent", bool(chosen)),
            ("faces.withdraw", len(chosen) == 1),
            ("faces.photo", len(chosen) == 1),
            ("faces.together", len(chosen) > 1),
            ("faces.apart", len(chosen) == 1 and len(chosen[0].photos) > 1),
            ("faces.rename", len(chosen) == 1),
            ("faces.shelf", bool(chosen)),
            ("faces.delete", bool(chosen)),
        ):
            self.table.set_enabled(action_id, is_enabled)
        is_known = known is not None and known.current is not None
        self.table.set_text("faces.consent", self.tr("Change consent…") if is_known else self.tr("Say who this is…"))
        is_on = all(face.on_shelf for face in chosen)
        words = self.tr("Take off the shelf") if is_on else self.tr("Put on the shelf")
        self.table.set_text("faces.shelf", words)
        self.table.action("faces.shelf").setToolTip(f"{words} (S)")

    def _show_menu(self, at: QPoint) -> None:
        if self.table is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action_id in ("photo", "together", "apart", "rename", "shelf", "consent", "withdraw", "ledger", "delete"):
            menu.addAction(self.table.action(f"faces.{action_id}"))
        menu.popup(self.cards.viewport().mapToGlobal(at))

    def _trigger(self, action_id: str) -> None:
        if self.table is not None:
            self.table.trigger(action_id)

    def _start_asking(self) -> None:
        self._trigger("faces.add")

    # What needs the chosen faces; the table disables what does not apply

    async def _add_photo_to(self) -> None:
        for face in self.chosen()[:1]:
            await self.gestures.add_photo_to(face)

    async def _put_together(self) -> None:
        await self.gestures.put_together(self.chosen())

    async def _take_apart(self) -> None:
        for face in self.chosen()[:1]:
            await self.gestures.take_apart(face)

    async def _rename(self) -> None:
        for face in self.chosen()[:1]:
            await self.gestures.rename(face)

    async def _toggle_shelf(self) -> None:
        faces = self.chosen()
        await self.gestures.set_on_shelf(faces, not all(face.on_shelf for face in faces))

    async def _delete(self) -> None:
        if faces := self.chosen():
            await self.gestures.delete(faces)

    def _on_erased(self) -> None:
        self._undo.clear()
        # Its buttons go with it, and the keyboard would fall to the rail.
        self.cards.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_photo_removed(self, face_id: str, photo_id: str) -> None:
        self.cards.setFocus(Qt.FocusReason.OtherFocusReason)
        self.tasks.start(self.gestures.remove_photo(SourceFaceId(face_id), PhotoId(photo_id)))
