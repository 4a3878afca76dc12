"""Tells of jobs that need the user: on the strip and, when nobody looks at the window, by the desktop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer

from faceswap_desktop.domain.job import Hold, Job, JobId, JobState
from faceswap_desktop.ui.notifications import Notice, Tone

if TYPE_CHECKING:
    from faceswap_desktop.domain.events import JobAdded, JobChanged, JobRemoved
    from faceswap_desktop.ui.context import AppContext

_NEEDS_SOMEBODY: Final = frozenset({Hold.ACCOUNT, Hold.CREDITS, Hold.BUDGET, Hold.HOSTING, Hold.WEBHOOK, Hold.TERMS})
"""A network that is away comes back by itself; a pause was the user's own wish. Signing has a notice of its own."""
_SOON_MS: Final = 200
"""A batch is held job by job; it is told of once."""


class JobNotices(QObject):
    """Hears of jobs and tells of those that have begun to wait for the user.

    Args:
        context: Of the window.
        tell: Shows a notification of the desktop: a title and a text.
        parent: Its owner.
    """

    def __init__(self, context: AppContext, tell: Callable[[str, str], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._tell = tell
        self._waiting: dict[JobId, Job] = {}
        self._new: dict[JobId, Job] = {}
        self._unsigned: dict[JobId, Job] = {}
        self._has_news_of_signing = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON_MS)
        self._soon.timeout.connect(self._speak)
        signals = context.signals
        signals.job_added.connect(self._on_job)
        signals.job_changed.connect(self._on_job)
        signals.job_removed.connect(self._on_removed)

    def _on_job(self, event: JobAdded | JobChanged) -> None:
        job, before = event.job, self._waiting.get(event.job.id)
        self._on_signing(job)
        if not _needs_somebody(job):
            self._forget(job.id)
            return
        self._waiting[job.id] = job
        if before is None or (before.hold, before.state) != (job.hold, job.state):
            self._new[job.id] = job
            self._soon.start()

    def _on_removed(self, event: JobRemoved) -> None:
        self._forget(event.job)
        self._forget_signing(event.job)

    def _on_signing(self, job: Job) -> None:
        if job.state is not JobState.FINISHING or job.failure is None:
            self._forget_signing(job.id)
        elif job.hold is Hold.SIGNER:
            is_new = job.id not in self._unsigned
            # The next try comes and goes while the strip stands.
            self._unsigned[job.id] = replace(job, retry_at=0.0)
            if is_new:
                self._has_news_of_signing = True
                self._soon.start()

    def _forget_signing(self, job_id: JobId) -> None:
        if self._unsigned.pop(job_id, None) is None:
            return
        self._context.notifications.withdraw("signer")
        if self._unsigned:
            self._has_news_of_signing = True
            self._soon.start()

    def _forget(self, job_id: JobId) -> None:
        self._waiting.pop(job_id, None)
        self._new.pop(job_id, None)
        if not any(job.state is JobState.UNCONFIRMED for job in self._waiting.values()):
            self._context.notifications.withdraw("unconfirmed")

    def _speak(self) -> None:
        # Only here: the words are not needed before the first trouble.
        from faceswap_desktop.ui.gallery.cloud_words import everybody, who_is
        from faceswap_desktop.ui.gallery.troubles import Trouble, trouble_words, troubles_of

        new, self._new = self._new, {}
        known = everybody(self._context.offers.all())
        sentences = []
        if self._has_news_of_signing and self._unsigned:
            jobs = tuple(self._unsigned.values())
            provider = jobs[0].recipe.provider
            self._post_signing(trouble_words(Trouble(Hold.SIGNER, provider, jobs), who_is(known, provider)))
        self._has_news_of_signing = False
        for trouble in troubles_of(new.values()):
            words = trouble_words(trouble, who_is(known, trouble.provider))
            sentences.append(words)
            if trouble.hold is None:
                self._post_unconfirmed(words)
        if sentences and self._context.current_settings.jobs.notify_when_done:
            self._tell("Faceswap Desktop", "\n".join(sentences))

    def _post_signing(self, words: str) -> None:
        self._context.notifications.post(
            Notice(
                words,
                Tone.WARNING,
                self.tr("Nothing is lost."),
                button=self.tr("Show in Gallery"),
                action=lambda: self._context.navigator.go("gallery"),
                key="signer",
            )
        )

    def _post_unconfirmed(self, words: str) -> None:
        # Holds are told of by the runner, with the provider's own words.
        self._context.notifications.post(
            Notice(
                words,
                Tone.WARNING,
                button=self.tr("Show in Gallery"),
                action=lambda: self._context.navigator.go("gallery"),
                key="unconfirmed",
            )
        )


def _needs_somebody(job: Job) -> bool:
    return job.state is JobState.UNCONFIRMED or (
        not job.state.is_final and job.hold in _NEEDS_SOMEBODY and not job.cancel_requested
    )
