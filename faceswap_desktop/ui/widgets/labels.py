"""Texts, always plain whatever is in them, and icons beside them."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from faceswap_desktop.ui.icons import IconColour, icon
from faceswap_desktop.ui.texts import plain_tip
from faceswap_desktop.ui.widgets.roles import Role, set_role


class PlainLabel(QLabel):
    """A label that shows markup from outside as it is."""

    def __init__(
        self, text: str = "", role: Role | None = None, parent: QWidget | None = None, *, wraps: bool = False
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self.setWordWrap(wraps)
        if role is not None:
            set_role(self, role)


class ElidedLabel(QLabel):
    """One line that is shortened with "…" where it does not fit; the tool tip then has all of it."""

    def __init__(
        self,
        text: str = "",
        role: Role | None = None,
        parent: QWidget | None = None,
        *,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        super().__init__(parent)
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setText(text)
        if role is not None:
            set_role(self, role)

    def minimumSizeHint(self) -> QSize:
        """Ask for room for a few letters at least."""
        return QSize(24, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint what fits."""
        metrics = QFontMetrics(self.font())
        shown = metrics.elidedText(self.text(), self._mode, self.contentsRect().width())
        self.setToolTip(plain_tip(self.text()) if shown != self.text() else "")
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.contentsRect(), int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), shown)


def fitting(words: str, end: str, metrics: QFontMetrics, width: int, lines: int) -> str:
    """Return words as many as fit in whole lines, shortened by "…" where needed, and what always stands at the end.

    Args:
        words: What may be shortened.
        end: What follows in any case; may be empty.
        metrics: How wide letters are.
        width: Pixels of a line.
        lines: How many lines there are.
    """
    room, flags = QRect(0, 0, max(1, width), 10_000), int(Qt.TextFlag.TextWordWrap)
    parts, text = words.split(" "), " ".join(part for part in (words, end) if part)
    while len(parts) > 1 and metrics.boundingRect(room, flags, text).height() > lines * metrics.lineSpacing():
        parts.pop()
        text = " ".join(part for part in (" ".join(parts).rstrip(" .,;:") + "…", end) if part)
    return text


class IconLabel(QWidget):
    """An icon that is no button; painted anew in every theme."""

    def __init__(
        self, icon_name: str, edge: int, colour: IconColour = IconColour.MUTED, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon = icon(icon_name, colour)
        self.setFixedSize(edge, edge)

    def set_icon(self, icon_name: str, colour: IconColour) -> None:
        """Show another one."""
        self._icon = icon(icon_name, colour)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint in the colours of the moment."""
        self._icon.paint(QPainter(self), self.rect())
