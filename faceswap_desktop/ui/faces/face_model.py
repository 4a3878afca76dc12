"""The library's source faces as a list model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from pathlib import PurePath
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QPixmap, QPixmapCache

from faceswap_desktop.domain.consent import Standing
from faceswap_desktop.domain.faces import SourceFace, SourceFaceId
from faceswap_desktop.services.consents import FaceConsent
from faceswap_desktop.ui.faces.words import describe_face
from faceswap_desktop.ui.texts import plain_tip

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT: Final = QModelIndex()


class FaceRole(IntEnum):
    """What a card asks for beside the standard roles."""

    FACE = Qt.ItemDataRole.UserRole + 1
    THUMBNAIL = Qt.ItemDataRole.UserRole + 2
    STANDING = Qt.ItemDataRole.UserRole + 3


class FaceModel(QAbstractListModel):
    """All source faces that match the search, in the order of the library."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: list[SourceFace] = []
        self._faces: list[SourceFace] = []
        self._text = ""
        self._standings: Mapping[SourceFaceId, FaceConsent] = {}

    @property
    def count_of_all(self) -> int:
        """How many faces the library has."""
        return len(self._all)

    @property
    def faces(self) -> Sequence[SourceFace]:
        """The faces that are shown."""
        return self._faces

    def set_faces(self, faces: Sequence[SourceFace]) -> None:
        """Take the library as it is now."""
        self._all = list(faces)
        self._show()

    def set_standings(self, standings: Mapping[SourceFaceId, FaceConsent]) -> None:
        """Take how the faces stand with consent."""
        self._standings = dict(standings)
        if self._faces:
            self.dataChanged.emit(self.index(0), self.index(len(self._faces) - 1))

    def consent_of(self, face_id: SourceFaceId) -> FaceConsent | None:
        """Return how a face stands with consent; None while that is not known."""
        return self._standings.get(face_id)

    def search(self, text: str) -> None:
        """Show only faces whose name, or a photo's file name, has this in it."""
        self._text = text.casefold().strip()
        self._show()

    def face_at(self, row: int) -> SourceFace | None:
        """Return the face of a row."""
        return self._faces[row] if 0 <= row < len(self._faces) else None

    def row_of(self, face_id: SourceFaceId) -> int:
        """Return the row of a face, or -1."""
        return next((row for row, face in enumerate(self._faces) if face.id == face_id), -1)

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """Return the number of faces shown."""
        return 0 if parent.isValid() else len(self._faces)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a card shows."""
        face = self.face_at(index.row()) if index.isValid() else None
        if face is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return face.name
            case Qt.ItemDataRole.AccessibleTextRole:
                return describe_face(face, self._standing_of(face))
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(describe_face(face, self._standing_of(face)))
            case FaceRole.FACE:
                return face
            case FaceRole.THUMBNAIL:
                return thumbnail_of(face.thumbnail_path)
            case FaceRole.STANDING:
                return self._standing_of(face)
        return None

    def _standing_of(self, face: SourceFace) -> Standing | None:
        known = self._standings.get(face.id)
        return known.standing if known is not None else None

    def _show(self) -> None:
        shown = [face for face in self._all if self._matches(face)]
        if [face.id for face in shown] == [face.id for face in self._faces]:
            self._faces = shown
            if shown:
                self.dataChanged.emit(self.index(0), self.index(len(shown) - 1))
            return
        self.beginResetModel()
        self._faces = shown
        self.endResetModel()

    def _matches(self, face: SourceFace) -> bool:
        words = " ".join([face.name, *(PurePath(photo.origin_name).stem for photo in face.photos)]).casefold()
        return all(part in words for part in self._text.split())


def thumbnail_of(path: str) -> QPixmap:
    """Return a face's picture from the library, 192 px; empty if the file is gone."""
    key = f"face:{path}"
    pixmap = QPixmap()
    if not QPixmapCache.find(key, pixmap):
        # Small files that our own worker wrote.
        pixmap = QPixmap(path)
        QPixmapCache.insert(key, pixmap)
    return pixmap
