"""What a result is packed in: which containers hold which codecs, and what follows from the original's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import OutputOptions, VideoCodec, VideoContainer


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """One container that results are written in.

    Attributes:
        name: As ``Media.format`` has it.
        extension: With its dot.
        muxer: FFmpeg's name.
        codecs: What its picture track can be.
        text: Codec of text subtitles in it.
        has_fonts: Whether it can carry fonts and other attached files.
        is_exact: Whether it keeps times in the original's own unit; the others round to a thousandth of a second.
    """

    name: str
    extension: str
    muxer: str
    codecs: frozenset[VideoCodec]
    text: str
    has_fonts: bool
    is_exact: bool


_C = VideoCodec
FORMATS: Final = {
    "MP4": OutputFormat("MP4", ".mp4", "mp4", frozenset({_C.H264, _C.HEVC, _C.AV1, _C.VP9}), "mov_text", False, True),
    "MOV": OutputFormat("MOV", ".mov", "mov", frozenset({_C.H264, _C.HEVC, _C.PRORES}), "mov_text", False, True),
    "MKV": OutputFormat("MKV", ".mkv", "matroska", frozenset(VideoCodec), "subrip", True, False),
    "WEBM": OutputFormat("WEBM", ".webm", "webm", frozenset({_C.VP9, _C.AV1}), "webvtt", False, False),
}

FOLLOWING: Final[dict[str, tuple[str, ...]]] = {
    "MP4": ("MP4", "MOV", "MKV"),
    "MOV": ("MOV", "MP4", "MKV"),
    "MKV": ("MKV",),
    "WEBM": ("WEBM", "MKV"),
    "AVI": ("MP4", "MOV", "MKV"),
    "GIF": ("MP4", "MOV"),
    "WEBP": ("MP4", "MOV"),
    "FLV": ("MP4", "MOV", "MKV"),
    "WMV": ("MKV",),
    "TS": ("MP4", "MOV", "MKV"),
    "MPEG": ("MP4", "MOV", "MKV"),
    "OGG": ("MKV",),
}
"""Where the user says ``SAME``: by the original's format, the first of these that holds the codec and every sound
track. The guide's table is made of this."""

_BY_EXTENSION: Final = {".mp4": "MP4", ".m4v": "MP4", ".mov": "MOV", ".qt": "MOV", ".mkv": "MKV", ".webm": "WEBM"}


def candidates(output: OutputOptions, original: str) -> tuple[OutputFormat, ...]:
    """Return the containers that a result can be packed in, the best first; one only where the user chose it.

    Args:
        output: A requested path's extension counts more than the container.
        original: Format of the original, as ``Media.format`` has it.

    Raises:
        UsageError: The container that was asked for cannot hold the codec (kind ``container``).
    """
    asked = _BY_EXTENSION.get(PurePath(output.requested_path).suffix.lower(), "") if output.requested_path else ""
    if not asked and output.video_container is not VideoContainer.SAME:
        asked = output.video_container.value.upper()
    if asked:
        if output.video_codec not in FORMATS[asked].codecs:
            raise _cannot_hold(FORMATS[asked], output.video_codec)
        return (FORMATS[asked],)
    names = FOLLOWING.get(original, ("MKV",))
    return tuple(FORMATS[name] for name in names if output.video_codec in FORMATS[name].codecs)


CODEC_NAMES: Final = {
    VideoCodec.H264: "H.264",
    VideoCodec.HEVC: "HEVC",
    VideoCodec.AV1: "AV1",
    VideoCodec.VP9: "VP9",
    VideoCodec.PRORES: "ProRes",
}


def _cannot_hold(asked: OutputFormat, codec: VideoCodec) -> UsageError:
    able = [one.name for one in FORMATS.values() if codec in one.codecs]
    return UsageError(
        message("{container} cannot hold {codec}.", container=asked.name, codec=CODEC_NAMES[codec]),
        message("Choose {containers}, or another codec.", containers=" or ".join(able)),
        kind="container",
    )
