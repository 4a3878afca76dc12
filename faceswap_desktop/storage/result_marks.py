"""How results were marked, and where copies of them went."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace

from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.job import JobResult, ResultId
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.provenance import ResultMark
from faceswap_desktop.storage.codecs import path_out
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.result_rows import note_copy, parts, select_ids, write_mark


class ResultMarks:
    """Marks and copies of results. Every method is one transaction; errors of the disk are ``StorageError``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def put(self, result_id: ResultId, mark: ResultMark, size_bytes: int, digest: str) -> JobResult:
        """Note that a result's file is another now, because it was marked or signed; all of it or nothing.

        Args:
            result_id: Which.
            mark: How it is marked now.
            size_bytes: Length of its file.
            digest: SHA-256 of its file, hexadecimal.

        Raises:
            UsageError: There is no such result (kind ``no-such-result``).
        """

        def write(connection: sqlite3.Connection) -> JobResult:
            found = select_ids(connection, [result_id])
            if not found:
                raise UsageError(message("There is no result {result}.", result=result_id), kind="no-such-result")
            connection.execute("UPDATE results SET size_bytes = ? WHERE id = ?", (size_bytes, result_id))
            connection.execute(
                "UPDATE result_details SET digest = ? WHERE seq = (SELECT seq FROM results WHERE id = ?)",
                (digest, result_id),
            )
            write_mark(connection, result_id, mark)
            return replace(found[0], size_bytes=size_bytes, digest=digest, mark=mark)

        return await self._db.write(write)

    async def unsigned(self) -> list[ResultId]:
        """Return the results that are marked and still to be signed, oldest first."""

        def read(connection: sqlite3.Connection) -> list[ResultId]:
            rows = connection.execute(
                "SELECT id FROM result_marks JOIN results ON result = id "
                "WHERE signer IS NULL AND deleted_at = 0 ORDER BY seq"
            )
            return [ResultId(row[0]) for row in rows]

        return await self._db.read(read)

    async def hashes(self) -> tuple[tuple[ResultId, bytes], ...]:
        """Return the perceptual hashes of every result that has some and is not deleted."""

        def read(connection: sqlite3.Connection) -> tuple[tuple[ResultId, bytes], ...]:
            rows = connection.execute(
                "SELECT id, marks FROM result_marks JOIN results ON result = id "
                "WHERE length(marks) > 0 AND deleted_at = 0 ORDER BY seq DESC"
            )
            return tuple((ResultId(row[0]), bytes(row[1])) for row in rows)

        return await self._db.read(read)

    async def digests(self, size_bytes: int) -> dict[str, ResultId]:
        """Return SHA-256 and id of every result whose file has this length and is not deleted; mostly none or one."""

        def read(connection: sqlite3.Connection) -> dict[str, ResultId]:
            rows = connection.execute(
                "SELECT digest, id FROM results INDEXED BY results_by_size JOIN result_details USING (seq) "
                "WHERE size_bytes = ? AND deleted_at = 0 AND digest != '' ORDER BY seq",
                (size_bytes,),
            )
            return {digest: ResultId(result) for digest, result in rows}

        return await self._db.read(read)

    async def add_copy(self, result_id: ResultId, path: str, made_at: float) -> None:
        """Remember that a copy of a result was made; that one is gone meanwhile is no error.

        Args:
            result_id: Of which.
            path: Where it went.
            made_at: Seconds since the epoch.
        """
        await self._db.write(lambda connection: note_copy(connection, result_id, path, made_at))

    async def copies(self, ids: Iterable[ResultId]) -> dict[ResultId, tuple[str, ...]]:
        """Return where copies of results went, oldest first; they may have been moved or deleted since."""
        wanted = list(ids)

        def read(connection: sqlite3.Connection) -> dict[ResultId, tuple[str, ...]]:
            found: dict[ResultId, tuple[str, ...]] = {}
            for part in parts(wanted):
                places = ", ".join("?" * len(part))
                rows = connection.execute(
                    f"SELECT result, path FROM result_copies WHERE result IN ({places}) ORDER BY made_at, path",  # noqa: S608
                    tuple(part),
                )
                for result_id, path in rows:
                    found[ResultId(result_id)] = (*found.get(ResultId(result_id), ()), path_out(path))
            return found

        return await self._db.read(read)
