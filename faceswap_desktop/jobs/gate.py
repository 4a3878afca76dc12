"""The gate, as a job meets it: before anything is prepared, and again before anything is handed over."""

from __future__ import annotations

from faceswap_desktop.domain.errors import ConsentNeeded, SensitiveContent
from faceswap_desktop.domain.job import Hold, Job, JobState
from faceswap_desktop.domain.work import FetchedFile
from faceswap_desktop.jobs.context import JobContext
from faceswap_desktop.jobs.desk import Desk
from faceswap_desktop.jobs.failures import failure_of
from faceswap_desktop.jobs.tools import Tools


async def pass_gate(context: JobContext, tools: Tools) -> None:
    """Have a job let through as things are now.

    Raises:
        ConsentNeeded: Nobody has said who a source face is, or consent is over.
        SensitiveContent: The target or a source face is refused.
    """
    context.let_through(await tools.clear(context.recipe, context.job))


async def accept(job: Job, file: FetchedFile, tools: Tools) -> FetchedFile:
    """Return what a service made with its label on it, once it was looked at.

    Raises:
        SensitiveContent: It is refused.
    """
    if tools.hooks.look is not None:
        await tools.hooks.look(job, file)
    return await tools.labelled(job, file)


async def not_let_through(desk: Desk, tools: Tools, error: ConsentNeeded) -> None:
    """Have a job wait for consent; what is refused as sensitive fails."""
    if not isinstance(error, SensitiveContent):
        await desk.put_back(forget_starts=True, hold=Hold.CONSENT, why=failure_of(error))
        desk.say_once(error, Hold.CONSENT)
        return
    # The gate has written down what it refused; what is seen while the work goes on is known here only.
    if desk.job.state in {JobState.RUNNING, JobState.FETCHING} and tools.hooks.refused is not None:
        await tools.hooks.refused(desk.job, error)
    await desk.fail(failure_of(error))
