"""What the window shows of a live session whichever page is shown: the red dot, the line in its foot, the panic key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from faceswap_desktop.ui.accessibility import announce, name
from faceswap_desktop.ui.actions import ActionSpec, Menu
from faceswap_desktop.ui.icons import IconColour, icon
from faceswap_desktop.ui.live.words import PANIC_KEY, panic_hint, panic_words, tr
from faceswap_desktop.ui.theme.tokens import CONTROL_HEIGHT

if TYPE_CHECKING:
    from faceswap_desktop.ui.actions import ActionTable
    from faceswap_desktop.ui.live.desk import LiveDesk
    from faceswap_desktop.ui.rail import Rail

_PANIC: Final = "live.panic"


class LiveSummary(QToolButton):
    """In the window's foot: that something is live, and what others see since the panic key was pressed.

    Attributes:
        chosen: The user wants to see the Live page.
    """

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name(self, "live-summary", "")
        self.setIconSize(QSize(16, 16))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFixedHeight(CONTROL_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self.chosen)
        self.hide()

    def show_desk(self, desk: LiveDesk) -> None:
        """Show how it stands."""
        self.setVisible(desk.is_on)
        if not desk.is_on:
            return
        panic = desk.panic
        if panic is not None:
            words = f"{panic_words(panic).removesuffix('.')} · {PANIC_KEY}"
            self.setAccessibleName(f"{panic_words(panic)} {panic_hint()}")
            self.setToolTip(panic_hint())
        else:
            words = tr("Live, recording") if desk.records else tr("Live")
            self.setAccessibleName(words)
            self.setToolTip(tr("A camera is running. Show it"))
        self.setIcon(icon("panic" if panic is not None else "record", IconColour.DANGER))
        self.setText(words)


class LiveWatch(QObject):
    """Follows the desk and keeps the window right; the panic key works while a dialog of the window is open, too."""

    def __init__(self, desk: LiveDesk, table: ActionTable, rail: Rail, summary: LiveSummary, window: QWidget) -> None:
        super().__init__(window)
        self._desk = desk
        self._table = table
        self._rail = rail
        self._summary = summary
        self._window = window
        self._watched: QWindow | None = None
        self._said: object = None
        desk.changed.connect(self._refresh)
        # Shortcuts of the window do not reach a dialog: its keys are looked at before it gets them.
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.focusWindowChanged.connect(self._on_focus_window)
        self._refresh()

    @staticmethod
    def action(press: object) -> ActionSpec:
        """Return the action of the panic key, which belongs to every page.

        Args:
            press: What it does.
        """
        assert callable(press)
        return ActionSpec(
            id=_PANIC,
            text=tr("Panic: hide the picture at once"),
            run=press,
            shortcut=PANIC_KEY,
            menu=Menu.LIVE,
            group=10,
            icon="panic",
            is_enabled=False,
            checkable=True,
            tip=tr("Others see what the settings say instead of you; pressed again, the swapped picture"),
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the panic key from a dialog."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._desk.is_on:
            is_key = event.key() == Qt.Key.Key_F12 and not event.modifiers()
            if is_key and not event.isAutoRepeat():
                self._desk.press_panic()
            return is_key
        return False

    def _on_focus_window(self, window: QWindow | None) -> None:
        if self._watched is not None:
            self._watched.removeEventFilter(self)
            self._watched.destroyed.disconnect(self._on_gone)
            self._watched = None
        if window is not None and window is not self._window.windowHandle():
            self._watched = window
            window.installEventFilter(self)
            window.destroyed.connect(self._on_gone)

    def _on_gone(self) -> None:
        self._watched = None

    def _refresh(self) -> None:
        desk = self._desk
        self._summary.show_desk(desk)
        self._rail.set_live("live", is_live=desk.is_on)
        self._table.set_enabled(_PANIC, desk.is_on)
        self._table.set_checked(_PANIC, desk.panic is not None)
        panic = desk.panic
        if panic != self._said:
            self._said = panic
            words = f"{panic_words(panic)} {panic_hint()}" if panic is not None else tr("The picture is shown again.")
            announce(self._window, words, is_urgent=True)
