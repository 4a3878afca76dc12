"""What of an original goes along into a result besides the picture: decided before the run, done when joining."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final, cast

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Disposition, Stream

from faceswap_desktop.media.refusals import shown_line
from faceswap_desktop.media.video.containers import OutputFormat
from faceswap_desktop.media.video.opening import picture_track


class Treatment(StrEnum):
    """What becomes of a track."""

    PICTURE = "picture"
    """It is rendered."""
    COPY = "copy"
    """Packet by packet."""
    TEXT = "text"
    """Subtitles, written as the container's own kind of text."""
    COVER = "cover"
    """An attached picture that becomes an attached file."""
    TIMECODE = "timecode"
    """MP4 and MOV write it anew from its first value; the others keep that as a tag."""
    DROP = "drop"
    """The container cannot carry it; said before the run."""
    MADE_ANEW = "made-anew"
    """Chapters as a track; the container makes its own of the chapters."""


@dataclass(frozen=True, slots=True)
class CarriedTrack:
    """One track of the original.

    Attributes:
        index: Its place in the original.
        kind: ``video``, ``audio``, ``subtitle``, ``data``, ``attachment``.
        treatment: What becomes of it.
        note: A sentence where it is dropped or loses something; English.
    """

    index: int
    kind: str
    treatment: Treatment
    note: str = ""


_BIBLIOGRAPHIC: Final = {
    "deu": "ger",
    "nld": "dut",
    "ell": "gre",
    "isl": "ice",
    "zho": "chi",
    "sqi": "alb",
    "fre": "fra",
    "hye": "arm",
    "kat": "geo",
    "mya": "bur",
    "msa": "may",
    "bod": "tib",
    "cym": "wel",
    "eus": "baq",
    "swe": "sve",
}
_MOST_BROKEN_PLACES: Final = 50
TEXT_CODECS: Final = frozenset({"subrip", "srt", "mov_text", "webvtt", "ass", "ssa", "text"})
_STYLED: Final = frozenset({"ass", "ssa"})
_IMAGE_TYPES: Final = {"mjpeg": ("cover.jpg", "image/jpeg"), "png": ("cover.png", "image/png")}
_USUAL_LAYOUTS: Final = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}
_KINDS: Final = {
    "audio": "sound track",
    "subtitle": "subtitle track",
    "video": "second picture track",
    "data": "data track",
    "attachment": "attached file",
}


def carried_tracks(container: InputContainer, target: OutputFormat) -> tuple[CarriedTrack, ...]:
    """Say for every track of an original what becomes of it in a container, in the original's order."""
    picture = picture_track(container)
    return tuple(_carried(container, stream, picture, target) for stream in container.streams)


def keeps_all_sound(container: InputContainer, tracks: tuple[CarriedTrack, ...], target: OutputFormat) -> bool:
    """Whether no sound track is dropped, nor put where few players look for it (bare samples in MP4)."""
    sound = [track for track in tracks if track.kind == "audio"]
    if target.name == "MP4" and any(codec_name(container.streams[one.index]).startswith("pcm_") for one in sound):
        return False
    return all(track.treatment is Treatment.COPY for track in sound)


def codec_name(stream: Stream) -> str:
    """Return FFmpeg's name of a track's codec; empty where there is none."""
    if stream.type in {"data", "attachment"}:
        return str(stream.name or "")
    with suppress(AttributeError, ValueError):
        return str(stream.codec_context.codec.canonical_name)
    return ""


def image_type(stream: Stream) -> tuple[str, str]:
    """Return the file name and type under which an attached picture is attached."""
    name, kind = _IMAGE_TYPES.get(codec_name(stream), ("cover", "application/octet-stream"))
    return (stream.metadata.get("filename", name), stream.metadata.get("mimetype", kind))


def _carried(container: InputContainer, stream: Stream, picture: Stream | None, target: OutputFormat) -> CarriedTrack:
    kind, index = stream.type, stream.index
    if picture is not None and index == picture.index:
        return CarriedTrack(index, "video", Treatment.PICTURE)
    if kind == "data":
        special = _special_data(container, stream, target)
        if special is not None:
            return CarriedTrack(index, kind, special)
    if kind == "attachment":
        treatment = Treatment.COPY if target.has_fonts else Treatment.DROP
        return CarriedTrack(index, kind, treatment, "" if target.has_fonts else _dropped(stream, target))
    if kind == "video" and stream.disposition & Disposition.attached_pic:
        if target.has_fonts:
            return CarriedTrack(index, kind, Treatment.COVER)
        if target.name == "WEBM":
            return CarriedTrack(index, kind, Treatment.DROP, f"The cover picture: {target.name} cannot carry it.")
    if kind == "subtitle":
        return _subtitles(stream, target)
    if can_carry(stream, target):
        return CarriedTrack(index, kind, Treatment.COPY)
    return CarriedTrack(index, kind, Treatment.DROP, _dropped(stream, target))


def _special_data(container: InputContainer, stream: Stream, target: OutputFormat) -> Treatment | None:
    tag = _tag(stream)
    if tag == "tmcd":
        return Treatment.TIMECODE
    if tag in {"text", "tx3g"} and container.chapters():
        return Treatment.MADE_ANEW
    return None


def _tag(stream: Stream) -> str:
    # PyAV tells the four letters of tracks with a decoder only; the handler's name tells chapters and timecodes.
    handler = str(stream.metadata.get("handler_name", ""))
    if "timecode" in stream.metadata or "TimeCodeHandler" in handler or "Time Code" in handler:
        return "tmcd"
    if codec_name(stream) == "bin_data" and "timecode" not in handler.lower():
        return "text"
    return ""


def _subtitles(stream: Stream, target: OutputFormat) -> CarriedTrack:
    codec = codec_name(stream)
    if _is_same_text(codec, target) or (codec not in TEXT_CODECS and can_carry(stream, target)):
        return CarriedTrack(stream.index, "subtitle", Treatment.COPY)
    if codec not in TEXT_CODECS:
        return CarriedTrack(stream.index, "subtitle", Treatment.DROP, _dropped(stream, target))
    note = f"The look of {_named(stream)}: {target.name} carries its text only." if codec in _STYLED else ""
    return CarriedTrack(stream.index, "subtitle", Treatment.TEXT, note)


def _is_same_text(codec: str, target: OutputFormat) -> bool:
    if target.name == "MKV":
        return codec in {"subrip", "srt", "ass", "ssa", "webvtt"}
    return codec == target.text


def _dropped(stream: Stream, target: OutputFormat) -> str:
    return f"{_named(stream)[0].upper()}{_named(stream)[1:]}: {target.name} cannot carry it."


def _named(stream: Stream) -> str:
    parts = [_KINDS.get(stream.type, "track"), str(stream.index + 1)]
    title = stream.metadata.get("title") or stream.metadata.get("filename") or stream.metadata.get("language")
    codec = codec_name(stream) if stream.type != "attachment" else ""
    inside = ", ".join(part for part in (shown_line(str(title or "")), codec) if part)
    return " ".join(parts) + (f" ({inside})" if inside else "")


def can_carry(stream: Stream, target: OutputFormat) -> bool:
    """Whether a container takes a track as it is: found by writing its header into nothing."""
    try:
        with av.open(io.BytesIO(), "w", format=target.muxer) as trial:
            added = add_copy(trial, stream)
            if stream.type == "subtitle" or target.muxer != "webm":
                trial.start_encoding()
            del added
    except (av.FFmpegError, ValueError, NotImplementedError):
        return False
    return True


def add_copy(container: OutputContainer, stream: Stream) -> Stream:
    """Add a track that packets of another one are copied into, with its tags and its place among the defaults.

    Raises:
        ValueError: The container does not know the codec.
    """
    # Its packets are never encoded, so the decoder's side of the codec is what describes them.
    added = cast("Stream", container.add_stream_from_template(cast("Any", stream), opaque=True))
    if stream.type == "audio":
        _name_channels(added)
    copy_traits(stream, added)
    return added


def _name_channels(added: Stream) -> None:
    """Say which channels there are where the original tells their number only: MP4 takes no samples without.

    AVI and Matroska tell no more of PCM, and players take two for left and right.
    """
    context = cast("AudioStream", added).codec_context
    usual = _USUAL_LAYOUTS.get(context.channels)
    if usual is not None and context.layout.name == f"{context.channels} channels":
        context.layout = usual


def copy_traits(stream: Stream, added: Stream, *, without: frozenset[str] = frozenset()) -> None:
    """Copy a track's tags and disposition."""
    muxer = added.container.format.name
    tags = track_tags(stream.metadata, without if muxer in {"mp4", "mov"} else without | _OF_MP4)
    if muxer == "mov" and tags.get("language") in _BIBLIOGRAPHIC:
        # FFmpeg knows QuickTime's languages by their other names only (ISO 639-2/B).
        tags["language"] = _BIBLIOGRAPHIC[tags["language"]]
    added.metadata.update(tags)
    added.disposition = stream.disposition


def sound_starts(original: InputContainer | None) -> list[Fraction]:
    """Return when each sound track begins, in seconds, where that is told."""
    if original is None:
        return []
    return [
        stream.start_time * stream.time_base
        for stream in original.streams.audio
        if stream.start_time is not None and stream.time_base is not None
    ]


def demuxed(container: InputContainer, streams: Sequence[Stream]) -> Iterator[Packet[Any]]:
    """Read packets of some tracks, over broken places if need be."""
    broken = 0
    while broken < _MOST_BROKEN_PLACES:
        try:
            for packet in container.demux(*cast("Any", streams)):
                if packet.size:
                    broken = 0
                    yield packet
        except (av.error.InvalidDataError, av.error.PatchWelcomeError, av.error.UnknownError):
            broken += 1
        else:
            return


# ------------------------------------------------------------------------------------------------------------- tags

_CONTAINERS_OWN: Final = frozenset(
    {"major_brand", "minor_version", "compatible_brands", "encoder", "duration", "software"}
)
_PLACE: Final = ("location", "gps", "com.apple.quicktime.location")
_OF_MP4: Final = frozenset({"handler_name", "vendor_id"})
_OF_THE_TRACK: Final = ("bps", "duration", "number_of_", "_statistics")
_ILST: Final = frozenset(
    {
        "title", "artist", "album_artist", "composer", "album", "date", "comment", "genre", "copyright", "grouping",
        "lyrics", "description", "synopsis", "show", "episode_id", "network", "keywords", "track", "disc",
        "media_type", "hd_video", "gapless_playback", "compilation", "episode_sort", "season_number", "creation_time",
        "sort_name", "sort_artist", "sort_album", "sort_album_artist", "sort_composer", "sort_show", "timecode",
    }
)  # fmt: skip
"""Tags that MP4 writes where every player looks for them."""


def container_tags(tags: Mapping[str, str], *, keep_place: bool) -> dict[str, str]:
    """Return an original's tags as the result has them: without what the container writes itself.

    Args:
        tags: Of the original.
        keep_place: Whether the place where it was filmed goes along.
    """
    return {
        name: value
        for name, value in tags.items()
        if name.lower() not in _CONTAINERS_OWN and (keep_place or not name.lower().startswith(_PLACE))
    }


def tells_place(tags: Mapping[str, str]) -> bool:
    """Whether tags say where it was filmed."""
    return any(name.lower().startswith(_PLACE) for name in tags)


def has_uncommon_tags(tags: Mapping[str, str]) -> bool:
    """Whether there are tags that MP4 and MOV keep in their general form only."""
    return any(name.lower() not in _ILST for name in tags)


def track_tags(tags: Mapping[str, str], without: frozenset[str] = frozenset()) -> dict[str, str]:
    """Return a track's tags without what its old container counted in it."""
    return {
        name: value
        for name, value in tags.items()
        if name.lower() not in without and name.lower() != "encoder" and not name.lower().startswith(_OF_THE_TRACK)
    }
