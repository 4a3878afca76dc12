"""A finished video in another container: picture and sound are copied, nothing is encoded anew."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, Final

import av
from av.container import OutputContainer
from av.packet import Packet

from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.media.refusals import no_picture_track
from faceswap_desktop.media.video import carry
from faceswap_desktop.media.video.containers import FORMATS
from faceswap_desktop.media.video.decode_times import DecodeTimes
from faceswap_desktop.media.video.opening import open_video_file, picture_track

_FLAGS: Final = {"MP4": "+faststart", "MOV": "+faststart"}
_TELL_EVERY: Final = 256
_CODEC_TITLES: Final = {"h264": "H.264", "hevc": "HEVC", "av1": "AV1", "vp9": "VP9", "vp8": "VP8", "prores": "ProRes"}


def repack(
    source: str,
    target: Path,
    container_name: str,
    progress: Callable[[float], None],
    *,
    also: Collection[str] = (),
) -> None:
    """Copy picture and sound of a video into another container.

    Args:
        source: The video.
        target: Where to write; what is there is replaced.
        container_name: A key of ``containers.FORMATS``.
        progress: Told the share that is done, 0 to 1; may raise to stop.
        also: Codecs that the picture may have too, where the container can hold them.

    Raises:
        UsageError: The container cannot hold the picture or the sound (kind ``container``).
        InputRefused: The video cannot be read.
        OSError: It cannot be written.
    """
    wanted = FORMATS[container_name]
    options = {"movflags": _FLAGS[container_name]} if container_name in _FLAGS else {}
    with open_video_file(source) as (original, _):
        picture = picture_track(original)
        if picture is None:
            raise no_picture_track(source)
        tracks = [picture, *original.streams.audio]
        for track in tracks:
            codec = carry.codec_name(track)
            # FFmpeg would pack a picture into containers in which few players look for it.
            is_usual = track is not picture or codec in {*also, *(one.value for one in wanted.codecs)}
            if not is_usual or not carry.can_carry(track, wanted):
                raise UsageError(
                    message("{container} cannot hold {codec}.", container=container_name, codec=_title(codec)),
                    message("Write {extension}.", extension=".mkv"),
                    kind="container",
                )
        with av.open(os.fspath(target), "w", format=wanted.muxer, container_options=options) as result:
            copies: dict[int, Any] = {track.index: carry.add_copy(result, track) for track in tracks}
            result.start_encoding()
            total = float(original.duration or 0) / av.time_base
            times = {track.index: DecodeTimes() for track in tracks}
            for number, packet in enumerate(carry.demuxed(original, tracks)):
                for ready in times[packet.stream.index].take(packet):
                    _mux(result, ready, copies)
                if number % _TELL_EVERY == 0 and packet.dts is not None:
                    done = float(packet.dts * packet.time_base)
                    progress(min(1.0, max(0.0, done / total)) if total > 0 else 0.0)
            for rest in times.values():
                for ready in rest.rest():
                    _mux(result, ready, copies)


def _mux(result: OutputContainer, packet: Packet[Any], copies: Mapping[int, Any]) -> None:
    packet.stream = copies[packet.stream.index]
    result.mux_one(packet)


def _title(codec: str) -> str:
    return _CODEC_TITLES.get(codec, codec)
