"""Text subtitles between containers: SubRip, WebVTT, ASS, and the timed text of MP4."""

from __future__ import annotations

import re
import struct
from fractions import Fraction
from typing import Any, Final

from av.container import OutputContainer
from av.stream import Stream

_TAGS: Final = re.compile(r"</?[a-zA-Z][^>]*>")
_OVERRIDES: Final = re.compile(r"\{\\[^}]*\}")
_ASS_COMMAS: Final = 8
"""Before the text of an event as Matroska has it: order, layer, style, name, three margins, effect."""

_ASS_HEADER: Final = (
    b"[Script Info]\r\nScriptType: v4.00+\r\nPlayResX: 384\r\nPlayResY: 288\r\n\r\n[V4+ Styles]\r\n"
    b"Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, "
    b"Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, "
    b"MarginR, MarginV, Encoding\r\n"
    b"Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1\r\n\r\n"
    b"[Events]\r\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\r\n"
)


def text_of(codec: str, data: bytes) -> str:
    """Return the words of a subtitle packet, lines apart by a line feed; marks for how they look are left out."""
    if codec == "mov_text":
        length = struct.unpack_from(">H", data)[0] if len(data) >= 2 else 0
        raw = data[2 : 2 + length]
        encoding = "utf-16" if raw[:2] in {b"\xfe\xff", b"\xff\xfe"} else "utf-8"
        return raw.decode(encoding, "replace").replace("\r\n", "\n").strip("\n")
    text = data.decode("utf-8", "replace")
    if codec in {"ass", "ssa"}:
        fields = text.split(",", _ASS_COMMAS)
        text = _OVERRIDES.sub("", fields[-1]).replace(r"\N", "\n").replace(r"\n", "\n").replace(r"\h", " ")
    else:
        text = _OVERRIDES.sub("", _TAGS.sub("", text))
        if codec == "webvtt":
            text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", " ").replace("&amp;", "&")
    return text.replace("\r\n", "\n").strip("\n")


def packet_of(codec: str, text: str) -> bytes:
    """Return words as a packet of a text codec."""
    if codec == "mov_text":
        raw = text.encode("utf-8")[:0xFFFF]
        return struct.pack(">H", len(raw)) + raw
    if codec == "webvtt":
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").encode()
    return text.encode()


def add_text_track(container: OutputContainer, codec: str) -> Stream:
    """Add a track for packets of a text codec."""
    added: Any = container.add_stream(codec)
    # The encoder is opened for the description of the track that it writes; it never encodes.
    added.codec_context.subtitle_header = _ASS_HEADER
    added.time_base = added.codec_context.time_base = Fraction(1, 1000)
    result: Stream = added
    return result
