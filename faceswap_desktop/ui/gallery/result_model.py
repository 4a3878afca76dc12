"""The results as a list model: ids in order, and rows fetched when they come into sight."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from enum import IntEnum
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    QUrl,
    Signal,
)

from faceswap_desktop.domain.job import JobResult, ResultId
from faceswap_desktop.services.gallery import Gallery
from faceswap_desktop.ui.gallery.thumbnails import Thumbnails
from faceswap_desktop.ui.gallery.words import describe_result, tr
from faceswap_desktop.ui.texts import plain_tip

Index = QModelIndex | QPersistentModelIndex
KEPT_ROWS: Final = 2000
"""So many rows are kept; the rest is a number in a list."""
_STRIDE: Final = 1024
_NO_PARENT: Final = QModelIndex()


class ResultRole(IntEnum):
    """What a card asks for beside the standard roles."""

    RESULT = Qt.ItemDataRole.UserRole + 1
    THUMBNAIL = Qt.ItemDataRole.UserRole + 2
    IS_MISSING = Qt.ItemDataRole.UserRole + 3


class ResultModel(QAbstractListModel):
    """Holds ids; keeps the rows that were looked at last.

    Attributes:
        rows_wanted: Ids whose rows are needed to paint; ``put`` them when they are there.
    """

    rows_wanted = Signal(list)

    def __init__(self, gallery: Gallery, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._gallery = gallery
        self._thumbnails = thumbnails
        self._ids: list[ResultId] = []
        self._places: dict[ResultId, int] | None = None
        self._places_seen: dict[ResultId, int] = {}
        self._rows: OrderedDict[ResultId, JobResult] = OrderedDict()
        self._wanted: list[ResultId] = []
        self._asking = QTimer(self)
        self._asking.setSingleShot(True)
        self._asking.setInterval(0)
        self._asking.timeout.connect(self._ask)
        thumbnails.arrived.connect(self._on_thumbnail)

    # What stands

    @property
    def ids(self) -> Sequence[ResultId]:
        """All ids, in order."""
        return self._ids

    def id_at(self, row: int) -> ResultId:
        """Return the id of a row."""
        return self._ids[row]

    def row_of(self, result_id: ResultId) -> int:
        """Return the row of an id, or -1."""
        # What is on the screen is known without a table of everything.
        seen = self._places_seen.get(result_id, -1)
        if 0 <= seen < len(self._ids) and self._ids[seen] == result_id:
            return seen
        if self._places is None:
            self._places = dict(zip(self._ids, range(len(self._ids)), strict=True))
        return self._places.get(result_id, -1)

    def result_at(self, row: int) -> JobResult | None:
        """Return a row if it is there."""
        return self._rows.get(self._ids[row]) if 0 <= row < len(self._ids) else None

    # Changing

    def set_ids(self, ids: Sequence[ResultId]) -> None:
        """Show these results. One block of rows coming or going keeps scrolling and selection as they are."""
        old, new = self._ids, list(ids)
        if old == new:
            return
        head = _equal_from_start(old, new)
        tail = _equal_from_end(old, new, min(len(old), len(new)) - head)
        gone, come = len(old) - head - tail, len(new) - head - tail
        if gone and come:
            self.beginResetModel()
            self._take(new)
            self.endResetModel()
        elif come:
            self.beginInsertRows(QModelIndex(), head, head + come - 1)
            self._take(new)
            self.endInsertRows()
        else:
            self.beginRemoveRows(QModelIndex(), head, head + gone - 1)
            self._take(new)
            self.endRemoveRows()

    def put(self, results: Sequence[JobResult]) -> None:
        """Take rows that were asked for."""
        for result in results:
            self._rows[result.id] = result
            self._rows.move_to_end(result.id)
            self._tell(result.id)
        while len(self._rows) > KEPT_ROWS:
            gone, _ = self._rows.popitem(last=False)
            self._places_seen.pop(gone, None)

    def want(self, rows: Sequence[int]) -> None:
        """Ask for rows that something else than painting needs soon; as many as are kept."""
        for row in rows[:KEPT_ROWS]:
            if self._ids[row] not in self._rows:
                self._want(row)

    def forget_rows(self, ids: Sequence[ResultId]) -> None:
        """Fetch these rows anew when they are painted next; pictures that could not be had are tried again."""
        for result_id in ids:
            result = self._rows.pop(result_id, None)
            if result is not None and self._thumbnails.is_missing(_key(result)):
                self._thumbnails.forget(_key(result))
            self._tell(result_id)

    # QAbstractListModel

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """Return the number of results."""
        return 0 if parent.isValid() else len(self._ids)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a card shows; a row that is not there yet is asked for and empty until then."""
        if not index.isValid() or index.row() >= len(self._ids):
            return None
        result_id = self._ids[index.row()]
        result = self._rows.get(result_id)
        if result is None:
            if role in {Qt.ItemDataRole.DisplayRole, ResultRole.RESULT, Qt.ItemDataRole.AccessibleTextRole}:
                self._want(index.row())
            return tr("Loading") if role == Qt.ItemDataRole.AccessibleTextRole else None
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return result.title
            case Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.ToolTipRole:
                words = describe_result(result)
                return plain_tip(words) if role == Qt.ItemDataRole.ToolTipRole else words
            case ResultRole.RESULT:
                return result
            case ResultRole.THUMBNAIL:
                return self._thumbnails.pixmap(_key(result), lambda: self._gallery.thumbnail(result))
            case ResultRole.IS_MISSING:
                return self._thumbnails.is_missing(_key(result))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Cards can be chosen and dragged out."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsDragEnabled
            | Qt.ItemFlag.ItemNeverHasChildren
        )

    def mimeTypes(self) -> list[str]:
        """Results leave as files."""
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return the files of these rows, for other programs."""
        mime = QMimeData()
        results = [self.result_at(index.row()) for index in sorted(indexes, key=lambda one: one.row())]
        mime.setUrls([QUrl.fromLocalFile(result.path) for result in results if result is not None])
        return mime

    def supportedDragActions(self) -> Qt.DropAction:
        """Files are copied, never moved away from us."""
        return Qt.DropAction.CopyAction

    # Inside

    def _take(self, ids: list[ResultId]) -> None:
        self._ids = ids
        self._places = None
        self._places_seen.clear()

    def _want(self, row: int) -> None:
        self._wanted.append(self._ids[row])
        self._places_seen[self._ids[row]] = row
        if not self._asking.isActive():
            self._asking.start()

    def _ask(self) -> None:
        wanted, self._wanted = list(dict.fromkeys(self._wanted)), []
        # The newest wish is what is on the screen now.
        there = [one for one in wanted[-KEPT_ROWS:] if self.row_of(one) >= 0]
        if there:
            self.rows_wanted.emit(there)

    def _tell(self, result_id: ResultId) -> None:
        row = self.row_of(result_id)
        if row >= 0:
            index = self.index(row)
            self.dataChanged.emit(index, index)

    def _on_thumbnail(self, key: object) -> None:
        if isinstance(key, tuple) and key[0] == "result":
            self._tell(key[1])


def _key(result: JobResult) -> tuple[str, ResultId, str]:
    return ("result", result.id, result.digest)


def _equal_from_start(old: list[ResultId], new: list[ResultId]) -> int:
    """Return how many ids are the same from the start; whole stretches are compared at once."""
    most, place = min(len(old), len(new)), 0
    while place < most and old[place : place + _STRIDE] == new[place : place + _STRIDE]:
        place += _STRIDE
    while place < most and old[place] == new[place]:
        place += 1
    return min(place, most)


def _equal_from_end(old: list[ResultId], new: list[ResultId], most: int) -> int:
    """Return how many ids are the same from the end, at most ``most``."""
    place = 0
    while place < most:
        end, other = len(old) - place, len(new) - place
        stride = min(_STRIDE, most - place)
        if old[end - stride : end] != new[other - stride : other]:
            break
        place += stride
    while place < most and old[-1 - place] == new[-1 - place]:
        place += 1
    return place
