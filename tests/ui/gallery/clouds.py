"""Jobs at services as the ledger has them, without anybody who works on them."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import replace
from typing import Any

from faceswap_desktop.domain.events import JobChanged
from faceswap_desktop.domain.job import Failure, Job, JobId, JobState, ResultId
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.storage.charges import Booking, write_booking
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.storage.remote import RemoteResult, write_remote
from tests.ui.conftest import until
from tests.ui.gallery.conftest import Shown, a_recipe

UNKNOWN = Failure(
    "unconfirmed",
    message("AKOOL did not answer; the job may have been charged."),
    message("Look at your account there, then send it again or dismiss it."),
    6,
)
_WAYS: dict[JobState, tuple[JobState, ...]] = {
    JobState.QUEUED: (),
    JobState.PREPARING: (JobState.PREPARING,),
    JobState.RUNNING: (JobState.PREPARING, JobState.SUBMITTING, JobState.RUNNING),
    JobState.FETCHING: (JobState.PREPARING, JobState.SUBMITTING, JobState.RUNNING, JobState.FETCHING),
    JobState.UNCONFIRMED: (JobState.PREPARING, JobState.SUBMITTING, JobState.UNCONFIRMED),
}


async def add(shown: Shown, state: JobState = JobState.QUEUED, provider: str = "akool", **changes: Any) -> Job:
    """Commit a job of a provider, bring it to a state and wait for its row."""
    [job] = await shown.program.queue.add([replace(a_recipe(), provider=provider)])
    if state is JobState.UNCONFIRMED:
        changes.setdefault("failure", UNKNOWN)
    for step in _WAYS[state]:
        job = await go(shown, job, step, **(changes if step is state else {}))
    if changes and not _WAYS[state]:
        job = await hold(shown, job, **changes)
    await until(lambda: job.id in shown.job_ids and shown.page.jobs.jobs[shown.job_ids.index(job.id)] == job)
    return job


async def go(shown: Shown, job: Job, state: JobState, **changes: Any) -> Job:
    """Bring a job to the next state, as the runner would."""
    moved = await Ledger(shown.program.database).transition(job.id, {job.state}, state, **changes)
    shown.program.bus.publish(JobChanged(moved))
    return moved


async def hold(shown: Shown, job: Job, **changes: Any) -> Job:
    """Have a job wait."""
    ledger = Ledger(shown.program.database)
    if changes.get("retry_at"):
        held = await ledger.holds.wait_until(job.id, changes["hold"], changes["retry_at"])
    else:
        held = await ledger.set_hold(job.id, changes["hold"])
    shown.program.bus.publish(JobChanged(held))
    return held


async def book(shown: Shown, job: JobId, credits: float, *, is_estimate: bool, provider: str = "akool") -> None:
    """Write down what a job cost."""
    line = Booking(job, "swap", 1, provider, credits, is_estimate, True, time.time())

    def write(connection: sqlite3.Connection) -> None:
        write_booking(connection, line)

    await shown.program.database.write(write)


async def keep(shown: Shown, job: JobId, days: float = 6.5, provider: str = "akool", **values: str) -> None:
    """Write down that a provider keeps what a job made."""
    known = {"id": f"remote-{job}", "remote_id": f"remote-{job}", "job_id": f"job-{job}", **values}
    result = RemoteResult(job, "swap", provider, known, time.time(), time.time() + days * 86_400)

    def write(connection: sqlite3.Connection) -> None:
        write_remote(connection, result)

    await shown.program.database.write(write)


async def result(shown: Shown, title: str, provider: str = "akool", recipe: Recipe | None = None) -> ResultId:
    """Put a result of a provider into the library."""
    return await shown.add(title, recipe=replace(recipe or a_recipe(), provider=provider), seconds=12.4)


def state_text(shown: Shown, job: Job) -> str:
    """Return what a job's row says of where it stands."""
    from faceswap_desktop.ui.gallery.job_model import JobRole

    return str(shown.page.jobs.index(shown.job_ids.index(job.id)).data(JobRole.STATE_TEXT))
