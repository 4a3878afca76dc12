"""The faces of the picture on the canvas as a list: who becomes whom, for eyes and ears."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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

from faceswap_desktop.ui.canvas.drag import SOURCE_FACES, sources_of
from faceswap_desktop.ui.canvas.faces import CanvasFace
from faceswap_desktop.ui.texts import plain_tip

Index = QModelIndex | QPersistentModelIndex


class FaceRole(IntEnum):
    """What a row holds besides its words."""

    SHOWN = Qt.ItemDataRole.UserRole
    PROBLEM = Qt.ItemDataRole.UserRole + 1
    PERSON = Qt.ItemDataRole.UserRole + 2
    YEARS = Qt.ItemDataRole.UserRole + 3


@dataclass(frozen=True)
class PersonRow:
    """What is shown of a person in a video beside what a face of a picture shows.

    Attributes:
        name: What it is called.
        seen: Where it is seen, in words.
        picture: Its best picture; None until that is there.
    """

    name: str
    seen: str
    picture: QPixmap | None = None


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
        self._people: dict[int, PersonRow] = {}
        self._years: dict[int, int] = {}

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

    def set_people(self, people: Mapping[int, PersonRow]) -> None:
        """Say who the faces are in a video (by index); nobody in a picture."""
        if dict(people) != self._people:
            is_other_height = bool(people) != bool(self._people)
            self._people = dict(people)
            if is_other_height:
                self.layoutChanged.emit()
            self._tell_all()

    def set_years(self, years: Mapping[int, int]) -> None:
        """Say who becomes how many years older or younger (by index)."""
        if dict(years) != self._years:
            self._years = dict(years)
            self._tell_all()

    def _tell_all(self) -> None:
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
        value: Any = None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                value = becomes_words(shown)
            case Qt.ItemDataRole.AccessibleTextRole:
                value = self._said(shown, problem)
            case Qt.ItemDataRole.ToolTipRole:
                value = plain_tip(problem) or None
            case FaceRole.SHOWN:
                value = shown
            case FaceRole.PROBLEM:
                value = problem
            case FaceRole.PERSON:
                value = self._people.get(shown.index)
            case FaceRole.YEARS:
                value = self._years.get(shown.index, 0)
        return value

    def _said(self, shown: CanvasFace, problem: str) -> str:
        person, years = self._people.get(shown.index), self._years.get(shown.index, 0)
        if person is None:
            words = shown.description()
            if years:
                words += f", {years_words(years).lower()}"
        else:
            words = f"{person.name}, {person.seen}, {row_words(shown, years)}"
        return f"{words}. {problem}" if problem else words

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


def years_words(years: int) -> str:
    """Return "20 years older", "1 year younger" or "As it is"."""
    translate = QCoreApplication.translate
    if not years:
        return translate("Reage", "As it is")
    if abs(years) == 1:
        return translate("Reage", "1 year older") if years > 0 else translate("Reage", "1 year younger")
    words = translate("Reage", "{n} years older") if years > 0 else translate("Reage", "{n} years younger")
    return words.format(n=abs(years))


def row_words(shown: CanvasFace, years: int, *, is_short: bool = False) -> str:
    """Return what becomes of a face, without naming it: "becomes Anna, 5 years older", "Stays as it is".

    The short form, "becomes Anna, +5 years", is for narrow rows.
    """
    translate = QCoreApplication.translate
    if shown.badge is None:
        return years_words(years) if years else translate("Studio", "Stays as it is")
    words = translate("Studio", "becomes {name}").format(name=shown.badge.name)
    if not years:
        return words
    return f"{words}, {signed_years(years)}" if is_short else f"{words}, {years_words(years)}"


def signed_years(years: int) -> str:
    """Return "+5 years"."""
    number = f"{'+' if years > 0 else '−'}{abs(years)}"
    translate = QCoreApplication.translate
    words = translate("Reage", "{n} year") if abs(years) == 1 else translate("Reage", "{n} years")
    return words.format(n=number)


def becomes_words(shown: CanvasFace) -> str:
    """Return "Face 2 becomes Anna", or that it stays as it is."""
    translate = QCoreApplication.translate
    if shown.badge is None:
        return translate("Studio", "Face {n} stays as it is").format(n=shown.index + 1)
    return translate("Studio", "Face {n} becomes {name}").format(n=shown.index + 1, name=shown.badge.name)
