"""The bar under the live picture: compare, freeze, mirror, snapshot, record, on to the Studio."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.actions import ActionTable
from faceswap_desktop.ui.theme.tokens import BAR_HEIGHT, GRID, HALF
from faceswap_desktop.ui.widgets.buttons import IconButton
from faceswap_desktop.ui.widgets.hold_button import HoldButton
from faceswap_desktop.ui.widgets.roles import set_role

_WIDE_FROM: Final = 400
_SOME_FROM: Final = 264
_BUTTONS: Final = (
    ("live.beside", "side-by-side", _SOME_FROM),
    ("live.freeze", "pause", 0),
    ("live.mirror", "mirror", _SOME_FROM),
    ("live.snapshot", "snapshot", 0),
    ("live.record", "record", 0),
    ("live.to-studio", "studio", _WIDE_FROM),
)
"""Action, icon, and from which width on there is room; each has a key and stands in the menu too."""


class LiveBar(QFrame):
    """Buttons of what is done to the picture.

    Attributes:
        compare_held: The camera's own picture is wanted while this is true.
    """

    compare_held = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "panel")
        name(self, "live-bar", self.tr("Picture"))
        self.setFixedHeight(BAR_HEIGHT)
        self.compare = HoldButton(self.tr("Compare"), "live-compare", self, icon_name="compare")
        self.compare.setToolTip(self.tr("Hold to see your camera, in this window only (C)"))
        self.compare.setAccessibleDescription(self.tr("Hold to see your camera, in this window only"))
        self.compare.held.connect(self.compare_held)
        self._narrow = IconButton("compare", self.tr("Hold to compare"), "live-compare-narrow", self)
        self._narrow.pressed.connect(lambda: self.compare_held.emit(True))
        self._narrow.released.connect(lambda: self.compare_held.emit(False))
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(GRID, 0, GRID, 0)
        self._row.setSpacing(HALF)
        self._row.addWidget(self.compare)
        self._row.addWidget(self._narrow)
        self._buttons: list[tuple[IconButton, int]] = []

    def add_actions(self, table: ActionTable) -> None:
        """Make buttons for the actions, once they stand."""
        for action_id, icon_name, width in _BUTTONS:
            button = IconButton.of(table.action(action_id), icon_name, self)
            self._row.addWidget(button)
            self._buttons.append((button, width))
        self._row.addStretch(1)
        self._give_way()

    def set_live(self, *, is_live: bool) -> None:
        """Let compare be held, or not: the other buttons follow their actions."""
        self.compare.setEnabled(is_live)
        self._narrow.setEnabled(is_live)

    def minimumSizeHint(self) -> QSize:
        """Be as narrow as the smallest window needs."""
        return QSize(160, BAR_HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give way where it is narrow."""
        super().resizeEvent(event)
        self._give_way()

    def _give_way(self) -> None:
        is_wide = self.width() >= _WIDE_FROM
        self.compare.setVisible(is_wide)
        self._narrow.setVisible(not is_wide)
        for button, width in self._buttons:
            button.setVisible(self.width() >= width)
