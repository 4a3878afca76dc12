"""The bar above the canvas: what is shown, layers, compare, zoom. It gives way when the window is narrow."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.actions import ActionTable
from faceswap_desktop.ui.theme.tokens import BAR_HEIGHT, GRID, HALF, PAD
from faceswap_desktop.ui.widgets.buttons import IconButton
from faceswap_desktop.ui.widgets.hold_button import HoldButton
from faceswap_desktop.ui.widgets.labels import ElidedLabel, PlainLabel
from faceswap_desktop.ui.widgets.roles import set_role

_ALL_FROM: Final = 560
_SOME_FROM: Final = 400
_DETAILS_FROM: Final = 320


class CanvasBar(QFrame):
    """Words at the left, buttons at the right.

    Attributes:
        compare_held: The original is wanted while this is true.
    """

    compare_held = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "panel")
        name(self, "canvas-bar", self.tr("Picture"))
        self.setFixedHeight(BAR_HEIGHT)
        self._name = ElidedLabel("", "strong", self, mode=Qt.TextElideMode.ElideMiddle)
        self._name.setObjectName("picture-name")
        self._details = ElidedLabel("", "small", self)
        self._details.setObjectName("picture-details")
        self.compare = HoldButton(self.tr("Compare"), "compare", self, icon_name="compare")
        self.compare.setToolTip(self.tr("Hold to see the original (C)"))
        self.compare.setAccessibleDescription(self.tr("Hold to see the original"))
        self.compare.held.connect(self.compare_held)
        self._zoom = PlainLabel("", "small", self)
        self._zoom.setFixedWidth(48)
        self._zoom.setAlignment(Qt.AlignmentFlag.AlignCenter)
        name(self._zoom, "zoom", self.tr("Zoom"))
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(PAD, 0, GRID, 0)
        self._row.setSpacing(HALF)
        self._name.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._row.addWidget(self._name, 1)
        self._row.addWidget(self._details, 1)
        self._row.addSpacing(GRID)
        self._row.addWidget(self.compare)
        self._optional: list[QWidget] = []
        self._wanted: list[QWidget] = []

    def add_actions(self, table: ActionTable) -> None:
        """Make buttons for the actions, once they stand."""
        for action_id, icon_name in (("studio.show-landmarks", "landmarks"), ("studio.show-numbers", "numbers")):
            self._wanted.append(self._add(table, action_id, icon_name))
        for action_id, icon_name in (("studio.zoom-out", "zoom-out"),):
            self._optional.append(self._add(table, action_id, icon_name))
        self._row.addWidget(self._zoom)
        self._optional.append(self._zoom)
        self._optional.append(self._add(table, "studio.zoom-in", "zoom-in"))
        self._wanted.append(self._add(table, "studio.zoom-actual", "actual-size"))
        self._add(table, "studio.zoom-fit", "fit")
        self._give_way()

    def show_words(self, picture: str, details: str) -> None:
        """Show the picture's name, and how many faces it has."""
        self._name.setText(picture)
        self._details.setText(details)

    def show_zoom(self, zoom: float) -> None:
        """Show device pixels per pixel of the picture; nothing for 0."""
        self._zoom.setText(f"{round(zoom * 100)} %" if zoom else "")

    def minimumSizeHint(self) -> QSize:
        return QSize(160, BAR_HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_way()

    def _add(self, table: ActionTable, action_id: str, icon_name: str) -> QWidget:
        button = IconButton.of(table.action(action_id), icon_name, self)
        self._row.addWidget(button)
        return button

    def _give_way(self) -> None:
        # The narrowest bar has compare and fit; everything else is in the menus and has a key.
        self._details.setVisible(self.width() >= _DETAILS_FROM)
        for widget in self._optional:
            widget.setVisible(self.width() >= _ALL_FROM)
        for widget in self._wanted:
            widget.setVisible(self.width() >= _SOME_FROM)
