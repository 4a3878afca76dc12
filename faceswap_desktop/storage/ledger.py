"""The ledger: every job and where it stands. A change is on the disk before anybody acts on it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from faceswap_desktop.domain.faces import PhotoId
from faceswap_desktop.domain.job import FINAL_STATES, Hold, Job, JobId, JobState
from faceswap_desktop.storage.codecs import from_text, to_text
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.job_rows import (
    JOB_COLUMNS,
    TransitionRefused,
    insert_job,
    job_from_row,
    move_job,
    read_job,
    update_job,
)

__all__ = ["JobStep", "Ledger", "TransitionRefused"]

_UNFINISHED: Final = tuple(state.value for state in JobState if state not in FINAL_STATES)
_RETRYABLE: Final = (JobState.FAILED, JobState.CANCELLED)


JobList = list[Job]  # inside the class, `list` is the method


@dataclass(frozen=True, slots=True)
class JobStep:
    """One call that a job consists of.

    Attributes:
        name: What it is, as its provider names it.
        state: Where it stands; the provider's word, for example ``sent``.
        handle: Remote ids, chunk journal: what is needed to go on after a restart; plain JSON values.
        attempts: How often it was sent.
        charge: What it cost; plain JSON values.
    """

    name: str
    state: str = "waiting"
    handle: dict[str, Any] | None = None
    attempts: int = 0
    charge: dict[str, Any] | None = None


class Ledger:
    """Jobs in the database. Every method is one transaction; errors of the disk are ``StorageError``."""

    def __init__(self, db: Database) -> None:
        self._db = db

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
        where, values = ("true", ()) if states is None else _among("state", [state.value for state in states])
        return await self._select(
            f"WHERE {where} ORDER BY created_at DESC, seq DESC LIMIT ? OFFSET ?",
            (*values, -1 if limit is None else limit, offset),
        )

    async def unfinished(self) -> JobList:
        """Return every job that has not ended, in the order in which they are to run."""
        where, values = _among("state", _UNFINISHED)
        return await self._select(f"WHERE {where} ORDER BY priority, created_at, seq", values)

    async def on_hold(self, hold: Hold) -> JobList:
        """Return the jobs that wait for one thing, in the order in which they are to run."""
        where, values = _among("state", _UNFINISHED)
        return await self._select(
            f"WHERE {where} AND hold = ? ORDER BY priority, created_at, seq", (*values, hold.value)
        )

    async def transition(self, job_id: JobId, from_states: Collection[JobState], to: JobState, **changes: Any) -> Job:
        """Take a job to another state, if it is still where the caller believes.

        A job that ends gets ``ended_at`` and loses ``hold``, ``cancel_requested`` and ``retry_at``; one that becomes
        queued loses ``started_at``, ``progress``, ``step`` and ``failure``. ``changes`` win over that.

        Args:
            job_id: Which job.
            from_states: Where it may be now.
            to: Where it goes; not ``SUCCEEDED``, which is ``ResultStore.finish``.
            changes: Other fields of ``Job`` to set: ``hold``, ``attempt``, ``step``, ``failure`` …

        Returns:
            The job as committed.

        Raises:
            TransitionRefused: It is elsewhere; ``.job`` tells where.
            UsageError: There is no such job.
            ValueError: The rules never allow this step, or a field cannot be changed.
            StorageError: It could not be written.
        """
        if to is JobState.SUCCEEDED:
            raise ValueError("a job succeeds together with its result: ResultStore.finish")
        return await self._db.write(lambda connection: move_job(connection, job_id, from_states, to, changes))

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
            where, values = _among("id", priorities)
            return _read_jobs(connection, f"WHERE {where} ORDER BY priority, created_at, seq", values)

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
        where, values = _among("state", [JobState.QUEUED.value])
        without_jobs, jobs = _among("id", exclude, negated=True)
        without_providers, providers = _among("provider", exclude_providers, negated=True)
        found = await self._select(
            f"WHERE {where} AND hold IS NULL AND cancel_requested = 0 AND retry_at <= ? "
            f"AND {without_jobs} AND {without_providers} "
            "ORDER BY priority, created_at, seq LIMIT 1",
            (*values, time.time() if now is None else now, *jobs, *providers),
        )
        return found[0] if found else None

    async def next_retry_at(self, now: float | None = None) -> float | None:
        """Return when the next queued job waits to be tried again, or None if none does."""

        def read(connection: sqlite3.Connection) -> float | None:
            row = connection.execute(
                "SELECT min(retry_at) FROM jobs WHERE state = ? AND hold IS NULL AND retry_at > ?",
                (JobState.QUEUED.value, time.time() if now is None else now),
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
        new = [(job_id, place, *_step_values(step)) for place, step in enumerate(steps)]

        def write(connection: sqlite3.Connection) -> None:
            read_job(connection, job_id)
            connection.execute("DELETE FROM job_steps WHERE job = ?", (job_id,))
            connection.executemany("INSERT INTO job_steps VALUES (?, ?, ?, ?, ?, ?, ?)", new)

        await self._db.write(write)

    async def steps(self, job_id: JobId) -> tuple[JobStep, ...]:
        """Return the steps of a job in order; empty if none were set."""

        def read(connection: sqlite3.Connection) -> tuple[JobStep, ...]:
            rows = connection.execute(
                "SELECT name, state, handle, attempts, charge FROM job_steps WHERE job = ? ORDER BY position", (job_id,)
            ).fetchall()
            return tuple(
                JobStep(
                    name, state, from_text(handle) if handle else None, attempts, from_text(charge) if charge else None
                )
                for name, state, handle, attempts, charge in rows
            )

        return await self._db.read(read)

    async def data_version(self) -> int:
        """Return a number that changes when another process has committed something."""
        return await self._db.data_version()

    async def _select(self, tail: str, values: Iterable[Any]) -> JobList:
        bound = tuple(values)
        return await self._db.read(lambda connection: _read_jobs(connection, tail, bound))

    async def _change_unfinished(self, job_id: JobId, changes: Mapping[str, Any]) -> Job:
        def write(connection: sqlite3.Connection) -> Job:
            job = read_job(connection, job_id)
            return job if job.state.is_final else update_job(connection, job_id, changes)

        return await self._db.write(write)


def _read_jobs(connection: sqlite3.Connection, tail: str, values: Iterable[Any]) -> JobList:
    rows = connection.execute(f"SELECT {JOB_COLUMNS} FROM jobs {tail}", tuple(values)).fetchall()  # noqa: S608 - ours
    return [job_from_row(row) for row in rows]


def _among(column: str, values: Iterable[str], *, negated: bool = False) -> tuple[str, tuple[str, ...]]:
    """Return the condition "is (not) one of", and its values; no values is none (or all)."""
    bound = tuple(values)
    return f"{column} {'NOT ' if negated else ''}IN ({', '.join('?' * len(bound))})", bound


def _step_values(step: JobStep) -> tuple[str, str, str | None, int, str | None]:
    return (
        step.name,
        step.state,
        to_text(step.handle) if step.handle is not None else None,
        step.attempts,
        to_text(step.charge) if step.charge is not None else None,
    )
