"""A file that is written while something is recorded, and can be played however that ends.

Matroska in clusters of a second: what a killed program leaves is whole but for the last of them. H.264 and AAC, so that
it becomes an MP4 afterwards without being encoded again. Pictures keep the times at which they were taken, to a
thousandth of a second.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from fractions import Fraction
from typing import Any, Final

import av
import numpy as np
from av.packet import Packet
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from numpy.typing import NDArray

from faceswap_desktop.domain.live import SOUND_CHANNELS, SOUND_RATE
from faceswap_desktop.media.video.colour_names import MATRICES, PRIMARIES, RANGES, TRANSFERS

Samples = NDArray[np.int16]
"""(n, 2): sample frames of both channels."""

_TICK: Final = Fraction(1, 1000)
_KEY_MS: Final = 2000
_SOUND_BITS: Final = 160_000
_LARGE: Final = 500_000
"""Pixels above which the quicker preset is taken: the engine needs the processor."""
_CRF: Final = {"veryfast": "20", "ultrafast": "21"}
_GLOBAL_HEADER: Final = 1 << 22
_CONTAINER: Final = {
    "cluster_time_limit": "1000",
    "flush_packets": "1",
    # A microphone that says nothing must not keep pictures from the disk.
    "max_interleave_delta": "1000000",
}


class LiveFile:
    """Writes pictures and sound as they come.

    Args:
        path: Where to write; what is there is replaced.
        width, height: Even; pictures of another size are fitted into them with bars.
        per_second: About how many pictures come in a second.
        with_sound: There is a sound track.

    Raises:
        OSError: It cannot be written.
    """

    def __init__(self, path: str, width: int, height: int, per_second: float, *, with_sound: bool) -> None:
        self._size = width, height
        self._container = av.open(os.fspath(path), "w", format="matroska", container_options=_CONTAINER)
        rate = Fraction(max(1.0, per_second)).limit_denominator(1000)
        preset = "veryfast" if width * height <= _LARGE else "ultrafast"
        picture: Any = self._container.add_stream("libx264", rate=rate)
        context = picture.codec_context
        context.width, context.height, context.pix_fmt = width, height, "yuv420p"
        context.time_base, context.framerate = _TICK, rate
        context.gop_size, context.max_b_frames, context.thread_count = 10_000, 0, 1
        context.flags |= _GLOBAL_HEADER
        context.color_range, context.colorspace = RANGES["tv"], MATRICES["bt709"]
        context.color_primaries, context.color_trc = PRIMARIES["bt709"], TRANSFERS["bt709"]
        context.options = {"preset": preset, "tune": "zerolatency", "crf": _CRF[preset]}
        self._picture = picture
        self._sound: Any = None
        if with_sound:
            sound: Any = self._container.add_stream("aac", rate=SOUND_RATE)
            sound.codec_context.layout = "stereo"
            sound.codec_context.bit_rate = _SOUND_BITS
            self._sound = sound
        self._last_ms = -1
        self._last_key_ms = -_KEY_MS
        self._samples = 0
        self.frames = 0

    @property
    def seconds(self) -> float:
        """When the last picture is shown."""
        return max(0, self._last_ms) / 1000

    def add_picture(self, pixels: bytes, width: int, height: int, ms: int) -> None:
        """Write a picture.

        Args:
            pixels: RGB, ``height`` × ``width`` × 3 bytes.
            width: Pixels.
            height: Pixels.
            ms: When it is shown, in thousandths of a second; at least one more than the one before.

        Raises:
            OSError: It cannot be written.
        """
        ms = max(ms, self._last_ms + 1)
        frame = _as_video(np.frombuffer(pixels, np.uint8).reshape(height, width, 3), self._size)
        frame.pts, frame.time_base = ms, _TICK
        is_key = ms - self._last_key_ms >= _KEY_MS
        frame.pict_type = PictureType.I if is_key else PictureType.NONE
        self._last_ms = ms
        if is_key:
            self._last_key_ms = ms
        self.frames += 1
        self._mux(self._picture.encode(frame))

    def add_sound(self, samples: Samples) -> None:
        """Write what follows of the sound.

        Raises:
            OSError: It cannot be written.
        """
        if self._sound is None or not len(samples):
            return
        data = np.ascontiguousarray(samples, np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(data, "s16", "stereo" if SOUND_CHANNELS == 2 else "mono")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, self._samples, Fraction(1, SOUND_RATE)
        self._samples += len(samples)
        self._mux(self._sound.encode(frame))

    def close(self) -> None:
        """Write what the encoders still have, and the index.

        Raises:
            OSError: It cannot be written; the file can be played up to there.
        """
        try:
            if self.frames:
                self._mux(self._picture.encode(None))
            if self._sound is not None and self._samples:
                self._mux(self._sound.encode(None))
        finally:
            self._container.close()

    def _mux(self, packets: Iterable[Packet[Any]]) -> None:
        for packet in packets:
            self._container.mux_one(packet)


def _as_video(rgb: NDArray[np.uint8], size: tuple[int, int]) -> VideoFrame:
    frame = VideoFrame.from_ndarray(boxed(rgb, size), "rgb24")
    ready = frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
    ready.color_range, ready.colorspace = RANGES["tv"], MATRICES["bt709"]
    ready.color_primaries, ready.color_trc = PRIMARIES["bt709"], TRANSFERS["bt709"]
    return ready


def boxed(rgb: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Fit a picture into a size, its shape kept, with black bars beside it or above and below it."""
    height, width = rgb.shape[:2]
    if (width, height) == size:
        return rgb
    share = min(size[0] / width, size[1] / height)
    inner = max(1, min(size[0], round(width * share))), max(1, min(size[1], round(height * share)))
    scaled = VideoFrame.from_ndarray(np.ascontiguousarray(rgb), "rgb24")
    scaled = scaled.reformat(width=inner[0], height=inner[1], interpolation=Interpolation.BILINEAR)
    whole = np.zeros((size[1], size[0], 3), np.uint8)
    left, top = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    whole[top : top + inner[1], left : left + inner[0]] = scaled.to_ndarray(format="rgb24")
    return whole
