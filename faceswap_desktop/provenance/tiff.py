"""XMP in TIFF files: tag 700 of the first directory. Source: TIFF 6.0; XMP specification part 3, 1.1.6."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from faceswap_desktop.provenance.packet import MOST_BYTES, Marks, blank, make_packet
from faceswap_desktop.provenance.pieces import Damaged, Piece, Source, Unmarkable, with_patches

_TAG: Final = 700
_BYTE, _UNDEFINED = 1, 7
_ENTRY: Final = 12
_MOST_FILE: Final = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class _Directory:
    order: str
    entries: tuple[bytes, ...]
    next: bytes


def is_tiff(head: bytes) -> bool:
    """Say whether a file's first bytes are those of a TIFF file, BigTIFF included."""
    return head[:4] in {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"}


def find(source: Source) -> bytes:
    """Return the packet; empty for none, and for BigTIFF."""
    if source.read(0, 4)[2:] not in {b"*\0", b"\0*"}:
        return b""
    return _place(source, _directory(source))[1]


def plan(source: Source, marks: Marks) -> list[Piece]:
    """Put a packet and a new first directory at the end. Nothing else is moved, so that every offset stays right."""
    if source.read(0, 4)[2:] not in {b"*\0", b"\0*"}:
        raise Unmarkable("BigTIFF")
    directory = _directory(source)
    order = directory.order
    old = _place(source, directory)
    packet = make_packet(marks, old[1])
    filling = b"\0" * (source.size % 2)
    at = source.size + len(filling)
    body = packet + b"\0" * (len(packet) % 2)
    entry = struct.pack(f"{order}HHII", _TAG, _BYTE, len(packet), at)
    others = [one for one in directory.entries if _tag(one, order) != _TAG]
    entries = sorted([*others, entry], key=lambda one: _tag(one, order))
    table = struct.pack(f"{order}H", len(entries)) + b"".join(entries) + directory.next
    if at + len(body) + len(table) > _MOST_FILE or len(entries) > 0xFFFF:
        raise Unmarkable("a TIFF file of more than four gigabytes")
    start = source.read(0, 4) + struct.pack(f"{order}I", at + len(body))
    patches = {old[0]: blank(old[1])} if old[0] >= len(start) else {}
    return [start, *with_patches(len(start), source.size, patches), filling, body, table]


def _place(source: Source, directory: _Directory) -> tuple[int, bytes]:
    """Return where the packet lies, and the packet; 0 and nothing for none."""
    for entry in directory.entries:
        tag, kind, count, offset = struct.unpack(f"{directory.order}HHII", entry)
        if tag == _TAG and kind in {_BYTE, _UNDEFINED} and 4 < count <= MOST_BYTES and offset + count <= source.size:
            return offset, source.read(offset, count)
    return 0, b""


def _tag(entry: bytes, order: str) -> int:
    return int(struct.unpack(f"{order}H", entry[:2])[0])


def _directory(source: Source) -> _Directory:
    order = "<" if source.read(0, 2) == b"II" else ">"
    at = int(struct.unpack(f"{order}I", source.read(4, 4))[0])
    if at < 8:
        raise Damaged("no directory")
    count = int(struct.unpack(f"{order}H", source.read(at, 2))[0])
    table = source.read(at + 2, count * _ENTRY + 4)
    entries = tuple(table[one * _ENTRY : (one + 1) * _ENTRY] for one in range(count))
    return _Directory(order, entries, table[-4:])
