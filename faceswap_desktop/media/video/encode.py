"""The encoder of one chunk of a video: frames with their times in, packets with their times out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import av
import numpy as np
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.reformatter import ColorRange, Colorspace

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import VideoCodec, VideoQuality
from faceswap_desktop.media.video.colour_names import MATRICES, PRIMARIES, RANGES, TRANSFERS
from faceswap_desktop.media.video.settings import EncodeSettings, LightLevels, is_rgb

# SVT-AV1 tells what it does on the error output; only its errors are wanted there.
os.environ.setdefault("SVT_LOG", "1")

ENCODERS: Final = {
    VideoCodec.H264: "libx264",
    VideoCodec.HEVC: "libx265",
    VideoCodec.AV1: "libsvtav1",
    VideoCodec.VP9: "libvpx-vp9",
    VideoCodec.PRORES: "prores_ks",
}
_DECODERS: Final = {VideoCodec.AV1: "libdav1d"}
CRF: Final = {
    VideoCodec.H264: {VideoQuality.SMALL: 26, VideoQuality.GOOD: 22, VideoQuality.HIGH: 18},
    VideoCodec.HEVC: {VideoQuality.SMALL: 28, VideoQuality.GOOD: 24, VideoQuality.HIGH: 20},
    VideoCodec.AV1: {VideoQuality.SMALL: 38, VideoQuality.GOOD: 30, VideoQuality.HIGH: 22},
    VideoCodec.VP9: {VideoQuality.SMALL: 38, VideoQuality.GOOD: 30, VideoQuality.HIGH: 22},
}
_PRORES_PROFILES: Final = {
    VideoQuality.SMALL: "lt",
    VideoQuality.GOOD: "standard",
    VideoQuality.HIGH: "hq",
    VideoQuality.LOSSLESS: "hq",
}
_GLOBAL_HEADER: Final = 1 << 22
_ENDLESS: Final = 100_000
"""More frames than any chunk has: then its first frame is its only key frame."""


@dataclass(frozen=True, slots=True)
class EncodedPacket:
    """One encoded frame.

    Attributes:
        pts: When it is shown, in units of the settings' time base.
        is_key: Decoding can start here.
        data: As the encoder gave it.
    """

    pts: int
    is_key: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class EncodedChunk:
    """A chunk's packets in the order in which they are decoded.

    Attributes:
        settings: What the encoder was told.
        extradata: Parameter sets, the same in every chunk of a job; empty for codecs that have none.
        packets: The first one is a key frame, and nothing before it is referred to.
    """

    settings: EncodeSettings
    extradata: bytes
    packets: tuple[EncodedPacket, ...]


class ChunkEncoder:
    """Encodes the frames of one chunk.

    Usage: ``encode`` each frame with its time, ascending, then ``finish`` once.
    """

    def __init__(self, settings: EncodeSettings) -> None:
        """Open the encoder.

        Raises:
            InputRefused: The encoder cannot do this size or format (kind ``encoder``).
        """
        self.settings = settings
        self._context = open_encoder(settings)
        self._packets: list[EncodedPacket] = []
        self._last_pts: int | None = None

    def encode(self, frame: av.VideoFrame, pts: int) -> None:
        """Encode the next frame.

        Args:
            frame: Of the settings' pixel format and the source's size; another format is converted, an odd side is
                continued by one more column or row. Its time and type are overwritten.
            pts: When it is shown, in units of the settings' time base. One that is not greater than the one before
                (files say that at times) becomes a unit greater.
        """
        is_first = self._last_pts is None
        if self._last_pts is not None:
            pts = max(pts, self._last_pts + 1)
        self._last_pts = pts
        ready = fitted(frame, self.settings)
        ready.pts = pts
        ready.time_base = self.settings.time_base
        # The decoder's types would be forced upon the encoder.
        ready.pict_type = PictureType.I if is_first else PictureType.NONE
        _tag(ready, self.settings)
        self._take(ready)

    def finish(self) -> EncodedChunk:
        """Return the chunk; the encoder is used up."""
        if self._last_pts is not None:
            self._take(None)
        return EncodedChunk(self.settings, self._context.extradata or b"", tuple(self._packets))

    def _take(self, frame: av.VideoFrame | None) -> None:
        for packet in self._context.encode(frame):
            if packet.pts is None:
                raise ValueError("the encoder gave a packet without a time")
            self._packets.append(EncodedPacket(packet.pts, packet.is_keyframe, bytes(packet)))


def first_picture(chunk: EncodedChunk) -> av.VideoFrame | None:
    """Decode a chunk's first frame, to be looked at; None where there is none."""
    if not chunk.packets:
        return None
    decoder = av.CodecContext.create(_DECODERS.get(chunk.settings.codec, chunk.settings.codec.value), "r")
    assert isinstance(decoder, VideoCodecContext)
    decoder.thread_count = 1
    if chunk.extradata:
        decoder.extradata = chunk.extradata
    first: Packet[Any] = Packet(chunk.packets[0].data)
    try:
        return next(iter([*decoder.decode(first), *decoder.decode(None)]), None)
    except av.FFmpegError:
        return None


def _tag(frame: av.VideoFrame, settings: EncodeSettings) -> None:
    """Say on a frame how its colours are to be read: ProRes writes that into every frame."""
    frame.color_range = RANGES.get(settings.colour.range, 0)
    frame.color_primaries = PRIMARIES.get(settings.colour.primaries, 2)
    frame.color_trc = TRANSFERS.get(settings.colour.transfer, 2)
    frame.colorspace = MATRICES.get(settings.colour.matrix, 2)


def open_encoder(settings: EncodeSettings) -> VideoCodecContext:
    """Open an encoder by its settings.

    Raises:
        InputRefused: It cannot do this size or format (kind ``encoder``).
    """
    context = av.CodecContext.create(ENCODERS[settings.codec], "w")
    assert isinstance(context, VideoCodecContext)
    configure(context, settings)
    try:
        context.open()
    except av.FFmpegError as error:
        raise InputRefused(
            message(
                "The encoder for {codec} cannot write pictures of {width} × {height} pixels.",
                codec=settings.codec.value,
                width=settings.width,
                height=settings.height,
            ),
            message("Choose another codec for the result."),
            kind="encoder",
        ) from error
    return context


def configure(context: VideoCodecContext, settings: EncodeSettings) -> None:
    """Tell a codec context that is not open yet all that the settings say."""
    context.width, context.height = settings.width, settings.height
    context.pix_fmt = settings.pixel_format
    context.time_base = settings.time_base
    context.framerate = settings.rate if settings.rate > 0 else Fraction(25)
    context.bit_rate = 0
    context.thread_count = settings.threads
    context.flags |= _GLOBAL_HEADER
    if settings.codec is not VideoCodec.PRORES:
        context.gop_size = _ENDLESS
    if settings.sample_aspect_ratio > 0:
        context.sample_aspect_ratio = settings.sample_aspect_ratio
    colour = settings.colour
    context.color_range = RANGES.get(colour.range, 0)
    context.color_primaries = PRIMARIES.get(colour.primaries, 2)
    context.color_trc = TRANSFERS.get(colour.transfer, 2)
    context.colorspace = MATRICES.get(colour.matrix, 2)
    context.options = _options(settings)


# -------------------------------------------------------------------------------------------------------- options


def _options(settings: EncodeSettings) -> dict[str, str]:
    options = {
        VideoCodec.H264: _h264,
        VideoCodec.HEVC: _hevc,
        VideoCodec.AV1: _av1,
        VideoCodec.VP9: _vp9,
        VideoCodec.PRORES: _prores,
    }
    return options[settings.codec](settings)


def _h264(settings: EncodeSettings) -> dict[str, str]:
    # A fixed pattern of B-frames and a short look ahead cost a third less time for the same rate against distortion,
    # and a cut needs no key frame where there is one every two seconds: docs/decisions/0010-chunks-as-packets.md.
    params = {"scenecut": "0", "open-gop": "0", "force-cfr": "0", "b-adapt": "0", "rc-lookahead": "5"}
    if settings.light is not None:
        params |= {"mastering-display": _mastering(settings.light)} if settings.light.has_mastering else {}
        params |= {"cll": _content_light(settings.light)} if settings.light.max_content else {}
    rate = {"qp": "0"} if settings.quality is VideoQuality.LOSSLESS else {"crf": _crf(settings)}
    return {"preset": "veryfast", **rate, "x264-params": _joined(params)}


def _hevc(settings: EncodeSettings) -> dict[str, str]:
    params = {
        "log-level": "none",
        "pools": "none",
        "frame-threads": "1",
        "wpp": "0",
        "scenecut": "0",
        "open-gop": "0",
        "repeat-headers": "0",
    }
    if settings.quality is VideoQuality.LOSSLESS:
        params["lossless"] = "1"
    if settings.light is not None:
        params |= {"master-display": _mastering(settings.light)} if settings.light.has_mastering else {}
        params |= {"max-cll": _content_light(settings.light)} if settings.light.max_content else {}
        params["hdr10-opt"] = "1"
    rate = {} if settings.quality is VideoQuality.LOSSLESS else {"crf": _crf(settings)}
    return {"preset": "veryfast", **rate, "x265-params": _joined(params)}


def _av1(settings: EncodeSettings) -> dict[str, str]:
    params = {"lp": "1", "scd": "0"}
    if settings.quality is VideoQuality.LOSSLESS:
        params["lossless"] = "1"
    light = settings.light
    if light is not None:
        # Its own units: chromaticities and candela as plain numbers.
        if light.has_mastering:
            x = [f"{number * 0.00002:.5f}" for number in light.primaries]
            top, bottom = (number * 0.0001 for number in light.luminance)
            params["mastering-display"] = (
                f"G({x[0]},{x[1]})B({x[2]},{x[3]})R({x[4]},{x[5]})WP({x[6]},{x[7]})L({top:.4f},{bottom:.4f})"
            )
        if light.max_content:
            params["content-light"] = _content_light(light)
    rate = {} if settings.quality is VideoQuality.LOSSLESS else {"crf": _crf(settings)}
    return {"preset": "9", **rate, "svtav1-params": _joined(params)}


def _vp9(settings: EncodeSettings) -> dict[str, str]:
    rate = {"lossless": "1"} if settings.quality is VideoQuality.LOSSLESS else {"crf": _crf(settings)}
    return {**rate, "deadline": "good", "cpu-used": "5", "row-mt": "0", "lag-in-frames": "16", "auto-alt-ref": "1"}


def _prores(settings: EncodeSettings) -> dict[str, str]:
    if "444" in settings.pixel_format:
        best = settings.quality is VideoQuality.LOSSLESS
        return {"profile": "4444xq" if best else "4444", "vendor": "apl0"}
    return {"profile": _PRORES_PROFILES[settings.quality], "vendor": "apl0"}


def _crf(settings: EncodeSettings) -> str:
    return str(CRF[settings.codec][settings.quality])


def _mastering(light: LightLevels) -> str:
    x, (top, bottom) = light.primaries, light.luminance
    return f"G({x[0]},{x[1]})B({x[2]},{x[3]})R({x[4]},{x[5]})WP({x[6]},{x[7]})L({top},{bottom})"


def _content_light(light: LightLevels) -> str:
    return f"{light.max_content},{light.max_average}"


def _joined(params: dict[str, str]) -> str:
    return ":".join(f"{name}={value}" for name, value in params.items())


# --------------------------------------------------------------------------------------------------- fitting frames


def fitted(frame: av.VideoFrame, settings: EncodeSettings) -> av.VideoFrame:
    """Return a frame as the encoder takes it: its pixel format, and sides made even by repeating the last samples.

    Names that say full range by themselves (``yuvj420p``) are only given another name; samples stay as they are.
    A frame of quite another size, as in videos that change theirs, is scaled.
    """
    wanted = settings.pixel_format
    name = frame.format.name
    if name != wanted and name.replace("yuvj", "yuv") != wanted.replace("yuvj", "yuv"):
        frame = _converted(frame, wanted, settings)
    extra = (settings.width - frame.width, settings.height - frame.height)
    if frame.format.name == wanted and extra == (0, 0):
        return frame
    if not (0 <= extra[0] <= 1 and 0 <= extra[1] <= 1):
        return frame.reformat(width=settings.width, height=settings.height, format=wanted)
    return _padded(frame, wanted, settings.width, settings.height)


def _converted(frame: av.VideoFrame, wanted: str, settings: EncodeSettings) -> av.VideoFrame:
    if is_rgb(frame.format.name):
        return frame.reformat(format=wanted, dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
    full = settings.colour.range == "pc"
    spread = ColorRange.JPEG if full else ColorRange.MPEG
    return frame.reformat(format=wanted, src_color_range=spread, dst_color_range=spread)


def _padded(frame: av.VideoFrame, wanted: str, width: int, height: int) -> av.VideoFrame:
    new = av.VideoFrame(width, height, wanted)
    for old_plane, new_plane in zip(frame.planes, new.planes, strict=True):
        size = 2 if max(component.bits for component in frame.format.components) > 8 else 1
        kind = np.uint16 if size == 2 else np.uint8
        source = np.frombuffer(memoryview(old_plane), kind).reshape(-1, old_plane.line_size // size)
        target = np.frombuffer(memoryview(new_plane), kind).reshape(-1, new_plane.line_size // size)
        rows, columns = old_plane.height, old_plane.width
        target[:rows, :columns] = source[:rows, :columns]
        target[:rows, columns : new_plane.width] = source[:rows, columns - 1 : columns]
        target[rows : new_plane.height] = target[rows - 1]
    return new
