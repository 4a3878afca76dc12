"""A file in a camera's place: mostly by a clock that only waiting and decoding move, so that minutes take no time."""

from __future__ import annotations

import asyncio
import os
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from faceswap_desktop.domain.errors import Cancelled, InputRefused
from faceswap_desktop.domain.live import SOUND_RATE, CaptureEvent, CaptureNote, CaptureTrouble, Resolution
from faceswap_desktop.media import time_code
from faceswap_desktop.media.motion import PERIOD_S
from faceswap_desktop.media.video.playing import VideoPlay
from faceswap_desktop.workers import live_capture, live_stage
from faceswap_desktop.workers.boxes import FrameBox
from faceswap_desktop.workers.live_boxes import LiveBoxes, SoundBox
from faceswap_desktop.workers.live_capture import capture_file
from faceswap_desktop.workers.live_requests import CaptureFile, CaptureUpdate
from faceswap_desktop.workers.pool import LIVE_MODULES, Lane
from faceswap_desktop.workers.wire import Update
from tests import clips
from tests.numbered import number_in, numbered_picture, write_numbered
from tests.unit.workers.conftest import MakePool
from tests.unit.workers.people import COLLINS, MAX_PIXELS, Listener

Rgb = NDArray[np.uint8]
SIZE: Final = (384, 192)
WISH: Final = Resolution(384, 192, 25.0)
START_NS: Final = 5_000_000_000_000
S: Final = 1_000_000_000


@dataclass
class Clock:
    """Time that passes by waiting only; after ``end_ns`` the task is stopped."""

    end_ns: int
    now: int = START_NS
    errands: dict[int, Callable[[], object]] = field(default_factory=dict)

    def monotonic_ns(self) -> int:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.now += max(1, round(seconds * S))
        return self.is_set()

    def is_set(self) -> bool:
        for due in [due for due in self.errands if due <= self.now]:
            self.errands.pop(due)()
        return self.now >= self.end_ns


@dataclass
class Written:
    """A frame that was written: when, and what."""

    taken_ns: int
    pixels: Rgb

    @property
    def at(self) -> float:
        return (self.taken_ns - START_NS) / S

    @property
    def number(self) -> int:
        return number_in(self.pixels)


class Session:
    """A capture by the test's clock, with everything that it wrote."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.boxes = LiveBoxes(os.getpid(), 1920 * 1080)
        self.listener = Listener(folder)
        self.frames: list[Written] = []
        self.sound: list[tuple[int, NDArray[np.int16]]] = []
        self.clock = Clock(0)
        self._patch = monkeypatch
        for module in (live_stage, live_capture):
            monkeypatch.setattr(module, "time", SimpleNamespace(monotonic_ns=lambda: self.clock.now))
        write, write_sound = FrameBox.write, SoundBox.write

        def note_frame(box: FrameBox, pixels: Any, width: int, height: int, taken_ns: int) -> int:
            copy = np.frombuffer(bytes(pixels), np.uint8).reshape(height, width, 3)
            self.frames.append(Written(taken_ns, copy))
            return write(box, pixels, width, height, taken_ns)

        def note_sound(box: SoundBox, samples: Any, taken_ns: int) -> None:
            self.sound.append((taken_ns, np.frombuffer(bytes(samples), np.int16).reshape(-1, 2)))
            write_sound(box, samples, taken_ns)

        monkeypatch.setattr(FrameBox, "write", note_frame)
        monkeypatch.setattr(SoundBox, "write", note_sound)

    def request(self, path: Path, wish: Resolution = WISH, **changes: Any) -> CaptureFile:
        options: dict[str, Any] = {"is_mirrored": False, "max_pixels": MAX_PIXELS, **changes}
        return CaptureFile(str(path), self.boxes.names, wish, **options)

    def play(
        self,
        path: Path,
        seconds: float,
        wish: Resolution = WISH,
        errands: dict[float, Callable[[], object]] | None = None,
        **changes: Any,
    ) -> None:
        """Play a file for so many seconds by the clock, with things that happen at certain times."""
        self.clock = Clock(START_NS + round(seconds * S))
        self.clock.errands = {START_NS + round(at * S): what for at, what in (errands or {}).items()}
        self.listener.context.stop_event = self.clock  # type: ignore[assignment]
        capture_file(self.request(path, wish, **changes), self.listener.context)

    def play_until_stopped(self, path: Path, seconds: float, wish: Resolution = WISH, **changes: Any) -> None:
        with pytest.raises(Cancelled):
            self.play(path, seconds, wish, **changes)

    @property
    def notes(self) -> list[CaptureNote]:
        return [one.payload.note for one in self.listener.updates if isinstance(one.payload, CaptureUpdate)]

    @property
    def events(self) -> list[CaptureEvent]:
        return [note.event for note in self.notes]

    @property
    def numbers(self) -> list[int]:
        return [frame.number for frame in self.frames]

    def slow_down(self, seconds: float) -> None:
        """Let each frame take so long to decode."""
        frames = VideoPlay.frames

        def slowly(play: VideoPlay) -> Iterator[Any]:
            for one in frames(play):
                self.clock.now += round(seconds * S)
                yield one

        self._patch.setattr(VideoPlay, "frames", slowly)


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    made = Session(tmp_path, monkeypatch)
    yield made
    made.boxes.close()


# -------------------------------------------------------------------------------------------------------------- video


def test_a_video_is_played_at_its_pace_again_and_again(tmp_path: Path, session: Session) -> None:
    session.play_until_stopped(write_numbered(tmp_path / "a.mp4", 25, size=SIZE), 2.5)
    assert session.numbers == [*range(25), *range(25), *range(13)]
    steps = [after.at - before.at for before, after in pairwise(session.frames)]
    assert steps == pytest.approx([0.04] * len(steps), abs=0.001)
    assert session.notes == [CaptureNote(CaptureEvent.STARTED, resolution=Resolution(384, 192, 25.0))]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.webm", {"codec": "libvpx-vp9", "options": {"deadline": "realtime", "cpu-used": "8", "b": "0"}}),
        ("a.mkv", {"options": {"preset": "veryfast", "bf": "3"}}),
        ("a.avi", {"codec": "mpeg4"}),
        ("a.gif", {}),
        ("a.webp", {}),
    ],
)
def test_other_containers(name: str, options: dict[str, Any], tmp_path: Path, session: Session) -> None:
    path = write_numbered(tmp_path / name, 10, size=SIZE, **options)
    session.play_until_stopped(path, 0.79)
    assert session.numbers == [*range(10), *range(10)]


def test_it_is_fitted_into_the_wish_with_its_shape_kept(tmp_path: Path, session: Session) -> None:
    session.play_until_stopped(write_numbered(tmp_path / "a.mp4", 4, size=SIZE), 0.1, Resolution(192, 192, 25))
    assert session.frames[0].pixels.shape == (96, 192, 3)
    assert session.numbers == [0, 1, 2]
    assert session.notes[0].resolution == Resolution(192, 96, 25)


def test_it_is_not_enlarged(tmp_path: Path, session: Session) -> None:
    session.play_until_stopped(write_numbered(tmp_path / "a.mp4", 4), 0.1, Resolution(1280, 720, 25))
    assert session.frames[0].pixels.shape == (96, 192, 3)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_it_stands_upright(rotation: int, tmp_path: Path, session: Session) -> None:
    clip = clips.make_clip(tmp_path / "a.mp4", [clips.one_person(0.2)], size=(96, 160), rotation=rotation)
    session.play_until_stopped(clip.path, 0.1, Resolution(640, 480, 30))
    scene = clips.draw_frame(clips.one_person(0.2), 0.0, (96, 160))[0]
    assert session.frames[0].pixels.shape == (160, 96, 3)
    assert np.abs(session.frames[0].pixels.astype(int) - scene).mean() < 12


def test_it_is_mirrored(tmp_path: Path, session: Session) -> None:
    session.play_until_stopped(write_numbered(tmp_path / "a.mp4", 6, size=SIZE), 0.2, is_mirrored=True)
    assert [number_in(frame.pixels[:, ::-1]) for frame in session.frames] == list(range(6))[: len(session.frames)]
    corners = session.frames[0].pixels[4, [4, -4], 0]
    assert corners[0] < 80
    assert corners[1] > 180


def test_frames_beyond_the_wished_rate_are_left_out(tmp_path: Path, session: Session) -> None:
    path = write_numbered(tmp_path / "a.mp4", 50, size=SIZE, rate=50)
    session.play_until_stopped(path, 2.0, replace(WISH, per_second=20.0))
    assert len(session.frames) == pytest.approx(40, abs=2)
    assert session.notes[0].resolution == Resolution(384, 192, 20.0)
    assert all(0.019 < after.at - before.at < 0.081 for before, after in pairwise(session.frames))


def test_a_frame_that_stands_long_is_given_again(tmp_path: Path, session: Session) -> None:
    path = write_numbered(tmp_path / "a.mkv", 3, size=SIZE, times=[0, 1.6, 2.0])
    session.play_until_stopped(path, 2.0)
    assert session.numbers == [0] * 7 + [1, 1]
    assert max(after.at - before.at for before, after in pairwise(session.frames)) < 0.26


def test_late_decoding_skips_frames_and_keeps_pace(tmp_path: Path, session: Session) -> None:
    path = write_numbered(tmp_path / "a.mp4", 100, size=SIZE, options={"g": "10"})
    session.slow_down(0.05)
    session.play_until_stopped(path, 20.0)
    # Each frame stands for 40 ms and takes 50: it falls behind, and the clock is set back rather than the picture.
    steps = [after.at - before.at for before, after in pairwise(session.frames)]
    assert max(steps) < 0.16
    in_order = [after - before for before, after in pairwise(session.numbers)]
    assert all(step > 0 or after == 0 or step < -50 for step, after in zip(in_order, session.numbers[1:], strict=True))
    assert len(session.frames) > 200


def test_a_halt_is_not_made_up_for(tmp_path: Path, session: Session) -> None:
    def sleep() -> None:
        session.clock.now += 60 * S

    path = write_numbered(tmp_path / "a.mp4", 50, size=SIZE, sound=True)
    session.play_until_stopped(path, 62.0, errands={1.0: sleep})
    assert len(session.frames) < 75
    before, after = max(pairwise(session.frames), key=lambda pair: pair[1].at - pair[0].at)
    assert 59 < after.at - before.at < 61
    assert after.number - before.number in {1, 2}
    assert sum(len(samples) for _, samples in session.sound) / SOUND_RATE < 3


def test_a_video_of_one_frame_is_moved_like_a_picture(tmp_path: Path, session: Session) -> None:
    session.play_until_stopped(write_numbered(tmp_path / "a.mp4", 1, size=SIZE), 3.0)
    assert len(session.frames) > 60
    assert not np.array_equal(session.frames[10].pixels, session.frames[50].pixels)


def test_pixels_that_are_not_square_are_shown_as_they_should(tmp_path: Path, session: Session) -> None:
    import av

    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 360, 288, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(16, 15)
        for number in range(5):
            frame = av.VideoFrame.from_ndarray(np.full((288, 360, 3), 90, np.uint8), format="rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    session.play_until_stopped(path, 0.1, Resolution(1280, 720, 25))
    assert session.frames[0].pixels.shape == (288, 384, 3)


# -------------------------------------------------------------------------------------------------------------- sound


def clicks(session: Session) -> list[float]:
    """Return when clicks are heard, in seconds since the start."""
    found: list[float] = []
    for taken_ns, samples in session.sound:
        for place in np.flatnonzero(np.abs(samples[:, 0].astype(int)) > 12_000):
            at = (taken_ns - START_NS) / S + place / SOUND_RATE
            if not found or at - found[-1] > 0.1:
                found.append(at)
    return found


def test_the_sound_is_in_step_from_loop_to_loop(tmp_path: Path, session: Session) -> None:
    session.play_until_stopped(write_numbered(tmp_path / "a.mp4", 25, size=SIZE, sound=True), 4.0)
    wanted = [loop + half + 0.245 for loop in range(4) for half in (0.0, 0.5)]
    assert clicks(session) == pytest.approx(wanted, abs=0.025)


def test_the_sound_has_no_gaps_and_its_times_fit(tmp_path: Path, session: Session) -> None:
    session.slow_down(0.05)
    session.play_until_stopped(write_numbered(tmp_path / "a.mp4", 50, size=SIZE, sound=True), 10.0)
    for (start, samples), (following, _) in pairwise(session.sound):
        assert following - start == pytest.approx(len(samples) * S / SOUND_RATE, abs=2)
    total = sum(len(samples) for _, samples in session.sound) / SOUND_RATE
    assert total == pytest.approx(10.0, abs=0.3)
    assert session.boxes.sound.written == sum(len(samples) for _, samples in session.sound)


def test_a_silent_video_writes_no_sound(tmp_path: Path, session: Session) -> None:
    session.play_until_stopped(write_numbered(tmp_path / "a.mp4", 5, size=SIZE), 1.0)
    assert session.sound == []


# ------------------------------------------------------------------------------------------------------------ picture


def test_a_picture_moves_gently_for_ever(tmp_path: Path, session: Session) -> None:
    del tmp_path
    session.play_until_stopped(COLLINS, PERIOD_S + 1.0, Resolution(320, 240, 10))
    assert session.notes == [CaptureNote(CaptureEvent.STARTED, resolution=Resolution(240, 240, 10))]
    frames = [frame.pixels.astype(np.int16) for frame in session.frames]
    assert len(frames) == pytest.approx((PERIOD_S + 1) * 10, abs=2)
    steps = [np.abs(after - before).mean() for before, after in pairwise(frames)]
    assert min(steps) > 0
    assert max(steps) < 4 * float(np.median(steps))
    loop = round(PERIOD_S * 10)
    assert np.abs(frames[loop] - frames[0]).mean() < float(np.median(steps))


def test_a_picture_stands_upright_and_within_the_wish(tmp_path: Path, session: Session) -> None:
    path = tmp_path / "turned.jpg"
    sides = np.zeros((100, 200, 3), np.uint8)
    sides[:, :100] = 200  # bright on the left; upright, after a turn with the clock, at the top
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(sides).save(path, exif=exif)
    session.play_until_stopped(path, 0.1, Resolution(1280, 720, 30))
    pixels = session.frames[0].pixels
    assert pixels.shape == (200, 100, 3)
    assert pixels[:80].mean() > 180
    assert pixels[120:].mean() < 20


def test_a_picture_may_be_removed_while_it_is_shown(tmp_path: Path, session: Session) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(COLLINS.read_bytes())
    session.play_until_stopped(path, 3.0, errands={1.0: path.unlink})
    assert session.events == [CaptureEvent.STARTED]


# ---------------------------------------------------------------------------------------------------------- time code


@pytest.mark.parametrize("kind", ["video", "picture"])
def test_the_time_of_each_frame_can_be_read_from_it(kind: str, tmp_path: Path, session: Session) -> None:
    path = write_numbered(tmp_path / "a.mkv", 3, size=SIZE, times=[0, 0.6, 1.0]) if kind == "video" else COLLINS
    session.play_until_stopped(path, 2.0, with_time_code=True)
    for frame in session.frames:
        height, width = frame.pixels.shape[:2]
        assert time_code.read(frame.pixels.tobytes(), width, height) == time_code.code_of(frame.taken_ns)
    assert len({frame.taken_ns for frame in session.frames}) == len(session.frames)


# ---------------------------------------------------------------------------------------------------- what goes wrong


def test_what_is_no_picture_and_no_video_is_refused(tmp_path: Path, session: Session) -> None:
    empty, folder = tmp_path / "empty.mp4", tmp_path / "folder.mp4"
    empty.touch()
    folder.mkdir()
    (tmp_path / "words.mp4").write_text("no video")
    (tmp_path / "words.png").write_text("no picture")
    clips_ = {"empty.mp4": "empty", "folder.mp4": "folder", "words.mp4": "not-a-video", "words.png": "not-a-picture"}
    for name, kind in {**clips_, "none.mp4": "missing", "none.png": "missing"}.items():
        with pytest.raises(InputRefused) as refused:
            session.play(tmp_path / name, 1.0)
        assert refused.value.kind == kind, name
    assert not session.frames
    assert not session.notes


def test_a_file_with_sound_only_is_refused(tmp_path: Path, session: Session) -> None:
    import av

    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("aac", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 48_000), np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 48_000, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(InputRefused) as refused:
        session.play(path, 1.0)
    assert refused.value.kind == "no-picture"


def test_a_file_over_the_limit_is_refused(tmp_path: Path, session: Session) -> None:
    for path in (write_numbered(tmp_path / "a.mp4", 2, size=SIZE), COLLINS):
        with pytest.raises(InputRefused) as refused:
            session.play(path, 1.0, max_pixels=1000)
        assert refused.value.kind == "too-large"


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.gif", "a.webp", "a.png"])
def test_broken_files_are_refused_or_played(name: str, tmp_path: Path, session: Session) -> None:
    if name == "a.png":
        Image.fromarray(numbered_picture(5)).save(tmp_path / name)
    else:
        write_numbered(tmp_path / name, 12, sound=name in {"a.mp4", "a.mkv"})
    whole = (tmp_path / name).read_bytes()
    chance = random.Random(name)
    for number in range(12):
        broken = bytearray(whole)
        for _ in range(chance.choice((1, 8, 64))):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        path = tmp_path / f"{number}{name}"
        path.write_bytes(broken[: chance.choice((len(broken), len(broken) // 2, 100))])
        try:
            session.play(path, 3.5)
        except (InputRefused, Cancelled):
            continue
        # Neither: it could be opened, but not played.
        assert session.events[-1] is CaptureEvent.FAILED


def test_a_file_that_is_removed_is_lost_and_waited_for_and_given_up(tmp_path: Path, session: Session) -> None:
    path = write_numbered(tmp_path / "a.mp4", 25, size=SIZE)
    session.play(path, 60.0, errands={2.2: path.unlink})
    assert session.events == [CaptureEvent.STARTED, CaptureEvent.LOST, CaptureEvent.FAILED]
    lost, failed = session.notes[1:]
    assert (lost.trouble, failed.trouble) == (CaptureTrouble.UNREADABLE, CaptureTrouble.UNREADABLE)
    assert lost.text is not None
    assert "a.mp4" in lost.text.text()
    assert 2.2 < session.frames[-1].at < 3.0
    assert session.clock.now - START_NS < 10 * S


def test_a_file_that_comes_back_is_played_on(tmp_path: Path, session: Session) -> None:
    path = write_numbered(tmp_path / "a.mp4", 25, size=SIZE)
    away = tmp_path / "away.mp4"
    errands = {1.3: lambda: path.rename(away), 3.0: lambda: away.rename(path)}
    session.play_until_stopped(path, 5.0, errands=errands)
    assert session.events == [CaptureEvent.STARTED, CaptureEvent.LOST, CaptureEvent.STARTED]
    assert session.frames[-1].at > 4.9


def test_a_file_that_is_saved_anew_is_played_as_it_is_now(tmp_path: Path, session: Session) -> None:
    path = write_numbered(tmp_path / "a.mp4", 25, size=SIZE)
    before = path.stat()

    def save() -> None:
        write_numbered(tmp_path / "b.mp4", 60, size=SIZE, rate=50, sound=True).replace(path)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + S))

    session.play_until_stopped(path, 3.5, replace(WISH, per_second=50), errands={0.5: save})
    assert session.events == [CaptureEvent.STARTED, CaptureEvent.STARTED]
    assert [note.resolution for note in session.notes] == [Resolution(*SIZE, 25.0), Resolution(*SIZE, 50.0)]
    assert max(session.numbers) == 59
    assert session.sound


def test_a_file_that_is_cut_short_is_lost(tmp_path: Path, session: Session) -> None:
    path = write_numbered(tmp_path / "a.mp4", 100, size=SIZE)
    session.play(path, 60.0, errands={1.0: lambda: os.truncate(path, 900)})
    assert session.events == [CaptureEvent.STARTED, CaptureEvent.LOST, CaptureEvent.FAILED]


# ------------------------------------------------------------------------------------------------------------ the end


def test_it_ends_when_the_session_is_over(tmp_path: Path, session: Session) -> None:
    def end() -> None:
        session.boxes.switch.is_over = True

    for path in (write_numbered(tmp_path / "a.mp4", 25, size=SIZE), COLLINS):
        session.boxes.switch.is_over = False
        session.play(path, 60.0, errands={1.0: end})
        assert 0.9 < session.frames[-1].at < 1.1


def test_it_ends_where_the_boxes_are_gone(tmp_path: Path, session: Session) -> None:
    path = write_numbered(tmp_path / "a.mp4", 5, size=SIZE)
    session.boxes.close()
    session.play(path, 1.0)
    assert session.frames == []


def test_it_gives_signs_of_life(tmp_path: Path, session: Session) -> None:
    session.play_until_stopped(write_numbered(tmp_path / "a.mp4", 25, size=SIZE), 10.0)
    assert len(session.listener.updates) >= 10


async def test_a_process_of_its_own_plays_until_it_is_stopped(tmp_path: Path, make_pool: MakePool) -> None:
    path = write_numbered(tmp_path / "a.mp4", 25, size=SIZE, sound=True)
    pool = await make_pool(task_modules=LIVE_MODULES)
    boxes = LiveBoxes(os.getpid(), SIZE[0] * SIZE[1])
    notes: list[object] = []

    def hear(update: Update) -> None:
        if update.payload is not None:
            notes.append(update.payload)

    request = CaptureFile(str(path), boxes.names, WISH, is_mirrored=False, max_pixels=MAX_PIXELS)
    task = asyncio.create_task(
        pool.run("live_capture", request, lane=Lane.LIVE, on_update=hear, until_stopped=True, retries=0)
    )
    try:
        stop = threading.Event()
        seen = [await asyncio.to_thread(boxes.camera.wait, number, 60.0, stop.is_set) for number in (0, 5, 30)]
        assert all(frame is not None and (frame.width, frame.height) == SIZE for frame in seen)
        assert all(frame is not None and number_in(as_picture(frame)) < 25 for frame in seen)
        await asyncio.to_thread(boxes.camera.wait, boxes.camera.newest + 5, 60.0, stop.is_set)
        assert boxes.sound.written > 0
        assert notes == [CaptureUpdate(CaptureNote(CaptureEvent.STARTED, resolution=Resolution(*SIZE, 25)))]
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        stood = boxes.camera.newest
        boxes.close()
    assert stood >= 31


def as_picture(frame: Any) -> Rgb:
    return np.frombuffer(frame.pixels, np.uint8).reshape(frame.height, frame.width, 3)
