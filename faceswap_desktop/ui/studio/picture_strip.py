"""The open pictures below the canvas, when there is more than one."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPixmap, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHBoxLayout, QListView, QWidget

from faceswap_desktop.services.gallery import Gallery
from faceswap_desktop.services.studio import StudioPicture
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.delegates.pictures import CELL, PictureDelegate
from faceswap_desktop.ui.gallery.thumbnails import Thumbnails
from faceswap_desktop.ui.item_models.pictures import PictureRole, PicturesModel
from faceswap_desktop.ui.theme.tokens import GRID, HALF
from faceswap_desktop.ui.widgets.roles import set_role

_SCROLL_BAR_HEIGHT: Final = 14


class StripView(QListView):
    """A row of pictures that scrolls sideways, with the wheel too."""

    close_pressed = Signal()

    def __init__(self, model: PicturesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "plain")
        name(self, "picture-strip", self.tr("Open pictures"))
        self.setModel(model)
        self.setItemDelegate(PictureDelegate(self))
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DropOnly)
        self.setDragDropOverwriteMode(True)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta() / 2
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - (delta.x() or delta.y()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete closes; letters are the page's."""
        if event.key() == Qt.Key.Key_Delete:
            self.close_pressed.emit()
        elif event.text().isalnum() and not event.modifiers():
            event.ignore()
        else:
            super().keyPressEvent(event)


class PictureStrip(QFrame):
    """Thumbnails of the open pictures; the current one is selected.

    Attributes:
        chosen: Another picture is to be shown (key).
        close_wanted: A picture is to be closed (key).
    """

    chosen = Signal(str)
    close_wanted = Signal(str)

    def __init__(self, model: PicturesModel, gallery: Gallery, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "panel")
        self._model = model
        self._gallery = gallery
        self._thumbnails = Thumbnails(tasks, self)
        self._thumbnails.arrived.connect(self._on_thumbnail)
        self.view = StripView(model, self)
        self.setFixedHeight(CELL.height() + 2 * HALF + _SCROLL_BAR_HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID, HALF, GRID, HALF)
        row.addWidget(self.view)
        model.thumbnail_wanted.connect(self._on_wanted)
        self.view.selectionModel().currentChanged.connect(self._on_current)
        self.view.close_pressed.connect(self._on_close_pressed)

    @property
    def current_key(self) -> str:
        """Key of the selected picture; empty for none."""
        index = self.view.currentIndex()
        return index.data(PictureRole.PICTURE).key if index.isValid() else ""

    def show_current(self, key: str) -> None:
        """Select a picture and bring it into sight, without telling anybody."""
        row = self._model.row_of(key)
        selection = self.view.selectionModel()
        selection.blockSignals(True)
        index = self._model.index(row) if row >= 0 else QModelIndex()
        selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        selection.blockSignals(False)
        self.view.viewport().update()
        if row >= 0:
            self.view.scrollTo(index)

    def _on_current(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(index.data(PictureRole.PICTURE).key)

    def _on_close_pressed(self) -> None:
        if self.current_key:
            self.close_wanted.emit(self.current_key)

    def _on_wanted(self, picture: StudioPicture) -> None:
        async def make() -> Path:
            return await self._gallery.picture_thumbnail(picture.path)

        found = self._thumbnails.pixmap(picture.key, make)
        if found is not None:
            # Asked for while painting: telling the model now would paint within painting.
            self._show_later(picture.key, found)

    def _on_thumbnail(self, key: object) -> None:
        picture = next((one for one in self._model.pictures if one.key == key), None)
        if picture is not None and not self._thumbnails.is_missing(key):
            self._on_wanted(picture)

    def _show_later(self, key: str, thumbnail: QPixmap) -> None:
        QTimer.singleShot(0, self, lambda: self._model.set_thumbnail(key, thumbnail))
