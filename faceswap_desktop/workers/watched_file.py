"""A file as a library in another language uses it, through callbacks in which errors get lost."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, BinaryIO, Final, TypeVar, cast

BEAT_BYTES: Final = 32 << 20

T = TypeVar("T")


class WatchedFile:
    """Passes everything on, keeps what went wrong, and gives a sign of life every ``BEAT_BYTES``.

    Args:
        stream: The file.
        beat: The sign of life; what it raises (``Cancelled``) is kept as well.

    Attributes:
        failure: What went wrong first; None for nothing.
    """

    def __init__(self, stream: BinaryIO, beat: Callable[[], None]) -> None:
        self._stream = stream
        self._beat = beat
        self._left = BEAT_BYTES
        self.failure: Exception | None = None

    def as_stream(self) -> BinaryIO:
        """Return what the library is given; it uses the five methods below."""
        return cast("BinaryIO", self)

    def read(self, length: int = -1) -> bytes:
        """Read like the file."""
        return self._kept(lambda: self._stream.read(length), len)

    def readinto(self, buffer: Any) -> int:
        """Read like the file."""
        into: Callable[[Any], int] = self._stream.readinto  # type: ignore[attr-defined]  # every file of ours has it
        return self._kept(lambda: into(buffer), int)

    def write(self, data: bytes) -> int:
        """Write like the file."""
        return self._kept(lambda: self._stream.write(data), int)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Seek like the file."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """Tell like the file."""
        return self._stream.tell()

    def flush(self) -> None:
        """Flush like the file."""
        self._kept(self._stream.flush, lambda _: 0)

    def _kept(self, work: Callable[[], T], length: Callable[[T], int]) -> T:
        try:
            done = work()
            self._left -= length(done)
            if self._left <= 0:
                self._left = BEAT_BYTES
                self._beat()
        except Exception as error:
            self.failure = self.failure or error
            raise
        return done
