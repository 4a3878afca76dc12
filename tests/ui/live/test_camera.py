"""A camera of this computer from permission to stop; frames are real ones of Qt, the plug is the test's."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage
from PySide6.QtMultimedia import QMediaDevices

from faceswap_desktop.domain.live import CameraChoice, CameraKind, CaptureEvent, CaptureTrouble, Resolution
from faceswap_desktop.services import live_words
from faceswap_desktop.ui.live import camera as camera_module
from faceswap_desktop.ui.live import device_run
from faceswap_desktop.ui.live.camera import QtCamera
from tests.ui.conftest import until
from tests.ui.live.hardware import (
    Cameras,
    Format,
    Notes,
    PluggedCamera,
    Sink,
    frame_of,
    jpeg_frame,
    packed_frame,
    picture,
    yuv_frame,
)

WISH = Resolution(64, 48, 30.0)
CHOICE = CameraChoice(CameraKind.DEVICE, "one", "Camera one")
STARTED, LOST, FAILED = CaptureEvent.STARTED, CaptureEvent.LOST, CaptureEvent.FAILED


class Shoot:
    """A camera that was started."""

    def __init__(self, *connected: str, choice: CameraChoice = CHOICE, most_pixels: int = 1920 * 1080) -> None:
        self.cameras = Cameras(*connected)
        self.camera = QtCamera(choice, self.cameras)
        self.sink, self.notes = Sink(most_pixels), Notes()

    def start(self, wish: Resolution = WISH, *, is_mirrored: bool = False) -> None:
        self.camera.start(self.sink, wish, is_mirrored=is_mirrored, on_note=self.notes.append)

    async def opened(self, number: int = 1) -> PluggedCamera:
        """Return the camera when it has been opened so many times."""
        await until(lambda: len(self.cameras.opened) >= number)
        return self.cameras.opened[-1]

    @property
    def trouble(self) -> CaptureTrouble | None:
        return self.notes[-1].trouble


async def running(*connected: str) -> tuple[Shoot, PluggedCamera]:
    shoot = Shoot(*(connected or ("one",)))
    shoot.start()
    plugged = await shoot.opened()
    plugged.give(frame_of(picture()))
    assert shoot.notes.events == [STARTED]
    return shoot, plugged


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let trying again take no seconds, nor noticing that nothing ever came."""
    for name in ("FIRST_SIGN_MS", "RETRY_MS"):
        monkeypatch.setattr(device_run, name, 1)


# ------------------------------------------------------------------------------------------------------------- frames


@pytest.mark.parametrize("kind", ["RGBA8888", "ARGB32", "RGB32", "NV12", "YUYV", "JPEG"])
@pytest.mark.parametrize("is_mirrored", [False, True])
async def test_frames_of_every_format_come_out_as_rgb(kind: str, is_mirrored: bool) -> None:
    shoot = Shoot("one")
    shoot.start(is_mirrored=is_mirrored)
    plugged = await shoot.opened()
    image = picture()
    if kind == "JPEG":
        plugged.give(jpeg_frame(image))
    elif kind in {"NV12", "YUYV"}:
        plugged.give(yuv_frame(Format.Format_NV12 if kind == "NV12" else Format.Format_YUYV, image))
    else:
        plugged.give(frame_of(image.convertToFormat(QImage.Format[f"Format_{kind}"])))
    await until(lambda: shoot.sink.frames)
    frame = shoot.sink.frames[0]
    assert (frame.width, frame.height) == (64, 48)
    near = pytest.approx
    left, right = (63 - 5, 5) if is_mirrored else (5, 63 - 5)
    assert frame.colour(left, 40) == near((200, 30, 30), abs=12)
    assert frame.colour(right, 40) == near((30, 30, 200), abs=12)
    assert frame.colour(left, 3) == near((30, 200, 30), abs=12)
    assert shoot.notes[0].resolution == WISH
    await shoot.camera.stop()


async def test_rows_that_qt_pads_come_without_gaps() -> None:
    shoot = Shoot("one")
    shoot.start()
    (await shoot.opened()).give(frame_of(picture(63, 47)))
    assert (shoot.sink.frames[0].width, len(shoot.sink.frames[0].pixels)) == (63, 63 * 47 * 3)
    assert shoot.sink.frames[0].colour(62, 46) == (30, 30, 200)
    await shoot.camera.stop()


async def test_it_is_mirrored_from_the_next_frame_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera_module, "_EARLY", 1000.0)
    shoot, plugged = await running()
    shoot.camera.set_mirrored(True)
    plugged.give(frame_of(picture()))
    assert [frame.colour(5, 40) for frame in shoot.sink.frames] == [(200, 30, 30), (30, 30, 200)]
    await shoot.camera.stop()


async def test_frames_that_come_faster_than_wished_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 5_000_000_000
    monkeypatch.setattr(camera_module, "time", SimpleNamespace(monotonic_ns=lambda: now))
    shoot = Shoot("one")
    shoot.start()
    plugged = await shoot.opened()
    for _ in range(120):
        plugged.give(frame_of(picture(8, 8)))
        now += 1_000_000_000 // 120
    assert len(shoot.sink.frames) == pytest.approx(30, abs=1)
    steps = {
        round((after.taken_ns - before.taken_ns) / 1e6)
        for before, after in zip(shoot.sink.frames[1:], shoot.sink.frames[2:], strict=False)
    }
    assert steps <= {25, 33, 42}
    await shoot.camera.stop()


async def test_an_uneven_camera_of_the_wished_rate_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 5_000_000_000
    monkeypatch.setattr(camera_module, "time", SimpleNamespace(monotonic_ns=lambda: now))
    shoot = Shoot("one")
    shoot.start()
    plugged = await shoot.opened()
    start = now
    for number in range(90):
        now = start + number * 1_000_000_000 // 30 + (number % 3 - 1) * 6_000_000
        plugged.give(frame_of(picture(8, 8)))
    assert len(shoot.sink.frames) == 90
    await shoot.camera.stop()


async def test_of_packed_frames_the_newest_is_next_and_broken_ones_are_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(camera_module, "_EARLY", 1000.0)
    shoot = Shoot("one")
    shoot.start()
    plugged = await shoot.opened()
    plugged.give(packed_frame(b"no picture", QSize(64, 48)))
    plugged.give(packed_frame(b"\xff\xd8no picture", QSize(64, 48)))
    plugged.give(packed_frame(b"", QSize(64, 48)))
    for _ in range(5):
        plugged.give(jpeg_frame(picture()))
    last = QImage(64, 48, QImage.Format.Format_RGB888)
    last.fill(QColor(250, 250, 20))
    plugged.give(jpeg_frame(last))

    def has_come() -> bool:
        # A frame that came while the thread left its work is taken with the next one.
        plugged.give(jpeg_frame(last))
        return bool(shoot.sink.frames) and shoot.sink.frames[-1].colour(5, 40) == pytest.approx((250, 250, 20), abs=9)

    await until(has_come)
    times = [frame.taken_ns for frame in shoot.sink.frames]
    assert times == sorted(times)
    await shoot.camera.stop()
    count = len(shoot.sink.frames)
    plugged.give(jpeg_frame(last))
    assert len(shoot.sink.frames) == count


async def test_another_resolution_is_told_and_frames_too_large_are_shrunk() -> None:
    shoot = Shoot("one", most_pixels=64 * 48)
    shoot.start()
    (await shoot.opened()).give(frame_of(picture(160, 90)))
    assert (shoot.sink.frames[0].width, shoot.sink.frames[0].height) == (64, 36)
    assert shoot.notes[0].resolution == Resolution(64, 36, 30.0)
    assert shoot.notes[0].text == live_words.other_resolution(WISH, Resolution(64, 36, 30.0))
    await shoot.camera.stop()


async def test_larger_frames_are_given_as_they_are_where_there_is_room() -> None:
    shoot = Shoot("one")
    shoot.start()
    (await shoot.opened()).give(frame_of(picture(160, 90)))
    assert (shoot.sink.frames[0].width, shoot.sink.frames[0].height) == (160, 90)
    await shoot.camera.stop()


async def test_a_sink_that_is_closed_is_no_error() -> None:
    shoot = Shoot("one", most_pixels=0)
    shoot.start()
    (await shoot.opened()).give(frame_of(picture()))
    assert shoot.notes == []
    await shoot.camera.stop()


# --------------------------------------------------------------------------------------------------------- permission


async def test_a_refused_permission_ends_it() -> None:
    shoot = Shoot("one")
    shoot.cameras.permission = False
    shoot.start()
    await until(lambda: shoot.notes)
    assert (shoot.notes.events, shoot.trouble) == ([FAILED], CaptureTrouble.DENIED)
    assert shoot.notes[0].text == live_words.what(CaptureTrouble.DENIED)
    assert shoot.cameras.opened == []
    assert shoot.cameras.followers == []


@pytest.mark.parametrize("answer", [True, False])
async def test_the_system_asks_the_user(answer: bool) -> None:
    shoot = Shoot("one")
    shoot.cameras.permission = None
    shoot.start()
    await until(lambda: shoot.cameras.questions)
    assert shoot.cameras.opened == []
    shoot.cameras.questions[0](answer)
    assert len(shoot.cameras.opened) == answer
    assert shoot.notes.events == ([] if answer else [FAILED])
    await shoot.camera.stop()


async def test_an_answer_that_comes_after_stop_opens_nothing() -> None:
    shoot = Shoot("one")
    shoot.cameras.permission = None
    shoot.start()
    await until(lambda: shoot.cameras.questions)
    await shoot.camera.stop()
    shoot.cameras.questions[0](True)
    assert shoot.cameras.opened == []
    assert shoot.notes == []


async def test_a_device_file_that_may_not_be_opened_is_a_refused_permission() -> None:
    shoot = Shoot("one")
    shoot.cameras.locked = {"one"}
    shoot.start()
    await until(lambda: shoot.notes)
    assert (shoot.notes.events, shoot.trouble) == ([FAILED], CaptureTrouble.DENIED)


async def test_a_permission_that_is_taken_away_ends_it() -> None:
    shoot, plugged = await running()
    shoot.cameras.permission = False
    plugged.fail("Camera stopped")
    assert (shoot.notes.events, shoot.trouble) == ([STARTED, FAILED], CaptureTrouble.DENIED)
    assert not plugged.is_open


# ----------------------------------------------------------------------------------------------------------- troubles


async def test_without_any_camera_it_is_told_at_once() -> None:
    shoot = Shoot(choice=CameraChoice())
    shoot.start()
    assert shoot.notes == []
    await until(lambda: shoot.notes)
    assert (shoot.notes.events, shoot.trouble) == ([FAILED], CaptureTrouble.NO_CAMERA)
    await shoot.camera.stop()


async def test_a_camera_that_is_not_connected_is_not_replaced_by_another() -> None:
    shoot = Shoot("two")
    shoot.start()
    await until(lambda: shoot.notes)
    assert (shoot.notes.events, shoot.trouble) == ([FAILED], CaptureTrouble.UNPLUGGED)
    assert shoot.notes[0].text is not None
    assert shoot.notes[0].text.text() == "“Camera one” is not connected."


async def test_without_an_id_the_default_camera_is_taken_and_kept() -> None:
    shoot = Shoot("front", "back", choice=CameraChoice())
    shoot.start()
    plugged = await shoot.opened()
    assert plugged.id == "front"
    plugged.give(frame_of(picture()))
    shoot.cameras.plug("back")
    assert (shoot.notes.events, shoot.trouble) == ([STARTED, LOST], CaptureTrouble.UNPLUGGED)
    assert len(shoot.cameras.opened) == 1
    await shoot.camera.stop()


async def test_a_camera_without_a_format_ends_it() -> None:
    shoot = Shoot("one")
    shoot.cameras.is_usable = False
    shoot.start()
    await until(lambda: shoot.notes)
    assert (shoot.notes.events, shoot.trouble) == ([FAILED], CaptureTrouble.NO_RESOLUTION)


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        ("Camera is in use", CaptureTrouble.IN_USE),
        ("Cannot open camera", CaptureTrouble.IN_USE),
        ("Camera disconnected", CaptureTrouble.UNPLUGGED),
        ("Permission denied", CaptureTrouble.DENIED),
        ("Not authorized to use the camera", CaptureTrouble.DENIED),
    ],
)
async def test_what_qt_says_at_the_start_ends_it(said: str, trouble: CaptureTrouble) -> None:
    shoot = Shoot("one")
    shoot.start()
    plugged = await shoot.opened()
    plugged.fail(said)
    assert (shoot.notes.events, shoot.trouble) == ([FAILED], trouble)
    assert not plugged.is_open
    await shoot.camera.stop()


@pytest.mark.usefixtures("hasty")
async def test_a_camera_that_gives_nothing_is_in_use() -> None:
    shoot = Shoot("one")
    shoot.start()
    await until(lambda: shoot.notes)
    assert (shoot.notes.events, shoot.trouble) == ([FAILED], CaptureTrouble.IN_USE)


async def test_unplugged_and_plugged_again_it_comes_back_by_itself() -> None:
    shoot, plugged = await running()
    shoot.cameras.plug()
    assert (shoot.notes.events, shoot.trouble) == ([STARTED, LOST], CaptureTrouble.UNPLUGGED)
    assert not plugged.is_open
    plugged.give(frame_of(picture()))
    assert len(shoot.sink.frames) == 1
    shoot.cameras.plug("two")
    assert len(shoot.cameras.opened) == 1
    shoot.cameras.plug("two", "one")
    (await shoot.opened(2)).give(frame_of(picture()))
    assert shoot.notes.events == [STARTED, LOST, STARTED]
    assert shoot.notes[-1].resolution == WISH
    await shoot.camera.stop()


async def test_a_camera_that_another_program_took_is_tried_again_until_it_is_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shoot, plugged = await running()
    monkeypatch.setattr(device_run, "RETRY_MS", 1)
    for number in (2, 3, 4):
        plugged.fail("Camera is in use")
        plugged = await shoot.opened(number)
    assert shoot.notes.events == [STARTED, LOST], "it is said once"
    assert shoot.trouble is CaptureTrouble.IN_USE
    plugged.give(frame_of(picture()))
    assert shoot.notes.events == [STARTED, LOST, STARTED]
    await shoot.camera.stop()


async def test_a_camera_that_falls_silent_is_opened_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_run, "SILENCE_MS", 1)
    monkeypatch.setattr(device_run, "RETRY_MS", 1)
    shoot, plugged = await running()
    await until(lambda: len(shoot.cameras.opened) == 2 or FAILED in shoot.notes.events)
    assert not plugged.is_open
    assert (shoot.notes.events, shoot.trouble) == ([STARTED, LOST], CaptureTrouble.IN_USE)
    await shoot.camera.stop()


# ---------------------------------------------------------------------------------------------------------------- end


async def test_stop_gives_the_camera_free_and_nothing_is_told_any_more() -> None:
    shoot, plugged = await running()
    await shoot.camera.stop()
    assert not plugged.is_open
    assert shoot.cameras.followers == []
    plugged.give(frame_of(picture()))
    plugged.fail("Camera is in use")
    await shoot.camera.stop()
    assert (len(shoot.sink.frames), shoot.notes.events) == (1, [STARTED])


async def test_stop_before_it_was_opened() -> None:
    shoot = Shoot("one")
    shoot.start()
    await shoot.camera.stop()
    shoot.start()
    await shoot.opened()
    assert len(shoot.cameras.opened) == 1
    with pytest.raises(ValueError, match="runs"):
        shoot.start()
    await shoot.camera.stop()


async def test_stop_from_within_a_note() -> None:
    shoot = Shoot("one")
    ended: list[bool] = []

    def leave(note: object) -> None:
        del note
        stopping = shoot.camera.stop()
        with pytest.raises(StopIteration):
            stopping.send(None)
        ended.append(True)

    shoot.camera.start(shoot.sink, WISH, is_mirrored=False, on_note=leave)
    plugged = await shoot.opened()
    plugged.give(frame_of(picture()))
    assert ended == [True]
    assert not plugged.is_open


# ------------------------------------------------------------------------------------------------------- this machine


async def test_this_computers_own_cameras() -> None:
    """Where there is none, it is told at once; where there is one, its picture comes."""
    sink, notes = Sink(), Notes()
    camera = QtCamera(CameraChoice())
    camera.start(sink, Resolution(640, 480, 30.0), is_mirrored=False, on_note=notes.append)
    await until(lambda: notes)
    if not QMediaDevices.videoInputs():
        assert (notes.events, notes[0].trouble) == ([FAILED], CaptureTrouble.NO_CAMERA)
        assert notes[0].text == live_words.what(CaptureTrouble.NO_CAMERA)
    await camera.stop()
