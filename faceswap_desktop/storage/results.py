"""Results: what jobs made, searched and sorted quickly even when there are a hundred thousand."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final, cast

from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.gallery import GalleryQuery, GallerySort
from faceswap_desktop.domain.job import Job, JobId, JobResult, JobState, ResultId
from faceswap_desktop.domain.messages import message
from faceswap_desktop.storage.codecs import path_in
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.failures import shown_text
from faceswap_desktop.storage.job_rows import TransitionRefused, read_job, update_job
from faceswap_desktop.storage.names import search_words
from faceswap_desktop.storage.result_marks import ResultMarks
from faceswap_desktop.storage.result_rows import (
    COLUMNS,
    FROM,
    format_of,
    from_row,
    insert_result,
    note_copy,
    parts,
    search_text,
    select_ids,
    sort_name,
    write_mark,
)

_ORDERS: Final = {
    GallerySort.NEWEST: ("results_by_age", "created_at DESC, seq DESC"),
    GallerySort.OLDEST: ("results_by_age", "created_at, seq"),
    GallerySort.NAME: ("results_by_name", "sort_name, seq DESC"),
    GallerySort.SIZE: ("results_by_size", "size_bytes DESC, seq DESC"),
    GallerySort.SIMILARITY: ("results_by_similarity", "similarity DESC, seq DESC"),
}
"""The index that has the order already, and the order."""


class ResultStore:
    """Results in the database. Every method is one transaction; errors of the disk are ``StorageError``.

    Attributes:
        marks: How they were marked, and where copies of them went.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self.marks = ResultMarks(db)

    async def add(self, result: JobResult) -> None:
        """Add a result that no job of the ledger made.

        Raises:
            StorageError: It could not be written.
        """
        await self._db.write(lambda connection: insert_result(connection, result))

    async def finish(self, job_id: JobId, result: JobResult, copy: str = "") -> Job:
        """Add a job's result and take the job from ``FINISHING`` to ``SUCCEEDED``, both or neither.

        Doing it again with the same result changes nothing, so that it can be repeated after a crash.

        Args:
            job_id: Whose.
            result: What it made.
            copy: Path of a copy that was made of it; empty for none.

        Returns:
            The job as committed.

        Raises:
            TransitionRefused: The job is not ``FINISHING`` (nor finished with this result).
            UsageError: There is no such job.
            ValueError: The result names another job.
            StorageError: It could not be written.
        """
        if result.job != job_id:
            raise ValueError(f"result of {result.job} cannot finish {job_id}")

        def write(connection: sqlite3.Connection) -> Job:
            job = read_job(connection, job_id)
            if job.state is JobState.SUCCEEDED and job.result == result.id:
                return job
            if job.state is not JobState.FINISHING:
                raise TransitionRefused.of(job, JobState.SUCCEEDED)
            insert_result(connection, result)
            if copy:
                note_copy(connection, result.id, copy, result.created_at)
            changes = {
                "state": JobState.SUCCEEDED,
                "result": result.id,
                "progress": 1.0,
                "ended_at": result.created_at,
                "hold": None,
                "failure": None,
                "cancel_requested": False,
                "retry_at": 0.0,
            }
            return update_job(connection, job_id, changes)

        return await self._db.write(write)

    async def get(self, ids: Iterable[ResultId]) -> list[JobResult]:
        """Return results in the order asked for; those that are gone are left out."""
        wanted = list(ids)

        def read(connection: sqlite3.Connection) -> list[JobResult]:
            found = {result.id: result for part in parts(wanted) for result in select_ids(connection, part)}
            return [found[result_id] for result_id in wanted if result_id in found]

        return await self._db.read(read)

    async def of_job(self, job_id: JobId) -> JobResult | None:
        """Return the result of a job, deleted or not, or None."""

        def read(connection: sqlite3.Connection) -> JobResult | None:
            row = connection.execute(f"SELECT {COLUMNS} FROM {FROM} WHERE job = ?", (job_id,)).fetchone()  # noqa: S608
            return from_row(row) if row else None

        return await self._db.read(read)

    async def query(self, query: GalleryQuery, limit: int | None = None) -> list[ResultId]:
        """Return the ids of all results that match, in order; 100,000 take less than a tenth of a second.

        Args:
            query: Which, in which order.
            limit: How many at most, from the start; None for all.
        """
        statement, values = _id_statement(query, limit)

        def read(connection: sqlite3.Connection) -> list[ResultId]:
            # One long text instead of a row each: SQLite puts it together without holding Python's lock,
            # so that the window's thread goes on meanwhile.
            joined = connection.execute(statement, values).fetchone()[0]
            return cast("list[ResultId]", joined.split("\n")) if joined else []

        return await self._db.read(read)

    async def count(self, query: GalleryQuery) -> int:
        """Return how many results match."""
        simple, values = _simple_conditions(query)
        deep, deep_values = _deep_conditions(query)
        statement = f"SELECT count(*) FROM results WHERE {_all_of([*simple, *deep])}"  # noqa: S608 - constants

        def read(connection: sqlite3.Connection) -> int:
            return int(connection.execute(statement, [*values, *deep_values]).fetchone()[0])

        return await self._db.read(read)

    async def update(
        self,
        result_id: ResultId,
        *,
        title: str | None = None,
        is_favourite: bool | None = None,
        path: str | None = None,
        sidecar: str | None = None,
    ) -> JobResult:
        """Change what is given and return the result as it then is.

        Args:
            result_id: Which.
            title: What the gallery shows; None for no change, as with the others.
            is_favourite: Marked by the user.
            path: Where its file lies.
            sidecar: Where the file with its credentials lies now; nothing changes for a result without marks.

        Raises:
            UsageError: There is no such result (kind ``no-such-result``).
        """

        def write(connection: sqlite3.Connection) -> JobResult:
            found = select_ids(connection, [result_id])
            if not found:
                raise UsageError(message("There is no result {result}.", result=result_id), kind="no-such-result")
            old = found[0]
            new = replace(
                old,
                title=old.title if title is None else title,
                is_favourite=old.is_favourite if is_favourite is None else is_favourite,
                path=old.path if path is None else path,
                mark=old.mark if sidecar is None or old.mark is None else replace(old.mark, sidecar=sidecar),
            )
            if new.mark is not None and new.mark != old.mark:
                write_mark(connection, result_id, new.mark)
            connection.execute(
                "UPDATE results SET is_favourite = ?, format = ?, sort_name = ?, search_text = ? WHERE id = ?",
                (int(new.is_favourite), format_of(new.path), sort_name(new), search_text(new), result_id),
            )
            connection.execute(
                "UPDATE result_details SET path = ?, title = ? WHERE seq = (SELECT seq FROM results WHERE id = ?)",
                (path_in(new.path), shown_text(new.title), result_id),
            )
            return new

        return await self._db.write(write)

    async def set_favourite(self, ids: Iterable[ResultId], is_favourite: bool) -> None:
        """Mark many results, or take the mark away; those that are gone are passed over."""
        rows = [(int(is_favourite), one) for one in ids]
        await self._for_each("UPDATE results SET is_favourite = ? WHERE id = ?", rows)

    async def mark_deleted(self, ids: Iterable[ResultId], when: float) -> None:
        """Take results out of the gallery; ``restore`` brings them back.

        Args:
            ids: Which; those that are gone are passed over.
            when: Seconds since the epoch, not 0.
        """
        await self._for_each("UPDATE results SET deleted_at = ? WHERE id = ?", [(when, one) for one in ids])

    async def restore(self, ids: Iterable[ResultId]) -> None:
        """Undo ``mark_deleted``."""
        await self._for_each("UPDATE results SET deleted_at = 0 WHERE id = ?", [(one,) for one in ids])

    async def forget(self, ids: Iterable[ResultId]) -> None:
        """Drop the rows of results for good; files are not touched."""
        await self._for_each("DELETE FROM results WHERE id = ?", [(one,) for one in ids])

    async def deleted_before(self, when: float) -> list[ResultId]:
        """Return the results that were marked deleted at ``when`` or earlier."""

        def read(connection: sqlite3.Connection) -> list[ResultId]:
            rows = connection.execute(
                "SELECT id FROM results WHERE deleted_at > 0 AND deleted_at <= ? ORDER BY deleted_at, seq", (when,)
            )
            return [ResultId(row[0]) for row in rows]

        return await self._db.read(read)

    async def _for_each(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        def write(connection: sqlite3.Connection) -> None:
            connection.executemany(statement, rows)

        await self._db.write(write)


def _id_statement(query: GalleryQuery, limit: int | None = None) -> tuple[str, tuple[Any, ...]]:
    """Return the statement that gives all ids in one text, a line each.

    The order's index is walked and answers the simple filters too. What needs the table (words, a source face) is
    found by one reading of it beforehand; left to itself SQLite would look up or sort a hundred thousand rows.
    SQLite keeps the order of a subquery under ``group_concat``: it drops it only for count, min and max.
    """
    index, order = _ORDERS[query.sort]
    simple, values = _simple_conditions(query)
    deep, deep_values = _deep_conditions(query)
    if deep:
        matching = f"SELECT seq FROM results NOT INDEXED WHERE {_all_of([*simple, *deep])}"  # noqa: S608 - constants
        simple, values = [f"seq IN ({matching})"], [*values, *deep_values]
    ordered = f"SELECT id FROM results INDEXED BY {index} WHERE {_all_of(simple)} ORDER BY {order}"  # noqa: S608
    if limit is not None:
        ordered, values = f"{ordered} LIMIT ?", [*values, limit]
    return f"SELECT group_concat(id, char(10)) FROM ({ordered})", tuple(values)  # noqa: S608


def _simple_conditions(query: GalleryQuery) -> tuple[list[str], list[Any]]:
    """Return what the indexes of the orders can tell, and the values."""
    conditions: list[str] = []
    values: list[Any] = []
    if not query.include_deleted:
        conditions.append("deleted_at = 0")
    if query.favourites_only:
        conditions.append("is_favourite = 1")
    for condition, value in (
        ("provider = ?", query.provider),
        ("created_at >= ?", query.since),
        ("created_at < ?", query.until),
    ):
        if value is not None:
            conditions.append(condition)
            values.append(value)
    if query.formats:
        conditions.append(f"format IN ({', '.join('?' * len(query.formats))})")
        values.extend(query.formats)
    return conditions, values


def _deep_conditions(query: GalleryQuery) -> tuple[list[str], list[Any]]:
    """Return what has to be looked up beyond the indexes of the orders, and the values."""
    # instr takes every character as it is, and on folded text it is quicker than LIKE.
    words = search_words(query.text)
    conditions, values = ["instr(search_text, ?) > 0"] * len(words), list[Any](words)
    if query.source_face is not None:
        conditions.append("seq IN (SELECT result FROM result_sources WHERE source = ?)")
        values.append(query.source_face)
    return conditions, values


def _all_of(conditions: Sequence[str]) -> str:
    return " AND ".join(conditions) or "true"


__all__ = ["ResultStore", "format_of", "insert_result"]
