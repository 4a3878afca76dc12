"""Whether a file is a picture or a video, told without decoding anything. Light enough for the window's process."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import BinaryIO, Final

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.media import MediaKind
from faceswap_desktop.media.fingerprint import open_regular
from faceswap_desktop.media.formats import PICTURE_EXTENSIONS, VIDEO_EXTENSIONS
from faceswap_desktop.media.sniff import HEAD_BYTES, VIDEO, sniff

_MOST_GIF_BLOCKS: Final = 100_000
"""A GIF whose second frame has not come by then is damaged, or made to waste time."""
_WEBP_ANIMATION: Final = 0x02


def kind_of(path: str | Path) -> MediaKind:
    """Say what a file is.

    What cannot be told, or read, is what its name says, else a picture: opening it gives the reason.
    """
    try:
        # Pipes are not opened: that could wait for ever.
        with open_regular(path) as stream:
            head = stream.read(HEAD_BYTES)
            name = sniff(head)
            if name == VIDEO:
                return MediaKind.VIDEO
            if name == "GIF" and _gif_moves(stream):
                return MediaKind.VIDEO
            if head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X" and head[20:21] and head[20] & _WEBP_ANIMATION:
                return MediaKind.VIDEO
            if name:
                return MediaKind.IMAGE
    except (OSError, InputRefused):
        pass
    return MediaKind.VIDEO if _sounds_like_a_video(path) else MediaKind.IMAGE


def _sounds_like_a_video(path: str | Path) -> bool:
    extension = PurePath(path).suffix.lower()
    return extension in VIDEO_EXTENSIONS and extension not in PICTURE_EXTENSIONS


def _gif_moves(stream: BinaryIO) -> bool:
    """Walk a GIF's blocks, without unpacking them, until a second picture begins."""
    stream.seek(10)
    flags = stream.read(1)
    if not flags:
        return False
    stream.seek(13 + _palette_bytes(flags[0]))
    pictures = 0
    for _ in range(_MOST_GIF_BLOCKS):
        introducer = stream.read(1)
        if introducer == b"!":
            stream.read(1)
        elif introducer == b",":
            pictures += 1
            if pictures > 1:
                return True
            descriptor = stream.read(9)
            if len(descriptor) < 9:
                return False
            stream.seek(_palette_bytes(descriptor[8]) + 1, 1)
        else:
            return False
        while (size := stream.read(1)) and size != b"\0":
            stream.seek(size[0], 1)
    return False


def _palette_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0
