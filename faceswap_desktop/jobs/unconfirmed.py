"""Paid calls of which nobody knows whether they arrived: sent again, dismissed, or settled by what a service delivers.

None of this runs a job, so any process may do it.
"""

from __future__ import annotations

import asyncio
import shutil
from typing import Any

from faceswap_desktop.domain.cloud import Delivery
from faceswap_desktop.domain.events import JobChanged
from faceswap_desktop.domain.job import Job, JobId, JobState
from faceswap_desktop.jobs.calls import Calls, CallState, payee_of
from faceswap_desktop.jobs.tools import Tools
from faceswap_desktop.providers.protocol import Provider
from faceswap_desktop.storage.ledger import Along


async def send_again(job_id: JobId, tools: Tools) -> bool:
    """Queue an unconfirmed job, so that its call is sent once more; what may have been charged stays booked.

    Returns:
        Whether it was unconfirmed.

    Raises:
        TransitionRefused: Somebody was quicker.
        StorageError: It could not be written.
    """
    job = await _unconfirmed(job_id, tools)
    if job is None:
        return False
    if tools.hooks.sent_again is not None:
        await tools.hooks.sent_again(job_id)
    calls = Calls.of((), await tools.ledger.steps(job_id)).put_back()
    await _move(job, JobState.QUEUED, calls, tools, hold=None, retry_at=0.0)
    return True


async def dismiss(job_id: JobId, tools: Tools) -> bool:
    """End an unconfirmed job; what may have been charged stays booked.

    Returns:
        Whether it was unconfirmed.

    Raises:
        TransitionRefused: Somebody was quicker.
        StorageError: It could not be written.
    """
    job = await _unconfirmed(job_id, tools)
    if job is None:
        return False
    calls = Calls.of((), await tools.ledger.steps(job_id)).ended(keeping=(CallState.DONE,))
    await _move(job, JobState.DISMISSED, calls, tools, step="")
    await asyncio.to_thread(shutil.rmtree, tools.scratch_of(job_id), ignore_errors=True)
    tools.end(job_id)
    return True


async def settle(delivery: Delivery, provider: Provider, tools: Tools) -> bool:
    """Let an unconfirmed job go on with what its provider delivered for it.

    Returns:
        Whether it was unconfirmed, and waited for this very call.

    Raises:
        ProviderRejected: The delivery speaks of no call.
        TransitionRefused: Somebody was quicker.
        StorageError: It could not be written.
    """
    job = await _unconfirmed(delivery.job, tools)
    if job is None:
        return False
    calls = Calls.of((), await tools.ledger.steps(job.id))
    if calls.row(delivery.step).state != CallState.UNCONFIRMED:
        return False
    calls = calls.accepted(delivery.step, provider.receive(delivery))
    booking = calls.booking(job.id, delivery.step, payee_of(job.recipe))
    along = Along(calls.steps(), booking)
    moved = await tools.ledger.transition(
        job.id, {JobState.UNCONFIRMED}, JobState.RUNNING, along=along, failure=None, step="run"
    )
    tools.bus.publish(JobChanged(moved))
    return True


async def settle_from_mailbox(job_id: JobId, provider: Provider | None, tools: Tools) -> bool:
    """Let an unconfirmed job go on with what was delivered before it was unconfirmed, if anything was.

    Returns:
        Whether it goes on.

    Raises:
        ProviderRejected: The delivery speaks of no call.
        TransitionRefused: Somebody was quicker.
        StorageError: It could not be read or written.
    """
    row = Calls.of((), await tools.ledger.steps(job_id)).in_state(CallState.UNCONFIRMED)
    if row is None or provider is None or tools.hooks.delivered is None:
        return False
    delivery = await tools.hooks.delivered(job_id, row.name)
    return delivery is not None and await settle(delivery, provider, tools)


async def _unconfirmed(job_id: JobId, tools: Tools) -> Job | None:
    job = await tools.ledger.get(job_id)
    return job if job is not None and job.state is JobState.UNCONFIRMED else None


async def _move(job: Job, to: JobState, calls: Calls, tools: Tools, **changes: Any) -> None:
    along = Along(calls.steps())
    moved = await tools.ledger.transition(job.id, {JobState.UNCONFIRMED}, to, along=along, **changes)
    tools.bus.publish(JobChanged(moved))
