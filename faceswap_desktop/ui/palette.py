"""The command palette: type a few letters of what you want to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.theme.tokens import GRID, PAD, current_tokens
from faceswap_desktop.ui.widgets.roles import set_role

if TYPE_CHECKING:
    from faceswap_desktop.ui.actions import ActionSpec, ActionTable

_WIDTH: Final = 560
_ROWS: Final = 10
_ROW_HEIGHT: Final = 32
_KEYS_ROLE: Final = Qt.ItemDataRole.UserRole + 1
_PLACE_ROLE: Final = Qt.ItemDataRole.UserRole + 2

Index = QModelIndex | QPersistentModelIndex


def fuzzy_score(query: str, text: str) -> float | None:
    """Say how well letters fit a text in order.

    Returns:
        Higher is better: starts of words and neighbouring letters count most, short texts a little;
        None if the letters are not in the text in this order.
    """
    wanted, letters = query.casefold().replace(" ", ""), text.casefold()
    score, place, last = 0.0, 0, -2
    for letter in wanted:
        starts = (at for at in range(place, len(letters)) if letters[at] == letter)
        found = [at for at in starts if at == last + 1 or at == 0 or not letters[at - 1].isalnum()]
        at = found[0] if found else letters.find(letter, place)
        if at < 0:
            return None
        score += 1.0 + (4.0 if at == last + 1 else 0.0) + (3.0 if at == 0 or not letters[at - 1].isalnum() else 0.0)
        last, place = at, at + 1
    return score - len(letters) * 0.01


class CommandModel(QAbstractListModel):
    """The actions that fit what was typed, best first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._specs: list[ActionSpec] = []
        self._shown: list[ActionSpec] = []
        self._places: dict[str, str] = {}

    def set_specs(self, specs: list[ActionSpec], places: dict[str, str]) -> None:
        """Take what can be done now; ``places`` names pages by their id."""
        self._specs, self._places = specs, places
        self.set_query("")

    def set_query(self, query: str) -> None:
        """Show what fits."""
        self.beginResetModel()
        if not query.strip():
            self._shown = list(self._specs)
        else:
            scored = [(fuzzy_score(query, self._whole(spec)), spec) for spec in self._specs]
            fitting = [(score, spec) for score, spec in scored if score is not None]
            self._shown = [spec for _, spec in sorted(fitting, key=lambda pair: -pair[0])]
        self.endResetModel()

    def spec(self, row: int) -> ActionSpec:
        """Return the action in a row."""
        return self._shown[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what a row shows."""
        if not index.isValid() or index.row() >= len(self._shown):
            return None
        spec = self._shown[index.row()]
        place = self._places.get(spec.page, "")
        if role == Qt.ItemDataRole.DisplayRole:
            return spec.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (spec.text, place, spec.keys_text) if part)
        if role == _KEYS_ROLE:
            return spec.keys_text
        return place if role == _PLACE_ROLE else None

    def _whole(self, spec: ActionSpec) -> str:
        return f"{spec.text} {self._places.get(spec.page, '')}".strip()


class _CommandDelegate(QStyledItemDelegate):
    """A row: what it does, where, and its keys at the right."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(0, _ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens = current_tokens()
        rect = option.rect
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if is_selected:
            painter.fillRect(rect, tokens.pressed)
            painter.fillRect(rect.adjusted(0, 0, 3 - rect.width(), 0), tokens.accent_text)
        area = rect.adjusted(PAD, 0, -PAD, 0)
        aligned = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setPen(tokens.text)
        text = str(index.data())
        painter.drawText(area, aligned, text)
        painter.setPen(tokens.muted)
        beside = area.adjusted(painter.fontMetrics().horizontalAdvance(text) + PAD, 0, 0, 0)
        painter.drawText(beside, aligned, str(index.data(_PLACE_ROLE) or ""))
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(area, right, str(index.data(_KEYS_ROLE) or ""))
        painter.restore()


class CommandPalette(QFrame):
    """Lies over the window; the keyboard is enough for all of it.

    Attributes:
        chosen: The id of the action to do.
    """

    chosen = Signal(str)

    def __init__(self, table: ActionTable, parent: QWidget) -> None:
        super().__init__(parent)
        self._table = table
        self._focus_before: QWidget | None = None
        set_role(self, "popup")
        name(self, "palette", self.tr("Command palette"))
        self._query = QLineEdit(self)
        self._query.setPlaceholderText(self.tr("What do you want to do?"))
        name(self._query, "palette-query", self.tr("What do you want to do?"))
        self._model = CommandModel(self)
        self._list = QListView(self)
        set_role(self._list, "plain")
        name(self._list, "palette-list", self.tr("Commands"))
        self._list.setModel(self._model)
        self._list.setItemDelegate(_CommandDelegate(self._list))
        self._list.setUniformItemSizes(True)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setFixedHeight(_ROWS * _ROW_HEIGHT + 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.setSpacing(GRID)
        column.addWidget(self._query)
        column.addWidget(self._list)
        self._query.textChanged.connect(self._on_typed)
        self._query.installEventFilter(self)
        self._list.clicked.connect(self._on_clicked)
        self.hide()

    def open_with(self, places: dict[str, str]) -> None:
        """Show what can be done now.

        Args:
            places: Titles of the pages by their ids.
        """
        if self.isVisible():
            return
        self._focus_before = self.window().focusWidget()
        available = [spec for spec in self._table.specs() if spec.in_palette and self._table.is_available(spec.id)]
        self._model.set_specs(available, places)
        self._query.clear()
        self._select(0)
        self._place()
        self.show()
        self.raise_()
        self._query.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_palette(self) -> None:
        """Hide, and give the keyboard back to whoever had it."""
        if not self.isVisible():
            return
        self.hide()
        before, self._focus_before = self._focus_before, None
        if before is not None and before.isVisible():
            before.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys that move, choose and close; hide when the keyboard goes elsewhere."""
        if watched is self._query and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._on_key(Qt.Key(event.key()))
        if watched is self._query and event.type() == QEvent.Type.FocusOut and self.isVisible():
            self.hide()
        return super().eventFilter(watched, event)

    def _on_key(self, key: Qt.Key) -> bool:
        row = self._list.currentIndex().row()
        match key:
            case Qt.Key.Key_Escape:
                self.close_palette()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._choose(row)
            case Qt.Key.Key_Down | Qt.Key.Key_Tab:
                self._select((row + 1) % max(1, self._model.rowCount()))
            case Qt.Key.Key_Up | Qt.Key.Key_Backtab:
                self._select((row - 1) % max(1, self._model.rowCount()))
            case Qt.Key.Key_PageDown:
                self._select(min(row + _ROWS, self._model.rowCount() - 1))
            case Qt.Key.Key_PageUp:
                self._select(max(row - _ROWS, 0))
            case _:
                return False
        return True

    def _on_typed(self, text: str) -> None:
        self._model.set_query(text)
        self._select(0)

    def _on_clicked(self, index: QModelIndex) -> None:
        self._choose(index.row())

    def _select(self, row: int) -> None:
        index = self._model.index(row, 0)
        self._list.setCurrentIndex(index)
        self._query.setAccessibleDescription(str(index.data(Qt.ItemDataRole.AccessibleTextRole) or ""))

    def _choose(self, row: int) -> None:
        if 0 <= row < self._model.rowCount():
            spec = self._model.spec(row)
            self.close_palette()
            self.chosen.emit(spec.id)

    def _place(self) -> None:
        parent = self.window()
        width = min(_WIDTH, parent.width() - 2 * PAD)
        self.resize(width, self.sizeHint().height())
        self.move((parent.width() - width) // 2, min(88, max(0, (parent.height() - self.height()) // 2)))
