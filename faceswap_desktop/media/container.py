"""A picture file opened as far as its header, checked against the limits, and not decoded yet."""

from __future__ import annotations

import functools
import importlib
import io
import logging
import mmap
import os
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO, Final

from PIL import Image, UnidentifiedImageError

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.media import refusals, sniff
from faceswap_desktop.media.exif import clean_exif, orientation_of
from faceswap_desktop.media.fingerprint import open_regular
from faceswap_desktop.media.formats import format_of_extension, format_title
from faceswap_desktop.media.planes import notes_on_mode

MAX_PIXELS: Final = 200_000_000
MAX_SIDE: Final = 100_000

# These decoders take the whole file into memory before they look at it.
_READ_WHOLE: Final = frozenset({"HEIF", "AVIF", "WEBP"})
_MAX_WHOLE_BYTES: Final = 1_000_000_000

# Each registers itself when it is imported; Image.init() would bring some forty more.
_PLUGINS: Final = ("Avif", "Bmp", "Gif", "Jpeg", "Mpo", "Png", "Tiff", "WebP")
_DECODERS: Final = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "HEIF", "AVIF")
# MPO is a JPEG that holds further pictures (a second view, a gain map); its first one is the photo.
_NAMES: Final = {"MPO": "JPEG"}
_TURNED_BY_DECODER: Final = frozenset({"TIFF", "HEIF"})
_ANIMATED: Final = frozenset({"GIF", "WEBP", "PNG", "AVIF"})

_HEIF_THREADS: Final = 2

# Decoders of untrusted data raise all of these; anything else is a bug of ours.
_DECODER_ERRORS: Final = (
    OSError,
    SyntaxError,
    ValueError,
    ArithmeticError,
    LookupError,
    TypeError,
    AttributeError,
    RuntimeError,
    EOFError,
    AssertionError,
    struct.error,
    Image.DecompressionBombError,
)


@dataclass(frozen=True, slots=True, eq=False)
class Container:
    """What a header tells.

    Attributes:
        image: Pillow's picture, not loaded; valid until the file is closed.
        data: The whole file for a JPEG, so that it need not be read twice; empty for other formats.
        format: A name out of ``formats.PICTURE_FORMATS``.
        size: Of the upright picture.
        orientation: EXIF orientation that is still to be applied after loading, 1 to 8.
        exif: Cleaned, for the upright picture; see ``exif.clean_exif``.
        notes: Plain English, nothing that stops the work.
    """

    image: Image.Image
    data: bytes
    format: str
    size: Size
    orientation: int
    exif: bytes
    notes: tuple[str, ...]


@contextmanager
def open_container(path: str | os.PathLike[str], *, max_pixels: int = MAX_PIXELS) -> Iterator[Container]:
    """Open a picture by its content, whatever its name says, and check it before anything is decoded.

    Raises:
        InputRefused: ``missing``, ``folder``, ``empty``, ``permission``, ``not-a-picture``, ``unreadable`` or
            ``too-large``.
    """
    with open_regular(path) as stream:
        try:
            yield _read_header(path, stream, max_pixels)
        except OSError as error:
            raise _translated(path, error) from error


@contextmanager
def decoding(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn whatever a decoder raises about untrusted data into a refusal; ``MemoryError`` passes.

    Only calls into a decoder belong into this block, so that mistakes of ours are not taken for damage.

    Raises:
        InputRefused: ``unreadable``.
    """
    try:
        # Pillow warns of oddities (a broken EXIF value, an early end of metadata) that stop nothing.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except _DECODER_ERRORS as error:
        raise _translated(path, error) from error


def _translated(path: str | os.PathLike[str], error: Exception) -> InputRefused:
    # Pillow's own OSErrors carry no number; one with a number comes from the disk or the network.
    if isinstance(error, OSError) and error.errno is not None:
        return refusals.refuse_os_error(path, error)
    return refusals.damaged(path)


def _read_header(path: str | os.PathLike[str], stream: BinaryIO, max_pixels: int) -> Container:
    kind = sniff.sniff(stream.read(sniff.HEAD_BYTES))
    stream.seek(0)
    _refuse_others(path, kind)
    length = os.fstat(stream.fileno()).st_size
    if kind in _READ_WHOLE and length > _MAX_WHOLE_BYTES:
        raise refusals.file_too_large(path, length, _MAX_WHOLE_BYTES)
    _prepare_pillow()
    data = stream.read() if kind == "JPEG" else b""
    with decoding(path):
        try:
            image = Image.open(io.BytesIO(data) if data else stream, formats=_DECODERS)
        except UnidentifiedImageError as error:
            raise (refusals.damaged(path) if kind else refusals.not_a_picture(path)) from error
        frames = int(getattr(image, "n_frames", 1)) if image.format != "MPO" else 1
    _check_size(path, image.size, max_pixels)
    if data and not _is_jpeg_complete(data):
        raise refusals.damaged(path)
    if kind == "TIFF":
        _refuse_undeveloped(path, image)
    name = _NAMES.get(image.format or "", image.format or "")
    raw = _exif_source(image, stream, name)
    orientation = 1 if name in _TURNED_BY_DECODER else orientation_of(raw)
    width, height = image.size
    size = Size(height, width) if orientation >= 5 else Size(width, height)
    notes = _notes(path, name, frames, _bits_per_channel(image, stream, name), image.mode)
    return Container(image, data, name, size, orientation, clean_exif(raw, size), notes)


@functools.cache
def _prepare_pillow() -> None:
    """Register the decoders and take Pillow's own limit away, since every header is checked here."""
    import pi_heif

    for name in _PLUGINS:
        importlib.import_module(f"PIL.{name}ImagePlugin")
    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=_HEIF_THREADS)
    Image.MAX_IMAGE_PIXELS = None
    # What it has to say about a damaged file is said by the refusal.
    logging.getLogger("PIL").setLevel(logging.CRITICAL)


def _refuse_others(path: str | os.PathLike[str], kind: str) -> None:
    if kind == sniff.VIDEO:
        raise refusals.a_video(path)
    if kind == sniff.RAW:
        raise refusals.a_raw_file(path)
    if kind and kind not in _DECODERS:
        raise refusals.another_sort(path, kind)


def _check_size(path: str | os.PathLike[str], size: tuple[int, int], max_pixels: int) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise refusals.damaged(path)
    if width * height > max_pixels:
        raise refusals.too_large(path, width, height, max_pixels)
    if max(width, height) > MAX_SIDE:
        raise refusals.side_too_long(path, width, height, MAX_SIDE)


def _refuse_undeveloped(path: str | os.PathLike[str], image: Image.Image) -> None:
    """Refuse raw files that look like a TIFF: their first page is a mere thumbnail (DNG, NEF, ARW)."""
    tags = getattr(image, "tag_v2", {})
    subfile_type = tags.get(254)
    reduced = isinstance(subfile_type, int) and bool(subfile_type & 1)
    if reduced or 50706 in tags:  # NewSubfileType, DNGVersion
        raise refusals.a_raw_file(path)


def _exif_source(image: Image.Image, stream: BinaryIO, name: str) -> bytes | mmap.mmap:
    if name == "TIFF":
        try:
            return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError:  # some network folders cannot
            return b""
    raw = image.info.get("exif")
    if not raw and name == "PNG":
        raw = _late_png_chunk(stream, b"eXIf") or _png_text_exif(image)
    return raw if isinstance(raw, bytes) else b""


def _late_png_chunk(stream: BinaryIO, wanted: bytes) -> bytes:
    """Find a chunk behind the pixels, where Pillow looks only after decoding; at most 64 KiB are taken."""
    before = stream.tell()
    try:
        stream.seek(8)
        while len(header := stream.read(8)) == 8:
            length = int.from_bytes(header[:4], "big")
            if header[4:] == wanted:
                return stream.read(min(length, 65536))
            stream.seek(length + 4, os.SEEK_CUR)
        return b""
    finally:
        stream.seek(before)


def _png_text_exif(image: Image.Image) -> bytes:
    """Read EXIF as older programs wrote it into a PNG: hexadecimal digits in a text."""
    text = image.info.get("Raw profile type exif")
    if not isinstance(text, str):
        return b""
    try:
        return bytes.fromhex("".join(text.split("\n")[3:]))
    except ValueError:
        return b""


def _notes(path: str | os.PathLike[str], name: str, frames: int, bits: int, mode: str) -> tuple[str, ...]:
    notes: list[str] = []
    extension = PurePath(path).suffix
    named = format_of_extension(extension)
    if named and named.name != name:
        notes.append(f"The name ends in {extension}, but it is a {format_title(name)} picture.")
    if frames > 1:
        parts = "frames" if name in _ANIMATED else "pages" if name == "TIFF" else "pictures"
        which = "main one" if name == "HEIF" else "first"
        notes.append(f"Only the {which} of {frames} {parts} is used.")
    if bits > 8:
        notes.append(f"{bits} bits per channel are reduced to 8.")
    return (*notes, *notes_on_mode(mode))


def _bits_per_channel(image: Image.Image, stream: BinaryIO, name: str) -> int:
    """Return the file's own depth, which Pillow's mode mostly hides."""
    if name == "TIFF":
        bits = getattr(image, "tag_v2", {}).get(258, (8,))
        depth = max(bits) if bits else 8
        return int(depth) if depth in {12, 16} else 8
    if name == "HEIF":
        return int(image.info.get("bit_depth", 8))
    if name == "AVIF":
        return _avif_bits(stream)
    if name == "PNG":
        position = stream.tell()
        stream.seek(24)
        depth = stream.read(1)
        stream.seek(position)
        return depth[0] if depth else 8
    return 8


def _avif_bits(stream: BinaryIO) -> int:
    """Read the depth out of the codec's configuration box (AV1-ISOBMFF §2.3.3)."""
    position = stream.tell()
    stream.seek(0)
    head = stream.read(sniff.HEAD_BYTES)
    stream.seek(position)
    at = head.find(b"av1C")
    if at < 0 or at + 7 > len(head):
        return 8
    flags = head[at + 6]
    return 12 if flags & 0x20 else 10 if flags & 0x40 else 8


def _is_jpeg_complete(data: bytes) -> bool:
    """Say whether a JPEG has an end mark behind the start of its pixels.

    Decoders fill what is missing of a half-downloaded file (often padded with zeros) with grey, and say nothing.
    """
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        if data[at + 1] == 0xDA:
            return data.find(b"\xff\xd9", at) >= 0
        if data[at + 1] == 0xFF:  # a fill byte
            at += 1
            continue
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return True  # an odd structure: the decoder shall judge
