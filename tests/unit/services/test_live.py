"""The live session on this computer, with the real workers: start, stop, controls, panic, and what goes wrong."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from itertools import groupby
from pathlib import Path

import numpy as np
import psutil
import pytest
import pytest_asyncio
from PIL import Image

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import ConsentNeeded, InputRefused
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.job import JobState
from faceswap_desktop.domain.live import (
    CameraChoice,
    CameraKind,
    Capture,
    CaptureEvent,
    CaptureNote,
    CaptureTrouble,
    FrameSink,
    LivePicture,
    PanicPicture,
    Resolution,
    Shown,
    WhenLost,
)
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import NO_LABEL, LabelSize, SwapOptions
from faceswap_desktop.services.live import Live, LivePhase, LiveState
from faceswap_desktop.services.sleep_watch import SleepWatch
from faceswap_desktop.workers.shared import BlockNames
from tests.agreeing import everyone_agrees
from tests.unit.services.conftest import COLLINS, HOPPER, until

WISH = Resolution(320, 240, 15.0)
COLLINS_AS_CAMERA = CameraChoice(CameraKind.STILL, str(COLLINS), "Eileen")
PATIENCE_S = 60.0


class Onlooker:
    """Sees what everybody sees, and paints it at once."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self.states: list[LiveState] = []
        self.pictures: list[LivePicture] = []
        live.follow(self.states.append, self._paint)

    def _paint(self, picture: LivePicture) -> None:
        self.pictures.append(picture)
        self._live.note_shown(picture.number)

    async def sees(self, shown: Shown) -> LivePicture:
        """Wait for the next such picture from now on."""
        seen = len(self.pictures)
        await until(lambda: any(one.shown is shown for one in self.pictures[seen:]), PATIENCE_S)
        return next(one for one in self.pictures[seen:] if one.shown is shown)


@pytest_asyncio.fixture
async def live(working: Program) -> AsyncIterator[Live]:
    yield working.live
    await working.live.stop()


@pytest.fixture
def onlooker(live: Live) -> Onlooker:
    return Onlooker(live)


async def hopper(program: Program) -> SourceFaceId:
    [face] = (await program.library.add_photos([HOPPER])).added
    return face.id


def capture(live: Live, camera: CameraChoice = COLLINS_AS_CAMERA) -> Capture:
    return live.file_capture(camera)


async def start(live: Live, camera: CameraChoice = COLLINS_AS_CAMERA) -> None:
    await live.start(camera, capture(live, camera), WISH, is_mirrored=False)


async def running(program: Program, onlooker: Onlooker) -> int:
    """Start with everybody as Hopper, wait for the first changed picture; returns the engine's process."""
    await program.live.set_everyone(await hopper(program))
    before = set(program.pool.worker_pids())
    await start(program.live)
    await onlooker.sees(Shown.SWAPPED)
    # The engine is asked for first, and so stands first in its lane.
    return next(pid for pid in program.pool.worker_pids() if pid not in before)


def is_changed(live: Live) -> bool:
    return any(person.is_changed for person in live.state.people)


def shown_by(onlooker: Onlooker) -> Shown:
    # A function, so that mypy does not take the answer for settled; likewise below.
    return onlooker.pictures[-1].shown


def phase_of(live: Live) -> LivePhase:
    return live.state.phase


def panic_of(live: Live) -> PanicPicture | None:
    return live.state.panic


async def test_from_start_to_stop(working: Program, live: Live, onlooker: Onlooker) -> None:
    awake = working.awake
    await running(working, onlooker)
    await until(lambda: is_changed(live) and live.state.figures.delay_ms is not None, PATIENCE_S)
    state = live.state
    assert state.phase is LivePhase.RUNNING
    assert state.camera == COLLINS_AS_CAMERA
    assert (state.why, state.error, state.trouble) == (None, None, None)
    assert awake.is_wanted
    picture = onlooker.pictures[-1]
    own = live.camera_picture()
    assert own is not None
    assert own.shown is Shown.CAMERA
    assert (
        (own.width, own.height) == (picture.width, picture.height) == (state.resolution.width, state.resolution.height)
    )
    assert picture.width <= WISH.width
    assert picture.height <= WISH.height
    numbers = [one.number for one in onlooker.pictures]
    assert numbers == sorted(set(numbers)), "every picture once, in order"
    await until(lambda: live.state.figures.camera_per_second > 0.0)

    path = await live.frame_for_studio()
    with Image.open(path) as kept:
        assert kept.size == (own.width, own.height)

    await asyncio.gather(live.stop(), live.stop())
    phases = [phase for phase, _ in groupby(one.phase for one in onlooker.states)]
    assert phases == [LivePhase.OFF, LivePhase.STARTING, LivePhase.RUNNING, LivePhase.STOPPING, LivePhase.OFF]
    assert live.camera_picture() is None
    assert not live.state.people
    assert not wants(working)
    assert not blocks_of_this_process(), "what was shared is taken away"


def wants(program: Program) -> bool:
    return program.awake.is_wanted


def blocks_of_this_process() -> list[str]:
    folder = Path("/dev/shm")
    prefix = BlockNames(os.getpid(), os.getpid()).prefix
    return [path.name for path in folder.glob(f"{prefix}*")] if folder.is_dir() else []


async def test_panic_freeze_and_mirror_hold_for_everybody(working: Program, live: Live, onlooker: Onlooker) -> None:
    live.press_panic()
    assert panic_of(live) is None, "nothing runs, and nothing is hidden"
    await running(working, onlooker)

    live.press_panic(PanicPicture.BLACK)
    assert shown_by(onlooker) is Shown.BLACK, "at once, not with the next picture"
    assert not any(onlooker.pictures[-1].pixels)
    live.press_panic(PanicPicture.CARD)
    assert shown_by(onlooker) is Shown.CARD, "pressed with another picture it is that"
    assert len(set(onlooker.pictures[-1].pixels)) > 1, "the card is drawn"
    live.press_panic()
    assert panic_of(live) is None
    await onlooker.sees(Shown.SWAPPED)
    live.press_panic()
    assert panic_of(live) is PanicPicture.CARD, "as the settings have it"
    live.set_panic(PanicPicture.CAMERA)
    bare = await onlooker.sees(Shown.CAMERA)
    live.set_panic(None)

    swapped = await onlooker.sees(Shown.SWAPPED)
    assert swapped.pixels != bare.pixels
    live.freeze(True)
    assert live.state.is_frozen
    seen, own = len(onlooker.pictures), live.camera_picture()
    assert own is not None
    await until(lambda: newest_camera_frame(live) > own.number + 5, PATIENCE_S)
    assert len(onlooker.pictures) == seen
    live.freeze(False)
    await onlooker.sees(Shown.SWAPPED)

    before = live.camera_picture()
    assert before is not None
    live.set_mirrored(True)
    assert live.state.is_mirrored
    await until(lambda: is_mirror_image(before, live.camera_picture()), PATIENCE_S)


def newest_camera_frame(live: Live) -> int:
    frame = live.camera_picture()
    return frame.number if frame is not None else 0


def is_mirror_image(one: LivePicture, other: LivePicture | None) -> bool:
    assert other is not None
    first, second = (
        np.frombuffer(each.pixels, np.uint8).reshape(each.height, each.width, 3).astype(np.float32)
        for each in (one, other)
    )
    return float(np.abs(first[:, ::-1] - second).mean()) < float(np.abs(first - second).mean()) / 1.5


@pytest.mark.allow_logs
async def test_an_engine_that_hangs_or_dies_comes_back_and_knows_what_it_did(
    working: Program, live: Live, onlooker: Onlooker
) -> None:
    engine = await running(working, onlooker)
    await until(lambda: any(person.embedding is not None for person in live.state.people), PATIENCE_S)
    [person] = [one for one in live.state.people if one.embedding is not None]
    everyone = live.state.everyone.source
    assert everyone is not None
    await live.set_part(person.number, everyone, 5)
    await live.set_everyone(None)
    assert live.state.parts[person.number].years == 5
    if hasattr(signal, "SIGSTOP"):
        os.kill(engine, signal.SIGSTOP)
        live.press_panic(PanicPicture.CARD)
        assert shown_by(onlooker) is Shown.CARD, "the key works while it hangs"
        live.press_panic()
        await onlooker.sees(Shown.STALLED)
        live.press_panic(PanicPicture.CAMERA)
        await onlooker.sees(Shown.CAMERA)
        live.set_panic(None)
    # On a computer that is very busy it was ended for its silence meanwhile.
    with contextlib.suppress(ProcessLookupError):
        os.kill(engine, signal.SIGKILL)
    await until(lambda: shown_by(onlooker) is Shown.STALLED, PATIENCE_S)
    assert live.state.why is not None
    live.press_panic(PanicPicture.BLACK)
    assert shown_by(onlooker) is Shown.BLACK, "the key works without an engine"
    live.set_panic(None)
    await until(lambda: not psutil.pid_exists(engine))
    await onlooker.sees(Shown.SWAPPED)
    await until(lambda: is_changed(live), PATIENCE_S)
    assert [one.number for one in live.state.people if one.is_changed] == [person.number], "by their face"
    assert live.state.phase is LivePhase.RUNNING
    assert live.state.error is None


async def test_recordings_and_snapshots_become_jobs(working: Program, live: Live, onlooker: Onlooker) -> None:
    await working.queue.start()
    await running(working, onlooker)
    await live.record()
    await live.record()
    await until(lambda: live.state.recording is not None and live.state.recording.frames > 5, PATIENCE_S)
    [collins] = (await working.library.add_photos([COLLINS])).added
    await live.set_everyone(collins.id)
    [note] = [json.loads(path.read_bytes()) for path in working.home.takes_folder.glob("*/take.json")]
    assert [one["name"] for one in note["sources"]] == ["grace_hopper", "eileen_collins"], "both are in it"
    snapshot = await live.snapshot()
    live.set_panic(PanicPicture.BLACK)
    with pytest.raises(InputRefused, match="nothing to keep"):
        await live.snapshot()
    recording = await live.stop_recording()
    assert recording is not None
    assert live.state.recording is None
    assert await live.stop_recording() is None
    jobs = await working.queue.wait([recording, snapshot])
    assert [job.state for job in jobs] == [JobState.SUCCEEDED] * 2, [job.failure for job in jobs]
    assert sorted(job.recipe.is_video for job in jobs) == [False, True]
    assert all(job.recipe.take is not None and job.recipe.take.camera == "Eileen" for job in jobs)

    await live.record()
    await until(lambda: live.state.recording is not None and live.state.recording.frames > 5, PATIENCE_S)
    await live.stop()
    [last] = [job for job in await working.queue.all() if job.id not in {recording, snapshot}]
    assert last.recipe.is_video, "whoever stops keeps what was recorded"


async def test_one_session_at_a_time(
    working: Program, live: Live, onlooker: Onlooker, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = message("Install it first.")
    monkeypatch.setattr("faceswap_desktop.services.live.virtual_camera_need", lambda: missing)
    with pytest.raises(InputRefused, match="No live session"):
        await live.start_virtual_camera()
    done = await asyncio.gather(start(live), start(live), return_exceptions=True)
    [refused] = [one for one in done if one is not None]
    assert isinstance(refused, InputRefused)
    assert refused.kind == "live-running"
    assert phase_of(live) is LivePhase.STARTING
    stopping = asyncio.create_task(live.stop())
    await until(lambda: live.state.phase is LivePhase.STOPPING)
    with pytest.raises(InputRefused) as ending:
        await live.record()
    assert ending.value.kind == "live-off", "what ends is not recorded"
    assert live.state.recording is None
    await start(live)
    assert stopping.done(), "it waits for the one that stops"
    await onlooker.sees(Shown.SWAPPED)
    await until(lambda: phase_of(live) is LivePhase.RUNNING)
    assert not is_changed(live), "nobody has a part"
    with pytest.raises(InputRefused, match="Install it first"):
        await live.start_virtual_camera()
    assert not live.state.virtual_camera


async def test_a_camera_that_cannot_be_read_ends_it(live: Live, tmp_path: Path) -> None:
    missing = CameraChoice(CameraKind.FILE, str(tmp_path / "gone.mp4"), "gone.mp4")
    await start(live, missing)
    await until(lambda: live.state.phase is LivePhase.OFF, PATIENCE_S)
    assert isinstance(live.state.error, InputRefused)
    assert live.state.error.kind == CaptureTrouble.UNREADABLE.value
    assert live.state.trouble is not None
    with pytest.raises(InputRefused, match="No live session"):
        await live.record()
    with pytest.raises(InputRefused, match="no picture"):
        await live.frame_for_studio()


async def test_nobody_is_put_in_without_consent(program: Program) -> None:
    await program.pool.start(warm=False)
    face = await hopper(program)
    with pytest.raises(ConsentNeeded):
        await program.live.set_everyone(face)
    assert program.live.state.everyone.source is None
    with pytest.raises(InputRefused, match="no longer in the library"):
        await program.live.set_everyone(SourceFaceId("nobody"))
    await everyone_agrees(program)
    [other] = (await program.library.add_photos([COLLINS])).added
    with pytest.raises(InputRefused, match="not been seen well enough"):
        await program.live.set_part(7, other.id)
    with pytest.raises(ValueError, match="years"):
        await program.live.set_everyone(other.id, 99)
    await program.live.set_everyone(other.id, -3)
    await program.consents.forget([one.id for one in await program.consents.all()])
    with pytest.raises(ConsentNeeded):
        await start(program.live)
    assert program.live.state.phase is LivePhase.OFF


async def test_withdrawn_consent_takes_the_face_off_behind_the_card(
    working: Program, live: Live, onlooker: Onlooker
) -> None:
    await running(working, onlooker)
    face = live.state.everyone.source
    assert face is not None
    await until(lambda: is_changed(live), PATIENCE_S)
    await working.withdrawals.withdraw(await working.withdrawals.plan(face), delete=False)
    await until(lambda: live.state.everyone.source is None, PATIENCE_S)
    assert isinstance(live.state.error, ConsentNeeded)
    assert live.state.panic is PanicPicture.CARD
    assert shown_by(onlooker) is Shown.CARD, "and not the bare face"


async def test_a_picture_with_a_face_that_was_withdrawn_does_not_stand_either(
    working: Program, live: Live, onlooker: Onlooker
) -> None:
    await running(working, onlooker)
    face = live.state.everyone.source
    assert face is not None
    await until(lambda: is_changed(live), PATIENCE_S)
    live.freeze(True)
    frozen = onlooker.pictures[-1]
    assert frozen.shown is Shown.SWAPPED
    # Nobody has a part, but the picture that stands shows the face: it is theirs, and what is kept of it names them.
    await live.set_everyone(None)
    assert live.state.label.is_on
    live.set_label(NO_LABEL)
    job = await working.queue.job(await live.snapshot())
    assert job is not None
    assert [one.source.id for one in job.recipe.pairings] == [face]
    assert job.recipe.label.is_on, "it is in the picture that stands"
    await working.withdrawals.withdraw(await working.withdrawals.plan(face), delete=False)
    await until(lambda: live.state.panic is PanicPicture.CARD, PATIENCE_S)
    seen = len(onlooker.pictures)
    live.press_panic()
    after = await onlooker.sees(Shown.SWAPPED)
    assert all(one.pixels != frozen.pixels for one in onlooker.pictures[seen:])
    assert after.taken_ns > frozen.taken_ns


async def test_a_computer_that_slept_has_its_camera_taken_anew(
    working: Program, live: Live, onlooker: Onlooker, monkeypatch: pytest.MonkeyPatch
) -> None:
    asleep_s = [0.0]
    monkeypatch.setattr(
        "faceswap_desktop.services.live_course.SleepWatch",
        lambda: SleepWatch(wall=lambda: time.time() + asleep_s[0]),
    )
    counted = Counted(live.file_capture(COLLINS_AS_CAMERA))
    await live.start(COLLINS_AS_CAMERA, counted, WISH)
    await onlooker.sees(Shown.SWAPPED)
    asleep_s[0] = 3600.0
    await until(lambda: counted.calls == ["start", "stop", "start"], PATIENCE_S)
    await until(lambda: counted.started == 2, PATIENCE_S)
    await onlooker.sees(Shown.SWAPPED)
    assert live.state.trouble is None


class Counted:
    """A capture whose calls are counted."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture
        self.calls: list[str] = []
        self.started = 0

    def start(
        self, sink: FrameSink, wish: Resolution, *, is_mirrored: bool, on_note: Callable[[CaptureNote], None]
    ) -> None:
        def count(note: CaptureNote) -> None:
            self.started += note.event is CaptureEvent.STARTED
            on_note(note)

        self.calls.append("start")
        self._capture.start(sink, wish, is_mirrored=is_mirrored, on_note=count)

    def set_mirrored(self, is_mirrored: bool) -> None:
        self._capture.set_mirrored(is_mirrored)

    async def stop(self) -> None:
        self.calls.append("stop")
        await self._capture.stop()


async def test_what_is_set_before_the_start_holds(working: Program, live: Live) -> None:
    options = SwapOptions(blend=0.5)
    live.set_options(options)
    live.set_label(NO_LABEL)
    live.set_when_lost(WhenLost.CARD)
    live.set_card("Just a moment", "We are back soon.")
    assert (live.state.options, live.state.label.is_on, live.state.when_lost) == (options, False, WhenLost.CARD)
    await working.settings.update("label", size=LabelSize.LARGE)
    assert live.state.label.is_on, "whoever changes the label in the settings means this one too"
    assert live.state.label.size is LabelSize.LARGE
    live.clear_part(3)


async def test_a_worker_stands_ready_while_the_page_is_looked_at(
    working: Program, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faceswap_desktop.services.live_warmth.REST_AFTER_S", 0.01)
    before = set(working.pool.worker_pids())
    live.warm()
    await until(lambda: set(working.pool.worker_pids()) - before, PATIENCE_S)
    live.leave()
    live.warm()
    live.leave()
    await until(lambda: set(working.pool.worker_pids()) == before, PATIENCE_S)


async def test_a_follower_that_fails_does_not_keep_the_others_from_hearing(
    live: Live, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: LiveState) -> None:
        raise RuntimeError("no room for me")

    told: list[LiveState] = []
    leave = live.follow(fail)
    live.follow(told.append)
    live.set_when_lost(WhenLost.HOLD)
    assert told[-1].when_lost is WhenLost.HOLD
    assert "no room for me" in caplog.text
    leave()
    caplog.clear()
    live.set_when_lost(WhenLost.AS_IS)
    assert not caplog.records
