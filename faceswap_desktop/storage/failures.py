"""Disk and database failures become ``StorageError`` here, with a sentence and what helps."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.domain.messages import message

_FULL: Final = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
_FORBIDDEN: Final = frozenset({errno.EACCES, errno.EPERM})
_NO_FOLDER: Final = frozenset({errno.ENOTDIR, errno.EEXIST})
_PRIMARY_CODE_MASK: Final = 0xFF
"""SQLite's extended result codes keep the primary code in the lowest byte (sqlite.org/rescode.html)."""


def storage_error(error: OSError, path: Path) -> StorageError:
    """Return what an operating system error on ``path`` means to the user.

    Kinds: ``disk-full``, ``read-only``, ``permission``, ``not-a-folder``, ``not-a-file``, ``missing``,
    ``io``.
    """
    place = shown_path(path)
    if error.errno in _FULL:
        return disk_full(path)
    if error.errno == errno.EROFS:
        return _read_only(path)
    if error.errno in _FORBIDDEN:
        return StorageError(
            message("Faceswap Desktop may not write to “{path}”.", path=place),
            message("Give yourself permission to write there, or choose another home folder with --home."),
            kind="permission",
        )
    if error.errno == errno.EISDIR:
        return not_a_file(path)
    if error.errno in _NO_FOLDER:
        return StorageError(
            message("“{path}” is needed as a folder, but a file has that name.", path=place),
            message("Move the file away, or choose another home folder with --home."),
            kind="not-a-folder",
        )
    if error.errno == errno.ENOENT:
        return StorageError(message("“{path}” is no longer there.", path=place), kind="missing")
    return StorageError(
        message("“{path}” could not be read or written: {reason}.", path=place, reason=error.strerror or str(error)),
        kind="io",
    )


def not_a_file(path: Path) -> StorageError:
    """Return the error for a folder, a pipe or a device where a file of ours should be."""
    return StorageError(
        message("“{path}” is needed as a file, but something else has that name.", path=shown_path(path)),
        message("Move it away, or choose another home folder with --home."),
        kind="not-a-file",
    )


def refuse_other_than_file(path: Path) -> None:
    """Refuse what is there and is no ordinary file: reading a pipe or a device could wait for ever.

    Raises:
        StorageError: Kind ``not-a-file``.
        OSError: It cannot be looked at.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        raise not_a_file(path)


@contextmanager
def mapped_errors(path: Path) -> Iterator[None]:
    """Turn every ``OSError`` of the block into a ``StorageError`` that names ``path``."""
    try:
        yield
    except OSError as error:
        raise storage_error(error, path) from error


def database_error(error: sqlite3.Error, path: Path) -> StorageError | None:
    """Return what a database error means to the user, or None where it is a bug of ours.

    Kinds: ``disk-full``, ``read-only``, ``permission``, ``locked``, ``damaged``, ``io``.
    """
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return None
    match code & _PRIMARY_CODE_MASK:
        case sqlite3.SQLITE_FULL:
            return disk_full(path)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return locked(path)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return damaged(path, None)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return _why_not_writable(path)
        case sqlite3.SQLITE_IOERR:
            return StorageError(
                message("The disk with the library “{path}” reported an error.", path=shown_path(path)),
                message("Check the disk and its cable or network, then start the program again."),
                kind="io",
            )
        case _:
            return None


def disk_full(path: Path) -> StorageError:
    """Return the error for a full disk."""
    return StorageError(
        message("The disk is full: “{path}” could not be written. Nothing was lost.", path=shown_path(path)),
        message("Free some space, for example by clearing the caches in Settings, and try again."),
        kind="disk-full",
    )


def locked(path: Path) -> StorageError:
    """Return the error for a database that another process does not let go of."""
    return StorageError(
        message("The library “{path}” is in use by another program and does not answer.", path=shown_path(path)),
        message("Close the other program, or wait until it is done, and try again."),
        kind="locked",
    )


def damaged(path: Path, kept_as: Path | None) -> StorageError:
    """Return the error for a damaged database; ``kept_as`` says where it was set aside."""
    if kept_as is None:
        return StorageError(
            message("The library “{path}” is damaged and cannot be read. It was left as it is.", path=shown_path(path)),
            message("Your pictures and results are files of their own and are not affected."),
            kind="damaged",
        )
    return StorageError(
        message(
            "The library “{path}” is damaged and cannot be read. It was set aside, unchanged, as “{kept}”.",
            path=shown_path(path),
            kept=shown_path(kept_as),
        ),
        message(
            "Start again to begin with an empty library. "
            "Your pictures and results are files of their own and are not affected."
        ),
        kind="damaged",
    )


def shown_path(path: Path) -> str:
    """Return a path as text that can always be shown; bytes that are no text become a question mark."""
    return shown_text(str(path))


def shown_text(text: str) -> str:
    """Return text without lone surrogates, which neither a terminal nor a database takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _read_only(path: Path) -> StorageError:
    return StorageError(
        message("“{path}” is read-only.", path=shown_path(path)),
        message("Choose another home folder with --home, or make this one writable."),
        kind="read-only",
    )


def _why_not_writable(path: Path) -> StorageError:
    """Ask the operating system, because SQLite says no more than "cannot open"."""
    try:
        if path.exists():
            os.close(os.open(path, os.O_RDWR))
        # SQLite needs its log and lock files beside the database.
        handle, probe = tempfile.mkstemp(dir=path.parent, prefix=".write-test-")
        os.close(handle)
        Path(probe).unlink()
    except OSError as error:
        return storage_error(error, path)
    return _read_only(path)
