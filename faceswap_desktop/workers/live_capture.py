"""Task ``live_capture``: a video file or a picture in a camera's place.

A video is played at its own pace, again and again. Where decoding is late, frames are left out; where it stays late,
the clock is set back: nothing ever queues. Its sound flows at the pace of the clock, so that a recording of it has no
gaps.
"""

from __future__ import annotations

import contextlib
import time
from typing import Final

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.live import SOUND_RATE, CaptureEvent
from faceswap_desktop.domain.media import MediaKind
from faceswap_desktop.domain.video import VideoFacts
from faceswap_desktop.media import refusals
from faceswap_desktop.media.colour import Pixels, to_display
from faceswap_desktop.media.encode import flatten_on_white
from faceswap_desktop.media.kind import kind_of
from faceswap_desktop.media.motion import MovingStill
from faceswap_desktop.media.video.playing import VideoPlay
from faceswap_desktop.media.video.probing import Probed, probe_video
from faceswap_desktop.media.video.sound import SoundReader
from faceswap_desktop.workers.boxes import FrameBox
from faceswap_desktop.workers.live_boxes import SoundBox, SwitchBox
from faceswap_desktop.workers.live_requests import CaptureFile
from faceswap_desktop.workers.live_stage import FileGone, FileWatch, SessionOver, Stage, fitted, gone, rate_of
from faceswap_desktop.workers.pictures import forget_kept, open_kept
from faceswap_desktop.workers.process import TaskContext

LOST_PATIENCE_S: Final = 3.0
"""So long a file that is gone is waited for: saving it anew takes it away for a moment."""
_RETRY_NS: Final = 250_000_000
_REPEAT_NS: Final = 250_000_000
"""A frame that stands longer is given again: who looks takes silence for a camera that hangs."""
_TOO_LATE_NS: Final = 500_000_000
_SPARED: Final = 1.5
"""While decoding is late, a frame is given again after so many times as long as one stands."""
_SOUND_NS: Final = 20_000_000
_SOUND_GAP_NS: Final = 3_000_000_000
"""After a longer halt, as of a computer that slept, its sound is not made up for."""
_LARGE_PIXELS: Final = 1920 * 1088
"""Larger frames are decoded with as many threads as there are."""
_MOST_THREADS: Final = 4


def capture_file(request: CaptureFile, context: TaskContext) -> None:
    """Play a file into a session's boxes until it is stopped, the session is over, or the file is gone for good.

    Raises:
        InputRefused: It cannot be opened.
        Cancelled: It was stopped.
    """
    with contextlib.ExitStack() as opened:
        try:
            camera = opened.enter_context(FrameBox(request.boxes.camera))
            switch = opened.enter_context(SwitchBox(request.boxes.switch))
            sound = opened.enter_context(SoundBox(request.boxes.sound))
        except FileNotFoundError:
            return
        stage = Stage(request, context, camera, switch)
        with contextlib.suppress(SessionOver):
            if kind_of(request.path) is MediaKind.VIDEO:
                _play_for_ever(request, stage, sound, min(context.threads, _MOST_THREADS))
            else:
                _move(request, stage)


# ------------------------------------------------------------------------------------------------------------ picture


def _move(request: CaptureFile, stage: Stage) -> None:
    picture, _ = open_kept(request.path, max_pixels=request.max_pixels)
    pixels = picture.pixels if picture.alpha is None else flatten_on_white(picture.pixels, picture.alpha)
    pixels = to_display(pixels, picture.icc_profile)
    forget_kept()
    _move_pixels(pixels, request, stage)


def _move_pixels(pixels: Pixels, request: CaptureFile, stage: Stage) -> None:
    height, width = pixels.shape[:2]
    moving, rate = MovingStill(pixels, *fitted(width, height, request.wish)), rate_of(request.wish)
    del pixels
    start = stage.check()
    number = 0
    while True:
        now = stage.wait_until(start + round(number * 1e9 / rate))
        seconds = (now - start) / 1e9
        stage.write(moving.at(seconds), rate, now)
        # Frames whose time has passed while this one was made are left out.
        number = max(number + 1, int((time.monotonic_ns() - start) * rate / 1e9))


# -------------------------------------------------------------------------------------------------------------- video


def _play_for_ever(request: CaptureFile, stage: Stage, sound: SoundBox, threads: int) -> None:
    watch = FileWatch(request.path)
    probed = probe_video(request.path, max_pixels=request.max_pixels)
    player = _Player(request, stage, sound, probed, watch, threads)
    while True:
        try:
            player.play()
        except FileGone as trouble:
            stage.tell_gone(CaptureEvent.LOST, trouble.text)
        try:
            probed, watch = _wait_for(request, stage)
            player = _Player(request, stage, sound, probed, watch, threads)
        except InputRefused as error:
            stage.tell_gone(CaptureEvent.FAILED, error.message)
            return


def _wait_for(request: CaptureFile, stage: Stage) -> tuple[Probed, FileWatch]:
    """Wait for a file to come back.

    Raises:
        InputRefused: It did not.
    """
    until = stage.check() + round(LOST_PATIENCE_S * 1e9)
    while True:
        try:
            watch = FileWatch(request.path)
            return probe_video(request.path, max_pixels=request.max_pixels), watch
        except InputRefused:
            if stage.check() >= until:
                raise
        stage.wait_until(time.monotonic_ns() + _RETRY_NS)


class _Player:
    """One file, from when it was found until it is gone."""

    def __init__(
        self, request: CaptureFile, stage: Stage, sound: SoundBox, probed: Probed, watch: FileWatch, threads: int
    ) -> None:
        facts = probed.media.video
        assert facts is not None
        self._request = request
        self._stage = stage
        self._watch = watch
        self._rotation = facts.rotation
        is_large = facts.coded_width * facts.coded_height > _LARGE_PIXELS
        self._video = VideoPlay(request.path, facts.frames_per_second, threads=threads if is_large else 1)
        self._rate = min(rate_of(request.wish), 1 / self._video.step_s)
        self._sound = _Sound(request.path, sound) if _has_sound(facts) else None
        self._start_ns = 0
        """When the first frame of this play was due."""
        self._wanted_s = 0.0
        """From this time on a frame is taken: others come faster than is wished."""

    def play(self) -> None:
        """Play it again and again; returns when the file is another one now.

        Raises:
            FileGone: It cannot be read on.
        """
        try:
            self._start_ns = self._stage.check()
            while True:
                seconds, frames = self._once()
                if frames == 1:
                    self._play_single()
                self._watch.look()
                if not frames:
                    raise gone(refusals.no_frames(self._request.path))
                self._wait_until(self._start_ns + round(seconds * 1e9))
                if self._watch.is_changed:
                    return
                self._start_ns += round(seconds * 1e9)
        except InputRefused as error:
            raise gone(error) from error
        finally:
            if self._sound is not None:
                self._sound.close()

    def _play_single(self) -> None:
        """Move a video that has one frame like a picture."""
        with contextlib.closing(self._video.frames()) as frames:
            pixels = [self._stage.rgb(frame, self._rotation, self._video.pixel_shape) for _, frame in frames]
        if pixels:
            _move_pixels(pixels[0], self._request, self._stage)

    def _once(self) -> tuple[float, int]:
        """Play it once; return how long it is in seconds, and how many frames came."""
        seconds, count = 0.0, 0
        self._wanted_s = 0.0
        with contextlib.closing(self._video.frames()) as frames:
            for seconds, frame in frames:
                count += 1
                # A frame may come a little before its turn: times in files are rounded.
                if seconds + 0.4 * self._video.step_s < self._wanted_s and count > 1:
                    continue
                self._wanted_s = max(self._wanted_s + 1 / self._rate, seconds)
                if not self._is_dropped(seconds):
                    pixels = self._stage.rgb(frame, self._rotation, self._video.pixel_shape)
                    now = self._wait_until(self._start_ns + round(seconds * 1e9))
                    self._stage.write(pixels, self._rate, now)
                self._watch.look(time.monotonic_ns())
        return seconds + self._video.step_s, count

    def _is_dropped(self, seconds: float) -> bool:
        """Whether a frame is too late to be given; sets the clock back where that is so all the time."""
        now = self._stage.check()
        late = now - self._start_ns - round(seconds * 1e9)
        if late > _TOO_LATE_NS:
            self._start_ns += late
            return False
        self._video.is_hurried = late > 1e9 * self._video.step_s
        # While it catches up, some are given all the same: the picture must not stand still.
        return late > 1e9 / self._rate and now - self._stage.written_ns < _SPARED * 1e9 / self._rate

    def _wait_until(self, due_ns: int) -> int:
        """Wait for a time, with the sound flowing and the last frame given again now and then."""
        while True:
            again_ns = self._stage.written_ns + _REPEAT_NS if self._stage.written_ns else due_ns
            now = self._stage.wait_until(min(due_ns, again_ns))
            if self._sound is not None:
                self._sound.flow(self._start_ns, self._video.first_s, now)
            if now >= due_ns:
                return now
            self._stage.again(now)


class _Sound:
    """A file's sound, written as it passes."""

    def __init__(self, path: str, box: SoundBox) -> None:
        self._reader: SoundReader | None = SoundReader(path, 0, SOUND_RATE)
        self._box = box
        self._base_ns = 0
        self._written = 0

    def close(self) -> None:
        """Close the file."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def flow(self, start_ns: int, first_s: float, now_ns: int) -> None:
        """Write what is heard between the last call and now.

        Args:
            start_ns: When the play's first frame was due.
            first_s: That frame's time by the file's clock.
            now_ns: The time.
        """
        at_ns = self._base_ns + self._written * 1_000_000_000 // SOUND_RATE
        if not self._base_ns or now_ns - at_ns > _SOUND_GAP_NS:
            self._base_ns, self._written, at_ns = now_ns, 0, now_ns
        if now_ns - at_ns < _SOUND_NS or self._reader is None:
            return
        count = (now_ns - at_ns) * SOUND_RATE // 1_000_000_000
        try:
            samples = self._reader.read(first_s + (at_ns - start_ns) / 1e9, count / SOUND_RATE)
        except (InputRefused, MemoryError):
            # The picture's side sees whether the file is gone. Damaged tables tell of packets larger than all memory.
            self.close()
            return
        self._box.write(samples, at_ns)
        self._written += count


def _has_sound(facts: VideoFacts) -> bool:
    return bool(facts.audio) and bool(facts.audio[0].codec)
