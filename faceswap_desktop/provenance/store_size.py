"""How long the credentials in a file are, found without reading them: what is too long is never parsed.

Only long files are looked at this way, because credentials are never longer than the file that holds them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO, Final

_C2PA_BOX: Final = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_TIFF_TAG: Final = 0xCD41
_MOST_STEPS: Final = 1_000_000
_MOST_BOXES: Final = 10_000
"""Top-level boxes of an MP4: readers of credentials take time that grows with the square of their number."""
_MOST_ENTRIES: Final = 10_000
_MOST_DIRECTORIES: Final = 1_000
_JPEG_APP11: Final = 0xEB
_JPEG_SCAN: Final = 0xDA


def store_bytes(stream: BinaryIO, kind: str) -> int:
    """Return how many bytes the credentials of a file take, about; 0 where there are none or it cannot be told.

    Args:
        stream: The file; where it stands afterwards is left open.
        kind: Its format as ``media.sniff`` calls it.
    """
    finder = {
        "JPEG": _jpeg,
        "PNG": _png,
        "WEBP": _riff,
        "AVI": _riff,
        "TIFF": _tiff,
        "MP4": _boxes,
        "MOV": _boxes,
        "AVIF": _boxes,
        "HEIF": _boxes,
    }.get(kind)
    if finder is None:
        return 0
    stream.seek(0)
    return sum(finder(stream))


def has_too_many_boxes(stream: BinaryIO, kind: str) -> bool:
    """Say whether a file has so many boxes that reading its credentials would not end in time.

    Args:
        stream: The file; where it stands afterwards is left open.
        kind: Its format as ``media.sniff`` calls it.
    """
    if kind not in {"MP4", "MOV", "AVIF", "HEIF"}:
        return False
    length, at = stream.seek(0, os.SEEK_END), 0
    for _ in range(_MOST_BOXES):
        stream.seek(at)
        head = stream.read(16)
        size, header = int.from_bytes(head[:4], "big"), 8
        if size == 1:
            size, header = int.from_bytes(head[8:16], "big"), 16
        at += size
        if size < header or at >= length:  # to the end, or damaged
            return False
    return True


def _jpeg(stream: BinaryIO) -> Iterator[int]:
    stream.seek(2)
    for _ in range(_MOST_STEPS):
        head = stream.read(4)
        if len(head) < 4 or head[0] != 0xFF or head[1] == _JPEG_SCAN:
            return
        length = int.from_bytes(head[2:], "big")
        if length < 2:
            return
        if head[1] == _JPEG_APP11:
            yield length
        stream.seek(length - 2, os.SEEK_CUR)


def _png(stream: BinaryIO) -> Iterator[int]:
    stream.seek(8)
    for _ in range(_MOST_STEPS):
        head = stream.read(8)
        if len(head) < 8:
            return
        length = int.from_bytes(head[:4], "big")
        if head[4:] == b"caBX":
            yield length
        stream.seek(length + 4, os.SEEK_CUR)


def _riff(stream: BinaryIO) -> Iterator[int]:
    stream.seek(12)
    for _ in range(_MOST_STEPS):
        head = stream.read(8)
        if len(head) < 8:
            return
        length = int.from_bytes(head[4:], "little")
        if head[:4] == b"C2PA":
            yield length
        elif head[:4] == b"RIFF":  # AVIs above a gigabyte have several
            length = 4
        stream.seek(length + length % 2, os.SEEK_CUR)


def _boxes(stream: BinaryIO) -> Iterator[int]:
    for _ in range(_MOST_STEPS):
        start = stream.tell()
        head = stream.read(16)
        if len(head) < 8:
            return
        length, header = int.from_bytes(head[:4], "big"), 8
        if length == 1:
            length, header = int.from_bytes(head[8:16], "big"), 16
        elif length == 0:  # to the end
            length = stream.seek(0, os.SEEK_END) - start
        if head[4:8] == b"uuid":
            stream.seek(start + header)
            if stream.read(16) == _C2PA_BOX:
                yield length
        if length < header:
            return
        stream.seek(start + length)


def _tiff(stream: BinaryIO) -> Iterator[int]:
    head = stream.read(8)
    order = "little" if head[:2] == b"II" else "big"
    if head[2:4] in {b"\x2b\x00", b"\x00\x2b"}:  # BigTIFF
        stream.seek(8)
        yield from _directories(stream, order, count_bytes=8, entry_bytes=20, offset_bytes=8)
    else:
        stream.seek(4)
        yield from _directories(stream, order, count_bytes=2, entry_bytes=12, offset_bytes=4)


def _directories(
    stream: BinaryIO, order: str, *, count_bytes: int, entry_bytes: int, offset_bytes: int
) -> Iterator[int]:
    is_little = order == "little"

    def number(data: bytes) -> int:
        return int.from_bytes(data, "little" if is_little else "big")

    for _ in range(_MOST_DIRECTORIES):
        at = number(stream.read(offset_bytes))
        if not at:
            return
        stream.seek(at)
        entries = number(stream.read(count_bytes))
        if entries > _MOST_ENTRIES:
            return
        for _ in range(entries):
            entry = stream.read(entry_bytes)
            if number(entry[:2]) == _TIFF_TAG:
                yield number(entry[4 : 4 + offset_bytes])
