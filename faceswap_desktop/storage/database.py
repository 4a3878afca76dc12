"""One SQLite connection on one thread; every piece of work is one transaction."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Final, TypeVar

from faceswap_desktop.storage.atomic import aside_name
from faceswap_desktop.storage.failures import damaged, database_error, mapped_errors
from faceswap_desktop.storage.migrations import (
    MIGRATIONS,
    Migration,
    check_version,
    migrate,
    newest_readable,
    read_only_uri,
)

T = TypeVar("T")

BUSY_TIMEOUT_S: Final = 5.0
"""How long a transaction waits for another process before it says that the library is locked."""
_CACHE_KIB: Final = 32 * 1024
"""At most; it grows to what is read. What the gallery reads of 100,000 results is 28 MB."""
_LOG_LIMIT_BYTES: Final = 16 * 1024 * 1024
_HEADER_BYTES: Final = 100
_VERSION_FIELD: Final = slice(60, 64)
"""Where ``user_version`` lies in a database's header (sqlite.org/fileformat2.html)."""
_RETRY_S: Final = 0.02
_COMPANIONS: Final = ("-wal", "-shm", "-journal")


class Database:
    """The library's database. Make it with ``open``; close it before the event loop ends.

    All work runs on one thread in the order in which it was asked for. If the asking task is
    cancelled, work that has begun is still carried through: a transaction is done in full or not at all.
    """

    def __init__(self, path: Path, executor: ThreadPoolExecutor, connection: sqlite3.Connection) -> None:
        self.path: Final = path
        self._executor = executor
        self._connection = connection

    @classmethod
    async def open(
        cls,
        path: Path,
        *,
        migrations: Sequence[Migration] = MIGRATIONS,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
    ) -> Database:
        """Open the database, making or migrating it as needed; before migrating, a copy is kept beside it.

        Args:
            path: The database file; its folder exists.
            migrations: The schema's steps; only tests give others.
            busy_timeout_s: How long to wait for another process.

        Raises:
            StorageError: ``newer-database`` or ``foreign-database`` (untouched), ``damaged`` (set aside
                unchanged; the message says where), ``locked``, ``disk-full``, ``read-only``, ``permission``, ``io``.
        """
        executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="storage")
        loop = asyncio.get_running_loop()
        try:
            connection = await loop.run_in_executor(executor, _open, path, migrations, busy_timeout_s)
        except BaseException:
            executor.shutdown(wait=False)
            raise
        return cls(path, executor, connection)

    async def read(self, fn: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``fn`` in one transaction that sees one state of the database; it must not write.

        Raises:
            StorageError: ``locked``, ``damaged`` or ``io``.
        """
        return await self._run("BEGIN", fn)

    async def write(self, fn: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``fn`` in one transaction; when this returns, its changes are on the disk.

        If ``fn`` raises, nothing of it is kept.

        Raises:
            StorageError: ``disk-full``, ``read-only``, ``locked``, ``damaged`` or ``io``; nothing was changed.
        """
        return await self._run("BEGIN IMMEDIATE", fn)

    async def data_version(self) -> int:
        """Return a number that changes when another process has committed something."""

        def ask(connection: sqlite3.Connection) -> int:
            return int(connection.execute("PRAGMA data_version").fetchone()[0])

        return await self.read(ask)

    async def check(self) -> list[str]:
        """Look through the whole file and return what is wrong with it; empty if it is sound."""

        def look(connection: sqlite3.Connection) -> list[str]:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(20)")]
            found += [
                f"{row[0]}: row {row[1]} refers to nothing" for row in connection.execute("PRAGMA foreign_key_check")
            ]
            return [line for line in found if line != "ok"]

        return await self.read(look)

    async def scrub(self) -> bool:
        """Write the file anew, so that nothing of what was deleted is left in it or in its log.

        Returns:
            Whether that is so; False while another process reads an older state, whose end the log has to wait for.

        Raises:
            StorageError: There is no room for it, or the file is locked; nothing was lost.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, self._write_anew)

    async def close(self) -> None:
        """Finish what was asked for and close the file."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._executor, _close, self._connection)
        finally:
            self._executor.shutdown(wait=False)

    async def _run(self, begin: str, fn: Callable[[sqlite3.Connection], T]) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, self._transact, begin, fn)

    def _write_anew(self) -> bool:
        try:
            self._connection.execute("VACUUM")
            row = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            known = database_error(error, self.path)
            if known is None:
                raise
            raise known from error
        return not row[0]

    def _transact(self, begin: str, fn: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._connection
        try:
            connection.execute(begin)
            try:
                value = fn(connection)
                connection.execute("COMMIT")
            except BaseException:
                _roll_back(connection)
                raise
        except sqlite3.Error as error:
            known = database_error(error, self.path)
            if known is None:
                raise
            raise known from error
        return value


def _open(path: Path, migrations: Sequence[Migration], busy_timeout_s: float) -> sqlite3.Connection:
    deadline = time.monotonic() + busy_timeout_s
    while True:
        try:
            return _connect(path, migrations, busy_timeout_s)
        except sqlite3.Error as error:
            known = database_error(error, path)
            if known is None:
                raise
            if known.kind == "damaged":
                raise damaged(path, _set_aside(path)) from error
            # Switching to WAL, SQLite does not wait for another process that is doing the same.
            if known.kind != "locked" or time.monotonic() >= deadline:
                raise known from error
            time.sleep(_RETRY_S)


def _connect(path: Path, migrations: Sequence[Migration], busy_timeout_s: float) -> sqlite3.Connection:
    _look_before_touching(path, migrations, busy_timeout_s)
    connection = sqlite3.connect(path, timeout=busy_timeout_s, isolation_level=None)
    try:
        _configure(connection)
        migrate(connection, path, migrations)
        # A truncated or overwritten table shows here at the latest.
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _look_before_touching(path: Path, migrations: Sequence[Migration], busy_timeout_s: float) -> None:
    """Refuse what is not ours to change, by a connection that cannot write.

    An ordinary connection would fold the log of a program that was killed into the file on closing.
    """
    with mapped_errors(path):
        if not path.exists() or path.stat().st_size == 0:
            return
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
        log = path.with_name(path.name + "-wal")
        has_log = log.exists() and log.stat().st_size > 0
    # A file that is refused and that nobody uses does not even get companions beside it.
    is_newer = int.from_bytes(header[_VERSION_FIELD], "big") > newest_readable(migrations)
    address = read_only_uri(path, is_immutable=is_newer and not has_log)
    with closing(sqlite3.connect(address, uri=True, timeout=busy_timeout_s, isolation_level=None)) as looker:
        check_version(looker, path, migrations)


def _configure(connection: sqlite3.Connection) -> None:
    # Where the file system cannot do WAL, SQLite stays with a rollback journal: slower, as safe.
    connection.execute("PRAGMA journal_mode=WAL").fetchone()
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA trusted_schema=OFF")
    # What is deleted is overwritten: embeddings and names do not stay in unused pages.
    connection.execute("PRAGMA secure_delete=ON").fetchone()
    connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
    connection.execute(f"PRAGMA journal_size_limit={_LOG_LIMIT_BYTES}").fetchone()


def _roll_back(connection: sqlite3.Connection) -> None:
    # After "disk full" SQLite may have rolled back by itself.
    if connection.in_transaction:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")


def _close(connection: sqlite3.Connection) -> None:
    # Statistics for the query planner; not worth an error at the end.
    with suppress(sqlite3.Error):
        connection.execute("PRAGMA optimize")
    connection.close()


def _set_aside(path: Path) -> Path | None:
    """Move the database and its log out of the way, unchanged; None if that cannot be done."""
    kept = aside_name(path, "damaged")
    try:
        path.rename(kept)
        for companion in _COMPANIONS:
            beside = path.with_name(path.name + companion)
            if beside.exists():
                beside.rename(kept.with_name(kept.name + companion))
    except OSError:
        return None
    return kept
