"""What becomes of jobs when the sandbox is switched on or off, or is another one than before."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.jobs.course import Course
from faceswap_desktop.jobs.runner import JobRunner
from faceswap_desktop.jobs.wishes import Wish

logger = logging.getLogger(__name__)


def recall(courses: Iterable[Course]) -> None:
    """Interrupt the jobs whose services are at another place now, before anything more of them goes there."""
    for course in courses:
        if course.is_elsewhere:
            course.interrupt(Wish.STOP)


async def begin_anew(before: float, runner: JobRunner) -> None:
    """Have jobs of the sandbox start over that were begun before a moment: the one of now knows nothing of them.

    Args:
        before: Seconds since the epoch.
        runner: Whose jobs.

    Raises:
        StorageError: The ledger cannot be read.
    """
    for job in await runner.tools.ledger.unfinished():
        if not job.recipe.in_sandbox or job.started_at >= before:
            continue
        course = runner.courses.get(job.id)
        if course is not None and course.task is not None:
            course.interrupt(Wish.STOP)
            await asyncio.wait({course.task})
        # In the list of those that run, so that nobody starts it meanwhile.
        held = runner.courses[job.id] = Course(job, runner.provider(job.recipe.provider), runner.tools)
        try:
            await held.start_over()
        except FaceSwapError as error:
            # It is taken up from where it stands, and says there what it lacks.
            logger.info("job %s does not start over: %s", job.id, error.kind)
        finally:
            runner.courses.pop(job.id, None)
    if runner.is_started:
        runner.wake()
