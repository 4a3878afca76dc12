"""Boxes of ISO media files (MP4, MOV, AVIF). Source: ISO/IEC 14496-12, 4.2."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from faceswap_desktop.provenance.pieces import MOST_PARTS, Damaged, Source, Unmarkable


@dataclass(frozen=True, slots=True)
class Box:
    """One box.

    Attributes:
        kind: Four letters.
        offset: Of its header.
        header: Length of the header, 8 or 16.
        length: With header.
        is_open: It goes on to the end of the file, and does not tell its length.
    """

    kind: bytes
    offset: int
    header: int
    length: int
    is_open: bool = False

    @property
    def content(self) -> int:
        """Where the content begins."""
        return self.offset + self.header

    @property
    def end(self) -> int:
        """The first byte behind it."""
        return self.offset + self.length


def boxes(source: Source, first: int, end: int) -> Iterator[Box]:
    """Return the boxes between two offsets; a few bytes too little for a box at the end are passed over.

    Raises:
        Damaged: One goes beyond the end.
    """
    at = first
    for _ in range(MOST_PARTS):
        if at + 8 > end:
            return
        head = source.read(at, 8)
        length, header = int.from_bytes(head[:4], "big"), 8
        is_open = length == 0
        if is_open:
            if head[4:] == b"\0\0\0\0":  # QuickTime ends lists with four zeros
                return
            length = end - at
        elif length == 1:
            header, length = 16, int.from_bytes(source.read(at + 8, 8), "big")
        if length < header or at + length > end:
            raise Damaged("a box beyond the end")
        yield Box(head[4:], at, header, length, is_open)
        at += length
    raise Damaged("too many boxes")


def closing_patch(last: Box) -> dict[int, bytes]:
    """Return what has to be written over the header of the last box so that something can follow it.

    Raises:
        Unmarkable: It is too long for the room that its header has.
    """
    if not last.is_open:
        return {}
    if last.length > 0xFFFF_FFFF:
        raise Unmarkable("its last box is open and longer than four gigabytes")
    return {last.offset: last.length.to_bytes(4, "big")}
