"""What a file is, told by its first bytes; its name is never asked."""

from __future__ import annotations

from typing import Final

HEAD_BYTES: Final = 4096
"""How much of the file's beginning ``sniff`` wants to see."""

VIDEO: Final = "video"
RAW: Final = "raw"

_HEIF_BRANDS: Final = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)
_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
_RAW_BRANDS: Final = frozenset({b"crx "})

_PICTURE_STARTS: Final = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
)
_RAW_STARTS: Final = (
    b"II\x2a\x00\x10\x00\x00\x00CR",  # Canon CR2
    b"IIRO",  # Olympus ORF
    b"IIRS",
    b"MMOR",
    b"IIU\x00",  # Panasonic RW2
    b"FUJIFILMCCD-RAW",
    b"FOVb",  # Sigma X3F
)
_TIFF_STARTS: Final = (b"II\x2a\x00", b"MM\x00\x2a", b"II\x2b\x00", b"MM\x00\x2b")
_MATROSKA: Final = b"\x1a\x45\xdf\xa3"
_OTHER_VIDEOS: Final = (
    (b"FLV\x01", "FLV"),
    (b"\x00\x00\x01\xba", "MPEG"),  # a programme stream
    (b"\x00\x00\x01\xb3", "MPEGVIDEO"),
    (b"0&\xb2u\x8ef\xcf\x11", "WMV"),
    (b"OggS", "OGG"),
)
_VIDEO_STARTS: Final = (_MATROSKA, *(start for start, _ in _OTHER_VIDEOS))
_OTHER_STARTS: Final = (
    (b"%PDF-", "a PDF document"),
    (b"8BPS", "a Photoshop document"),
    (b"gimp xcf", "a GIMP project"),
    (b"%!PS", "a PostScript document"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture, which cannot be opened"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture, which cannot be opened"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture, which cannot be opened"),
    (b"\xff\x0a", "a JPEG XL picture, which cannot be opened"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"Rar!", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"\x1f\x8b", "an archive"),
    (b"ID3", "a sound file"),
    (b"fLaC", "a sound file"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3", "a database"),
)


def sniff(head: bytes) -> str:
    """Tell what a file is.

    Args:
        head: Its first ``HEAD_BYTES`` bytes, or all of it where it is shorter.

    Returns:
        A decoder's name out of ``formats.PICTURE_FORMATS``, ``VIDEO``, ``RAW``, an English phrase such as
        ``"a PDF document"``, or an empty string where nothing is known.
    """
    for start, name in _PICTURE_STARTS:
        if head.startswith(start):
            return name
    if head.startswith(_RAW_STARTS):
        return RAW
    if head.startswith(_TIFF_STARTS):
        return "TIFF"
    if head[4:8] == b"ftyp":
        return _base_media_kind(head)
    if head[:4] == b"RIFF":
        return {b"WEBP": "WEBP", b"AVI ": VIDEO, b"WAVE": "a sound file"}.get(head[8:12], "")
    if head.startswith(_VIDEO_STARTS) or head[4:8] in {b"moov", b"mdat", b"wide"} or _is_transport_stream(head):
        return VIDEO
    for start, phrase in _OTHER_STARTS:
        if head.startswith(start):
            return phrase
    return _text_kind(head)


def video_format(head: bytes) -> str:
    """Tell a video's container by its first bytes.

    Args:
        head: As for ``sniff``.

    Returns:
        The value of ``Media.format``: ``MP4``, ``MOV``, ``MKV``, ``WEBM``, ``AVI``, ``GIF``, ``WEBP``, or one of the
        rarer ``FLV``, ``MPEG``, ``MPEGVIDEO``, ``TS``, ``WMV``, ``OGG``; empty where it is none of them.
    """
    kind = sniff(head)
    if kind in {"GIF", "WEBP"}:
        return kind
    if kind != VIDEO:
        return ""
    if head[4:8] == b"ftyp":
        return "MOV" if head[8:12] == b"qt  " else "MP4"
    if head[4:8] in {b"moov", b"mdat", b"wide"}:
        return "MOV"
    if head.startswith(_MATROSKA):
        return "WEBM" if b"webm" in head[:128] else "MKV"
    if head[:4] == b"RIFF":
        return "AVI"
    return next((name for start, name in _OTHER_VIDEOS if head.startswith(start)), "TS")


def _base_media_kind(head: bytes) -> str:
    """Tell HEIC, AVIF, raw and video apart by the brands in the file type box."""
    length = int.from_bytes(head[:4], "big")
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, min(length, len(head)), 4))}
    if brands & _RAW_BRANDS:
        return RAW
    # AVIF files also carry the general brand mif1, so they are asked for first.
    if brands & _AVIF_BRANDS:
        return "AVIF"
    if brands & _HEIF_BRANDS:
        return "HEIF"
    if head[8:11] in {b"M4A", b"M4B"}:
        return "a sound file"
    return VIDEO


def _is_transport_stream(head: bytes) -> bool:
    # Cameras and Blu-ray discs put four bytes of time in front of each packet.
    return any(
        len(head) > start + 2 * length and {head[start + n * length] for n in range(3)} == {0x47}
        for start, length in ((0, 188), (4, 192))
    )


def _text_kind(head: bytes) -> str:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(b"<svg") or (text.startswith(b"<?xml") and b"<svg" in text):
        return "an SVG drawing"
    if text.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    return ""
