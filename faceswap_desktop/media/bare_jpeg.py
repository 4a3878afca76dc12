"""A JPEG without its metadata, and with every pixel as it was: segments are left out, nothing is encoded anew.

Segments and markers: ITU-T T.81, annex B; JFIF: ITU-T T.871.
"""

from __future__ import annotations

from typing import Final

_START: Final = b"\xff\xd8"
_END: Final = b"\xff\xd9"
_SCAN: Final = 0xDA
_APP0: Final = 0xE0
_APP14: Final = 0xEE
_COMMENT: Final = 0xFE
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers that have no length: TEM and the restart markers."""
_JFIF_BYTES: Final = 14
_ADOBE: Final = b"Adobe"


def bare_jpeg(data: bytes) -> bytes | None:
    """Return a JPEG with nothing but its picture: no EXIF, XMP, IPTC, profile, comment, thumbnail or further pictures.

    What says how the colours are coded (JFIF's version and density, Adobe's transform) stays.

    Args:
        data: A whole JPEG file.

    Returns:
        The file, or None where it is not built as JPEGs are.
    """
    if data[:2] != _START:
        return None
    kept, at = [_START], 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == _END[1]:
            return b"".join((*kept, _END))
        end = at + 2 + (0 if marker in _ALONE else int.from_bytes(data[at + 2 : at + 4], "big"))
        if marker == _SCAN:
            end = _end_of_scan(data, end)
        kept.append(_kept(marker, data[at:end]))
        at = end
    return b"".join((*kept, _END)) if data[at : at + 2] == _END else None


def _kept(marker: int, segment: bytes) -> bytes:
    """Return what stays of a segment."""
    if marker == _APP0 and segment[4:9] == b"JFIF\0":
        # Without its thumbnail.
        return b"\xff\xe0\0\x10" + segment[4:16] + b"\0\0" if len(segment) >= _JFIF_BYTES + 2 else b""
    if marker == _APP14 and segment[4:9] == _ADOBE:
        return segment
    is_metadata = _APP0 <= marker <= 0xEF or marker == _COMMENT
    return b"" if is_metadata else segment


def _end_of_scan(data: bytes, start: int) -> int:
    """Return where the next marker begins that is neither a restart nor a stuffed byte; the end where there is none."""
    at = data.find(b"\xff", start)
    while 0 <= at < len(data) - 1:
        following = data[at + 1]
        if following != 0 and following not in _ALONE and following != 0xFF:
            return at
        at = data.find(b"\xff", at + 1 if following == 0xFF else at + 2)
    return len(data)
