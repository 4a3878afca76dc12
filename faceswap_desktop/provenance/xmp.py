"""Marks in finished files: where they come from, told in XMP (in Matroska's own tags there), their pictures untouched.

Every format has a module that finds a packet and plans a marked copy; nothing is decoded, and a video of hours is
copied as it is. Marks are written before a file is signed: they would break credentials that are in it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from faceswap_desktop.provenance import heif, jpeg, matroska, mp4, png, tiff, webp
from faceswap_desktop.provenance.packet import Marks, make_packet, read_packet
from faceswap_desktop.provenance.pieces import Damaged, Piece, Source, Unmarkable, write_pieces

__all__ = ["Damaged", "Marks", "Unmarkable", "read_marks", "read_source_type", "sidecar_packet", "write_marks"]

_HEAD: Final = 64
_PICTURE_BRANDS: Final = frozenset({b"avif", b"avis", b"mif1", b"msf1", b"heic", b"heix", b"hevc", b"miaf"})


@dataclass(frozen=True, slots=True)
class _Format:
    """How one sort of file is read and marked."""

    read: Callable[[Source], Marks]
    plan: Callable[[Source, Marks], list[Piece]]


def _with_packets(find: Callable[[Source], bytes], plan: Callable[[Source, Marks], list[Piece]]) -> _Format:
    return _Format(lambda source: read_packet(find(source)), plan)


_JPEG: Final = _with_packets(jpeg.find, jpeg.plan)
_PNG: Final = _with_packets(png.find, png.plan)
_WEBP: Final = _with_packets(webp.find, webp.plan)
_TIFF: Final = _with_packets(tiff.find, tiff.plan)
_HEIF: Final = _with_packets(heif.find, heif.plan)
_MP4: Final = _with_packets(mp4.find, mp4.plan)
_MATROSKA: Final = _Format(matroska.find, matroska.plan)


def write_marks(path: str | os.PathLike[str], out_path: str | os.PathLike[str], marks: Marks) -> int:
    """Write a copy of a file that says where it comes from. The picture's data stay the same, byte for byte.

    What the file said already is kept, but for the source type and the program. MKV and WebM get tags.

    Args:
        path: JPEG, PNG, WebP, TIFF, AVIF, MP4, MOV, MKV or WebM, by its content.
        out_path: Another file; what lies there is replaced, in one step.
        marks: What to say.

    Returns:
        The copy's length in bytes.

    Raises:
        Unmarkable: Files of this sort, or this one, cannot hold marks.
        Damaged: The file is not whole.
        OSError: It cannot be read, or the copy cannot be written.
    """
    with Path(path).open("rb") as stream:
        source = Source(stream)
        return write_pieces(source, _format(source).plan(source, marks), out_path)


def read_marks(path: str | os.PathLike[str]) -> Marks:
    """Return what a file says of its source type and program; empty where it says nothing or cannot be read as such.

    Raises:
        OSError: It cannot be read.
    """
    with Path(path).open("rb") as stream:
        source = Source(stream)
        try:
            return _format(source).read(source)
        except (Damaged, Unmarkable):
            return Marks()


def read_source_type(path: str | os.PathLike[str]) -> str:
    """Return the digital source type that a file tells (usually ``SourceType.uri``), foreign text; empty for none.

    Raises:
        OSError: It cannot be read.
    """
    return read_marks(path).source_type


def sidecar_packet(marks: Marks) -> bytes:
    """Return the content of an ``.xmp`` file, for files that can hold no marks."""
    return make_packet(marks)


def _format(source: Source) -> _Format:
    head = source.start(_HEAD)
    starts: tuple[tuple[bytes, _Format], ...] = (
        (b"\xff\xd8\xff", _JPEG),
        (png.SIGNATURE, _PNG),
        (b"\x1a\x45\xdf\xa3", _MATROSKA),
    )
    found = next((one for start, one in starts if head.startswith(start)), None)
    if found is None and head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        found = _WEBP
    if found is None and tiff.is_tiff(head):
        found = _TIFF
    if found is None and head[4:8] == b"ftyp":
        found = _HEIF if head[8:12] in _PICTURE_BRANDS else _MP4
    if found is None and head[4:8] in {b"moov", b"mdat", b"wide", b"free", b"skip"}:  # QuickTime of before 1999
        found = _MP4
    if found is None:
        raise Unmarkable("no format that holds marks")
    return found
