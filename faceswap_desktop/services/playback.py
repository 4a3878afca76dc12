"""Plays a video: frames with sound, frame by frame, scrubbed, or with the changed faces in it. Knows no window.

All verbs return at once and are called on the loop's thread; what they lead to is told by the three callbacks. At any
time at most one run plays and at most one frame is fetched for a player that stands.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from faceswap_desktop.domain.errors import Cancelled, FaceSwapError
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.video import FrameRange, FrameTimes
from faceswap_desktop.services.playback_clock import SoundOut
from faceswap_desktop.services.playback_runs import Clip, Errands, FrameSource, PlayRun, RateMeter, RenderedRun, Sleep
from faceswap_desktop.services.videos import ShownFrame

_STILL_EDGE_PX: Final = 1920


@dataclass(frozen=True, slots=True)
class PlayerState:
    """How a player stands.

    Attributes:
        frame: Number of the frame that is wanted, or was shown last while it plays.
        is_playing: Whether frames follow each other.
        is_rendered: Whether they have the changed faces in them.
        loops: Whether it begins again at the end.
        per_second: Frames per second that were really shown lately; None while that cannot be told.
    """

    frame: int = 0
    is_playing: bool = False
    is_rendered: bool = False
    loops: bool = False
    per_second: float | None = None


class Player:
    """Plays one clip at a time.

    Attributes:
        on_frame: Called with every frame to be shown, and whether the changed faces are in it.
        on_state: Called when the state has changed.
        on_error: Called when frames cannot be had any more.
        play_edge: Longest side of frames while playing, in pixels: as large as they are seen.
        still_edge: Longest side of a frame that stands.
    """

    def __init__(
        self,
        source: FrameSource,
        *,
        make_sound: Callable[[], SoundOut | None] = lambda: None,
        now: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """Make a player without a clip.

        Args:
            source: Where frames and sound come from.
            make_sound: Called when a clip with sound is played for the first time; None for no device.
            now: The computer's clock, in seconds.
            sleep: Waiting by it.
        """
        self._source = source
        self._make_sound = make_sound
        self._sound: SoundOut | None = None
        self._is_sound_made = False
        self._now = now
        self._sleep = sleep
        self._errands = Errands()
        self._tasks: set[asyncio.Task[None]] = set()
        self._clip: Clip | None = None
        self._trim: FrameRange | None = None
        self._marks: tuple[int, ...] = ()
        self._state = PlayerState()
        self._playing: asyncio.Task[None] | None = None
        self._still: asyncio.Task[None] | None = None
        self._wish: int | None = None
        self._meter = RateMeter()
        self.play_edge = self.still_edge = _STILL_EDGE_PX
        self.on_frame: Callable[[ShownFrame, bool], None] = lambda frame, is_rendered: None
        self.on_state: Callable[[PlayerState], None] = lambda state: None
        self.on_error: Callable[[FaceSwapError], None] = lambda error: None

    # What stands

    @property
    def state(self) -> PlayerState:
        """How it stands."""
        return self._state

    @property
    def media(self) -> Media | None:
        """The clip; None without one."""
        return self._clip.media if self._clip is not None else None

    @property
    def is_busy(self) -> bool:
        """Whether it plays or fetches the frame it stands at; other requests would be in its way."""
        return self._state.is_playing or self._still is not None

    def open(self, media: Media, times: FrameTimes, frame: int = 0) -> None:
        """Take a clip, stand at one of its frames and show it."""
        self.leave()
        self._clip = Clip(media, times)
        self._set(frame=self._within(frame))
        self._show_still()

    def leave(self) -> None:
        """Put the clip away; nothing of it is shown any more."""
        self._stop()
        if self._still is not None:
            self._still.cancel()
            self._still = None
        self._wish = None
        self._clip, self._trim, self._marks = None, None, ()
        self._set(frame=0, is_playing=False, is_rendered=False, per_second=None)

    async def close(self) -> None:
        """Put the clip away and wait until nothing is left of it."""
        self.leave()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._errands.close()

    def set_trim(self, trim: FrameRange | None) -> None:
        """Say between which points playing ends, and loops; None for the whole clip."""
        self._trim = trim

    def set_marks(self, marks: Sequence[int]) -> None:
        """Say between which frames ``next_mark`` and ``previous_mark`` go: cuts, and where persons come and leave."""
        self._marks = tuple(sorted(set(marks)))

    def set_loops(self, loops: bool) -> None:
        """Begin again at the end, or stop there."""
        self._set(loops=loops)

    # Playing

    def play(self) -> None:
        """Play from where it stands; from the start if it stands at the end."""
        if self._clip is not None and self._clip.frames:
            self._begin(self._play_clip)

    def play_rendered(self, recipe: Recipe) -> None:
        """Play with the changed faces, as fast as they can be made; from the in point where one stands outside."""
        if self._clip is not None and self._clip.frames:
            if self._trim is not None and self._state.frame not in self._trim:
                self._set(frame=self._within(self._trim.first))
            self._begin(lambda clip, at: self._play_rendered(clip, at, recipe), is_rendered=True)

    def pause(self) -> None:
        """Stand at the frame that was shown last."""
        if self._state.is_playing:
            self._stop()
            self._set(is_playing=False, is_rendered=False, per_second=None)
            self._show_still()

    def toggle(self) -> None:
        """Play, or pause."""
        self.pause() if self._state.is_playing else self.play()

    # Going somewhere

    def seek(self, frame: int) -> None:
        """Stand at a frame, or play on from there. Of many wishes the newest is fulfilled exactly."""
        if self._clip is None:
            return
        frame = self._within(frame)
        if self._state.is_playing and not self._state.is_rendered:
            self._set(frame=frame)
            self._begin(self._play_clip)
            return
        self.pause()
        if frame != self._state.frame or self._wish is not None:
            self._set(frame=frame)
            self._show_still()

    def step(self, by: int) -> None:
        """Pause and go so many frames on."""
        self.pause()
        self.seek(self._state.frame + by)

    def jump(self, seconds: float) -> None:
        """Go so many seconds on, or back."""
        if self._clip is not None:
            times = self._clip.times
            self.seek(times.frame_at(times.of(self._state.frame) + seconds))

    def go_in(self) -> None:
        """Go to the in point, or the first frame."""
        self.seek(self._trim.first if self._trim is not None else 0)

    def go_out(self) -> None:
        """Go to the last frame before the out point, or of the clip."""
        if self._clip is not None:
            self.seek((self._trim.end if self._trim is not None else self._clip.frames) - 1)

    def next_mark(self) -> None:
        """Go to the next cut, or where somebody comes or leaves."""
        place = bisect_right(self._marks, self._state.frame)
        if place < len(self._marks):
            self.seek(self._marks[place])

    def previous_mark(self) -> None:
        """Go to the mark before."""
        place = bisect_left(self._marks, self._state.frame)
        if place > 0:
            self.seek(self._marks[place - 1])

    # Inside

    def _within(self, frame: int) -> int:
        return min(max(0, frame), self._clip.frames - 1) if self._clip is not None and self._clip.frames else 0

    def _set(self, **changes: Any) -> None:
        changed = replace(self._state, **changes)
        if changed != self._state:
            self._state = changed
            self.on_state(changed)

    def _stop(self) -> None:
        if self._playing is not None:
            self._playing.cancel()
            self._playing = None

    def _begin(self, work: Callable[[Clip, int], Coroutine[Any, Any, None]], *, is_rendered: bool = False) -> None:
        clip = self._clip
        if clip is None:
            return
        self._stop()
        if self._still is not None:
            self._still.cancel()
            self._still = None
        self._wish = None
        self._meter = RateMeter()
        self._playing = self._spawn(self._until_end(work, clip, self._first_to_play(clip)))
        self._set(is_playing=True, is_rendered=is_rendered, per_second=None)

    def _first_to_play(self, clip: Clip) -> int:
        frame, last = self._state.frame, (self._trim.end if self._trim is not None else clip.frames) - 1
        return self._first() if frame in {last, clip.frames - 1} else frame

    def _first(self) -> int:
        return self._trim.first if self._trim is not None else 0

    def _range_from(self, clip: Clip, frame: int) -> FrameRange:
        """Return what is played from a frame on: to the out point, or to the end if it lies behind that."""
        end = self._trim.end if self._trim is not None and frame < self._trim.end else clip.frames
        return FrameRange(frame, max(end, frame + 1))

    async def _play_clip(self, clip: Clip, frame: int) -> None:
        while True:
            sound = self._sound_for(clip)
            run = PlayRun(
                self._source,
                clip,
                self._range_from(clip, frame),
                self.play_edge,
                sound,
                self._show_played,
                self._now,
                self._sleep,
                self._errands,
            )
            await run.play()
            if not self._state.loops:
                return
            frame = self._first()

    async def _play_rendered(self, clip: Clip, frame: int, recipe: Recipe) -> None:
        while True:
            run = RenderedRun(
                self._source,
                clip,
                recipe,
                self._range_from(clip, frame),
                self.play_edge,
                self._show_rendered,
                self._now,
                self._sleep,
                self._errands,
            )
            await run.play()
            if not self._state.loops:
                return
            frame = self._first()

    async def _until_end(self, work: Callable[[Clip, int], Coroutine[Any, Any, None]], clip: Clip, frame: int) -> None:
        mine = asyncio.current_task()
        error: FaceSwapError | None = None
        try:
            # Whoever jumps about while it plays must not leave a row of requests behind.
            await self._errands.settled()
            await work(clip, frame)
        except Cancelled:
            pass
        except FaceSwapError as caught:
            error = caught
        if self._playing is mine:
            self._playing = None
            self.pause()
            if error is not None:
                self.on_error(error)

    def _show_played(self, frame: ShownFrame) -> None:
        self._show(frame, is_rendered=False)

    def _show_rendered(self, frame: ShownFrame) -> None:
        self._show(frame, is_rendered=True)

    def _show(self, frame: ShownFrame, *, is_rendered: bool) -> None:
        self._meter.add(self._now())
        self.on_frame(frame, is_rendered)
        self._set(frame=frame.number, per_second=self._meter.per_second)

    def _sound_for(self, clip: Clip) -> SoundOut | None:
        if clip.has_sound and not self._is_sound_made:
            self._is_sound_made = True
            self._sound = self._make_sound()
        return self._sound if clip.has_sound else None

    def _show_still(self) -> None:
        self._wish = self._state.frame
        if self._still is None and self._clip is not None and self._clip.frames:
            self._still = self._spawn(self._fetch_wishes(self._clip))

    async def _fetch_wishes(self, clip: Clip) -> None:
        # One at a time: what arrives is shown although a newer wish waits, so that the eye can follow.
        mine = asyncio.current_task()
        try:
            while (wish := self._wish) is not None:
                work = self._source.frames(clip.media, (wish,), max_edge=self.still_edge)
                found = await self._errands.wait(work)
                if self._wish == wish:
                    self._wish = None
                for frame in found:
                    self.on_frame(frame, False)
        except Cancelled:
            pass
        except FaceSwapError as error:
            self._wish = None
            self.on_error(error)
        finally:
            if self._still is mine:
                self._still = None

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            asyncio.get_running_loop().call_exception_handler(
                {"message": "A video could not be played", "exception": error, "task": task}
            )


__all__ = ["Player", "PlayerState", "SoundOut"]
