"""The filmstrip as a list: two rows of small pictures, one per age."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPainterPath, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from faceswap_desktop.services.reaging import FILMSTRIP_YEARS
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.item_models.face_list import years_words
from faceswap_desktop.ui.studio.filmstrip import FilmPicture
from faceswap_desktop.ui.theme.tokens import BODY_PX, RADIUS, SMALL_PX, current_tokens
from faceswap_desktop.ui.widgets.roles import set_role

Index = QModelIndex | QPersistentModelIndex

_COLUMNS: Final = 4
_EDGE: Final = 56
_CELL: Final = QSize(62, 96)
"""Smallest size; cells share the width of the panel."""
_LINE: Final = 17
_SMALLEST_PX: Final = 9


class FilmRole(IntEnum):
    """What a row holds besides its words."""

    YEARS = Qt.ItemDataRole.UserRole
    PICTURE = Qt.ItemDataRole.UserRole + 1
    IS_CHOSEN = Qt.ItemDataRole.UserRole + 2
    AGE_WORDS = Qt.ItemDataRole.UserRole + 3
    WAITS = Qt.ItemDataRole.UserRole + 4


def short_years(years: int) -> str:
    """Return "+20", "−20" or "Now"."""
    if not years:
        return QCoreApplication.translate("Reage", "Now")
    return f"{'+' if years > 0 else '−'}{abs(years)}"


def about_words(age: float | None) -> str:
    """Return "about 52", or nothing where the apparent age is not known."""
    return QCoreApplication.translate("Reage", "about {age}").format(age=round(age)) if age is not None else ""


class FilmModel(QAbstractListModel):
    """Every ten years, and at the end the age that is chosen where it is none of those."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._years = list(FILMSTRIP_YEARS)
        self._chosen = 0
        self._pictures: Mapping[int, FilmPicture] = {}
        self._is_rendering = False

    @property
    def years(self) -> tuple[int, ...]:
        """The ages, in order."""
        return tuple(self._years)

    def show_pictures(self, pictures: Mapping[int, FilmPicture], chosen: int, *, is_rendering: bool = False) -> None:
        """Show what is there, which age is chosen, and whether what is missing will come."""
        self._is_rendering = is_rendering
        extra = [] if chosen in FILMSTRIP_YEARS else [chosen]
        count = len(FILMSTRIP_YEARS)
        if len(self._years) > count and not extra:
            self.beginRemoveRows(QModelIndex(), count, count)
            del self._years[count:]
            self.endRemoveRows()
        elif extra and len(self._years) == count:
            self.beginInsertRows(QModelIndex(), count, count)
            self._years += extra
            self.endInsertRows()
        self._years[count:] = extra
        self._pictures, self._chosen = dict(pictures), chosen
        self.dataChanged.emit(self.index(0), self.index(len(self._years) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._years)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._years):
            return None
        years = self._years[index.row()]
        film = self._pictures.get(years)
        # Each guess is off by years, so only the two that are compared are told: ten side by side would contradict
        # the years above them.
        is_told = film is not None and years in {0, self._chosen}
        about = about_words(film.apparent_age) if film is not None and is_told else ""
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return short_years(years)
            case Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.ToolTipRole:
                guess = QCoreApplication.translate("Reage", "looks {about}, a network guesses")
                looks = guess.format(about=about) if about else ""
                return ", ".join(part for part in (years_words(years), looks) if part)
        by_role: dict[int, object] = {
            FilmRole.YEARS: years,
            FilmRole.PICTURE: film.picture if film is not None else None,
            FilmRole.IS_CHOSEN: years == self._chosen,
            FilmRole.AGE_WORDS: about,
            FilmRole.WAITS: film is None and self._is_rendering,
        }
        return by_role.get(role)


class FilmDelegate(QStyledItemDelegate):
    """Paints a picture with its years and the apparent age below."""

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return self._view.gridSize()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one age."""
        tokens = current_tokens()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        cell = QRect(option.rect)
        frame = QRect(cell.left() + (cell.width() - _EDGE) // 2, cell.top() + 3, _EDGE, _EDGE)
        clip = QPainterPath()
        clip.addRoundedRect(QRectF(frame), RADIUS, RADIUS)
        painter.fillPath(clip, QColor(tokens.hover))
        picture = index.data(FilmRole.PICTURE)
        if picture is not None:
            painter.save()
            painter.setClipPath(clip)
            painter.drawPixmap(frame, picture)
            painter.restore()
        elif index.data(FilmRole.WAITS):
            _paint_waiting(painter, frame, QColor(tokens.muted))
        is_chosen = bool(index.data(FilmRole.IS_CHOSEN))
        state = option.state
        if is_chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(QPen(QColor(tokens.focus if is_chosen else tokens.outline), 2 if is_chosen else 1))
            painter.drawRoundedRect(QRectF(frame).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(tokens.text), 1.5, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(QRectF(frame).adjusted(-2, -2, 2, 2), RADIUS, RADIUS)
        for words, pixels, colour, top, weight in (
            (str(index.data()), BODY_PX, tokens.text, frame.bottom() + 2, is_chosen),
            (str(index.data(FilmRole.AGE_WORDS)), SMALL_PX, tokens.muted, frame.bottom() + 2 + _LINE, False),
        ):
            font = QFont(painter.font())
            font.setPixelSize(pixels)
            font.setWeight(QFont.Weight.DemiBold if weight else QFont.Weight.Normal)
            painter.setFont(font)
            painter.setPen(QColor(colour))
            painter.drawText(QRect(cell.left(), top, cell.width(), _LINE), Qt.AlignmentFlag.AlignCenter, words)
        painter.restore()


def _paint_waiting(painter: QPainter, frame: QRect, colour: QColor) -> None:
    """Say quietly that a picture is being made, as large as there is room."""
    words = QCoreApplication.translate("Reage", "Rendering…")
    font = QFont(painter.font())
    pixels = SMALL_PX
    font.setPixelSize(pixels)
    while pixels > _SMALLEST_PX and QFontMetrics(font).horizontalAdvance(words) > frame.width() - 2:
        pixels -= 1
        font.setPixelSize(pixels)
    painter.save()
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, words)
    painter.restore()


class FilmView(QListView):
    """The pictures; a click or Enter chooses.

    Attributes:
        years_chosen: An age was chosen (years).
    """

    years_chosen = Signal(int)

    def __init__(self, model: FilmModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "plain")
        name(self, "filmstrip", self.tr("The face at other ages"), self.tr("Enter chooses an age."))
        self.setModel(model)
        self.setItemDelegate(FilmDelegate(self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setGridSize(_CELL)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedHeight(-(-(len(FILMSTRIP_YEARS) + 1) // _COLUMNS) * _CELL.height() + 2 * self.frameWidth() + 2)
        self.clicked.connect(self._choose)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width among the columns; Qt wraps a row that fills it to the last pixel."""
        self.setGridSize(QSize(max(_CELL.width(), (self.viewport().width() - 1) // _COLUMNS), _CELL.height()))
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and the space bar choose; letters and numbers belong to the page."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self._choose(self.currentIndex())
        elif event.text().isalnum():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid():
            self.years_chosen.emit(int(index.data(FilmRole.YEARS)))
