"""Which providers take no more jobs now, and which jobs this process leaves alone."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping

from faceswap_desktop.domain.job import Job, JobId
from faceswap_desktop.jobs.course import Course
from faceswap_desktop.providers.protocol import Provider


class Choice:
    """Which jobs a process runs that has the lease: all, or of services only some.

    A command that is there for one job must not order another one that cost money, and then end before it is done.
    """

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        self._providers = providers
        self._own: set[JobId] | None = None

    def keep_to_own(self) -> None:
        """From now on run only those jobs of services that are added."""
        self._own = set()

    def add(self, job_ids: Iterable[JobId]) -> None:
        """Run these too."""
        if self._own is not None:
            self._own.update(job_ids)

    def leaves(self, job: Job) -> bool:
        """Whether a job is left for another process, or another time."""
        if self._own is None or job.id in self._own:
            return False
        provider = self._providers.get(job.recipe.provider)
        return provider is None or not provider.info.is_local


def without_place(
    providers: Mapping[str, Provider], courses: Iterable[Course], rests: Mapping[str, float]
) -> list[str]:
    """Return the providers that take no more jobs now.

    They have as many as they take, or as many as are made ready at once, or want to be left alone.

    Args:
        providers: All of them, by id.
        courses: The jobs that run.
        rests: Until when (seconds since the epoch) a provider wants to be left alone.
    """
    now = time.time()
    taken: Counter[str] = Counter()
    starting: Counter[str] = Counter()
    for course in courses:
        if course.needs_place and not course.is_long:
            name = course.job.recipe.provider
            taken[name] += 1
            starting[name] += course.is_starting
    return [
        name
        for name, provider in providers.items()
        if taken[name] >= provider.info.max_concurrent_jobs
        or 0 < provider.info.max_starting <= starting[name]
        or rests.get(name, 0.0) > now
    ]
