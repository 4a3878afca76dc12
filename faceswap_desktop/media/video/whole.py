"""A downloaded video looked at from its beginning to its end, before anybody relies on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

import av

from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.media import refusals
from faceswap_desktop.media.video.opening import (
    only,
    open_video_file,
    packets_of,
    picture_track,
    promised_bytes,
    translated,
)
from faceswap_desktop.media.video.probing import probe_video

_BROKEN_SHARE: Final = 0.02
"""Of a video's frames, as many may be missing: an encoder's header rounds, and an edit list hides some."""
_SPARE_FRAMES: Final = 2
_TELL_EVERY: Final = 16


@dataclass(frozen=True, slots=True)
class WholeVideo:
    """What a video is: its format as ``Media.format`` has it, upright pixels, frames, and how long it is."""

    format: str
    size: Size
    frames: int
    seconds: float


def look_through(path: str, *, max_pixels: int, progress: Callable[[float], None] = lambda _: None) -> WholeVideo:
    """Decode every frame of a video.

    Args:
        path: The file.
        max_pixels: Larger frames are refused, also in the middle.
        progress: Told the share that is done, 0 to 1; may raise to stop.

    Raises:
        InputRefused: As ``probing.probe_video``; also where it is cut off, or frames in it are broken.
    """
    media = probe_video(path, max_pixels=max_pixels).media
    facts = media.video
    assert facts is not None
    if media.format == "WEBP":
        return WholeVideo(media.format, media.size, facts.frames, facts.seconds)
    if promised_bytes(path, media.format) > Path(path).stat().st_size:
        raise refusals.damaged(path)
    decoded, broken, end = 0, 0, 0.0
    with open_video_file(path) as (container, _):
        track = picture_track(container)
        if track is None or track.time_base is None:
            raise refusals.no_picture_track(path)
        only(container, track)
        track.thread_type = "AUTO"
        try:
            for packet in chain(packets_of(container, track), (None,)):
                try:
                    frames = track.decode(packet)
                except av.error.MemoryError:
                    raise
                except av.error.FFmpegError:
                    broken += 1
                    continue
                for frame in frames:
                    if frame.width * frame.height > max_pixels:
                        raise refusals.too_large(path, frame.width, frame.height, max_pixels)
                    decoded += 1
                    end = max(end, frame.time or 0.0)
                    if decoded % _TELL_EVERY == 0:
                        progress(min(1.0, end / facts.seconds) if facts.seconds > 0 else 0.0)
        except OSError as error:
            raise translated(path, error) from error
        promised = track.frames
    allowed = _BROKEN_SHARE * max(decoded, promised) + _SPARE_FRAMES
    if not decoded or broken > allowed or promised - decoded > allowed:
        raise refusals.damaged(path)
    return WholeVideo(media.format, media.size, decoded, facts.seconds or end)
