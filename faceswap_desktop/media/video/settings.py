"""How a video's picture is encoded: a value that is the same for every chunk of a job."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any, Final

import av

from faceswap_desktop.domain.recipe import OutputOptions, VideoCodec, VideoQuality
from faceswap_desktop.domain.video import ColourTags


@dataclass(frozen=True, slots=True)
class LightLevels:
    """How bright a high dynamic range picture was mastered, as the standards write it.

    Attributes:
        primaries: Green, blue, red and white point, x and y each, in units of 0.00002; empty for not told.
        luminance: Brightest and darkest, in units of 0.0001 candela per square metre; empty for not told.
        max_content, max_average: Of the content, in candela per square metre; 0 for not told.
    """

    primaries: tuple[int, ...] = ()
    luminance: tuple[int, ...] = ()
    max_content: int = 0
    max_average: int = 0

    @property
    def has_mastering(self) -> bool:
        """Whether the display it was mastered on is told in full."""
        return len(self.primaries) == 8 and len(self.luminance) == 2


@dataclass(frozen=True, slots=True)
class SourcePicture:
    """What has to be known of the picture track that is encoded again.

    Attributes:
        width, height: Coded pixels, before rotation.
        pixel_format: FFmpeg's name, as the decoder gives it.
        time_base: Seconds per unit of its presentation times.
        rate: Mean frames per second; a hint.
        colour: How its colours are to be read.
        sample_aspect_ratio: Width to height of a pixel; 0 where nothing is said.
        light: Of high dynamic range pictures.
        display_matrix: FFmpeg's nine numbers for turning and mirroring; empty for none.
        dynamic_light: Names of light data that change from frame to frame and cannot be carried.
    """

    width: int
    height: int
    pixel_format: str
    time_base: Fraction
    rate: Fraction
    colour: ColourTags = field(default_factory=ColourTags)
    sample_aspect_ratio: Fraction = Fraction(0)
    light: LightLevels | None = None
    display_matrix: tuple[int, ...] = ()
    dynamic_light: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EncodeSettings:
    """Everything an encoder is told. Equal settings give equal parameter sets, so that chunks can be joined.

    Attributes:
        codec, quality: As the user chose.
        width, height: Of the encoded picture; larger by one than the source's where the codec takes even sizes only.
        pixel_format: Of the encoded picture, FFmpeg's name.
        time_base: Of the presentation times that go in and come out: the source's own.
        rate: Frames per second; a hint.
        colour: Written as it is; nothing is converted between colour spaces.
        sample_aspect_ratio: 0 where nothing is said.
        light: Written where the codec can.
        threads: More than one may make results depend on it.
    """

    codec: VideoCodec
    quality: VideoQuality
    width: int
    height: int
    pixel_format: str
    time_base: Fraction
    rate: Fraction
    colour: ColourTags = field(default_factory=ColourTags)
    sample_aspect_ratio: Fraction = Fraction(0)
    light: LightLevels | None = None
    threads: int = 1


def encode_settings(output: OutputOptions, source: SourcePicture) -> EncodeSettings:
    """Say how a source's picture is encoded for a recipe's output; a pure function, the same for every chunk."""
    pixel_format = encoded_format(output.video_codec, source.pixel_format)
    even_width, even_height = _needs_even(output.video_codec, pixel_format)
    return EncodeSettings(
        codec=output.video_codec,
        quality=output.video_quality,
        width=source.width + (source.width % 2 if even_width else 0),
        height=source.height + (source.height % 2 if even_height else 0),
        pixel_format=pixel_format,
        time_base=source.time_base,
        rate=source.rate,
        colour=encoded_colour(source),
        sample_aspect_ratio=source.sample_aspect_ratio,
        light=source.light,
    )


# ------------------------------------------------------------------------------------------------- pixel formats

MOST_BITS: Final = {
    VideoCodec.H264: 10,
    VideoCodec.HEVC: 12,
    VideoCodec.AV1: 10,
    VideoCodec.VP9: 8,
    VideoCodec.PRORES: 10,
}
"""VP9's is what the encoder that comes with PyAV can; the format itself knows 10 and 12."""

_CHROMAS: Final = {
    VideoCodec.H264: ("420", "422", "444"),
    VideoCodec.HEVC: ("420", "422", "444"),
    VideoCodec.AV1: ("420",),
    VideoCodec.VP9: ("420", "422", "444"),
    VideoCodec.PRORES: ("422", "444"),
}
_FULL_RANGE: Final = frozenset({"yuvj420p", "yuvj422p", "yuvj444p"})
"""Names that say full range by themselves; H.264 and HEVC encoders take them as they are."""

ANIMATED: Final = frozenset({"GIF", "WEBP"})
"""Formats of animated pictures. Their frames come in RGB, but count as of a palette: few colours, edges that were never
meant for more, and results that are to play everywhere. They are encoded at half colour resolution."""
_PALETTE: Final = "pal8"


def source_format(container: str, pixel_format: str) -> str:
    """Return the pixel format by which a source's encoding is chosen.

    Args:
        container: As ``Media.format`` has it.
        pixel_format: As the decoder gives it.
    """
    return _PALETTE if container in ANIMATED else pixel_format


def format_traits(pixel_format: str) -> tuple[int, str]:
    """Return bits per sample, and how finely colour is sampled: ``420``, ``422`` or ``444``."""
    known = av.VideoFormat(pixel_format)
    bits = 8 if known.has_palette else max(component.bits for component in known.components)
    if known.has_palette or len(known.components) < 3:
        return (bits, "420")
    width, height = known.chroma_width(64), known.chroma_height(64)
    if width < 64:
        return (bits, "422" if (width, height) == (32, 64) else "420")
    return (bits, "444")


def is_rgb(pixel_format: str) -> bool:
    """Whether a pixel format's samples are red, green and blue, or a palette of them."""
    known = av.VideoFormat(pixel_format)
    return known.is_rgb or known.has_palette


def has_alpha(pixel_format: str) -> bool:
    """Whether a pixel format has a transparency channel (a palette's entries may have one too)."""
    known = av.VideoFormat(pixel_format)
    return any(component.is_alpha for component in known.components)


def encoded_format(codec: VideoCodec, pixel_format: str) -> str:
    """Return in what pixel format a source's is encoded: as many bits, as finely sampled, as the codec can."""
    bits, chroma = format_traits(pixel_format)
    if codec in {VideoCodec.H264, VideoCodec.HEVC} and pixel_format in _FULL_RANGE:
        return pixel_format
    if codec is VideoCodec.PRORES:
        if has_alpha(pixel_format) and chroma == "444":
            return "yuva444p10le"
        return "yuv444p10le" if chroma == "444" else "yuv422p10le"
    if chroma not in _CHROMAS[codec]:
        chroma = _CHROMAS[codec][-1]
    bits = min(bits, MOST_BITS[codec])
    depth = 8 if bits <= 8 else 12 if bits > 10 else 10
    return f"yuv{chroma}p" if depth == 8 else f"yuv{chroma}p{depth}le"


def encoded_colour(source: SourcePicture) -> ColourTags:
    """Return the colour tags of the result: the source's, except for RGB, which becomes BT.709 in studio range."""
    colour = source.colour
    if is_rgb(source.pixel_format):
        return ColourTags("tv", colour.primaries or "bt709", colour.transfer or "iec61966-2-1", "bt709")
    if source.pixel_format.startswith("yuvj") and not colour.range:
        return ColourTags("pc", colour.primaries, colour.transfer, colour.matrix)
    return colour


def _needs_even(codec: VideoCodec, pixel_format: str) -> tuple[bool, bool]:
    """Whether width and height have to be even; found by trying 1 to 161 pixels with each encoder.

    ProRes takes odd widths in 4:2:2, but FFmpeg's encoder spoils their colour.
    """
    if codec in {VideoCodec.AV1, VideoCodec.VP9}:
        return (False, False)
    if "420" in pixel_format:
        return (True, True)
    return ("422" in pixel_format, False)


# --------------------------------------------------------------------------------------------------- as plain JSON


def settings_to_json(settings: EncodeSettings) -> dict[str, Any]:
    """Write settings as plain JSON values."""
    values = asdict(settings)
    for name in ("time_base", "rate", "sample_aspect_ratio"):
        fraction: Fraction = getattr(settings, name)
        values[name] = [fraction.numerator, fraction.denominator]
    return values | {"codec": settings.codec.value, "quality": settings.quality.value}


def settings_from_json(data: dict[str, Any]) -> EncodeSettings:
    """Read what ``settings_to_json`` wrote."""
    light = data["light"]
    return EncodeSettings(
        **{
            **data,
            "codec": VideoCodec(data["codec"]),
            "quality": VideoQuality(data["quality"]),
            "time_base": Fraction(*data["time_base"]),
            "rate": Fraction(*data["rate"]),
            "sample_aspect_ratio": Fraction(*data["sample_aspect_ratio"]),
            "colour": ColourTags(**data["colour"]),
            "light": None
            if light is None
            else LightLevels(
                **{**light, "primaries": tuple(light["primaries"]), "luminance": tuple(light["luminance"])}
            ),
        }
    )
