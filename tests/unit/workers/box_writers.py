"""What another process writes into boxes, as fast as it can, and how that is known to be whole again."""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Callable, Iterator
from itertools import count
from typing import Final

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.domain.live import SOUND_RATE, LiveControls
from faceswap_desktop.workers.boxes import BoxedFrame, FrameBox
from faceswap_desktop.workers.live_boxes import ControlsBox, SoundBox, SwitchBox

_PRIME: Final = 251


@contextlib.contextmanager
def in_another_process(target: Callable[..., None], *arguments: object) -> Iterator[Callable[[], bool]]:
    """Run ``target`` in a new process, which has to end by itself in the end; gives what tells that it still runs."""
    process = multiprocessing.get_context("spawn").Process(target=target, args=arguments)
    process.start()
    try:
        yield process.is_alive
        process.join()
        assert process.exitcode == 0
    finally:
        process.kill()
        process.join()
        process.close()


def frame_of(number: int, width: int, height: int) -> tuple[bytes, int, int, int]:
    """Return pixels, width, height and time of a frame: every byte, the size and the time tell its number."""
    odd = number % 2
    pixels = bytes([number % _PRIME]) * ((width - odd) * (height - odd) * 3)
    return pixels, width - odd, height - odd, 1_000 * number


def assert_whole(frame: BoxedFrame, width: int, height: int) -> None:
    """Check that all of a frame is of one writing."""
    assert (frame.pixels, frame.width, frame.height, frame.taken_ns) == frame_of(frame.number, width, height)
    assert frame.camera_frame == 2 * frame.number


def write_frames(name: str, switch: str, width: int, height: int) -> None:
    """Write frames until it is over."""
    with FrameBox(name) as box, SwitchBox(switch) as over:
        for number in count(1):
            if over.is_over:
                return
            assert box.write(*frame_of(number, width, height), 2 * number) == number


def controls_of(number: int) -> LiveControls:
    """Return controls of which every part, and their length, tells the number."""
    return LiveControls(card_title=str(number), card_text=str(number) * (1 + number % 4000))


def write_controls(name: str, switch: str) -> None:
    """Write controls until it is over."""
    with ControlsBox(name) as box, SwitchBox(switch) as over:
        for number in count(1):
            if over.is_over:
                return
            assert box.write(controls_of(number)) == number


def sound_of(start: int, frames: int) -> NDArray[np.int16]:
    """Return sound (frames × 2) in which every sample tells its position."""
    positions = np.arange(start, start + frames, dtype=np.int64)
    return np.stack([positions % 32_000, positions % 31_999], axis=1).astype(np.int16)


def time_of(position: int) -> int:
    """Return when a sample frame is heard."""
    return 5_000_000_000 + position * 1_000_000_000 // SOUND_RATE


def write_sound(name: str, switch: str) -> None:
    """Write sound in pieces of changing length until it is over."""
    with SoundBox(name) as box, SwitchBox(switch) as over:
        position = 0
        for number in count():
            if over.is_over:
                return
            frames = 100 + 37 * (number % 50)
            box.write(sound_of(position, frames).tobytes(), time_of(position))
            position += frames
