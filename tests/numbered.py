"""Clips whose frames carry their number as a row of bright and dark fields, for tests of reading by number."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIZE: Final = (192, 96)
BITS: Final = 10
TICK: Final = Fraction(1, 90_000)
_FIELD: Final = 16
_LEFT: Final = 16
_TOP: Final = 32
_MIDDLE: Final = 128

Rgb = NDArray[np.uint8]

os.environ.setdefault("SVT_LOG", "1")  # else the AV1 encoder tells its life on standard error


def numbered_picture(number: int, size: tuple[int, int] = SIZE) -> Rgb:
    """Draw a number; a bright corner at the top left tells how the picture is turned."""
    picture = np.full((size[1], size[0], 3), 40, np.uint8)
    unit = max(1, min(size[0] // SIZE[0], size[1] // SIZE[1]))
    picture[: 16 * unit, : 16 * unit] = (230, 40, 40)
    for bit in range(BITS):
        if number >> bit & 1:
            left = _LEFT + bit * _FIELD
            picture[_TOP * unit : (_TOP + 32) * unit, left * unit : (left + _FIELD) * unit] = 220
    return picture


def number_in(picture: Rgb) -> int:
    """Read the number off an upright picture of any size."""
    height, width = picture.shape[:2]
    across, down = width / SIZE[0], height / SIZE[1]
    row = round((_TOP + 16) * down)
    return sum(
        1 << bit for bit in range(BITS) if picture[row, round((_LEFT + (bit + 0.5) * _FIELD) * across)].mean() > _MIDDLE
    )


def write_numbered(
    path: Path,
    count: int,
    *,
    codec: str = "libx264",
    options: Mapping[str, str] | None = None,
    pixel_format: str = "yuv420p",
    times: Sequence[float] | None = None,
    size: tuple[int, int] = SIZE,
    rate: int = 25,
    sound: bool = False,
) -> Path:
    """Write a clip of numbered frames; the container follows from the extension."""
    if path.suffix in {".gif", ".webp"}:
        pictures = [Image.fromarray(numbered_picture(number, size)) for number in range(count)]
        shown = [*(times or [number / rate for number in range(count)]), count / rate]
        lasting = [round(1000 * (after - before)) for before, after in pairwise(shown)]
        pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=lasting, lossless=True, loop=0)
        return path
    kept: dict[str, str] = {"preset": "ultrafast"} if codec in {"libx264", "libx265"} else {}
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = *size, pixel_format
        unit = TICK if times else Fraction(1, rate)
        stream.codec_context.time_base = unit
        stream.options = {**kept, **(options or {})}
        noise: Any = container.add_stream("aac", rate=48_000, layout="stereo") if sound else None
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(numbered_picture(number, size), format="rgb24")
            frame.pts = round(times[number] / unit) if times else number
            frame.time_base = unit
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if noise is not None:
            write_beeps(container, noise, count / rate)
    return path


def write_beeps(container: Any, stream: Any, seconds: float) -> None:
    """Write sound that is silent but for a click of 10 ms in the middle of every half second."""
    rate = stream.rate
    samples = beeps(seconds, rate)
    for start in range(0, len(samples), 1024):
        part = np.ascontiguousarray(samples[start : start + 1024].T)
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def beeps(seconds: float, rate: int) -> NDArray[np.float32]:
    """float32 (samples, 2): what ``write_beeps`` writes; the channels differ in strength."""
    at = np.arange(round(seconds * rate)) / rate
    loud = np.abs(at % 0.5 - 0.25) < 0.005
    wave = np.where(loud, np.sin(2 * np.pi * 1000 * at) * 0.8, 0.0)
    return np.stack([wave, wave / 2], 1).astype(np.float32)


def ffmpeg(*arguments: str | Path) -> None:
    """Run the ffmpeg program."""
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
