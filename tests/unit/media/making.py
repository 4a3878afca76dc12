"""Pictures of every sort, made from the sample pictures."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "resources" / "samples" / "eileen_collins.png"
PHOTO = ROOT / "resources" / "samples" / "grace_hopper.jpg"
DATA = ROOT / "tests" / "data" / "pictures"

Array = NDArray[np.uint8]


def sample(width: int = 96, height: int = 64) -> Image.Image:
    """A piece of the sample picture with a face in it; no two of its corners are alike."""
    with Image.open(SAMPLE) as opened:
        piece = opened.convert("RGB").crop((150, 60, 300, 210)).resize((width, height), Image.Resampling.LANCZOS)
    piece.info.clear()
    piece.paste((255, 0, 0), (0, 0, width // 4, height // 4))
    piece.paste((0, 0, 255), (width - width // 4, 0, width, height // 4))
    return piece


def pixels_of(image: Image.Image) -> Array:
    """uint8 (H, W, 3)."""
    return np.asarray(image.convert("RGB"))


def save(image: Image.Image, path: Path, **options: Any) -> Path:
    """Write with Pillow; options as its plugins take them."""
    image.save(path, **options)
    return path


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """Encode with Pillow."""
    buffer = io.BytesIO()
    image.save(buffer, format=kind, **options)
    return buffer.getvalue()


def laid_down(upright: Image.Image, orientation: int) -> Image.Image:
    """Store a picture as a camera with this EXIF orientation would."""
    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }.get(orientation)
    return upright.transpose(turn) if turn is not None else upright


def camera_exif(orientation: int | None = None, *, with_place: bool = True) -> Image.Exif:
    """EXIF as a phone writes it: make, copyright, time, maker's note, place."""
    exif = Image.Exif()
    exif[0x010F] = "Sample camera"
    exif[0x8298] = "© Nobody"
    exif[0x9286] = "a comment"
    if orientation is not None:
        exif[0x0112] = orientation
    camera = exif.get_ifd(0x8769)
    camera[0x9003] = "2020:01:02 03:04:05"
    camera[0x829A] = 0.005
    camera[0x927C] = b"private note of the maker" * 4
    camera[0xA002] = 1
    camera[0xA003] = 1
    if with_place:
        place = exif.get_ifd(0x8825)
        place[1] = "N"
        place[2] = (52.0, 31.0, 12.0)
    return exif


def exif_with_thumbnail(exif: Image.Exif, thumbnail: bytes) -> bytes:
    """Append a second directory that holds a JPEG thumbnail, as cameras do."""
    block = bytearray(exif.tobytes()[6:])
    order = "<" if block[:2] == b"II" else ">"
    (first,) = struct.unpack_from(order + "I", block, 4)
    (count,) = struct.unpack_from(order + "H", block, first)
    block += b"\0" * (len(block) % 2)
    second = len(block)
    struct.pack_into(order + "I", block, first + 2 + 12 * count, second)
    data_at = second + 2 + 2 * 12 + 4
    block += struct.pack(order + "H", 2)
    block += struct.pack(order + "HHII", 0x0201, 4, 1, data_at)
    block += struct.pack(order + "HHII", 0x0202, 4, 1, len(thumbnail))
    block += struct.pack(order + "I", 0) + thumbnail
    return b"Exif\0\0" + bytes(block)


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *, extra: bytes = b"") -> bytes:
    """A PNG of any depth; ``rows`` are its filtered rows before compression."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(rows))
    body = b"".join(png_chunk(kind, data) for kind, data in parts)
    return b"\x89PNG\r\n\x1a\n" + body + extra + png_chunk(b"IEND", b"")


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk with its checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def deep_png(values: NDArray[np.uint16]) -> bytes:
    """A PNG with 16 bits per channel from uint16 (H, W, 1 to 4)."""
    height, width, channels = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    return png(width, height, 16, {1: 0, 2: 4, 3: 2, 4: 6}[channels], rows)
