"""The hardest frames of a video with the swap in them, to look at before a long run."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QCloseEvent, QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPainterPath
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QProgressBar,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.icons import IconColour, icon
from faceswap_desktop.ui.studio.sheet_frames import SheetFrame, SheetMaker
from faceswap_desktop.ui.theme.tokens import BODY_PX, GAP, GRID, HALF, PAD, RADIUS, SMALL_PX, current_tokens
from faceswap_desktop.ui.widgets.buttons import Button, PrimaryButton
from faceswap_desktop.ui.widgets.card_grid import CARD_INSET, CardGrid, paint_card_edge
from faceswap_desktop.ui.widgets.labels import PlainLabel

Index = QModelIndex | QPersistentModelIndex

_CARD: Final = QSize(216, 212)
_WORDS: Final = 44
_COLUMNS: Final = 4
_WIDTH: Final = 940
_AROUND: Final = 152
"""Height of all but the cards."""


class SheetRole(IntEnum):
    """What a card asks for beside its words."""

    FRAME = Qt.ItemDataRole.UserRole + 1
    SHOWS_BEFORE = Qt.ItemDataRole.UserRole + 2


def _said(one: SheetFrame) -> str:
    return f"{one.words}, {one.where}" if one.words else one.where


class SheetModel(QAbstractListModel):
    """The frames of a sheet."""

    def __init__(self, maker: SheetMaker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._maker = maker
        self._shows_before = False
        maker.changed.connect(self._on_changed)

    def show_before(self, is_before: bool) -> None:
        """Show every frame as it was."""
        if is_before != self._shows_before:
            self._shows_before = is_before
            self.dataChanged.emit(self.index(0), self.index(max(0, self.rowCount() - 1)))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._maker.frames)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._maker.frames):
            return None
        one = self._maker.frames[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return one.words or one.where
            case Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.ToolTipRole:
                return ". ".join(part for part in (_said(one), one.problem) if part)
            case SheetRole.FRAME:
                return one
            case SheetRole.SHOWS_BEFORE:
                return self._shows_before
        return None

    def _on_changed(self, row: int) -> None:
        self.dataChanged.emit(self.index(row), self.index(row))


class SheetDelegate(QStyledItemDelegate):
    """Paints a frame with what is hard about it; as it was while the pointer is on it."""

    def __init__(self, grid: CardGrid) -> None:
        super().__init__(grid)
        self._grid = grid

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return self._grid.gridSize()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one card."""
        one = index.data(SheetRole.FRAME)
        if not isinstance(one, SheetFrame):
            return
        tokens, state = current_tokens(), option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        card = QRect(option.rect).adjusted(HALF, HALF, -HALF, -HALF)
        ground = QPainterPath()
        ground.addRoundedRect(QRectF(card), RADIUS, RADIUS)
        painter.fillPath(ground, QColor(tokens.surface))
        is_hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        is_before = one.after is None or is_hovered or bool(index.data(SheetRole.SHOWS_BEFORE))
        room = QRect(card.left() + 1, card.top() + 1, card.width() - 2, card.height() - _WORDS - 2)
        self._paint_picture(painter, room, one, is_before=is_before)
        left, width = card.left() + GRID, card.width() - 2 * GRID
        top = room.bottom() + HALF
        if one.problem:
            icon("warning", IconColour.WARNING).paint(painter, QRect(card.right() - GRID - 16, top + 2, 16, 16))
            width -= 20
        for words, pixels, colour, weight, line in (
            (one.words, BODY_PX, tokens.text, QFont.Weight.DemiBold, 0),
            (self._below(one), SMALL_PX, tokens.muted, QFont.Weight.Normal, 19 if one.words else 10),
        ):
            font = QFont(painter.font())
            font.setPixelSize(pixels)
            font.setWeight(weight)
            painter.setFont(font)
            painter.setPen(QColor(colour))
            fitting = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, width)
            painter.drawText(QRect(left, top + line, width, 20), Qt.AlignmentFlag.AlignVCenter, fitting)
        paint_card_edge(
            painter,
            card,
            is_selected=bool(state & QStyle.StateFlag.State_Selected),
            has_focus=bool(state & QStyle.StateFlag.State_HasFocus),
        )
        painter.restore()

    def _below(self, one: SheetFrame) -> str:
        return f"{one.where} · {self.tr('stays as it is')}" if one.problem else one.where

    def _paint_picture(self, painter: QPainter, room: QRect, one: SheetFrame, *, is_before: bool) -> None:
        tokens = current_tokens()
        picture = one.before if is_before else one.after
        painter.save()
        clip = QPainterPath()
        clip.addRoundedRect(QRectF(room), RADIUS - 1, RADIUS - 1)
        painter.setClipPath(clip)
        painter.fillRect(room, QColor(tokens.canvas))
        if picture is not None:
            size = picture.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
            where = QRect(0, 0, size.width(), size.height())
            where.moveCenter(room.center())
            painter.drawPixmap(where, picture)
        label = ""
        if not one.is_done:
            label = self.tr("Rendering…") if one.before is not None else ""
        elif is_before:
            label = self.tr("Before")
        if label:
            font = QFont(painter.font())
            font.setPixelSize(SMALL_PX)
            painter.setFont(font)
            wide = QFontMetrics(font).horizontalAdvance(label) + 2 * GRID
            chip = QRectF(room.left() + GRID, room.top() + GRID, wide, 20)
            scrim = QColor(tokens.scrim)
            scrim.setAlpha(180)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(scrim)
            painter.drawRoundedRect(chip, HALF, HALF)
            painter.setPen(QColor(tokens.on_scrim))
            painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, label)
        painter.restore()


class ContactSheet(QDialog):
    """A dialog with a dozen frames; it renders while it is open and stops when it is closed.

    Attributes:
        frame_chosen: A frame was clicked (its number); the dialog has closed.
        run_wanted: All is as it should be: run.
    """

    frame_chosen = Signal(int)
    run_wanted = Signal()

    def __init__(self, maker: SheetMaker, tasks: Tasks, parent: QWidget) -> None:
        super().__init__(parent)
        self._maker = maker
        self._tasks = tasks
        maker.setParent(self)
        name(self, "contact-sheet", self.tr("The hardest frames"))
        self.setWindowTitle(self.tr("The hardest frames"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.model = SheetModel(maker, self)
        self.cards = CardGrid(
            "sheet-cards",
            self.tr("The hardest frames"),
            self.tr("Hold C to see the frames as they were. Enter goes to a frame."),
            _CARD,
            self,
        )
        self.cards.setItemDelegate(SheetDelegate(self.cards))
        self.cards.setModel(self.model)
        self.cards.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.cards.installEventFilter(self)
        self.cards.clicked.connect(self._on_chosen)
        self.cards.activated.connect(self._on_chosen)
        self._hint = PlainLabel(self._hint_words(), "muted", self, wraps=True)
        self._bar = QProgressBar(self)
        self._bar.setRange(0, max(1, len(maker.frames)))
        self._bar.setTextVisible(False)
        name(self._bar, "sheet-bar", self.tr("Progress"))
        self._count = PlainLabel("", "small", self)
        self._stop = Button(self.tr("Stop"), "sheet-stop", self)
        self._stop.clicked.connect(self._on_stop)
        close = Button(self.tr("Close"), "sheet-close", self)
        close.clicked.connect(self.reject)
        run = PrimaryButton(self.tr("Run now"), "sheet-run", self)
        run.clicked.connect(self._on_run)
        bottom = QHBoxLayout()
        bottom.setSpacing(GRID)
        bottom.addWidget(self._bar, 1)
        bottom.addWidget(self._count)
        bottom.addStretch(1)
        for button in (self._stop, close, run):
            bottom.addWidget(button)
        bottom.setContentsMargins(CARD_INSET, 0, CARD_INSET, 0)
        above = QVBoxLayout()
        above.setContentsMargins(CARD_INSET, 0, CARD_INSET, 0)
        above.setSpacing(GRID)
        above.addWidget(PlainLabel(self.tr("The hardest frames"), "title", self))
        above.addWidget(self._hint)
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP - CARD_INSET, PAD, GAP - CARD_INSET, PAD)
        column.setSpacing(GRID)
        column.addLayout(above)
        column.addWidget(self.cards, 1)
        column.addLayout(bottom)
        self._fit(parent.window().size())
        maker.changed.connect(lambda _row: self._refresh())
        self.finished.connect(lambda _result: self._tasks.cancel("sheet"))
        self._tasks.start(maker.run(), key="sheet", replace=True)
        self._refresh()
        self.cards.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fit(self, room: QSize) -> None:
        """Be as high as the cards need, and no larger than the window."""
        rows = max(1, -(-len(self._maker.frames) // _COLUMNS))
        height = min(_AROUND + rows * _CARD.height(), room.height() - 2 * GAP)
        self.resize(min(_WIDTH, room.width() - 2 * GAP), height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show everything as it was while C is held; the list would take it for the beginning of a word."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_C and not event.modifiers():
            if event.type() is QEvent.Type.KeyPress:
                self.model.show_before(True)
                return True
            if event.type() is QEvent.Type.KeyRelease and not event.isAutoRepeat():
                self.model.show_before(False)
                return True
        return super().eventFilter(watched, event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop rendering."""
        self._tasks.cancel("sheet")
        super().closeEvent(event)

    def _hint_words(self) -> str:
        if not self._maker.frames:
            return self.tr("Nobody who changes is seen in this part of the video.")
        words = self.tr("Point at a frame, or hold C, to see it as it was. Click one to go there.")
        if all(one.reason is None for one in self._maker.frames):
            return self.tr("No hard frame was found; these are from all over the video.") + " " + words
        return words

    def _refresh(self) -> None:
        done, count = self._maker.done, len(self._maker.frames)
        is_running = self._tasks.is_running("sheet") and done < count
        self._bar.setValue(done)
        self._bar.setVisible(is_running)
        self._count.setText(self.tr("{n} of {count}").format(n=done, count=count) if done < count else "")
        self._stop.setVisible(is_running)

    def _on_stop(self) -> None:
        self._tasks.cancel("sheet")
        self._stop.hide()
        self._bar.hide()

    def _on_chosen(self, index: QModelIndex) -> None:
        one = index.data(SheetRole.FRAME)
        if isinstance(one, SheetFrame):
            self.frame_chosen.emit(one.frame)
            self.accept()

    def _on_run(self) -> None:
        self.accept()
        self.run_wanted.emit()
