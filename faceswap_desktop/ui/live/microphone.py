"""One of the computer's microphones as ``domain.live.SoundCapture``. To be loaded when something of Live starts."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject

from faceswap_desktop.domain.live import (
    SOUND_CHANNELS,
    SOUND_RATE,
    CaptureEvent,
    CaptureNote,
    CaptureTrouble,
    MicrophoneChoice,
    SoundSink,
)
from faceswap_desktop.domain.messages import Message
from faceswap_desktop.services import live_words
from faceswap_desktop.ui.live.device_run import DeviceRun, Phase
from faceswap_desktop.ui.live.microphone_system import MicrophoneSystem, OpenMicrophone, QtMicrophoneSystem
from faceswap_desktop.ui.live.sound_shape import SoundConverter

_FRAME_BYTES: Final = 2 * SOUND_CHANNELS
_MOST_APART_NS: Final = 80_000_000
"""Sound comes in pieces of uneven length; a clock that is off by more than this has jumped."""
_NEARER: Final = 20
"""By this part of what it is off the clock is set right with each piece."""


class QtMicrophone(QObject):
    """A microphone of this computer; see ``domain.live.SoundCapture``, and ``DeviceRun`` for what happens when it goes.

    Args:
        choice: Which; without an id the system's default one.
        system: The computer's microphones; the real ones if None.
    """

    def __init__(
        self, choice: MicrophoneChoice, system: MicrophoneSystem | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._run = _MicrophoneRun(choice, QtMicrophoneSystem(self) if system is None else system, self)

    def start(self, sink: SoundSink, *, on_note: Callable[[CaptureNote], None]) -> None:
        """Begin to write sound; see ``domain.live.SoundCapture.start``. After ``stop`` it may be started again.

        Raises:
            ValueError: It runs.
        """
        self._run.start(sink, on_note)

    async def stop(self) -> None:
        """Give the microphone back. A second call does nothing."""
        self._run.stop()


class SoundClock:
    """Says when a piece of sound began: evenly, although pieces are delivered unevenly."""

    def __init__(self) -> None:
        self._next_ns = 0

    def began(self, frames: int, now_ns: int) -> int:
        """Return when the first sample was heard of a piece that was just delivered.

        Args:
            frames: Its length in sample frames of ``SOUND_RATE``.
            now_ns: The time, ``time.monotonic_ns``.
        """
        length = frames * 1_000_000_000 // SOUND_RATE
        seen = now_ns - length
        off = seen - self._next_ns
        began = seen if abs(off) > _MOST_APART_NS else self._next_ns + off // _NEARER
        self._next_ns = began + length
        return began


class _MicrophoneRun(DeviceRun):
    def __init__(self, choice: MicrophoneChoice, system: MicrophoneSystem, parent: QObject) -> None:
        super().__init__(system, choice.id, CaptureTrouble.MICROPHONE_DENIED, parent)
        self._choice = choice
        self._system = system
        self._sink: SoundSink | None = None
        self._opened: OpenMicrophone | None = None
        self._converter: SoundConverter | None = None
        self._clock = SoundClock()

    def start(self, sink: SoundSink, on_note: Callable[[CaptureNote], None]) -> None:
        self.begin(on_note)
        self._sink = sink

    def stop(self) -> None:
        self.leave()
        self._sink = None

    # --------------------------------------------------------------------------------------------------- DeviceRun

    def open_device(self, device_id: str) -> CaptureTrouble | None:
        self._opened = self._system.open(device_id, self._on_sound, self._on_failed)
        if self._opened is None:
            return CaptureTrouble.NO_MICROPHONE
        self._converter, self._clock = SoundConverter(self._opened.shape), SoundClock()
        return None

    def close_device(self) -> None:
        opened, self._opened = self._opened, None
        self._converter = None
        if opened is not None:
            opened.close()

    def absence(self, others: list[str]) -> CaptureTrouble:
        del others
        return CaptureTrouble.NO_MICROPHONE

    def silence(self) -> CaptureTrouble:
        return CaptureTrouble.NO_MICROPHONE

    def sentence(self, event: CaptureEvent, trouble: CaptureTrouble) -> Message:
        if event is CaptureEvent.FAILED and trouble is CaptureTrouble.NO_MICROPHONE and self._choice.name:
            return live_words.microphone_missing(self._choice.name)
        if event is CaptureEvent.LOST and self._choice.name:
            return live_words.microphone_lost(self._choice.name)
        return live_words.what(trouble)

    # ------------------------------------------------------------------------------------------------------- sound

    def _on_sound(self, data: bytes) -> None:
        if self._sink is None or self._converter is None:
            return
        self.note_sign()
        samples = self._converter.convert(data)
        if not samples:
            return
        began = self._clock.began(len(samples) // _FRAME_BYTES, time.monotonic_ns())
        try:
            self._sink.write(samples, began)
        except ValueError:
            return  # nobody takes it any more
        if self.phase is not Phase.RUNNING:
            self.note_running(CaptureNote(CaptureEvent.STARTED))

    def _on_failed(self) -> None:
        denied = self._system.may_use() is False
        self.lose(CaptureTrouble.MICROPHONE_DENIED if denied else CaptureTrouble.NO_MICROPHONE)
