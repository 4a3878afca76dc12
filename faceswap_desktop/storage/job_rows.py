"""Jobs as rows: reading one, changing one by the rules. Used by the ledger and by the results, in one transaction."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from faceswap_desktop.domain.errors import UsageError, UserError
from faceswap_desktop.domain.job import FINAL_STATES, Hold, Job, JobId, JobState, ResultId, can_become
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe_json import recipe_from_json, recipe_to_json
from faceswap_desktop.storage.codecs import failure_from_json, failure_to_json, from_text, to_text

JOB_COLUMNS: Final = (
    "id, recipe, state, hold, cancel_requested, attempt, priority, progress, "
    "created_at, started_at, ended_at, retry_at, failure, result, step"
)
UNFINISHED: Final = tuple(state.value for state in JobState if state not in FINAL_STATES)
CHANGEABLE: Final = frozenset(
    {
        "hold",
        "cancel_requested",
        "attempt",
        "priority",
        "progress",
        "started_at",
        "ended_at",
        "retry_at",
        "failure",
        "result",
        "step",
    }
)
_STARTING_OVER: Final[Mapping[str, Any]] = {
    "progress": 0.0,
    "started_at": 0.0,
    "ended_at": 0.0,
    "failure": None,
    "result": None,
    "step": "",
}


class TransitionRefused(UserError):
    """The job was no longer in a state from which this can be done.

    Attributes:
        job: The job as it stands, or None after crossing a process border.
    """

    default_kind = "transition"
    job: Job | None = None

    @classmethod
    def of(cls, job: Job, wanted: JobState | str) -> TransitionRefused:
        """Make the error for one job."""
        refused = cls(
            message("Job {job} is {state} and cannot become {wanted}.", job=job.id, state=job.state, wanted=wanted)
        )
        refused.job = job
        return refused


def insert_job(connection: sqlite3.Connection, job: Job) -> None:
    """Add one job; its id must be new."""
    connection.execute(
        f"INSERT INTO jobs ({JOB_COLUMNS}, provider) VALUES ({', '.join('?' * 16)})",  # noqa: S608 - constants
        (
            job.id,
            to_text(recipe_to_json(job.recipe)),
            job.state.value,
            job.hold.value if job.hold else None,
            int(job.cancel_requested),
            job.attempt,
            job.priority,
            job.progress,
            job.created_at,
            job.started_at,
            job.ended_at,
            job.retry_at,
            to_text(failure_to_json(job.failure)) if job.failure else None,
            job.result,
            job.step,
            job.recipe.provider,
        ),
    )


def read_job(connection: sqlite3.Connection, job_id: JobId) -> Job:
    """Return one job.

    Raises:
        UsageError: There is none with that id (kind ``no-such-job``).
    """
    row = connection.execute(f"SELECT {JOB_COLUMNS} FROM jobs WHERE id = ?", (job_id,)).fetchone()  # noqa: S608
    if row is None:
        raise UsageError(message("There is no job {job}.", job=job_id), kind="no-such-job")
    return job_from_row(row)


def job_from_row(row: tuple[Any, ...]) -> Job:
    """Make a job from its ``JOB_COLUMNS``."""
    (job_id, recipe, state, hold, cancel_requested, attempt, priority, progress, *rest) = row
    created_at, started_at, ended_at, retry_at, failure, result, step = rest
    return Job(
        id=JobId(job_id),
        recipe=recipe_from_json(from_text(recipe)),
        state=JobState(state),
        hold=Hold(hold) if hold else None,
        cancel_requested=bool(cancel_requested),
        attempt=attempt,
        priority=priority,
        progress=progress,
        created_at=created_at,
        started_at=started_at,
        ended_at=ended_at,
        retry_at=retry_at,
        failure=failure_from_json(from_text(failure)) if failure else None,
        result=ResultId(result) if result else None,
        step=step,
    )


def update_job(connection: sqlite3.Connection, job_id: JobId, changes: Mapping[str, Any]) -> Job:
    """Set some columns of a job and return it as it then is.

    Raises:
        ValueError: A name is not one of ``CHANGEABLE`` or ``state``.
        UsageError: There is no such job.
    """
    unknown = set(changes) - CHANGEABLE - {"state"}
    if unknown:
        raise ValueError(f"not a changeable column of a job: {sorted(unknown)}")
    if changes:
        assignments = ", ".join(f"{name} = ?" for name in changes)
        values = [_column_value(name, value) for name, value in changes.items()]
        connection.execute(f"UPDATE jobs SET {assignments} WHERE id = ?", (*values, job_id))  # noqa: S608 - names checked
    return read_job(connection, job_id)


def move_job(
    connection: sqlite3.Connection,
    job_id: JobId,
    from_states: Collection[JobState],
    to: JobState,
    changes: Mapping[str, Any],
) -> Job:
    """Take a job from one state to another, within the transaction of the caller.

    A job that ends gets ``ended_at`` and loses hold and wish to cancel; one that is queued again starts afresh.

    Raises:
        TransitionRefused: It is in none of ``from_states``, or the rules do not allow the step.
        UsageError: There is no such job.
        ValueError: No state of ``from_states`` may be followed by ``to``.
    """
    if not any(can_become(state, to) for state in from_states):
        raise ValueError(f"no transition from {sorted(from_states)} to {to}")
    job = read_job(connection, job_id)
    if job.state not in from_states or not can_become(job.state, to):
        raise TransitionRefused.of(job, to)
    following: dict[str, Any] = {"state": to}
    if to is JobState.QUEUED:
        following |= _STARTING_OVER
    elif to.is_final:
        following |= {"ended_at": time.time(), "hold": None, "cancel_requested": False, "retry_at": 0.0}
    return update_job(connection, job_id, {**following, **changes})


def read_jobs(connection: sqlite3.Connection, tail: str, values: Iterable[Any]) -> list[Job]:
    """Return the jobs that a condition and an order of ours choose."""
    rows = connection.execute(f"SELECT {JOB_COLUMNS} FROM jobs {tail}", tuple(values)).fetchall()  # noqa: S608 - ours
    return [job_from_row(row) for row in rows]


def among(column: str, values: Iterable[str], *, negated: bool = False) -> tuple[str, tuple[str, ...]]:
    """Return the condition "is (not) one of", and its values; no values is none (or all)."""
    bound = tuple(values)
    return f"{column} {'NOT ' if negated else ''}IN ({', '.join('?' * len(bound))})", bound


def _column_value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name == "failure":
        return to_text(failure_to_json(value))
    if name in {"state", "hold"}:
        return value.value
    if name == "cancel_requested":
        return int(value)
    return value
