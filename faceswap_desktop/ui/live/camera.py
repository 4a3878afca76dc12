"""One of the computer's cameras as ``domain.live.Capture``. To be loaded when something of Live starts."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QSize
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import QVideoFrame

from faceswap_desktop.domain.live import (
    CameraChoice,
    CaptureEvent,
    CaptureNote,
    CaptureTrouble,
    FrameSink,
    Resolution,
)
from faceswap_desktop.domain.messages import Message
from faceswap_desktop.services import live_words
from faceswap_desktop.ui.live.camera_system import CameraSystem, OpenCamera, QtCameraSystem
from faceswap_desktop.ui.live.device_run import DeviceRun, Phase
from faceswap_desktop.ui.live.frames import Unpacker, rgb

_EARLY: Final = 0.3
"""A frame may come by so much of its time too early: cameras are not even."""


class QtCamera(QObject):
    """A camera of this computer; see ``domain.live.Capture``, and ``DeviceRun`` for what happens when it is lost.

    Frames are written on the window's thread, at most as many as are wished.

    Args:
        choice: Which; without an id the system's default one.
        system: The computer's cameras; the real ones if None.
    """

    def __init__(self, choice: CameraChoice, system: CameraSystem | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run = _CameraRun(choice, QtCameraSystem(self) if system is None else system, self)

    def start(
        self, sink: FrameSink, wish: Resolution, *, is_mirrored: bool, on_note: Callable[[CaptureNote], None]
    ) -> None:
        """Begin to write frames; see ``domain.live.Capture.start``. After ``stop`` it may be started again.

        Raises:
            ValueError: It runs.
        """
        self._run.start(sink, wish, on_note)
        self._run.is_mirrored = is_mirrored

    def set_mirrored(self, is_mirrored: bool) -> None:
        """Swap left and right from the next frame on."""
        self._run.is_mirrored = is_mirrored

    async def stop(self) -> None:
        """Give the camera back. A second call does nothing."""
        await self._run.stop()


class _CameraRun(DeviceRun):
    def __init__(self, choice: CameraChoice, system: CameraSystem, parent: QObject) -> None:
        super().__init__(system, choice.id, CaptureTrouble.DENIED, parent)
        self.is_mirrored = False
        self._choice = choice
        self._system = system
        self._sink: FrameSink | None = None
        self._wish = Resolution()
        self._is_shrunk = False
        """Whether frames are shrunk to the wish: there is no room for larger ones."""
        self._opened: OpenCamera | None = None
        self._given: Resolution | None = None
        self._due_ns = 0
        self._unpacker = Unpacker(self)
        self._unpacker.ready.connect(self._on_image)

    def start(self, sink: FrameSink, wish: Resolution, on_note: Callable[[CaptureNote], None]) -> None:
        self.begin(on_note)
        self._sink, self._wish, self._given, self._is_shrunk = sink, wish, None, False

    async def stop(self) -> None:
        self.leave()
        self._sink = None
        await self._unpacker.close()

    # --------------------------------------------------------------------------------------------------- DeviceRun

    def open_device(self, device_id: str) -> CaptureTrouble | None:
        if self._system.is_locked(device_id):
            return CaptureTrouble.DENIED
        self._due_ns = 0
        self._opened = self._system.open(device_id, self._wish, self._on_frame, self._on_failed)
        return CaptureTrouble.NO_RESOLUTION if self._opened is None else None

    def close_device(self) -> None:
        self._unpacker.forget()
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def absence(self, others: list[str]) -> CaptureTrouble:
        return CaptureTrouble.UNPLUGGED if others or self._choice.name else CaptureTrouble.NO_CAMERA

    def silence(self) -> CaptureTrouble:
        return CaptureTrouble.IN_USE

    def sentence(self, event: CaptureEvent, trouble: CaptureTrouble) -> Message:
        del event
        return live_words.what(trouble, self._choice.name)

    # ------------------------------------------------------------------------------------------------------ frames

    def _on_frame(self, frame: QVideoFrame) -> None:
        if self._opened is None:
            return
        self.note_sign()
        now, period = time.monotonic_ns(), round(1e9 / self._wish.per_second)
        if now < self._due_ns - round(_EARLY * period):
            return
        self._due_ns = max(self._due_ns + period, now + period // 2)
        self._unpacker.offer(frame, now)

    def _on_image(self, image: QImage, taken_ns: int) -> None:
        if self._sink is None or self._opened is None:
            return
        size = self._write(self._sink, image, taken_ns)
        if size is None:
            return
        given = Resolution(*size, round(min(self._wish.per_second, self._opened.per_second), 3))
        if self.phase is Phase.RUNNING and given == self._given:
            return
        self._given = given
        is_other = (given.width, given.height) != (self._wish.width, self._wish.height)
        text = live_words.other_resolution(self._wish, given) if is_other else None
        self.note_running(CaptureNote(CaptureEvent.STARTED, resolution=given, text=text))

    def _write(self, sink: FrameSink, image: QImage, taken_ns: int) -> tuple[int, int] | None:
        """Write an image; return its size, None where nobody takes it any more."""
        for _ in range(2):
            room = QSize(self._wish.width, self._wish.height) if self._is_shrunk else None
            pixels, width, height = rgb(image, is_mirrored=self.is_mirrored, room=room)
            try:
                sink.write(pixels, width, height, taken_ns)
            except ValueError:
                self._is_shrunk = True
            else:
                return width, height
        return None

    # ---------------------------------------------------------------------------------------------------- troubles

    def _on_failed(self, said: str) -> None:
        """Find out what a camera's error means: Qt has one kind of it, and a text."""
        words, there = said.lower(), self._system.ids()
        if self.device_id not in there:
            self.lose(self.absence(there))
        elif "disconnect" in words or "no such device" in words:
            self.lose(CaptureTrouble.UNPLUGGED)
        elif self._is_denied(words):
            self.lose(CaptureTrouble.DENIED)
        else:
            self.lose(CaptureTrouble.IN_USE)

    def _is_denied(self, words: str) -> bool:
        if any(word in words for word in ("permission", "denied", "authoriz")):
            return True
        return self._system.is_locked(self.device_id) or self._system.may_use() is False
