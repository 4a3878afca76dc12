"""What is done at the start with jobs that were not finished when the program ended, however it ended."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.events import Noticed
from faceswap_desktop.domain.job import Hold, Job, JobId, JobState
from faceswap_desktop.jobs.calls import CallState
from faceswap_desktop.jobs.desk import Desk
from faceswap_desktop.jobs.failures import maybe_charged
from faceswap_desktop.jobs.finishing import placement_in
from faceswap_desktop.jobs.room import has_room
from faceswap_desktop.jobs.tools import Tools, scratch_root
from faceswap_desktop.jobs.unconfirmed import settle_from_mailbox
from faceswap_desktop.media.atomic_file import remove_leftovers
from faceswap_desktop.providers.protocol import Provider


async def reconcile(tools: Tools, providers: Mapping[str, Provider]) -> None:
    """Bring every unfinished row into a state from which it can go on, and remove what nobody needs.

    Raises:
        StorageError: The ledger cannot be read or written.
    """
    # The switch may have been set while nobody ran jobs, and the signer be back; those for whom it is not so wait on.
    for hold in (Hold.SANDBOX, Hold.SIGNER):
        await tools.ledger.holds.release(hold)
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
    desk = Desk(job, provider, tools)
    await desk.load()
    if job.cancel_requested:
        await desk.cancel()
        return
    if job.hold is Hold.DISK and await has_room(job, provider, tools):
        desk.publish(await tools.ledger.set_hold(job.id, None))
    is_local = provider is None or desk.is_local
    match job.state:
        case JobState.QUEUED:
            return
        case JobState.UNCONFIRMED:
            await settle_from_mailbox(job.id, provider, tools)
        case JobState.SUBMITTING if (sent := desk.calls.in_state(CallState.SENT)) and sent.charge is not None:
            await desk.unconfirmed(maybe_charged(desk.title))
            await settle_from_mailbox(job.id, provider, tools)
        case JobState.FINISHING:
            if (placement := placement_in(desk.calls.finish)) is not None:
                tools.placer.reserve(placement)
        case JobState.PREPARING | JobState.SUBMITTING:
            await desk.put_back()
        case JobState.RUNNING | JobState.FETCHING if is_local:
            await desk.put_back()
        case _:
            # The provider worked on without us; the runner asks it.
            return


async def _is_kept(job_id: JobId, providers: Mapping[str, Provider], tools: Tools) -> bool:
    """Say whether what lies in a scratch folder is of use to its job."""
    job = await tools.ledger.get(job_id)
    if job is None or job.state in {JobState.SUCCEEDED, JobState.CANCELLED, JobState.DISMISSED}:
        return False
    if job.state in {JobState.RUNNING, JobState.FETCHING, JobState.FINISHING}:
        return True
    desk = Desk(job, providers.get(job.recipe.provider), tools)
    if desk.keeps_work or job.state is JobState.FAILED or desk.is_local:
        return desk.keeps_work
    # What a provider made and was fetched in part.
    await desk.load()
    return bool(desk.calls.rows)


def _names_in(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir()] if folder.is_dir() else []


def _clean(scratch: Path, keeping: Collection[str], results: Path) -> None:
    if scratch.is_dir():
        for folder in scratch.iterdir():
            if folder.name not in keeping:
                shutil.rmtree(folder, ignore_errors=True)
    remove_leftovers(results, older_than_s=0.0)
