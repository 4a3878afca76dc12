"""How the jobs get on, in the window's foot on every page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.icons import IconColour, icon
from faceswap_desktop.ui.texts import duration_text, percent_text
from faceswap_desktop.ui.theme.tokens import CONTROL_HEIGHT, current_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable

    from faceswap_desktop.domain.events import JobAdded, JobChanged, JobProgressed, JobRemoved
    from faceswap_desktop.domain.job import Job, JobId
    from faceswap_desktop.ui.bridge import EngineSignals

_WIDTH: Final = 248
_LINE_HEIGHT: Final = 3


class JobsSummary(QToolButton):
    """A button that says how many jobs run and wait; it leads to the Gallery.

    Attributes:
        chosen: The user wants to see the jobs.
    """

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name(self, "jobs-summary", self.tr("Jobs"))
        self.setIcon(icon("clock", IconColour.MUTED))
        self.setIconSize(QSize(16, 16))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFixedHeight(CONTROL_HEIGHT)
        self.setFixedWidth(_WIDTH)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        keeps = QSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        keeps.setRetainSizeWhenHidden(True)
        self.setSizePolicy(keeps)
        self.clicked.connect(self.chosen)
        self._jobs: dict[JobId, Job] = {}
        # Of jobs in the list above only.
        self._fractions: dict[JobId, float] = {}
        self._seconds_left: float | None = None
        self._refresh()

    def follow(self, signals: EngineSignals) -> None:
        """Hear of jobs from now on."""
        signals.job_added.connect(self._on_job)
        signals.job_changed.connect(self._on_job)
        signals.job_removed.connect(self._on_removed)
        signals.job_progressed.connect(self._on_progress)

    def set_jobs(self, jobs: Iterable[Job]) -> None:
        """Start with the jobs that are unfinished."""
        self._jobs = {job.id: job for job in jobs if not job.state.is_final}
        self._fractions = {job_id: done for job_id, done in self._fractions.items() if job_id in self._jobs}
        self._refresh()

    @property
    def fraction(self) -> float:
        """How far all unfinished jobs together are, 0 to 1."""
        if not self._jobs:
            return 0.0
        return sum(self._fractions.values()) / len(self._jobs)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the button and a thin line of progress on its lower edge."""
        super().paintEvent(event)
        if not self._is_working():
            return
        tokens = current_tokens()
        painter = QPainter(self)
        ground = self.rect().adjusted(8, self.height() - _LINE_HEIGHT - 1, -8, -1)
        painter.fillRect(ground, tokens.border if tokens.name != "contrast" else tokens.pressed)
        ground.setWidth(round(ground.width() * self.fraction))
        painter.fillRect(ground, tokens.accent_text)

    def _on_job(self, event: JobAdded | JobChanged) -> None:
        job = event.job
        if job.state.is_final:
            self._forget(job.id)
        else:
            self._jobs[job.id] = job
        self._refresh()

    def _on_removed(self, event: JobRemoved) -> None:
        self._forget(event.job)
        self._refresh()

    def _on_progress(self, event: JobProgressed) -> None:
        if event.job in self._jobs:
            self._fractions[event.job] = event.fraction
            self._seconds_left = event.seconds_left
            self._refresh()

    def _forget(self, job_id: JobId) -> None:
        self._jobs.pop(job_id, None)
        self._fractions.pop(job_id, None)
        if not self._jobs:
            self._seconds_left = None

    def _refresh(self) -> None:
        text = self._words()
        self.setVisible(bool(self._jobs))
        self.setText(text)
        self.setAccessibleName(text or self.tr("No jobs"))
        self.setToolTip(self.tr("Show the jobs in the Gallery"))
        self.update()

    def _is_working(self) -> bool:
        # A job that waits for its signer stands in an active state, and nothing works on it.
        return any(job.state.is_active and job.hold is None for job in self._jobs.values())

    def _words(self) -> str:
        count = len(self._jobs)
        if not count:
            return ""
        jobs = self.tr("1 job") if count == 1 else self.tr("{n} jobs").format(n=count)
        if self._is_working():
            parts = [jobs, percent_text(self.fraction)]
            if self._seconds_left is not None and count == 1:
                parts.append(self.tr("{time} left").format(time=duration_text(self._seconds_left)))
            return " · ".join(parts)
        if all(job.hold is not None for job in self._jobs.values()):
            return f"{jobs} · {self.tr('on hold')}"
        return f"{jobs} · {self.tr('waiting')}"
