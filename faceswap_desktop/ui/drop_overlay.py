"""Says what will happen while something is dragged over a page."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from faceswap_desktop.ui.theme.tokens import GAP, PAD, RADIUS, TITLE_PX, current_tokens


class DropOverlay(QWidget):
    """Lies over the pages and takes no events."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("drop-overlay")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._text = ""
        self.hide()

    def show_text(self, text: str, area: QRect) -> None:
        """Cover an area of the parent and say what letting go would do."""
        self._text = text
        self.setAccessibleName(text)
        self.setGeometry(area)
        self.show()
        self.raise_()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint a veil, a frame and the words."""
        tokens = current_tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(tokens.canvas)
        veil.setAlpha(225)
        painter.fillRect(self.rect(), veil)
        painter.setPen(QPen(QColor(tokens.focus), 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(self.rect().adjusted(PAD, PAD, -PAD, -PAD), RADIUS, RADIUS)
        font = QFont(self.font())
        font.setPixelSize(TITLE_PX)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text))
        area = self.rect().adjusted(GAP, GAP, -GAP, -GAP)
        painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._text)
