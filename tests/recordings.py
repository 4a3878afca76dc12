"""Short recordings as a live session leaves them: Matroska or WebM, whole or cut off where the program died."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from faceswap_desktop.resources import resource_path

SIZE = 160, 120
RATE = 10


def write_recording(path: Path, seconds: float = 1.0, *, with_sound: bool = True) -> Path:
    """Write a recording with a person in it; ``.webm`` in VP8 and Opus as browsers do it, else H.264 and AAC."""
    is_web = path.suffix == ".webm"
    options = {"live": "1"} if is_web else {}
    with av.open(str(path), "w", format="webm" if is_web else "matroska", options=options) as container:
        picture: Any = container.add_stream("libvpx" if is_web else "libx264", rate=RATE)
        picture.width, picture.height, picture.pix_fmt = *SIZE, "yuv420p"
        picture.codec_context.time_base = Fraction(1, 1000)
        picture.codec_context.gop_size = RATE
        sound: Any = None
        if with_sound:
            sound = container.add_stream("libopus" if is_web else "aac", rate=48_000)
            sound.layout = "stereo"
        with Image.open(resource_path("samples", "eileen_collins.png")) as opened:
            still = np.asarray(opened.convert("RGB").resize(SIZE))
        for number in range(round(seconds * RATE)):
            frame = av.VideoFrame.from_ndarray(np.roll(still, number, axis=1), "rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number * 1000 // RATE, Fraction(1, 1000)
            container.mux(picture.encode(frame))
            if sound is not None:
                tone = av.AudioFrame(format="s16", layout="stereo", samples=48_000 // RATE)
                tone.planes[0].update(bytes(48_000 // RATE * 4))
                tone.sample_rate, tone.pts = 48_000, number * 48_000 // RATE
                container.mux(sound.encode(tone))
        container.mux(picture.encode(None))
        if sound is not None:
            container.mux(sound.encode(None))
    return path


def cut_off(path: Path, share: float = 0.7) -> Path:
    """Take the end of a file away, as a program does that dies while it writes."""
    data = path.read_bytes()
    path.write_bytes(data[: round(len(data) * share)])
    return path
