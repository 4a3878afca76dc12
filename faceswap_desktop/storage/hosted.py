"""Files of ours that lie at a place on the internet: written down before they are put there, until they are deleted."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from faceswap_desktop.domain.job import FINAL_STATES, JobId
from faceswap_desktop.storage.database import Database

_COLUMNS: Final = "host, key, job, digest, state, made_at, expires_at"


class HostedState(StrEnum):
    """Where an object stands."""

    PLANNED = "planned"
    THERE = "there"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class HostedObject:
    """One object.

    Attributes:
        host: The place, without secrets: address of the service and bucket.
        key: How the place knows it.
        job: For which job.
        digest: Of the file that was put there.
        state: ``PLANNED`` before it is sent (it may be there all the same), ``THERE``, ``DELETED``.
        made_at: When it was planned, in seconds since the epoch.
        expires_at: Until when its address is valid.
    """

    host: str
    key: str
    job: JobId
    digest: str
    state: HostedState = HostedState.PLANNED
    made_at: float = 0.0
    expires_at: float = 0.0


class HostedStore:
    """Hosted objects in the database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def plan(self, host: str, key: str, job: JobId, digest: str) -> HostedObject:
        """Write down that an object is about to be sent.

        Raises:
            StorageError: It could not be written.
        """
        planned = HostedObject(host, key, job, digest, made_at=time.time())
        values = (host, key, job, digest, planned.state.value, planned.made_at, planned.expires_at)
        await self._db.write(
            lambda connection: connection.execute("INSERT INTO hosted_objects VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        )
        return planned

    async def placed(self, host: str, key: str, expires_at: float) -> None:
        """Write down that an object is there, and until when its address is valid (again, after a new address).

        Raises:
            StorageError: It could not be written.
        """
        await self._set("state = ?, expires_at = ?", (HostedState.THERE.value, expires_at), host, key)

    async def deleted(self, host: str, key: str) -> None:
        """Write down that an object is gone.

        Raises:
            StorageError: It could not be written.
        """
        await self._set("state = ?", (HostedState.DELETED.value,), host, key)

    async def find(self, host: str, job: JobId, digest: str) -> HostedObject | None:
        """Return the object that holds a file for a job at a place, or None; only one that is there."""
        found = await self._select(
            "host = ? AND job = ? AND digest = ? AND state = 'there' ORDER BY made_at DESC LIMIT 1", (host, job, digest)
        )
        return found[0] if found else None

    async def of_job(self, job: JobId) -> list[HostedObject]:
        """Return a job's objects that are or may be there."""
        return await self._select("job = ? AND state <> 'deleted' ORDER BY made_at, key", (job,))

    async def left_over(self) -> list[HostedObject]:
        """Return objects that are or may be there, and whose job has ended or is gone: they are to be deleted."""
        ended = ", ".join(f"'{state.value}'" for state in sorted(FINAL_STATES))
        unfinished = f"SELECT id FROM jobs WHERE state NOT IN ({ended})"  # noqa: S608 - constants
        return await self._select(f"state <> 'deleted' AND job NOT IN ({unfinished}) ORDER BY made_at, key", ())

    async def forget_deleted(self, before: float) -> int:
        """Drop the rows of deleted objects that were planned before a moment; returns how many went."""
        return await self._db.write(
            lambda connection: (
                connection.execute(
                    "DELETE FROM hosted_objects WHERE state = 'deleted' AND made_at < ?", (before,)
                ).rowcount
            )
        )

    async def _set(self, assignments: str, values: tuple[Any, ...], host: str, key: str) -> None:
        statement = f"UPDATE hosted_objects SET {assignments} WHERE host = ? AND key = ?"  # noqa: S608 - constants
        await self._db.write(lambda connection: connection.execute(statement, (*values, host, key)))

    async def _select(self, condition: str, values: Iterable[Any]) -> list[HostedObject]:
        bound = tuple(values)
        statement = f"SELECT {_COLUMNS} FROM hosted_objects WHERE {condition}"  # noqa: S608 - constants

        def read(connection: sqlite3.Connection) -> list[HostedObject]:
            return [
                HostedObject(host, key, JobId(job), digest, HostedState(state), made_at, expires_at)
                for host, key, job, digest, state, made_at, expires_at in connection.execute(statement, bound)
            ]

        return await self._db.read(read)
