"""XMP in PNG files: an ``iTXt`` chunk before the picture. Source: XMP specification part 3, 1.1.5; PNG 1.2."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from faceswap_desktop.provenance.packet import MOST_BYTES, Marks, make_packet
from faceswap_desktop.provenance.pieces import MOST_PARTS, Damaged, Piece, Source, Span

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_KEY: Final = b"XML:com.adobe.xmp\0"


@dataclass(frozen=True, slots=True)
class _Chunk:
    kind: bytes
    offset: int
    length: int
    is_packet: bool


def find(source: Source) -> bytes:
    """Return the packet; empty for none, or for one that is too large."""
    return next((_content(source, one) for one in _chunks(source) if one.is_packet), b"")


def plan(source: Source, marks: Marks) -> list[Piece]:
    """Put a packet before the first data of the picture, and take out those that were there."""
    chunks = list(_chunks(source))
    packet = make_packet(marks, next((_content(source, one) for one in chunks if one.is_packet), b""))
    body = b"iTXt" + _KEY + b"\0\0" + b"\0" + b"\0" + packet  # not compressed, no language, no translated key
    ours = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    pieces: list[Piece] = [Span(0, len(SIGNATURE))]
    is_in = False
    start = len(SIGNATURE)
    for chunk in chunks:
        if chunk.is_packet or (chunk.kind == b"IDAT" and not is_in):
            pieces.append(Span(start, chunk.offset - start))
            start = chunk.offset
        if chunk.is_packet:
            start += chunk.length
        elif chunk.kind == b"IDAT" and not is_in:
            pieces.append(ours)
            is_in = True
    if not is_in:
        raise Damaged("no picture data")
    return [*pieces, Span(start, source.size - start)]


def _content(source: Source, chunk: _Chunk) -> bytes:
    if chunk.length > 2 * MOST_BYTES:
        return b""
    data = source.read(chunk.offset + 8 + len(_KEY), chunk.length - 12 - len(_KEY))
    parts = data[2:].split(b"\0", 2)
    if len(parts) != 3:
        return b""
    text = parts[2]
    if data[0] == 0:
        return text
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(text, MOST_BYTES)
    except zlib.error:
        return b""
    return b"" if unpacker.unconsumed_tail else text


def _chunks(source: Source) -> Iterator[_Chunk]:
    """Return all chunks up to the end of the picture; what follows that belongs to no chunk."""
    at = len(SIGNATURE)
    for _ in range(MOST_PARTS):
        head = source.read(at, 8)
        length, kind = int.from_bytes(head[:4], "big") + 12, head[4:]
        if at + length > source.size:
            raise Damaged("a chunk beyond the end")
        is_packet = kind == b"iTXt" and length > 16 + len(_KEY) and source.read(at + 8, len(_KEY)) == _KEY
        yield _Chunk(kind, at, length, is_packet)
        if kind == b"IEND":
            return
        at += length
    raise Damaged("too many chunks")
