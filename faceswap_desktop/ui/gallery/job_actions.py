"""What can be done to jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QKeySequence

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.job import Job, JobId, JobState
from faceswap_desktop.ui.actions import ActionSpec, ActionTable, Menu
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.files import open_file
from faceswap_desktop.ui.gallery.duels import Duels
from faceswap_desktop.ui.gallery.job_help import JobHelp
from faceswap_desktop.ui.gallery.job_model import JobModel
from faceswap_desktop.ui.gallery.jobs_panel import JobsPanel
from faceswap_desktop.ui.gallery.refused import RefusedPictures
from faceswap_desktop.ui.gallery.video_viewer import WatchDialog
from faceswap_desktop.ui.gallery.words import job_title

_AGAIN: Final = frozenset({JobState.FAILED, JobState.CANCELLED})
_SELDOM: Final = frozenset({"jobs.send-again", "jobs.dismiss"})
"""The line that says what is the matter has buttons for them, with words."""


class JobActions:
    """The actions of the job list; each knows to which jobs it applies."""

    def __init__(
        self, context: AppContext, tasks: Tasks, model: JobModel, panel: JobsPanel, job_help: JobHelp, duels: Duels
    ) -> None:
        self._context = context
        self._help = job_help
        self._duels = duels
        self._tasks = tasks
        self._model = model
        self._panel = panel
        self._table: ActionTable | None = None
        panel.troubles.set_pictures(RefusedPictures(context.refusals, tasks, panel))

    def specs(self) -> list[ActionSpec]:
        """Return the actions."""
        tr = _tr
        return [
            ActionSpec(
                id="jobs.pause", text=tr("Pause jobs"), run=self._pause, shortcut="P", menu=Menu.JOBS, icon="pause"
            ),
            ActionSpec(
                id="jobs.resume",
                text=tr("Resume jobs"),
                run=self._resume,
                shortcut="Shift+P",
                menu=Menu.JOBS,
                icon="play",
            ),
            ActionSpec(
                id="jobs.retry",
                text=tr("Try jobs again"),
                run=self._retry,
                shortcut="Ctrl+Shift+R",
                menu=Menu.JOBS,
                icon="retry",
            ),
            ActionSpec(
                id="jobs.cancel",
                text=tr("Cancel jobs"),
                run=self._cancel,
                shortcut="Ctrl+.",
                menu=Menu.JOBS,
                icon="stop",
            ),
            ActionSpec(
                id="jobs.send-again",
                text=tr("Send unconfirmed jobs again…"),
                run=self._send_again,
                shortcut="Ctrl+Alt+R",
                menu=Menu.JOBS,
                group=1,
                icon="redo",
                is_enabled=False,
            ),
            ActionSpec(
                id="jobs.dismiss",
                text=tr("Dismiss unconfirmed jobs…"),
                run=self._dismiss,
                shortcut="Ctrl+Alt+D",
                menu=Menu.JOBS,
                group=1,
                icon="remove",
                is_enabled=False,
            ),
            ActionSpec(
                id="jobs.send",
                text=tr("Send to another provider…"),
                run=self._send,
                shortcut="Ctrl+Alt+P",
                menu=Menu.JOBS,
                group=1,
                icon="share",
                is_enabled=False,
            ),
            ActionSpec(
                id="jobs.watch",
                text=tr("Watch what is finished"),
                run=self._watch,
                shortcut="Ctrl+Shift+W",
                menu=Menu.JOBS,
                icon="eye",
            ),
            ActionSpec(
                id="jobs.earlier",
                text=tr("Move up"),
                run=lambda: self._move(-1),
                shortcut="Alt+Up",
                menu=Menu.JOBS,
                group=2,
                icon="arrow-up",
            ),
            ActionSpec(
                id="jobs.later",
                text=tr("Move down"),
                run=lambda: self._move(1),
                shortcut="Alt+Down",
                menu=Menu.JOBS,
                group=2,
                icon="arrow-down",
            ),
            ActionSpec(
                id="jobs.clear",
                text=tr("Clear failed and cancelled jobs"),
                run=self._clear,
                menu=Menu.JOBS,
                group=3,
                icon="close",
            ),
        ]

    def attach(self, table: ActionTable) -> None:
        """Take the table and make the panel's buttons."""
        self._table = table
        icons = {spec.id: spec.icon for spec in self.specs()}
        self._panel.set_actions(
            [(table.action(action_id), icon_name) for action_id, icon_name in icons.items()], in_menu_only=_SELDOM
        )
        self._panel.troubles.wanted.connect(self._help.do)
        self._panel.view.removal_wanted.connect(self._on_removal_wanted)
        self.refresh()

    def refresh(self) -> None:
        """Enable what applies to the chosen jobs."""
        if self._table is None:
            return
        jobs = self._panel.chosen_or_all()
        chosen = self._panel.chosen()
        waiting = [job for job in chosen if job.state is JobState.QUEUED]
        for action_id, is_enabled in (
            ("jobs.pause", any(_can_pause(job) for job in jobs)),
            ("jobs.resume", any(_can_resume(job) for job in jobs)),
            ("jobs.retry", any(job.state in _AGAIN for job in jobs)),
            ("jobs.cancel", any(_can_cancel(job) for job in jobs)),
            ("jobs.send-again", any(job.state is JobState.UNCONFIRMED for job in jobs)),
            ("jobs.dismiss", any(job.state is JobState.UNCONFIRMED for job in jobs)),
            ("jobs.send", len(chosen) == 1 and chosen[0].recipe.can_be_made_again),
            ("jobs.watch", self._watched() is not None),
            ("jobs.earlier", bool(waiting)),
            ("jobs.later", bool(waiting)),
            ("jobs.clear", any(job.state.is_final for job in self._model.jobs)),
        ):
            self._table.set_enabled(action_id, is_enabled)
        for action_id, one, many, every in (
            ("jobs.pause", _tr("Pause job"), _tr("Pause {n} jobs"), _tr("Pause all jobs")),
            ("jobs.resume", _tr("Resume job"), _tr("Resume {n} jobs"), _tr("Resume all jobs")),
            ("jobs.retry", _tr("Try job again"), _tr("Try {n} jobs again"), _tr("Try all failed jobs again")),
            ("jobs.cancel", _tr("Cancel job"), _tr("Cancel {n} jobs"), _tr("Cancel all jobs")),
            (
                "jobs.send-again",
                _tr("Send job again…"),
                _tr("Send {n} jobs again…"),
                _tr("Send all unconfirmed jobs again…"),
            ),
            ("jobs.dismiss", _tr("Dismiss job…"), _tr("Dismiss {n} jobs…"), _tr("Dismiss all unconfirmed jobs…")),
        ):
            words = every if not chosen else one if len(chosen) == 1 else many.format(n=len(chosen))
            self._table.set_text(action_id, words)
            action = self._table.action(action_id)
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            tip = words.removesuffix("…")
            action.setToolTip(f"{tip} ({keys})" if keys else tip)

    def reorder(self, ids: list[JobId]) -> None:
        """Put the waiting jobs into this order."""
        self._tasks.start(self._context.queue.reorder(ids))

    def _on_removal_wanted(self) -> None:
        self._tasks.start(self._take_away(self._panel.chosen()), key="take-away")

    async def _take_away(self, jobs: Sequence[Job]) -> None:
        if unknown := [job for job in jobs if job.state is JobState.UNCONFIRMED]:
            await self._help.dismiss(unknown)
        wanted = [job for job in jobs if _can_cancel(job)]
        if await self._help.may_cancel(wanted):
            await self._context.queue.cancel(job.id for job in wanted)
        await self._context.queue.remove(_ids(jobs, lambda job: job.state.is_final))

    async def _pause(self) -> None:
        await self._context.queue.pause(_ids(self._panel.chosen_or_all(), _can_pause))

    async def _resume(self) -> None:
        await self._context.queue.resume(_ids(self._panel.chosen_or_all(), _can_resume))

    async def _retry(self) -> None:
        await self._context.queue.retry(_ids(self._panel.chosen_or_all(), lambda job: job.state in _AGAIN))

    async def _cancel(self) -> None:
        wanted = [job for job in self._panel.chosen_or_all() if _can_cancel(job)]
        if await self._help.may_cancel(wanted):
            await self._context.queue.cancel(job.id for job in wanted)

    async def _send_again(self) -> None:
        await self._help.send_again(self._panel.chosen_or_all())

    async def _dismiss(self) -> None:
        await self._help.dismiss(self._panel.chosen_or_all())

    async def _send(self) -> None:
        for job in self._panel.chosen()[:1]:
            await self._duels.send(job.recipe, job.id)

    def _watched(self) -> Job | None:
        """Return the one video of which something may be finished: among the chosen jobs, else among all."""
        # A service hands over nothing before all of it is done.
        here = [job for job in self._panel.chosen_or_all() if self._model.who(job).is_local]
        jobs = [job for job in here if job.recipe.is_video and job.recipe.take is None and job.state.is_active]
        return jobs[0] if len(jobs) == 1 else None

    async def _watch(self) -> None:
        job = self._watched()
        if job is None:
            return
        if not await self._context.queue.watchable(job.id):
            words = _tr("Nothing of this video is finished yet. Try again in a moment.")
            self._context.notifications.info(words, key="watch")
            return
        path = await self._context.queue.watch(job.id)
        dialog = WatchDialog(self._context, self._tasks, job_title(job), self._panel.window())
        try:
            await dialog.show_video(path, job.recipe)
        except FaceSwapError:
            # What ours cannot show, the system's player may.
            dialog.deleteLater()
            await open_file(path)

    async def _clear(self) -> None:
        await self._context.queue.remove(_ids(self._model.jobs, lambda job: job.state.is_final))

    async def _move(self, by: int) -> None:
        chosen = [job.id for job in self._panel.chosen()]
        await self._context.queue.reorder(self._model.moved(chosen, by))
        for job_id in chosen:
            self._panel.choose(job_id)


def _ids(jobs: Iterable[Job], applies: Callable[[Job], bool]) -> list[JobId]:
    return [job.id for job in jobs if applies(job)]


def _can_pause(job: Job) -> bool:
    return not job.state.is_final and job.state is not JobState.UNCONFIRMED and job.hold is None


def _can_resume(job: Job) -> bool:
    return not job.state.is_final and job.hold is not None


def _can_cancel(job: Job) -> bool:
    # An unconfirmed one is dismissed, in other words and after another question.
    return not job.state.is_final and job.state is not JobState.UNCONFIRMED and not job.cancel_requested


def _tr(text: str) -> str:
    return QCoreApplication.translate("Gallery", text)
