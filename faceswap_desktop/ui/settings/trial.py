"""A button that tries something out, and below it each step as it is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.notifications import Tone
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.theme.tokens import GRID
from faceswap_desktop.ui.widgets.buttons import Button, LinkButton
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.outcome import OutcomeRow

if TYPE_CHECKING:
    from faceswap_desktop.domain.errors import FaceSwapError
    from faceswap_desktop.services.checks import CheckReport, CheckStep, OnStep

Work = Callable[["OnStep"], Awaitable["CheckReport"]]


class Trial(QWidget):
    """Runs one trial at a time; it can be stopped, and says how it went as a whole at the end."""

    def __init__(
        self, tasks: Tasks, object_name: str, words: str, spoken: str, work: Work, good: str, bad: str, parent: QWidget
    ) -> None:
        """Make one.

        Args:
            tasks: Run it.
            object_name: For tests; the parts get ``-start``, ``-stop``, ``-step-N``, ``-summary``.
            words: What the button says.
            spoken: The same for a screen reader, with what is tried.
            work: Tries, telling of each step.
            good: Said at the end where every step went as it should.
            bad: Said at the end otherwise.
            parent: The owner.
        """
        super().__init__(parent)
        self.setObjectName(object_name)
        self._tasks, self._work, self._good, self._bad = tasks, work, good, bad
        self._start = Button(words, f"{object_name}-start", self)
        self._start.setAccessibleName(spoken)
        self._stop = LinkButton(self.tr("Stop"), f"{object_name}-stop", self)
        self._stop.setAccessibleName(self.tr("Stop: {what}").format(what=spoken))
        self._busy = PlainLabel(self.tr("At it…"), "muted", self)
        self._start.clicked.connect(self.start)
        self._stop.clicked.connect(lambda: tasks.cancel(object_name))
        self._summary = OutcomeRow(f"{object_name}-summary", self, is_strong=True)
        self._steps: list[OutcomeRow] = []
        line = QHBoxLayout()
        line.setSpacing(GRID)
        for widget in (self._start, self._busy, self._stop):
            line.addWidget(widget)
        line.addStretch(1)
        self._list = QVBoxLayout()
        self._list.setSpacing(GRID)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(line)
        column.addLayout(self._list)
        column.addWidget(self._summary)
        self._set_busy(False)

    def start(self) -> None:
        """Try."""
        if self._tasks.is_running(self.objectName()):
            return
        self.forget()
        self._set_busy(True)
        self._tasks.start(self._run(), key=self.objectName(), on_error=self._on_error, on_done=self._on_done)

    def forget(self) -> None:
        """Take away what the last trial said: it holds no longer."""
        for step in self._steps:
            step.hide()
            step.deleteLater()
        self._steps = []
        self._summary.clear()

    async def _run(self) -> None:
        report = await self._work(self._on_step)
        self._summary.say(
            Tone.SUCCESS if report.is_ok else Tone.ERROR, self._good if report.is_ok else self._bad, aloud=True
        )

    def _on_step(self, step: CheckStep) -> None:
        row = OutcomeRow(f"{self.objectName()}-step-{len(self._steps) + 1}", self)
        self._steps.append(row)
        self._list.addWidget(row)
        row.say(Tone.SUCCESS if step.is_ok else Tone.ERROR, text_of(step.message), text_of(step.hint))

    def _on_error(self, error: FaceSwapError) -> None:
        self._summary.say(Tone.ERROR, text_of(error.message), text_of(error.hint), aloud=True)

    def _on_done(self) -> None:
        self._set_busy(False)
        if not self._summary.text:
            self._summary.say(Tone.INFO, self.tr("Stopped."))

    def _set_busy(self, is_busy: bool) -> None:
        had_keyboard = self._stop.hasFocus() or self._start.hasFocus()
        self._start.setEnabled(not is_busy)
        self._busy.setVisible(is_busy)
        self._stop.setVisible(is_busy)
        if had_keyboard:
            (self._stop if is_busy else self._start).setFocus()
