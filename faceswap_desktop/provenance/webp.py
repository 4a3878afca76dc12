"""XMP in WebP files: the last chunk, announced in ``VP8X``. Source: WebP container specification."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from faceswap_desktop.provenance.packet import MOST_BYTES, Marks, make_packet
from faceswap_desktop.provenance.pieces import MOST_PARTS, Damaged, Piece, Source, Span, Unmarkable

_HAS_XMP: Final = 0x04
_HAS_ALPHA: Final = 0x10
_MOST_FILE: Final = 0xFFFF_FFF6


@dataclass(frozen=True, slots=True)
class _Chunk:
    kind: bytes
    offset: int
    length: int
    """Of the content, without header and filling byte."""

    @property
    def span(self) -> Span:
        return Span(self.offset, 8 + self.length + self.length % 2)


def find(source: Source) -> bytes:
    """Return the packet; empty for none."""
    return _packet(source, _chunks(source))


def plan(source: Source, marks: Marks) -> list[Piece]:
    """Put a packet at the end; a file of one chunk gets the header that announces more. What lies behind is cut off."""
    chunks = list(_chunks(source))
    packet = make_packet(marks, _packet(source, iter(chunks)))
    pieces: list[Piece] = [_extended(source, chunks)]
    pieces += [one.span for one in chunks if one.kind not in {b"VP8X", b"XMP "}]
    pieces.append(b"XMP " + len(packet).to_bytes(4, "little") + packet + b"\0" * (len(packet) % 2))
    length = 4 + sum(len(one) if isinstance(one, bytes) else one.length for one in pieces)
    if length > _MOST_FILE:
        raise Unmarkable("a WebP file of more than four gigabytes")
    return [b"RIFF" + length.to_bytes(4, "little") + b"WEBP", *pieces]


def _packet(source: Source, chunks: Iterator[_Chunk]) -> bytes:
    found = next((one for one in chunks if one.kind == b"XMP "), None)
    if found is None or found.length > MOST_BYTES:
        return b""
    return source.read(found.offset + 8, found.length)


def _extended(source: Source, chunks: list[_Chunk]) -> bytes:
    first = chunks[0] if chunks else None
    if first is None or first.length < 10:
        raise Damaged("no picture")
    if first.kind == b"VP8X":
        body = bytearray(source.read(first.offset + 8, 10))
        body[0] |= _HAS_XMP
        return b"VP8X" + (10).to_bytes(4, "little") + bytes(body)
    head = source.read(first.offset + 8, 10)
    flags = _HAS_XMP
    if first.kind == b"VP8 " and head[3:6] == b"\x9d\x01\x2a":
        width = int.from_bytes(head[6:8], "little") & 0x3FFF
        height = int.from_bytes(head[8:10], "little") & 0x3FFF
    elif first.kind == b"VP8L" and head[0] == 0x2F:
        bits = int.from_bytes(head[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        flags |= _HAS_ALPHA if bits >> 28 & 1 else 0
    else:
        raise Damaged("the first chunk is no picture")
    if not width or not height:
        raise Damaged("an empty picture")
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"VP8X" + (10).to_bytes(4, "little") + bytes((flags, 0, 0, 0)) + sides


def _chunks(source: Source) -> Iterator[_Chunk]:
    head = source.read(0, 12)
    end = 8 + int.from_bytes(head[4:8], "little")
    if head[:4] != b"RIFF" or head[8:] != b"WEBP" or end > source.size:
        raise Damaged("not a whole WebP file")
    at = 12
    for _ in range(MOST_PARTS):
        if at + 8 > end:
            return
        header = source.read(at, 8)
        chunk = _Chunk(header[:4], at, int.from_bytes(header[4:], "little"))
        # The last filling byte is forgotten by some writers.
        if at + 8 + chunk.length > end or chunk.span.offset + chunk.span.length > source.size:
            raise Damaged("a chunk beyond the end")
        yield chunk
        at += chunk.span.length
    raise Damaged("too many chunks")
