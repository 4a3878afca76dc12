from __future__ import annotations

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from faceswap_desktop.media.video.pixels import fitted, is_full_range, upright_rgb

# Luma weights of red and blue: ITU-R BT.709, BT.601 and BT.2020.
WEIGHTS = {1: (0.2126, 0.0722), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}
COLOURS = [(200, 60, 40), (40, 180, 70), (50, 60, 210), (230, 190, 170), (16, 16, 16), (250, 250, 250)]


def coded(colour: tuple[int, int, int], matrix: int, bits: int, *, is_full: bool) -> tuple[int, int, int]:
    """ITU-R BT.601/709/2020: R'G'B' of 8 bits to digital Y'CbCr."""
    red_weight, blue_weight = WEIGHTS[matrix]
    red, green, blue = (part / 255 for part in colour)
    luma = red_weight * red + (1 - red_weight - blue_weight) * green + blue_weight * blue
    chroma = (blue - luma) / (2 * (1 - blue_weight)), (red - luma) / (2 * (1 - red_weight))
    unit = 1 << (bits - 8)
    middle = 1 << (bits - 1)
    top = (1 << bits) - 1
    if is_full:
        return round(luma * top), round(chroma[0] * top + middle), round(chroma[1] * top + middle)
    return (
        round((16 + 219 * luma) * unit),
        round((128 + 224 * chroma[0]) * unit),
        round((128 + 224 * chroma[1]) * unit),
    )


def plain(values: tuple[int, int, int], pixel_format: str, size: tuple[int, int] = (16, 16)) -> av.VideoFrame:
    frame = av.VideoFrame(*size, pixel_format)
    kind = np.uint16 if "10" in pixel_format else np.uint8
    for plane, value in zip(frame.planes, values, strict=True):
        rows: NDArray[np.generic] = np.full(plane.buffer_size // np.dtype(kind).itemsize, value, kind)
        plane.update(rows.tobytes())
    return frame


@pytest.mark.parametrize("matrix", WEIGHTS)
@pytest.mark.parametrize("is_full", [False, True])
@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv444p", "yuv420p10le", "yuv422p10le"])
def test_colours_come_back(matrix: int, is_full: bool, pixel_format: str) -> None:
    for colour in COLOURS:
        bits = 10 if "10" in pixel_format else 8
        frame = plain(coded(colour, matrix, bits, is_full=is_full), pixel_format)
        frame.colorspace, frame.color_range = matrix, 2 if is_full else 1
        got = upright_rgb(frame, 0)[8, 8]
        assert np.abs(got.astype(int) - colour).max() <= 3, (colour, got)
        assert (frame.colorspace, frame.color_range) == (matrix, 2 if is_full else 1)


@pytest.mark.parametrize(("height", "matrix"), [(576, 6), (720, 1), (1080, 1)])
def test_where_nothing_is_said_the_size_tells(height: int, matrix: int) -> None:
    colour = (200, 60, 40)
    frame = plain(coded(colour, matrix, 8, is_full=False), "yuv420p", (32, height))
    assert np.abs(upright_rgb(frame, 0)[8, 8].astype(int) - colour).max() <= 3


def test_formats_of_jpeg_and_rgb_have_the_full_range() -> None:
    assert is_full_range(av.VideoFrame(16, 16, "yuvj420p"))
    assert is_full_range(av.VideoFrame(16, 16, "rgb24"))
    assert not is_full_range(av.VideoFrame(16, 16, "yuv420p"))
    picture = np.random.default_rng(1).integers(0, 256, (8, 10, 3), np.uint8)
    assert (upright_rgb(av.VideoFrame.from_ndarray(picture, format="rgb24"), 0) == picture).all()


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_turning(rotation: int) -> None:
    picture = np.zeros((30, 50, 3), np.uint8)
    picture[:10, :10, 0] = 255
    turned = upright_rgb(av.VideoFrame.from_ndarray(picture, format="rgb24"), rotation)
    assert turned.flags.c_contiguous
    assert turned.shape == ((50, 30, 3) if rotation in {90, 270} else (30, 50, 3))
    corner = {0: (0, 0), 90: (0, -1), 180: (-1, -1), 270: (-1, 0)}[rotation]
    assert turned[corner][0] == 255


@pytest.mark.parametrize(
    ("size", "edge", "expected"),
    [((1920, 1080), 960, (960, 540)), ((101, 33), 50, (50, 16)), ((40, 30), 100, (40, 30)), ((5000, 2), 100, (100, 1))],
)
def test_scaling_down(size: tuple[int, int], edge: int, expected: tuple[int, int]) -> None:
    assert fitted(*size, edge) == expected
    frame = plain((120, 128, 128), "yuv420p", size)
    assert upright_rgb(frame, 0, edge).shape == (expected[1], expected[0], 3)


def light_to_code(nits: float, transfer: int) -> float:
    """ITU-R BT.2100: PQ's inverse, and HLG's for a screen of 1000 cd/m²; a grey."""
    if transfer == 16:
        power = (nits / 10000) ** 0.1593017578125
        return float(((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375)
    scene = (nits / 1000) ** (1 / 1.2)
    if scene <= 1 / 12:
        return float(np.sqrt(3 * scene))
    return float(0.17883277 * np.log(12 * scene - 0.28466892) + 0.55991073)


@pytest.mark.parametrize("transfer", [16, 18])
def test_hdr_is_shown_as_bright_as_a_photo(transfer: int) -> None:
    shown = []
    for nits in (0.05, 5, 26, 60, 203, 600, 1000):
        luma = round(64 + 876 * light_to_code(nits, transfer))
        frame = plain((luma, 512, 512), "yuv420p10le")
        frame.colorspace, frame.color_range, frame.color_trc, frame.color_primaries = 9, 1, transfer, 9
        pixel = upright_rgb(frame, 0)[8, 8].astype(int)
        assert pixel.max() - pixel.min() <= 3
        shown.append(int(pixel[1]))
    assert shown == sorted(shown)
    assert shown[0] < 12
    assert 90 < shown[2] < 140  # a grey card
    assert 130 < shown[3] < 190  # light skin
    assert 200 < shown[4] < 240  # white
    assert shown[6] <= 255
