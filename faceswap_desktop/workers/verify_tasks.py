"""A task for verifying files."""

from __future__ import annotations

import hashlib
import os
from typing import Final

from faceswap_desktop.media.fingerprint import open_regular
from faceswap_desktop.media.refusals import refuse_os_error
from faceswap_desktop.workers.process import Task, TaskContext
from faceswap_desktop.workers.verify_requests import DigestFile

_BLOCK: Final = 4 * 2**20


def digest_file(request: DigestFile, context: TaskContext) -> str:
    """Read a file to its end; see ``DigestFile``."""
    digest, done = hashlib.sha256(), 0
    try:
        with open_regular(request.path) as stream:
            length = os.fstat(stream.fileno()).st_size
            while block := stream.read(_BLOCK):
                digest.update(block)
                done += len(block)
                context.report(min(1.0, done / max(1, length)), "compare")
    except OSError as error:
        raise refuse_os_error(request.path, error) from error
    return digest.hexdigest()


TASKS: Final[dict[str, Task]] = {"digest_file": digest_file}
