"""Panels beside a canvas, and the line between them that can be dragged."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QLayout, QScrollArea, QSplitter, QVBoxLayout, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.theme.tokens import GRID, PAD, PANEL_WIDTH
from faceswap_desktop.ui.widgets.roles import set_role


class SidePanel(QScrollArea):
    """A column that scrolls when it does not fit; never sideways."""

    def __init__(self, title: str, object_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name(self, object_name, title)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumWidth(PANEL_WIDTH)
        self._inside = QFrame()
        set_role(self._inside, "panel")
        self.column = QVBoxLayout(self._inside)
        self.column.setContentsMargins(PAD, PAD, PAD, PAD)
        self.column.setSpacing(GRID)
        self.setWidget(self._inside)

    def add(self, widget: QWidget) -> None:
        """Put a widget below what is there."""
        self.column.addWidget(widget)

    def add_layout(self, layout: QLayout) -> None:
        """Put a layout below what is there."""
        self.column.addLayout(layout)

    def add_space(self, pixels: int = PAD) -> None:
        """Leave room."""
        self.column.addSpacing(pixels)

    def show_whole(self, widget: QWidget) -> None:
        """Scroll to a widget that has just grown, as soon as it has its place."""
        QTimer.singleShot(0, widget, lambda: self.ensureWidgetVisible(widget, 0, GRID))

    def end(self) -> None:
        """Keep what is there at the top."""
        self.column.addStretch(1)


def splitter(object_name: str, *widgets: QWidget, parent: QWidget | None = None, vertical: bool = False) -> QSplitter:
    """Put widgets side by side (or above each other) with a line between them that can be dragged."""
    made = QSplitter(Qt.Orientation.Vertical if vertical else Qt.Orientation.Horizontal, parent)
    made.setObjectName(object_name)
    made.setHandleWidth(1)
    made.setChildrenCollapsible(False)
    for widget in widgets:
        made.addWidget(widget)
    return made
