"""Tasks that write into files where they come from, read it, and know results again."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

from faceswap_desktop.media.atomic_file import storage_error
from faceswap_desktop.media.fingerprint import open_regular
from faceswap_desktop.media.refusals import refuse_os_error
from faceswap_desktop.provenance.xmp import (
    Damaged,
    Marks,
    Unmarkable,
    read_marks,
    sidecar_packet,
    write_marks,
)
from faceswap_desktop.storage.atomic import write_atomically
from faceswap_desktop.workers.mark_requests import FileMarks, MarkedFile, MarkFile, ReadMarks
from faceswap_desktop.workers.process import Task, TaskContext

_BLOCK: Final = 2**20


def mark_file(request: MarkFile, context: TaskContext) -> MarkedFile:
    """Write a marked copy of a finished file; where the file can hold no marks, a plain copy and an ``.xmp`` file.

    Raises:
        InputRefused: The file is missing, empty, or cannot be read.
        StorageError: The copy cannot be written.
    """
    marks = Marks(request.source_type.uri, request.tool, request.disclosure)
    open_regular(request.path).close()
    try:
        try:
            return MarkedFile(request.out_path, write_marks(request.path, request.out_path, marks))
        except (Damaged, Unmarkable):
            context.check_stopped()
            return _with_sidecar(request, marks)
    except OSError as error:
        raise storage_error(request.out_path, error) from error


def read_file_marks(request: ReadMarks, context: TaskContext) -> FileMarks:
    """Read what a file says of itself.

    Raises:
        InputRefused: The file is missing, empty, or cannot be read.
    """
    del context
    open_regular(request.path).close()
    try:
        found = read_marks(request.path)
    except OSError as error:
        raise refuse_os_error(request.path, error) from error
    return FileMarks(found.source_type, found.tool)


def _with_sidecar(request: MarkFile, marks: Marks) -> MarkedFile:
    final = Path(request.out_path)
    temporary = final.parent / f".faceswap-{secrets.token_hex(8)}.part"
    try:
        with open_regular(request.path) as opened, temporary.open("xb") as stream:
            shutil.copyfileobj(opened, stream, _BLOCK)
            stream.flush()
            os.fsync(stream.fileno())
        size = temporary.stat().st_size
        temporary.replace(final)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    sidecar = final.with_suffix(".xmp")
    write_atomically(sidecar, sidecar_packet(marks))
    return MarkedFile(request.out_path, size, str(sidecar))


TASKS: Final[dict[str, Task]] = {"mark_file": mark_file, "read_marks": read_file_marks}
