"""Sound laid along a clock: drift, jitter, gaps and what comes late."""

from __future__ import annotations

import numpy as np
import pytest

from faceswap_desktop.domain.live import SOUND_RATE
from faceswap_desktop.media.live_sound import SoundTrack

START_NS = 5_000_000_000
BLOCK = SOUND_RATE // 50


def block(number: int) -> bytes:
    """A fiftieth of a second that knows its number."""
    return np.full((BLOCK, 2), number % 30_000 + 1, "<i2").tobytes()


def when(number: float) -> int:
    return START_NS + round(number * BLOCK * 1e9 / SOUND_RATE)


def test_what_comes_in_time_is_laid_down_as_it_is() -> None:
    track = SoundTrack(START_NS)
    made = np.concatenate([track.add(block(number), when(number)) for number in range(50)])
    assert made.tobytes() == b"".join(block(number) for number in range(50))
    assert (track.length, track.silence) == (SOUND_RATE, 0)
    assert not len(track.fill(when(50)))


@pytest.mark.parametrize("seed", range(5))
def test_times_that_jitter_neither_cut_nor_fill(seed: int) -> None:
    track, random = SoundTrack(START_NS), np.random.default_rng(seed)
    for number in range(500):
        late_ns = int(random.uniform(0, 15e6))
        made = track.add(block(number), when(number) + late_ns)
        assert abs(len(made) - BLOCK) <= max(4, BLOCK // 200) or number == 0
        assert abs(track.length - (number + 1) * BLOCK) < 0.02 * SOUND_RATE
    assert track.silence == 0


@pytest.mark.parametrize("drift", [0.0005, -0.0005, 0.002])
def test_a_clock_that_drifts_is_followed_without_a_jump(drift: float) -> None:
    track = SoundTrack(START_NS)
    for number in range(3000):
        made = track.add(block(number), when(number * (1 + drift)))
        assert abs(len(made) - BLOCK) <= BLOCK // 200
        assert abs(track.length - (number + 1) * BLOCK * (1 + drift)) < 0.02 * SOUND_RATE
    assert track.silence == 0


def test_what_never_came_is_silence_and_what_follows_is_in_its_place() -> None:
    track = SoundTrack(START_NS)
    for number in range(50):
        track.add(block(number), when(number))
    assert not len(track.fill(when(75))), "it may still come"
    silence = track.fill(when(100))
    assert len(silence)
    assert not silence.any()
    made = track.add(block(150), when(150))
    assert track.length == 151 * BLOCK
    assert made[-BLOCK:].tobytes() == block(150)
    assert not made[:-BLOCK].any()
    assert track.silence == 100 * BLOCK


def test_what_comes_after_silence_took_its_place_is_heard_from_there_on() -> None:
    track = SoundTrack(START_NS)
    track.add(block(0), when(0))
    track.fill(when(100))
    there = track.length
    for number in range(1, 100):
        track.add(block(number), when(number))
    assert track.length == pytest.approx(100 * BLOCK, abs=0.005 * SOUND_RATE)
    assert there < 100 * BLOCK


def test_what_was_heard_before_the_beginning_is_cut_off() -> None:
    track = SoundTrack(START_NS)
    made = track.add(block(1) + block(2), when(-1))
    assert made.tobytes() == block(2)
    assert not len(SoundTrack(START_NS).add(block(1), when(-5)))


def test_it_ends_where_the_pictures_end() -> None:
    track = SoundTrack(START_NS)
    track.add(block(0), when(0))
    assert len(track.fill_to(when(10))) == 9 * BLOCK
    assert not len(track.fill_to(when(5)))
