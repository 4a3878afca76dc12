"""The middle of the Studio: bar, canvas or what stands in its place, and the strip of pictures."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QProgressBar, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.canvas.canvas import Canvas
from faceswap_desktop.ui.canvas.drag import has_pictures
from faceswap_desktop.ui.studio.canvas_bar import CanvasBar
from faceswap_desktop.ui.studio.picture_strip import PictureStrip
from faceswap_desktop.ui.theme.tokens import GAP, GRID, PAD
from faceswap_desktop.ui.widgets.buttons import Button, PrimaryButton
from faceswap_desktop.ui.widgets.forms import line
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.roles import set_role
from faceswap_desktop.ui.widgets.states import EmptyState

_BUSY_AFTER_MS: Final = 180
_NARROWEST: Final = 200
_WORDS_WIDTH: Final = 440
_BOTH_BUTTONS_FROM: Final = 340


class CanvasPanel(QFrame):
    """Shows one of: the first step, waiting, the canvas, why a picture cannot be shown.

    Attributes:
        open_wanted, samples_wanted, close_wanted, retry_wanted: Buttons of the states.
        pictures_dropped: Files or pixels were dropped beside the canvas (``QMimeData``).
    """

    open_wanted = Signal()
    samples_wanted = Signal()
    close_wanted = Signal()
    retry_wanted = Signal()
    pictures_dropped = Signal(object)

    def __init__(self, strip: PictureStrip, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "canvas")
        self.setAcceptDrops(True)
        self.bar = CanvasBar(self)
        self.canvas = Canvas(self)
        name(self.canvas, "canvas", self.tr("Picture"))
        self.canvas.zoom_changed.connect(self.bar.show_zoom)
        self.strip = strip
        self._notice = self._make_notice()
        self._busy = _BusyLine(self)
        self.setMinimumWidth(_NARROWEST)
        self._stack = QStackedWidget(self)
        self._stack.setMinimumWidth(_NARROWEST)
        self._empty = self._make_empty()
        self._waiting = EmptyState("picture", self.tr("Opening the picture…"), parent=self)
        self._error = self._make_error()
        for state in (self._empty, self._waiting, self.canvas, self._error):
            self._stack.addWidget(state)
        self._strip_line = line(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self._notice)
        column.addWidget(self._busy)
        column.addWidget(self._stack, 1)
        self._below = QVBoxLayout()
        self._below.setSpacing(0)
        column.addLayout(self._below)
        column.addWidget(self._strip_line)
        column.addWidget(self.strip)
        self.set_strip_shown(False)
        self.show_empty()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the words of the states be as wide as there is room."""
        super().resizeEvent(event)
        room = self.width() - 2 * GAP
        for state in (self._empty, self._waiting, self._error):
            for words in state.findChildren(PlainLabel):
                words.setFixedWidth(max(_NARROWEST - 2 * GAP, min(_WORDS_WIDTH, room)))
        self._samples.setVisible(room >= _BOTH_BUTTONS_FROM)

    def show_empty(self) -> None:
        """Show the first step."""
        self._show(self._empty)
        self.bar.hide()

    def show_waiting(self) -> None:
        """Say that the picture is being opened."""
        self._show(self._waiting)

    def show_canvas(self) -> None:
        """Show the picture."""
        self._show(self.canvas)

    def show_error(self, title: str, hint: str) -> None:
        """Say why the picture cannot be shown."""
        self._error.set_title(title)
        self._error.set_hint(hint)
        self._show(self._error)

    def put_below(self, *widgets: QWidget) -> None:
        """Put widgets between the canvas and the strip, hidden at first."""
        for widget in widgets:
            widget.hide()
            self._below.addWidget(widget)

    @property
    def is_canvas_shown(self) -> bool:
        """Whether the picture is to be seen."""
        return self._stack.currentWidget() is self.canvas

    def set_notice(self, text: str) -> None:
        """Say something about the picture in a line above it, for example that no face was found."""
        self._notice_text.setText(text)
        self._notice.setVisible(bool(text))

    def set_busy(self, is_busy: bool, *, moves: bool) -> None:
        """Show that a preview is being made; only once it takes long enough to be seen.

        Args:
            is_busy: Whether one is being made.
            moves: Whether things may move; a full line stands still where not.
        """
        self._busy.set_busy(is_busy, moves=moves)

    def set_strip_shown(self, is_shown: bool) -> None:
        """Show the strip of pictures."""
        self.strip.setVisible(is_shown)
        self._strip_line.setVisible(is_shown)

    # Dropping where there is no canvas yet

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._answer(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._answer(event)

    def dropEvent(self, event: QDropEvent) -> None:
        if has_pictures(event.mimeData()):
            event.acceptProposedAction()
            self.pictures_dropped.emit(event.mimeData())

    def _answer(self, event: QDragMoveEvent) -> None:
        if has_pictures(event.mimeData()):
            event.acceptProposedAction()
        else:
            event.ignore()

    # Inside

    def _show(self, state: QWidget) -> None:
        self.bar.show()
        self._stack.setCurrentWidget(state)

    def _make_empty(self) -> EmptyState:
        empty = EmptyState(
            "picture",
            self.tr("Drop a picture or a video here"),
            self.tr(
                "Its faces are found by themselves. Then drop photos of other faces on the shelf at the left, "
                "and drag one onto a face. Nothing leaves this computer."
            ),
            self,
        )
        open_button = PrimaryButton(self.tr("Open files…"), "empty-open", empty)
        samples = self._samples = Button(self.tr("Try the sample pictures"), "empty-samples", empty)
        open_button.clicked.connect(self.open_wanted)
        samples.clicked.connect(self.samples_wanted)
        empty.add_button(open_button)
        empty.add_button(samples)
        return empty

    def _make_error(self) -> EmptyState:
        error = EmptyState("warning", "", parent=self)
        again = Button(self.tr("Try again"), "picture-retry", error)
        close = Button(self.tr("Close picture"), "picture-close", error)
        again.clicked.connect(self.retry_wanted)
        close.clicked.connect(self.close_wanted)
        error.add_button(again)
        error.add_button(close)
        return error

    def _make_notice(self) -> QFrame:
        frame = QFrame(self)
        set_role(frame, "panel")
        self._notice_text = PlainLabel("", "muted", frame, wraps=True)
        self._notice_text.setObjectName("canvas-notice")
        column = QVBoxLayout(frame)
        column.setContentsMargins(PAD, 0, PAD, GRID)
        column.addWidget(self._notice_text)
        frame.hide()
        return frame


class _BusyLine(QProgressBar):
    """A thin line whose place is always kept."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setTextVisible(False)
        self.setFixedHeight(4)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        name(self, "preview-busy", self.tr("Making the preview"))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_BUSY_AFTER_MS)
        self._timer.timeout.connect(self._start)
        self._moves = True
        self.set_busy(False, moves=True)

    def set_busy(self, is_busy: bool, *, moves: bool) -> None:
        """Start soon, or stop at once."""
        self._moves = moves
        if not is_busy:
            self._timer.stop()
            self.hide()
        elif self.isHidden() and not self._timer.isActive():
            self._timer.start()

    def _start(self) -> None:
        self.setRange(0, 0 if self._moves else 1)
        self.setValue(1)
        self.show()
