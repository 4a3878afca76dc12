"""The file as a picture, and beside it what to make of it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from faceswap_desktop.domain.media import MediaKind
from faceswap_desktop.domain.verdicts import validity_words
from faceswap_desktop.domain.verification import Report
from faceswap_desktop.ui.icons import IconColour, icon
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.theme.tokens import GAP, GRID, PAD
from faceswap_desktop.ui.verify.words import VALIDITY_ICONS, VALIDITY_ROLES, breakable, file_words
from faceswap_desktop.ui.widgets.buttons import Button, PrimaryButton
from faceswap_desktop.ui.widgets.labels import ElidedLabel, IconLabel, PlainLabel
from faceswap_desktop.ui.widgets.roles import set_role

_PICTURE: Final = QSize(224, 168)
_BADGE: Final = 20
_SIDE_BY_SIDE: Final = 560
_SIGN: Final = 40


class _Picture(QFrame):
    """A thumbnail in a frame that keeps its size; a sign where there is none."""

    def __init__(self, report: Report, parent: QWidget) -> None:
        super().__init__(parent)
        set_role(self, "canvas")
        self.setFixedSize(_PICTURE)
        self.setAccessibleName(report.file.name)
        kind = {MediaKind.IMAGE: "picture", MediaKind.VIDEO: "play"}
        self._sign = kind[report.file.kind] if report.file.kind is not None else "document"
        self._pixmap: QPixmap | None = None

    def set_pixmap(self, pixmap: QPixmap) -> None:
        """Show a picture."""
        self._pixmap = pixmap
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._pixmap is None:
            at = self.rect().center()
            icon(self._sign, IconColour.MUTED).paint(painter, at.x() - _SIGN // 2, at.y() - _SIGN // 2, _SIGN, _SIGN)
            return
        size = self._pixmap.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
        painter.drawPixmap(left, top, size.width(), size.height(), self._pixmap)


class VerdictCard(QWidget):
    """Picture and verdict; in a narrow window one below the other.

    Attributes:
        show_wanted: The user wants to see the result in the Gallery.
        copy_wanted: The user wants the report on the clipboard.
        open_wanted: The user wants to look into another file.
    """

    show_wanted = Signal()
    copy_wanted = Signal()
    open_wanted = Signal()

    def __init__(self, report: Report, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("verify-verdict")
        self._picture = _Picture(report, self)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(GAP)
        self._row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addLayout(self._words(report), 1)

    def set_pixmap(self, pixmap: QPixmap) -> None:
        """Show the file's thumbnail."""
        self._picture.set_pixmap(pixmap)

    def set_width(self, width: int) -> None:
        """Arrange for a room of so many pixels."""
        is_wide = width >= _SIDE_BY_SIDE
        way = QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom
        if self._row.direction() != way:
            self._row.setDirection(way)
            self._row.setSpacing(GAP if is_wide else PAD)

    def first_focus(self) -> QWidget:
        """Return the button to begin with."""
        return self._first

    def _words(self, report: Report) -> QVBoxLayout:
        verdict, validity = report.verdict, report.credentials.validity
        column = QVBoxLayout()
        column.setSpacing(GRID)
        file = ElidedLabel(
            f"{report.file.name} · {file_words(report)}", "muted", self, mode=Qt.TextElideMode.ElideMiddle
        )
        column.addWidget(file)
        badge = QHBoxLayout()
        badge.setSpacing(GRID)
        name, colour = VALIDITY_ICONS[validity]
        badge.addWidget(IconLabel(name, _BADGE, colour, self))
        word = PlainLabel(text_of(validity_words(validity)), VALIDITY_ROLES[validity], self)
        word.setObjectName("verify-validity")
        badge.addWidget(word, 1)
        column.addLayout(badge)
        headline = PlainLabel(breakable(text_of(verdict.headline)), "title", self, wraps=True)
        headline.setObjectName("verify-headline")
        column.addWidget(headline)
        column.addWidget(PlainLabel(breakable(text_of(verdict.meaning)), None, self, wraps=True))
        if verdict.advice is not None:
            column.addWidget(PlainLabel(text_of(verdict.advice), "muted", self, wraps=True))
        column.addSpacing(GRID)
        column.addLayout(self._buttons(report))
        column.addStretch(1)
        return column

    def _buttons(self, report: Report) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        another = Button(self.tr("Open another file…"), "verify-open-another", self, icon_name="open")
        another.clicked.connect(self.open_wanted)
        copy = Button(self.tr("Copy report"), "verify-copy", self, icon_name="copy")
        copy.clicked.connect(self.copy_wanted)
        buttons: list[QPushButton] = [another, copy]
        if report.made_here is not None and report.made_here.result is not None:
            show = PrimaryButton(self.tr("Show in the Gallery"), "verify-show", self)
            show.clicked.connect(self.show_wanted)
            buttons.insert(0, show)
        for button in buttons:
            row.addWidget(button)
        row.addStretch(1)
        self._first = buttons[0]
        return row
