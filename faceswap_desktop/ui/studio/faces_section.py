"""The faces of the current picture, or people of the video, as a list. It mirrors the canvas for whoever cannot see."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QVBoxLayout, QWidget

from faceswap_desktop.services.openings import AnalysisStatus
from faceswap_desktop.services.studio import Studio
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.delegates.face_list import ROW_HEIGHT, FaceListDelegate
from faceswap_desktop.ui.delegates.person_card import CARD_HEIGHT
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.item_models.face_list import FaceListModel, FaceRole, PersonRow
from faceswap_desktop.ui.studio.hidden_button import HiddenButton
from faceswap_desktop.ui.studio.identities import Identities, person_name, seen_words
from faceswap_desktop.ui.studio.portraits import Portraits
from faceswap_desktop.ui.texts import percent_text
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
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DropOnly)
        self.setDragDropOverwriteMode(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.set_rows(0)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)
        self._placeholder = ""

    def set_placeholder(self, words: str) -> None:
        """Change what is said while there is nothing."""
        self._placeholder = words
        self.viewport().update()

    def set_rows(self, people: int) -> None:
        """Take room for three faces, or for so many people in a video, three at most."""
        height = min(_ROWS_SHOWN, people) * CARD_HEIGHT if people else _ROWS_SHOWN * ROW_HEIGHT
        self.setFixedHeight(height + 4)

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
    """Header, clear button and list of the faces of a picture, or of the people in a video.

    Attributes:
        current_changed: The keyboard or the mouse went to another face (index).
        clear_all_wanted: No face of this picture is to be swapped.
        portraits: The people's pictures.
    """

    current_changed = Signal(int)
    clear_all_wanted = Signal()

    def __init__(
        self,
        model: FaceListModel,
        studio: Studio,
        identities: Identities,
        portraits: Portraits,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._studio = studio
        self.portraits = portraits
        self.view = FaceListView(model, self)
        self._header = SectionHeader(self.tr("Faces in this picture"), self)
        self._clear = IconButton(
            "unpair", self.tr("Clear the pairings of this picture"), "faces-clear", self, colour=IconColour.MUTED
        )
        self._clear.clicked.connect(self.clear_all_wanted)
        self._header.add_widget(self._clear)
        self._hidden = HiddenButton(identities, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(HALF)
        for widget in (self._header, self.view, self._hidden):
            column.addWidget(widget)
        column.setAlignment(self._hidden, Qt.AlignmentFlag.AlignLeft)
        self.view.selectionModel().currentChanged.connect(self._on_current)
        portraits.arrived.connect(self._show_people)
        model.modelReset.connect(self._on_model)
        model.dataChanged.connect(self._on_model)
        self.refresh()

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

    def refresh(self) -> None:
        """Show what stands: after a change of the Studio."""
        picture = self._studio.current
        ages = self._studio.ages_of(picture.media.id) if picture is not None and picture.media is not None else {}
        self._model.set_years(ages)
        self._show_people()
        self._hidden.refresh()

    def refresh_progress(self) -> None:
        """Show how far the search for people is; nothing else, for it comes often."""
        self.view.set_placeholder(self._placeholder())

    # Inside

    @property
    def _is_video(self) -> bool:
        return self._studio.current is not None and self._studio.current.is_video

    def _show_people(self) -> None:
        picture = self._studio.current
        people: dict[int, PersonRow] = {}
        if picture is not None and picture.media is not None and picture.analysis is not None and picture.times:
            people = {
                one.index: PersonRow(
                    person_name(one), seen_words(one, picture.times), self.portraits.get(picture.media, one)
                )
                for one in picture.analysis.identities
                if not one.is_hidden
            }
        self._model.set_people(people)
        self._refresh_words()

    def _on_current(self, index: QModelIndex) -> None:
        if index.isValid():
            self.current_changed.emit(index.data(FaceRole.SHOWN).index)

    def _on_model(self) -> None:
        self._refresh_words()

    def _refresh_words(self) -> None:
        count = len(self._model.faces)
        words = self.tr("People in this video") if self._is_video else self.tr("Faces in this picture")
        self._header.set_text(f"{words} · {count}" if count else words)
        self.view.setAccessibleName(words)
        self._clear.setEnabled(any(shown.badge is not None for shown in self._model.faces))
        clear = (
            self.tr("Clear the pairings of this video")
            if self._is_video
            else self.tr("Clear the pairings of this picture")
        )
        self._clear.setToolTip(clear)
        self._clear.setAccessibleName(clear)
        self.view.set_placeholder(self._placeholder())
        self.view.set_rows(count if self._is_video else 0)

    def _placeholder(self) -> str:
        picture = self._studio.current
        if picture is None or not picture.is_video:
            return self.tr("Faces stand here once they are found.")
        if picture.analysis is None:
            match picture.analysis_status:
                case AnalysisStatus.FAILED:
                    words = self.tr(
                        "It could not be looked through: the video can be watched, but nobody can be paired."
                    )
                case AnalysisStatus.PAUSED:
                    words = self.tr("Looking for people is paused at {share}. Go on below the video.")
                case _:
                    words = self.tr("Looking for people: {share}. Meanwhile the video can be watched.")
            return words.format(share=percent_text(picture.analysis_fraction))
        if any(one.is_hidden for one in picture.analysis.identities):
            return self.tr("Everybody is hidden and stays as they are.")
        return self.tr("Nobody was found in this video. Very small, covered or turned-away faces may be missed.")
