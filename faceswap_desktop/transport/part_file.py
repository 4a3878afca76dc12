"""A file that grows while it is fetched, and what is known of it. All of it blocks, so it is called in threads."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any, BinaryIO, Final
from urllib.parse import urlsplit

from faceswap_desktop.media.atomic_file import flush_folder, storage_error
from faceswap_desktop.media.sniff import HEAD_BYTES

_BLOCK_BYTES: Final = 2**20
_LONGEST_VALIDATOR: Final = 500
_LONGEST_NOTE: Final = 4096


class PartFile:
    """A file that grows, with a note beside it of what the server said it is.

    Attributes:
        size: How much of it is there.
        head: Its first bytes, up to ``HEAD_BYTES``.
        total: How long it will be; 0 for unknown.
        validator: ETag or date by which the server knows this very content; empty for none.
    """

    def __init__(self, path: str) -> None:
        self.size = 0
        self.head = b""
        self.total = 0
        self.validator = ""
        self._wanted = path
        self._part = Path(f"{path}.part")
        self._note = Path(f"{path}.part.json")
        self._digest = hashlib.sha256()
        self._stream: BinaryIO | None = None

    def open(self, url: str) -> None:
        """Open it, with what came of the same address before; without a validator that is thrown away.

        Raises:
            StorageError: It cannot be opened.
        """
        try:
            kept = self._read_note(url)
            handle = os.open(self._part, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
            self._stream = os.fdopen(handle, "r+b", buffering=0)
            if kept:
                self.validator, self.total = kept
                while block := self._stream.read(_BLOCK_BYTES):
                    self._take(block)
            if not kept or (self.total and self.size > self.total):
                self.restart()
        except OSError as error:
            self.close()
            raise storage_error(self._part, error) from error

    def restart(self) -> None:
        """Throw away what came.

        Raises:
            StorageError: It cannot be written.
        """
        try:
            self._note.unlink(missing_ok=True)
            if self._stream is not None:
                self._stream.seek(0)
                self._stream.truncate()
        except OSError as error:
            raise storage_error(self._part, error) from error
        self.size, self.total, self.head, self.validator = 0, 0, b"", ""
        self._digest = hashlib.sha256()

    def begin(self, url: str, validator: str, total: int) -> None:
        """Note what is about to come.

        Raises:
            StorageError: It cannot be written.
        """
        self.validator = validator if len(validator) <= _LONGEST_VALIDATOR else ""
        self.total = total
        if not self.validator:
            return
        note = json.dumps({"address": _digest_of(url), "validator": self.validator, "total": total})
        try:
            self._note.write_text(note, encoding="utf-8")
        except OSError as error:
            raise storage_error(self._note, error) from error

    def write(self, blocks: Sequence[bytes]) -> None:
        """Append blocks.

        Raises:
            StorageError: It cannot be written: ``disk-full`` and others.
        """
        assert self._stream is not None
        try:
            for block in blocks:
                rest = memoryview(block)
                while rest:
                    rest = rest[self._stream.write(rest) or 0 :]
                self._take(block)
        except OSError as error:
            raise storage_error(self._wanted, error) from error

    def finish(self, extension: str) -> tuple[str, str]:
        """Give it its name; returns its path and its SHA-256.

        Raises:
            StorageError: It cannot be written.
        """
        assert self._stream is not None
        has_it = PurePath(self._wanted).suffix.lower() == extension
        final = Path(self._wanted if has_it else self._wanted + extension)
        try:
            os.fsync(self._stream.fileno())
            self.close()
            self._part.replace(final)
            self._note.unlink(missing_ok=True)
            flush_folder(final.parent)
        except OSError as error:
            raise storage_error(final, error) from error
        return str(final), self._digest.hexdigest()

    def discard(self) -> None:
        """Remove it."""
        self.close()
        for path in (self._part, self._note):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close it; what has come stays."""
        stream, self._stream = self._stream, None
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()

    def _take(self, block: bytes) -> None:
        if len(self.head) < HEAD_BYTES:
            self.head += block[: HEAD_BYTES - len(self.head)]
        self._digest.update(block)
        self.size += len(block)

    def _read_note(self, url: str) -> tuple[str, int] | None:
        try:
            with self._note.open("rb") as stream:
                note: Any = json.loads(stream.read(_LONGEST_NOTE))
            validator, total = note["validator"], note["total"]
            if note["address"] == _digest_of(url) and isinstance(validator, str) and isinstance(total, int):
                return (validator, total) if validator and total >= 0 else None
        except (OSError, ValueError, LookupError, TypeError):
            pass
        return None


def _digest_of(url: str) -> str:
    """Return what tells an address again without its query, which is new each time an address is signed."""
    parts = urlsplit(url)
    return hashlib.sha256(f"{parts.scheme}://{parts.netloc}{parts.path}".encode()).hexdigest()
