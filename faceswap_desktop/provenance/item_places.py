"""Where the items of an AVIF file lie: its ``iloc`` box. Source: ISO/IEC 14496-12, 8.11.3."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from faceswap_desktop.provenance.pieces import MOST_PARTS, Damaged

_MOST_NARROW: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class Extent:
    """A part of an item: its index (for methods that need one), offset and length; length 0 is "to the end"."""

    index: int
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class ItemPlace:
    """Where an item lies.

    Attributes:
        number: The item's.
        method: 0 for offsets in the file, 1 within the ``meta`` box, 2 within another item.
        reference: Which file; 0 for this one.
        extents: Its parts, in order.
    """

    number: int
    method: int
    reference: int
    extents: tuple[Extent, ...]


class _Fields:
    """Reads numbers one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self, size: int) -> int:
        if self._at + size > len(self._data):
            raise Damaged("a list of places that ends early")
        self._at += size
        return int.from_bytes(self._data[self._at - size : self._at], "big")


def read_places(body: bytes) -> Iterator[ItemPlace]:
    """Read the box's content; bases are added to the offsets.

    Raises:
        Damaged: It ends early, or tells of more than it can hold.
    """
    fields = _Fields(body)
    version = fields.number(4) >> 24
    sizes = fields.number(2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    if version > 2 or not {offset_size, length_size, base_size, index_size} <= {0, 4, 8}:
        raise Damaged("an unknown list of places")
    wide = 4 if version == 2 else 2
    told = 0
    for _ in range(fields.number(wide)):
        number = fields.number(wide)
        method = fields.number(2) & 15 if version else 0
        reference = fields.number(2)
        base = fields.number(base_size)
        extents = []
        count = fields.number(2)
        told += 1 + count
        if told > MOST_PARTS:
            raise Damaged("too many places")
        for _ in range(count):
            index = fields.number(index_size)
            offset = fields.number(offset_size)
            extents.append(Extent(index, base + offset, fields.number(length_size)))
        yield ItemPlace(number, method, reference, tuple(extents))


def write_places(places: Sequence[ItemPlace], *, wide: bool) -> bytes:
    """Write a box, always with the same length for as many items and extents.

    Args:
        places: In order.
        wide: With eight bytes for offsets and lengths, else four.
    """
    size = 8 if wide else 4
    has_index = any(one.index for place in places for one in place.extents)
    has_methods = has_index or any(place.method for place in places)
    # The oldest layout that can hold it is what most programs read.
    version = 2 if any(place.number > _MOST_NARROW for place in places) else int(has_methods)
    id_size = 4 if version == 2 else 2
    index_size = 4 if has_index else 0
    parts = [bytes((version, 0, 0, 0, size << 4 | size, index_size)), len(places).to_bytes(id_size, "big")]
    for place in places:
        parts.append(place.number.to_bytes(id_size, "big"))
        if version:
            parts.append(place.method.to_bytes(2, "big"))
        parts.append(place.reference.to_bytes(2, "big") + len(place.extents).to_bytes(2, "big"))
        for one in place.extents:
            if max(one.offset, one.length) >> size * 8 or one.index >> 32:
                raise Damaged("an item beyond the end")
            parts.append(one.index.to_bytes(index_size, "big") if index_size else b"")
            parts.append(one.offset.to_bytes(size, "big") + one.length.to_bytes(size, "big"))
    body = b"".join(parts)
    return (8 + len(body)).to_bytes(4, "big") + b"iloc" + body
