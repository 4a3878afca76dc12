"""Blurred pictures of what was refused of jobs, and the parts of their videos that are not refused."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPixmap

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.job import Job, JobId, JobState
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.sensitive import Role
from faceswap_desktop.services.refusals import Refusals
from faceswap_desktop.ui.blurred import BlurredPictures
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.studio.refusal import clean_parts

SENSITIVE = "sensitive"


def is_refused(job: Job) -> bool:
    """Say whether a job failed because something in it is refused as sensitive."""
    return job.state is JobState.FAILED and job.failure is not None and job.failure.kind == SENSITIVE


def has_times(job: Job) -> bool:
    """Say whether a job was refused for moments of its video, which can be left out."""
    is_told = job.failure is not None and "times" in job.failure.message.values
    return is_refused(job) and is_told and job.recipe.can_be_made_again


async def without_refused(context: AppContext, job: Job) -> Recipe | None:
    """Return a job's recipe for the longest part of its video in which nothing is refused; None if there is none.

    Raises:
        InputRefused: The video is gone or cannot be read.
    """
    media = job.recipe.media
    verdict = await context.refusals.known(media)
    refused = [one for one in await context.refusals.of_job(job.id) if one.role is not Role.SOURCE]
    seen = {*(verdict.sightings if verdict is not None else ()), *(one for each in refused for one in each.sightings)}
    index = await context.videos.index(media)
    parts = clean_parts(index.times, tuple(sorted(seen, key=lambda one: one.frame)))
    return replace(job.recipe, trim=parts[0].frames) if parts and seen else None


class RefusedPictures(QObject):
    """Finds out what was refused of a job, and fetches a blurred picture of it.

    Attributes:
        arrived: A picture is there.
    """

    arrived = Signal()

    def __init__(self, refusals: Refusals, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._refusals = refusals
        self._tasks = tasks
        self._places: dict[JobId, tuple[str, float]] = {}
        self._blurred = BlurredPictures(refusals, tasks, self)
        self._blurred.arrived.connect(self.arrived)

    def get(self, job: Job) -> QPixmap | None:
        """Return a blurred picture of what was refused; None while it is fetched, and where it is gone."""
        place = self._places.get(job.id)
        if place is None:
            self._tasks.start(self._find(job), key=f"refused {job.id}")
            return None
        return self._blurred.get(*place)

    async def _find(self, job: Job) -> None:
        path, seconds = job.recipe.media.path, 0.0
        try:
            refused = await self._refusals.of_job(job.id)
        except FaceSwapError:
            refused = []
        if refused:
            worst = max(refused[-1].sightings, key=lambda one: one.score)
            path, seconds = refused[-1].path, worst.seconds
        self._places[job.id] = (path, seconds)
        self.arrived.emit()
