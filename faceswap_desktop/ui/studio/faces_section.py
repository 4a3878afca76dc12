"""The faces of the current picture as a list. It mirrors the canvas, for whoever does not see it."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QVBoxLayout, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.delegates.face_list import ROW_HEIGHT, FaceListDelegate
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.item_models.face_list import FaceListModel, FaceRole
from faceswap_desktop.ui.theme.tokens import HALF, current_tokens
from faceswap_desktop.ui.widgets.buttons import IconButton
from faceswap_desktop.ui.widgets.forms import SectionHeader
from faceswap_desktop.ui.widgets.roles import set_role

_ROWS_SHOWN = 3


class FaceListView(QListView):
    """The list, with the keys of the canvas.

    Attributes:
        number_pressed: A number key on a face (index, place on the shelf from 0).
        clear_pressed: A face is to stay as it is (index).
        face_activated: Enter on a face (index).
        menu_wanted: A menu is asked for (index, place on the screen).
    """

    number_pressed = Signal(int, int)
    clear_pressed = Signal(int)
    face_activated = Signal(int)
    menu_wanted = Signal(int, QPoint)

    def __init__(self, model: FaceListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "plain")
        name(self, "faces-list", self.tr("Faces in this picture"))
        self.setModel(model)
        self.setItemDelegate(FaceListDelegate(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DropOnly)
        self.setDragDropOverwriteMode(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFixedHeight(_ROWS_SHOWN * ROW_HEIGHT + 4)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)
        self._placeholder = self.tr("Faces stand here once they are found.")

    @property
    def current_face(self) -> int | None:
        """Index of the face on which the keyboard stands."""
        index = self.currentIndex()
        return index.data(FaceRole.SHOWN).index if index.isValid() else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Numbers pair, Delete clears, Enter chooses."""
        face, key = self.current_face, event.key()
        if face is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif Qt.Key.Key_0 <= key <= Qt.Key.Key_9:
            self.number_pressed.emit(face, (key - Qt.Key.Key_1) % 10)
        elif key in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self.clear_pressed.emit(face)
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.face_activated.emit(face)
        elif event.text().isalnum():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Say what will be here while there is nothing."""
        super().paintEvent(event)
        if self.model().rowCount() == 0:
            painter = QPainter(self.viewport())
            painter.setPen(QColor(current_tokens().muted))
            area = self.viewport().rect().adjusted(HALF, HALF, -HALF, -HALF)
            painter.drawText(area, int(Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap), self._placeholder)

    def _on_menu(self, place: QPoint) -> None:
        index = self.indexAt(place) if self.indexAt(place).isValid() else self.currentIndex()
        if index.isValid():
            self.menu_wanted.emit(index.data(FaceRole.SHOWN).index, self.viewport().mapToGlobal(place))


class FacesSection(QWidget):
    """Header, clear button and list; room for three faces is always kept.

    Attributes:
        current_changed: The keyboard or the mouse went to another face (index).
        clear_all_wanted: No face of this picture is to be swapped.
    """

    current_changed = Signal(int)
    clear_all_wanted = Signal()

    def __init__(self, model: FaceListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.view = FaceListView(model, self)
        self._header = SectionHeader(self.tr("Faces in this picture"), self)
        self._clear = IconButton(
            "unpair", self.tr("Clear the pairings of this picture"), "faces-clear", self, colour=IconColour.MUTED
        )
        self._clear.clicked.connect(self.clear_all_wanted)
        self._header.add_widget(self._clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(HALF)
        column.addWidget(self._header)
        column.addWidget(self.view)
        self.view.selectionModel().currentChanged.connect(self._on_current)
        model.modelReset.connect(self._refresh)
        model.dataChanged.connect(self._refresh)
        self._refresh()

    def show_current(self, face: int | None) -> None:
        """Put the list on the face on which the canvas stands, without telling anybody."""
        row = self._model.row_of(face) if face is not None else -1
        selection = self.view.selectionModel()
        index = self._model.index(row) if row >= 0 else QModelIndex()
        selection.blockSignals(True)
        selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        selection.blockSignals(False)
        if row >= 0:
            self.view.scrollTo(index)
        self.view.viewport().update()

    def _on_current(self, index: QModelIndex) -> None:
        if index.isValid():
            self.current_changed.emit(index.data(FaceRole.SHOWN).index)

    def _refresh(self) -> None:
        count = len(self._model.faces)
        words = self.tr("Faces in this picture")
        self._header.set_text(f"{words} · {count}" if count else words)
        self._clear.setEnabled(any(shown.badge is not None for shown in self._model.faces))
