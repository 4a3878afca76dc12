"""The foot of the inspector: the panic key as a button, and Start or Stop."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.icons import IconColour, icon
from faceswap_desktop.ui.live.words import PANIC_KEY
from faceswap_desktop.ui.theme.tokens import GRID, PAD
from faceswap_desktop.ui.widgets.buttons import Button, PrimaryButton
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.roles import set_role


class LiveFoot(QFrame):
    """What is always in reach.

    Attributes:
        panic_pressed: The panic key was pressed, here.
        run_pressed: Start, or Stop.
    """

    panic_pressed = Signal()
    run_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "panel")
        self.panic = Button("", "live-panic", self)
        self.panic.setIcon(icon("panic", IconColour.DANGER))
        set_role(self.panic, "panic")
        self.panic.setCheckable(True)
        self.panic.clicked.connect(self.panic_pressed)
        self.run = PrimaryButton(self.tr("Start"), "live-run", self)
        self.run.clicked.connect(self.run_pressed)
        self._words = PlainLabel("", "small", self, wraps=True)
        name(self._words, "live-foot-words", "")
        self._words.setFixedHeight(2 * self._words.fontMetrics().lineSpacing())
        column = QVBoxLayout(self)
        column.setContentsMargins(PAD, GRID, PAD, PAD)
        column.setSpacing(GRID)
        column.addWidget(self.panic)
        column.addWidget(self._words)
        column.addWidget(self.run)
        self.show_panic(is_on=False, is_live=False)

    def show_panic(self, *, is_on: bool, is_live: bool) -> None:
        """Show whether the panic key is on; it can be pressed only while something is live."""
        words = self.tr("Show the swapped picture") if is_on else self.tr("Panic")
        self.panic.setText(f"{words}  ({PANIC_KEY})")
        self.panic.setAccessibleName(words)
        self.panic.setChecked(is_on)
        self.panic.setEnabled(is_live)
        tip = self.tr("At once, others see what Output says instead of you. It works on every page of the window.")
        self.panic.setToolTip(tip)
        self.panic.setAccessibleDescription(tip)

    def show_run(self, *, is_live: bool, is_busy: bool, words: str) -> None:
        """Show what the primary button does.

        Args:
            is_live: Whether something runs, or is starting.
            is_busy: Whether it is stopping.
            words: What is to be known before; two lines at most.
        """
        self.run.set_words(self.tr("Stop") if is_live else self.tr("Start"))
        self.run.setEnabled(not is_busy)
        self.run.setToolTip("Ctrl+Return")
        self._words.setText(words)
        self._words.setAccessibleName(words)
