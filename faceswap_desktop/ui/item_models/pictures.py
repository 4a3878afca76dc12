"""The open pictures of the Studio, for the strip below the canvas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QPixmap

from faceswap_desktop.services.studio import AnalysisStatus, PictureStatus, StudioPicture
from faceswap_desktop.ui.canvas.drag import SOURCE_FACES, has_pictures, sources_of
from faceswap_desktop.ui.texts import clock_text, plain_tip, text_of
from faceswap_desktop.ui.veil import veiled_pixmap

Index = QModelIndex | QPersistentModelIndex


class PictureRole(IntEnum):
    """What a row holds besides its name."""

    PICTURE = Qt.ItemDataRole.UserRole
    THUMBNAIL = Qt.ItemDataRole.UserRole + 1
    PAIRED = Qt.ItemDataRole.UserRole + 2
    DETAILS = Qt.ItemDataRole.UserRole + 3


class PicturesModel(QAbstractListModel):
    """Open pictures in the order they were opened.

    Attributes:
        thumbnail_wanted: A row is painted and has no thumbnail yet (``StudioPicture``).
        sources_dropped: Source faces were dropped on a picture (key, ids).
        pictures_dropped: Files or pixels were dropped (``QMimeData``).
    """

    thumbnail_wanted = Signal(object)
    sources_dropped = Signal(str, list)
    pictures_dropped = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures: list[StudioPicture] = []
        self._paired: Mapping[str, int] = {}
        self._thumbnails: dict[str, QPixmap] = {}

    @property
    def pictures(self) -> tuple[StudioPicture, ...]:
        """All rows in order."""
        return tuple(self._pictures)

    def row_of(self, key: str) -> int:
        """Return where a picture stands, or -1."""
        return next((row for row, picture in enumerate(self._pictures) if picture.key == key), -1)

    def set_pictures(self, pictures: Sequence[StudioPicture], paired: Mapping[str, int]) -> None:
        """Show these, and how many faces of each are paired (by key)."""
        old_keys, new_keys = [one.key for one in self._pictures], [one.key for one in pictures]
        if old_keys == new_keys:
            changed = [
                row
                for row, one in enumerate(pictures)
                if one != self._pictures[row] or paired.get(one.key, 0) != self._paired.get(one.key, 0)
            ]
            self._pictures, self._paired = list(pictures), dict(paired)
            for row in changed:
                self.dataChanged.emit(self.index(row), self.index(row))
            return
        if new_keys[: len(old_keys)] == old_keys:
            self.beginInsertRows(QModelIndex(), len(old_keys), len(new_keys) - 1)
            self._pictures, self._paired = list(pictures), dict(paired)
            self.endInsertRows()
            return
        self.beginResetModel()
        self._pictures, self._paired = list(pictures), dict(paired)
        self.endResetModel()
        for key in set(self._thumbnails) - set(new_keys):
            del self._thumbnails[key]

    def set_thumbnail(self, key: str, thumbnail: QPixmap) -> None:
        """Show a thumbnail that has arrived."""
        self._thumbnails[key] = thumbnail
        row = self.row_of(key)
        if row >= 0:
            self.dataChanged.emit(self.index(row), self.index(row), [int(PictureRole.THUMBNAIL)])

    # Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._pictures)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._pictures):
            return None
        picture = self._pictures[index.row()]
        value: Any = None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                value = picture.name
            case Qt.ItemDataRole.ToolTipRole:
                value = plain_tip(f"{picture.path}\n{self.details_of(picture)}")
            case Qt.ItemDataRole.AccessibleTextRole:
                value = f"{picture.name}, {self.details_of(picture)}"
            case PictureRole.PICTURE:
                value = picture
            case PictureRole.THUMBNAIL:
                value = self._thumbnail_of(picture)
            case PictureRole.PAIRED:
                value = self._paired.get(picture.key, 0)
            case PictureRole.DETAILS:
                value = self.details_of(picture)
        return value

    def details_of(self, picture: StudioPicture) -> str:
        """Say how far a picture is: "3 faces, 1 paired"; the reason where it could not be opened."""
        match picture.status:
            case PictureStatus.FAILED:
                return f"{text_of(picture.error)} {text_of(picture.hint)}".strip()
            case PictureStatus.READY if picture.is_video:
                people = people_and_paired(picture, self._paired.get(picture.key, 0))
                length = clock_text(picture.media.video.seconds) if picture.media and picture.media.video else ""
                return ", ".join(words for words in (length, people) if words)
            case PictureStatus.READY if picture.refused_in(None):
                return self.tr("Refused")
            case PictureStatus.READY:
                return faces_and_paired(len(picture.faces), self._paired.get(picture.key, 0))
        return self.tr("Looking for faces…")

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDropEnabled

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction | Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [SOURCE_FACES, "text/uri-list", "application/x-qt-image"]

    def canDropMimeData(self, mime: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        if mime.hasFormat(SOURCE_FACES):
            return parent.isValid() and bool(self._pictures[parent.row()].faces)
        return has_pictures(mime)

    def dropMimeData(self, mime: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        if mime.hasFormat(SOURCE_FACES) and parent.isValid():
            self.sources_dropped.emit(self._pictures[parent.row()].key, sources_of(mime))
        elif has_pictures(mime):
            self.pictures_dropped.emit(mime)
        return False

    def _thumbnail_of(self, picture: StudioPicture) -> QPixmap | None:
        found = self._thumbnails.get(picture.key)
        if found is not None and picture.verdict is not None and picture.verdict.sightings:
            return veiled_pixmap(found)
        # Asking only for what could be opened keeps one strip from saying the same as another.
        if found is None and picture.status is PictureStatus.READY:
            self.thumbnail_wanted.emit(picture)
        return found


def faces_and_paired(faces: int, paired: int) -> str:
    """Return "3 faces, 1 paired" in words."""
    translate = QCoreApplication.translate
    if faces == 0:
        return translate("Studio", "No face found")
    words = translate("Studio", "1 face") if faces == 1 else translate("Studio", "{n} faces").format(n=faces)
    if paired:
        words += ", " + translate("Studio", "{n} paired").format(n=paired)
    return words


def people_and_paired(picture: StudioPicture, paired: int) -> str:
    """Return "2 people, 1 paired" in words, once it is known who is in a video."""
    translate = QCoreApplication.translate
    if picture.analysis is None:
        failed = picture.analysis_status is AnalysisStatus.FAILED
        return "" if failed else translate("Studio", "Looking for people…")
    people = len(picture.faces)
    words = translate("Studio", "1 person") if people == 1 else translate("Studio", "{n} people").format(n=people)
    return words + ", " + translate("Studio", "{n} paired").format(n=paired) if paired else words
