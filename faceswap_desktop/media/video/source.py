"""What of an original's picture track has to be known to encode it again: read once per job."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, Final, cast

import av
from av.container import InputContainer
from av.sidedata.sidedata import SideData, Type
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from faceswap_desktop.domain.video import ColourTags
from faceswap_desktop.media.video.colour_names import MATRICES, PRIMARIES, RANGES, TRANSFERS
from faceswap_desktop.media.video.index import VideoIndex
from faceswap_desktop.media.video.opening import only, open_video_file, packets_of, picture_track
from faceswap_desktop.media.video.settings import LightLevels, SourcePicture, source_format

_MOST_PACKETS: Final = 64
"""So many are tried for a first frame; one that is damaged at its start still has its header."""

_DYNAMIC: Final = {
    Type.DYNAMIC_HDR_PLUS: "HDR10+",
    Type.DOVI_RPU_BUFFER: "Dolby Vision",
    Type.DOVI_METADATA: "Dolby Vision",
    Type.DYNAMIC_HDR_VIVID: "HDR Vivid",
}


def source_picture(path: str | os.PathLike[str], index: VideoIndex, colour: ColourTags | None = None) -> SourcePicture:
    """Look at a video's picture track and its first frame.

    Args:
        path: The original.
        index: Its index.
        colour: How its colours are to be read, where that is known already.

    Raises:
        InputRefused: As ``opening.open_video_file``.
    """
    rate = Fraction(index.frames_per_second).limit_denominator(1001)
    pixel_format = source_format(index.format, index.pixel_format)
    if index.format == "WEBP":
        return SourcePicture(index.width, index.height, pixel_format, index.time_base, rate)
    with open_video_file(path) as (container, _):
        track = picture_track(container)
        assert track is not None, "an index means that there is a picture track"
        said = colour if colour is not None else _colour(track.codec_context)
        frame = next(_frames(container, track), None)
        light = _light(frame) if frame is not None and said.is_hdr else None
        return SourcePicture(
            width=index.width,
            height=index.height,
            pixel_format=pixel_format,
            time_base=index.time_base,
            rate=rate,
            colour=said,
            sample_aspect_ratio=track.sample_aspect_ratio or Fraction(0),
            light=light,
            display_matrix=_matrix(frame) if frame is not None else (),
            dynamic_light=_dynamic(frame) if frame is not None else (),
        )


def _frames(container: InputContainer, track: VideoStream) -> Iterator[VideoFrame]:
    only(container, track)
    track.thread_count = 1
    for number, packet in enumerate(packets_of(container, track)):
        if number == _MOST_PACKETS:
            break
        try:
            yield from packet.decode()
        except av.FFmpegError:
            continue
    try:
        yield from track.decode(None)
    except av.FFmpegError:
        return


def _colour(context: Any) -> ColourTags:
    def name(names: dict[str, int], number: int) -> str:
        return next((one for one, known in names.items() if known == number), "")

    return ColourTags(
        name(RANGES, context.color_range),
        name(PRIMARIES, context.color_primaries),
        name(TRANSFERS, context.color_trc),
        # 0 is GBR, which no encoder here writes, and also what FFmpeg says of RGB.
        "" if context.colorspace == 0 else name(MATRICES, context.colorspace),
    )


def _side_data(frame: VideoFrame, kind: Type) -> bytes:
    found = next((data for data in _all_side_data(frame) if data.type is kind), None)
    return bytes(found) if found is not None else b""


def _all_side_data(frame: VideoFrame) -> list[SideData]:
    # A mapping by its stubs, a sequence of the data when it is gone through.
    return list(cast("Iterable[SideData]", frame.side_data))


def _matrix(frame: VideoFrame) -> tuple[int, ...]:
    data = _side_data(frame, Type.DISPLAYMATRIX)
    return struct.unpack("=9i", data) if len(data) == 36 else ()


def _dynamic(frame: VideoFrame) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_DYNAMIC[data.type] for data in _all_side_data(frame) if data.type in _DYNAMIC))


def _light(frame: VideoFrame) -> LightLevels | None:
    """Read two structures of ``libavutil/mastering_display_metadata.h``: the display's, and the content's."""
    primaries: tuple[int, ...] = ()
    luminance: tuple[int, ...] = ()
    data = _side_data(frame, Type.MASTERING_DISPLAY_METADATA)
    if len(data) >= 88:
        numbers = struct.unpack_from("=22i", data)
        ratios = [Fraction(numbers[at], numbers[at + 1] or 1) for at in range(0, 20, 2)]
        has_primaries, has_luminance = numbers[20], numbers[21]
        # FFmpeg's order is red, green, blue, white point; the standards' begins with green.
        red, green, blue, white, (darkest, brightest) = (ratios[at : at + 2] for at in range(0, 10, 2))
        if has_primaries:
            primaries = tuple(round(one * 50000) for one in (*green, *blue, *red, *white))
        if has_luminance:
            luminance = (round(brightest * 10000), round(darkest * 10000))
    data = _side_data(frame, Type.CONTENT_LIGHT_LEVEL)
    content, average = struct.unpack_from("=II", data) if len(data) >= 8 else (0, 0)
    if not primaries and not luminance and not content:
        return None
    return LightLevels(primaries, luminance, content, average)
