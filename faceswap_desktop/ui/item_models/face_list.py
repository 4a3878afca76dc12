"""The faces of the picture on the canvas as a list: who becomes whom, for eyes and ears."""

from __future__ import annotations

from collections.abc import Sequence
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

from faceswap_desktop.ui.canvas.drag import SOURCE_FACES, sources_of
from faceswap_desktop.ui.canvas.faces import CanvasFace
from faceswap_desktop.ui.texts import plain_tip

Index = QModelIndex | QPersistentModelIndex


class FaceRole(IntEnum):
    """What a row holds besides its words."""

    SHOWN = Qt.ItemDataRole.UserRole
    PROBLEM = Qt.ItemDataRole.UserRole + 1


class FaceListModel(QAbstractListModel):
    """Mirrors the faces of the canvas.

    Attributes:
        sources_dropped: Source faces were dropped on a row (index of the face, ids).
    """

    sources_dropped = Signal(int, list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._faces: list[CanvasFace] = []
        self._problems: dict[int, str] = {}

    @property
    def faces(self) -> tuple[CanvasFace, ...]:
        """All rows in order."""
        return tuple(self._faces)

    def row_of(self, index: int) -> int:
        """Return the row of a face, or -1."""
        return next((row for row, shown in enumerate(self._faces) if shown.index == index), -1)

    def set_faces(self, faces: Sequence[CanvasFace]) -> None:
        """Show these; where only pairings changed, rows stay."""
        if [one.face for one in faces] == [one.face for one in self._faces]:
            changed = [row for row, one in enumerate(faces) if one != self._faces[row]]
            self._faces = list(faces)
            for row in changed:
                self.dataChanged.emit(self.index(row), self.index(row))
            return
        self.beginResetModel()
        self._faces = list(faces)
        self._problems = {}
        self.endResetModel()

    def set_problems(self, problems: dict[int, str]) -> None:
        """Say of some faces why they cannot be swapped (by index)."""
        if problems != self._problems:
            self._problems = dict(problems)
            if self._faces:
                self.dataChanged.emit(self.index(0), self.index(len(self._faces) - 1))

    # Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._faces)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._faces):
            return None
        shown = self._faces[index.row()]
        problem = self._problems.get(shown.index, "")
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return becomes_words(shown)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{shown.description()}. {problem}" if problem else shown.description()
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(problem) or None
            case FaceRole.SHOWN:
                return shown
            case FaceRole.PROBLEM:
                return problem
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDropEnabled

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction | Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [SOURCE_FACES]

    def canDropMimeData(self, mime: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        return mime.hasFormat(SOURCE_FACES) and parent.isValid()

    def dropMimeData(self, mime: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        if parent.isValid():
            self.sources_dropped.emit(self._faces[parent.row()].index, sources_of(mime))
        return False


def becomes_words(shown: CanvasFace) -> str:
    """Return "Face 2 becomes Anna", or that it stays as it is."""
    translate = QCoreApplication.translate
    if shown.badge is None:
        return translate("Studio", "Face {n} stays as it is").format(n=shown.index + 1)
    return translate("Studio", "Face {n} becomes {name}").format(n=shown.index + 1, name=shown.badge.name)
