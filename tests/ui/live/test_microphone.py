from __future__ import annotations

import math
import sys
from array import array
from itertools import pairwise

import pytest
from PySide6.QtMultimedia import QAudioDevice, QAudioFormat, QAudioSource, QMediaDevices

from faceswap_desktop.domain.live import CaptureEvent, CaptureTrouble, MicrophoneChoice
from faceswap_desktop.services import live_words
from faceswap_desktop.ui.live import device_run
from faceswap_desktop.ui.live import microphone as microphone_module
from faceswap_desktop.ui.live.microphone import QtMicrophone, SoundClock
from faceswap_desktop.ui.live.microphone_system import OpenedMicrophone, QtMicrophoneSystem, shape_of
from faceswap_desktop.ui.live.sound_shape import SampleKind, SoundShape
from tests.ui.conftest import until
from tests.ui.live.hardware import Microphones, Notes, PluggedMicrophone

CHOICE = MicrophoneChoice("one", "Microphone one")
STARTED, LOST, FAILED = CaptureEvent.STARTED, CaptureEvent.LOST, CaptureEvent.FAILED


class Ear:
    """Takes sound."""

    def __init__(self) -> None:
        self.heard: list[tuple[bytes, int]] = []
        self.is_closed = False

    def write(self, samples: bytes | bytearray | memoryview, taken_ns: int) -> None:
        if self.is_closed:
            raise ValueError("the box is closed")
        self.heard.append((bytes(samples), taken_ns))


class Listening:
    """A microphone that was started."""

    def __init__(self, *connected: str, choice: MicrophoneChoice = CHOICE, shape: SoundShape | None = None) -> None:
        self.microphones = Microphones(*connected, shape=shape)
        self.microphone = QtMicrophone(choice, self.microphones)
        self.ear, self.notes = Ear(), Notes()

    def start(self) -> None:
        self.microphone.start(self.ear, on_note=self.notes.append)

    async def opened(self, number: int = 1) -> PluggedMicrophone:
        await until(lambda: len(self.microphones.opened) >= number)
        return self.microphones.opened[-1]

    @property
    def trouble(self) -> CaptureTrouble | None:
        return self.notes[-1].trouble


async def running(shape: SoundShape | None = None) -> tuple[Listening, PluggedMicrophone]:
    listening = Listening("one", shape=shape)
    listening.start()
    plugged = await listening.opened()
    plugged.give(bytes(480 * plugged.shape.frame_bytes))
    assert listening.notes.events == [STARTED]
    return listening, plugged


# -------------------------------------------------------------------------------------------------------------- sound


async def test_sound_that_is_right_already_passes_as_it_is() -> None:
    listening, plugged = await running()
    samples = array("h", [1, -1, 32767, -32768, 500, -500])
    if sys.byteorder == "big":
        samples.byteswap()
    plugged.give(samples.tobytes())
    assert listening.ear.heard[-1][0] == samples.tobytes()
    await listening.microphone.stop()


async def test_another_shape_is_converted() -> None:
    listening, plugged = await running(SoundShape(48_000, 1, SampleKind.F32))
    plugged.give(array("f", [0.5, -0.5]).tobytes())
    heard = array("h", listening.ear.heard[-1][0])
    assert heard.tolist() == pytest.approx([16383, 16383, -16383, -16383], abs=1)
    await listening.microphone.stop()


async def test_pieces_follow_each_other_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 7_000_000_000
    monkeypatch.setattr(microphone_module, "time", type("Clock", (), {"monotonic_ns": staticmethod(lambda: now)}))
    listening, plugged = await running()
    for number in range(200):
        # Pieces of 10 ms, two at a time, up to 9 ms late.
        now = 7_000_000_000 + (number + 1 - number % 2) * 10_000_000 + (number * 7 % 10) * 1_000_000
        plugged.give(bytes(480 * 4))
    times = [taken for _, taken in listening.ear.heard][2:]
    assert all(abs(after - before - 10_000_000) < 1_500_000 for before, after in pairwise(times))
    assert abs(times[-1] + 10_000_000 - now) < 25_000_000
    await listening.microphone.stop()


def test_the_clock_follows_a_jump_at_once() -> None:
    clock = SoundClock()
    assert clock.began(480, 1_000_000_000) == 990_000_000
    assert clock.began(480, 1_010_000_000) == 1_000_000_000
    assert clock.began(480, 61_010_000_000) == 61_000_000_000


async def test_an_ear_that_is_closed_is_no_error() -> None:
    listening, plugged = await running()
    listening.ear.is_closed = True
    plugged.give(bytes(1920))
    assert listening.notes.events == [STARTED]
    await listening.microphone.stop()


# ----------------------------------------------------------------------------------------------------------- troubles


async def test_without_any_microphone_it_is_told_at_once() -> None:
    listening = Listening(choice=MicrophoneChoice())
    listening.start()
    await until(lambda: listening.notes)
    assert (listening.notes.events, listening.trouble) == ([FAILED], CaptureTrouble.NO_MICROPHONE)
    assert listening.notes[0].text == live_words.what(CaptureTrouble.NO_MICROPHONE)


async def test_a_microphone_that_is_not_connected_is_not_replaced_by_another() -> None:
    listening = Listening("two")
    listening.start()
    await until(lambda: listening.notes)
    assert (listening.notes.events, listening.trouble) == ([FAILED], CaptureTrouble.NO_MICROPHONE)
    assert listening.notes[0].text == live_words.microphone_missing("Microphone one")
    assert listening.microphones.opened == []


async def test_a_refused_permission_ends_it() -> None:
    listening = Listening("one")
    listening.microphones.permission = False
    listening.start()
    await until(lambda: listening.notes)
    assert (listening.notes.events, listening.trouble) == ([FAILED], CaptureTrouble.MICROPHONE_DENIED)


async def test_one_that_gives_nothing_usable_ends_it() -> None:
    listening = Listening("one")
    listening.microphones.shape = None
    listening.start()
    await until(lambda: listening.notes)
    assert (listening.notes.events, listening.trouble) == ([FAILED], CaptureTrouble.NO_MICROPHONE)


async def test_unplugged_and_plugged_again_it_comes_back_by_itself() -> None:
    listening, plugged = await running()
    listening.microphones.plug()
    assert (listening.notes.events, listening.trouble) == ([STARTED, LOST], CaptureTrouble.NO_MICROPHONE)
    assert listening.notes[-1].text == live_words.microphone_lost("Microphone one")
    assert not plugged.is_open
    listening.microphones.plug("one")
    (await listening.opened(2)).give(bytes(1920))
    assert listening.notes.events == [STARTED, LOST, STARTED]
    await listening.microphone.stop()
    assert listening.microphones.followers == []


async def test_one_that_cannot_be_read_any_more_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_run, "RETRY_MS", 1)
    listening, plugged = await running()
    plugged.fail()
    assert not plugged.is_open
    (await listening.opened(2)).give(bytes(1920))
    assert listening.notes.events == [STARTED, LOST, STARTED]
    await listening.microphone.stop()
    await listening.microphone.stop()


async def test_a_permission_that_is_taken_away_ends_it() -> None:
    listening, plugged = await running()
    listening.microphones.permission = False
    plugged.fail()
    assert (listening.notes.events, listening.trouble) == ([STARTED, FAILED], CaptureTrouble.MICROPHONE_DENIED)


# ------------------------------------------------------------------------------------------------------- this machine


async def test_this_computers_own_microphones() -> None:
    listening = Listening()
    microphone = QtMicrophone(MicrophoneChoice())
    microphone.start(listening.ear, on_note=listening.notes.append)
    await until(lambda: listening.notes)
    if not QMediaDevices.audioInputs():
        assert (listening.notes.events, listening.trouble) == ([FAILED], CaptureTrouble.NO_MICROPHONE)
    await microphone.stop()


@pytest.mark.no_qt_log  # Qt says as well that there is no such device
async def test_what_qt_cannot_open_is_told_later() -> None:
    system = QtMicrophoneSystem()
    failed: list[bool] = []
    nothing = QAudioSource(QAudioDevice(), QAudioFormat())
    opened = OpenedMicrophone(nothing, lambda _: None, lambda: failed.append(True), system)
    assert failed == []
    await until(lambda: failed)
    opened.close()
    opened.close()


def test_a_format_of_qt_is_read() -> None:
    said = QAudioFormat()
    said.setSampleRate(44_100)
    said.setChannelCount(6)
    said.setSampleFormat(QAudioFormat.SampleFormat.Float)
    assert shape_of(said) == SoundShape(44_100, 6, SampleKind.F32)
    assert math.isclose(shape_of(said).frame_bytes, 24)
    assert not shape_of(QAudioFormat()).is_usable
