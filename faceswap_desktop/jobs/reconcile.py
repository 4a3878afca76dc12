"""What is done at the start with jobs that were not finished when the program ended, however it ended."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.events import JobChanged, Noticed
from faceswap_desktop.domain.job import Failure, Hold, Job, JobId, JobState
from faceswap_desktop.domain.messages import message
from faceswap_desktop.jobs.course import FINISH, WORK, Course
from faceswap_desktop.jobs.placing import Placement
from faceswap_desktop.jobs.room import has_room
from faceswap_desktop.jobs.tools import Tools, scratch_root
from faceswap_desktop.media.atomic_file import remove_leftovers
from faceswap_desktop.providers.protocol import Provider
from faceswap_desktop.storage.ledger import JobStep


async def reconcile(tools: Tools, providers: Mapping[str, Provider]) -> None:
    """Bring every unfinished row into a state from which it can go on, and remove what nobody needs.

    Raises:
        StorageError: The ledger cannot be read or written.
    """
    rows = await tools.ledger.unfinished()
    for job in rows:
        try:
            await take_up(job, providers.get(job.recipe.provider), tools)
        except FaceSwapError as error:
            # One job that cannot be mended now must not keep the others from running.
            tools.bus.publish(Noticed(error.message, error.hint, is_error=True))
    there = await asyncio.to_thread(_names_in, scratch_root(tools.home))
    keeping = {name for name in there if await _is_kept(JobId(name), providers, tools)}
    await asyncio.to_thread(_clean, scratch_root(tools.home), keeping, tools.results_folder())


async def take_up(job: Job, provider: Provider | None, tools: Tools) -> None:
    """Bring one unfinished row, at which nobody works, into a state from which it can go on.

    Raises:
        StorageError: The ledger cannot be read or written.
    """
    if job.cancel_requested:
        await Course(job, provider, tools).cancel()
        return
    if job.hold is Hold.DISK and await has_room(job, provider, tools):
        job = await tools.ledger.set_hold(job.id, None)
        tools.bus.publish(JobChanged(job))
    is_local = provider is None or provider.info.is_local
    match job.state:
        case JobState.QUEUED | JobState.UNCONFIRMED:
            return
        case JobState.SUBMITTING if provider is not None and _costs(provider, job):
            changed = await tools.ledger.transition(
                job.id, {job.state}, JobState.UNCONFIRMED, failure=_maybe_charged(provider)
            )
            tools.bus.publish(JobChanged(changed))
        case JobState.FINISHING:
            await _reserve_name(job, tools)
        case JobState.PREPARING | JobState.SUBMITTING:
            await _start_over(job, tools)
        case JobState.RUNNING | JobState.FETCHING if is_local:
            await _start_over(job, tools)
        case _:
            # The provider worked on without us; the runner asks it.
            return


async def _start_over(job: Job, tools: Tools) -> None:
    starts = [step.attempts for step in await tools.ledger.steps(job.id) if step.name == WORK]
    await tools.ledger.set_steps(job.id, [JobStep(WORK, "waiting", None, max(starts, default=0))])
    tools.bus.publish(JobChanged(await tools.ledger.transition(job.id, {job.state}, JobState.QUEUED)))


async def _reserve_name(job: Job, tools: Tools) -> None:
    for step in await tools.ledger.steps(job.id):
        if step.name == FINISH and step.handle is not None:
            tools.placer.reserve(Placement.from_json(step.handle))


def _costs(provider: Provider, job: Job) -> bool:
    return any(step.is_paid for step in provider.steps(job.recipe))


def _maybe_charged(provider: Provider) -> Failure:
    return Failure(
        "unconfirmed",
        message(
            "The program ended while this was being sent to {provider}; it may have been charged.",
            provider=provider.info.title,
        ),
        message("Look at your account there, then send it again or dismiss it."),
        exit_code=6,
    )


async def _is_kept(job_id: JobId, providers: Mapping[str, Provider], tools: Tools) -> bool:
    """Say whether what lies in a scratch folder is of use to its job."""
    job = await tools.ledger.get(job_id)
    if job is None or job.state in {JobState.SUCCEEDED, JobState.CANCELLED, JobState.DISMISSED}:
        return False
    if job.state in {JobState.RUNNING, JobState.FETCHING, JobState.FINISHING}:
        return True
    provider = providers.get(job.recipe.provider)
    return provider is not None and provider.keeps_work(job.recipe)


def _names_in(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir()] if folder.is_dir() else []


def _clean(scratch: Path, keeping: Collection[str], results: Path) -> None:
    if scratch.is_dir():
        for folder in scratch.iterdir():
            if folder.name not in keeping:
                shutil.rmtree(folder, ignore_errors=True)
    remove_leftovers(results, older_than_s=0.0)
