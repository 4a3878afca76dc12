"""The rail with the places of the window."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton, QVBoxLayout, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.icons import IconColour, icon
from faceswap_desktop.ui.theme.tokens import GRID, LIVE_RED, RAIL_WIDTH, current_tokens
from faceswap_desktop.ui.widgets.roles import set_role

if TYPE_CHECKING:
    from faceswap_desktop.ui.pages import PageEntry


class Rail(QFrame):
    """One button per place; the arrow keys move between them.

    Attributes:
        chosen: The id of the place that the user wants to see.
    """

    chosen = Signal(str)

    def __init__(self, entries: Iterable[PageEntry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "rail")
        name(self, "rail", self.tr("Places"))
        self.setFixedWidth(RAIL_WIDTH)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, _RailButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID, 1, GRID)
        column.setSpacing(0)
        upper = [entry for entry in entries if entry.in_rail and not entry.is_at_bottom]
        lower = [entry for entry in entries if entry.in_rail and entry.is_at_bottom]
        for entry in upper:
            column.addWidget(self._make(entry))
        column.addStretch(1)
        for entry in lower:
            column.addWidget(self._make(entry))

    def show_chosen(self, page_id: str) -> None:
        """Mark a place; none if it has no button."""
        button = self._buttons.get(page_id)
        if button is not None:
            button.setChecked(True)
            return
        self._group.setExclusive(False)
        for other in self._buttons.values():
            other.setChecked(False)
        self._group.setExclusive(True)

    def set_live(self, page_id: str, *, is_live: bool) -> None:
        """Mark a place with a red dot: something runs there, and others may see it."""
        button = self._buttons.get(page_id)
        if button is not None:
            button.set_live(is_live=is_live)

    def button(self, page_id: str) -> QToolButton:
        """Return the button of a place."""
        return self._buttons[page_id]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrow keys."""
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        buttons = list(self._buttons.values())
        focused = self.focusWidget()
        if step is None or focused not in buttons:
            super().keyPressEvent(event)
            return
        place = (buttons.index(focused) + step) % len(buttons)
        buttons[place].setFocus(Qt.FocusReason.TabFocusReason)

    def _make(self, entry: PageEntry) -> _RailButton:
        button = _RailButton(entry.shown_title(), self)
        set_role(button, "rail")
        button.setIcon(icon(entry.icon, IconColour.MUTED, checked=IconColour.ACCENT))
        button.setIconSize(QSize(24, 24))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setCheckable(True)
        button.setFixedSize(RAIL_WIDTH - 1, 64)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolTip(f"{entry.shown_title()} ({entry.shortcut})")
        name(button, f"rail-{entry.id}", entry.shown_title())
        button.clicked.connect(lambda: self.chosen.emit(entry.id))
        self._group.addButton(button)
        self._buttons[entry.id] = button
        return button


class _RailButton(QToolButton):
    """A place, with a red dot while something is live there."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._title = title
        self._is_live = False
        self.setText(title)

    def set_live(self, *, is_live: bool) -> None:
        """Put the dot there, or take it away; a screen reader says it too."""
        if is_live != self._is_live:
            self._is_live = is_live
            words = self.tr("{page}, running").format(page=self._title) if is_live else self._title
            self.setAccessibleName(words)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the dot at the corner of the icon."""
        super().paintEvent(event)
        if self._is_live:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(current_tokens().rail), 2))
            painter.setBrush(QColor(LIVE_RED))
            painter.drawEllipse(QPointF(self.width() / 2 + 13, 14), 6, 6)
