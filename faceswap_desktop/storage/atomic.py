"""Files that are either wholly there or not at all."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from faceswap_desktop.storage.failures import mapped_errors


def write_atomically(path: Path, data: bytes) -> None:
    """Write a small file so that a crash leaves either the old or the new content.

    The folder has to exist. A symbolic link is followed, so that settings kept elsewhere stay there.

    Raises:
        StorageError: Disk full, read-only or forbidden; the old file is untouched.
    """
    with mapped_errors(path):
        target = path.resolve() if path.is_symlink() else path
        handle, scratch = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if target.exists():
                Path(scratch).chmod(target.stat().st_mode & 0o777)
            Path(scratch).replace(target)
        except BaseException:
            with suppress(OSError):
                Path(scratch).unlink()
            raise
        sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` outlast a power cut, where the system can do that."""
    if os.name == "nt":  # folders cannot be opened there; NTFS journals renames itself
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def aside_name(path: Path, why: str) -> Path:
    """Return a free name beside ``path`` for keeping it aside: ``settings.toml.damaged-20260131-142501``."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    candidate, number = path.with_name(f"{path.name}.{why}-{stamp}"), 2
    while candidate.exists():
        candidate, number = path.with_name(f"{path.name}.{why}-{stamp}-{number}"), number + 1
    return candidate
