"""EXIF blocks, taken apart and put together byte for byte, so that no value changes its type on the way.

What is kept of an original: the descriptive entries of the main directory, the camera's directory and the
place. What is never kept:

* the thumbnail (the second directory): it shows the face that was replaced;
* the maker's note: its inner offsets point into the old file, so it would be damaged anyway, and it can hold
  serial numbers and links to other files;
* everything that describes how the old file's pixels were stored.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from faceswap_desktop.domain.geometry import Size

PREFIX: Final = b"Exif\x00\x00"
ORIENTATION: Final = 0x0112

_CAMERA_POINTER: Final = 0x8769
_GPS_POINTER: Final = 0x8825
_INTEROPERABILITY_POINTER: Final = 0xA005
_POINTERS: Final = frozenset({_CAMERA_POINTER, _GPS_POINTER, _INTEROPERABILITY_POINTER})

_MAKER_NOTE: Final = 0x927C
_PADDING: Final = 0xEA1C
_WIDTH: Final = 0xA002
_HEIGHT: Final = 0xA003

# Description, make, model, orientation, resolution and its unit, software, time, artist, host, rating,
# copyright, and Windows' title, comment, author, keywords and subject.
_MAIN_TAGS: Final = frozenset(
    {0x010E, 0x010F, 0x0110, ORIENTATION, 0x011A, 0x011B, 0x0128, 0x0131, 0x0132, 0x013B, 0x013C}
    | {0x4746, 0x4749, 0x8298, 0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F}
)
_UNIT_BYTES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}

_MAX_ENTRIES: Final = 500
_MAX_VALUE_BYTES: Final = 16 * 1024
MAX_BLOCK_BYTES: Final = 65_000
"""A JPEG's EXIF segment holds 65,533 bytes; some of them are the prefix."""

Source = bytes | mmap.mmap


class _Entry(NamedTuple):
    tag: int
    kind: int
    units: int
    value: bytes


@dataclass(frozen=True, slots=True)
class _Block:
    """A block taken apart; ``order`` is ``<`` or ``>`` as in ``struct``."""

    order: str
    main: list[_Entry] = field(default_factory=list)
    camera: list[_Entry] = field(default_factory=list)
    gps: list[_Entry] = field(default_factory=list)
    interoperability: list[_Entry] = field(default_factory=list)


def orientation_of(raw: Source) -> int:
    """Return the EXIF orientation, 1 to 8; 1 where it is missing or makes no sense."""
    block = _take_apart(raw)
    if block is None:
        return 1
    value = next((_number(block.order, entry) for entry in block.main if entry.tag == ORIENTATION), None)
    return value if value is not None and 1 <= value <= 8 else 1


def clean_exif(raw: Source, size: Size) -> bytes:
    """Return what of an original's EXIF is kept, for an upright picture.

    Args:
        raw: The block with or without its ``Exif`` prefix, or a whole TIFF file. Damaged entries are dropped.
        size: Of the upright picture; goes where the block states a size.

    Returns:
        A block with its prefix, orientation 1, at most ``MAX_BLOCK_BYTES`` long; empty where nothing is left.
    """
    block = _take_apart(raw)
    if block is None:
        return b""
    cleaned = replace(
        block,
        main=[_normalised(block.order, entry) for entry in block.main if entry.tag in _MAIN_TAGS],
        camera=[
            _resized(block.order, entry, size) for entry in block.camera if entry.tag not in {_MAKER_NOTE, _PADDING}
        ],
    )
    return _put_together(_fitting(cleaned))


def without_gps(exif: bytes) -> bytes:
    """Return a block without the place where the photo was taken."""
    block = _take_apart(exif)
    return _put_together(replace(block, gps=[])) if block else b""


def has_gps(exif: bytes) -> bool:
    """Say whether a block tells a place."""
    block = _take_apart(exif)
    return bool(block and block.gps)


def _take_apart(raw: Source) -> _Block | None:
    base = len(PREFIX) if raw[: len(PREFIX)] == PREFIX else 0
    order = {b"II\x2a\x00": "<", b"MM\x00\x2a": ">"}.get(raw[base : base + 4])
    if order is None or len(raw) < base + 8:
        return None
    first = int(struct.unpack(order + "I", raw[base + 4 : base + 8])[0])
    main = _read_directory(raw, base, order, first)
    pointers = {entry.tag: _number(order, entry) for entry in main if entry.tag in _POINTERS}
    camera = _read_directory(raw, base, order, pointers.get(_CAMERA_POINTER))
    inner = next((_number(order, entry) for entry in camera if entry.tag == _INTEROPERABILITY_POINTER), None)
    return _Block(
        order,
        _without_pointers(main),
        _without_pointers(camera),
        _without_pointers(_read_directory(raw, base, order, pointers.get(_GPS_POINTER))),
        _without_pointers(_read_directory(raw, base, order, inner)),
    )


def _without_pointers(entries: list[_Entry]) -> list[_Entry]:
    return [entry for entry in entries if entry.tag not in _POINTERS]


def _read_directory(raw: Source, base: int, order: str, offset: int | None) -> list[_Entry]:
    """Read one directory; entries that point outside the block, or are too long, are left out."""
    if offset is None or offset < 8 or base + offset + 2 > len(raw):
        return []
    start = base + offset
    (count,) = struct.unpack(order + "H", raw[start : start + 2])
    entries: dict[int, _Entry] = {}
    for index in range(min(count, _MAX_ENTRIES)):
        record = raw[start + 2 + 12 * index : start + 14 + 12 * index]
        if len(record) < 12:
            break
        tag, kind, length = struct.unpack(order + "HHI", record[:8])
        size = _UNIT_BYTES.get(kind, 0) * length
        if not 0 < size <= _MAX_VALUE_BYTES:
            continue
        value = record[8 : 8 + size]
        if size > 4:
            at = base + int(struct.unpack(order + "I", record[8:12])[0])
            value = raw[at : at + size]
        if len(value) == size:
            entries.setdefault(tag, _Entry(tag, kind, length, value))
    return sorted(entries.values())


def _number(order: str, entry: _Entry) -> int | None:
    letter = {1: "B", 3: "H", 4: "I", 13: "I"}.get(entry.kind)
    if letter is None or entry.units != 1:
        return None
    return int(struct.unpack(order + letter, entry.value)[0])


def _normalised(order: str, entry: _Entry) -> _Entry:
    return _Entry(ORIENTATION, 3, 1, struct.pack(order + "H", 1)) if entry.tag == ORIENTATION else entry


def _resized(order: str, entry: _Entry, size: Size) -> _Entry:
    sides = {_WIDTH: size.width, _HEIGHT: size.height}
    if entry.tag not in sides:
        return entry
    return _Entry(entry.tag, 4, 1, struct.pack(order + "I", sides[entry.tag]))


def _fitting(block: _Block) -> _Block:
    """Drop the longest values until the block fits into a JPEG's segment."""
    room = MAX_BLOCK_BYTES - len(PREFIX) - 100  # the header, four counts and three pointers
    lists = (block.main, block.camera, block.gps, block.interoperability)
    lengths = sorted(len(entry.value) for entries in lists for entry in entries)
    longest = 0
    for length in lengths:
        room -= 12 + _padded(length)
        if room < 0:
            break
        longest = length
    else:
        return block
    return _Block(block.order, *([entry for entry in entries if len(entry.value) <= longest - 1] for entries in lists))


def _put_together(block: _Block) -> bytes:
    """Write the directories one behind the other: main, camera, interoperability, place."""
    order = block.order
    main, camera = list(block.main), list(block.camera)
    # Sizes do not depend on the pointers' values, so the places can be reckoned before they are written.
    if block.interoperability:
        camera.append(_pointer(order, _INTEROPERABILITY_POINTER, 0))
    if camera:
        main.append(_pointer(order, _CAMERA_POINTER, 0))
    if block.gps:
        main.append(_pointer(order, _GPS_POINTER, 0))
    if not main:
        return b""
    camera_at = 8 + _directory_bytes(main)
    inner_at = camera_at + (_directory_bytes(camera) if camera else 0)
    gps_at = inner_at + (_directory_bytes(block.interoperability) if block.interoperability else 0)
    places = {_CAMERA_POINTER: camera_at, _INTEROPERABILITY_POINTER: inner_at, _GPS_POINTER: gps_at}
    written = b"II\x2a\x00" if order == "<" else b"MM\x00\x2a"
    written += struct.pack(order + "I", 8)
    for entries in (main, camera, block.interoperability, block.gps):
        if entries:
            pointed = [
                _pointer(order, item.tag, places[item.tag]) if item.tag in _POINTERS else item for item in entries
            ]
            written += _directory(order, sorted(pointed), len(written))
    return PREFIX + written


def _pointer(order: str, tag: int, offset: int) -> _Entry:
    return _Entry(tag, 4, 1, struct.pack(order + "I", offset))


def _directory_bytes(entries: list[_Entry]) -> int:
    return 6 + 12 * len(entries) + sum(_padded(len(entry.value)) for entry in entries if len(entry.value) > 4)


def _padded(length: int) -> int:
    return length + length % 2


def _directory(order: str, entries: list[_Entry], start: int) -> bytes:
    """Write one directory whose first byte lies at ``start``; no other directory follows it."""
    records = struct.pack(order + "H", len(entries))
    values = b""
    values_at = start + 6 + 12 * len(entries)
    for entry in entries:
        records += struct.pack(order + "HHI", entry.tag, entry.kind, entry.units)
        if len(entry.value) <= 4:
            records += entry.value.ljust(4, b"\x00")
        else:
            records += struct.pack(order + "I", values_at + len(values))
            values += entry.value.ljust(_padded(len(entry.value)), b"\x00")
    return records + struct.pack(order + "I", 0) + values
