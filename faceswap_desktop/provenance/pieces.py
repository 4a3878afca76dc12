"""New files made of pieces of an old one: what a format adds or takes out is planned first, then copied in a stream."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

_BLOCK: Final = 2**20

MOST_READ: Final = 8 * 2**20
"""How much of an untrusted file is taken into memory at once, at most."""

MOST_PARTS: Final = 100_000
"""How many chunks, boxes or elements of an untrusted file are looked at."""


class Damaged(ValueError):
    """The file contradicts itself, or ends too early."""


class Unmarkable(ValueError):
    """Nothing can be written into this file, though it may be a good one; the text says why, in plain English."""


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of the old file."""

    offset: int
    length: int


Piece = bytes | Span


class Source:
    """A file that is looked at here and there, and never read beyond what is asked for."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.size = os.fstat(stream.fileno()).st_size

    def read(self, offset: int, length: int) -> bytes:
        """Return exactly so many bytes.

        Raises:
            Damaged: The file ends before, or a length in it is absurd.
        """
        if offset < 0 or not 0 <= length <= MOST_READ or offset + length > self.size:
            raise Damaged(f"{length} bytes at {offset} of {self.size}")
        self._stream.seek(offset)
        data = self._stream.read(length)
        if len(data) != length:
            raise Damaged("the file became shorter")
        return data

    def start(self, length: int) -> bytes:
        """Return the first bytes, fewer where the file is shorter."""
        return self.read(0, min(length, self.size))

    def blocks(self, span: Span) -> Iterator[bytes]:
        """Return a span in blocks of a megabyte."""
        if span.offset < 0 or span.length < 0 or span.offset + span.length > self.size:
            raise Damaged("a piece lies outside the file")
        self._stream.seek(span.offset)
        left = span.length
        while left:
            data = self._stream.read(min(_BLOCK, left))
            if not data:
                raise Damaged("the file became shorter")
            left -= len(data)
            yield data


def with_patches(first: int, end: int, patches: Mapping[int, bytes]) -> list[Piece]:
    """Return the bytes from ``first`` to ``end``, some of them overwritten.

    Args:
        first: Offset in the old file.
        end: Likewise, the first that is left out.
        patches: What is written over the old bytes, by offset; none may overlap another.
    """
    pieces: list[Piece] = []
    at = first
    for offset, data in sorted(patches.items()):
        if offset < at or offset + len(data) > end:
            raise Damaged("changes overlap")
        pieces += [Span(at, offset - at), data]
        at = offset + len(data)
    return [*pieces, Span(at, end - at)]


def write_pieces(source: Source, pieces: Sequence[Piece], out_path: str | os.PathLike[str]) -> int:
    """Write a file; it appears under its name when it is whole, and replaces what lay there.

    Returns:
        Its length in bytes.

    Raises:
        Damaged: The source ended meanwhile.
        OSError: It cannot be written.
    """
    final = Path(out_path)
    # The name that ``media.atomic_file`` clears away after a crash.
    temporary = final.parent / f".faceswap-{secrets.token_hex(8)}.part"
    length = 0
    try:
        with temporary.open("xb") as stream:
            for piece in pieces:
                for block in (piece,) if isinstance(piece, bytes) else source.blocks(piece):
                    stream.write(block)
                    length += len(block)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(final)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return length
