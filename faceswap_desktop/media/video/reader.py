"""Frames of a video by their numbers, exactly, wherever decoding has to start for them."""

from __future__ import annotations

import os
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from types import TracebackType
from typing import Final, Self

import av
import numpy as np
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.media import refusals
from faceswap_desktop.media.video.animated import WebpFrames, opaque
from faceswap_desktop.media.video.index import NO_FRAME, NO_TIME, VideoIndex
from faceswap_desktop.media.video.opening import (
    PacketNumber,
    let_rest,
    only,
    open_container,
    packets_of,
    picture_track,
    translated,
)

CHEAPER_THAN_SEEKING: Final = 8
"""So many packets are rather decoded in passing than jumped over: a jump empties the decoder."""
_EARLIER_STARTS: Final = 2
"""How many key frames further back decoding is tried when a frame does not come out."""
_MADE_UP_TIMES: Final = frozenset({"MPEG", "MPEGVIDEO"})
"""Most packets of these have no time. FFmpeg makes one up, another one after a jump: so there are none."""
_LOST_AFTER: Final = 64
"""A frame that the decoder still holds back when so many later packets were given is lost."""


class FrameReader:
    """Reads frames of one file by number; keeps the decoder where it stands.

    Used by one thread at a time. Asking for numbers that ascend, within a call and from call to call, decodes every
    frame once. Frames come as the decoder made them: coded orientation, the stream's own pixel format and matrix
    (``pixels.upright_rgb`` turns and converts them), always with the index's width, height and pixel format: where a
    stream changes those in the middle, frames are converted to what it began with. GIF and WebP come as ``rgb24``
    with transparent places white. ``pts`` and ``time_base`` of a frame are those of the index.

    Args:
        path: The video.
        index: Its index.
        threads: For decoding: 0 as many as there are cores. With 1, frames of one decoder come out one by one, and a
            worker process takes one core.
        keep_back: How many decoded frames are kept, so that a step back does not decode from the key frame again.

    Raises:
        InputRefused: As ``opening.open_container``.
    """

    def __init__(
        self, path: str | os.PathLike[str], index: VideoIndex, *, threads: int = 0, keep_back: int = 0
    ) -> None:
        self.path = path
        self.index = index
        self._threads = threads
        self._kept: OrderedDict[int, VideoFrame] = OrderedDict()
        self._keep_back = keep_back
        self._source: _Decoder | WebpFrames = self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. A second call does nothing."""
        self._source.close()
        self._kept.clear()

    def frames(self, wanted: FrameRange | Iterable[int]) -> Iterator[tuple[int, VideoFrame | None]]:
        """Decode frames.

        Args:
            wanted: A range, or numbers that ascend.

        Yields:
            Every number that was asked for, once, in order, with its frame; None where that cannot be decoded.

        Raises:
            ValueError: A number is outside the video, or they do not ascend.
            InputRefused: The file can no longer be read (kind ``missing`` or ``unreadable``).
        """
        numbers = range(wanted.first, wanted.end) if isinstance(wanted, FrameRange) else wanted
        before = -1
        for number in numbers:
            if not before < number < len(self.index):
                raise ValueError(f"frame {number} after {before} of {len(self.index)}")
            before = number
            yield number, self._one(number)

    def frame(self, number: int) -> VideoFrame | None:
        """Decode one frame; None where that cannot be done."""
        return next(self.frames((number,)))[1]

    # ------------------------------------------------------------------------------------------------- insides

    def _open(self) -> _Decoder | WebpFrames:
        if self.index.format == "WEBP":
            return WebpFrames(self.path, self.index)
        return _Decoder(self.path, self.index, self._threads)

    def _one(self, number: int) -> VideoFrame | None:
        frame = self._kept.get(number)
        if frame is not None:
            return frame
        for found, frame in self._source.up_to(number):
            self._keep(found, frame)
            if found == number:
                return frame
        return None

    def _keep(self, number: int, frame: VideoFrame) -> None:
        # The last one at least: who looks at a frame often asks for it again in another size.
        self._kept[number] = frame
        self._kept.move_to_end(number)
        while len(self._kept) > max(1, self._keep_back):
            self._kept.popitem(last=False)


class _Decoder:
    """FFmpeg's demuxer and decoder, and how far they are."""

    def __init__(self, path: str | os.PathLike[str], index: VideoIndex, threads: int) -> None:
        self._path = path
        self._index = index
        self._threads = threads
        self._lost: set[int] = set()
        self._pending: deque[tuple[int, VideoFrame]] = deque()
        self._is_closed = False
        self._open()

    def close(self) -> None:
        self._pending.clear()
        if not self._is_closed:
            self._is_closed = True
            let_rest(self._track.codec_context)
            self._container.close()

    def up_to(self, number: int) -> Iterator[tuple[int, VideoFrame]]:
        """Yield decoded frames in order, up to and with one; it is not among them where it cannot be decoded."""
        try:
            if not self._is_ahead(number):
                self._start_at(self._index.start_for(number))
            yield from self._decoded_up_to(number)
            while self._may_need_earlier_start(number):
                self._start_at(self._start - 1)
                yield from self._decoded_up_to(number)
            if self._is_spoilt:
                self._threads = 1
                self._start_at(self._index.start_for(number))
                yield from self._decoded_up_to(number)
        except OSError as error:
            raise translated(self._path, error) from error
        if self._passed != number:
            self._lost.add(number)

    # ------------------------------------------------------------------------------------------------- position

    def _is_ahead(self, number: int) -> bool:
        """Whether going on is right, and cheaper than a jump."""
        if number <= self._passed:
            return False
        if self._pending and number <= self._pending[-1][0]:
            return True
        start = int(self._index.key_packets[self._index.start_for(number)])
        return start - self._next_packet <= CHEAPER_THAN_SEEKING

    def _may_need_earlier_start(self, number: int) -> bool:
        """Whether a frame did not come out although its packets may be whole.

        After a key frame of an open group, or where pictures are refreshed bit by bit, a decoder drops what it cannot
        show rightly; decoding from further back brings it.
        """
        if self._passed == number or number in self._lost or self._start == 0:
            return False
        return self._index.start_for(number) - self._start < _EARLIER_STARTS

    def _open(self) -> None:
        self._container, _ = open_container(self._path)
        track = picture_track(self._container)
        if track is None:
            self._container.close()
            raise refusals.replaced(self._path)
        only(self._container, track)
        self._track = track
        track.thread_type = "AUTO"
        track.thread_count = self._threads
        track.codec_context.copy_opaque = True
        self._begin(0, 0, packets_of(self._container, track))

    def _begin(self, start: int, packet: int, packets: Iterator[Packet[VideoStream]]) -> None:
        self._packets = packets
        self._start = start
        self._next_packet = packet
        self._passed = NO_FRAME
        self._is_over = self._is_spoilt = False
        self._pending.clear()

    def _start_at(self, start: int) -> None:
        """Let decoding begin at a key frame, by its place in ``key_packets``."""
        wanted = int(self._index.key_packets[start])
        for place in range(start, max(0, start - 3), -1):
            if self._is_spoilt or not self._jump(place):
                break
            if self._skip_to(start, wanted):
                return
        let_rest(self._track.codec_context)
        self._container.close()
        self._open()
        # From the beginning packets need only be counted.
        passed = sum(1 for _ in islice(self._packets, wanted))
        self._begin(start, wanted, self._packets)
        self._is_over = passed < wanted

    def _jump(self, place: int) -> bool:
        if self._index.format in _MADE_UP_TIMES:
            return False
        packet = int(self._index.key_packets[place])
        pts, dts = int(self._index.packet_pts[packet]), int(self._index.packet_dts[packet])
        # Matroska's table holds times of presentation, the others' times of decoding.
        first, second = (pts, dts) if self._index.format in {"MKV", "WEBM"} else (dts, pts)
        try:
            self._container.seek(first if first != NO_TIME else second, stream=self._track)
        except av.error.FFmpegError:
            return False
        return True

    def _skip_to(self, start: int, wanted: int) -> bool:
        """Pass over packets until the wanted one is next; False where the container stands behind it."""
        packets = packets_of(self._container, self._track)
        due: int | None = None
        for packet in packets:
            place = self._place_of(packet, wanted) if due is None else self._counted(packet, due)
            if place is None:
                continue
            if place > wanted:
                return False
            if place == wanted:
                self._begin(start, wanted, chain((packet,), packets))
                return True
            due = place + 1
        return False

    def _place_of(self, packet: Packet[VideoStream], wanted: int) -> int | None:
        """Return which packet of the index this one is; of several with the same times the one nearest to a place."""
        pts = NO_TIME if packet.pts is None else packet.pts
        dts = NO_TIME if packet.dts is None else packet.dts
        index = self._index
        found = np.flatnonzero(index.packet_pts == pts if pts != NO_TIME else index.packet_dts == dts)
        if len(found) > 1 and dts != NO_TIME:
            # Demuxers make up times of decoding anew after a jump, so they only choose among equals.
            found = exact if len(exact := found[index.packet_dts[found] == dts]) else found
        return int(found[np.argmin(np.abs(found - wanted))]) if len(found) else None

    # ------------------------------------------------------------------------------------------------- decoding

    def _decoded_up_to(self, number: int) -> Iterator[tuple[int, VideoFrame]]:
        lost_at = int(self._index.frame_packet[number]) + _LOST_AFTER
        while True:
            while self._pending and self._pending[0][0] <= number:
                self._passed, frame = self._pending.popleft()
                yield self._passed, frame
            if self._pending or self._is_over or self._passed >= number or self._next_packet > lost_at:
                return
            self._feed()

    def _feed(self) -> None:
        """Give the decoder one packet, or its flush, and take what comes out."""
        packet = next(self._packets, None)
        if packet is None:
            self._is_over = True
        else:
            self._next_packet = self._counted(packet, self._next_packet)
            packet.opaque = PacketNumber(self._next_packet)
            self._next_packet += 1
        for frame in self._decoded(packet):
            self._take(frame)

    def _counted(self, packet: Packet[VideoStream], due: int) -> int:
        """Return which packet of the index this one is, knowing which one is due."""
        pts = NO_TIME if packet.pts is None else packet.pts
        if self._index.format in _MADE_UP_TIMES:
            return due
        if due < len(self._index.packet_pts) and int(self._index.packet_pts[due]) == pts:
            return due
        place = self._place_of(packet, due)
        return due if place is None else place

    def _decoded(self, packet: Packet[VideoStream] | None) -> list[VideoFrame]:
        for _ in range(2):
            try:
                return self._track.decode(packet)
            except av.error.BlockingIOError:
                continue  # it wanted to be rid of a frame first
            except av.error.MemoryError:
                raise
            except av.error.FFmpegError:
                # A broken packet; its frame is missed by its number. Where it fails while several threads are
                # emptied, PyAV drops the good frames with the bad one.
                self._is_spoilt = packet is None and self._threads != 1
                return []
        return []

    def _take(self, frame: VideoFrame) -> None:
        index = self._index
        place = frame.opaque
        number = int(index.packet_frame[place]) if isinstance(place, int) and place < len(index.packet_frame) else -1
        last = self._pending[-1][0] if self._pending else self._passed
        if number <= last:
            return
        self._pending.append((number, _as_index_says(frame, number, index)))


def _as_index_says(frame: VideoFrame, number: int, index: VideoIndex) -> VideoFrame:
    if index.format == "GIF":
        frame = opaque(frame)
    elif (frame.width, frame.height, frame.format.name) != (index.width, index.height, index.pixel_format):
        frame = frame.reformat(index.width, index.height, index.pixel_format)
    frame.pts, frame.time_base = int(index.pts[number]), index.time_base
    return frame
