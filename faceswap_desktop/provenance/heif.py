"""XMP in AVIF files: an item beside the picture's. Source: ISO/IEC 23008-12 (HEIF), 14496-12 8.11."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import Final

from faceswap_desktop.provenance.boxes import Box, boxes, closing_patch
from faceswap_desktop.provenance.item_places import Extent, ItemPlace, read_places, write_places
from faceswap_desktop.provenance.packet import MOST_BYTES, Marks, blank, make_packet
from faceswap_desktop.provenance.pieces import MOST_READ, Damaged, Piece, Source, Span, Unmarkable, with_patches

_TYPE: Final = b"application/rdf+xml"
_MOST_ID: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class _Items:
    """What a ``meta`` box tells of items.

    ``parts`` are its boxes in order, whole; ``packet`` is the number of the item with XMP, 0 for none.
    """

    meta: Box
    parts: tuple[tuple[bytes, bytes], ...]
    places: tuple[ItemPlace, ...]
    packet: int
    primary: int
    most_id: int


def find(source: Source) -> bytes:
    """Return the packet; empty for none."""
    return _packet(source, _items(source, list(boxes(source, 0, source.size))))


def plan(source: Source, marks: Marks) -> list[Piece]:
    """Put a packet at the end, and tell of it in the list of items; offsets behind the list move with their data."""
    top = list(boxes(source, 0, source.size))
    if any(one.kind in {b"moov", b"moof"} for one in top):
        raise Unmarkable("a moving AVIF picture")
    items = _items(source, top)
    old = _extents(items)
    packet = make_packet(marks, _packet(source, items))
    number = items.packet or items.most_id + 1
    if number > _MOST_ID:
        raise Unmarkable("too many items")
    places = [one for one in items.places if one.number != number]
    wide = source.size + len(packet) > 0xFFF0_0000
    # The list has the same length whatever the offsets are, so it is made twice.
    entry = ItemPlace(number, 0, 0, (Extent(0, 0, len(packet)),))
    growth = len(_meta(items, [*places, entry], number, wide=wide)) - items.meta.length
    moved = [_moved(one, items.meta.end, growth) for one in places]
    at = source.size + growth + 8
    meta = _meta(items, [*moved, replace(entry, extents=(Extent(0, at, len(packet)),))], number, wide=wide)
    ours = (8 + len(packet)).to_bytes(4, "big") + b"mdat" + packet
    patches = closing_patch(top[-1])
    if len(old) == 1 and old[0].offset >= items.meta.end:
        patches[old[0].offset] = blank(source.read(old[0].offset, old[0].length))
    behind = with_patches(items.meta.end, source.size, patches)
    return [Span(0, items.meta.offset), meta, *behind, ours]


def _moved(place: ItemPlace, border: int, growth: int) -> ItemPlace:
    if place.method != 0 or place.reference != 0:
        return place
    if any(one.length == 0 for one in place.extents):
        raise Unmarkable("an item goes on to the end of the file")
    extents = tuple(replace(one, offset=one.offset + growth) if one.offset >= border else one for one in place.extents)
    return replace(place, extents=extents)


def _extents(items: _Items) -> tuple[Extent, ...]:
    """Return where the packet lies; nothing for none, and for one that is too large."""
    place = next((one for one in items.places if one.number == items.packet), None)
    if place is None or place.method != 0 or sum(one.length for one in place.extents) > MOST_BYTES:
        return ()
    return place.extents


def _packet(source: Source, items: _Items) -> bytes:
    return b"".join(source.read(one.offset, one.length) for one in _extents(items))


def _items(source: Source, top: list[Box]) -> _Items:
    meta = next((one for one in top if one.kind == b"meta"), None)
    if meta is None or meta.is_open or meta.length > MOST_READ:
        raise Damaged("no list of items")
    parts = tuple((one.kind, source.read(one.offset, one.length)) for one in boxes(source, meta.content + 4, meta.end))
    found = dict(parts)
    if not {b"iinf", b"iloc", b"pitm"} <= found.keys():
        raise Damaged("no list of items")
    try:
        packet, most_id = _infos(found[b"iinf"])
        primary = _primary(found[b"pitm"])
        places = tuple(read_places(found[b"iloc"][8:]))
    except (struct.error, IndexError) as error:
        raise Damaged("a list of items that ends early") from error
    most_id = max([most_id, primary, *(one.number for one in places)])
    return _Items(meta, parts, places, packet, primary, most_id)


def _primary(box: bytes) -> int:
    return int(struct.unpack_from(">H" if box[8] == 0 else ">I", box, 12)[0])


def _infos(box: bytes) -> tuple[int, int]:
    """Return the number of the item with XMP, or 0, and the highest number of all."""
    at = 14 if box[8] == 0 else 16
    packet = most = 0
    while at + 12 <= len(box):
        length = int.from_bytes(box[at : at + 4], "big")
        if length < 12 or at + length > len(box):
            raise Damaged("an item beyond the end of the list")
        entry = box[at : at + length]
        version = entry[8]
        if version >= 2:
            wide = version >= 3
            number = int(struct.unpack_from(">I" if wide else ">H", entry, 12)[0])
            rest = entry[18 if wide else 16 :]
            most = max(most, number)
            named = rest[4:].split(b"\0")
            if rest[:4] == b"mime" and len(named) > 1 and named[1] == _TYPE:
                packet = number
        at += length
    return packet, most


def _meta(items: _Items, places: list[ItemPlace], number: int, *, wide: bool) -> bytes:
    is_new = not items.packet
    body = b""
    for kind, data in items.parts:
        if kind == b"iloc":
            body += write_places(places, wide=wide)
        elif kind == b"iinf" and is_new:
            body += _with_info(data, number)
        elif kind == b"iref" and is_new:
            body += _with_reference(data, number, items.primary)
        else:
            body += data
    if is_new and not any(kind == b"iref" for kind, _ in items.parts):
        body += _with_reference(_box(b"iref", b"\0\0\0\0"), number, items.primary)
    return _box(b"meta", b"\0\0\0\0" + body)


def _with_info(box: bytes, number: int) -> bytes:
    size = 2 if box[8] == 0 else 4
    count = int.from_bytes(box[12 : 12 + size], "big") + 1
    # Version 2, hidden (flag 1): it is no picture. Number, no protection, sort, name, sort of the content.
    entry = _box(b"infe", b"\2\0\0\1" + struct.pack(">HH", number, 0) + b"mime" + b"\0" + _TYPE + b"\0")
    return _box(b"iinf", box[8:12] + count.to_bytes(size, "big") + box[12 + size :] + entry)


def _with_reference(box: bytes, number: int, primary: int) -> bytes:
    shape = ">HHH" if box[8] == 0 else ">IHI"
    if box[8] == 0 and primary > _MOST_ID:
        raise Unmarkable("a list of references that is too narrow")
    return _box(b"iref", box[8:] + _box(b"cdsc", struct.pack(shape, number, 1, primary)))


def _box(kind: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + kind + content
