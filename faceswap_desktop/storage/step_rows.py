"""The steps of jobs as rows. Used by the ledger, in the transaction of what they belong to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from faceswap_desktop.domain.job import JobId
from faceswap_desktop.storage.codecs import from_text, to_text


@dataclass(frozen=True, slots=True)
class JobStep:
    """One call that a job consists of.

    Attributes:
        name: What it is, as its provider names it.
        state: Where it stands, for example ``sent``.
        handle: Remote ids, chunk journal: what is needed to go on after a restart; plain JSON values.
        attempts: How often it was sent.
        charge: What it cost; plain JSON values.
    """

    name: str
    state: str = "waiting"
    handle: dict[str, Any] | None = None
    attempts: int = 0
    charge: dict[str, Any] | None = None


def read_steps(connection: sqlite3.Connection, job_id: JobId) -> tuple[JobStep, ...]:
    """Return the steps of a job in order; empty if none were set."""
    rows = connection.execute(
        "SELECT name, state, handle, attempts, charge FROM job_steps WHERE job = ? ORDER BY position", (job_id,)
    ).fetchall()
    return tuple(
        JobStep(name, state, from_text(handle) if handle else None, attempts, from_text(charge) if charge else None)
        for name, state, handle, attempts, charge in rows
    )


def write_steps(connection: sqlite3.Connection, job_id: JobId, steps: Iterable[JobStep]) -> None:
    """Replace the steps of a job."""
    connection.execute("DELETE FROM job_steps WHERE job = ?", (job_id,))
    connection.executemany(
        "INSERT INTO job_steps VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(job_id, place, *_values(step)) for place, step in enumerate(steps)],
    )


def _values(step: JobStep) -> tuple[str, str, str | None, int, str | None]:
    return (
        step.name,
        step.state,
        to_text(step.handle) if step.handle is not None else None,
        step.attempts,
        to_text(step.charge) if step.charge is not None else None,
    )
