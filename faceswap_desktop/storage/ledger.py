"""The ledger: every job and where it stands. A change is on the disk before anybody acts on it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from faceswap_desktop.domain.faces import PhotoId
from faceswap_desktop.domain.job import Hold, Job, JobId, JobState
from faceswap_desktop.storage.charges import Booking, Charges, TakenBack, write_booking
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.job_holds import Holds
from faceswap_desktop.storage.job_rows import (
    UNFINISHED,
    TransitionRefused,
    among,
    insert_job,
    move_job,
    read_job,
    read_jobs,
    update_job,
)
from faceswap_desktop.storage.remote import RemoteResult, RemoteStore, write_remote
from faceswap_desktop.storage.step_rows import JobStep, read_steps, write_steps

__all__ = ["Along", "JobStep", "Ledger", "TransitionRefused"]

_RETRYABLE: Final = (JobState.FAILED, JobState.CANCELLED)


JobList = list[Job]  # inside the class, `list` is the method


@dataclass(frozen=True, slots=True)
class Along:
    """What is committed together with a change of a job, all or none of it.

    Attributes:
        steps: The job's steps from now on; None to leave them.
        booking: A line of the book of charges.
        monthly_cap: A new booking that would bring its provider's month above it is refused; 0.0 for no cap.
        remote: What a call made.
    """

    steps: tuple[JobStep, ...] | None = None
    booking: Booking | TakenBack | None = None
    monthly_cap: float = 0.0
    remote: RemoteResult | None = None

    def write(self, connection: sqlite3.Connection, job_id: JobId) -> None:
        """Write it, within the transaction of the caller.

        Raises:
            OverBudget: The booking would exceed the cap.
        """
        if self.booking is not None:
            write_booking(connection, self.booking, self.monthly_cap)
        if self.steps is not None:
            write_steps(connection, job_id, self.steps)
        if self.remote is not None:
            write_remote(connection, self.remote)


class Ledger:
    """Jobs in the database. Every method is one transaction; errors of the disk are ``StorageError``.

    Attributes:
        charges: What they cost.
        remote: What they made at services.
        holds: What many of them wait for.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self.charges: Final = Charges(db)
        self.remote: Final = RemoteStore(db)
        self.holds: Final = Holds(db)

    async def add(self, job: Job) -> None:
        """Commit a new job.

        Raises:
            StorageError: It could not be written.
        """
        await self.add_many([job])

    async def add_many(self, jobs: Iterable[Job]) -> None:
        """Commit several new jobs, all or none.

        Raises:
            StorageError: They could not be written.
        """
        new = list(jobs)

        def write(connection: sqlite3.Connection) -> None:
            for job in new:
                insert_job(connection, job)

        await self._db.write(write)

    async def get(self, job_id: JobId) -> Job | None:
        """Return one job, or None."""
        found = await self._select("WHERE id = ?", (job_id,))
        return found[0] if found else None

    async def list(
        self, states: Collection[JobState] | None = None, limit: int | None = None, offset: int = 0
    ) -> JobList:
        """Return jobs, newest first.

        Args:
            states: Only these; None for all.
            limit: How many at most; None for all.
            offset: How many to pass over.
        """
        where, values = ("true", ()) if states is None else among("state", [state.value for state in states])
        return await self._select(
            f"WHERE {where} ORDER BY created_at DESC, seq DESC LIMIT ? OFFSET ?",
            (*values, -1 if limit is None else limit, offset),
        )

    async def unfinished(self) -> JobList:
        """Return every job that has not ended, in the order in which they are to run."""
        where, values = among("state", UNFINISHED)
        return await self._select(f"WHERE {where} ORDER BY priority, created_at, seq", values)

    async def on_hold(self, hold: Hold) -> JobList:
        """Return the jobs that wait for one thing, in the order in which they are to run."""
        where, values = among("state", UNFINISHED)
        return await self._select(
            f"WHERE {where} AND hold = ? ORDER BY priority, created_at, seq", (*values, hold.value)
        )

    async def transition(
        self,
        job_id: JobId,
        from_states: Collection[JobState],
        to: JobState,
        *,
        along: Along | None = None,
        **changes: Any,
    ) -> Job:
        """Take a job to another state, if it is still where the caller believes.

        A job that ends gets ``ended_at`` and loses ``hold``, ``cancel_requested`` and ``retry_at``; one that becomes
        queued loses ``started_at``, ``progress``, ``step`` and ``failure``. ``changes`` win over that.

        Args:
            job_id: Which job.
            from_states: Where it may be now.
            to: Where it goes; not ``SUCCEEDED``, which is ``ResultStore.finish``.
            along: What is committed together with it.
            changes: Other fields of ``Job`` to set: ``hold``, ``attempt``, ``step``, ``failure`` …

        Returns:
            The job as committed.

        Raises:
            TransitionRefused: It is elsewhere; ``.job`` tells where.
            UsageError: There is no such job.
            OverBudget: The booking of ``along`` would exceed its cap.
            ValueError: The rules never allow this step, or a field cannot be changed.
            StorageError: It could not be written.
        """
        if to is JobState.SUCCEEDED:
            raise ValueError("a job succeeds together with its result: ResultStore.finish")

        def write(connection: sqlite3.Connection) -> Job:
            job = move_job(connection, job_id, from_states, to, changes)
            if along is not None:
                along.write(connection, job_id)
            return job

        return await self._db.write(write)

    async def set_hold(self, job_id: JobId, hold: Hold | None) -> Job:
        """Put a job on hold, or take the hold away; a job that has ended stays as it is.

        Raises:
            UsageError: There is no such job.
        """
        return await self._change_unfinished(job_id, {"hold": hold})

    async def request_cancel(self, job_id: JobId) -> Job:
        """Write down that the user wants a job cancelled; a job that has ended stays as it is.

        Raises:
            UsageError: There is no such job.
        """
        return await self._change_unfinished(job_id, {"cancel_requested": True})

    async def resume(self, job_id: JobId) -> Job:
        """Take the hold away, and the time at which it would be tried again; a job that has ended stays as it is.

        Raises:
            UsageError: There is no such job.
        """

        def write(connection: sqlite3.Connection) -> Job:
            job = read_job(connection, job_id)
            # Why it waited is no failure of the next try.
            why = {"failure": None} if job.state is JobState.QUEUED else {}
            return job if job.state.is_final else update_job(connection, job_id, {"hold": None, "retry_at": 0.0, **why})

        return await self._db.write(write)

    async def set_retry_at(self, job_id: JobId, when: float) -> Job:
        """Write down when a job is tried again by itself (seconds since the epoch; 0.0 for at once).

        Raises:
            UsageError: There is no such job.
        """
        return await self._change_unfinished(job_id, {"retry_at": when})

    async def set_priority(self, priorities: Mapping[JobId, float]) -> JobList:
        """Reorder jobs; lower runs first. Returns those that there are, as they then stand."""

        def write(connection: sqlite3.Connection) -> JobList:
            connection.executemany(
                "UPDATE jobs SET priority = ? WHERE id = ?", [(to, job) for job, to in priorities.items()]
            )
            where, values = among("id", priorities)
            return read_jobs(connection, f"WHERE {where} ORDER BY priority, created_at, seq", values)

        return await self._db.write(write)

    async def next_queued(
        self, exclude: Collection[JobId] = (), *, exclude_providers: Collection[str] = (), now: float | None = None
    ) -> Job | None:
        """Return the job whose turn it is, or None.

        Jobs on hold, with a wish to cancel, or with ``retry_at`` in the future are passed over.

        Args:
            exclude: Jobs that are being started already.
            exclude_providers: Providers with no free place.
            now: Seconds since the epoch; None for the clock.
        """
        where, values = among("state", [JobState.QUEUED.value])
        without_jobs, jobs = among("id", exclude, negated=True)
        without_providers, providers = among("provider", exclude_providers, negated=True)
        found = await self._select(
            f"WHERE {where} AND hold IS NULL AND cancel_requested = 0 AND retry_at <= ? "
            f"AND {without_jobs} AND {without_providers} "
            "ORDER BY priority, created_at, seq LIMIT 1",
            (*values, time.time() if now is None else now, *jobs, *providers),
        )
        return found[0] if found else None

    async def next_retry_at(self, now: float | None = None) -> float | None:
        """Return when the next job is to be tried again by itself, or None if none is.

        It is queued, or without network or signer.
        """

        def read(connection: sqlite3.Connection) -> float | None:
            row = connection.execute(
                "SELECT min(retry_at) FROM jobs WHERE retry_at > 0 "
                "AND ((state = ? AND hold IS NULL AND retry_at > ?) OR hold IN (?, ?))",
                (JobState.QUEUED.value, time.time() if now is None else now, Hold.NETWORK.value, Hold.SIGNER.value),
            ).fetchone()
            return None if row[0] is None else float(row[0])

        return await self._db.read(read)

    async def delete(self, job_id: JobId) -> Job:
        """Drop the row of a job that has ended, and return it; its result stays.

        Raises:
            TransitionRefused: It has not ended.
            UsageError: There is no such job.
        """

        def write(connection: sqlite3.Connection) -> Job:
            job = read_job(connection, job_id)
            if not job.state.is_final:
                raise TransitionRefused.of(job, "deleted")
            connection.execute("DELETE FROM jobs WHERE id = ?", (job_id,))
            return job

        return await self._db.write(write)

    async def reset_failed(self, job_id: JobId) -> Job:
        """Queue a failed or cancelled job again; ``attempt`` and ``priority`` stay.

        Raises:
            TransitionRefused: It neither failed nor was cancelled.
            UsageError: There is no such job.
        """
        changes = {"hold": None, "cancel_requested": False, "retry_at": 0.0}
        return await self._db.write(
            lambda connection: move_job(connection, job_id, _RETRYABLE, JobState.QUEUED, changes)
        )

    async def counts(self) -> dict[JobState, int]:
        """Return how many jobs are in each state; states without jobs are 0."""

        def read(connection: sqlite3.Connection) -> dict[JobState, int]:
            rows = connection.execute("SELECT state, count(*) FROM jobs GROUP BY state").fetchall()
            return dict.fromkeys(JobState, 0) | {JobState(state): count for state, count in rows}

        return await self._db.read(read)

    async def photos_in_use(self) -> set[PhotoId]:
        """Return the source photos that unfinished jobs still need."""
        jobs = await self.unfinished()
        return {photo for job in jobs for pairing in job.recipe.pairings for photo in pairing.source.photos}

    async def set_steps(self, job_id: JobId, steps: Iterable[JobStep]) -> None:
        """Replace the steps of a job.

        Raises:
            UsageError: There is no such job.
        """
        new = tuple(steps)

        def write(connection: sqlite3.Connection) -> None:
            read_job(connection, job_id)
            write_steps(connection, job_id, new)

        await self._db.write(write)

    async def steps(self, job_id: JobId) -> tuple[JobStep, ...]:
        """Return the steps of a job in order; empty if none were set."""
        return await self._db.read(lambda connection: read_steps(connection, job_id))

    async def last_priority(self) -> float | None:
        """Return the priority of the unfinished job that runs last, or None if there is none."""
        where, values = among("state", UNFINISHED)

        def read(connection: sqlite3.Connection) -> float | None:
            row = connection.execute(f"SELECT max(priority) FROM jobs WHERE {where}", values).fetchone()  # noqa: S608
            return None if row[0] is None else float(row[0])

        return await self._db.read(read)

    async def data_version(self) -> int:
        """Return a number that changes when another process has committed something."""
        return await self._db.data_version()

    async def _select(self, tail: str, values: Iterable[Any]) -> JobList:
        bound = tuple(values)
        return await self._db.read(lambda connection: read_jobs(connection, tail, bound))

    async def _change_unfinished(self, job_id: JobId, changes: Mapping[str, Any]) -> Job:
        def write(connection: sqlite3.Connection) -> Job:
            job = read_job(connection, job_id)
            return job if job.state.is_final else update_job(connection, job_id, changes)

        return await self._db.write(write)
