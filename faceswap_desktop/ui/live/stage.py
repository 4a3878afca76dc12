"""The middle of the Live page: the picture, or what stands in its place; bar and status line below."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from faceswap_desktop.domain.live import PanicPicture
from faceswap_desktop.ui.accessibility import announce, name
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.live.bar import LiveBar
from faceswap_desktop.ui.live.panic_banner import PanicBanner
from faceswap_desktop.ui.live.stage_words import StageNote, Way
from faceswap_desktop.ui.live.status_line import StatusLine
from faceswap_desktop.ui.live.view import LiveView
from faceswap_desktop.ui.theme.tokens import GAP, GRID, HALF, PAD, RADIUS, current_tokens
from faceswap_desktop.ui.widgets.buttons import Button
from faceswap_desktop.ui.widgets.forms import line
from faceswap_desktop.ui.widgets.labels import IconLabel, PlainLabel
from faceswap_desktop.ui.widgets.roles import set_role

_WORDS: Final = 440
_NARROWEST: Final = 152
_MOST_BANNER: Final = 560
_ICON: Final = 56


class LiveStage(QFrame):
    """Picture or note, what is said upon it, bar, status.

    Attributes:
        file_wanted: A video or a picture is to be used as camera.
        retry_wanted: It is to be tried again.
        view: The picture of a session on this computer.
    """

    file_wanted = Signal()
    retry_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "canvas")
        self.setObjectName("live-stage")
        self.setMinimumWidth(_NARROWEST)
        self._canvas = QWidget(self)
        self._stack = QStackedLayout(self._canvas)
        self.note = _NotePage(self._canvas)
        self.note.file.clicked.connect(self.file_wanted)
        self.note.retry.clicked.connect(self.retry_wanted)
        self.view = LiveView(self._canvas)
        self._web: QWidget | None = None
        self._stack.addWidget(self.note)
        self._stack.addWidget(self.view)
        self.banner = PanicBanner(self._canvas)
        self.upon = _Upon(self._canvas)
        self.bar = LiveBar(self)
        self.status = StatusLine(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._above = QVBoxLayout()
        self._above.setSpacing(0)
        column.addLayout(self._above)
        column.addWidget(self._canvas, 1)
        column.addWidget(line(self))
        column.addWidget(self.bar)
        column.addWidget(self.status)

    @property
    def is_view_shown(self) -> bool:
        """Whether the picture of a session on this computer is to be seen."""
        return self._stack.currentWidget() is self.view

    def put_above(self, widget: QWidget) -> None:
        """Put a widget above the picture."""
        self._above.addWidget(widget)

    def show_note(self, note: StageNote) -> None:
        """Show a note in the picture's place."""
        self.note.show_note(note)
        self._stack.setCurrentWidget(self.note)

    def show_view(self) -> None:
        """Show the picture of a session on this computer."""
        self._stack.setCurrentWidget(self.view)

    def set_web(self, page: QWidget | None) -> None:
        """Have another page for sessions at a service; None for none any more. The page stays its owner's."""
        if self._web is page:
            return
        if self._web is not None:
            self._stack.removeWidget(self._web)
        self._web = page
        if page is not None:
            self._stack.addWidget(page)

    def show_web(self) -> None:
        """Show the page of a session at a service."""
        if self._web is not None:
            self._stack.setCurrentWidget(self._web)
            self.banner.raise_()
            self.upon.raise_()

    def show_panic(self, panic: PanicPicture | None) -> None:
        """Say upon the picture what others see since the panic key was pressed."""
        self.banner.show_panic(panic)
        self._place()

    def say(self, words: str) -> None:
        """Say something upon the picture; nothing for empty words."""
        self.upon.say(words)
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what lies upon the picture in its place."""
        super().resizeEvent(event)
        self.note.set_room(self.width() - 2 * GAP)
        self._place()

    def _place(self) -> None:
        room = self._canvas.rect()
        if not room.isValid():
            return
        width = min(_MOST_BANNER, room.width() - 2 * GRID)
        if not self.banner.isHidden():
            self.banner.set_room(width)
            height = max(self.banner.heightForWidth(width), self.banner.sizeHint().height())
            self.banner.setGeometry((room.width() - width) // 2, GRID, width, height)
        if not self.upon.isHidden():
            size = self.upon.fitting(room.width() - 2 * GRID)
            left, top = (room.width() - size.width()) // 2, room.height() - size.height() - GRID
            self.upon.setGeometry(left, top, size.width(), size.height())


class _Upon(QFrame):
    """A sentence upon the picture that takes no clicks."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        name(self, "live-upon", "")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._label = PlainLabel("", None, self, wraps=True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._label.hide()
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return self._label.text()

    def say(self, words: str) -> None:
        """Say it, aloud too; nothing for empty words."""
        if words == self._label.text():
            return
        self._label.setText(words)
        self.setAccessibleName(words)
        self.setVisible(bool(words))
        if words:
            self.raise_()
            self.update()
            announce(self, words)

    def fitting(self, width: int) -> QRect:
        """Return how large it is where it may be so wide."""
        inner = min(_WORDS, width - 2 * PAD)
        flags = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignHCenter)
        words = self.fontMetrics().boundingRect(QRect(0, 0, max(40, inner), 1000), flags, self.text)
        return words.adjusted(0, 0, 2 * PAD, 2 * GRID)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint light on dark: it lies on pictures of all sorts."""
        tokens, painter = current_tokens(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(tokens.scrim)
        ground.setAlpha(200)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(self.rect(), RADIUS, RADIUS)
        painter.setPen(QColor(tokens.on_scrim))
        room = self.rect().adjusted(PAD - HALF, HALF, HALF - PAD, -HALF)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self.text)


class _NotePage(QWidget):
    """An icon, a sentence, what helps, and buttons, in the middle of the stage."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("live-note")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        set_role(self, "canvas")
        self._icon = IconLabel("live", _ICON, IconColour.MUTED, self)
        self._title = PlainLabel("", "title", self, wraps=True)
        self._hint = PlainLabel("", "muted", self, wraps=True)
        self.retry = Button(self.tr("Try again"), "live-retry", self)
        self.file = Button(self.tr("Use a video or a picture…"), "live-use-file", self, icon_name="open")
        # A column as wide as the words: their height is that of so wide a text.
        column = QVBoxLayout()
        column.setSpacing(GRID)
        column.addStretch(2)
        for widget in (self._icon, self._title, self._hint):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(PAD)
        for button in (self.retry, self.file):
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        for label in (self._title, self._hint):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID, GAP, GRID, GAP)
        row.addStretch(1)
        row.addLayout(column)
        row.addStretch(1)

    @property
    def title(self) -> str:
        """The sentence."""
        return self._title.text()

    @property
    def hint(self) -> str:
        """What helps."""
        return self._hint.text()

    def show_note(self, note: StageNote) -> None:
        """Show a note, and say it where it is new."""
        is_new = note.title != self._title.text()
        self._icon.set_icon(note.icon, IconColour.WARNING if note.icon == "warning" else IconColour.MUTED)
        self._title.setText(note.title)
        self._hint.setText(note.hint)
        self.retry.setVisible(Way.RETRY in note.ways)
        self.file.setVisible(Way.FILE in note.ways)
        if is_new and self.isVisible():
            announce(self, f"{note.title} {note.hint}".strip(), is_urgent=note.icon == "warning")

    def set_room(self, width: int) -> None:
        """Let the words be as wide as there is room."""
        for label in (self._title, self._hint):
            label.setFixedWidth(max(_NARROWEST - 2 * GRID, min(_WORDS, width)))
        # A button that does not fit says less.
        full = self.tr("Use a video or a picture…")
        self.file.setText(full if width >= self.fontMetrics().horizontalAdvance(full) + GAP else self.tr("Use a file…"))
