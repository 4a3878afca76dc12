"""Buttons: the primary one, plain ones, and icons with a name."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.icons import IconColour, icon
from faceswap_desktop.ui.theme.tokens import CONTROL_HEIGHT
from faceswap_desktop.ui.widgets.roles import set_role


class PrimaryButton(QPushButton):
    """What can be done next; at most one on a page. Its words say what happens ("Swap 3 faces · about 4 s")."""

    def __init__(self, text: str, object_name: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        set_role(self, "primary")
        name(self, object_name, text)

    def set_words(self, text: str) -> None:
        """Change what it says, aloud too."""
        self.setText(text)
        self.setAccessibleName(text)


class Button(QPushButton):
    """An ordinary button with words."""

    def __init__(self, text: str, object_name: str, parent: QWidget | None = None, *, icon_name: str = "") -> None:
        super().__init__(text, parent)
        if icon_name:
            self.setIcon(icon(icon_name))
            self.setIconSize(QSize(16, 16))
        name(self, object_name, text)


LINK_INSET: Final = 9
"""How far the words of a link stand from its edge, in pixels; the style has it so."""


class LinkButton(QPushButton):
    """A button without a frame, for the second thing that can be done."""

    def __init__(self, text: str, object_name: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        set_role(self, "link")
        name(self, object_name, text)


class IconButton(QToolButton):
    """A picture that is a button; its tool tip and accessible name say what it does."""

    def __init__(
        self,
        icon_name: str,
        text: str,
        object_name: str,
        parent: QWidget | None = None,
        *,
        checkable: bool = False,
        colour: IconColour = IconColour.TEXT,
    ) -> None:
        super().__init__(parent)
        self.setIcon(icon(icon_name, colour))
        self.setIconSize(QSize(20, 20))
        self.setFixedSize(CONTROL_HEIGHT, CONTROL_HEIGHT)
        self.setCheckable(checkable)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(text)
        name(self, object_name, text)

    def set_words(self, icon_name: str, text: str) -> None:
        """Change what it shows and says."""
        self.setIcon(icon(icon_name))
        self.setToolTip(text)
        self.setAccessibleName(text)

    @classmethod
    def of(cls, action: QAction, icon_name: str, parent: QWidget | None = None) -> IconButton:
        """Make a button that is an action: state, tool tip and shortcut follow it."""
        button = cls(icon_name, action.text().removesuffix("…"), f"button-{action.objectName()}", parent)
        button.setDefaultAction(action)
        button.setIcon(icon(icon_name))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        return button
