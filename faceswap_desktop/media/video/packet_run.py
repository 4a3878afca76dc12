"""A piece of a picture track as plain values: its packets, to be decoded where the file is not."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Any, Final

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.media.video.index import NO_FRAME, NO_TIME, VideoIndex
from faceswap_desktop.media.video.opening import PacketNumber, only, open_video_file, packets_of, picture_track
from faceswap_desktop.media.video.reader import FrameReader

Frame = VideoFrame
"""A decoded frame, for rooms that do not import the decoder."""

_AFTER: Final = 32
"""So many packets behind the last frame's go along: decoders hold frames back, and B-frames are shown before others."""
_PICTURES: Final = frozenset({"GIF", "WEBP"})


@dataclass(frozen=True, slots=True)
class CodedPacket:
    """One packet: its times in units of the track's time base (None for not told), and the frame that it carries."""

    data: bytes
    pts: int | None
    dts: int | None
    is_key: bool
    frame: int


@dataclass(frozen=True, slots=True)
class PacketRun:
    """What decodes to some frames.

    Attributes:
        codec: FFmpeg's name of the codec; empty where ``pictures`` are sent.
        extradata: Its parameter sets.
        width, height: Of a coded frame.
        pixel_format: FFmpeg's name of the frames' format.
        time_base: Seconds per unit of the packets' times.
        colour: Range, primaries, transfer and matrix as the track says them, by the numbers of ITU-T H.273.
        packets: In the order in which they are decoded; the first one is a key frame.
        pictures: Instead of packets, of animated pictures: number and deflated RGB of each frame.
    """

    codec: str
    extradata: bytes
    width: int
    height: int
    pixel_format: str
    time_base: Fraction
    colour: tuple[int, int, int, int]
    packets: tuple[CodedPacket, ...] = ()
    pictures: tuple[tuple[int, bytes], ...] = ()


def read_packets(path: str | os.PathLike[str], index: VideoIndex, frames: FrameRange) -> PacketRun:
    """Read what is needed to decode some frames elsewhere.

    Args:
        path: The video.
        index: Its index.
        frames: Which frames.

    Raises:
        InputRefused: The file cannot be read.
    """
    if index.format in _PICTURES:
        return _pictures(path, index, frames)
    first = int(index.key_packets[index.start_for(frames.first)])
    needed = np.flatnonzero((index.packet_frame >= frames.first) & (index.packet_frame < frames.end))
    last = int(needed.max(initial=first)) + _AFTER
    with open_video_file(path) as (container, _):
        track = picture_track(container)
        assert track is not None, "an index means that there is a picture track"
        only(container, track)
        context = track.codec_context
        packets = []
        for number, packet in _numbered_packets(container, track, index, first):
            if number > last:
                break
            carried = int(index.packet_frame[number]) if number < len(index.packet_frame) else NO_FRAME
            packets.append(CodedPacket(bytes(packet), packet.pts, packet.dts, packet.is_keyframe, carried))
        colour = (context.color_range, context.color_primaries, context.color_trc, context.colorspace)
        return PacketRun(
            codec=context.codec.canonical_name,
            extradata=context.extradata or b"",
            width=index.width,
            height=index.height,
            pixel_format=index.pixel_format,
            time_base=track.time_base or Fraction(1, 1000),
            colour=colour,
            packets=tuple(packets),
        )


def _numbered_packets(
    container: InputContainer, track: VideoStream, index: VideoIndex, first: int
) -> Iterator[tuple[int, Packet[Any]]]:
    """Yield packets with their places, from ``first`` on, jumping there where the file can be jumped in."""
    pts, dts = int(index.packet_pts[first]), int(index.packet_dts[first])
    # Matroska's table holds times of presentation, the others' times of decoding.
    times = (pts, dts) if index.format in {"MKV", "WEBM"} else (dts, pts)
    with suppress(av.FFmpegError):
        container.seek(next(time for time in (*times, 0) if time != NO_TIME), stream=track)
        place = NO_FRAME
        for packet in packets_of(container, track):
            place = _place_of(packet, index) if place == NO_FRAME else place + 1
            if place > first or place == NO_FRAME:
                break
            if place == first:
                yield from enumerate(chain((packet,), packets_of(container, track)), first)
                return
    container.seek(0, stream=track)
    for number, packet in enumerate(packets_of(container, track)):
        if number >= first:
            yield number, packet


def _place_of(packet: Packet[Any], index: VideoIndex) -> int:
    """Return which packet of the index this is; ``NO_FRAME`` where its times do not tell."""
    if packet.pts is None:
        return NO_FRAME
    found = np.flatnonzero(index.packet_pts == packet.pts)
    return int(found[0]) if len(found) == 1 else NO_FRAME


def _pictures(path: str | os.PathLike[str], index: VideoIndex, frames: FrameRange) -> PacketRun:
    found = []
    with FrameReader(path, index, threads=1) as reader:
        for number, frame in reader.frames(frames):
            if frame is not None:
                found.append((number, zlib.compress(frame.to_ndarray().tobytes(), 1)))
    return PacketRun("", b"", index.width, index.height, "rgb24", index.time_base, (0, 0, 0, 0), (), tuple(found))


def decode_run(run: PacketRun, frames: FrameRange) -> Iterator[tuple[int, VideoFrame | None]]:
    """Decode the frames that packets were read for.

    Yields:
        Every number of ``frames``, once, in order, with its frame; None where that cannot be decoded.
    """
    due = frames.first
    for number, frame in _decoded(run):
        if not due <= number < frames.end:
            continue
        yield from ((missing, None) for missing in range(due, number))
        yield number, frame
        due = number + 1
        if due == frames.end:
            return
    yield from ((missing, None) for missing in range(due, frames.end))


def _decoded(run: PacketRun) -> Iterator[tuple[int, VideoFrame]]:
    if not run.codec:
        for number, packed in run.pictures:
            rgb = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(run.height, run.width, 3)
            yield number, VideoFrame.from_ndarray(rgb, "rgb24")
        return
    context = _opened(run)
    by_number: dict[int, int] = {}
    for place, coded in enumerate(run.packets):
        by_number[place] = coded.frame
        packet: Packet[Any] = Packet(coded.data)
        packet.pts, packet.dts = coded.pts, coded.dts
        packet.time_base = run.time_base
        packet.is_keyframe = coded.is_key
        packet.opaque = PacketNumber(place)
        yield from _numbered(context, packet, by_number, run)
    yield from _numbered(context, None, by_number, run)


def _opened(run: PacketRun) -> VideoCodecContext:
    context = av.CodecContext.create(run.codec, "r")
    assert isinstance(context, VideoCodecContext)
    if run.extradata:
        context.extradata = run.extradata
    context.width, context.height, context.pix_fmt = run.width, run.height, run.pixel_format
    context.color_range, context.color_primaries, context.color_trc, context.colorspace = run.colour
    context.thread_count = 1
    context.copy_opaque = True
    return context


def _numbered(
    context: VideoCodecContext, packet: Packet[Any] | None, frames: dict[int, int], run: PacketRun
) -> Iterator[tuple[int, VideoFrame]]:
    try:
        decoded = context.decode(packet)
    except av.error.MemoryError:
        raise
    except av.error.FFmpegError:
        return  # a broken packet; its frame is missed by its number
    for frame in decoded:
        number = frames.get(frame.opaque, NO_FRAME) if isinstance(frame.opaque, int) else NO_FRAME
        if number == NO_FRAME:
            continue
        if (frame.width, frame.height, frame.format.name) != (run.width, run.height, run.pixel_format):
            frame = frame.reformat(run.width, run.height, run.pixel_format)  # noqa: PLW2901 - as the index says
        yield number, frame
