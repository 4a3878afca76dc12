"""One of the computer's cameras as ``domain.live.Capture``. To be loaded when something of Live starts."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import Enum, auto
from typing import Final

from PySide6.QtCore import QObject, QSize, QTimer
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
from faceswap_desktop.ui.live.frames import Unpacker, rgb

FIRST_FRAME_MS: Final = 8_000
"""Slow cameras need three seconds; after so long another program holds it, or its cover is shut."""
SILENCE_MS: Final = 5_000
RETRY_MS: Final = 2_000
_EARLY: Final = 0.3
"""A frame may come by so much of its time too early: cameras are not even."""


class _Phase(Enum):
    OFF = auto()
    STARTING = auto()
    RUNNING = auto()
    LOST = auto()
    """It was there; it is looked for."""


class QtCamera(QObject):
    """A camera of this computer; see ``domain.live.Capture``.

    Before its first frame every trouble ends it (``FAILED``); later it is ``LOST``, looked for every two seconds and
    whenever a device comes, and ``STARTED`` again by itself. A permission that is taken away ends it.

    Args:
        choice: Which; without an id the system's default one.
        system: The computer's cameras; the real ones if None.
    """

    def __init__(self, choice: CameraChoice, system: CameraSystem | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choice = choice
        self._system: CameraSystem = QtCameraSystem(self) if system is None else system
        self._phase = _Phase.OFF
        self._sink: FrameSink | None = None
        self._on_note: Callable[[CaptureNote], None] = lambda _: None
        self._wish = Resolution()
        self._is_mirrored = False
        self._is_shrunk = False
        """Whether frames are shrunk to the wish: there is no room for larger ones."""
        self._id = choice.id
        self._opened: OpenCamera | None = None
        self._unpacker = Unpacker(self)
        self._unpacker.ready.connect(self._on_image)
        self._unfollow: Callable[[], None] = lambda: None
        self._trouble: CaptureTrouble | None = None
        self._given: Resolution | None = None
        self._due_ns = 0
        self._watchdog = self._timer(self._on_silence)
        self._retry = self._timer(self._open)

    # ------------------------------------------------------------------------------------------------- Capture

    def start(
        self, sink: FrameSink, wish: Resolution, *, is_mirrored: bool, on_note: Callable[[CaptureNote], None]
    ) -> None:
        """Begin to write frames; see ``domain.live.Capture.start``. After ``stop`` it may be started again.

        Raises:
            ValueError: It runs.
        """
        if self._phase is not _Phase.OFF:
            raise ValueError("this camera runs already")
        self._phase, self._id, self._trouble, self._given = _Phase.STARTING, self._choice.id, None, None
        self._is_shrunk = False
        self._sink, self._wish, self._is_mirrored, self._on_note = sink, wish, is_mirrored, on_note
        self._unfollow = self._system.follow(self._on_devices)
        # Nothing is told before this returns.
        QTimer.singleShot(0, self, self._ask)

    def set_mirrored(self, is_mirrored: bool) -> None:
        """Swap left and right from the next frame on."""
        self._is_mirrored = is_mirrored

    async def stop(self) -> None:
        """Give the camera back. A second call does nothing."""
        self._leave()
        await self._unpacker.close()

    # ------------------------------------------------------------------------------------------------- opening

    def _ask(self) -> None:
        if self._phase is not _Phase.STARTING:
            return
        match self._system.may_use():
            case True:
                self._open()
            case None:
                self._system.ask(self._on_answer)
            case _:
                self._fail(CaptureTrouble.DENIED)

    def _on_answer(self, may: bool) -> None:
        if self._phase is _Phase.STARTING:
            if may:
                self._open()
            else:
                self._fail(CaptureTrouble.DENIED)

    def _open(self) -> None:
        if self._phase not in {_Phase.STARTING, _Phase.LOST} or self._opened is not None:
            return
        there = self._system.ids()
        if not self._id and there:
            # The default one stays the same while it runs, whatever is plugged in meanwhile.
            self._id = there[0]
        if self._id not in there:
            self._lose(CaptureTrouble.UNPLUGGED if there or self._choice.name else CaptureTrouble.NO_CAMERA)
            return
        if self._system.is_locked(self._id):
            self._fail(CaptureTrouble.DENIED)
            return
        self._opened = self._system.open(self._id, self._wish, self._on_frame, self._on_failed)
        if self._opened is None:
            self._lose(CaptureTrouble.NO_RESOLUTION)
            return
        self._due_ns = 0
        self._watchdog.start(FIRST_FRAME_MS)

    def _close(self) -> None:
        """Give the camera free."""
        self._watchdog.stop()
        self._retry.stop()
        self._unpacker.forget()
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def _leave(self) -> None:
        """Give it free for good."""
        self._phase = _Phase.OFF
        unfollow, self._unfollow = self._unfollow, lambda: None
        unfollow()
        self._close()
        self._sink = None

    # -------------------------------------------------------------------------------------------------- frames

    def _on_frame(self, frame: QVideoFrame) -> None:
        if self._opened is None:
            return
        now = time.monotonic_ns()
        self._watchdog.start(SILENCE_MS)
        period = round(1e9 / self._wish.per_second)
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
        if self._phase is not _Phase.RUNNING or given != self._given:
            self._phase, self._trouble, self._given = _Phase.RUNNING, None, given
            is_other = (given.width, given.height) != (self._wish.width, self._wish.height)
            text = live_words.other_resolution(self._wish, given) if is_other else None
            self._on_note(CaptureNote(CaptureEvent.STARTED, resolution=given, text=text))

    def _write(self, sink: FrameSink, image: QImage, taken_ns: int) -> tuple[int, int] | None:
        """Write an image; return its size, None where nobody takes it any more."""
        for _ in range(2):
            room = QSize(self._wish.width, self._wish.height) if self._is_shrunk else None
            pixels, width, height = rgb(image, is_mirrored=self._is_mirrored, room=room)
            try:
                sink.write(pixels, width, height, taken_ns)
            except ValueError:
                if self._is_shrunk:
                    return None
                self._is_shrunk = True
            else:
                return width, height
        return None

    # ------------------------------------------------------------------------------------------------- trouble

    def _on_failed(self, said: str) -> None:
        self._lose(self._meaning(said))

    def _on_silence(self) -> None:
        self._lose(CaptureTrouble.IN_USE if self._id in self._system.ids() else CaptureTrouble.UNPLUGGED)

    def _on_devices(self) -> None:
        is_there = self._id in self._system.ids()
        if self._phase in {_Phase.STARTING, _Phase.RUNNING} and self._opened is not None and not is_there:
            self._lose(CaptureTrouble.UNPLUGGED)
        elif self._phase is _Phase.LOST and is_there:
            self._open()

    def _meaning(self, said: str) -> CaptureTrouble:
        """Return what a camera's error means: Qt has one kind of it, and a text."""
        words = said.lower()
        if self._id not in self._system.ids() or any(word in words for word in ("disconnect", "no such device")):
            return CaptureTrouble.UNPLUGGED
        denied = any(word in words for word in ("permission", "denied", "access"))
        if denied or self._system.is_locked(self._id) or self._system.may_use() is False:
            return CaptureTrouble.DENIED
        return CaptureTrouble.IN_USE

    def _lose(self, trouble: CaptureTrouble) -> None:
        """Look for it from now on where it once was there, else give up."""
        if self._phase is _Phase.STARTING or trouble is CaptureTrouble.DENIED:
            self._fail(trouble)
            return
        if self._phase not in {_Phase.RUNNING, _Phase.LOST}:
            return
        self._close()
        self._phase = _Phase.LOST
        self._retry.start(RETRY_MS)
        if trouble is not self._trouble:
            self._trouble = trouble
            self._tell(CaptureEvent.LOST, trouble)

    def _fail(self, trouble: CaptureTrouble) -> None:
        if self._phase is _Phase.OFF:
            return
        self._leave()
        self._tell(CaptureEvent.FAILED, trouble)

    def _tell(self, event: CaptureEvent, trouble: CaptureTrouble) -> None:
        text: Message = live_words.what(trouble, self._choice.name)
        self._on_note(CaptureNote(event, trouble, text=text))

    def _timer(self, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(slot)
        return timer
