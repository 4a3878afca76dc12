"""Files that appear whole or not at all, and never in the place of another."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import os
import re
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.media.naming import unique_path
from faceswap_desktop.media.refusals import shown_name

_LEFTOVER: Final = re.compile(r"^\.faceswap-[0-9a-f]{16}\.part$")
_MAX_TRIES: Final = 100

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN: Final = frozenset({errno.EACCES, errno.EPERM})
# What file systems without hard links (FAT, some network folders) answer to link().
_NO_LINKS: Final = frozenset({errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.EXDEV})


@dataclass(frozen=True, slots=True)
class WrittenBytes:
    """A file that has been written.

    Attributes:
        path: Where it lies now; not the wished one if that was taken.
        size_bytes: Its length.
        sha256: Of its content, hexadecimal.
    """

    path: Path
    size_bytes: int
    sha256: str


class _Measured(io.RawIOBase):
    """Passes bytes on to a file and keeps their digest; has no file number, so that encoders write through it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()
        self.length = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._stream.write(data)
        self._digest.update(data)
        self.length += len(data)
        return len(data)

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


def write_new_file(
    path: str | os.PathLike[str], write: Callable[[BinaryIO], None], *, numbered: bool = True
) -> WrittenBytes:
    """Write a file that appears under its name only when it is whole and safe on the disk.

    It is written under a hidden name in the same folder, flushed to the disk, and then given its name in one
    step that fails if the name is taken, also by somebody who took it a moment ago. Whatever goes wrong, the
    hidden file is removed.

    Args:
        path: The wished name; its folder has to exist.
        write: Writes the content; the stream cannot be sought in.
        numbered: If the name is taken, go on to ``name (2)``, ``name (3)`` …; else refuse.

    Raises:
        StorageError: ``disk-full``, ``read-only``, ``permission``, ``folder-missing``, ``exists`` or ``storage``.
        Exception: What ``write`` raises, unless it is an ``OSError`` with a number.
    """
    wished = Path(path)
    temporary = wished.parent / f".faceswap-{secrets.token_hex(8)}.part"
    try:
        try:
            measured = _write_temporary(temporary, write)
            final = _give_name(temporary, wished, numbered)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        flush_folder(final.parent)
    except OSError as error:
        if error.errno is None:
            raise
        raise storage_error(wished, error) from error
    return WrittenBytes(final, measured.length, measured.hexdigest())


def remove_leftovers(folder: str | os.PathLike[str], *, older_than_s: float = 3600.0) -> int:
    """Remove hidden files that a killed process left behind, and return how many there were.

    Args:
        folder: Where results are written; need not exist.
        older_than_s: Younger ones may belong to another program that is still at it.
    """
    removed = 0
    limit = time.time() - older_than_s
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            with contextlib.suppress(OSError):
                if _LEFTOVER.match(entry.name) and entry.stat(follow_symlinks=False).st_mtime < limit:
                    Path(entry.path).unlink()
                    removed += 1
    return removed


def storage_error(path: str | os.PathLike[str], error: OSError) -> StorageError:
    """Turn what the operating system said while writing into a sentence."""
    name, folder = shown_name(path), shown_name(Path(path).absolute().parent)
    if error.errno in _FULL:
        return StorageError(
            message("“{name}” could not be written: the disk is full.", name=name),
            message("Make room on the disk of the folder “{folder}”, or choose another folder.", folder=folder),
            kind="disk-full",
        )
    if error.errno == errno.EROFS:
        return StorageError(
            message("“{name}” could not be written: the folder “{folder}” is read-only.", name=name, folder=folder),
            message("Choose another folder."),
            kind="read-only",
        )
    if error.errno in _FORBIDDEN:
        return StorageError(
            message("There is no permission to write into the folder “{folder}”.", folder=folder),
            message("Choose another folder, or change the permissions of this one."),
            kind="permission",
        )
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return StorageError(
            message("“{name}” could not be written: the folder “{folder}” does not exist.", name=name, folder=folder),
            message("Its drive may not be connected. Choose another folder, or create this one."),
            kind="folder-missing",
        )
    if error.errno == errno.EEXIST:
        return StorageError(
            message("“{name}” exists already and is not overwritten.", name=name),
            message("Choose another name."),
            kind="exists",
        )
    return StorageError(
        message(
            "“{name}” could not be written: {reason}.",
            name=name,
            reason=(error.strerror or type(error).__name__).rstrip("."),
        ),
        message("Check the disk, or choose another folder."),
        kind="storage",
    )


def _write_temporary(temporary: Path, write: Callable[[BinaryIO], None]) -> _Measured:
    # Unlike tempfile's, these permissions follow the umask, as people expect of their pictures.
    handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o666)
    with os.fdopen(handle, "wb") as stream:
        measured = _Measured(stream)
        write(cast("BinaryIO", measured))
        stream.flush()
        os.fsync(stream.fileno())
    return measured


def _give_name(temporary: Path, wished: Path, numbered: bool) -> Path:
    for _ in range(_MAX_TRIES):
        final = unique_path(wished.parent, wished.stem, wished.suffix) if numbered else wished
        try:
            move_without_overwriting(temporary, final)
        except FileExistsError:
            if not numbered:
                raise
            continue  # somebody was quicker: the next number
        return final
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(wished))


def move_without_overwriting(temporary: Path, final: Path) -> None:
    """Give a file another name on the same disk, in one step and without copying it.

    Raises:
        FileExistsError: The name is taken.
        OSError: It cannot be moved there.
    """
    if sys.platform == "win32":
        temporary.rename(final)  # refuses to overwrite there
        return
    try:
        os.link(temporary, final)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
    else:
        return
    # Without hard links: take the name with an empty file of our own, then put the content in its place.
    os.close(os.open(final, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    try:
        temporary.replace(final)
    except OSError:
        final.unlink(missing_ok=True)
        raise


def flush_folder(folder: Path) -> None:
    """Make the new name survive a loss of power; not every file system can."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
