"""A list of cards in rows that fill the width; a hundred thousand of them are laid out little by little."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPen, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.theme.tokens import HALF, RADIUS, current_tokens
from faceswap_desktop.ui.widgets.roles import set_role

CARD_INSET: Final = HALF + 1
"""From the edge of the grid to that of a card: half a gap, and the grid's frame."""
_BATCH: Final = 500
_MOST_PLACES: Final = 100

_INNER_GAP: Final = 2.0

Index = QModelIndex | QPersistentModelIndex


def paint_card_edge(painter: QPainter, card: QRect, *, is_selected: bool, has_focus: bool) -> None:
    """Paint the edge of a card: whether it is chosen, and whether the keyboard stands on it, can be told apart.

    Chosen is a line all round, the keyboard a dashed one; a card that is both has the dashed one inside.
    """
    tokens = current_tokens()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    pen = QPen(QColor(tokens.focus if is_selected or has_focus else tokens.border))
    pen.setWidthF(float(tokens.focus_width if is_selected or has_focus else 1))
    if has_focus and not is_selected:
        pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    inset = pen.widthF() / 2
    painter.drawRoundedRect(QRectF(card).adjusted(inset, inset, -inset, -inset), RADIUS, RADIUS)
    if has_focus and is_selected:
        inset = pen.widthF() + _INNER_GAP
        painter.setPen(QPen(QColor(tokens.text), 1.5, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(card).adjusted(inset, inset, -inset, -inset), HALF, HALF)


class CardGrid(QListView):
    """Cards of one size; the delegate's size hint has to be ``gridSize()``.

    Attributes:
        typed: Letters that were typed while the cards have the keyboard: what is looked for.
    """

    typed = Signal(str)

    def __init__(
        self, object_name: str, words: str, description: str, smallest: QSize, parent: QWidget | None = None
    ) -> None:
        """Make an empty grid.

        Args:
            object_name: For tests.
            words: What a screen reader says.
            description: What can be done with the keyboard.
            smallest: Smallest size of a card with the gap around it; it grows in width only.
            parent: Its owner.
        """
        super().__init__(parent)
        name(self, object_name, words, description)
        set_role(self, "plain")
        self._smallest = smallest
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(_BATCH)
        self.setGridSize(smallest)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def chosen_rows(self) -> list[int]:
        """Return the chosen rows, in order. Ranges are read, so that choosing all of many costs nothing."""
        return sorted(row for part in self._ranges() for row in range(part.top(), part.bottom() + 1))

    def chosen_count(self) -> int:
        """Return how many rows are chosen."""
        return sum(part.height() for part in self._ranges())

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width among as many cards as fit."""
        # As if the scroll bar were there, so that its coming and going moves nothing.
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, self.verticalScrollBar())
        # Qt wraps a row that fills the width to the last pixel.
        width = self.width() - bar - 2 * self.frameWidth() - 1
        columns = max(1, width // self._smallest.width())
        wanted = QSize(max(self._smallest.width(), width // columns), self._smallest.height())
        if wanted != self.gridSize():
            self.setGridSize(wanted)
        super().resizeEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Take the keyboard, on a card."""
        super().focusInEvent(event)
        self._keep_current()

    def reset(self) -> None:
        """Start anew, with something current wherever the keyboard is here."""
        super().reset()
        # Behind the selection, which hears of the reset after the view and forgets what is current.
        QTimer.singleShot(0, self, self._keep_current)

    def rowsInserted(self, parent: Index, start: int, end: int) -> None:
        """Take new rows."""
        super().rowsInserted(parent, start, end)
        self._keep_current()

    def selectAll(self) -> None:
        """Choose everything in one range: Qt would go from row to row."""
        model = self.model()
        if model.rowCount():
            everything = QItemSelection(model.index(0, 0), model.index(model.rowCount() - 1, 0))
            self.selectionModel().select(everything, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        """Return what has to be painted anew: Qt would put together the places of all rows, seen or not."""
        rows = sum(selection.at(place).height() for place in range(selection.count()))
        if rows <= _MOST_PLACES:
            return super().visualRegionForSelection(selection)
        return QRegion(self.viewport().rect())

    def keyboardSearch(self, search: str) -> None:
        """Leave searching to the page: Qt would ask every row for its words."""
        if search.strip():
            self.typed.emit(search)

    def _ranges(self) -> list[QItemSelectionRange]:
        selection = self.selectionModel().selection()
        return [selection.at(place) for place in range(selection.count())]

    def _keep_current(self) -> None:
        # Without a current card the keyboard's place could not be seen.
        model = self.model()
        if self.hasFocus() and not self.currentIndex().isValid() and model.rowCount():
            selection = self.selectionModel()
            selection.setCurrentIndex(model.index(0, 0), selection.SelectionFlag.NoUpdate)
