"""A video's frames one after the other with their times, at once: nothing is read of the file beforehand."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from fractions import Fraction
from typing import Final

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from faceswap_desktop.media import refusals
from faceswap_desktop.media.container import decoding
from faceswap_desktop.media.fingerprint import open_regular
from faceswap_desktop.media.sniff import HEAD_BYTES, video_format
from faceswap_desktop.media.video.animated import WEBP_TIME_BASE, on_white, opaque, webp_durations, whole_webp
from faceswap_desktop.media.video.opening import (
    let_rest,
    only,
    open_video_file,
    packets_of,
    picture_track,
    translated,
)

_ASSUMED_RATE: Final = 25.0
_MOST_RATE: Final = 240.0
_LONGEST_STEP_S: Final = 10.0
"""A time that is further on, or further back, is a wrong one: the frame follows the one before it."""

_NARROWEST: Final = 0.2
"""Pixels of a stranger shape than this are taken for square ones: the header is wrong."""


class VideoPlay:
    """Plays a file from its beginning to its end, as often as it is asked.

    Unlike ``FrameReader`` it needs no index, so it starts at once whatever the length of the file, and it never steps
    back within a play. The file is opened anew for each play: what has become of it meanwhile is seen.

    Attributes:
        step_s: How long a frame stands where times do not tell.
        first_s: The first frame's time by the file's own clock, which its sound goes by; known with the first frame.
        pixel_shape: Width of a pixel by its height; known with the first frame.
        is_hurried: Leave out what no other frame is made of, since decoding is late.
    """

    def __init__(self, path: str | os.PathLike[str], frames_per_second: float, *, threads: int = 1) -> None:
        """Take up a file.

        Args:
            path: The video.
            frames_per_second: As its header says; 0 where it says nothing.
            threads: For decoding. Each of several holds a frame back.
        """
        rate = frames_per_second if 0 < frames_per_second <= _MOST_RATE else _ASSUMED_RATE
        self.step_s = 1 / rate
        self.first_s = 0.0
        self.pixel_shape = 1.0
        self.is_hurried = False
        self._path = path
        self._threads = threads

    def frames(self) -> Generator[tuple[float, VideoFrame], None, None]:
        """Decode the file from its beginning.

        Yields:
            Seconds since the first frame, always rising, and the frame: coded orientation, transparency on white.

        Raises:
            InputRefused: It cannot be opened or read (any more).
        """
        with open_regular(self._path) as stream:
            is_webp = video_format(stream.read(HEAD_BYTES)) == "WEBP"
        last: float | None = None
        for frame in self._of_webp() if is_webp else self._decoded():
            said = None if frame.pts is None or frame.time_base is None else float(frame.pts * frame.time_base)
            if last is None:
                self.first_s = said or 0.0
                last = 0.0
            else:
                now = last + self.step_s if said is None else said - self.first_s
                last = now if 0 < now - last <= _LONGEST_STEP_S else last + self.step_s
            yield last, frame

    def _decoded(self) -> Iterator[VideoFrame]:
        with open_video_file(self._path) as (container, name):
            track = picture_track(container)
            if track is None or track.codec_context is None:
                raise refusals.replaced(self._path)
            only(container, track)
            shape = track.sample_aspect_ratio
            self.pixel_shape = float(shape) if shape and _NARROWEST <= shape <= 1 / _NARROWEST else 1.0
            track.thread_type = "AUTO" if self._threads > 1 else "SLICE"
            track.thread_count = self._threads
            try:
                for packet in self._packets(container, track):
                    track.codec_context.skip_frame = "NONREF" if self.is_hurried else "DEFAULT"
                    yield from (opaque(one) if name == "GIF" else one for one in _frames(track, packet))
                yield from (opaque(one) if name == "GIF" else one for one in _frames(track, None))
            except OSError as error:
                raise translated(self._path, error) from error
            finally:
                let_rest(track.codec_context)

    def _packets(self, container: InputContainer, track: VideoStream) -> Iterator[Packet[VideoStream]]:
        try:
            yield from packets_of(container, track)
        except av.error.MemoryError as error:
            # A damaged table tells of packets that are larger than all memory.
            raise refusals.damaged(self._path) from error

    def _of_webp(self) -> Iterator[VideoFrame]:
        with open_regular(self._path) as opened:
            durations = webp_durations(opened)
            with decoding(self._path):
                image = Image.open(whole_webp(opened), formats=("WEBP",))
            passed = 0
            for number, duration in enumerate(durations):
                try:
                    image.seek(number)
                    rgba = np.asarray(image.convert("RGBA"))
                except (OSError, EOFError, ValueError, SyntaxError):
                    return
                frame = VideoFrame.from_ndarray(on_white(rgba), format="rgb24")
                frame.pts, frame.time_base = passed, Fraction(WEBP_TIME_BASE)
                passed += duration
                yield frame


def _frames(track: VideoStream, packet: Packet[VideoStream] | None) -> list[VideoFrame]:
    """Give the decoder a packet, or its flush, and return what comes out."""
    for _ in range(2):
        try:
            return track.decode(packet)
        except av.error.BlockingIOError:
            continue  # it wanted to be rid of a frame first
        except av.error.MemoryError:
            raise
        except av.error.FFmpegError:
            return []  # a broken packet
    return []
