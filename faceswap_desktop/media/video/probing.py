"""What a video's header says, and its first frame; nothing here takes longer for a longer video."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path, PurePath
from typing import Final

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.media import Fingerprint, Media, MediaKind
from faceswap_desktop.domain.video import AudioTrack, ColourTags, VideoFacts
from faceswap_desktop.media import refusals
from faceswap_desktop.media.container import MAX_PIXELS, decoding
from faceswap_desktop.media.fingerprint import fingerprint, media_id, open_regular
from faceswap_desktop.media.formats import video_format_of_extension, video_format_title
from faceswap_desktop.media.sniff import HEAD_BYTES, video_format
from faceswap_desktop.media.video.animated import on_white, opaque, webp_durations, whole_webp
from faceswap_desktop.media.video.colour_names import MATRICES, PRIMARIES, RANGES, TRANSFERS
from faceswap_desktop.media.video.opening import only, open_video_file, packets_of, picture_track, translated

_MOST_PACKETS: Final = 600
"""So many are tried for a first frame before a video counts as undecodable."""
_PROGRESSIVE: Final = frozenset({0, 1})
_PQ: Final = "smpte2084"
_MAX_SIDE: Final = 32_768


@dataclass(frozen=True, slots=True, eq=False)
class Probed:
    """A video that can be opened.

    Attributes:
        media: With ``video`` set.
        first: Its first frame, in coded orientation.
    """

    media: Media
    first: VideoFrame


def probe_video(path: str | os.PathLike[str], *, max_pixels: int = MAX_PIXELS) -> Probed:
    """Read a video's header and decode its first frame.

    Raises:
        InputRefused: ``missing``, ``folder``, ``empty``, ``permission``, ``not-a-video``, ``no-picture``,
            ``too-large`` or ``unreadable`` (damaged, encrypted, of an unknown codec, without a frame).
    """
    known = fingerprint(path)
    with open_regular(path) as stream:
        name = video_format(stream.read(HEAD_BYTES))
    if name == "WEBP":
        return _probe_webp(path, known, max_pixels)
    with open_video_file(path) as (container, name):
        track = picture_track(container)
        if track is None:
            raise refusals.no_picture_track(path)
        if track.codec_context is None:
            raise refusals.unknown_codec(path)
        _check_size(path, (track.width, track.height), max_pixels)
        facts = _header_facts(container, track)
        try:
            first = _first_frame(path, container, track)
        except OSError as error:
            raise translated(path, error) from error
        _check_size(path, (first.width, first.height), max_pixels)
        facts = _with_frame(facts, first, name)
        notes = (*_name_notes(path, name), *_notes(track, first, facts))
        return Probed(_media(path, known, name, facts, notes), opaque(first) if name == "GIF" else first)


def _media(
    path: str | os.PathLike[str], known: Fingerprint, name: str, facts: VideoFacts, notes: tuple[str, ...]
) -> Media:
    width, height = facts.coded_width, facts.coded_height
    return Media(
        id=media_id(path, known),
        path=str(Path(path).absolute()),
        kind=MediaKind.VIDEO,
        size=Size(height, width) if facts.rotation in {90, 270} else Size(width, height),
        format=name,
        fingerprint=known,
        notes=notes,
        video=facts,
    )


def _check_size(path: str | os.PathLike[str], size: tuple[int, int], max_pixels: int) -> None:
    width, height = size
    if width * height > max_pixels:
        raise refusals.too_large(path, width, height, max_pixels)
    if max(width, height) > _MAX_SIDE:
        raise refusals.side_too_long(path, width, height, _MAX_SIDE)


# --------------------------------------------------------------------------------------------------------- header


def _header_facts(container: InputContainer, track: VideoStream) -> VideoFacts:
    """Return what is known before a frame is decoded."""
    rate = track.average_rate or track.guessed_rate or Fraction(0)
    seconds = _seconds(container, track)
    others = [one for one in container.streams if one.type not in {"audio", "subtitle"} and one.index != track.index]
    return VideoFacts(
        seconds=seconds,
        frames=track.frames or max(1, round(seconds * rate)),
        frames_per_second=float(rate),
        codec=track.codec_context.codec.canonical_name,
        pixel_format=track.pix_fmt or "",
        bits=8,
        coded_width=track.width,
        coded_height=track.height,
        audio=tuple(_audio_track(one) for one in container.streams.audio),
        subtitles=len(container.streams.subtitles),
        chapters=len(container.chapters()),
        other_tracks=len(others),
    )


def _seconds(container: InputContainer, track: VideoStream) -> float:
    if track.duration and track.time_base:
        return float(track.duration * track.time_base)
    return max(0.0, (container.duration or 0) / av.time_base)


def _audio_track(track: AudioStream) -> AudioTrack:
    context: AudioCodecContext | None = track.codec_context  # None for a codec that is not known here
    said: Mapping[str, str] = track.metadata
    language = said.get("language", "")
    return AudioTrack(
        codec=context.codec.canonical_name if context is not None else "",
        channels=context.channels if context is not None else 0,
        sample_rate=context.sample_rate if context is not None else 0,
        language="" if language == "und" else language,
        title=said.get("title", ""),
    )


# ---------------------------------------------------------------------------------------------------- first frame


def _first_frame(path: str | os.PathLike[str], container: InputContainer, track: VideoStream) -> VideoFrame:
    only(container, track)
    # Threads that take a frame each would hold the first one back until each has one.
    track.thread_type = "SLICE"
    for number, packet in enumerate(packets_of(container, track)):
        if number == 0 and packet.has_sidedata("encryption_info"):
            raise refusals.encrypted(path)
        if number > _MOST_PACKETS:
            break
        try:
            frames = track.decode(packet)
        except av.error.MemoryError:
            raise
        except av.error.FFmpegError:
            continue
        if frames:
            return frames[0]
    try:
        frames = track.decode(None)
    except av.error.FFmpegError:
        frames = []
    if not frames:
        raise refusals.no_frames(path)
    return frames[0]


def _with_frame(facts: VideoFacts, frame: VideoFrame, name: str) -> VideoFacts:
    turn = -round(frame.rotation / 90) * 90 % 360  # FFmpeg counts against the clock
    return VideoFacts(
        seconds=facts.seconds,
        frames=facts.frames,
        frames_per_second=facts.frames_per_second,
        codec=facts.codec,
        pixel_format="rgb24" if name == "GIF" else frame.format.name,
        bits=max(component.bits for component in frame.format.components),
        coded_width=frame.width,
        coded_height=frame.height,
        colour=ColourTags(
            range=_named(RANGES, frame.color_range),
            primaries=_named(PRIMARIES, frame.color_primaries),
            transfer=_named(TRANSFERS, frame.color_trc),
            matrix=_named(MATRICES, frame.colorspace) if not frame.format.is_rgb else "",
        ),
        rotation=turn,
        audio=facts.audio,
        subtitles=facts.subtitles,
        chapters=facts.chapters,
        other_tracks=facts.other_tracks,
    )


def _named(names: Mapping[str, int], number: int) -> str:
    return next((name for name, known in names.items() if known == number), "")


# ---------------------------------------------------------------------------------------------------------- notes


def _name_notes(path: str | os.PathLike[str], name: str) -> tuple[str, ...]:
    extension = PurePath(path).suffix
    said = video_format_of_extension(extension)
    if said is None or said.holds(name):
        return ()
    return (f"The name ends in {extension}, but it is a {video_format_title(name)} video.",)


def _notes(track: VideoStream, first: VideoFrame, facts: VideoFacts) -> tuple[str, ...]:
    notes = []
    if facts.colour.is_hdr:
        kind = "PQ" if facts.colour.transfer == _PQ else "HLG"
        notes.append(f"It is HDR ({kind}). On the screen it is shown in the ordinary range of brightness.")
    if first.interlaced_frame or track.codec_context.field_order not in _PROGRESSIVE:
        notes.append("It is interlaced: where something moves, its edges look like combs.")
    ratio = track.sample_aspect_ratio
    if ratio is not None and ratio not in {0, 1}:
        notes.append("Its pixels are not square: here it looks wider or narrower than in a player.")
    return tuple(notes)


def _probe_webp(path: str | os.PathLike[str], known: Fingerprint, max_pixels: int) -> Probed:
    with open_regular(path) as opened:
        durations = webp_durations(opened)
        stream = whole_webp(opened)
        with decoding(path):
            image = Image.open(stream, formats=("WEBP",))
        _check_size(path, image.size, max_pixels)
        if not durations:
            raise refusals.no_frames(path)
        with decoding(path):
            rgb = on_white(np.asarray(image.convert("RGBA")))
    seconds = sum(durations) / 1000
    facts = VideoFacts(
        seconds=seconds,
        frames=len(durations),
        frames_per_second=len(durations) / seconds,
        codec="webp",
        pixel_format="rgb24",
        bits=8,
        coded_width=rgb.shape[1],
        coded_height=rgb.shape[0],
    )
    return Probed(_media(path, known, "WEBP", facts, _name_notes(path, "WEBP")), VideoFrame.from_ndarray(rgb, "rgb24"))
