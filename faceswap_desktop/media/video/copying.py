"""Copies of videos within a service's limits: H.264 with AAC in MP4, upright, trimmed, without metadata."""

from __future__ import annotations

import heapq
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any, Final, cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import PictureType
from av.video.reformatter import ColorRange, Colorspace

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.video import FrameRange, VideoFacts
from faceswap_desktop.media.refusals import shown_name
from faceswap_desktop.media.video.decode_times import with_decode_times
from faceswap_desktop.media.video.index import NO_FRAME, VideoIndex
from faceswap_desktop.media.video.opening import open_video_file, packets_of, picture_track
from faceswap_desktop.media.video.pixels import upright_rgb
from faceswap_desktop.media.video.reader import FrameReader
from faceswap_desktop.media.video.sound import SoundReader

_RATE: Final = 48_000
_SOUND_BITS: Final = 160_000
_BLOCK: Final = 1024
_CRF: Final = "18"
_KEY_SECONDS: Final = 2.0
_ROOM: Final = 0.92
"""Of the room for the picture, what its encoder is told: it may miss its rate by a little."""
_LEAST_BITS: Final = 0.04
"""Bits per pixel below which a smaller picture looks better."""
_SMALLER: Final = 0.75
_TRIES: Final = 5
_COPYABLE: Final = frozenset({"MP4", "MOV", "MKV"})
_PLAIN: Final = frozenset({"yuv420p", "yuvj420p"})
_OPTIONS: Final = {"movflags": "+faststart", "fflags": "+bitexact"}

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class VideoCopyWork:
    """What is copied, and what the copy has to be.

    Attributes:
        media: The original.
        index: Its index.
        frames: Which of its frames.
        path: Where to write; what is there is replaced.
        size: Pixels of the copy, upright; both even.
        max_bytes: Longest file.
        threads: For decoding and encoding; 0 for one per core.
    """

    media: Media
    index: VideoIndex
    frames: FrameRange
    path: Path
    size: Size
    max_bytes: int
    threads: int = 1

    @property
    def facts(self) -> VideoFacts:
        """What the header says."""
        assert self.media.video is not None
        return self.media.video

    @property
    def start(self) -> int:
        """When the first frame is shown, in the index's units."""
        return int(self.index.pts[self.frames.first])

    @property
    def seconds(self) -> float:
        """How long the copy is."""
        times = self.index.times
        return times.of(self.frames.end) - times.of(self.frames.first)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is cut off."""
        return len(self.frames) == len(self.index)


@dataclass(frozen=True, slots=True)
class VideoCopy:
    """What was written: pixels, and whether the picture was encoded anew."""

    size: Size
    was_encoded: bool


class _TooLong(Exception):
    """The file would be longer than it may be."""


def frames_within(index: VideoIndex, wanted: FrameRange | None, max_seconds: float) -> FrameRange:
    """Return which frames are copied: the wanted ones, cut at the end so that they last no longer than they may.

    Raises:
        ValueError: None of the wanted ones exists.
    """
    frames = FrameRange(0, len(index)).common(wanted or FrameRange(0, len(index)))
    if frames is None:
        raise ValueError(f"frames {wanted} of {len(index)}")
    times = index.times
    end = frames.end
    while end > frames.first + 1 and times.of(end) - times.of(frames.first) > max_seconds + 1e-6:
        end -= 1
    return FrameRange(frames.first, end)


def copy_video(work: VideoCopyWork, progress: Progress) -> VideoCopy:
    """Write a copy.

    Args:
        work: What is copied.
        progress: Told the share that is done, 0 to 1; may raise to stop.

    Raises:
        InputRefused: The original cannot be read, or no copy is short enough (kind ``too-large``).
        OSError: It cannot be written.
    """
    packets = _copyable_packets(work)
    if packets is not None:
        try:
            _write(work, progress, packets=packets)
            return VideoCopy(work.size, was_encoded=False)
        except (_TooLong, av.error.ArgumentError, av.error.InvalidDataError):
            pass  # what cannot be packed anew is encoded anew
    size, rate = work.size, 0
    for _ in range(_TRIES):
        try:
            _write(replace(work, size=size), progress, bits_per_second=rate)
            return VideoCopy(size, was_encoded=True)
        except _TooLong:
            rate, size = _less(work, rate, size)
    raise InputRefused(
        message("“{name}” cannot be made short enough to be sent.", name=shown_name(work.media.path)),
        message("Choose a shorter part of it."),
        kind="too-large",
    )


def _less(work: VideoCopyWork, rate: int, size: Size) -> tuple[int, Size]:
    """Return a bit rate, and a size that goes with it, after the ones before were too much."""
    room = max(1.0, work.max_bytes * 8 / max(0.1, work.seconds) - (_SOUND_BITS if work.facts.audio else 0))
    rate = round(rate * _SMALLER) if rate else round(room * _ROOM)
    shown = max(1.0, work.index.frames_per_second)
    while rate < _LEAST_BITS * size.width * size.height * shown and min(size) > 160:
        size = Size(even(size.width * _SMALLER), even(size.height * _SMALLER))
    return max(1000, rate), size


def even(side: float) -> int:
    """Return the even number nearest to a side, at least 2."""
    return max(2, 2 * round(side / 2))


# ------------------------------------------------------------------------------------------------ packets as they are


def _copyable_packets(work: VideoCopyWork) -> range | None:
    """Return which packets of the picture hold the wanted frames and no other; None where it has to be encoded."""
    facts, index, frames = work.facts, work.index, work.frames
    is_plain = facts.codec == "h264" and facts.pixel_format in _PLAIN and facts.rotation == 0
    if not is_plain or index.format not in _COPYABLE or work.size != work.media.size or facts.colour.is_hdr:
        return None
    first, last = _key_packet(index, frames.first), _key_packet(index, frames.end)
    if first is None or last is None:
        return None
    carried = index.packet_frame[first:last]
    shown = np.sort(carried[carried != NO_FRAME])
    is_exact = len(shown) == len(frames) and len(carried) == len(shown)
    # Pictures before a key frame that refer to what lies before it would be broken.
    return range(first, last) if is_exact and shown[0] == frames.first else None


def _key_packet(index: VideoIndex, frame: int) -> int | None:
    if frame == len(index):
        return len(index.packet_frame)
    packet = int(index.frame_packet[frame])
    return packet if packet in index.key_packets else None


def _picture_packets(work: VideoCopyWork, packets: range, track: Any, target: Any) -> Iterator[Packet[Any]]:
    """Read packets and move them so that the first frame is shown at 0."""
    container = track.container
    last = None
    wanted = islice(packets_of(container, track), packets.start, packets.stop)
    for packet in with_decode_times(wanted):
        if packet.pts is None or packet.dts is None or (last is not None and packet.dts <= last):
            raise av.error.InvalidDataError(0, "times are missing or step back")
        last = packet.dts
        packet.pts -= work.start
        packet.dts -= work.start
        packet.stream = target
        yield packet


# ----------------------------------------------------------------------------------------------------------- encoding


def _add_encoder(result: OutputContainer, work: VideoCopyWork, bits_per_second: int) -> Any:
    rate = Fraction(work.index.frames_per_second or 25.0).limit_denominator(1001)
    stream: Any = result.add_stream("libx264", rate=rate)
    context = stream.codec_context
    context.width, context.height = work.size
    context.pix_fmt = "yuv420p"
    context.time_base = work.index.time_base
    context.gop_size = max(1, round(_KEY_SECONDS * float(rate)))
    context.thread_count = work.threads
    context.color_range, context.colorspace = 1, 1
    context.color_primaries, context.color_trc = 1, 1
    options = {"preset": "veryfast"}
    if bits_per_second:
        context.bit_rate = bits_per_second
        options |= {"maxrate": str(bits_per_second), "bufsize": str(bits_per_second)}
    else:
        context.bit_rate = 0
        options["crf"] = _CRF
    context.options = options
    stream.time_base = work.index.time_base
    return stream


def _encoded_packets(work: VideoCopyWork, stream: Any) -> Iterator[Packet[Any]]:
    """Encode the frames upright, eight bits deep, in BT.709; one that cannot be decoded is left out."""
    context = stream.codec_context
    edge = max(work.size)
    last = -1
    with FrameReader(work.media.path, work.index, threads=work.threads) as reader:
        for number, frame in reader.frames(work.frames):
            if frame is None:
                continue
            rgb = av.VideoFrame.from_ndarray(upright_rgb(frame, work.facts.rotation, edge), "rgb24")
            ready = rgb.reformat(
                *work.size, "yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
            )
            last = max(int(work.index.pts[number]) - work.start, last + 1)
            ready.pts, ready.time_base, ready.pict_type = last, work.index.time_base, PictureType.NONE
            yield from context.encode(ready)
    yield from context.encode(None)


def _add_sound(result: OutputContainer) -> Any:
    stream: Any = result.add_stream("aac", rate=_RATE)
    stream.codec_context.layout = "stereo"
    stream.codec_context.bit_rate = _SOUND_BITS
    return stream


def _sound_packets(work: VideoCopyWork, stream: Any) -> Iterator[Packet[Any]]:
    """Encode the first sound track, from the first frame's time on."""
    reader = SoundReader(work.media.path, 0, _RATE)
    try:
        start, total = work.index.times.of(work.frames.first), round(work.seconds * _RATE)
        for at in range(0, total, _BLOCK):
            count = min(_BLOCK, total - at)
            samples = np.frombuffer(reader.read(start + at / _RATE, count / _RATE), np.int16).reshape(1, -1)
            frame = AudioFrame.from_ndarray(samples, format="s16", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = _RATE, at, Fraction(1, _RATE)
            yield from stream.codec_context.encode(frame)
        yield from stream.codec_context.encode(None)
    finally:
        reader.close()


# ------------------------------------------------------------------------------------------------------------ writing


def _write(work: VideoCopyWork, progress: Progress, *, packets: range | None = None, bits_per_second: int = 0) -> None:
    """Write the file: picture packets as they are, or encoded anew.

    Raises:
        _TooLong: It got longer than it may be.
    """
    written = 0
    with ExitStack() as stack:
        original = stack.enter_context(open_video_file(work.media.path))[0] if packets is not None else None
        result = stack.enter_context(av.open(os.fspath(work.path), "w", format="mp4", container_options=_OPTIONS))
        if original is not None and packets is not None:
            track = picture_track(original)
            assert track is not None
            # Packets are never decoded: the template describes them.
            picture: Any = result.add_stream_from_template(cast("Any", track), opaque=True)
            pictures = _picture_packets(work, packets, track, picture)
        else:
            picture = _add_encoder(result, work, bits_per_second)
            pictures = _encoded_packets(work, picture)
        rows = [_timed(pictures, picture)]
        if work.facts.audio:
            sound = _add_sound(result)
            rows.append(_timed(_sound_packets(work, sound), sound))
        result.start_encoding()
        for number, (seconds, packet) in enumerate(heapq.merge(*rows, key=lambda row: row[0])):
            written += packet.size
            if written > work.max_bytes:
                raise _TooLong
            if number % 16 == 0:
                progress(min(1.0, max(0.0, seconds / work.seconds)) if work.seconds > 0 else 0.0)
            result.mux_one(packet)
    if work.path.stat().st_size > work.max_bytes:
        raise _TooLong


def _timed(packets: Iterator[Packet[Any]], stream: Stream) -> Iterator[tuple[float, Packet[Any]]]:
    for packet in packets:
        packet.stream = stream
        yield float((packet.dts or 0) * packet.time_base), packet
