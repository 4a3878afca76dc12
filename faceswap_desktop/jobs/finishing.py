"""From a fetched file to a result in the library: planned, signed, committed, put in its place, never twice.

What was fetched stays in the scratch folder, unsigned, until the job has ended. Nothing is put in its place before the
digest of what is put there is in the ledger, so that after a crash it is known what lies there.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.events import ResultAdded
from faceswap_desktop.domain.job import Job
from faceswap_desktop.domain.work import FetchedFile, WorkLost
from faceswap_desktop.jobs.calls import Calls
from faceswap_desktop.jobs.placement import Converted, Placement, Signed
from faceswap_desktop.jobs.placing import deliver_copy, has_to_convert, is_ours, place, take_back
from faceswap_desktop.jobs.tools import Tools, ToSign
from faceswap_desktop.storage.ledger import JobStep
from faceswap_desktop.storage.results import format_of

_SAME_FORMATS: Final = {"JFIF": "JPEG", "M4V": "MP4", "QT": "MOV"}


async def convert(tools: Tools, job: Job, file: FetchedFile) -> Converted | None:
    """Write a provider's own file once more in the format of the copy that the user asked for, if that is another.

    Raises:
        FaceSwapError: It cannot be written in that format.
    """
    requested = job.recipe.output.requested_path
    wanted = format_of(requested)
    if not wanted or _SAME_FORMATS.get(wanted, wanted) == file.format or tools.hooks.convert is None:
        return None
    return await _converted(tools, file.path, requested)


async def plan(tools: Tools, job: Job, calls: Calls, file: FetchedFile, converted: Converted | None) -> Calls:
    """Choose where the file goes and commit that; returns the rows with it."""
    chosen = await tools.placer.plan(job, file, tools.results_folder())
    return await _commit(tools, job, calls, replace(chosen, converted=converted))


async def sign(tools: Tools, job: Job, calls: Calls, *, is_taken_up: bool = False) -> Calls:
    """Have the file marked and signed, and the copy in another format, as the last thing that changes them.

    What is signed already is not signed again. Where nobody signs nothing happens.

    Returns:
        The rows as committed.

    Raises:
        SignerError: It could not be signed now.
        StorageError: It cannot be written.
    """
    placement = placement_in(calls.finish)
    if placement is None or tools.hooks.sign is None:
        return calls
    if not await asyncio.to_thread(_has_to_sign, placement):
        return calls
    if is_taken_up:
        # What an older program put there was not signed.
        await asyncio.to_thread(take_back, replace(placement, signed=None, signed_copy=None), "")
    later = calls.is_signed_later
    fetched = placement.file.path
    signed = await _signed(tools, job, ToSign(fetched, fetched, placement.file.notes), later=later)
    copy = None
    if placement.converted is not None and await asyncio.to_thread(Path(placement.converted.path).is_file):
        wanted = ToSign(placement.converted.path, fetched, placement.file.notes)
        copy = await _signed(tools, job, wanted, later=later)
    return await _commit(tools, job, calls, replace(placement, signed=signed, signed_copy=copy))


async def finish(tools: Tools, job: Job, calls: Calls, *, is_taken_up: bool = False) -> Job:
    """Put the file in its place and end the job. Taken up after a crash, a file that is there is adopted.

    Returns:
        The job, which has succeeded; its rows are still there.

    Raises:
        WorkLost: The file is gone, or it was never planned where it goes.
        StorageError: It cannot be put there.
    """
    placement = placement_in(calls.finish)
    if placement is None:
        raise WorkLost
    has_file = is_taken_up and await asyncio.to_thread(is_ours, Path(placement.path), placement.placed)
    if not has_file and not await asyncio.to_thread(Path(placement.placed.path).is_file):
        await undo(tools, calls.finish, job.recipe.output.requested_path)
        raise WorkLost
    if job.recipe.output.requested_path:
        placement = await _deliver(tools, job, calls, placement)
    while not has_file:
        try:
            await asyncio.to_thread(place, placement)
            has_file = True
        except FileExistsError:
            placement = await tools.placer.plan_again(job, placement)
            await _commit(tools, job, calls, placement)
    done = await tools.results.finish(job.id, placement.result_of(job, time.time()), job.recipe.output.requested_path)
    tools.placer.free(placement)
    return done


def tell(tools: Tools, job: Job) -> None:
    """Say that a job's result stands in the library."""
    if job.result is not None:
        tools.bus.publish(ResultAdded(job.result))


async def undo(tools: Tools, step: JobStep | None, requested_path: str) -> None:
    """Remove what was put in place for a job that will not be finished now."""
    placement = placement_in(step)
    if placement is not None:
        await asyncio.to_thread(take_back, placement, requested_path)
        tools.placer.free(placement)


def placement_in(step: JobStep | None) -> Placement | None:
    """Return where a file goes, as a row of the ledger says it; None if none does."""
    return None if step is None or step.handle is None else Placement.from_json(step.handle)


async def _deliver(tools: Tools, job: Job, calls: Calls, placement: Placement) -> Placement:
    requested = job.recipe.output.requested_path
    if await asyncio.to_thread(has_to_convert, placement, requested):
        # The scratch folder was lost: from the file in the library it is made again.
        scratch, final = Path(placement.file.path), Path(placement.path)
        source = scratch if await asyncio.to_thread(scratch.is_file) else final
        converted = await _converted(tools, str(source), requested)
        copy = None
        if tools.hooks.sign is not None:
            wanted = ToSign(converted.path, str(source), placement.file.notes)
            copy = await _signed(tools, job, wanted, later=calls.is_signed_later)
        placement = replace(placement, converted=converted, signed_copy=copy)
        await _commit(tools, job, calls, placement)
    await asyncio.to_thread(deliver_copy, placement, requested)
    return placement


async def _converted(tools: Tools, path: str, requested: str) -> Converted:
    if tools.hooks.convert is None:
        raise WorkLost
    return await asyncio.to_thread(Converted.of, Path(await tools.hooks.convert(path, requested)))


def _has_to_sign(placement: Placement) -> bool:
    """Say whether the signed file is neither in the scratch folder nor in its place, and can be made."""
    if not Path(placement.file.path).is_file():
        return False
    signed = placement.signed
    return signed is None or not (
        is_ours(Path(signed.file.path), signed.file) or is_ours(Path(placement.path), signed.file)
    )


async def _signed(tools: Tools, job: Job, file: ToSign, *, later: bool) -> Signed:
    if tools.hooks.sign is None:
        raise WorkLost
    made = await tools.hooks.sign(job, file, later)
    sidecar = await asyncio.to_thread(Converted.of, Path(made.sidecar)) if made.sidecar else None
    return Signed(Converted(made.path, made.size_bytes, made.sha256), sidecar, made.mark)


async def _commit(tools: Tools, job: Job, calls: Calls, placement: Placement) -> Calls:
    calls = calls.with_finish(placement.to_json())
    await tools.ledger.set_steps(job.id, calls.steps())
    return calls
