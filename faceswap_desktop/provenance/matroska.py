"""Marks in Matroska and WebM files: tags at the end, found through the index at the start. No frame is moved.

Matroska has no place for XMP packets; its tags hold the same words. Sources: RFC 8794 (EBML), RFC 9559 (Matroska).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from faceswap_desktop.provenance.packet import MOST_BYTES, Marks, shortened
from faceswap_desktop.provenance.pieces import MOST_PARTS, MOST_READ, Damaged, Piece, Source, Unmarkable, with_patches

_HEADER, _SEGMENT, _CLUSTER = 0x1A45DFA3, 0x18538067, 0x1F43B675
_SEEK_HEAD, _SEEK, _SEEK_ID, _SEEK_POSITION = 0x114D9B74, 0x4DBB, 0x53AB, 0x53AC
_TAGS, _TAG, _TARGETS, _TARGET_TYPE = 0x1254C367, 0x7373, 0x63C0, 0x68CA
_SIMPLE, _NAME, _TEXT = 0x67C8, 0x45A3, 0x4487
_VOID, _CRC = 0xEC, 0xBF
_WHOLE_FILE: Final = 50
_SOURCE_TYPE: Final = "DIGITAL_SOURCE_TYPE"
_TOOL: Final = "CREATOR_TOOL"
_DISCLOSURE: Final = "COMMENT"
_OURS: Final = frozenset({_SOURCE_TYPE, _TOOL, _DISCLOSURE})
_MOST_SEEK_HEAD: Final = 2**16


@dataclass(frozen=True, slots=True)
class _Element:
    """``length`` is the content's; None where the writer left it open."""

    identity: int
    offset: int
    content: int
    length: int | None

    def end(self, limit: int) -> int:
        return limit if self.length is None else self.content + self.length


def find(source: Source) -> Marks:
    """Return what the tags say; the last that say something count."""
    found: dict[str, str] = {}
    segment, end = _segment(source)
    for element in _level_one(source, segment, end):
        if element.identity == _TAGS:
            found |= {name: text for name, text in _tags(source, element, end) if name in _OURS}
    return Marks(shortened(found.get(_SOURCE_TYPE, "")), shortened(found.get(_TOOL, "")))


def plan(source: Source, marks: Marks) -> list[Piece]:
    """Put tags at the end of the segment, and their place into its index where there is room for it.

    Our own tags of before become free room. Without room in the index the tags are there all the same, and found by
    programs that read the whole file.
    """
    segment, end = _segment(source)
    elements = list(_level_one(source, segment, end))
    tags = _ours(marks)
    patches = _longer_segment(source, segment, len(tags))
    patches |= _indexed(source, elements, end - segment.content)
    for element in elements:
        if element.identity == _TAGS and element.length is not None and _is_ours(source, element, end):
            patches[element.offset] = _void(element.end(end) - element.offset)
    return [*with_patches(0, end, patches), tags, *with_patches(end, source.size, {})]


def _segment(source: Source) -> tuple[_Element, int]:
    """Return the segment, and where it ends."""
    header = _element(source, 0, source.size)
    if header.identity != _HEADER or header.length is None:
        raise Damaged("no Matroska file")
    at = header.end(source.size)
    for _ in range(16):
        element = _element(source, at, source.size)
        if element.identity == _SEGMENT:
            return element, element.end(source.size)
        at = element.end(source.size)
    raise Damaged("no segment")


def _level_one(source: Source, segment: _Element, end: int) -> Iterator[_Element]:
    """Return the segment's elements; a cluster of open length, as live recordings have, is the last that is told."""
    at = segment.content
    for _ in range(MOST_PARTS):
        if at >= end:
            return
        element = _element(source, at, end)
        yield element
        if element.length is None:
            return
        at = element.end(end)
    raise Damaged("too many elements")


def _children(source: Source, parent: _Element, end: int) -> Iterator[_Element]:
    at, last = parent.content, parent.end(end)
    for _ in range(MOST_PARTS):
        if at >= last:
            return
        element = _element(source, at, last)
        if element.length is None:
            raise Damaged("an element without a length")
        yield element
        at = element.end(last)
    raise Damaged("too many elements")


def _element(source: Source, at: int, end: int) -> _Element:
    head = source.read(at, min(12, end - at))
    if not head or head[0] < 0x10:
        raise Damaged("no element where one has to be")
    id_size = 9 - head[0].bit_length()
    rest = head[id_size:]
    if not rest or rest[0] == 0:
        raise Damaged("an element without a length")
    size = 9 - rest[0].bit_length()
    if len(rest) < size:
        raise Damaged("the file ends early")
    value = int.from_bytes(rest[:size], "big") & ((1 << 7 * size) - 1)
    length = None if value == (1 << 7 * size) - 1 else value
    content = at + id_size + size
    if length is not None and content + length > end:
        raise Damaged("an element beyond the end")
    return _Element(int.from_bytes(head[:id_size], "big"), at, content, length)


# ---------------------------------------------------------------------------------------------------------------- tags


def _tags(source: Source, tags: _Element, end: int) -> list[tuple[str, str]]:
    """Return names and texts of all tags that are about the whole file."""
    found: list[tuple[str, str]] = []
    if tags.length is None or tags.length > MOST_BYTES:
        return found
    for tag in _children(source, tags, end):
        if tag.identity == _TAG:
            simple = [one for one in _children(source, tag, end) if one.identity == _SIMPLE]
            found += [_named(source, one, end) for one in simple]
    return found


def _named(source: Source, simple: _Element, end: int) -> tuple[str, str]:
    texts = {one.identity: one for one in _children(source, simple, end)}
    name, text = (
        source.read(one.content, one.length or 0).rstrip(b"\0").decode("utf-8", "replace") if one is not None else ""
        for one in (texts.get(_NAME), texts.get(_TEXT))
    )
    return name, text


def _is_ours(source: Source, tags: _Element, end: int) -> bool:
    names = {name for name, _ in _tags(source, tags, end)}
    return _SOURCE_TYPE in names and names <= _OURS


def _ours(marks: Marks) -> bytes:
    told = ((_SOURCE_TYPE, marks.source_type), (_TOOL, marks.tool), (_DISCLOSURE, marks.disclosure))
    body = _written(_TARGETS, _written(_TARGET_TYPE, bytes((_WHOLE_FILE,))))
    for name, text in told:
        if text:
            body += _written(_SIMPLE, _written(_NAME, name.encode()) + _written(_TEXT, text.encode()))
    return _written(_TAGS, _written(_TAG, body))


def _written(identity: int, content: bytes) -> bytes:
    name = identity.to_bytes((identity.bit_length() + 7) // 8, "big")
    return name + (1 << 56 | len(content)).to_bytes(8, "big") + content


# --------------------------------------------------------------------------------------------------------------- index


def _longer_segment(source: Source, segment: _Element, more: int) -> dict[int, bytes]:
    if segment.length is None:
        return {}
    width = segment.content - segment.offset - 4
    length = segment.length + more
    if length >= (1 << 7 * width) - 1:
        raise Unmarkable("a segment whose length has no room to grow")
    return {segment.offset + 4: (1 << 7 * width | length).to_bytes(width, "big")}


def _indexed(source: Source, elements: list[_Element], position: int) -> dict[int, bytes]:
    """Return the change that tells in the index where the tags are, if free room follows the index.

    Args:
        source: The file.
        elements: Of the segment.
        position: Where the tags will be, counted from the segment's content.
    """
    for head, room in pairwise(elements):
        if head.identity == _SEEK_HEAD and room.identity == _VOID:
            break
    else:
        return {}
    if head.length is None or room.length is None or head.length > _MOST_SEEK_HEAD or room.length > MOST_READ:
        return {}
    entry = _written(_SEEK_ID, _TAGS.to_bytes(4, "big")) + _written(_SEEK_POSITION, position.to_bytes(8, "big"))
    body = _without_own(source, head, elements) + _written(_SEEK, entry)
    if any(one.identity == _CRC for one in _children(source, head, head.content + head.length)):
        body = _crc(body) + body
    index = _SEEK_HEAD.to_bytes(4, "big") + (1 << 56 | len(body)).to_bytes(8, "big") + body
    left = room.content + room.length - head.offset - len(index)
    if left < 0 or left == 1:
        return {}
    return {head.offset: index + _void(left)}


def _without_own(source: Source, head: _Element, elements: list[_Element]) -> bytes:
    """Return the index's entries but for those of tags that are ours, which become free room."""
    segment_start = elements[0].offset
    gone = {
        one.offset - segment_start
        for one in elements
        if one.identity == _TAGS and one.length is not None and _is_ours(source, one, one.content + one.length)
    }
    kept = b""
    end = head.content + (head.length or 0)
    for one in _children(source, head, end):
        if one.identity == _SEEK:
            places = [part for part in _children(source, one, end) if part.identity == _SEEK_POSITION]
            told = {int.from_bytes(source.read(part.content, min(8, part.length or 0)), "big") for part in places}
            if not told & gone:
                kept += source.read(one.offset, one.end(end) - one.offset)
        elif one.identity not in {_CRC, _VOID}:
            kept += source.read(one.offset, one.end(end) - one.offset)
    return kept


def _crc(body: bytes) -> bytes:
    return bytes((_CRC, 0x84)) + zlib.crc32(body).to_bytes(4, "little")


def _void(length: int) -> bytes:
    """Return free room of this length, header included; 1 is not possible."""
    if length == 0:
        return b""
    if length <= 9:
        return bytes((_VOID, 0x80 | length - 2)) + b"\0" * (length - 2)
    return bytes((_VOID,)) + (1 << 56 | length - 9).to_bytes(8, "big") + b"\0" * (length - 9)
