"""Tries the codecs that videos come in and go out with: what a library lists is not always what it can do."""

from __future__ import annotations

import io
from typing import Any, Final

import av
import numpy as np

CODECS: Final = {
    "H.264": ("h264", "libx264"),
    "HEVC": ("hevc", "libx265"),
    "AV1": ("av1", "libsvtav1"),
    "VP9": ("vp9", "libvpx-vp9"),
    "MPEG-4": ("mpeg4", "mpeg4"),
    "ProRes": ("prores", "prores_ks"),
}
"""Their names for people, FFmpeg's decoders and encoders."""

_PIXELS: Final = {"prores_ks": "yuv422p10le"}
_QUIET: Final = {"libx265": {"x265-params": "log-level=none"}}
_FRAMES: Final = 2
_EDGE: Final = 64


def try_codec(decoder: str, encoder: str) -> tuple[bool, bool]:
    """Encode two small frames and decode them again.

    Returns:
        Whether the codec can be read, and whether it can be written. Where it cannot be written, reading is only
        known from the decoder being there.
    """
    data = _encoded(encoder)
    if data is None:
        return decoder in av.codec.codecs_available and _has_decoder(decoder), False
    try:
        with av.open(io.BytesIO(data), "r", format="matroska") as container:
            return sum(1 for _ in container.decode(video=0)) == _FRAMES, True
    except av.error.FFmpegError:
        return False, True


def _has_decoder(name: str) -> bool:
    try:
        return bool(av.Codec(name, "r").is_decoder)
    except (av.error.FFmpegError, ValueError):
        return False


def _encoded(encoder: str) -> bytes | None:
    """Return two frames in a Matroska file; None where the encoder is not there or fails."""
    buffer = io.BytesIO()
    try:
        with av.open(buffer, "w", format="matroska") as container:
            stream: Any = container.add_stream(encoder, rate=25)
            stream.width = stream.height = _EDGE
            stream.pix_fmt = _PIXELS.get(encoder, "yuv420p")
            stream.options = dict(_QUIET.get(encoder, {}))
            for number in range(_FRAMES):
                grey = np.full((_EDGE, _EDGE, 3), 60 * (number + 1), np.uint8)
                frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
                frame.pts = number
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    except (av.error.FFmpegError, ValueError):
        return None
    return buffer.getvalue()
