"""Which providers take no more jobs now."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping

from faceswap_desktop.jobs.course import Course
from faceswap_desktop.providers.protocol import Provider


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
