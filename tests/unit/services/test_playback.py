"""The player, by a clock that only moves when somebody waits for it, on frames that come as the test says."""

from __future__ import annotations

import array
import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest

from faceswap_desktop.domain.errors import Cancelled, InputRefused
from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.media import Fingerprint, Media, MediaId, MediaKind
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import Recipe, SwapOptions
from faceswap_desktop.domain.video import AudioTrack, FrameRange, FrameTimes, VideoFacts
from faceswap_desktop.services.playback import Player
from faceswap_desktop.services.playback_clock import PlayClock
from faceswap_desktop.services.playback_runs import AHEAD_S, MOST_BYTES, SOUND_RATE
from faceswap_desktop.services.videos import RenderedFrames, ShownFrame

FPS = 25


def clip(frames: int, *, has_sound: bool = False) -> tuple[Media, FrameTimes]:
    """Return a clip at 25 frames per second."""
    sound = (AudioTrack("aac", 2, 48000),) if has_sound else ()
    facts = VideoFacts(frames / FPS, frames, FPS, "h264", "yuv420p", 8, 16, 8, audio=sound)
    media = Media(MediaId("c"), "/c.mp4", MediaKind.VIDEO, Size(16, 8), "MP4", Fingerprint(1, 1, "a"), (), facts)
    return media, FrameTimes(array.array("d", [number / FPS for number in range(frames)]).tobytes(), frames / FPS)


@dataclass
class Time:
    """A clock that stands until somebody sleeps."""

    now: float = 100.0

    async def sleep(self, seconds: float) -> None:
        # The others come to their turn first, as they would while real time passes.
        for _ in range(20):
            await asyncio.sleep(0)
        self.now += seconds


@dataclass
class Source:
    """Frames whose first byte is their number, after as much time as decoding takes."""

    time: Time
    seconds_per_frame: float = 0.0
    frame_bytes: int = 16 * 8 * 3
    asked: list[tuple[int, ...]] = field(default_factory=list)
    sounds: list[tuple[float, float]] = field(default_factory=list)
    error: InputRefused | None = None
    gate: asyncio.Event | None = None

    async def frames(self, media: Media, numbers: Sequence[int], *, max_edge: int) -> tuple[ShownFrame, ...]:
        self.asked.append(tuple(numbers))
        if self.gate is not None:
            await self.gate.wait()
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        self.time.now += self.seconds_per_frame * (numbers[-1] - numbers[0] + 1)
        return tuple(self._frame(number) for number in numbers)

    async def sound(self, media: Media, start_s: float, seconds: float, *, rate: int) -> bytes:
        self.sounds.append((start_s, seconds))
        await asyncio.sleep(0)
        return bytes(4 * round(seconds * rate))

    async def rendered(self, recipe: Recipe, numbers: Sequence[int], *, max_edge: int) -> RenderedFrames:
        self.asked.append(tuple(numbers))
        await asyncio.sleep(0)
        self.time.now += self.seconds_per_frame * len(numbers)
        return RenderedFrames(tuple(self._frame(number) for number in numbers))

    def _frame(self, number: int) -> ShownFrame:
        return ShownFrame(number, memoryview(bytes([number % 256]) * self.frame_bytes), Size(16, 8), 48, 1.0)


@dataclass
class Device:
    """A sound device that plays in time what it was given."""

    time: Time
    works: bool = True
    step: float = 0.04
    began: float | None = None
    written: float = 0.0

    def start(self, rate: int) -> bool:
        assert rate == SOUND_RATE
        self.began, self.written = None, 0.0
        return self.works

    def write(self, samples: bytes) -> None:
        self.began = self.time.now if self.began is None else self.began
        self.written += len(samples) / 4 / SOUND_RATE

    def position(self) -> float:
        heard = min(self.time.now - self.began, self.written) if self.began is not None else 0.0
        return heard // self.step * self.step

    def stop(self) -> None:
        self.began = None


@dataclass
class Watched:
    """A player, what feeds it, and what it showed when."""

    player: Player
    source: Source
    time: Time
    device: Device
    shown: list[tuple[int, float]] = field(default_factory=list)
    errors: list[object] = field(default_factory=list)

    @property
    def numbers(self) -> list[int]:
        return [number for number, _ in self.shown]


@pytest.fixture
async def watched() -> AsyncIterator[Watched]:
    """Return a player by that clock."""
    time = Time()
    source, device = Source(time), Device(time)
    player = Player(source, make_sound=lambda: device, now=lambda: time.now, sleep=time.sleep)
    made = Watched(player, source, time, device)
    player.on_frame = lambda frame, is_rendered: made.shown.append((frame.number, time.now))
    player.on_error = made.errors.append
    yield made
    await player.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def until(condition: Callable[[], object]) -> None:
    """Let others work until something is so."""
    for _ in range(200_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError(f"never came true: {condition}")


async def played(watched: Watched) -> None:
    """Play to the end."""
    watched.player.play()
    await until(lambda: not watched.player.state.is_playing)
    await until(lambda: not watched.player.is_busy)


async def opened(watched: Watched, frames: int, *, has_sound: bool = False) -> None:
    """Open a clip and see its first frame."""
    watched.player.open(*clip(frames, has_sound=has_sound))
    await until(lambda: watched.numbers == [0] and not watched.player.is_busy)
    watched.shown.clear()


async def test_every_frame_is_shown_in_its_time_and_the_last_one_stands(watched: Watched) -> None:
    await opened(watched, 50)
    await played(watched)
    assert watched.numbers == [*range(50), 49]
    began = watched.shown[0][1]
    for number, at in watched.shown[:50]:
        assert at - began == pytest.approx(number / FPS, abs=0.012)
    assert watched.player.state.per_second is None


async def test_few_frames_wait_and_little_memory_is_taken(watched: Watched) -> None:
    await opened(watched, 200)
    ahead = []
    watched.player.on_frame = lambda frame, _: ahead.append(
        max(batch[-1] for batch in watched.source.asked) - frame.number
    )
    watched.player.play()
    await until(lambda: len(ahead) > 150)
    assert max(ahead) <= (AHEAD_S + 0.25) * FPS
    watched.player.leave()


async def test_large_frames_wait_only_as_far_as_memory_is_meant_for(watched: Watched) -> None:
    await opened(watched, 100)
    watched.source.frame_bytes = MOST_BYTES // 6
    waiting: list[int] = []
    watched.player.on_frame = lambda frame, _: waiting.append(
        max(batch[-1] for batch in watched.source.asked) - frame.number
    )
    watched.player.play()
    await until(lambda: len(waiting) > 60)
    assert 1 <= max(waiting) <= 6
    watched.player.leave()


async def test_frames_that_come_too_late_are_left_out_while_the_sound_goes_on(watched: Watched) -> None:
    await opened(watched, 100, has_sound=True)
    watched.source.seconds_per_frame = 1.5 / FPS
    await played(watched)
    numbers = watched.numbers[:-1]
    assert numbers == sorted(set(numbers))
    assert 10 <= len(numbers) < 80
    began = watched.shown[0][1]
    assert max(at - began - number / FPS for number, at in watched.shown[:-1]) < 0.9
    assert sum(seconds for _, seconds in watched.source.sounds) == pytest.approx(4.0)


async def test_the_sound_is_the_clock(watched: Watched) -> None:
    await opened(watched, 50, has_sound=True)
    await played(watched)
    starts = [start for start, _ in watched.source.sounds]
    assert starts == [0.0, 0.5, 1.0, 1.5]
    assert watched.numbers == [*range(50), 49]


async def test_a_device_that_cannot_play_is_no_reason_not_to_look(watched: Watched) -> None:
    watched.device.works = False
    await opened(watched, 30, has_sound=True)
    await played(watched)
    assert watched.numbers == [*range(30), 29]
    assert watched.source.sounds == []


async def test_the_newest_wish_is_shown_last_and_those_between_are_left_out(watched: Watched) -> None:
    await opened(watched, 100)
    watched.source.gate = asyncio.Event()
    watched.source.asked.clear()
    for frame in (10, 20, 30, 77):
        watched.player.seek(frame)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    watched.source.gate.set()
    await until(lambda: not watched.player.is_busy)
    assert watched.source.asked == [(10,), (77,)]
    assert watched.numbers[-1] == watched.player.state.frame == 77


async def test_steps_jumps_points_and_marks(watched: Watched) -> None:
    await opened(watched, 100)
    player = watched.player
    player.set_trim(FrameRange(20, 60))
    player.set_marks([0, 33, 50, 33])
    went = []
    ways: tuple[Callable[[], None], ...] = (
        lambda: player.step(1),
        lambda: player.jump(1.0),
        lambda: player.step(-1),
        player.go_in,
        player.go_out,
        player.previous_mark,
        player.previous_mark,
        player.next_mark,
        player.next_mark,
        lambda: player.jump(100),
        lambda: player.step(5),
        lambda: player.seek(-3),
    )
    for go in ways:
        go()
        went.append(player.state.frame)
        await until(lambda: not player.is_busy)
        assert watched.numbers[-1] == player.state.frame
    assert went == [1, 26, 25, 20, 59, 50, 33, 50, 50, 99, 99, 0]


async def test_playing_ends_at_the_out_point_and_begins_again_at_the_in_point(watched: Watched) -> None:
    await opened(watched, 100)
    watched.player.set_trim(FrameRange(20, 30))
    watched.player.seek(25)
    await until(lambda: not watched.player.is_busy)
    watched.shown.clear()
    await played(watched)
    assert watched.numbers == [*range(25, 30), 29]
    watched.shown.clear()
    await played(watched)
    assert watched.numbers == [*range(20, 30), 29]
    watched.player.set_loops(True)
    watched.shown.clear()
    watched.player.play()
    await until(lambda: len(watched.shown) > 25)
    watched.player.pause()
    assert watched.numbers[:21] == [*range(20, 30), *range(20, 30), 20]


async def test_pausing_stands_at_the_frame_that_was_seen(watched: Watched) -> None:
    await opened(watched, 100)
    watched.player.play()
    await until(lambda: len(watched.shown) > 12)
    watched.player.pause()
    seen = watched.numbers[-1]
    await until(lambda: not watched.player.is_busy)
    for _ in range(100):
        await asyncio.sleep(0)
    assert watched.numbers[-1] == watched.player.state.frame == seen
    assert not watched.player.state.is_playing


async def test_another_clip_in_the_middle_leaves_nothing_of_the_first(watched: Watched) -> None:
    await opened(watched, 100, has_sound=True)
    watched.player.play()
    await until(lambda: len(watched.shown) > 5)
    media, times = clip(40)
    watched.player.open(replace(media, id=MediaId("other")), times, frame=7)
    shown = len(watched.shown)
    await until(lambda: not watched.player.is_busy)
    for _ in range(200):
        await asyncio.sleep(0)
    assert watched.numbers[shown:] == [7]
    assert watched.device.began is None


async def test_a_file_that_is_gone_stops_it_and_is_told_once(watched: Watched) -> None:
    await opened(watched, 100)
    watched.player.play()
    await until(lambda: len(watched.shown) > 5)
    watched.source.error = InputRefused(message("It is gone."), kind="missing")
    await until(lambda: not watched.player.is_busy)
    assert watched.errors
    assert not watched.player.state.is_playing


async def test_rendered_frames_are_all_shown_however_long_they_take(watched: Watched) -> None:
    await opened(watched, 30)
    watched.source.seconds_per_frame = 0.2
    rates: list[float | None] = []
    watched.player.on_state = lambda state: rates.append(state.per_second)
    watched.player.play_rendered(Recipe("on-device", clip(30)[0], (), SwapOptions()))
    await until(lambda: not watched.player.state.is_playing)
    assert watched.numbers[:30] == [*range(30)]
    assert [rate for rate in rates if rate][-1] == pytest.approx(5.0, rel=0.2)


async def test_rendered_frames_begin_at_the_in_point_where_one_stands_outside(watched: Watched) -> None:
    await opened(watched, 30)
    watched.player.set_trim(FrameRange(20, 26))
    for start, first in ((3, 20), (28, 20), (22, 22)):
        watched.player.seek(start)
        await until(lambda: not watched.player.is_busy)
        watched.shown.clear()
        watched.player.play_rendered(Recipe("on-device", clip(30)[0], (), SwapOptions()))
        await until(lambda: not watched.player.state.is_playing)
        assert watched.numbers[: 26 - first] == [*range(first, 26)]


async def test_a_program_that_closes_ends_rendered_playing_without_a_word(watched: Watched) -> None:
    await opened(watched, 30)

    async def refuse(recipe: Recipe, numbers: Sequence[int], *, max_edge: int) -> RenderedFrames:
        raise Cancelled(message("The program is closing."))

    watched.source.rendered = refuse  # type: ignore[method-assign]
    watched.player.play_rendered(Recipe("on-device", clip(30)[0], (), SwapOptions()))
    await until(lambda: not watched.player.state.is_playing)
    assert watched.errors == []


def test_the_clock_goes_on_where_the_device_stands_still_and_waits_until_it_has_caught_up() -> None:
    time = Time()
    device = Device(time)
    device.start(SOUND_RATE)
    clock = PlayClock(lambda: time.now, device)
    assert clock.seconds() == 0.0
    clock.start()
    time.now += 0.2
    assert clock.seconds() == 0.0, "it is not heard yet"
    device.write(bytes(4 * SOUND_RATE))
    time.now += 0.5
    assert clock.seconds() == pytest.approx(0.5, abs=0.05)
    time.now += 1.5
    assert clock.seconds() == pytest.approx(1.0, abs=0.05)
    time.now += 0.4
    ahead = clock.seconds()
    assert ahead == pytest.approx(1.4, abs=0.05)
    device.write(bytes(4 * SOUND_RATE))
    assert clock.seconds() >= ahead


def test_a_device_that_is_never_heard_keeps_the_picture_waiting_for_a_moment_only() -> None:
    time = Time()
    device = Device(time)
    device.start(SOUND_RATE)
    clock = PlayClock(lambda: time.now, device)
    clock.start()
    seen = []
    for _ in range(30):
        time.now += 0.1
        seen.append(clock.seconds())
    assert seen[:8] == [0.0] * 8
    assert all(after - before < 0.11 for before, after in pairwise(seen)), "nothing is jumped over"
    assert seen[-1] == pytest.approx(2.0, abs=0.15)
