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


_VERSION_1: Final = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    # jobs
    """CREATE TABLE jobs (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        provider TEXT NOT NULL,
        recipe TEXT NOT NULL,
        state TEXT NOT NULL,
        hold TEXT,
        cancel_requested INTEGER NOT NULL DEFAULT 0 CHECK (cancel_requested IN (0, 1)),
        attempt INTEGER NOT NULL DEFAULT 0,
        priority REAL NOT NULL DEFAULT 0,
        progress REAL NOT NULL DEFAULT 0,
        step TEXT NOT NULL DEFAULT '',
        created_at REAL NOT NULL,
        started_at REAL NOT NULL DEFAULT 0,
        ended_at REAL NOT NULL DEFAULT 0,
        retry_at REAL NOT NULL DEFAULT 0,
        failure TEXT,
        result TEXT
    ) STRICT""",
    "CREATE INDEX jobs_by_turn ON jobs (state, priority, created_at, seq)",
    "CREATE INDEX jobs_by_age ON jobs (created_at, seq)",
    """CREATE TABLE job_steps (
        job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        name TEXT NOT NULL,
        state TEXT NOT NULL,
        handle TEXT,
        attempts INTEGER NOT NULL DEFAULT 0,
        charge TEXT,
        PRIMARY KEY (job, position)
    ) STRICT, WITHOUT ROWID""",
    # What searching and sorting read is kept apart from what a card shows, so that a scan stays short.
    """CREATE TABLE results (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE CHECK (instr(id, char(10)) = 0),
        job TEXT NOT NULL UNIQUE,
        provider TEXT NOT NULL,
        format TEXT NOT NULL,
        size_bytes INTEGER NOT NULL,
        created_at REAL NOT NULL,
        similarity REAL,
        sort_name TEXT NOT NULL,
        search_text TEXT NOT NULL,
        is_favourite INTEGER NOT NULL CHECK (is_favourite IN (0, 1)),
        deleted_at REAL NOT NULL
    ) STRICT""",
    # Each is walked alone to answer an order and the simple filters: no sorting, no look into the table.
    """CREATE INDEX results_by_age ON results (
        created_at, seq, deleted_at, is_favourite, provider, format, id
    )""",
    """CREATE INDEX results_by_name ON results (
        sort_name, seq DESC, deleted_at, is_favourite, provider, format, created_at, id
    )""",
    """CREATE INDEX results_by_size ON results (
        size_bytes, seq, deleted_at, is_favourite, provider, format, created_at, id
    )""",
    """CREATE INDEX results_by_similarity ON results (
        similarity, seq, deleted_at, is_favourite, provider, format, created_at, id
    )""",
    # Paths are ANY: text, or bytes where a file's name is no text.
    """CREATE TABLE result_details (
        seq INTEGER PRIMARY KEY REFERENCES results (seq) ON DELETE CASCADE,
        path ANY NOT NULL,
        title TEXT NOT NULL,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        seconds REAL NOT NULL,
        faces INTEGER NOT NULL,
        digest TEXT NOT NULL,
        notes TEXT NOT NULL,
        recipe TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE result_sources (
        source TEXT NOT NULL,
        result INTEGER NOT NULL REFERENCES results (seq) ON DELETE CASCADE,
        PRIMARY KEY (source, result)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX result_sources_by_result ON result_sources (result)",
    # source faces
    """CREATE TABLE source_faces (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        revision INTEGER NOT NULL,
        thumbnail_path ANY NOT NULL,
        embedding BLOB,
        embedding_checkpoint TEXT,
        created_at REAL NOT NULL,
        on_shelf INTEGER NOT NULL CHECK (on_shelf IN (0, 1)),
        position INTEGER NOT NULL,
        deleted_at REAL NOT NULL DEFAULT 0
    ) STRICT""",
    # A photo can belong to a person and, until the undo expires, to the deleted one it was taken from.
    """CREATE TABLE source_photos (
        face TEXT NOT NULL REFERENCES source_faces (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        id TEXT NOT NULL,
        crop_path ANY NOT NULL,
        origin_name TEXT NOT NULL,
        grade TEXT NOT NULL,
        weight REAL NOT NULL,
        PRIMARY KEY (face, position)
    ) STRICT, WITHOUT ROWID""",
    # smaller things
    """CREATE TABLE detections (
        seq INTEGER PRIMARY KEY,
        digest TEXT NOT NULL,
        checkpoints TEXT NOT NULL,
        faces BLOB NOT NULL,
        made_at REAL NOT NULL,
        UNIQUE (digest, checkpoints)
    ) STRICT""",
    "CREATE TABLE presets (name TEXT PRIMARY KEY, options TEXT NOT NULL, saved_at REAL NOT NULL) STRICT, WITHOUT ROWID",
    """CREATE TABLE workspace (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        state TEXT NOT NULL,
        saved_at REAL NOT NULL
    ) STRICT""",
    """CREATE TABLE held_files (
        token TEXT PRIMARY KEY,
        files TEXT NOT NULL,
        held_at REAL NOT NULL
    ) STRICT, WITHOUT ROWID""",
)

_VERSION_1_1: Final = (
    """CREATE TABLE analyses (
        digest TEXT NOT NULL,
        version TEXT NOT NULL,
        summary TEXT NOT NULL,
        faces BLOB NOT NULL,
        saved_at REAL NOT NULL,
        PRIMARY KEY (digest, version)
    ) STRICT, WITHOUT ROWID""",
)

_VERSION_1_2: Final = (
    # What calls cost; stays when the job is deleted. One line for each time that a call was sent.
    """CREATE TABLE charges (
        job TEXT NOT NULL,
        step TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        provider TEXT NOT NULL,
        credits REAL,
        estimate REAL,
        is_estimate INTEGER NOT NULL CHECK (is_estimate IN (0, 1)),
        is_confirmed INTEGER NOT NULL CHECK (is_confirmed IN (0, 1)),
        at REAL NOT NULL,
        PRIMARY KEY (job, step, attempt)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX charges_by_time ON charges (provider, at, credits)",
    """CREATE TABLE answers (
        provider TEXT NOT NULL,
        call TEXT NOT NULL,
        digest TEXT NOT NULL,
        answer TEXT NOT NULL,
        made_at REAL NOT NULL,
        PRIMARY KEY (provider, call, digest)
    ) STRICT, WITHOUT ROWID""",
    # Addresses at which services deliver, and what came.
    """CREATE TABLE mailboxes (
        job TEXT NOT NULL,
        step TEXT NOT NULL,
        provider TEXT NOT NULL,
        secret TEXT NOT NULL UNIQUE,
        made_at REAL NOT NULL,
        body TEXT,
        received_at REAL NOT NULL DEFAULT 0,
        closed_at REAL NOT NULL DEFAULT 0,
        PRIMARY KEY (job, step)
    ) STRICT, WITHOUT ROWID""",
    # Files of ours at a place on the internet; a row is there before its object.
    """CREATE TABLE hosted_objects (
        host TEXT NOT NULL,
        key TEXT NOT NULL,
        job TEXT NOT NULL,
        digest TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('planned', 'there', 'deleted')),
        made_at REAL NOT NULL,
        expires_at REAL NOT NULL,
        PRIMARY KEY (host, key)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX hosted_by_job ON hosted_objects (job, digest)",
    # How a service knows what it made; needed to delete it there, and by its support.
    """CREATE TABLE remote_results (
        job TEXT NOT NULL,
        step TEXT NOT NULL,
        provider TEXT NOT NULL,
        handle TEXT NOT NULL,
        made_at REAL NOT NULL,
        expires_at REAL NOT NULL,
        deleted_at REAL NOT NULL DEFAULT 0,
        PRIMARY KEY (job, step)
    ) STRICT, WITHOUT ROWID""",
    # They are of use as long as the job or its result can be seen.
    """CREATE TRIGGER remote_results_after_job AFTER DELETE ON jobs
        WHEN NOT EXISTS (SELECT 1 FROM results WHERE results.job = OLD.id)
        BEGIN DELETE FROM remote_results WHERE job = OLD.id; END""",
    """CREATE TRIGGER remote_results_after_result AFTER DELETE ON results
        WHEN NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.id = OLD.job)
        BEGIN DELETE FROM remote_results WHERE job = OLD.job; END""",
    "CREATE INDEX jobs_by_retry ON jobs (retry_at) WHERE retry_at > 0",
    "CREATE INDEX jobs_by_hold ON jobs (hold) WHERE hold IS NOT NULL",
)

MIGRATIONS: Final[tuple[Migration, ...]] = (
    Migration(1 * _MAJOR, "0.1.0", _VERSION_1),
    Migration(1 * _MAJOR + 1, "0.2.0", _VERSION_1_1),
    Migration(1 * _MAJOR + 2, "0.3.0", _VERSION_1_2),
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
