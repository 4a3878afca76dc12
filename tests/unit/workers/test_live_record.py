"""Recordings of what everybody sees: pictures at their times, sound in step, whatever disk and microphone do."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from faceswap_desktop.domain.errors import Cancelled, FaceSwapError, StorageError
from faceswap_desktop.domain.live import SOUND_RATE, PanicPicture
from faceswap_desktop.domain.messages import message
from faceswap_desktop.workers import live_record
from faceswap_desktop.workers.live_boxes import LiveBoxes
from faceswap_desktop.workers.live_hush import Hush
from faceswap_desktop.workers.live_record import record
from faceswap_desktop.workers.live_requests import RecordedSoFar, RecordLive

SIZE = 64, 48
WHITE, GREY = 230, 60
_TICK_NS = 20_000_000


class Told:
    """What a task is given, as far as it is used here."""

    def __init__(self) -> None:
        self.stop_event = threading.Event()
        self.updates: list[RecordedSoFar] = []

    def report(self, fraction: float, step: str, payload: object | None = None) -> None:
        del fraction, step
        if self.stop_event.is_set():
            raise Cancelled(message("Cancelled."))
        assert isinstance(payload, RecordedSoFar)
        self.updates.append(payload)


@pytest.fixture
def boxes() -> Iterator[LiveBoxes]:
    made = LiveBoxes(os.getpid(), 128 * 128)
    yield made
    made.close()


class Recording:
    """A recorder on a thread of its own."""

    def __init__(self, boxes: LiveBoxes, path: Path, *, with_sound: bool = False, per_second: float = 60.0) -> None:
        self.told, self.path = Told(), path
        self.done: RecordedSoFar | None = None
        self.error: Exception | None = None
        self._request = RecordLive(boxes.names, str(path), *SIZE, per_second, with_sound)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        told: Any = self.told
        try:
            self.done = record(self._request, told)
        except FaceSwapError as error:
            self.error = error

    def stop(self) -> RecordedSoFar:
        self.told.stop_event.set()
        self._thread.join(60)
        assert self.error is None, self.error
        assert self.done is not None
        return self.done

    def wait_until(self, condition: Any) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline
            assert self._thread.is_alive() or self.error is not None
            time.sleep(0.002)


def show(boxes: LiveBoxes, value: int, size: tuple[int, int] = SIZE, taken_ns: int = 0) -> None:
    when = taken_ns or time.monotonic_ns()
    number = boxes.camera.write(bytes(3 * size[0] * size[1]), *size, when)
    boxes.picture.write(bytes([value]) * (3 * size[0] * size[1]), *size, when, number)


def pictures_in(path: Path) -> list[tuple[float, float]]:
    """Time and brightness of every picture of a file."""
    with av.open(str(path)) as container:
        return [
            (float(frame.pts * frame.time_base), float(frame.to_ndarray(format="gray").mean()))
            for frame in container.decode(video=0)
            if frame.pts is not None and frame.time_base is not None
        ]


def sound_in(path: Path) -> tuple[float, np.ndarray[Any, Any]]:
    """When a file's sound begins, and its samples of one channel."""
    parts, start = [], None
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            if start is None:
                start = float(frame.pts * frame.time_base) if frame.pts is not None and frame.time_base else 0.0
            parts.append(frame.to_ndarray()[0])
    return start or 0.0, np.concatenate(parts)


class Clock:
    """Time that goes on only when the recorder has looked: how busy the machine is does not matter."""

    def __init__(self) -> None:
        self.now, self.looks = 1_000_000_000, 0

    def monotonic_ns(self) -> int:
        self.looks += 1
        return self.now

    @staticmethod
    def monotonic() -> float:
        return time.monotonic()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(live_record, "time", made)
    monkeypatch.setattr(live_record, "_LOOK_S", 0.001)
    return made


def play(
    boxes: LiveBoxes, recording: Recording, clock: Clock, ticks: int, *, lost: range = range(0), drift: float = 1.0
) -> None:
    """Let a camera flash while a microphone hears a beep, a tenth of a second each half second.

    Args:
        boxes: Where they go.
        recording: Waited for at each tick.
        clock: Put forward by 20 ms a tick.
        ticks: How many.
        lost: Ticks in which the microphone says nothing.
        drift: Speed of the microphone's clock.
    """
    begun, heard = clock.now, 0
    for tick in range(ticks):
        is_on = tick % 25 < 5 and tick >= 10
        show(boxes, WHITE if is_on else GREY, taken_ns=clock.now)
        count = round((tick + 1) * _TICK_NS * SOUND_RATE * drift / 1e9) - heard
        heard += count
        if tick not in lost:
            tone = 12_000 * np.sin(np.arange(count) * (2 * np.pi * 1000 / SOUND_RATE)) * is_on
            boxes.sound.write(np.repeat(tone.astype("<i2"), 2).tobytes(), clock.now)
        clock.now = begun + (tick + 1) * _TICK_NS
        looks = clock.looks
        recording.wait_until(lambda wanted=looks + 12: clock.looks >= wanted)


def flashes(path: Path) -> list[float]:
    """When the picture becomes bright."""
    found, was_on = [], False
    for when, brightness in pictures_in(path):
        is_on = brightness > (WHITE + GREY) / 2
        if is_on and not was_on:
            found.append(when)
        was_on = is_on
    return found


def beeps(path: Path) -> list[float]:
    """When the sound becomes loud."""
    start, wave = sound_in(path)
    loud = np.abs(wave) > 0.1
    # The crossings of a tone are quiet too: what is loud within 3 ms is one beep.
    window = SOUND_RATE * 3 // 1000
    held = np.convolve(loud, np.ones(window))[: len(loud)] > 0
    return [start + place / SOUND_RATE for place in np.flatnonzero(held[1:] & ~held[:-1]) + 1]


@pytest.mark.parametrize("drift", [1.0, 1.01, 0.99])
def test_sound_and_picture_are_in_step_also_where_the_microphones_clock_goes_wrong(
    boxes: LiveBoxes, tmp_path: Path, clock: Clock, drift: float
) -> None:
    show(boxes, GREY, taken_ns=clock.now)
    recording = Recording(boxes, tmp_path / "take.mkv", with_sound=True)
    play(boxes, recording, clock, 300, drift=drift)
    so_far = recording.stop()
    lights, tones = flashes(recording.path), beeps(recording.path)
    assert len(lights) >= 10
    for light in lights:
        assert min(abs(tone - light) for tone in tones) <= 0.040, (lights, tones)
    assert so_far.frames == len(pictures_in(recording.path))
    assert so_far.silence_s == 0.0


def test_a_lost_microphone_leaves_silence_and_what_follows_is_in_step(
    boxes: LiveBoxes, tmp_path: Path, clock: Clock
) -> None:
    show(boxes, GREY, taken_ns=clock.now)
    recording = Recording(boxes, tmp_path / "take.mkv", with_sound=True)
    play(boxes, recording, clock, 250, lost=range(70, 145))
    so_far = recording.stop()
    lights, tones = flashes(recording.path), beeps(recording.path)
    late = [light for light in lights if light > 3.0]
    assert late
    for light in late:
        assert min(abs(tone - light) for tone in tones) <= 0.040, (lights, tones)
    assert so_far.silence_s == pytest.approx(1.5, abs=0.1)
    start, wave = sound_in(recording.path)
    assert start + len(wave) / SOUND_RATE == pytest.approx(pictures_in(recording.path)[-1][0], abs=0.05)


@pytest.mark.parametrize(
    ("panic", "is_frozen", "is_refused", "is_heard"),
    [
        (PanicPicture.BLACK, False, False, False),
        (PanicPicture.CARD, True, False, False),
        (PanicPicture.CAMERA, False, True, False),
        (PanicPicture.CAMERA, False, False, True),
        (None, True, False, True),
    ],
)
def test_who_is_not_seen_by_panic_is_not_heard_either(
    boxes: LiveBoxes,
    tmp_path: Path,
    clock: Clock,
    panic: PanicPicture | None,
    is_frozen: bool,
    is_refused: bool,
    is_heard: bool,
) -> None:
    show(boxes, GREY, taken_ns=clock.now)
    began = clock.now
    recording = Recording(boxes, tmp_path / "take.mkv", with_sound=True)
    play(boxes, recording, clock, 100)
    boxes.switch.panic, boxes.switch.is_frozen, boxes.switch.is_refused = panic, is_frozen, is_refused
    pressed = (clock.now - began) / 1e9
    play(boxes, recording, clock, 100)
    boxes.switch.panic, boxes.switch.is_frozen, boxes.switch.is_refused = None, False, False
    released = (clock.now - began) / 1e9
    play(boxes, recording, clock, 100)
    so_far = recording.stop()
    start, wave = sound_in(recording.path)
    loudness = [
        float(np.abs(wave[int((first - start) * SOUND_RATE) : int((last - start) * SOUND_RATE)]).max())
        for first, last in ((0.2, pressed), (pressed, released), (released + 0.1, released + 1.9))
    ]
    assert loudness[0] > 0.1
    assert loudness[2] > 0.1, "it is heard again"
    assert (loudness[1] > 0.1) is is_heard
    if not is_heard:
        assert loudness[1] < 0.01
    assert so_far.silence_s == 0.0, "no microphone is to blame"


def test_sound_that_comes_late_is_silent_where_the_key_was_pressed_meanwhile() -> None:
    hush, ms = Hush(), 1_000_000
    hush.look(1000 * ms, 1001 * ms, is_silent=False)
    hush.look(1200 * ms, 1201 * ms, is_silent=True)
    hush.look(1400 * ms, 1401 * ms, is_silent=False)
    sound = np.full((SOUND_RATE, 2), 1000, "<i2").tobytes()
    heard = np.frombuffer(hush.over(sound, 800 * ms), "<i2").reshape(-1, 2)[:, 0]
    is_quiet = np.flatnonzero(heard == 0) / SOUND_RATE
    assert is_quiet[0] == pytest.approx(0.15, abs=0.001), "from the last look at which all was well"
    assert is_quiet[-1] == pytest.approx(0.651, abs=0.001)
    assert len(is_quiet) == pytest.approx(0.501 * SOUND_RATE, abs=50)
    assert hush.over(sound, 2000 * ms) == sound


def test_pictures_keep_their_times_and_colours(boxes: LiveBoxes, tmp_path: Path) -> None:
    # Ahead of the clock, so that none of them stands long enough to be written again.
    base = time.monotonic_ns() + 3600 * 1_000_000_000
    show(boxes, 50, taken_ns=base)
    recording = Recording(boxes, tmp_path / "take.mkv")
    for number, ms in enumerate((0, 40, 110, 130)):
        if number:
            show(boxes, 50 * (number + 1), taken_ns=base + ms * 1_000_000)
        recording.wait_until(lambda wanted=number + 1: recording_frames(recording) >= wanted)
    recording.stop()
    times = [round(when * 1000) for when, _ in pictures_in(recording.path)][:4]
    assert times == [0, 40, 110, 130]
    with av.open(str(recording.path)) as container:
        track = container.streams.video[0]
        frame = next(container.decode(video=0))
        assert track.codec_context.name == "h264"
        assert (frame.color_range, frame.colorspace) == (1, 1)
        assert abs(int(frame.to_ndarray(format="rgb24").mean()) - 50) <= 2
        assert container.duration is not None


def recording_frames(recording: Recording) -> int:
    return max((one.frames for one in recording.told.updates), default=0)


def test_another_size_is_fitted_with_bars(boxes: LiveBoxes, tmp_path: Path) -> None:
    show(boxes, 200, (48, 48))
    recording = Recording(boxes, tmp_path / "take.mkv")
    recording.wait_until(lambda: recording_frames(recording) >= 1)
    recording.stop()
    with av.open(str(recording.path)) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="gray")
    assert picture.shape == (SIZE[1], SIZE[0])
    assert picture[:, :6].mean() < 25
    assert picture[:, -6:].mean() < 25
    assert picture[:, 20:44].mean() > 180


def test_panic_is_recorded_and_what_stands_goes_on(boxes: LiveBoxes, tmp_path: Path) -> None:
    show(boxes, 200)
    recording = Recording(boxes, tmp_path / "take.mkv")
    recording.wait_until(lambda: recording_frames(recording) >= 1)
    boxes.switch.panic = PanicPicture.BLACK
    recording.wait_until(lambda: recording.told.updates[-1].seconds > 1.5)
    recording.stop()
    shown = pictures_in(recording.path)
    assert shown[0][1] > 180
    assert all(brightness < 25 for when, brightness in shown if when > 1.0)
    assert len(shown) >= 4, "a picture that stands is written again and again"


def test_pictures_that_come_too_fast_are_left_out_and_not_called_missed(boxes: LiveBoxes, tmp_path: Path) -> None:
    recording = Recording(boxes, tmp_path / "take.mkv", per_second=5)
    base = time.monotonic_ns()
    for ms in range(0, 1000, 20):
        show(boxes, 100, taken_ns=base + ms * 1_000_000)
        time.sleep(0.006)
    so_far = recording.stop()
    assert so_far.frames <= 10
    assert so_far.dropped < 40


def test_a_session_that_is_over_ends_it_with_a_whole_file(boxes: LiveBoxes, tmp_path: Path) -> None:
    show(boxes, 100)
    recording = Recording(boxes, tmp_path / "take.mkv")
    recording.wait_until(lambda: recording_frames(recording) >= 1)
    boxes.switch.is_over = True
    assert recording.stop().frames >= 1
    assert pictures_in(recording.path)


def test_nothing_seen_is_no_file(boxes: LiveBoxes, tmp_path: Path) -> None:
    boxes.switch.is_over = True
    recording = Recording(boxes, tmp_path / "take.mkv")
    assert recording.stop() == RecordedSoFar(0.0, 0, 0, 0)
    assert not recording.path.exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_ends_it_and_says_so(boxes: LiveBoxes, tmp_path: Path) -> None:
    path = tmp_path / "take.mkv"
    path.symlink_to("/dev/full")
    show(boxes, 100)
    recording = Recording(boxes, path)
    recording.wait_until(lambda: recording.error is not None)
    assert isinstance(recording.error, StorageError)
    assert recording.error.kind == "disk-full"


def test_it_ends_before_the_disk_is_full(boxes: LiveBoxes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faceswap_desktop.workers.live_record.LEAST_ROOM_BYTES", 1 << 62)
    show(boxes, 100)
    recording = Recording(boxes, tmp_path / "take.mkv")
    recording.wait_until(lambda: recording.error is not None)
    assert isinstance(recording.error, StorageError)
    assert recording.error.kind == "disk-full"


@pytest.mark.skipif(os.name == "nt", reason="Windows removes no file that is written to")
def test_a_recording_that_is_erased_ends(boxes: LiveBoxes, tmp_path: Path) -> None:
    show(boxes, 100)
    recording = Recording(boxes, tmp_path / "take.mkv")
    recording.wait_until(recording.path.exists)
    recording.path.unlink()
    recording.wait_until(lambda: recording.error is not None)
    assert isinstance(recording.error, StorageError)
    assert recording.error.kind == "recording-gone"
    assert not recording.path.exists()


_ANOTHER_PROCESS = """
import sys, threading
from faceswap_desktop.workers import live_record
from faceswap_desktop.workers.live_boxes import BoxNames
from faceswap_desktop.workers.live_requests import RecordLive

class Told:
    stop_event = threading.Event()
    def report(self, fraction, step, payload):
        print(payload.frames, flush=True)

live_record._TELL_S = 0.0
names = BoxNames(*sys.argv[2:])
live_record.record(RecordLive(names, sys.argv[1], 64, 48, 30.0, False), Told())
"""


def test_a_kill_costs_no_more_than_the_last_second_or_two(boxes: LiveBoxes, tmp_path: Path) -> None:
    path, base = tmp_path / "take.mkv", time.monotonic_ns() + 3600 * 1_000_000_000
    show(boxes, 1, taken_ns=base)
    process = subprocess.Popen(
        [sys.executable, "-c", _ANOTHER_PROCESS, str(path), *astuple(boxes.names)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for number in range(1, 150):
        while int(process.stdout.readline()) < number:
            pass
        show(boxes, 1 + number, taken_ns=base + number * 40_000_000)
    process.kill()
    process.communicate()
    times = [when for when, _ in pictures_in(path)]
    assert times == sorted(times)
    assert times[-1] > 149 * 0.040 - 2.0
