"""The shelf: the source faces at hand, in order."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
    QCoreApplication,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QPixmap

from faceswap_desktop.domain.faces import GradeLevel, SourceFace, SourceFaceId
from faceswap_desktop.ui.canvas.drag import SOURCE_FACES, files_of, has_pictures, mime_of_sources, sources_of
from faceswap_desktop.ui.texts import text_of

Index = QModelIndex | QPersistentModelIndex
NUMBERED = 10
"""So many source faces have a key: 1 to 9, and 0 for the tenth."""


class ShelfRole(IntEnum):
    """What a row holds besides its name."""

    FACE = Qt.ItemDataRole.UserRole
    PICTURE = Qt.ItemDataRole.UserRole + 1
    NUMBER = Qt.ItemDataRole.UserRole + 2
    USES = Qt.ItemDataRole.UserRole + 3
    ARMED = Qt.ItemDataRole.UserRole + 4


class ShelfModel(QAbstractListModel):
    """Source faces on the shelf.

    Attributes:
        reorder_wanted: The order the user dragged them into (ids).
        pictures_dropped: Files or pixels were dropped (``QMimeData``).
    """

    reorder_wanted = Signal(list)
    pictures_dropped = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._faces: list[SourceFace] = []
        self._uses: dict[SourceFaceId, int] = {}
        self._armed: SourceFaceId | None = None
        self._pictures: dict[str, QPixmap] = {}

    # What it holds

    @property
    def faces(self) -> tuple[SourceFace, ...]:
        """All rows in order."""
        return tuple(self._faces)

    def face_with(self, face_id: SourceFaceId) -> SourceFace | None:
        """Return a source face by its id."""
        return next((face for face in self._faces if face.id == face_id), None)

    def row_of(self, face_id: SourceFaceId) -> int:
        """Return where a source face stands, or -1."""
        return next((row for row, face in enumerate(self._faces) if face.id == face_id), -1)

    def set_faces(self, faces: Sequence[SourceFace]) -> None:
        """Show these. Where only contents changed, rows stay, and with them selection and scroll."""
        if [face.id for face in faces] == [face.id for face in self._faces]:
            changed = [row for row, face in enumerate(faces) if face != self._faces[row]]
            self._faces = list(faces)
            for row in changed:
                self.dataChanged.emit(self.index(row), self.index(row))
            return
        if [face.id for face in faces[: len(self._faces)]] == [face.id for face in self._faces]:
            self.beginInsertRows(QModelIndex(), len(self._faces), len(faces) - 1)
            self._faces = list(faces)
            self.endInsertRows()
            return
        self.beginResetModel()
        self._faces = list(faces)
        self.endResetModel()

    def set_uses(self, uses: dict[SourceFaceId, int]) -> None:
        """Say how often each is paired in the open pictures."""
        if uses != self._uses:
            self._uses = uses
            self._tell_all(ShelfRole.USES)

    def set_armed(self, face_id: SourceFaceId | None) -> None:
        """Mark the one that waits for a face of the picture."""
        if face_id != self._armed:
            self._armed = face_id
            self._tell_all(ShelfRole.ARMED)

    def picture_of(self, face: SourceFace) -> QPixmap:
        """Return the small picture of a source face; null if it is gone."""
        picture = self._pictures.get(face.thumbnail_path)
        if picture is None:
            # 192 px of our own making: half a millisecond, once.
            picture = QPixmap(face.thumbnail_path) if Path(face.thumbnail_path).is_file() else QPixmap()
            self._pictures[face.thumbnail_path] = picture
        return picture

    # Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._faces)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._faces):
            return None
        face = self._faces[index.row()]
        value: Any = None
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                value = face.name
            case Qt.ItemDataRole.ToolTipRole:
                value = grade_text(face)
            case Qt.ItemDataRole.AccessibleTextRole:
                value = self._spoken(index.row(), face)
            case Qt.ItemDataRole.AccessibleDescriptionRole:
                value = grade_text(face)
            case ShelfRole.FACE:
                value = face
            case ShelfRole.PICTURE:
                value = self.picture_of(face)
            case ShelfRole.NUMBER:
                value = number_key(index.row())
            case ShelfRole.USES:
                value = self._uses.get(face.id, 0)
            case ShelfRole.ARMED:
                value = face.id == self._armed
        return value

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction | Qt.DropAction.MoveAction

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction | Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [SOURCE_FACES, "text/uri-list", "application/x-qt-image"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        rows = sorted(index.row() for index in indexes)
        return mime_of_sources([self._faces[row].id for row in rows])

    def canDropMimeData(self, mime: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        return mime.hasFormat(SOURCE_FACES) or has_pictures(mime)

    def dropMimeData(self, mime: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        if mime.hasFormat(SOURCE_FACES):
            self._move(sources_of(mime), row if row >= 0 else len(self._faces))
        elif files_of(mime) or mime.hasImage():
            self.pictures_dropped.emit(mime)
        # False: the view must not remove the dragged rows by itself; the new order comes with an event.
        return False

    def roleNames(self) -> dict[int, QByteArray]:
        names = super().roleNames()
        names.update({int(role): QByteArray(role.name.lower().encode()) for role in ShelfRole})
        return names

    def _move(self, moved: Sequence[SourceFaceId], row: int) -> None:
        order = [face.id for face in self._faces]
        following = next((one for one in order[row:] if one not in moved), None)
        rest = [one for one in order if one not in moved]
        place = rest.index(following) if following is not None else len(rest)
        wanted = [*rest[:place], *(one for one in order if one in moved), *rest[place:]]
        if wanted != order:
            self.reorder_wanted.emit(wanted)

    def _spoken(self, row: int, face: SourceFace) -> str:
        parts = [self.tr("Source {n}").format(n=row + 1), face.name, level_word(face.grade.level)]
        if len(face.photos) > 1:
            parts.append(self.tr("{n} photos").format(n=len(face.photos)))
        uses = self._uses.get(face.id, 0)
        if uses == 1:
            parts.append(self.tr("paired with one face"))
        elif uses:
            parts.append(self.tr("paired with {n} faces").format(n=uses))
        return ", ".join(parts)

    def _tell_all(self, role: ShelfRole) -> None:
        if self._faces:
            self.dataChanged.emit(self.index(0), self.index(len(self._faces) - 1), [int(role)])


def number_key(row: int) -> str:
    """Return the key that pairs with this row: "1" to "9", "0" for the tenth, else empty."""
    return str((row + 1) % NUMBERED) if row < NUMBERED else ""


def level_word(level: GradeLevel) -> str:
    """Return a grade's level in a word."""
    translate = QCoreApplication.translate
    return {
        GradeLevel.GOOD: translate("Grades", "Good"),
        GradeLevel.FAIR: translate("Grades", "Fair"),
        GradeLevel.POOR: translate("Grades", "Poor"),
    }[level]


def grade_text(face: SourceFace) -> str:
    """Return a grade in sentences: "Fair: The face is turned 24°. Use a photo from the front."."""
    grade = face.grade
    sentences = [f"{text_of(finding.problem)} {text_of(finding.advice)}" for finding in grade.findings]
    word = level_word(grade.level)
    return f"{word}: {' '.join(sentences)}" if sentences else word
