"""What a video result will be: its container, what goes along, what does not and why; the same before and after."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import OutputOptions, VideoCodec, VideoQuality
from faceswap_desktop.domain.video import VideoFacts
from faceswap_desktop.media.video import carry
from faceswap_desktop.media.video.carry import CarriedTrack
from faceswap_desktop.media.video.containers import CODEC_NAMES, OutputFormat, candidates
from faceswap_desktop.media.video.opening import open_video_file
from faceswap_desktop.media.video.settings import (
    MOST_BITS,
    SourcePicture,
    encode_settings,
    format_traits,
    has_alpha,
    is_rgb,
    source_format,
)

_BITS_PER_PIXEL: Final = {
    VideoQuality.SMALL: 0.06,
    VideoQuality.GOOD: 0.11,
    VideoQuality.HIGH: 0.20,
    VideoQuality.LOSSLESS: 6.0,
}
"""H.264 of ordinary clips, with some to spare; what can be told before is no more than the order of magnitude."""
_SHARE: Final = {VideoCodec.H264: 1.0, VideoCodec.HEVC: 0.8, VideoCodec.AV1: 0.7, VideoCodec.VP9: 0.9}
_PRORES_BITS: Final = {
    VideoQuality.SMALL: 1.6,
    VideoQuality.GOOD: 2.4,
    VideoQuality.HIGH: 3.6,
    VideoQuality.LOSSLESS: 3.6,
}
"""By Apple's table of data rates at 1920 × 1080: LT 102, standard 147, HQ 220 Mbit/s at 30 frames per second."""
_ANY_TIMES: Final = (Fraction(1, 1000), Fraction(25))
_SOUND_BYTES: Final = 40_000
"""A sound track's second where nothing is said."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a result will be.

    Attributes:
        target: What it is packed in.
        tracks: What becomes of the original's tracks; empty for animated pictures.
        dropped: What is lost, a sentence each; English.
        notes: What else is worth saying; English.
        sound_bytes: About how much a second of everything but the picture takes.
    """

    target: OutputFormat
    tracks: tuple[CarriedTrack, ...]
    dropped: tuple[str, ...]
    notes: tuple[str, ...]
    sound_bytes: float = 0.0


def plan_result(media: Media, output: OutputOptions) -> Plan:
    """Look at an original's tracks and say what a result of it will be.

    Raises:
        InputRefused: The original cannot be opened.
        UsageError: The container cannot hold the codec, or the codec cannot hold the picture.
    """
    facts = media.video
    possible = candidates(output, media.format)
    if facts is not None:
        _check_picture(facts, output)
    if media.format == "WEBP":
        return Plan(possible[0], (), (), tuple(_notes(media, output, possible[0])))
    with open_video_file(media.path) as (container, _):
        plans = [(target, carry.carried_tracks(container, target)) for target in possible]
        target, tracks = next((plan for plan in plans if carry.keeps_all_sound(container, plan[1], plan[0])), plans[-1])
        dropped = [track.note for track in tracks if track.note]
        if not output.keep_gps and carry.tells_place(container.metadata):
            dropped.append("The place where it was filmed, as the settings say.")
        notes = _notes(media, output, target)
        sound = sum((stream.codec_context.bit_rate or 0) / 8 or _SOUND_BYTES for stream in container.streams.audio)
    return Plan(target, tracks, tuple(dropped), tuple(notes), sound)


def bytes_per_second(media: Media, output: OutputOptions, sound_bytes: float) -> float:
    """Return about how much room a second takes while it is rendered and in the result, together."""
    facts = media.video
    if facts is None:
        return 0.0
    pixels = facts.coded_width * facts.coded_height * (facts.frames_per_second or 25.0)
    if output.video_codec is VideoCodec.PRORES:
        bits = _PRORES_BITS[output.video_quality] * (1.5 if format_traits(facts.pixel_format)[1] == "444" else 1.0)
    else:
        bits = _BITS_PER_PIXEL[output.video_quality] * _SHARE[output.video_codec]
        if output.video_quality is VideoQuality.LOSSLESS:
            bits *= facts.bits / 8 * {"420": 1.0, "422": 1.3, "444": 2.0}[format_traits(facts.pixel_format)[1]]
    # The chunks and the joined file are both there for a moment.
    return 2 * pixels * bits / 8 + sound_bytes


def _check_picture(facts: VideoFacts, output: OutputOptions) -> None:
    """Refuse what would ruin the picture.

    Raises:
        UsageError: Kind ``hdr``.
    """
    if facts.colour.is_hdr and MOST_BITS[output.video_codec] < 10:
        raise UsageError(
            message(
                "This video has a high dynamic range, and {codec} is written with 8 bits here, which is too coarse "
                "for that.",
                codec=CODEC_NAMES[output.video_codec],
            ),
            message("Choose HEVC, AV1, H.264 or ProRes for the result."),
            kind="hdr",
        )


def _notes(media: Media, output: OutputOptions, target: OutputFormat) -> list[str]:
    notes = _picture_notes(media, output)
    if target.name != media.format:
        article = "a" if target.name.startswith("W") else "an"
        notes.insert(0, f"The result is {article} {target.name} file.")
    if not target.is_exact and media.format not in {"MKV", "WEBM"}:
        notes.append(f"{target.name} rounds the frames' times to a thousandth of a second.")
    return notes


def _picture_notes(media: Media, output: OutputOptions) -> list[str]:
    facts = media.video
    if facts is None:
        return []
    notes: list[str] = []
    codec = CODEC_NAMES[output.video_codec]
    pixel_format = source_format(media.format, facts.pixel_format)
    source = SourcePicture(facts.coded_width, facts.coded_height, pixel_format, *_ANY_TIMES, colour=facts.colour)
    settings = encode_settings(output, source)
    columns, rows = settings.width - source.width, settings.height - source.height
    if columns or rows:
        what = " and ".join(word for word, count in (("column", columns), ("row", rows)) if count)
        notes.append(f"{codec} takes even sizes only: one more {what} of pixels is added at the edge.")
    bits, chroma = format_traits(source.pixel_format)
    new_bits, new_chroma = format_traits(settings.pixel_format)
    if new_bits < bits:
        notes.append(f"The picture has {bits} bits per sample; {codec} is written with {new_bits} here.")
    if new_chroma < chroma:
        notes.append(f"Colour is sampled more coarsely: {codec} is written in 4:2:0 here.")
    if is_rgb(source.pixel_format):
        notes.append("Its colours are stored as brightness and colour difference (BT.709).")
        if new_chroma == "444" and output.video_codec in {VideoCodec.H264, VideoCodec.HEVC}:
            notes.append("They are kept in full resolution (4:4:4), which some players do not show.")
    if has_alpha(facts.pixel_format) and not has_alpha(settings.pixel_format):
        notes.append("Transparent places become white." if media.format in {"GIF", "WEBP"} else "Transparency is lost.")
    if facts.colour.is_hdr and new_bits >= 10:
        notes.append("High dynamic range is kept: 10 bits or more, with the original's light levels.")
    if output.video_codec is VideoCodec.PRORES and output.video_quality is VideoQuality.LOSSLESS:
        notes.append("ProRes is never quite lossless; its best quality is taken.")
    return notes
