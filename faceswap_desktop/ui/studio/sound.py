"""The sound device of the system, loaded when the first video with sound is played; without one it plays silently.

Qt loads decoders of its own along with it. They never see a file: what is played here was decoded by a worker.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QIODevice, QObject, QTimer

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QAudioSink

logger = logging.getLogger(__name__)

_PUMP_MS: Final = 15
_BUFFER_S: Final = 0.2
"""So long the window may be busy without the sound breaking off."""
_FRAME_BYTES: Final = 4


class DeviceSound(QObject):
    """Plays 16-bit stereo through Qt; see ``services.playback_clock.SoundOut`` for what the verbs mean."""

    def __init__(self, on_silent: Callable[[], None], parent: QObject | None = None) -> None:
        """Open nothing yet.

        Args:
            on_silent: Called, once, where there is no device or it cannot be used.
            parent: The owner.
        """
        super().__init__(parent)
        self._on_silent = on_silent
        self._is_told = False
        self._sink: QAudioSink | None = None
        self._io: QIODevice | None = None
        self._waiting: deque[memoryview] = deque()
        self._volume, self._is_muted = 80, False
        self._timer = QTimer(self)
        self._timer.setInterval(_PUMP_MS)
        self._timer.timeout.connect(self._pump)

    def set_volume(self, volume: int, *, is_muted: bool) -> None:
        """Be so loud, from 0 to 100, or silent."""
        self._volume, self._is_muted = volume, is_muted
        if self._sink is not None:
            self._sink.setVolume(self._loudness())

    def start(self, rate: int) -> bool:
        """Begin; False where it cannot be heard."""
        self.stop()
        try:
            self._sink = self._open(rate)
            self._io = self._sink.start() if self._sink is not None else None
        except (ImportError, RuntimeError) as error:
            # The libraries of the system's sound are missing, or its server is.
            logger.info("sound cannot be played: %s", error)
            self._sink = self._io = None
        if self._sink is None or self._io is None or self._has_failed():
            self.stop()
            self._tell()
            return False
        self._sink.setVolume(self._loudness())
        self._timer.start()
        return True

    def write(self, samples: bytes) -> None:
        """Play this after what was written before."""
        if self._sink is not None:
            self._waiting.append(memoryview(samples))
            self._pump()

    def position(self) -> float:
        """Return how many seconds were heard."""
        # What still lies in the buffer does not count as processed.
        return self._sink.processedUSecs() / 1e6 if self._sink is not None else 0.0

    def stop(self) -> None:
        """Be silent at once."""
        self._timer.stop()
        self._waiting.clear()
        sink, self._sink, self._io = self._sink, None, None
        if sink is not None:
            sink.reset()
            sink.deleteLater()

    def _open(self, rate: int) -> QAudioSink | None:
        from PySide6.QtMultimedia import QAudioFormat, QAudioSink, QMediaDevices

        device = QMediaDevices.defaultAudioOutput()
        shape = QAudioFormat()
        shape.setSampleRate(rate)
        shape.setChannelCount(2)
        shape.setSampleFormat(QAudioFormat.SampleFormat.Int16)
        if device.isNull() or not device.isFormatSupported(shape):
            return None
        sink = QAudioSink(device, shape, self)
        sink.setBufferSize(int(_BUFFER_S * rate) * _FRAME_BYTES)
        return sink

    def _has_failed(self) -> bool:
        from PySide6.QtMultimedia import QtAudio

        fine = {QtAudio.Error.NoError, QtAudio.Error.UnderrunError}
        return self._sink is not None and self._sink.error() not in fine

    def _pump(self) -> None:
        if self._sink is None or self._io is None:
            return
        if self._has_failed():
            # Unplugged in the middle: the picture goes on by the computer's clock.
            self.stop()
            self._tell()
            return
        room = self._sink.bytesFree() // _FRAME_BYTES * _FRAME_BYTES
        while self._waiting and room >= _FRAME_BYTES:
            piece = self._waiting.popleft()
            written = int(self._io.write(bytes(piece[:room])))
            if written < len(piece):
                self._waiting.appendleft(piece[max(0, written) :])
            if written <= 0:
                return
            room -= written

    def _loudness(self) -> float:
        # The ear hears tenfold power as twice as loud; a slider without this does everything in its first tenth.
        return 0.0 if self._is_muted else (self._volume / 100) ** 2

    def _tell(self) -> None:
        if not self._is_told:
            self._is_told = True
            self._on_silent()
