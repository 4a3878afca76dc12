from __future__ import annotations

import math
from array import array

import numpy as np
import pytest
from numpy.typing import NDArray

from faceswap_desktop.domain.live import SOUND_RATE
from faceswap_desktop.ui.live.sound_shape import SampleKind, SoundConverter, SoundShape

DTYPES = {SampleKind.U8: "u1", SampleKind.S16: "i2", SampleKind.S32: "i4", SampleKind.F32: "f4"}


def tone(shape: SoundShape, seconds: float = 0.1) -> bytes:
    """Return a sine of 440 Hz at half loudness, in every channel, half as loud in the second."""
    at = np.arange(round(seconds * shape.rate)) / shape.rate
    wave = 0.5 * np.sin(2 * np.pi * 440 * at)
    sides = np.stack([wave * (0.5 if channel == 1 else 1.0) for channel in range(shape.channels)], 1)
    if shape.kind is SampleKind.F32:
        return sides.astype(np.float32).tobytes()
    if shape.kind is SampleKind.U8:
        return np.round(sides * 127 + 128).astype(np.uint8).tobytes()
    return np.round(sides * (2**31 - 1 if shape.kind is SampleKind.S32 else 32767)).astype(DTYPES[shape.kind]).tobytes()


def converted(shape: SoundShape, data: bytes, piece: int) -> NDArray[np.int16]:
    converter = SoundConverter(shape)
    out = b"".join(converter.convert(data[start : start + piece]) for start in range(0, len(data), piece))
    return np.frombuffer(out, "<i2").reshape(-1, 2)


@pytest.mark.parametrize("kind", SampleKind)
@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 96_000])
def test_every_shape_becomes_the_same_sound(kind: SampleKind, channels: int, rate: int) -> None:
    shape = SoundShape(rate, channels, kind)
    # Pieces that end in the middle of a sample.
    sound = converted(shape, tone(shape), 1003)
    assert len(sound) == pytest.approx(SOUND_RATE / 10, abs=SOUND_RATE / rate + 1)
    at = np.arange(len(sound)) / SOUND_RATE
    # What is interpolated comes one sample of the microphone later.
    late = 0.0 if rate == SOUND_RATE else 1 / rate
    wanted = 0.5 * 32767 * np.sin(2 * np.pi * 440 * (at - late))
    wanted[at < late] = 0
    tolerance = 32767 * (0.03 if rate == 8_000 or kind is SampleKind.U8 else 0.004)
    assert np.abs(sound[:, 0] - wanted).max() < tolerance
    assert np.abs(sound[:, 1] - wanted * (0.5 if channels > 1 else 1.0)).max() < tolerance


@pytest.mark.parametrize("rate", [44_100, 48_000, 16_000])
def test_pieces_of_any_length_make_no_difference(rate: int) -> None:
    shape = SoundShape(rate, 2, SampleKind.S16)
    data = tone(shape, 0.1)
    whole = converted(shape, data, len(data))
    for piece in (1, 3, 4, 64, 999):
        assert np.array_equal(converted(shape, data, piece), whole)


def test_what_is_too_loud_or_no_number_does_no_harm() -> None:
    shape = SoundShape(48_000, 1, SampleKind.F32)
    sound = converted(shape, array("f", [9.0, -9.0, math.inf, -math.inf, math.nan]).tobytes(), 20)
    assert sound[:4, 0].tolist() == [32767, -32767, 32767, -32767]


@pytest.mark.parametrize(("rate", "channels"), [(0, 2), (48_000, 0), (1, 1), (9_999_999, 2), (-48_000, 2)])
def test_what_cannot_be_converted_is_known(rate: int, channels: int) -> None:
    assert not SoundShape(rate, channels).is_usable


def test_nothing_gives_nothing() -> None:
    assert SoundConverter(SoundShape(44_100, 1)).convert(b"") == b""
