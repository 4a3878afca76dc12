"""Makes a video's index by reading every packet of its picture track once."""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream
from numpy.typing import NDArray

from faceswap_desktop.media import refusals
from faceswap_desktop.media.video.animated import WEBP_TIME_BASE, webp_durations
from faceswap_desktop.media.video.index import NO_FRAME, NO_TIME, VideoIndex
from faceswap_desktop.media.video.opening import (
    PacketNumber,
    let_rest,
    only,
    open_video_file,
    packets_of,
    picture_track,
    promised_bytes,
    translated,
)

Report = Callable[[float], None]

MENDED_TIMES: Final = "Some of its frames have the same time, or none; they were put one after the other."
NO_START: Final = "It begins in the middle of a scene that cannot be decoded; those frames are left out."

_REPORT_EVERY: Final = 512
_JUMP_S: Final = Fraction(1, 2)
_ASSUMED_RATE: Final = 25
_MISSING_SHARE: Final = 0.01
_PROGRESSIVE: Final = frozenset({0, 1})
"""Values of ``AVFieldOrder``: nothing is said, or whole frames."""
_TRIED_PACKETS: Final = 48
_WHOLE_SHARE: Final = 0.8
_REORDERED: Final = frozenset({"h264", "hevc"})


@dataclass
class _Packets:
    """What the packets say, in the order of the file."""

    pts: array[int] = field(default_factory=lambda: array("q"))
    dts: array[int] = field(default_factory=lambda: array("q"))
    duration: int = 0
    keys: array[int] = field(default_factory=lambda: array("q"))
    hidden: array[int] = field(default_factory=lambda: array("q"))

    def add(self, packet: Packet[VideoStream], codec: str) -> None:
        number = len(self.pts)
        self.pts.append(NO_TIME if packet.pts is None else packet.pts)
        self.dts.append(NO_TIME if packet.dts is None else packet.dts)
        self.duration = packet.duration or self.duration
        if packet.is_keyframe:
            self.keys.append(number)
        if packet.is_discard or (codec == "vp8" and not memoryview(packet)[0] >> 4 & 1):
            self.hidden.append(number)


def build_index(
    path: str | os.PathLike[str], *, size: tuple[int, int], pixel_format: str, report: Report = lambda _: None
) -> VideoIndex:
    """Read a video's packets.

    Args:
        path: The video.
        size: Width and height of a coded frame, as its first decoded frame has them.
        pixel_format: That frame's.
        report: Told now and then which share of the file was read; may raise to stop.

    Raises:
        InputRefused: It cannot be read, or has no frame at all (kind ``unreadable``).
    """
    if _is_webp(path):
        return _webp_index(path, size)
    with open_video_file(path) as (container, name):
        track = picture_track(container)
        if track is None or track.time_base is None:
            raise refusals.no_picture_track(path)
        only(container, track)
        try:
            packets = _read(container, track, report)
            needs_decoding = _needs_decoding(name, track) or _has_halves(path, track, len(packets.pts))
            order = _decoded_order(path, report) if needs_decoding else None
        except OSError as error:
            raise translated(path, error) from error
        if not packets.pts:
            raise refusals.no_frames(path)
        if _starts_over(packets, track.time_base):
            raise refusals.times_start_over(path)
        pts, frames, keys, notes = _numbered(packets, order)
        if not len(pts):
            raise refusals.no_frames(path)
        end = int(pts[-1]) + _last_duration(pts, packets.duration, track)
        notes += _missing_end(path, name, track, len(packets.pts), float(end * track.time_base))
        return VideoIndex(
            pts=pts,
            time_base=track.time_base,
            end_pts=end,
            packet_pts=np.array(packets.pts, np.int64),
            packet_dts=np.array(packets.dts, np.int64),
            packet_frame=frames,
            key_packets=keys,
            width=size[0],
            height=size[1],
            pixel_format=pixel_format,
            format=name,
            codec=track.codec_context.codec.canonical_name,
            is_variable=_is_variable(pts),
            notes=notes,
        )


def _read(container: InputContainer, track: VideoStream, report: Report) -> _Packets:
    packets = _Packets()
    length = max(1, container.size)
    codec = track.codec_context.name
    for number, packet in enumerate(packets_of(container, track)):
        packets.add(packet, codec)
        if number % _REPORT_EVERY == 0:
            report(min(1.0, max(0, packet.pos or 0) / length))
    return packets


def _starts_over(packets: _Packets, unit: Fraction) -> bool:
    """Whether the clock jumps back for good, as where recordings were put one behind the other byte by byte.

    Sorted by time, their frames and sounds would be mixed. One packet with a wrong time, and what follows it, is none.
    """
    dts = np.array([one for one in packets.dts if one != NO_TIME], np.int64)
    if len(dts) < 3:
        return False
    jumps = round(_JUMP_S / unit)
    is_back = (dts[2:] < dts[1:-1] - jumps) & (dts[2:] < dts[:-2] - jumps)
    return bool(is_back.any())


def _needs_decoding(name: str, track: VideoStream) -> bool:
    """Whether packets lie in another order than their frames are shown in, and their times do not say so.

    AVI keeps no times of presentation. For MPEG-4 FFmpeg reads the order off the pictures' types, for these it cannot.
    """
    context = track.codec_context
    return name == "AVI" and context.name in _REORDERED and context.reorder_depth > 0


def _has_halves(path: str | os.PathLike[str], track: VideoStream, packets: int) -> bool:
    """Whether many packets carry half a frame, as some cameras write interlaced H.264: one field each.

    Then only decoding tells which packets make a frame. It is tried on the beginning.
    """
    context = track.codec_context
    if context.name != "h264" or context.field_order in _PROGRESSIVE or packets < _TRIED_PACKETS:
        return False
    return len(_decoded_order(path, lambda _: None, _TRIED_PACKETS)) < _TRIED_PACKETS * _WHOLE_SHARE


def _decoded_order(path: str | os.PathLike[str], report: Report, most: int | None = None) -> NDArray[np.int64]:
    """Decode everything, or the beginning; return the packets in the order in which their frames came out."""
    order = array("q")
    with open_video_file(path) as (container, _):
        track = picture_track(container)
        assert track is not None, "its packets were read a moment ago"
        only(container, track)
        track.thread_type = "AUTO"
        track.codec_context.copy_opaque = True
        length = max(1, container.size)

        def take(packet: Packet[VideoStream] | None) -> None:
            try:
                order.extend(frame.opaque for frame in track.decode(packet) if isinstance(frame.opaque, int))
            except av.error.FFmpegError:
                return  # its frame has no number

        try:
            for number, packet in enumerate(islice(packets_of(container, track), most)):
                packet.opaque = PacketNumber(number)
                take(packet)
                if number % _REPORT_EVERY == 0:
                    report(min(1.0, max(0, packet.pos or 0) / length))
            take(None)
        finally:
            let_rest(track.codec_context)
    return np.array(list(dict.fromkeys(order)), np.int64)


def _numbered(
    packets: _Packets, order: NDArray[np.int64] | None
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32], tuple[str, ...]]:
    """Return the frames' times, each packet's frame, the key packets, and notes."""
    said = np.array(packets.pts, np.int64)
    times, is_whole = _times(said, np.array(packets.dts, np.int64), packets.duration or 1)
    is_shown = np.ones(len(said), bool)
    is_shown[np.array(packets.hidden, np.int64)] = False
    keys = np.array(packets.keys or [0], np.int64)
    # What lies before the first key frame, or behind it but is shown before it, lacks what it was made from.
    cut = is_shown & (np.arange(len(said)) < keys[0])
    if order is None:
        cut |= is_shown & (times < times[keys[0]]) & is_shown[keys[0]]
    is_shown &= ~cut
    shown = np.flatnonzero(is_shown)
    if order is None:
        order = shown[np.argsort(times[shown], kind="stable")]
        pts = times[order]
    else:
        order = order[is_shown[order]]
        pts = np.sort(times[order])
    if not len(order):
        return pts, np.full(len(said), NO_FRAME, np.int32), np.zeros(0, np.int32), ()
    frames = np.full(len(said), NO_FRAME, np.int32)
    frames[order] = np.arange(len(order), dtype=np.int32)
    ascending = _ascending(pts)
    notes = () if is_whole and bool((ascending == pts).all()) else (MENDED_TIMES,)
    return ascending, frames, _starts(keys, frames, said), (*notes, *((NO_START,) if bool(cut.any()) else ()))


def _times(pts: NDArray[np.int64], dts: NDArray[np.int64], duration: int) -> tuple[NDArray[np.int64], bool]:
    """Fill in times that packets do not have: the time of decoding, else the one before and a frame's duration."""
    missing = pts == NO_TIME
    if not bool(missing.any()):
        return pts, True
    times = np.where(missing, dts, pts)
    for number in np.flatnonzero(times == NO_TIME):
        times[number] = times[number - 1] + duration if number else 0
    return times, False


def _ascending(pts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Move times so that each is at least one unit behind the one before."""
    steps = np.arange(len(pts))
    return np.asarray(np.maximum.accumulate(pts - steps) + steps, np.int64)


def _starts(keys: NDArray[np.int64], frames: NDArray[np.int32], said: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return the key packets at which decoding can start, their frames' numbers ascending.

    The first may carry a frame that is not shown. Later ones need a time that no other packet has, or they would not be
    known again after a jump.
    """
    first = int(np.flatnonzero(frames == 0)[0])
    lead = keys[keys <= first]
    chosen = [int(lead[-1]) if len(lead) else int(keys[0])]
    times, counts = np.unique(said, return_counts=True)
    doubtful = set(times[counts > 1].tolist())
    last = int(frames[chosen[0]])
    for key in keys[keys > chosen[0]].tolist():
        if frames[key] > last and int(said[key]) not in doubtful:
            chosen.append(key)
            last = int(frames[key])
    return np.array(chosen, np.int32)


def _last_duration(pts: NDArray[np.int64], said: int, track: VideoStream) -> int:
    if said > 0:
        return said
    if len(pts) > 1:
        return max(1, int(np.median(np.diff(pts))))
    rate = track.average_rate or Fraction(_ASSUMED_RATE)
    return max(1, round(1 / (rate * (track.time_base or Fraction(1)))))


def _is_variable(pts: NDArray[np.int64]) -> bool:
    """Whether frames do not lie at even distances; being rounded to whole units of the time base does not count."""
    if len(pts) < 3:
        return False
    even = np.linspace(float(pts[0]), float(pts[-1]), len(pts))
    return bool(np.abs(pts - even).max() > 1.0)


def _missing_end(
    path: str | os.PathLike[str], name: str, track: VideoStream, frames: int, end: float
) -> tuple[str, ...]:
    """Say so if the header promises more packets than there are; frames that an edit list hides are there."""
    if name in {"MP4", "MOV"} and track.frames > frames * (1 + _MISSING_SHARE) + 1:
        return (f"The file is cut off: {frames:,} of {track.frames:,} frames are there.",)
    promised = promised_bytes(path, name)
    if promised > Path(path).stat().st_size:
        return (f"The file is cut off: only its first {_clock(end)} are there.",)
    return ()


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"


def _is_webp(path: str | os.PathLike[str]) -> bool:
    try:
        with Path(path).open("rb") as stream:
            return stream.read(12)[8:] == b"WEBP"
    except (OSError, ValueError) as error:
        raise refusals.refuse_os_error(path, error) from error


def _webp_index(path: str | os.PathLike[str], size: tuple[int, int]) -> VideoIndex:
    with Path(path).open("rb") as stream:
        durations = webp_durations(stream)
    if not durations:
        raise refusals.no_frames(path)
    pts = np.concatenate(([0], np.cumsum(durations[:-1]))).astype(np.int64)
    numbers = np.arange(len(pts), dtype=np.int32)
    promised = promised_bytes(path, "WEBP") > Path(path).stat().st_size
    return VideoIndex(
        pts=pts,
        time_base=WEBP_TIME_BASE,
        end_pts=int(sum(durations)),
        packet_pts=pts,
        packet_dts=pts,
        packet_frame=numbers,
        key_packets=numbers[:1],
        width=size[0],
        height=size[1],
        pixel_format="rgb24",
        format="WEBP",
        codec="webp",
        is_variable=_is_variable(pts),
        notes=(f"The file is cut off: only its first {_clock(sum(durations) / 1000)} are there.",) if promised else (),
    )
