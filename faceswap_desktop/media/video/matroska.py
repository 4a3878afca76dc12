"""Pixels that are not square, in Matroska and WebM: written into the finished header.

FFmpeg writes how wide a picture is shown from a field of its stream that PyAV cannot set; H.264 and HEVC say it
themselves, AV1, VP9 and ProRes do not. So the picture track gets a name of the right length, and when the file is
there, the name's room is given to the two numbers. Nothing else in the file moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

PLACEHOLDER: Final = "room for the display size"

_SEGMENT: Final = 0x18538067
_TRACKS: Final = 0x1654AE6B
_CLUSTER: Final = 0x1F43B675
_TRACK_ENTRY: Final = 0xAE
_NAME: Final = 0x536E
_VIDEO: Final = 0xE0
_DISPLAY_WIDTH: Final = 0x54B0
_DISPLAY_HEIGHT: Final = 0x54BA
_DISPLAY_UNIT: Final = 0x54B2
_VOID: Final = 0xEC
_MOST_HEADER: Final = 64 * 2**20


class NoRoom(Exception):
    """The header is not as FFmpeg writes it."""


def placeholder(title: str) -> str:
    """Return the name that the picture track is given before, so that there is room."""
    return title + PLACEHOLDER


def write_display_size(path: Path, title: str, size: tuple[int, int], ratio: Fraction) -> None:
    """Say in a finished file how wide its picture is shown.

    Args:
        path: Written without checksums, its picture track named ``placeholder(title)``.
        title: The track's own name; empty for none.
        size: Width and height of a coded frame.
        ratio: Width to height of a pixel.

    Raises:
        NoRoom: The header is not as expected; the file is unchanged.
    """
    with path.open("r+b") as stream:
        head = stream.read(_MOST_HEADER)
        start, end = _track_entry(head, placeholder(title).encode())
        entry = _rebuilt(head[start:end], title, _shown(size, ratio))
        stream.seek(start)
        stream.write(entry)


def _shown(size: tuple[int, int], ratio: Fraction) -> tuple[int, int]:
    width, height = size
    return (round(width * ratio), height) if ratio >= 1 else (width, round(height / ratio))


def _track_entry(head: bytes, name: bytes) -> tuple[int, int]:
    """Return where the content of the track of a name lies."""
    for kind, start, end in _elements(head, 0, len(head)):
        if kind != _SEGMENT:
            continue
        for inner, first, last in _elements(head, start, min(end, len(head))):
            if inner == _CLUSTER:
                break
            if inner != _TRACKS:
                continue
            for entry, begin, stop in _elements(head, first, last):
                children = list(_elements(head, begin, stop))
                if entry == _TRACK_ENTRY and any(child == _NAME and head[a:b] == name for child, a, b in children):
                    return begin, stop
    raise NoRoom("no such track")


def _rebuilt(entry: bytes, title: str, shown: tuple[int, int]) -> bytes:
    """Return a track's description of the same length, with the display size in it."""
    parts: list[bytes] = []
    for kind, start, end in _elements(entry, 0, len(entry)):
        content = entry[start:end]
        if kind == _NAME:
            content = title.encode()
            if not content:
                continue
        if kind == _VIDEO:
            kept = [
                _element(inner, content[a:b])
                for inner, a, b in _elements(content, 0, len(content))
                if inner not in {_DISPLAY_UNIT, _DISPLAY_WIDTH, _DISPLAY_HEIGHT}
            ]
            content = b"".join(kept) + _number(_DISPLAY_WIDTH, shown[0]) + _number(_DISPLAY_HEIGHT, shown[1])
        parts.append(_element(kind, content))
    data = b"".join(parts)
    left = len(entry) - len(data)
    if left < 2:
        raise NoRoom("the name was too short")
    return data + _filler(left)


def _elements(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield each element's id and where its content begins and ends."""
    at = start
    while at < end:
        length = _vint_length(data[at], 4)
        kind = int.from_bytes(data[at : at + length], "big")
        at += length
        if at >= end:
            return
        length = _vint_length(data[at], 8)
        raw = int.from_bytes(data[at : at + length], "big")
        size = raw & ((1 << 7 * length) - 1)
        at += length
        stop = end if size == (1 << 7 * length) - 1 else at + size
        yield kind, at, stop
        at = stop


def _vint_length(first: int, most: int) -> int:
    length = 9 - first.bit_length()
    if not 1 <= length <= most:
        raise NoRoom("not an element")
    return length


def _element(kind: int, content: bytes) -> bytes:
    return kind.to_bytes((kind.bit_length() + 7) // 8, "big") + _size(len(content), 1) + content


def _size(number: int, least: int) -> bytes:
    length = next(length for length in range(least, 9) if number < (1 << 7 * length) - 1)
    return (number | 1 << 7 * length).to_bytes(length, "big")


def _number(kind: int, value: int) -> bytes:
    return _element(kind, value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _filler(length: int) -> bytes:
    """Return an element without meaning, of exactly so many bytes: at least 2."""
    for width in (1, 2, 3):
        size = length - 1 - width
        if 0 <= size < (1 << 7 * width) - 1:
            return bytes([_VOID]) + _size(size, width) + bytes(size)
    raise NoRoom("too long")
