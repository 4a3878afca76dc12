"""One run of playing: frames and sound are fetched ahead, each frame is shown when its time has come."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar

from faceswap_desktop.domain.errors import Cancelled, FaceSwapError
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.video import FrameRange, FrameTimes
from faceswap_desktop.services.playback_clock import PlayClock, SoundOut
from faceswap_desktop.services.videos import RenderedFrames, ShownFrame

AHEAD_S: Final = 0.5
"""So much of the picture is decoded ahead."""
MOST_BYTES: Final = 96 * 1024 * 1024
"""The frames that wait take at most this much memory, whatever their size."""
SOUND_RATE: Final = 48000
_SOUND_AHEAD_S: Final = 1.0
_SOUND_PIECE_S: Final = 0.5
_BATCH_S: Final = 0.2
_FIRST_BATCH: Final = 2
_RENDERED_BATCH: Final = 2
_MOST_STRIDE: Final = 8
_RENDER_TRIES: Final = 20
_EARLY_S: Final = 0.002
_LONGEST_NAP_S: Final = 0.05
_RATE_OVER_S: Final = 2.0
_FEWEST_SHOWN: Final = 3

Result = TypeVar("Result")
Sleep = Callable[[float], Awaitable[object]]


class FrameSource(Protocol):
    """Where frames and sound come from: ``Videos``."""

    async def frames(self, media: Media, numbers: Sequence[int], *, max_edge: int) -> tuple[ShownFrame, ...]:
        """Decode frames, ascending by number."""
        ...

    async def sound(self, media: Media, start_s: float, seconds: float, *, rate: int) -> bytes:
        """Decode sound."""
        ...

    async def rendered(self, recipe: Recipe, numbers: Sequence[int], *, max_edge: int) -> RenderedFrames:
        """Decode frames and change the faces in them."""
        ...


@dataclass(frozen=True, slots=True)
class Clip:
    """What is played."""

    media: Media
    times: FrameTimes

    @property
    def frames(self) -> int:
        """How many frames it has."""
        return len(self.times)

    @property
    def has_sound(self) -> bool:
        """Whether there is a sound track."""
        return self.media.video is not None and bool(self.media.video.audio)

    @property
    def mean_s(self) -> float:
        """How long a frame is shown on average, in seconds."""
        return max((self.times.end - self.times.of(0)) / max(1, self.frames), 1e-3) if self.frames else 0.04


class Errands:
    """Requests to workers that outlive whoever asked: ending one in the middle could cost the worker its life."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    async def wait(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Await something; whoever is cancelled meanwhile leaves it to end by itself."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._on_done)
        return await asyncio.shield(task)

    async def settled(self) -> None:
        """Wait until all of them have ended."""
        while self._running:
            await asyncio.wait(self._running)

    async def close(self) -> None:
        """Cancel what is left and wait for it."""
        tasks = list(self._running)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _on_done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            _ = task.exception()  # told to whoever still waits


class RateMeter:
    """How many frames per second were shown lately."""

    def __init__(self) -> None:
        self._shown: deque[float] = deque()

    def add(self, now: float) -> None:
        """Note that one was shown."""
        self._shown.append(now)
        while len(self._shown) > _FEWEST_SHOWN and now - self._shown[0] > _RATE_OVER_S:
            self._shown.popleft()

    @property
    def per_second(self) -> float | None:
        """Frames per second, once it can be told."""
        over = self._shown[-1] - self._shown[0] if len(self._shown) >= _FEWEST_SHOWN else 0.0
        return (len(self._shown) - 1) / over if over > 0 else None


@dataclass(slots=True)
class PlayRun:
    """Plays frames of a clip once, from the first to the last of a range, with sound.

    Attributes:
        source: Where frames and sound come from.
        clip: What is played.
        frames: Which of its frames.
        max_edge: Longest side of the frames, in pixels.
        sound: The device; None to play silently.
        show: Called with each frame when its time has come.
        now, sleep: The computer's clock, and waiting by it.
        errands: Who waits for the workers.
        dropped: How many frames came too late to be shown.
    """

    source: FrameSource
    clip: Clip
    frames: FrameRange
    max_edge: int
    sound: SoundOut | None
    show: Callable[[ShownFrame], None]
    now: Callable[[], float]
    sleep: Sleep
    errands: Errands
    dropped: int = 0
    _buffer: deque[ShownFrame] = field(default_factory=deque)
    _bytes: int = 0
    _moved: asyncio.Event = field(default_factory=asyncio.Event)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _heard: asyncio.Event = field(default_factory=asyncio.Event)
    _is_filled: bool = False
    _error: FaceSwapError | None = None
    _clock: PlayClock = field(init=False)

    def __post_init__(self) -> None:
        self._clock = PlayClock(self.now, None)

    @property
    def waiting_bytes(self) -> int:
        """How much memory the frames take that wait."""
        return self._bytes

    async def play(self) -> None:
        """Play to the end of the range, or until cancelled.

        Raises:
            FaceSwapError: The frames cannot be had any more.
        """
        sound = self.sound if self.clip.has_sound else None
        if sound is not None and not sound.start(SOUND_RATE):
            sound = None
        self._clock = PlayClock(self.now, sound)
        loop = asyncio.get_running_loop()
        helpers = [loop.create_task(self._fill())]
        if sound is not None:
            helpers.append(loop.create_task(self._feed(sound)))
        else:
            self._heard.set()
        try:
            await self._arrived.wait()
            await self._heard.wait()
            await self._present()
        finally:
            for helper in helpers:
                helper.cancel()
            ended = await asyncio.gather(*helpers, return_exceptions=True)
            if sound is not None:
                sound.stop()
        # What went wrong with a helper that nobody foresaw is a bug, and told as one.
        for outcome in ended:
            if isinstance(outcome, Exception):
                raise outcome

    # Showing

    @property
    def _origin(self) -> float:
        return self.clip.times.of(self.frames.first)

    def _time(self) -> float:
        return self._origin + self._clock.seconds()

    async def _present(self) -> None:
        times, end = self.clip.times, self.clip.times.of(self.frames.end)
        self._clock.start()
        while True:
            self._show_due(self._time() + _EARLY_S)
            if self._error is not None:
                raise self._error
            now = self._time()
            if now + _EARLY_S >= end and self._is_filled and not self._buffer:
                return
            # Only a turn of the clock can make room ahead of it.
            self._moved.set()
            next_at = times.of(self._buffer[0].number) if self._buffer else end if self._is_filled else now
            await self.sleep(min(max(next_at - now, 0.004), _LONGEST_NAP_S))

    def _show_due(self, until: float) -> None:
        due: ShownFrame | None = None
        while self._buffer and self.clip.times.of(self._buffer[0].number) <= until:
            self.dropped += due is not None
            due = self._buffer.popleft()
            self._bytes -= due.pixels.nbytes
        if due is not None:
            self._moved.set()
            self.show(due)

    # Fetching ahead

    async def _fill(self) -> None:
        try:
            await self._fetch_all()
        except FaceSwapError as error:
            self._error = error
        finally:
            self._is_filled = True
            self._arrived.set()

    async def _fetch_all(self) -> None:
        clip, last = self.clip, self.frames.end - 1
        number, size, stride = self.frames.first, _FIRST_BATCH, 1
        most = max(_FIRST_BATCH, round(_BATCH_S / clip.mean_s))
        while number <= last:
            while self._is_full(size):
                self._moved.clear()
                await self._moved.wait()
            began = self.now()
            wanted = tuple(range(number, last + 1, stride))[:size]
            got = await self.errands.wait(self.source.frames(clip.media, wanted, max_edge=self.max_edge))
            self._buffer.extend(got)
            self._bytes += sum(frame.pixels.nbytes for frame in got)
            self._arrived.set()
            took = self.now() - began
            # Where decoding is slower than the clip only every second frame, or fewer, are fetched.
            stride = min(max(1, math.ceil(took / (len(wanted) * clip.mean_s) - 0.1)), _MOST_STRIDE)
            number = max(wanted[-1] + stride, self._in_time(took) if self._clock.is_running else 0)
            largest = max((frame.pixels.nbytes for frame in got), default=1)
            # What a batch spans is about the same whatever the stride: the first of it is not to wait for long.
            size = max(1, min(most // stride, MOST_BYTES // (2 * largest)))

    def _in_time(self, ahead: float) -> int:
        """Return the first frame that can still come in time; never one behind the last."""
        return min(self.clip.times.frame_at(self._time() + (ahead if not self._buffer else 0.0)), self.frames.end - 1)

    def _is_full(self, batch: int) -> bool:
        if len(self._buffer) < 2:
            return False
        largest = max(frame.pixels.nbytes for frame in self._buffer)
        ahead = self.clip.times.of(self._buffer[-1].number) - self._time()
        return ahead >= AHEAD_S or self._bytes + batch * largest > MOST_BYTES

    async def _feed(self, sound: SoundOut) -> None:
        at, end = self._origin, self.clip.times.of(self.frames.end)
        try:
            while at < end:
                while at - self._time() > _SOUND_AHEAD_S:
                    self._moved.clear()
                    await self._moved.wait()
                seconds = min(_SOUND_PIECE_S, end - at)
                work = self.source.sound(self.clip.media, at, seconds, rate=SOUND_RATE)
                sound.write(await self.errands.wait(work))
                at += seconds
                self._heard.set()
        except FaceSwapError:
            # A broken sound track must not keep the picture from being seen.
            pass
        finally:
            self._heard.set()


@dataclass(slots=True)
class RenderedRun:
    """Plays frames with the changed faces in them, every one of them, as fast as they can be made and no faster.

    There is no sound: it could not keep up.
    """

    source: FrameSource
    clip: Clip
    recipe: Recipe
    frames: FrameRange
    max_edge: int
    show: Callable[[ShownFrame], None]
    now: Callable[[], float]
    sleep: Sleep
    errands: Errands

    async def play(self) -> None:
        """Play to the end of the range, or until cancelled.

        Raises:
            FaceSwapError: The frames cannot be had.
        """
        loop = asyncio.get_running_loop()
        next_at, number, tries = self.now(), self.frames.first, 0
        # The next ones are made while these are shown.
        coming = loop.create_task(self._fetch(number))
        try:
            while number < self.frames.end:
                try:
                    found = await asyncio.shield(coming)
                except Cancelled:
                    # A preview took its place; what is played comes after it, unless the program is closing.
                    tries += 1
                    if tries > _RENDER_TRIES:
                        raise
                    await self.sleep(_LONGEST_NAP_S)
                    coming = loop.create_task(self._fetch(number))
                    continue
                tries = 0
                number += _RENDERED_BATCH
                coming = loop.create_task(self._fetch(number))
                for frame in found:
                    if (wait := next_at - self.now()) > 0:
                        await self.sleep(wait)
                    self.show(frame)
                    times = self.clip.times
                    next_at = max(next_at, self.now()) + times.of(frame.number + 1) - times.of(frame.number)
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)

    async def _fetch(self, number: int) -> tuple[ShownFrame, ...]:
        numbers = tuple(range(number, min(number + _RENDERED_BATCH, self.frames.end)))
        if not numbers:
            return ()
        work = self.source.rendered(self.recipe, numbers, max_edge=self.max_edge)
        return (await self.errands.wait(work)).frames
