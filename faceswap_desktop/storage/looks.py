"""What was seen in pictures and videos, so that nothing is looked at twice; and what was refused."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Sequence
from typing import Any, Final

from faceswap_desktop.domain.sensitive import CHECKER, RefusedMedia, Role, Sighting, Verdict
from faceswap_desktop.storage.codecs import from_text, path_in, path_out, to_text
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.failures import shown_text

_MOST_REFUSALS: Final = 500


class LookStore:
    """Verdicts by the quick digest of the file. What another checker said counts for nothing."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def get(self, digest: str) -> Verdict | None:
        """Return what was seen in a file, or None if nobody has looked yet."""

        def read(connection: sqlite3.Connection) -> Verdict | None:
            row = connection.execute(
                "SELECT sightings FROM looks WHERE digest = ? AND checker = ?", (digest, CHECKER)
            ).fetchone()
            return Verdict(digest, _sightings_in(row[0])) if row else None

        return await self._db.read(read)

    async def put(self, verdict: Verdict) -> None:
        """Keep what was seen.

        Raises:
            StorageError: It could not be written.
        """
        row = (verdict.digest, CHECKER, _written(verdict.sightings), time.time())
        await self._db.write(lambda connection: connection.execute("REPLACE INTO looks VALUES (?, ?, ?, ?)", row))

    async def forget(self, digests: Iterable[str]) -> None:
        """Forget what was seen in files."""
        rows = [(one,) for one in digests]
        await self._db.write(lambda connection: connection.executemany("DELETE FROM looks WHERE digest = ?", rows))


class RefusalStore:
    """What was refused, newest first; the oldest of many go."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, refused: RefusedMedia) -> None:
        """Write down that something was refused; the same file for the same job once.

        Raises:
            StorageError: It could not be written.
        """

        def write(connection: sqlite3.Connection) -> None:
            path = path_in(refused.path)
            connection.execute("DELETE FROM refusals WHERE job = ? AND path = ?", (refused.job, path))
            connection.execute(
                "INSERT INTO refusals (job, role, path, name, sightings, at) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    refused.job,
                    refused.role.value,
                    path,
                    shown_text(refused.name),
                    _written(refused.sightings),
                    refused.at or time.time(),
                ),
            )
            connection.execute(
                "DELETE FROM refusals WHERE seq NOT IN (SELECT seq FROM refusals ORDER BY seq DESC LIMIT ?)",
                (_MOST_REFUSALS,),
            )

        await self._db.write(write)

    async def of_job(self, job: str) -> list[RefusedMedia]:
        """Return what was refused of a job."""
        return await self._db.read(lambda connection: _refusals(connection, "WHERE job = ? ORDER BY seq", (job,)))

    async def newest(self, limit: int) -> list[RefusedMedia]:
        """Return what was refused lately."""
        return await self._db.read(lambda connection: _refusals(connection, "ORDER BY seq DESC LIMIT ?", (limit,)))

    async def forget_paths(self, paths: Iterable[str]) -> None:
        """Forget that files were refused."""
        rows = [(path_in(path),) for path in paths]
        await self._db.write(lambda connection: connection.executemany("DELETE FROM refusals WHERE path = ?", rows))


def _refusals(connection: sqlite3.Connection, tail: str, values: Sequence[Any]) -> list[RefusedMedia]:
    rows = connection.execute(f"SELECT role, path, name, sightings, at, job FROM refusals {tail}", tuple(values))  # noqa: S608
    return [
        RefusedMedia(Role(role), path_out(path), name, _sightings_in(sightings), at, job)
        for role, path, name, sightings, at, job in rows
    ]


def _written(sightings: Iterable[Sighting]) -> str:
    return to_text([[one.score, one.looks_young, one.frame, one.seconds] for one in sightings])


def _sightings_in(text: str) -> tuple[Sighting, ...]:
    return tuple(Sighting(score, bool(young), frame, seconds) for score, young, frame, seconds in from_text(text))
