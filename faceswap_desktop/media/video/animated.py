"""Animated WebP and GIF: what FFmpeg cannot read or leaves transparent."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator
from fractions import Fraction
from typing import BinaryIO, Final

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from PIL import Image

from faceswap_desktop.media.container import decoding
from faceswap_desktop.media.fingerprint import open_regular
from faceswap_desktop.media.video.index import VideoIndex

WEBP_TIME_BASE: Final = Fraction(1, 1000)
_SHORTEST_MS: Final = 20
_ASSUMED_MS: Final = 100
"""What browsers take where a frame says that it stands for less than the shortest time."""
_WHITE: Final = 255


def webp_durations(stream: BinaryIO) -> list[int]:
    """Return how long each frame of an animated WebP stands, in milliseconds; reads the chunks' heads only.

    A file that ends too early gives the frames that are whole.
    """
    stream.seek(0, os.SEEK_END)
    length = stream.tell()
    stream.seek(12)
    durations: list[int] = []
    while len(head := stream.read(8)) == 8:
        kind, size = struct.unpack("<4sI", head)
        start = stream.tell()
        if start + size > length:
            break
        if kind == b"ANMF":
            said = int.from_bytes(stream.read(16)[12:15], "little")
            durations.append(said if said >= _SHORTEST_MS else _ASSUMED_MS)
        stream.seek(start + size + (size & 1))
    return durations


def whole_webp(stream: BinaryIO) -> BinaryIO:
    """Return a WebP that decoders take: of one that is cut off, the chunks that are whole, in memory."""
    stream.seek(0)
    head = stream.read(12)
    length = stream.seek(0, os.SEEK_END)
    end = 12
    while end + 8 <= length:
        stream.seek(end)
        size = struct.unpack("<4sI", stream.read(8))[1]
        if end + 8 + size > length:
            break
        end += 8 + size + (size & 1)
    stream.seek(0)
    if end >= length and 8 + struct.unpack("<I", head[4:8])[0] <= length:
        return stream
    body = stream.read(end)[12:]
    return io.BytesIO(b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body)


class WebpFrames:
    """Decodes an animated WebP, one frame after the other; a step back begins anew."""

    def __init__(self, path: str | os.PathLike[str], index: VideoIndex) -> None:
        self._path = path
        self._index = index
        self._next = 0
        self._stream = open_regular(path)
        with decoding(path):
            self._image = Image.open(whole_webp(self._stream), formats=("WEBP",))

    def close(self) -> None:
        """Close the file."""
        self._image.close()
        self._stream.close()

    def up_to(self, number: int) -> Iterator[tuple[int, VideoFrame]]:
        """Yield frames in order, up to and with one; it is not among them where it cannot be decoded."""
        first = self._next if number >= self._next else 0
        for at in range(first, number + 1):
            try:
                self._image.seek(at)
                rgba = np.asarray(self._image.convert("RGBA"))
            except (OSError, EOFError, ValueError, SyntaxError):
                return
            self._next = at + 1
            frame = VideoFrame.from_ndarray(on_white(rgba), format="rgb24")
            frame.pts, frame.time_base = int(self._index.pts[at]), self._index.time_base
            yield at, frame


def opaque(frame: VideoFrame) -> VideoFrame:
    """Return a frame with transparent places as ``rgb24`` on white."""
    flat = VideoFrame.from_ndarray(
        on_white(frame.to_ndarray(format="rgba").astype(np.uint8, copy=False)), format="rgb24"
    )
    flat.pts, flat.time_base = frame.pts, frame.time_base
    return flat


def on_white(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lay a picture on white; uint8 (H, W, 4) gives uint8 (H, W, 3)."""
    alpha = rgba[..., 3:].astype(np.uint16)
    if bool((alpha == _WHITE).all()):
        return np.ascontiguousarray(rgba[..., :3])
    mixed = (rgba[..., :3] * alpha + _WHITE * (_WHITE - alpha) + _WHITE // 2) // _WHITE
    return np.ascontiguousarray(mixed.astype(np.uint8))
