"""The Faces page: the user's source faces, their photos and how good they are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QUndoCommand, QUndoStack
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QListView, QMenu, QStackedWidget, QVBoxLayout, QWidget

from faceswap_desktop.domain.faces import PhotoId, SourceFace, SourceFaceId
from faceswap_desktop.services.library import LibraryChange
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.actions import ActionSpec, Menu
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.dialogs.files import ask_for_pictures
from faceswap_desktop.ui.dialogs.questions import ask_for_text, confirm
from faceswap_desktop.ui.faces.detail_panel import FaceDetailPanel
from faceswap_desktop.ui.faces.face_card import FACE_CARD, FaceCardDelegate
from faceswap_desktop.ui.faces.face_model import FaceModel
from faceswap_desktop.ui.notifications import Notice, Tone
from faceswap_desktop.ui.pages.base import Page
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.theme.tokens import GRID, PAD
from faceswap_desktop.ui.widgets.buttons import Button, IconButton, PrimaryButton
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.roles import set_role
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
        self.model = FaceModel(self)
        self.cards = self._make_cards()
        self.details = FaceDetailPanel(self)
        self._search = SearchField(self.tr("Search by name"), "faces-search", self)
        self._count = PlainLabel("", "muted", self)
        self._tools = QHBoxLayout()
        self._shown = QStackedWidget(self)
        self._build()
        self._search.searched.connect(self._on_search)
        self.cards.selectionModel().selectionChanged.connect(lambda *_: self._on_choice())
        self.model.modelReset.connect(self._on_choice)
        self.cards.customContextMenuRequested.connect(self._show_menu)
        self.details.photo_removed.connect(self._on_photo_removed)
        context.signals.source_faces_changed.connect(lambda _event: self.refresh())

    # Page

    def actions_of_page(self) -> Sequence[ActionSpec]:
        """Everything that can be done to source faces."""
        tr, menu = self.tr, Menu.FACES
        return [
            ActionSpec(
                id="faces.add",
                text=tr("Add photos…"),
                run=self._ask_for_photos,
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
                icon="studio",
            ),
            ActionSpec(
                id="faces.delete", text=tr("Delete"), run=self._delete, shortcut="Del", menu=menu, group=3, icon="trash"
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
        self._on_choice()

    def activate(self) -> None:
        """Be shown."""
        self.refresh()

    @property
    def undo_stack(self) -> QUndoStack:
        """Changes of the library can be undone."""
        return self._undo

    def first_focus(self) -> QWidget:
        """Start in the cards."""
        return self.cards

    def drop_hint(self, mime: QMimeData) -> str:
        """Photos can be dropped anywhere on the page."""
        count = sum(1 for url in mime.urls() if url.isLocalFile())
        if not count:
            return ""
        return self.tr("Drop to add 1 photo") if count == 1 else self.tr("Drop to add {n} photos").format(n=count)

    def receive_drop(self, mime: QMimeData) -> None:
        """Take photos."""
        self._add([Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()])

    def receive_files(self, paths: Sequence[Path]) -> bool:
        """Files opened while this page is shown become source faces."""
        self._add(list(paths))
        return True

    def refresh(self) -> None:
        """Ask for the library anew."""
        self.tasks.start(self._fill(), key="fill", replace=True)

    def chosen(self) -> list[SourceFace]:
        """Return the chosen faces, in order."""
        rows = sorted(index.row() for index in self.cards.selectionModel().selectedIndexes())
        return [face for row in rows if (face := self.model.face_at(row)) is not None]

    # Inside

    def _make_cards(self) -> QListView:
        cards = QListView(self)
        name(cards, "face-cards", self.tr("Source faces"))
        set_role(cards, "plain")
        cards.setModel(self.model)
        cards.setItemDelegate(FaceCardDelegate(cards))
        cards.setViewMode(QListView.ViewMode.IconMode)
        cards.setResizeMode(QListView.ResizeMode.Adjust)
        cards.setMovement(QListView.Movement.Static)
        cards.setUniformItemSizes(True)
        cards.setGridSize(FACE_CARD)
        cards.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        cards.setMouseTracking(True)
        cards.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        cards.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        return cards

    def _build(self) -> None:
        add = PrimaryButton(self.tr("Add photos"), "faces-add", self)
        add.clicked.connect(self._start_asking)
        top = QHBoxLayout()
        top.setSpacing(GRID)
        top.addWidget(self._search, 1)
        top.addLayout(self._tools)
        top.addWidget(self._count)
        top.addWidget(add)
        empty = EmptyState(
            "faces",
            self.tr("Nobody here yet"),
            self.tr("Drop photos here. Each becomes a source face, and is told how good it is."),
            self,
        )
        first = Button(self.tr("Add photos"), "faces-add-first", self, icon_name="person-add")
        first.clicked.connect(self._start_asking)
        empty.add_button(first)
        no_match = EmptyState("search", self.tr("Nobody matches"), self.tr("Try another name."), self)
        for widget in (self.cards, empty, no_match):
            self._shown.addWidget(widget)
        left = QVBoxLayout()
        left.setContentsMargins(PAD, PAD, PAD, 0)
        left.setSpacing(PAD)
        left.addLayout(top)
        left.addWidget(self._shown, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(self.details)

    async def _fill(self) -> None:
        chosen = {face.id for face in self.chosen()}
        self.model.set_faces(await self.context.library.faces())
        self._choose(chosen)
        self._show_right_state()
        self._on_choice()

    def _choose(self, ids: set[SourceFaceId]) -> None:
        selection = self.cards.selectionModel()
        for row, face in enumerate(self.model.faces):
            if face.id in ids and not selection.isRowSelected(row):
                selection.select(self.model.index(row), selection.SelectionFlag.Select)

    def _show_right_state(self) -> None:
        count = self.model.count_of_all
        self._count.setText(self.tr("1 face") if count == 1 else self.tr("{n} faces").format(n=count))
        self._shown.setCurrentIndex(0 if self.model.faces else 2 if count else 1)
        self.details.setVisible(bool(count))

    def _on_search(self, text: str) -> None:
        self.model.search(text)
        self._show_right_state()

    def _on_choice(self) -> None:
        chosen = self.chosen()
        self.details.show_faces(chosen)
        if self.table is None:
            return
        for action_id, is_enabled in (
            ("faces.photo", len(chosen) == 1),
            ("faces.together", len(chosen) > 1),
            ("faces.apart", len(chosen) == 1 and len(chosen[0].photos) > 1),
            ("faces.rename", len(chosen) == 1),
            ("faces.shelf", bool(chosen)),
            ("faces.delete", bool(chosen)),
        ):
            self.table.set_enabled(action_id, is_enabled)
        is_on = all(face.on_shelf for face in chosen)
        self.table.set_text("faces.shelf", self.tr("Take off the shelf") if is_on else self.tr("Put on the shelf"))

    def _show_menu(self, at: QPoint) -> None:
        if self.table is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action_id in ("photo", "together", "apart", "rename", "shelf", "delete"):
            menu.addAction(self.table.action(f"faces.{action_id}"))
        menu.popup(self.cards.viewport().mapToGlobal(at))

    def _start_asking(self) -> None:
        self.tasks.start(self._ask_for_photos(), key="ask")

    async def _ask_for_photos(self) -> None:
        paths = await ask_for_pictures(self, self.context.window_state, self.tr("Add photos of source faces"))
        if paths:
            await self._add_now(paths)

    def _add(self, paths: Sequence[Path]) -> None:
        self.tasks.start(self._add_now(paths))

    async def _add_now(self, paths: Sequence[Path]) -> None:
        added = await self.context.library.add_photos(paths)
        for refusal in added.refused:
            self.context.notifications.post(
                Notice(text_of(refusal.message), Tone.WARNING, text_of(refusal.hint), key=f"refused-{refusal.path}")
            )

    async def _add_photo_to(self) -> None:
        [face] = self.chosen()
        paths = await ask_for_pictures(
            self, self.context.window_state, self.tr("Add photos of {name}").format(name=face.name)
        )
        for path in paths:
            change = await self.context.library.add_photo_to(face.id, path)
            self._push(self.tr("add a photo"), change)

    async def _put_together(self) -> None:
        faces = self.chosen()
        if not self.context.library.look_alike(faces) and not await confirm(
            self,
            self.tr("One person?"),
            self.tr("These faces do not look like one person. Put together they give a mixture."),
            self.tr("Put together"),
        ):
            return
        change = await self.context.library.put_together([face.id for face in faces])
        self._push(self.tr("put together"), change)

    async def _take_apart(self) -> None:
        [face] = self.chosen()
        self._push(self.tr("take apart"), await self.context.library.take_apart(face.id))

    async def _rename(self) -> None:
        [face] = self.chosen()
        new = await ask_for_text(self, self.tr("Rename face"), self.tr("Name"), face.name)
        if new is not None and new != face.name:
            self._push(self.tr("rename"), await self.context.library.rename(face.id, new))

    async def _toggle_shelf(self) -> None:
        faces = self.chosen()
        on_shelf = not all(face.on_shelf for face in faces)
        change = await self.context.library.set_on_shelf([face.id for face in faces], on_shelf)
        self._push(self.tr("change the shelf"), change)

    async def _delete(self) -> None:
        faces = self.chosen()
        change = await self.context.library.delete([face.id for face in faces])
        self._push(self.tr("delete faces"), change)
        self.context.notifications.post(
            Notice(
                self.tr("Deleted {name}.").format(name=faces[0].name)
                if len(faces) == 1
                else self.tr("Deleted {n} faces.").format(n=len(faces)),
                button=self.tr("Undo"),
                action=self._undo.undo,
                key="faces-deleted",
            )
        )

    def _on_photo_removed(self, face_id: str, photo_id: str) -> None:
        self.tasks.start(self._remove_photo(SourceFaceId(face_id), PhotoId(photo_id)))

    async def _remove_photo(self, face_id: SourceFaceId, photo_id: PhotoId) -> None:
        self._push(self.tr("take a photo out"), await self.context.library.remove_photo(face_id, photo_id))

    def _push(self, words: str, change: LibraryChange) -> None:
        self._undo.push(_ChangeCommand(words, change, self._apply))

    def _apply(self, change: LibraryChange) -> None:
        self.tasks.start(self.context.library.apply(change))


class _ChangeCommand(QUndoCommand):
    """A change of the library that was carried out when it is pushed."""

    def __init__(
        self, words: str, change: LibraryChange, apply: Callable[[LibraryChange], Awaitable[None] | None]
    ) -> None:
        super().__init__(words)
        self._change = change
        self._apply = apply
        self._is_first = True

    def redo(self) -> None:
        """Carry it out again."""
        if self._is_first:
            self._is_first = False
        else:
            self._apply(self._change)

    def undo(self) -> None:
        """Take it back."""
        self._apply(self._change.reversed())
