"""Words with a command in them: all of it can be selected and copied, and long paths break where they must."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent, QTextOption
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextEdit, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.widgets.roles import set_role

_NARROWEST: Final = 80


class CopyText(QTextEdit):
    """Reads like a label and is as high as its words.

    A label cannot be narrower than its longest word, and a path is one word; this can.
    """

    def __init__(self, text: str, object_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name(self, object_name, text)
        set_role(self, "small")
        self.setReadOnly(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(lambda _: self._fit())
        self.set_words(text)

    def set_words(self, text: str) -> None:
        """Say something else; what was selected stays where the words are the same."""
        if text != self.toPlainText():
            self.setPlainText(text)
        self.setAccessibleName(text)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """Be as narrow as the place asks for."""
        return QSize(_NARROWEST, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """Ask for no width of its own."""
        return QSize(_NARROWEST, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Be as high as the words are now."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        margins = max(0, self.height() - self.contentsRect().height())
        self.setFixedHeight(round(self.document().size().height() + 0.5) + margins)
