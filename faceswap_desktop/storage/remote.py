"""What services made for us and still keep: needed to delete it there, to say until when it lies there, for support."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from faceswap_desktop.domain.job import JobId, JobState
from faceswap_desktop.storage.codecs import from_text, to_text
from faceswap_desktop.storage.database import Database

_COLUMNS: Final = "job, step, provider, handle, made_at, expires_at, deleted_at"


@dataclass(frozen=True, slots=True)
class RemoteResult:
    """What one call made.

    Attributes:
        job, step: Which call.
        provider: Id of who keeps it.
        values: Of the call's handle.
        made_at: When it was known to be ready, in seconds since the epoch.
        expires_at: When the provider deletes it by itself; 0.0 for never, or where that is not known.
        deleted_at: When it was deleted there at the user's wish, or 0.0.
    """

    job: JobId
    step: str
    provider: str
    values: Mapping[str, str] = field(default_factory=dict)
    made_at: float = 0.0
    expires_at: float = 0.0
    deleted_at: float = 0.0

    def is_there(self, now: float | None = None) -> bool:
        """Say whether the provider should still have it."""
        moment = time.time() if now is None else now
        return not self.deleted_at and (not self.expires_at or self.expires_at > moment)


class RemoteStore:
    """Remote results in the database; they are written together with the step that they belong to."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def of_job(self, job: JobId) -> list[RemoteResult]:
        """Return what a job's calls made, in the order in which they were done."""
        return await self._select("job = ? ORDER BY made_at, step", (job,))

    async def there(self, provider: str | None = None, now: float | None = None) -> list[RemoteResult]:
        """Return what providers, or one, should still have; what expires soonest comes first."""
        moment = time.time() if now is None else now
        where, values = ("", ()) if provider is None else ("provider = ? AND ", (provider,))
        return await self._select(
            f"{where}deleted_at = 0 AND (expires_at = 0 OR expires_at > ?) "
            "ORDER BY expires_at = 0, expires_at, made_at",
            (*values, moment),
        )

    async def mark_deleted(self, results: Iterable[RemoteResult], when: float | None = None) -> None:
        """Write down that results were deleted at their provider.

        Raises:
            StorageError: It could not be written.
        """
        moment = time.time() if when is None else when
        rows = [(moment, one.job, one.step) for one in results]
        await self._db.write(
            lambda connection: connection.executemany(
                "UPDATE remote_results SET deleted_at = ? WHERE job = ? AND step = ?", rows
            )
        )

    async def fetching_order(self) -> list[JobId]:
        """Return the jobs whose results are still to be fetched; what expires soonest comes first."""

        def read(connection: sqlite3.Connection) -> list[JobId]:
            rows = connection.execute(
                "SELECT job, min(nullif(expires_at, 0)) AS first FROM remote_results "
                "JOIN jobs ON jobs.id = remote_results.job AND jobs.state = ? "
                "GROUP BY job ORDER BY first IS NULL, first",
                (JobState.FETCHING.value,),
            )
            return [JobId(job) for job, _ in rows]

        return await self._db.read(read)

    async def _select(self, condition: str, values: Iterable[Any]) -> list[RemoteResult]:
        bound = tuple(values)
        statement = f"SELECT {_COLUMNS} FROM remote_results WHERE {condition}"  # noqa: S608 - constants

        def read(connection: sqlite3.Connection) -> list[RemoteResult]:
            return [
                RemoteResult(JobId(job), step, provider, from_text(handle), made_at, expires_at, deleted_at)
                for job, step, provider, handle, made_at, expires_at, deleted_at in connection.execute(statement, bound)
            ]

        return await self._db.read(read)


def write_remote(connection: sqlite3.Connection, result: RemoteResult) -> None:
    """Write what a call made, in place of what it made before, within the transaction of the caller."""
    connection.execute(
        "INSERT OR REPLACE INTO remote_results VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            result.job,
            result.step,
            result.provider,
            to_text(dict(result.values)),
            result.made_at or time.time(),
            result.expires_at,
            result.deleted_at,
        ),
    )
