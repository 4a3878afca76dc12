from __future__ import annotations

import io
import random

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from faceswap_desktop.media import time_code
from faceswap_desktop.resources import resource_path

Rgb = NDArray[np.uint8]
TIMES = [0, 1_000_000, 123_456_789_012_345, (time_code.HIGHEST - 1) * 1_000_000, time_code.HIGHEST * 1_000_000]


def drawn(taken_ns: int, size: tuple[int, int] = (640, 480)) -> Image.Image:
    with Image.open(resource_path("samples", "eileen_collins.png")) as opened:
        picture = np.array(opened.convert("RGB").resize(size))
    time_code.draw(picture.data, *size, taken_ns)
    return Image.fromarray(picture)


def read(picture: Image.Image) -> int | None:
    return time_code.read(picture.convert("RGB").tobytes(), *picture.size)


@pytest.mark.parametrize("taken_ns", TIMES)
def test_what_was_drawn_is_read(taken_ns: int) -> None:
    assert read(drawn(taken_ns)) == time_code.code_of(taken_ns)


@pytest.mark.parametrize("size", [(192, 64), (240, 320), (641, 481), (1280, 720), (1920, 1080)])
def test_in_all_sizes(size: tuple[int, int]) -> None:
    assert read(drawn(TIMES[2], size)) == time_code.code_of(TIMES[2])


@pytest.mark.parametrize("width", [200, 333, 480, 639, 641, 1000, 1919])
@pytest.mark.parametrize("way", [Image.Resampling.NEAREST, Image.Resampling.BILINEAR, Image.Resampling.LANCZOS])
def test_scaling_is_survived(width: int, way: Image.Resampling) -> None:
    picture = drawn(TIMES[2])
    assert read(picture.resize((width, round(width * 0.75)), way)) == time_code.code_of(TIMES[2])


def test_a_lossy_encoder_and_other_brightness_are_survived() -> None:
    buffer = io.BytesIO()
    drawn(TIMES[2]).save(buffer, "JPEG", quality=35)
    with Image.open(buffer) as opened:
        assert read(opened.point(lambda value: round(value * 0.6 + 40))) == time_code.code_of(TIMES[2])


@pytest.mark.parametrize("top", [True, False])
def test_a_label_over_one_edge_is_survived(top: bool) -> None:
    picture = drawn(TIMES[2])
    picture.paste((20, 20, 20), (380, 0, 640, 60) if top else (380, 420, 640, 480))
    assert read(picture) == time_code.code_of(TIMES[2])


def test_rows_may_be_padded_as_in_a_qimage() -> None:
    picture = np.asarray(drawn(TIMES[2], (642, 480)))
    stride = 642 * 3 + 2
    padded = np.zeros((480, stride), np.uint8)
    padded[:, : 642 * 3] = picture.reshape(480, -1)
    assert time_code.read(padded.tobytes(), 642, 480, stride) == time_code.code_of(TIMES[2])


def test_nothing_is_read_where_nothing_was_drawn() -> None:
    with Image.open(resource_path("samples", "grace_hopper.jpg")) as opened:
        assert read(opened) is None
    assert read(Image.new("RGB", (640, 480))) is None
    assert read(Image.new("RGB", (640, 480), (255, 255, 255))) is None
    assert read(Image.new("RGB", (40, 20))) is None
    assert time_code.read(b"", 640, 480) is None


def test_a_wrong_time_is_hardly_ever_read_from_a_damaged_strip() -> None:
    chance = random.Random(5)
    wrong = 0
    for _ in range(100):
        picture = np.array(drawn(TIMES[2]))
        for _ in range(3):
            left = chance.randrange(600)
            picture[:, left : left + 30] = chance.randrange(256)
        found = read(Image.fromarray(picture))
        wrong += found not in {None, time_code.code_of(TIMES[2])}
    assert wrong <= 3


def test_a_picture_without_room_is_left_alone() -> None:
    picture = bytearray(100 * 50 * 3)
    time_code.draw(picture, 100, 50, TIMES[2])
    assert picture == bytearray(100 * 50 * 3)
    assert not time_code.has_room(100, 50)
    assert time_code.has_room(640, 480)


def test_the_age_of_a_code_counts_over_its_end() -> None:
    assert time_code.age_ms(time_code.code_of(5_000_000_000), 5_120_000_000) == 120
    assert time_code.age_ms(time_code.code_of(5_000_000_000), 4_990_000_000) == -10
    last = (time_code.HIGHEST - 1) * 1_000_000
    assert time_code.age_ms(time_code.code_of(last), last + 30_000_000) == 30
