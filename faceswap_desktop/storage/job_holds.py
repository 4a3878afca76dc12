"""What many jobs wait for at once: set and taken away in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any, Final

from faceswap_desktop.domain.job import Failure, Hold, Job, JobId, JobState
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.job_rows import UNFINISHED, among, read_job, read_jobs, update_job

_SENT: Final = ("sent", "accepted", "done", "unconfirmed")
"""States of a step in which a provider has, or may have, something of a job."""


_LAST_STEP: Final = "finish"
"""The row that says where a job's file goes."""


class Holds:
    """Holds of the ledger's jobs. Every method is one transaction; errors of the disk are ``StorageError``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def wait_until(self, job_id: JobId, hold: Hold, when: float, failure: Failure | None = None) -> Job:
        """Put a job on hold until a moment (seconds since the epoch; 0.0 for until somebody lets it go on).

        Another hold stays, the user's above all.

        Args:
            job_id: Which.
            hold: For what it waits.
            when: Until then.
            failure: Why, where there is more to say than the hold does.

        Raises:
            UsageError: There is no such job.
        """

        def write(connection: sqlite3.Connection) -> Job:
            job = read_job(connection, job_id)
            if job.state.is_final or job.hold not in {None, hold}:
                return job
            why = {"failure": failure} if failure is not None else {}
            return update_job(connection, job_id, {"hold": hold, "retry_at": when, **why})

        return await self._db.write(write)

    async def untouched(self, provider: str) -> list[Job]:
        """Return a provider's queued jobs that are not on hold and of which nothing was sent yet."""
        sent, states = among("state", _SENT)
        tail = (
            "WHERE state = ? AND hold IS NULL AND provider = ? "  # noqa: S608 - constants
            f"AND id NOT IN (SELECT job FROM job_steps WHERE {sent}) ORDER BY priority, created_at, seq"
        )
        bound = (JobState.QUEUED.value, provider, *states)
        return await self._db.read(lambda connection: read_jobs(connection, tail, bound))

    async def hold_queued(self, job_ids: Iterable[JobId], hold: Hold) -> list[Job]:
        """Put those jobs on hold that are still queued and not yet held; returns them."""
        chosen = [(hold.value, job_id, JobState.QUEUED.value) for job_id in job_ids]

        def write(connection: sqlite3.Connection) -> list[Job]:
            held = [
                row[1]
                for row in chosen
                if connection.execute(
                    "UPDATE jobs SET hold = ? WHERE id = ? AND state = ? AND hold IS NULL", row
                ).rowcount
            ]
            return [read_job(connection, JobId(job_id)) for job_id in held]

        return await self._db.write(write)

    async def release(self, hold: Hold, provider: str | None = None, *, due: float | None = None) -> list[Job]:
        """Let jobs go on that wait for one thing, and return them.

        Args:
            hold: What they wait for.
            provider: Only this one's; None for all.
            due: Only those whose ``retry_at`` is set and not after this moment; None for all.
        """
        where, values = among("state", UNFINISHED)
        condition, bound = f"{where} AND hold = ?", [*values, hold.value]
        if provider is not None:
            condition, bound = f"{condition} AND provider = ?", [*bound, provider]
        due_values: tuple[float, ...] = ()
        if due is not None:
            condition, due_values = f"{condition} AND retry_at > 0 AND retry_at <= ?", (due,)

        def write(connection: sqlite3.Connection) -> list[Job]:
            rows = connection.execute(
                f"SELECT id FROM jobs WHERE {condition} ORDER BY priority, created_at, seq",  # noqa: S608 - ours
                (*bound, *due_values),
            ).fetchall()
            free: dict[str, Any] = {"hold": None, "retry_at": 0.0}
            if hold is Hold.CONSENT:
                free["failure"] = None
            return [update_job(connection, JobId(row[0]), free) for row in rows]

        return await self._db.write(write)

    async def sign_later(self, job_id: JobId, state: str) -> Job:
        """Let a job go on that waits for its signer, without it.

        Args:
            job_id: Which; one that waits for something else stays as it is.
            state: What its last row is to say.

        Raises:
            UsageError: There is no such job.
        """

        def write(connection: sqlite3.Connection) -> Job:
            job = read_job(connection, job_id)
            if job.state is not JobState.FINISHING or job.hold is not Hold.SIGNER:
                return job
            connection.execute("UPDATE job_steps SET state = ? WHERE job = ? AND name = ?", (state, job_id, _LAST_STEP))
            return update_job(connection, job_id, {"hold": None, "retry_at": 0.0, "failure": None})

        return await self._db.write(write)
