"""Joining: the packets of rendered chunks, and everything else of the original, in one file."""

from __future__ import annotations

import hashlib
import heapq
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, cast

import av
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Disposition, Stream

from faceswap_desktop.domain.recipe import VideoCodec
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.media.video import carry
from faceswap_desktop.media.video.carry import CarriedTrack, Treatment
from faceswap_desktop.media.video.containers import OutputFormat
from faceswap_desktop.media.video.encode import ENCODERS, configure
from faceswap_desktop.media.video.index import VideoIndex
from faceswap_desktop.media.video.matroska import placeholder, write_display_size
from faceswap_desktop.media.video.opening import open_video_file
from faceswap_desktop.media.video.picture_row import ChunksDiffer, PictureRow
from faceswap_desktop.media.video.settings import SourcePicture
from faceswap_desktop.media.video.subtitles import add_text_track, packet_of, text_of

_MOST_TIMESCALE: Final = 2**31 - 1
MOST_MOVED: Final = 2 * 10**9
"""Longer MP4 and MOV files keep their index at the end: to bring it to the front, FFmpeg writes all of the file once
more in one go, in which nobody hears from it."""
_WARM_UP: Final = Fraction(1, 10)
"""Seconds of hidden sound that stay: more than decoders of AAC (93 ms at 22 kHz) and Opus (80 ms) ask for."""
_STREAMED: Final = frozenset({"TS", "MPEG"})
"""Their clocks start anywhere; the result's starts at 0."""


@dataclass(frozen=True, slots=True)
class JoinWork:
    """What is joined.

    Attributes:
        original: The user's file.
        index: Its index.
        source: What is known of its picture track.
        chunks: Files of the chunks, in order.
        frames: Which frames of the original they hold together.
        target: What the result is packed in.
        tracks: What becomes of the original's tracks.
        keep_place: Whether the place where it was filmed goes along.
        path: Where to write; what is there is replaced.
    """

    original: str
    index: VideoIndex
    source: SourcePicture
    chunks: tuple[Path, ...]
    frames: FrameRange
    target: OutputFormat
    tracks: tuple[CarriedTrack, ...]
    keep_place: bool
    path: Path


@dataclass(slots=True)
class Copied:
    """What went into one copied track.

    Attributes:
        packets: How many.
        size: Bytes of them all.
        digest: SHA-256 over their bytes, one packet after the other.
        has_headers: Whether each packet begins with a header that some containers take away (AAC in ADTS).
    """

    packets: int = 0
    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)
    has_headers: bool = False

    def add(self, data: bytes) -> None:
        """Count a packet."""
        self.packets += 1
        self.size += len(data)
        self.digest.update(data)


@dataclass(frozen=True, slots=True)
class Joined:
    """What was written.

    Attributes:
        seconds: When each frame of the result is shown, ascending, in the result's own time.
        tracks: Of the result, by place: what was copied into it; the picture is not among them.
        picture: Place of the picture track in the result.
        size: Width and height of its coded frames.
        notes: Worth saying, English.
    """

    seconds: tuple[float, ...]
    tracks: Mapping[int, Copied]
    picture: int
    size: tuple[int, int]
    notes: tuple[str, ...]


def join(work: JoinWork, progress: Callable[[float], None]) -> Joined:
    """Write the result.

    Args:
        work: What is joined.
        progress: Told the share that is done, 0 to 1; may raise to stop.

    Raises:
        ChunkDamaged: A chunk's file is missing or not whole.
        ChunksDiffer: They do not fit together.
        OSError: It cannot be written.
        InputRefused: The original cannot be read any more.
    """
    picture = PictureRow(work.chunks, _end_of(work))
    if work.index.format == "WEBP":
        return _Joiner(work, picture, None).write(progress)
    with open_video_file(work.original) as (container, _):
        return _Joiner(work, picture, container).write(progress)


def _end_of(work: JoinWork) -> int:
    pts = work.index.pts
    return int(pts[work.frames.end]) if work.frames.end < len(pts) else work.index.end_pts


class _Joiner:
    """Writes one file."""

    def __init__(self, work: JoinWork, picture: PictureRow, original: InputContainer | None) -> None:
        self._work = work
        self._picture = picture
        self._original = original
        self._cuts_start = work.frames.first > 0
        self._cuts_end = work.frames.end < len(work.index)
        unit = work.index.time_base
        self._origin = int(work.index.pts[work.frames.first]) * unit if self._cuts_start else Fraction(0)
        if not self._cuts_start:
            start = min([int(work.index.pts[0]) * unit, *carry.sound_starts(original)])
            # A Matroska file has no times before 0, so what begins there moves along, picture and sound together.
            if work.index.format in _STREAMED or (start < 0 and not work.target.is_exact):
                self._origin = start
        self._end = _end_of(work) * unit if self._cuts_end else None
        self._notes: list[str] = []
        self._copied: dict[int, Copied] = {}
        self._last_decoded: dict[int, int] = {}
        self._treatments = {track.index: track for track in work.tracks}
        self._title = ""

    def write(self, progress: Callable[[float], None]) -> Joined:
        work = self._work
        with av.open(
            os.fspath(work.path), "w", format=work.target.muxer, container_options=self._container_options()
        ) as result:
            stream, copies = self._add_tracks(result)
            self._add_tags(result)
            result.start_encoding()
            if (stream.codec_context.extradata or b"") != self._picture.extradata:
                raise ChunksDiffer("this encoder's parameter sets are not the chunks'")
            origin = round(self._origin / work.index.time_base)
            total = float(self._span())
            rows = [self._picture.packets(stream, origin), self._other_packets(copies)]
            for number, (seconds, packet, target) in enumerate(heapq.merge(*rows, key=lambda row: row[0])):
                if number % 256 == 0:
                    progress(min(1.0, max(0.0, seconds / total)) if total > 0 else 0.0)
                self._mux(result, packet, target)
            place = stream.index
        if self._needs_display_size():
            size = (self._picture.settings.width, self._picture.settings.height)
            write_display_size(work.path, self._title, size, self._picture.settings.sample_aspect_ratio)
        unit = work.index.time_base
        return Joined(
            seconds=tuple(float((pts - origin) * unit) for pts in self._picture.shown),
            tracks=self._copied,
            picture=place,
            size=(self._picture.settings.width, self._picture.settings.height),
            notes=tuple(self._notes),
        )

    def _span(self) -> Fraction:
        return self._picture.end * self._work.index.time_base - self._origin

    def _mux(self, result: OutputContainer, packet: Packet[Any], target: Stream) -> None:
        copied = self._copied.get(target.index)
        if copied is not None:
            copied.add(bytes(packet))
        result.mux_one(packet)

    # ------------------------------------------------------------------------------------------------------- tracks

    def _add_tracks(self, result: OutputContainer) -> tuple[Any, dict[int, Stream]]:
        """Add the result's tracks in the original's order; return the picture's, and the others by their old place."""
        copies: dict[int, Stream] = {}
        if self._original is None:
            return self._add_picture(result, None), copies
        picture: Any = None
        files: list[Stream] = []
        for old in self._original.streams:
            track = self._treatments.get(old.index)
            if track is None:
                continue
            if track.treatment is Treatment.PICTURE:
                picture = self._add_picture(result, old)
            elif track.treatment is Treatment.COVER or (track.treatment is Treatment.COPY and old.type == "attachment"):
                files.append(old)
            elif track.treatment in {Treatment.COPY, Treatment.TEXT}:
                copies[old.index] = self._add_copy(result, old, track)
        for old in files:
            self._attach(result, old)
        return picture, copies

    def _add_picture(self, result: OutputContainer, old: Stream | None) -> Any:
        settings = self._picture.settings
        stream: Any = result.add_stream(ENCODERS[settings.codec], rate=settings.rate if settings.rate > 0 else 25)
        configure(stream.codec_context, settings)
        stream.time_base = settings.time_base
        if settings.codec is VideoCodec.HEVC and self._work.target.muxer in {"mp4", "mov"}:
            # Parameter sets are in the header only, which is what this says, and what some players insist on.
            stream.codec_context.codec_tag = "hvc1"
        if self._work.source.display_matrix:
            stream.set_display_matrix(self._work.source.display_matrix)
        if old is not None:
            carry.copy_traits(old, stream, without=frozenset({"rotate"} | self._dropped_timecode()))
        else:
            stream.disposition = Disposition.default
        if self._needs_display_size():
            self._title = stream.metadata.get("title", "")
            stream.metadata["title"] = placeholder(self._title)
        return stream

    def _needs_display_size(self) -> bool:
        settings = self._picture.settings
        says_it_itself = settings.codec in {VideoCodec.H264, VideoCodec.HEVC}
        is_matroska = self._work.target.muxer in {"matroska", "webm"}
        return is_matroska and not says_it_itself and settings.sample_aspect_ratio not in {0, 1}

    def _dropped_timecode(self) -> set[str]:
        return {"timecode"} if self._cuts_start else set()

    def _add_copy(self, result: OutputContainer, old: Stream, track: CarriedTrack) -> Stream:
        if track.treatment is Treatment.TEXT:
            added = add_text_track(result, self._work.target.text)
            carry.copy_traits(old, added)
        else:
            added = carry.add_copy(result, old)
        if track.kind == "audio":
            adts = carry.codec_name(old) == "aac" and not old.codec_context.extradata
            self._copied[added.index] = Copied(has_headers=adts)
        return added

    def _attach(self, result: OutputContainer, old: Stream) -> None:
        if old.type == "attachment":
            carry.add_copy(result, old)
            return
        with open_video_file(self._work.original) as (container, _):
            for packet in container.demux(container.streams[old.index]):
                if packet.size:
                    name, kind = carry.image_type(old)
                    result.add_attachment(name, kind, bytes(packet))
                    return

    def _add_tags(self, result: OutputContainer) -> None:
        if self._original is None:
            return
        tags = carry.container_tags(self._original.metadata, keep_place=self._work.keep_place)
        for name in self._dropped_timecode():
            if tags.pop(name, None) is not None:
                self._notes.append("The timecode: the beginning was cut off.")
        result.metadata.update(tags)
        result.set_chapters(cast("Any", self._chapters(self._original.chapters())))

    def _chapters(self, chapters: Sequence[Any]) -> list[dict[str, Any]]:
        """Return the chapters that are inside, moved to the result's time."""
        kept = []
        for chapter in chapters:
            unit = Fraction(chapter["time_base"])
            start, end = chapter["start"] * unit - self._origin, chapter["end"] * unit - self._origin
            stop = self._end - self._origin if self._end is not None else end
            start, end = max(start, Fraction(0)) if self._cuts_start else start, min(end, stop)
            if start < end:
                kept.append(dict(chapter) | {"start": round(start / unit), "end": round(end / unit)})
        return kept

    def _container_options(self) -> dict[str, str]:
        if self._work.target.muxer not in {"mp4", "mov"}:
            return {"write_crc32": "0"} if self._needs_display_size() else {}
        size = sum(path.stat().st_size for path in self._work.chunks)
        flags = "+faststart" if size <= MOST_MOVED else ""
        tags = carry.container_tags(self._original.metadata, keep_place=True) if self._original is not None else {}
        has_cover = any(track.kind == "video" and track.treatment is Treatment.COPY for track in self._work.tracks)
        if carry.has_uncommon_tags(tags) and not has_cover:
            flags += "+use_metadata_tags"
        options = {"write_tmcd": "on", "movie_timescale": str(self._timescale())}
        return options | ({"movflags": flags} if flags else {})

    def _timescale(self) -> int:
        """Return a unit in which gaps before tracks can be told exactly: a common one of all tracks where possible."""
        units = [self._work.index.time_base.denominator]
        if self._original is not None:
            units += [stream.time_base.denominator for stream in self._original.streams.audio if stream.time_base]
        common = math.lcm(*units)
        return common if common <= _MOST_TIMESCALE else max(units)

    # ----------------------------------------------------------------------------------------------- other packets

    def _other_packets(self, copies: Mapping[int, Stream]) -> Iterator[tuple[float, Packet[Any], Stream]]:
        original = self._original
        if original is None or not copies:
            return
        for stream in original.streams:
            if stream.index not in copies:
                stream.discard = av.stream.Discard.all
        for packet in carry.demuxed(original, [original.streams[index] for index in copies]):
            target = copies[packet.stream.index]
            moved = self._moved(packet, target)
            if moved is not None:
                moved.stream = target
                assert moved.dts is not None
                yield float(moved.dts * moved.time_base), moved, target

    def _moved(self, packet: Packet[Any], target: Stream) -> Packet[Any] | None:
        """Return a packet in the result's time, or None where it lies outside of what was cut."""
        is_still = bool(packet.stream.disposition & Disposition.attached_pic)
        unit = packet.time_base
        if packet.dts is None and packet.pts is None:
            packet.pts = packet.dts = self._last_decoded.get(target.index, 0) + (0 if is_still else 1)
        pts = packet.pts if packet.pts is not None else packet.dts
        dts = packet.dts if packet.dts is not None else packet.pts
        assert pts is not None
        assert dts is not None
        if not is_still:
            if self._is_outside(pts * unit, (packet.duration or 0) * unit) or self._is_hidden(packet, pts * unit):
                return None
            shift = round(self._origin / unit)
            pts, dts = pts - shift, dts - shift
        if packet.stream.type == "subtitle":
            line = self._subtitle(packet, pts, unit)
            if line is None:
                return None
            packet, pts, dts = line
        # Damaged files have times that step back, which no container takes.
        dts = max(dts, self._last_decoded.get(target.index, dts - 1) + 1)
        self._last_decoded[target.index] = dts
        packet.pts, packet.dts = max(pts, dts), dts
        return packet

    def _is_hidden(self, packet: Packet[Any], start: Fraction) -> bool:
        """Whether an edit list hides this packet, and the result has none: then it would be heard before the picture.

        The last bit of what is hidden before 0 stays, for a decoder to warm up on.
        """
        return packet.is_discard and not self._work.target.is_exact and start < -_WARM_UP

    def _is_outside(self, start: Fraction, duration: Fraction) -> bool:
        if self._cuts_start and start + duration <= self._origin and start < self._origin:
            return True
        return self._end is not None and start >= self._end

    def _subtitle(self, packet: Packet[Any], pts: int, unit: Fraction) -> tuple[Packet[Any], int, int] | None:
        """Cut a subtitle to what is left of it, and write it anew where the container has another kind of text."""
        duration = packet.duration or 0
        if self._cuts_start and pts < 0:
            pts, duration = 0, max(0, duration + pts)
        if self._end is not None:
            duration = min(duration, max(0, round((self._end - self._origin) / unit) - pts))
        track = self._treatments[packet.stream.index]
        if track.treatment is Treatment.TEXT:
            text = text_of(carry.codec_name(packet.stream), bytes(packet))
            if not text:
                return None  # MP4 fills the gaps between lines with empty ones
            anew: Packet[Any] = Packet(packet_of(self._work.target.text, text))
            anew.time_base, anew.is_keyframe = packet.time_base, True
            packet = anew
        packet.duration = duration
        return packet, pts, pts


__all__ = ["Copied", "JoinWork", "Joined", "join"]
