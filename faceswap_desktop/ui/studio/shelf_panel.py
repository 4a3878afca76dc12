"""The shelf at the left: source faces to drag from, and what is to be said of the chosen one."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHBoxLayout, QListView, QStackedLayout, QVBoxLayout, QWidget

from faceswap_desktop.domain.faces import GradeLevel, SourceFace, SourceFaceId
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.canvas.drag import SOURCE_FACES
from faceswap_desktop.ui.delegates.shelf import ShelfDelegate
from faceswap_desktop.ui.item_models.shelf import ShelfModel, ShelfRole, level_word
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.theme.tokens import BAR_HEIGHT, GRID, HALF, PAD, RADIUS, current_tokens
from faceswap_desktop.ui.widgets.buttons import Button, IconButton
from faceswap_desktop.ui.widgets.labels import ElidedLabel, PlainLabel
from faceswap_desktop.ui.widgets.roles import Role, set_role

_DETAILS_HEIGHT: Final = 132
_LEVEL_ROLES: Final[dict[GradeLevel, Role]] = {
    GradeLevel.GOOD: "success",
    GradeLevel.FAIR: "warning",
    GradeLevel.POOR: "danger",
}


class ShelfView(QListView):
    """The list.

    Attributes:
        face_chosen: A source face was clicked, or Enter pressed on it (id).
        menu_wanted: A menu for the selected faces is asked for (place on the screen).
        delete_pressed, rename_pressed: Keys.
        escaped: Escape was pressed.
    """

    face_chosen = Signal(str)
    menu_wanted = Signal(QPoint)
    delete_pressed = Signal()
    rename_pressed = Signal()
    escaped = Signal()

    def __init__(self, model: ShelfModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "plain")
        name(self, "shelf", self.tr("Shelf of source faces"))
        self.setModel(model)
        self.setItemDelegate(ShelfDelegate(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDropIndicatorShown(True)
        self.setDragDropOverwriteMode(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)
        self.clicked.connect(self._on_clicked)

    def selected_faces(self) -> list[SourceFace]:
        """Return the selected source faces, in the order of the shelf."""
        rows = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        return [self.model().index(row, 0).data(ShelfRole.FACE) for row in rows]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses, Delete and F2 as everywhere; letters are the page's."""
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if not event.modifiers() and self.currentIndex().isValid():
                self.face_chosen.emit(self.currentIndex().data(ShelfRole.FACE).id)
            case Qt.Key.Key_Delete:
                self.delete_pressed.emit()
            case Qt.Key.Key_F2:
                self.rename_pressed.emit()
            case Qt.Key.Key_Escape:
                self.clearSelection()
                self.escaped.emit()
            case _ if event.text().isalnum() and not event.modifiers():
                event.ignore()
            case _:
                super().keyPressEvent(event)

    def _on_clicked(self, index: QModelIndex) -> None:
        if len(self.selectionModel().selectedIndexes()) == 1:
            self.face_chosen.emit(index.data(ShelfRole.FACE).id)

    def _on_menu(self, place: QPoint) -> None:
        if self.selectionModel().hasSelection():
            self.menu_wanted.emit(self.viewport().mapToGlobal(place))


class ShelfPanel(QFrame):
    """Header with the add button, the list or what teaches the first step, and the grade of the chosen face.

    Attributes:
        add_wanted: The user wants to choose photos.
    """

    add_wanted = Signal()

    def __init__(self, model: ShelfModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "panel")
        name(self, "shelf-panel", self.tr("Source faces"))
        self.setMinimumWidth(136)
        self.setAcceptDrops(True)
        self._model = model
        self._is_dropping = False
        self.view = ShelfView(model, self)
        self.merge_button = Button(self.tr("Put together"), "shelf-merge", self, icon_name="merge")
        self.merge_button.setToolTip(self.tr("Put together as one person"))
        self.merge_button.setAccessibleName(self.tr("Put together as one person"))
        self.add_button = IconButton("person-add", self.tr("Add source faces"), "shelf-add", self)
        self.add_button.clicked.connect(self.add_wanted)
        self._lists = QStackedLayout()
        self._lists.addWidget(self._make_empty())
        self._lists.addWidget(self.view)
        self._details = _Details(self)
        self._progress = ElidedLabel("", "small", self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, GRID)
        column.setSpacing(0)
        column.addLayout(self._make_header())
        column.addLayout(self._lists, 1)
        column.addWidget(self._progress)
        column.addWidget(self._details)
        column.addWidget(self.merge_button)
        self._progress.setFixedHeight(20)
        self._progress.setContentsMargins(PAD, 0, GRID, 0)
        self._progress.setAccessibleName(self.tr("Progress"))
        column.setAlignment(self.merge_button, Qt.AlignmentFlag.AlignHCenter)
        model.modelReset.connect(self._on_rows)
        model.rowsInserted.connect(self._on_rows)
        model.dataChanged.connect(self._on_selection)
        self.view.selectionModel().selectionChanged.connect(self._on_selection)
        self._on_rows()

    def select(self, face_id: SourceFaceId) -> None:
        """Select one source face and bring it into sight."""
        row = self._model.row_of(face_id)
        if row >= 0:
            index = self._model.index(row)
            self.view.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.view.scrollTo(index)

    def show_progress(self, done: int, total: int) -> None:
        """Say how many photos were looked at; nothing for a total of 0."""
        self._progress.setText(
            self.tr("Looking at photo {n} of {total}…").format(n=min(done + 1, total), total=total) if total else ""
        )

    # Dropping beside the list, and on the words that teach

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._answer(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._answer(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._set_dropping(False)
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        self._set_dropping(False)
        if self._model.canDropMimeData(event.mimeData(), event.dropAction(), -1, 0, QModelIndex()):
            event.acceptProposedAction()
            self._model.dropMimeData(event.mimeData(), event.dropAction(), -1, 0, QModelIndex())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._is_dropping:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(current_tokens().focus), 2, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(self.rect().adjusted(HALF, HALF, -HALF, -HALF), RADIUS, RADIUS)

    def _answer(self, event: QDragMoveEvent) -> None:
        mime = event.mimeData()
        if mime.hasFormat(SOURCE_FACES) or self._model.canDropMimeData(mime, event.dropAction(), -1, 0, QModelIndex()):
            self._set_dropping(not mime.hasFormat(SOURCE_FACES))
            event.acceptProposedAction()
        else:
            event.ignore()

    def _set_dropping(self, is_dropping: bool) -> None:
        if is_dropping != self._is_dropping:
            self._is_dropping = is_dropping
            self.update()

    # Inside

    def _make_header(self) -> QHBoxLayout:
        header = QHBoxLayout()
        header.setContentsMargins(PAD, HALF, GRID, HALF)
        title = PlainLabel(self.tr("Source faces"), "section", self)
        title.setMinimumHeight(BAR_HEIGHT - 2 * HALF)
        header.addWidget(title, 1)
        header.addWidget(self.add_button)
        return header

    def _make_empty(self) -> QWidget:
        empty = QWidget(self)
        empty.setObjectName("shelf-empty")
        words = PlainLabel(
            self.tr("Drop photos of the faces you want to put in. Sharp photos from the front work best."),
            "muted",
            empty,
            wraps=True,
        )
        add = Button(self.tr("Add photos…"), "shelf-empty-add", empty, icon_name="person-add")
        add.clicked.connect(self.add_wanted)
        column = QVBoxLayout(empty)
        column.setContentsMargins(PAD, GRID, PAD, GRID)
        column.setSpacing(PAD)
        column.addWidget(words)
        column.addWidget(add, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        return empty

    def set_hint(self, hint: str) -> None:
        """Say what can be done with a face, where that is something else than on a picture's boxes."""
        self._details.hint = hint
        self._on_selection()

    def _on_rows(self) -> None:
        self._lists.setCurrentIndex(1 if self._model.faces else 0)
        self._on_selection()

    def _on_selection(self) -> None:
        chosen = self.view.selected_faces()
        self.merge_button.setVisible(len(chosen) > 1)
        self._details.setVisible(len(chosen) <= 1 and bool(self._model.faces))
        self._details.show_face(chosen[0] if len(chosen) == 1 else None)


class _Details(QFrame):
    """The grade of the chosen face in sentences. Its place is always there, so that the list does not jump.

    Attributes:
        hint: What stands there while no face is chosen.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedHeight(_DETAILS_HEIGHT)
        self.hint = self.tr("Drag a face onto a box, or click one and then the other.")
        self._level = PlainLabel("", "strong", self)
        self._text = PlainLabel("", "small", self, wraps=True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignTop)
        name(self._text, "shelf-details", self.tr("Grade"))
        column = QVBoxLayout(self)
        column.setContentsMargins(PAD, GRID, PAD, 0)
        column.setSpacing(HALF)
        column.addWidget(self._level)
        column.addWidget(self._text, 1)

    def show_face(self, face: SourceFace | None) -> None:
        """Show the grade of a source face; how to pair for none."""
        if face is None:
            self._level.setText("")
            set_role(self._level, "strong")
            self._text.setText(self.hint)
            return
        level = face.grade.level
        set_role(self._level, _LEVEL_ROLES[level])
        self._level.setText(level_word(level))
        findings = face.grade.findings
        sentences = [f"{text_of(finding.problem)} {text_of(finding.advice)}" for finding in findings]
        words = "\n".join(sentences) or self.tr("This photo shows everything that is needed.")
        self._text.setText(words)
        self._text.setToolTip(words)
        self._level.setAccessibleName(self.tr("{name} is {level}").format(name=face.name, level=level_word(level)))
