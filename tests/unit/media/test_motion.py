from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from faceswap_desktop.media.colour import Pixels
from faceswap_desktop.media.motion import PERIOD_S, MovingStill

GREY = 90


def framed(width: int, height: int) -> Pixels:
    """Return a soft pattern; beyond its edge there is nothing that looks like it."""
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    wave = 90 * np.sin(across / width * 9) * np.cos(down / height * 7) + 120
    return np.repeat(wave.astype(np.uint8)[..., None], 3, axis=2)


@pytest.mark.parametrize("size", [(640, 480), (480, 640), (300, 300), (320, 40)])
def test_frames_have_the_size_and_never_jump(size: tuple[int, int]) -> None:
    moving = MovingStill(framed(size[0] * 2, size[1] * 2), *size)
    frames = [moving.at(number / 10).astype(np.int16) for number in range(round(PERIOD_S * 10) + 1)]
    assert frames[0].shape == (size[1], size[0], 3)
    assert np.abs(frames[-1] - frames[0]).max() <= 1
    steps = [np.abs(after - before).mean() for before, after in pairwise(frames)]
    assert min(steps) > 0
    assert max(steps) < 6


@pytest.mark.parametrize("size", [(320, 240), (240, 320), (320, 60)])
def test_the_edge_of_the_picture_is_never_seen(size: tuple[int, int]) -> None:
    # The picture has a frame of one bright pixel; inside it is dark.
    picture = np.zeros((size[1] * 2, size[0] * 2, 3), np.uint8)
    picture[[0, -1], :] = picture[:, [0, -1]] = 255
    moving = MovingStill(picture, *size)
    brightest = max(int(moving.at(number / 4).max()) for number in range(round(PERIOD_S * 4)))
    # Where it turns farthest, a corner may touch it.
    assert brightest < 140


def test_a_tiny_picture_fills_its_frame() -> None:
    moving = MovingStill(np.full((1, 1, 3), GREY, np.uint8), 16, 16)
    assert (moving.at(3.0) == GREY).all()
