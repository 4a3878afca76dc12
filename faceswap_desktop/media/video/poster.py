"""One frame that stands for a whole video."""

from __future__ import annotations

import os
from typing import Final

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from faceswap_desktop.media.container import MAX_PIXELS
from faceswap_desktop.media.video.opening import only, open_video_file, packets_of, picture_track
from faceswap_desktop.media.video.pixels import Pixels, upright_rgb
from faceswap_desktop.media.video.probing import probe_video

_PLACES: Final = (0.1, 0.25, 0.5, 0.75)
"""Where a better frame is looked for, in shares of the length."""
_EARLIEST_S: Final = 3.0
_JUDGED_EDGE: Final = 64
_GOOD: Final = 18.0
"""Black, white and single-coloured frames have a lower deviation of their grey values than this."""
_MOST_PACKETS: Final = 60
_MOST_DECODED: Final = 600
"""So many packets are decoded to get from a key frame to a time."""


def poster(path: str | os.PathLike[str], edge: int, *, max_pixels: int = MAX_PIXELS) -> Pixels:
    """Return an early frame on which something can be seen, not a black or empty one.

    Args:
        path: The video.
        edge: Longest side in pixels; smaller frames are not enlarged.
        max_pixels: Larger frames are refused.

    Returns:
        uint8 (H, W, 3), upright, sRGB.

    Raises:
        InputRefused: See ``probing.probe_video``.
    """
    probed = probe_video(path, max_pixels=max_pixels)
    facts = probed.media.video
    assert facts is not None
    best, score = probed.first, _detail(probed.first)
    if score < _GOOD and probed.media.format not in {"GIF", "WEBP"}:
        with open_video_file(path) as (container, _):
            track = picture_track(container)
            assert track is not None
            only(container, track)
            for share in _PLACES:
                frame = _key_frame_near(container, track, min(share * facts.seconds, _EARLIEST_S / _PLACES[0] * share))
                if frame is not None and (found := _detail(frame)) > score:
                    best, score = frame, found
                if score >= _GOOD:
                    break
    return upright_rgb(best, facts.rotation, edge)


def frame_near(path: str | os.PathLike[str], seconds: float, edge: int, *, max_pixels: int = MAX_PIXELS) -> Pixels:
    """Return the frame that is shown at a time, found without an index; the first frame where none can be had.

    Args:
        path: The video.
        seconds: When, from the video's beginning.
        edge: Longest side in pixels; smaller frames are not enlarged.
        max_pixels: Larger frames are refused.

    Returns:
        uint8 (H, W, 3), upright, sRGB.

    Raises:
        InputRefused: See ``probing.probe_video``.
    """
    probed = probe_video(path, max_pixels=max_pixels)
    facts = probed.media.video
    assert facts is not None
    found: VideoFrame | None = None
    if seconds > 0 and probed.media.format not in {"GIF", "WEBP"}:
        with open_video_file(path) as (container, _):
            track = picture_track(container)
            assert track is not None
            only(container, track)
            found = _frame_at(container, track, seconds)
    return upright_rgb(found or probed.first, facts.rotation, edge)


def _key_frame_near(container: InputContainer, track: VideoStream, seconds: float) -> VideoFrame | None:
    """Return the key frame at or before a time; None where none can be had."""
    assert track.time_base is not None
    track.codec_context.skip_frame = "NONKEY"
    try:
        container.seek((track.start_time or 0) + int(seconds / track.time_base), stream=track)
        for number, packet in enumerate(packets_of(container, track)):
            frames = track.decode(packet)
            if frames or number > _MOST_PACKETS:
                return frames[0] if frames else None
        frames = track.decode(None)
        return frames[0] if frames else None
    except av.error.FFmpegError:
        return None


def _frame_at(container: InputContainer, track: VideoStream, seconds: float) -> VideoFrame | None:
    """Return the last frame at or before a time, decoded from the key frame before it; None where none can be had."""
    assert track.time_base is not None
    wanted = (track.start_time or 0) + round(seconds / track.time_base)
    found: VideoFrame | None = None
    try:
        container.seek(wanted, stream=track)
        for number, packet in enumerate(packets_of(container, track)):
            for frame in track.decode(packet):
                if found is not None and frame.pts is not None and frame.pts > wanted:
                    return found
                found = frame
            if number > _MOST_DECODED:
                return found
        frames = track.decode(None)
        return frames[-1] if frames else found
    except av.error.FFmpegError:
        return found


def _detail(frame: VideoFrame) -> float:
    return float(np.std(upright_rgb(frame, 0, _JUDGED_EDGE).mean(axis=2)))
