"""The jobs that are not done, as a list model: running ones first, then those that wait, then what failed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QPixmap

from faceswap_desktop.domain.events import JobProgressed
from faceswap_desktop.domain.job import Job, JobId, JobState
from faceswap_desktop.domain.work import FrameProgress
from faceswap_desktop.services.gallery import Gallery
from faceswap_desktop.ui.gallery.cloud_words import Who, charge_words, next_try_words, who_is
from faceswap_desktop.ui.gallery.job_costs import JobCosts
from faceswap_desktop.ui.gallery.live_pictures import LivePictures
from faceswap_desktop.ui.gallery.refused import is_refused
from faceswap_desktop.ui.gallery.thumbnails import Thumbnails
from faceswap_desktop.ui.gallery.words import Standing, job_state_text, job_title
from faceswap_desktop.ui.texts import plain_tip
from faceswap_desktop.ui.veil import veiled_pixmap

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT: Final = QModelIndex()
_MIME: Final = "application/x-faceswap-jobs"
_SECOND_MS: Final = 1000


class JobRole(IntEnum):
    """What a row asks for beside the standard roles."""

    JOB = Qt.ItemDataRole.UserRole + 1
    FRACTION = Qt.ItemDataRole.UserRole + 2
    STATE_TEXT = Qt.ItemDataRole.UserRole + 3
    THUMBNAIL = Qt.ItemDataRole.UserRole + 4


_PROGRESS_ROLES: Final = (JobRole.FRACTION, JobRole.STATE_TEXT, Qt.ItemDataRole.AccessibleTextRole)


class JobModel(QAbstractListModel):
    """Jobs that the user still has to do with.

    Attributes:
        reordered: The ids of all waiting jobs in the order that the user wants.
        ticked: A second has passed while jobs wait for their next try.
    """

    reordered = Signal(list)
    ticked = Signal()

    def __init__(
        self,
        gallery: Gallery,
        thumbnails: Thumbnails,
        live: LivePictures,
        costs: JobCosts,
        providers: Mapping[str, Who],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._gallery = gallery
        self._thumbnails = thumbnails
        self._live = live
        self._costs = costs
        self._providers = providers
        live.arrived.connect(self._on_live)
        self._jobs: list[Job] = []
        self._progress: dict[JobId, JobProgressed] = {}
        thumbnails.arrived.connect(self._on_thumbnail)
        costs.arrived.connect(self._on_cost)
        self._clock = QTimer(self)
        self._clock.setInterval(_SECOND_MS)
        self._clock.timeout.connect(self._tell_time)

    @property
    def jobs(self) -> Sequence[Job]:
        """All rows, in order."""
        return self._jobs

    def job_at(self, row: int) -> Job | None:
        """Return the job of a row."""
        return self._jobs[row] if 0 <= row < len(self._jobs) else None

    def set_jobs(self, jobs: Iterable[Job]) -> None:
        """Replace everything."""
        self.beginResetModel()
        self._jobs = sorted((job for job in jobs if _is_shown(job)), key=_order)
        self.endResetModel()
        self._run_clock()

    def who(self, job: Job) -> Who:
        """Return what is known of a job's provider."""
        return who_is(self._providers, job.recipe.provider)

    def put(self, job: Job) -> None:
        """Take a job as it is now: it comes, changes, moves or leaves. A chosen row stays chosen."""
        row = self._row_of(job.id)
        if not _is_shown(job):
            self.remove(job.id)
            return
        self._costs.renew(job)
        if row is not None and self._jobs[row].state is not job.state and not self.who(job).is_local:
            # "Uploading" is over as soon as it was sent.
            self._progress.pop(job.id, None)
        others = [one for one in self._jobs if one.id != job.id]
        place = bisect_right(others, _order(job), key=_order)
        if row is None:
            self.beginInsertRows(QModelIndex(), place, place)
            self._jobs.insert(place, job)
            self.endInsertRows()
            self._run_clock()
            return
        if place != row:
            # Qt names the row before which it goes, counted while it still stands where it was.
            self.beginMoveRows(QModelIndex(), row, row, QModelIndex(), place + 1 if place > row else place)
            del self._jobs[row]
            self._jobs.insert(place, job)
            self.endMoveRows()
        self._jobs[place] = job
        self._tell(place)
        self._run_clock()

    def remove(self, job_id: JobId) -> None:
        """Drop a row."""
        self._progress.pop(job_id, None)
        self._live.forget(job_id)
        self._costs.forget(job_id)
        row = self._row_of(job_id)
        if row is not None:
            self.beginRemoveRows(QModelIndex(), row, row)
            del self._jobs[row]
            self.endRemoveRows()

    def set_progress(self, event: JobProgressed) -> None:
        """Take what a running job tells."""
        self._progress[event.job] = event
        if event.frames is not None:
            self._live.note(event.job, event.frames.picture)
        row = self._row_of(event.job)
        if row is not None:
            self._tell(row, *_PROGRESS_ROLES)

    def frames_of(self, job_id: JobId) -> FrameProgress | None:
        """Return how many frames of a running video are done; None where that is not known."""
        progress = self._progress.get(job_id)
        return progress.frames if progress is not None else None

    def moved(self, ids: Sequence[JobId], by: int) -> list[JobId]:
        """Return the waiting jobs with these moved by some places, earlier if negative."""
        waiting = [job.id for job in self._jobs if job.state is JobState.QUEUED]
        chosen = [one for one in waiting if one in ids]
        if not chosen:
            return waiting
        rest = [one for one in waiting if one not in ids]
        place = max(0, min(len(rest), waiting.index(chosen[0]) + by))
        return [*rest[:place], *chosen, *rest[place:]]

    # QAbstractListModel

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """Return the number of jobs."""
        return 0 if parent.isValid() else len(self._jobs)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a row shows."""
        job = self.job_at(index.row()) if index.isValid() else None
        if job is None:
            return None
        match role:
            case JobRole.JOB:
                return job
            case Qt.ItemDataRole.DisplayRole:
                return job_title(job)
            case JobRole.THUMBNAIL:
                return self._picture(job)
            case JobRole.FRACTION:
                is_at_work = job.state.is_active and job.hold is None
                return self._progress_of(job).fraction if is_at_work else None
        return self._words(job, role)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Waiting jobs can be dragged to another place."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        job = self.job_at(index.row()) if index.isValid() else None
        if job is None:
            return Qt.ItemFlag.ItemIsDropEnabled
        return flags | Qt.ItemFlag.ItemIsDragEnabled if job.state is JobState.QUEUED else flags

    def supportedDropActions(self) -> Qt.DropAction:
        """Rows move."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        """Rows stay in this list."""
        return [_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Name the rows that are dragged."""
        mime = QMimeData()
        ids = [job.id for index in indexes if (job := self.job_at(index.row())) is not None]
        mime.setData(_MIME, "\n".join(ids).encode())
        return mime

    def dropMimeData(self, data: QMimeData, _action: Qt.DropAction, row: int, _column: int, _parent: Index) -> bool:
        """Tell the order that the user wants; the rows move when the ledger has it."""
        ids = [JobId(one) for one in bytes(data.data(_MIME).data()).decode().split("\n") if one]
        before = {job.id for job in self._jobs[: row if row >= 0 else len(self._jobs)]}
        waiting = [job.id for job in self._jobs if job.state is JobState.QUEUED]
        rest = [one for one in waiting if one not in ids]
        place = sum(1 for one in rest if one in before)
        order = [*rest[:place], *ids, *rest[place:]]
        if order != waiting:
            self.reordered.emit(order)
        # False: the view must not remove the dragged rows by itself.
        return False

    def _picture(self, job: Job) -> QPixmap | None:
        if (live := self._live.get(job.id)) is not None:
            return live
        path = job.recipe.media.path
        found = self._thumbnails.pixmap(("media", path), lambda: self._gallery.picture_thumbnail(path))
        return veiled_pixmap(found) if found is not None and is_refused(job) else found

    def _words(self, job: Job, role: int) -> str | None:
        match role:
            case JobRole.STATE_TEXT:
                return self._state_text(job)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{job_title(job)}: {self._state_text(job)}"
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(f"{job_title(job)}\n{self._state_text(job)}")
        return None

    def _progress_of(self, job: Job) -> JobProgressed:
        return self._progress.get(job.id) or JobProgressed(job.id, 0.0, "")

    def _state_text(self, job: Job) -> str:
        who, progress = self.who(job), self._progress_of(job)
        cost = None if who.is_local else self._costs.get(job)
        standing = Standing(
            progress.step,
            progress.fraction,
            progress.seconds_left,
            progress.frames,
            progress.transfer,
            who,
            charge_words(cost.charge, who.unit, is_over=cost.is_booked) if cost is not None else "",
        )
        return job_state_text(job, standing)

    def _run_clock(self) -> None:
        """Count the time until the next try, while there is one."""
        is_wanted = any(next_try_words(job) for job in self._jobs)
        if is_wanted != self._clock.isActive():
            self._clock.start() if is_wanted else self._clock.stop()

    def _tell_time(self) -> None:
        for row, job in enumerate(self._jobs):
            if next_try_words(job):
                self._tell(row, *_PROGRESS_ROLES)
        self.ticked.emit()

    def _on_cost(self, job_id: str) -> None:
        row = self._row_of(JobId(job_id))
        if row is not None:
            self._tell(row, *_PROGRESS_ROLES)

    def _row_of(self, job_id: JobId) -> int | None:
        return next((row for row, job in enumerate(self._jobs) if job.id == job_id), None)

    def _tell(self, row: int, *roles: int) -> None:
        index = self.index(row)
        self.dataChanged.emit(index, index, list(roles))

    def _on_live(self, job_id: str) -> None:
        row = self._row_of(JobId(job_id))
        if row is not None:
            self._tell(row, JobRole.THUMBNAIL)

    def _on_thumbnail(self, key: object) -> None:
        if isinstance(key, tuple) and key[0] == "media":
            for row, job in enumerate(self._jobs):
                if job.recipe.media.path == key[1]:
                    self._tell(row, JobRole.THUMBNAIL)


def is_tall(job: Job) -> bool:
    """Say whether a row shows its last frame: a video that is being made."""
    return job.recipe.is_video and job.state.is_active


def _is_shown(job: Job) -> bool:
    return job.state not in {JobState.SUCCEEDED, JobState.DISMISSED}


def _order(job: Job) -> tuple[int, float, float]:
    if job.state.is_active:
        return (0, job.priority, job.created_at)
    if not job.state.is_final:
        return (1, job.priority, job.created_at)
    return (2, -job.ended_at, job.created_at)
