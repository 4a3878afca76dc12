"""Jobs and results at services as pictures of the window show them, without anybody who works on them."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import time
from dataclasses import replace
from pathlib import Path

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.events import JobAdded, JobProgressed
from faceswap_desktop.domain.job import Failure, Hold, Job, JobId, JobResult, JobState, ResultId
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.work import Transfer
from faceswap_desktop.storage.charges import Booking, write_booking
from faceswap_desktop.storage.remote import RemoteResult, write_remote
from faceswap_desktop.storage.results import ResultStore

_MB = 1024**2
_UNKNOWN = Failure(
    "unconfirmed",
    message("AKOOL did not answer, so it cannot be told whether the job arrived; it may have been charged."),
    message("Look at your account there, then send it again or dismiss it."),
)


def tell_of_jobs(program: Program, recipe: Recipe) -> None:
    """Tell the window of jobs that stand at services in many ways; the ledger knows nothing of them."""
    now = time.time()
    jobs = [
        _job(recipe, "akool", 1, state=JobState.PREPARING),
        _job(recipe, "akool", 2, state=JobState.RUNNING),
        _job(recipe, "aifaceswap", 3, state=JobState.RUNNING),
        _job(recipe, "akool", 4, state=JobState.UNCONFIRMED, failure=_UNKNOWN),
        _job(recipe, "aigs", 5, hold=Hold.TERMS),
        _job(recipe, "akool", 6, hold=Hold.NETWORK, retry_at=now + 125),
    ]
    for job in jobs:
        program.bus.publish(JobAdded(job))
    program.bus.publish(
        JobProgressed(jobs[0].id, 0.32, "upload", transfer=Transfer(round(3.1 * _MB), round(9.8 * _MB)))
    )
    program.bus.publish(JobProgressed(jobs[1].id, 0.6, "process", 12.0))
    program.bus.publish(JobProgressed(jobs[2].id, 0.0, "deliver"))


async def add_rival(program: Program, result: JobResult, provider: str = "akool") -> JobResult:
    """Put a result of a provider beside one of the same, which it still keeps and has charged."""
    path = Path(result.path).with_stem(f"{Path(result.path).stem} ({provider})")
    await asyncio.to_thread(shutil.copyfile, result.path, path)
    made = replace(
        result,
        id=ResultId(f"of-{provider}"),
        job=JobId(f"job-{provider}"),
        path=str(path),
        recipe=replace(result.recipe, provider=provider),
        seconds=12.4,
        title=path.stem,
        created_at=result.created_at + 60,
    )
    await ResultStore(program.database).add(made)
    now = time.time()
    ids = {"id": "6593c94c0ef703e8c055e3c8", "job_id": "20240102082900592-5653", "trx_id": "74178dc5-199a-479a"}
    kept = RemoteResult(made.job, "swap", provider, {**ids, "remote_id": ids["id"]}, now, now + 6.5 * 86_400)
    line = Booking(made.job, "swap", 1, provider, 4.0, False, True, now)

    def write(connection: sqlite3.Connection) -> None:
        write_remote(connection, kept)
        write_booking(connection, line)

    await program.database.write(write)
    return made


def _job(recipe: Recipe, provider: str, number: int, **changes: object) -> Job:
    job = Job(JobId(f"cloud-{number}"), replace(recipe, provider=provider), priority=float(number), created_at=number)
    return replace(job, **changes)  # type: ignore[arg-type]
