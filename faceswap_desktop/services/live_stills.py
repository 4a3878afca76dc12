"""Single frames of a live picture as files."""

from __future__ import annotations

import asyncio
import struct
import zlib
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.live import LivePicture
from faceswap_desktop.domain.messages import message
from faceswap_desktop.services.incoming import keep_pasted_picture
from faceswap_desktop.storage.paths import Home

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_FAST: Final = 1
"""Frames of cameras are full of noise: pressing them harder saves little."""


async def keep_frame(home: Home, frame: LivePicture | None) -> Path:
    """Write a frame into the home, like a picture from the clipboard; see ``services.incoming``.

    Raises:
        InputRefused: Kind ``no-frame``: there is none yet.
        StorageError: The disk is full, read-only or forbidden.
    """
    if frame is None:
        raise InputRefused(message("The camera has given no picture yet."), kind="no-frame")
    return await keep_pasted_picture(home, await asyncio.to_thread(as_png, frame))


def as_png(frame: LivePicture) -> bytes:
    """Encode a frame as PNG (8 bits, RGB), without what only workers import. To be called off the loop's thread."""
    line = frame.width * 3
    # Every line begins with the number of its filter; 0 is none.
    lines = b"".join(b"\0" + frame.pixels[start : start + line] for start in range(0, frame.height * line, line))
    head = struct.pack(">IIBBBBB", frame.width, frame.height, 8, 2, 0, 0, 0)
    return _SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(lines, _FAST)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
