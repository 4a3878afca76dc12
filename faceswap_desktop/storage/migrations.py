"""The database's schema, as numbered steps.

``user_version`` is ``major * 1000 + minor``. A minor step only adds what older programs can ignore; a major
step makes older programs refuse the file. A released step is never changed: add another one, and put
a database file of the new version under ``tests/data/databases``.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.storage.failures import shown_path, storage_error
from faceswap_desktop.storage.schema import VERSION_1, VERSION_1_1, VERSION_1_2, VERSION_1_3, VERSION_1_4

APPLICATION_ID: Final = 0x46535744
"""``FSWD``: marks the file as ours (SQLite's ``application_id``)."""
_MAJOR: Final = 1000


@dataclass(frozen=True, slots=True)
class Migration:
    """One step.

    Attributes:
        version: ``user_version`` after it.
        program: First program version that knows it; told to users of older ones.
        statements: SQL, run in order.
    """

    version: int
    program: str
    statements: tuple[str, ...]


MIGRATIONS: Final[tuple[Migration, ...]] = (
    Migration(1 * _MAJOR, "0.1.0", VERSION_1),
    Migration(1 * _MAJOR + 1, "0.2.0", VERSION_1_1),
    Migration(1 * _MAJOR + 2, "0.3.0", VERSION_1_2),
    Migration(1 * _MAJOR + 3, "0.4.0", VERSION_1_3),
    Migration(1 * _MAJOR + 4, "0.5.0", VERSION_1_4),
)


def read_only_uri(path: Path, *, is_immutable: bool = False) -> str:
    """Return the address under which SQLite opens a file for reading only; any character may be in the name.

    Args:
        path: The database.
        is_immutable: Take no locks and make no companion files; right only if nobody writes.
    """
    posix = path.absolute().as_posix()
    address = "file://" + quote(os.fsencode(posix if posix.startswith("/") else f"/{posix}")) + "?mode=ro"
    return address + "&immutable=1" if is_immutable else address


def check_version(connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> int:
    """Return the file's ``user_version``, 0 for an empty one. Reads only.

    Raises:
        StorageError: ``newer-database``, or ``foreign-database`` if another program made the file.
        sqlite3.Error: The file cannot be read.
    """
    # In this order: whoever makes the file at this moment commits all three at once.
    tables = int(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
    owner = int(connection.execute("PRAGMA application_id").fetchone()[0])
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if owner != APPLICATION_ID and (tables or owner):
        raise StorageError(
            message("“{path}” was made by another program and was left as it is.", path=shown_path(path)),
            message("Move it away, or choose another home folder with --home."),
            kind="foreign-database",
        )
    if version > newest_readable(migrations):
        raise StorageError(
            message(
                "The library “{path}” was made by a newer program: it needs Faceswap Desktop {program} or later. "
                "It was left as it is.",
                path=shown_path(path),
                program=_program_needed(connection),
            ),
            message("Install the newer version, or choose another home folder with --home."),
            kind="newer-database",
        )
    return version


def newest_readable(migrations: Sequence[Migration] = MIGRATIONS) -> int:
    """Return the highest ``user_version`` that this program may open: any minor of the last major."""
    return (migrations[-1].version // _MAJOR + 1) * _MAJOR - 1


def migrate(connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring the database up to date, in one transaction, after keeping a copy of it.

    Two processes may do this at once: the second finds the work done.

    Raises:
        StorageError: The file is newer or not ours, or the copy could not be written; nothing was changed.
        sqlite3.Error: A step failed; nothing was changed.
    """
    if check_version(connection, path, migrations) >= migrations[-1].version:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = check_version(connection, path, migrations)
        missing = [step for step in migrations if step.version > version]
        if version and missing:
            _keep_copy(path, version)
        for step in missing:
            for statement in step.statements:
                connection.execute(statement)
            connection.execute(
                "INSERT OR REPLACE INTO meta VALUES ('program_needed', ?)", (_program_of(step, migrations),)
            )
            connection.execute(f"PRAGMA user_version={step.version:d}")
            connection.execute(f"PRAGMA application_id={APPLICATION_ID:d}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _program_of(step: Migration, migrations: Sequence[Migration]) -> str:
    """A minor step does not shut older programs out, so the one that began its major counts."""
    return next(one.program for one in migrations if one.version // _MAJOR == step.version // _MAJOR)


def _program_needed(connection: sqlite3.Connection) -> str:
    try:
        row = connection.execute("SELECT value FROM meta WHERE key = 'program_needed'").fetchone()
    except sqlite3.OperationalError:  # a later version may keep it elsewhere
        row = None
    return str(row[0]) if row else "?"


def _keep_copy(path: Path, version: int) -> None:
    """Copy the database as it was before migrating; a copy of the same version is replaced."""
    kept = path.with_name(f"{path.name}.version-{version // _MAJOR}.{version % _MAJOR}")
    scratch = kept.with_name(kept.name + ".part")
    try:
        scratch.unlink(missing_ok=True)
        # A second connection: a backup waits for ever for a transaction of its own connection. What it
        # reads is the state before that transaction.
        with (
            closing(sqlite3.connect(read_only_uri(path), uri=True)) as source,
            closing(sqlite3.connect(scratch)) as copy,
        ):
            source.backup(copy)
        scratch.replace(kept)
    except OSError as error:
        raise storage_error(error, kept) from error
    finally:
        if scratch.exists():
            scratch.unlink()
