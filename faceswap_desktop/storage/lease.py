"""One runner per home: an operating system lock, which falls away with the process that holds it."""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

from filelock import FileLock, Timeout

from faceswap_desktop.storage.atomic import write_atomically
from faceswap_desktop.storage.failures import mapped_errors

HolderKind = Literal["window", "command line"]

_PROBE_GRACE_S: Final = 0.3
"""``holder`` takes the lock for an instant to see whether it is free; a start at that moment waits so long."""


@dataclass(frozen=True, slots=True)
class LeaseHolder:
    """Who runs the jobs of a home.

    Attributes:
        pid: Process id.
        kind: What the program is there.
        since: Seconds since the epoch.
    """

    pid: int
    kind: HolderKind
    since: float


class Lease:
    """The right to run jobs. Asking again while it is held counts; as many releases give it back.

    Safe to use from any thread, because the lock belongs to the process.
    """

    def __init__(self, path: Path, kind: HolderKind = "command line") -> None:
        self._path = path
        self._kind = kind
        # A lock that another program only imitates with files would outlast a crash.
        self._lock = FileLock(path, thread_local=False, fallback_to_soft=False)
        # Windows lets nobody read a locked file, so the holder's name lies beside it.
        self._note = path.with_name(path.name + ".holder")
        self._guard = threading.Lock()
        self._count = 0

    @property
    def is_held(self) -> bool:
        """Whether this object holds the lease."""
        return self._count > 0

    def acquire(self, kind: HolderKind | None = None) -> bool:
        """Take the lease if it is free; return whether it is ours now.

        Args:
            kind: What to tell others who holds it; None for what the lease was made with.

        Raises:
            StorageError: The home cannot be written.
        """
        with self._guard:
            if not self._count:
                if not self._lock_file():
                    return False
                self._tell(kind or self._kind)
            self._count += 1
            return True

    def release(self) -> None:
        """Give the lease back; does nothing if it is not held."""
        with self._guard:
            if self._count == 1:
                with suppress(OSError):
                    self._note.unlink()
                self._lock.release()
            self._count = max(0, self._count - 1)

    def holder(self) -> LeaseHolder | None:
        """Return who holds the lease, or None if nobody does.

        Raises:
            StorageError: The home cannot be read.
        """
        with self._guard:
            if not self._count and self._is_free():
                return None
            return self._read_note()

    def _lock_file(self) -> bool:
        with mapped_errors(self._path):
            try:
                self._lock.acquire(timeout=_PROBE_GRACE_S, poll_interval=0.02)
            except Timeout:
                return False
            except NotImplementedError as error:
                raise OSError(None, str(error)) from error
        return True

    def _is_free(self) -> bool:
        with mapped_errors(self._path):
            # Without the file nobody ever held it; asking must not write.
            if not self._path.exists():
                return True
            probe = FileLock(self._path, thread_local=False, fallback_to_soft=False)
            try:
                probe.acquire(timeout=0)
            except Timeout:
                return False
            except NotImplementedError as error:
                raise OSError(None, str(error)) from error
            probe.release()
        return True

    def _tell(self, kind: HolderKind) -> None:
        note = LeaseHolder(os.getpid(), kind, time.time())
        try:
            write_atomically(self._note, json.dumps(asdict(note)).encode())
        except BaseException:
            self._lock.release()
            raise

    def _read_note(self) -> LeaseHolder:
        try:
            data = json.loads(self._note.read_bytes())
            return LeaseHolder(int(data["pid"]), data["kind"], float(data["since"]))
        except (OSError, ValueError, KeyError, TypeError):
            # The holder is just about to write it.
            return LeaseHolder(0, "command line", 0.0)
