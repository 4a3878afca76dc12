"""XMP in MP4 and QuickTime files: a ``uuid`` box at the end. Source: XMP specification part 3, 1.2.6 and 1.2.7."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from faceswap_desktop.provenance.boxes import Box, boxes, closing_patch
from faceswap_desktop.provenance.packet import MOST_BYTES, Marks, make_packet
from faceswap_desktop.provenance.pieces import Damaged, Piece, Source, with_patches

_XMP: Final = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


@dataclass(frozen=True, slots=True)
class _Packet:
    box: Box
    start: int


def find(source: Source) -> bytes:
    """Return the packet, the file's before the film's; empty for none."""
    return _content(source, _packets(source, list(boxes(source, 0, source.size))))


def plan(source: Source, marks: Marks) -> list[Piece]:
    """Put a packet at the end; those that were there become free room where they lie.

    Nothing is moved: frames are found by their offset in the file. Only an index of fragments, which has to be the
    last box, goes behind the packet; its own offsets point backwards and stay right.
    """
    top = list(boxes(source, 0, source.size))
    if not any(one.kind in {b"moov", b"moof"} for one in top):
        raise Damaged("no film")
    old = _packets(source, top)
    packet = make_packet(marks, _content(source, old))
    patches = {one.box.offset + 4: b"free" for one in old} | closing_patch(top[-1])
    for one in old:
        if one.box.end - one.start <= MOST_BYTES:
            patches[one.start] = bytes(one.box.end - one.start)
    ours = (24 + len(packet)).to_bytes(4, "big") + b"uuid" + _XMP + packet
    end = top[-1].offset if top[-1].kind == b"mfra" else top[-1].end
    return [*with_patches(0, end, patches), ours, *with_patches(end, top[-1].end, {})]


def _content(source: Source, found: list[_Packet]) -> bytes:
    if not found or found[0].box.end - found[0].start > MOST_BYTES:
        return b""
    return source.read(found[0].start, found[0].box.end - found[0].start)


def _packets(source: Source, top: list[Box]) -> list[_Packet]:
    found = [
        _Packet(one, one.content + 16)
        for one in top
        if one.kind == b"uuid" and one.length >= one.header + 16 and source.read(one.content, 16) == _XMP
    ]
    # QuickTime keeps it in the film's user data. The last packet at the top is the newest.
    found.reverse()
    for film in (one for one in top if one.kind == b"moov"):
        for data in (one for one in boxes(source, film.content, film.end) if one.kind == b"udta"):
            found += [_Packet(one, one.content) for one in boxes(source, data.content, data.end) if one.kind == b"XMP_"]
    return found
