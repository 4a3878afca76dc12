from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QByteArray, QSize
from PySide6.QtMultimedia import QCamera, QCameraDevice, QMediaDevices, QVideoFrame, QVideoSink

from faceswap_desktop.domain.live import CameraKind, Resolution
from faceswap_desktop.ui.live.camera_system import OpenedCamera, QtCameraSystem
from faceswap_desktop.ui.live.devices import Devices, id_of, told_apart
from tests.ui.conftest import until
from tests.ui.live.hardware import frame_of, picture


async def test_the_list_is_that_of_this_computer() -> None:
    devices = Devices()
    assert devices.trouble() is None
    cameras, microphones = devices.cameras(), devices.microphones()
    assert {one.id for one in cameras} == {id_of(one.id()) for one in QMediaDevices.videoInputs()}
    assert {one.id for one in microphones} == {id_of(one.id()) for one in QMediaDevices.audioInputs()}
    assert all(one.kind is CameraKind.DEVICE and one.name for one in cameras)
    assert [one.id for one in cameras] == QtCameraSystem().ids()


async def test_a_change_is_told_and_the_list_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    devices = Devices()
    told: list[str] = []
    devices.changed.connect(lambda: told.append("any"))
    devices.cameras_changed.connect(lambda: told.append("cameras"))
    devices.microphones_changed.connect(lambda: told.append("microphones"))
    before = devices.cameras()
    looked: list[bool] = []

    def look() -> Iterator[QCameraDevice]:
        looked.append(True)
        yield from ()

    monkeypatch.setattr("faceswap_desktop.ui.live.devices.camera_devices", look)
    assert devices.cameras() == before
    assert looked == []
    watch = devices.findChild(QMediaDevices)
    assert watch is not None
    watch.videoInputsChanged.emit()
    assert told == ["cameras", "any"]
    assert devices.cameras() == []
    assert looked == [True]
    watch.audioInputsChanged.emit()
    assert told == ["cameras", "any", "microphones", "any"]


async def test_without_qts_multimedia_there_is_nothing_and_it_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PySide6.QtMultimedia", None)
    devices = Devices()
    assert (devices.cameras(), devices.microphones()) == ([], [])
    trouble = devices.trouble()
    assert trouble is not None
    assert "library" in trouble.text()


def test_equal_names_are_told_apart() -> None:
    assert told_apart(["Camera", "Other", "Camera", "Camera"]) == ["Camera", "Other", "Camera (2)", "Camera (3)"]


@pytest.mark.parametrize("data", [b"/dev/video0", b"\xff\xfe\x00x", "Kamera ä".encode(), b""])
def test_an_id_is_text_whatever_it_is(data: bytes) -> None:
    text = id_of(QByteArray(data))
    assert text.encode("utf-8").decode("utf-8") == text
    assert (text == data.decode("utf-8", "replace")) == ("\ufffd" not in data.decode("utf-8", "replace"))


async def test_the_system_allows_cameras_here_and_knows_no_others() -> None:
    system = QtCameraSystem()
    answers: list[bool] = []
    system.ask(answers.append)
    await until(lambda: answers)
    assert system.may_use() is answers[0]
    assert system.open("no such camera", Resolution(), lambda _: None, lambda _: None) is None
    assert not system.is_locked("no such camera")


async def test_what_a_real_camera_object_says_is_told_later() -> None:
    said: list[str] = []
    system = QtCameraSystem()
    opened = OpenedCamera(QCamera(QCameraDevice()), 30.0, lambda _: None, said.append, system)
    if QMediaDevices.videoInputs():
        opened.close()
        return
    assert said == []
    await until(lambda: said)
    assert said[0]
    opened.close()
    opened.close()


async def test_frames_that_a_real_sink_is_given_are_heard_until_it_is_closed() -> None:
    heard: list[QVideoFrame] = []
    system = QtCameraSystem()
    opened = OpenedCamera(QCamera(QCameraDevice()), 30.0, heard.append, lambda _: None, system)
    sink = opened.findChild(QVideoSink)
    assert sink is not None
    sink.setVideoFrame(frame_of(picture()))
    assert [frame.size() for frame in heard] == [QSize(64, 48)]
    opened.close()
    sink.setVideoFrame(frame_of(picture(32, 32)))
    assert len(heard) == 1


async def test_who_follows_hears_until_he_leaves() -> None:
    system = QtCameraSystem()
    heard: list[bool] = []
    leave = system.follow(lambda: heard.append(True))
    watch = system.findChild(QMediaDevices)
    assert watch is not None
    watch.videoInputsChanged.emit()
    assert heard == [True]
    leave()
    watch.videoInputsChanged.emit()
    assert heard == [True]
