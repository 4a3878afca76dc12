"""A video file opened for reading: by its content, from the disk only, with its picture track chosen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard, Disposition, Stream
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.media import refusals, sniff
from faceswap_desktop.media.fingerprint import open_regular

# The demuxer is chosen by us, so that a playlist or a pattern in a name can never make FFmpeg open other files.
_DEMUXERS: Final = {
    "MP4": "mov",
    "MOV": "mov",
    "MKV": "matroska",
    "WEBM": "matroska",
    "AVI": "avi",
    "GIF": "gif",
    "FLV": "flv",
    "MPEG": "mpeg",
    "MPEGVIDEO": "mpegvideo",
    "TS": "mpegts",
    "WMV": "asf",
    "OGG": "ogg",
}
_OPTIONS: Final = {"protocol_whitelist": "file"}
_MOST_BROKEN_PLACES: Final = 50
"""So many in a row, and there is nothing more to be had."""
_SEGMENT: Final = b"\x18\x53\x80\x67"
_STILL: Final = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image


class PacketNumber(int):
    """A packet's place, to be carried through the decoder.

    PyAV knows what a packet carries by its address in memory, and forgets it when the first of several packets that
    carry the same object is freed. Small integers are such objects, so each packet gets one of its own.
    """


def let_rest(context: VideoCodecContext) -> None:
    """Let a decoder's threads finish what they hold; to be called before a decoder that carries objects is dropped.

    The threads give back what the packets carried, for which they need the interpreter; whoever drops the decoder holds
    the interpreter and waits for the threads. In the worst case both wait for ever (seen with VP9 on two threads).
    """
    for _ in range(_MOST_BROKEN_PLACES):
        try:
            context.decode(None)
        except av.error.EOFError:
            return
        except av.error.FFmpegError:
            continue  # a broken frame on the way out
        return


@contextmanager
def open_video_file(path: str | os.PathLike[str]) -> Iterator[tuple[InputContainer, str]]:
    """Open a video for reading.

    Yields:
        The container, which is closed at the end, and its format's name as ``Media.format`` has it.

    Raises:
        InputRefused: ``missing``, ``folder``, ``empty``, ``permission``, ``not-a-video`` or ``unreadable``.
    """
    container, name = open_container(path)
    with container:
        yield container, name


def open_container(path: str | os.PathLike[str]) -> tuple[InputContainer, str]:
    """Open a video for reading like ``open_video_file``; the caller closes it."""
    with open_regular(path) as stream:
        name = sniff.video_format(stream.read(sniff.HEAD_BYTES))
    demuxer = _DEMUXERS.get(name)
    if demuxer is None:
        raise refusals.not_a_video(path)
    try:
        # "file:" keeps a colon in a name from being taken for a protocol.
        url = "file:" + os.fspath(Path(path).absolute())
        container = av.open(url, "r", format=demuxer, options=dict(_OPTIONS), metadata_errors="replace")
    except (av.error.FFmpegError, ValueError, UnicodeError) as error:
        raise translated(path, error) from error
    return container, name


def picture_track(container: InputContainer) -> VideoStream | None:
    """Return the track that is shown: the default one, else the first; covers and other stills do not count."""
    tracks = [one for one in container.streams.video if not is_still(one)]
    return next((one for one in tracks if one.disposition & Disposition.default), tracks[0] if tracks else None)


def packets_of(container: InputContainer, track: VideoStream | AudioStream) -> Iterator[Packet[Any]]:
    """Read a track's packets from where the container stands, over broken places if need be.

    Raises:
        OSError: The disk or the network failed.
    """
    broken = 0
    while broken < _MOST_BROKEN_PLACES:
        try:
            for packet in container.demux(track):
                if packet.size:
                    broken = 0
                    yield packet
        except (av.error.InvalidDataError, av.error.PatchWelcomeError, av.error.UnknownError):
            broken += 1
        else:
            return


def only(container: InputContainer, track: Stream) -> None:
    """Let the container pass over all tracks but one, without reading them where it can."""
    for other in container.streams:
        if other.index != track.index:
            other.discard = Discard.all


def promised_bytes(path: str | os.PathLike[str], name: str) -> int:
    """Return how long a file ought to be by its own header; 0 where that cannot be told."""
    with Path(path).open("rb") as stream:
        head = stream.read(sniff.HEAD_BYTES)
    if name in {"AVI", "WEBP"}:
        return 8 + int.from_bytes(head[4:8], "little")
    if name in {"MKV", "WEBM"}:
        at = head.find(_SEGMENT)
        return _segment_end(head, at + len(_SEGMENT)) if at >= 0 else 0
    return 0


def _segment_end(head: bytes, at: int) -> int:
    """Read a Matroska element's length (RFC 8794, 4); 0 where it is left open, as in live recordings."""
    first = head[at] if at < len(head) else 0
    width = 9 - first.bit_length()
    if not first or at + width > len(head):
        return 0
    value = int.from_bytes(head[at : at + width], "big") & ((1 << (7 * width)) - 1)
    return 0 if value == (1 << (7 * width)) - 1 else at + width + value


def is_still(stream: Stream) -> bool:
    """Whether a picture track is a mere cover or thumbnail."""
    return bool(stream.disposition & _STILL)


def translated(path: str | os.PathLike[str], error: Exception) -> InputRefused:
    """Turn what FFmpeg said about a file into a refusal."""
    if isinstance(error, OSError) and not isinstance(error, (av.error.InvalidDataError, av.error.EOFError)):
        return refusals.refuse_os_error(path, error)
    return refusals.damaged(path)
