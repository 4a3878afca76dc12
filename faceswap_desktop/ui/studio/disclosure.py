"""A part of a panel that opens and closes, with a summary while it is closed."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.icons import IconColour, icon
from faceswap_desktop.ui.theme.tokens import CONTROL_HEIGHT, GRID, HALF, RADIUS, current_tokens
from faceswap_desktop.ui.widgets.labels import ElidedLabel, PlainLabel


class _Head(QAbstractButton):
    """The line that opens and closes."""

    def __init__(self, title: str, object_name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setFixedHeight(CONTROL_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        name(self, object_name, title)
        self.label = PlainLabel(title, "section", self)
        self.summary = ElidedLabel("", "small", self)
        self.summary.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(HALF, 0, CONTROL_HEIGHT - GRID, 0)
        row.setSpacing(GRID)
        row.addWidget(self.label)
        row.addWidget(self.summary, 1)
        for label in (self.label, self.summary):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        return QSize(120, CONTROL_HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the arrow, and the ring of the keyboard."""
        tokens = current_tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.hover))
            painter.drawRoundedRect(self.rect(), RADIUS, RADIUS)
        arrow = icon("chevron-up" if self.isChecked() else "chevron-down", IconColour.MUTED)
        edge = 18
        arrow.paint(painter, self.width() - edge - HALF, (self.height() - edge) // 2, edge, edge)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.focus), tokens.focus_width))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), RADIUS, RADIUS)


class Disclosure(QWidget):
    """Title, summary, and a column that is shown when it is open.

    Attributes:
        toggled: It was opened or closed.
    """

    toggled = Signal(bool)

    def __init__(self, title: str, object_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(object_name)
        self._title = title
        self._head = _Head(title, f"{object_name}-head", self)
        self._body = QWidget(self)
        self.column = QVBoxLayout(self._body)
        self.column.setContentsMargins(0, HALF, 0, HALF)
        self.column.setSpacing(GRID)
        self._body.hide()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._head)
        outer.addWidget(self._body)
        self._head.toggled.connect(self._on_toggled)

    @property
    def is_open(self) -> bool:
        """Whether the column is shown."""
        return self._head.isChecked()

    def set_open(self, is_open: bool) -> None:
        """Open or close it."""
        self._head.setChecked(is_open)

    def set_title(self, title: str) -> None:
        """Change the title."""
        self._title = title
        self._head.label.setText(title)
        self.set_summary(self._head.summary.text())

    def set_summary(self, summary: str) -> None:
        """Say in a few words what is inside."""
        self._head.summary.setText(summary)
        self._head.setAccessibleName(f"{self._title}: {summary}" if summary else self._title)

    def _on_toggled(self, is_open: bool) -> None:
        self._body.setVisible(is_open)
        self._head.summary.setVisible(not is_open)
        self.toggled.emit(is_open)
