"""XMP in JPEG files: a segment of its own before the picture. Source: XMP specification part 3, 1.1.3."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from faceswap_desktop.provenance.packet import Marks, make_packet
from faceswap_desktop.provenance.pieces import MOST_PARTS, Damaged, Piece, Source, Span

_XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"
_EXIF: Final = b"Exif\0"
_MOST: Final = 0xFFFF - 2 - len(_XMP)
_APP0, _APP1, _SCAN, _END = 0xE0, 0xE1, 0xDA, 0xD9
_BARE: Final = frozenset({0x01, *range(0xD0, 0xD8)})


@dataclass(frozen=True, slots=True)
class _Segment:
    marker: int
    offset: int
    length: int
    head: bytes


def find(source: Source) -> bytes:
    """Return the packet; empty for none."""
    found = _packets(source, _segments(source))
    return found[0] if found else b""


def plan(source: Source, marks: Marks) -> list[Piece]:
    """Put a packet behind what has to stand first. Extended XMP, in segments of its own, stays as it is.

    A packet that would no longer fit with ours in one segment is replaced.
    """
    segments = list(_segments(source))
    old = [one for one in segments if _is_packet(one)]
    first = _packets(source, old)
    packet = make_packet(marks, first[0] if first else b"")
    if len(packet) > _MOST:
        packet = make_packet(marks)
    pieces: list[Piece] = [Span(0, 2)]
    leading = 0
    while leading < len(segments) and _stands_first(segments[leading]):
        leading += 1
    pieces += [Span(one.offset, one.length) for one in segments[:leading]]
    pieces.append(b"\xff\xe1" + (len(_XMP) + len(packet) + 2).to_bytes(2, "big") + _XMP + packet)
    pieces += [Span(one.offset, one.length) for one in segments[leading:] if one not in old]
    end = segments[-1].offset + segments[-1].length if segments else 2
    return [*pieces, Span(end, source.size - end)]


def _stands_first(segment: _Segment) -> bool:
    return segment.marker == _APP0 or (segment.marker == _APP1 and segment.head.startswith(_EXIF))


def _is_packet(segment: _Segment) -> bool:
    return segment.marker == _APP1 and segment.head == _XMP


def _packets(source: Source, segments: Iterator[_Segment] | list[_Segment]) -> list[bytes]:
    lead = 4 + len(_XMP)
    return [source.read(one.offset + lead, one.length - lead) for one in segments if _is_packet(one)]


def _segments(source: Source) -> Iterator[_Segment]:
    """Return what stands before the first scan."""
    at = 2
    for _ in range(MOST_PARTS):
        if source.read(at, 1) != b"\xff":
            raise Damaged("no marker where one has to be")
        marker = source.read(at + 1, 1)[0]
        if marker == 0xFF:  # a filling byte
            at += 1
            continue
        if marker in {_SCAN, _END}:
            return
        length = 2 if marker in _BARE else 2 + int.from_bytes(source.read(at + 2, 2), "big")
        if length == 3 or at + length > source.size or (length < 4 and marker not in _BARE):
            raise Damaged("a segment with a wrong length")
        yield _Segment(marker, at, length, source.read(at + 4, max(0, min(len(_XMP), length - 4))))
        at += length
    raise Damaged("too many segments")
