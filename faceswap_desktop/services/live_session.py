"""One live session on this computer: its boxes, its camera, its microphone, its engine."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from faceswap_desktop.domain.errors import Cancelled, FaceSwapError, StorageError, WorkerError
from faceswap_desktop.domain.live import (
    CameraChoice,
    CameraKind,
    Capture,
    CaptureNote,
    LiveReport,
    Resolution,
    SoundCapture,
)
from faceswap_desktop.domain.messages import message
from faceswap_desktop.services.live_engine import EngineKeeper
from faceswap_desktop.workers.live_boxes import LiveBoxes
from faceswap_desktop.workers.live_outlet import Outlet
from faceswap_desktop.workers.pool import WorkerPool

logger = logging.getLogger(__name__)

_ROOM_FOR_DEVICES: Final = 1280 * 720
"""Devices do not always give what they are asked for; what is never written to costs no memory."""
_END_LIMIT_S: Final = 5.0
"""A camera whose driver hangs must not keep the session from ending."""


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """What a session is started with.

    Attributes:
        camera: Where the pictures come from.
        capture: What gives them.
        wish: Pixels and rate that it is asked for.
        is_mirrored: Left and right swapped.
        sound: What gives the sound; None for none.
    """

    camera: CameraChoice
    capture: Capture
    wish: Resolution
    is_mirrored: bool
    sound: SoundCapture | None = None

    @property
    def room(self) -> int:
        """Pixels of the largest frame that is to be expected."""
        wished = self.wish.width * self.wish.height
        return max(wished, _ROOM_FOR_DEVICES) if self.camera.kind is CameraKind.DEVICE else wished


@dataclass(frozen=True, slots=True)
class SessionEvents:
    """Whom a session tells what happens, all on the loop's thread.

    Attributes:
        on_note: Something happened to the camera.
        on_sound_note: Something happened to the microphone.
        on_report: The engine has made a picture.
        on_engine_lost: The engine is about to be started again.
        on_failed: It cannot go on.
    """

    on_note: Callable[[CaptureNote], None]
    on_sound_note: Callable[[CaptureNote], None]
    on_report: Callable[[LiveReport], None]
    on_engine_lost: Callable[[], None]
    on_failed: Callable[[FaceSwapError], None]


class LiveSession:
    """Runs from ``begin`` to ``end``.

    Attributes:
        plan: What it was started with.
        boxes: Its boxes.
        outlet: What everybody sees, for the window.
    """

    def __init__(self, pool: WorkerPool, plan: SessionPlan, events: SessionEvents) -> None:
        """Make the boxes.

        Raises:
            StorageError: There is no room for them.
        """
        self._pool, self.plan, self._events = pool, plan, events
        try:
            self.boxes = LiveBoxes(os.getpid(), plan.room)
        except OSError as error:
            raise StorageError(
                message("There is no room in memory for live pictures: {reason}.", reason=error.strerror or ""),
                message("Close other programs, or choose a smaller resolution."),
                kind="memory",
            ) from error
        self.outlet = Outlet.of(self.boxes)
        self._engine: asyncio.Task[None] | None = None
        self._restarting = asyncio.Lock()
        self._is_over = False

    @property
    def is_over(self) -> bool:
        """Whether it ends, or has ended."""
        return self._is_over

    @property
    def frame_size(self) -> tuple[int, int] | None:
        """Width and height of the camera's newest frame; None while there is none."""
        frame = self.boxes.camera.read()
        return (frame.width, frame.height) if frame is not None else None

    @property
    def has_sound(self) -> bool:
        """Whether there is a microphone, or a file that brings its sound."""
        return self.plan.sound is not None or self.boxes.sound.written > 0

    def begin(self) -> None:
        """Start the camera, the microphone and the engine; what comes of it is told."""
        self._engine = asyncio.get_running_loop().create_task(self._keep_engine(), name="live: engine")
        self._start_capture()
        self._start_sound()

    def set_mirrored(self, is_mirrored: bool) -> None:
        """Swap left and right from the next frame on."""
        self.plan.capture.set_mirrored(is_mirrored)

    async def restart_capture(self, is_mirrored: bool) -> None:
        """Give camera and microphone back and take them anew, for instance after the computer has slept."""
        async with self._restarting:
            if self._is_over:
                return
            await self._stop_sources()
            if not self._is_over:
                self._start_capture(is_mirrored)
                self._start_sound()

    async def end(self) -> None:
        """Stop everything, in such an order that nobody writes into what is taken away."""
        self._is_over = True
        self.boxes.switch.is_over = True
        async with self._restarting:
            await self._stop_sources()
        if self._engine is not None:
            self._engine.cancel()
            await asyncio.wait([self._engine])
        self.boxes.close()

    # ------------------------------------------------------------------------------------------------- insides

    def _start_capture(self, is_mirrored: bool | None = None) -> None:
        mirrored = self.plan.is_mirrored if is_mirrored is None else is_mirrored
        self.plan.capture.start(
            self.boxes.camera, self.plan.wish, is_mirrored=mirrored, on_note=self._unless_over(self._events.on_note)
        )

    def _start_sound(self) -> None:
        if self.plan.sound is not None:
            self.plan.sound.start(self.boxes.sound, on_note=self._unless_over(self._events.on_sound_note))

    def _unless_over(self, on_note: Callable[[CaptureNote], None]) -> Callable[[CaptureNote], None]:
        return lambda note: None if self._is_over else on_note(note)

    async def _stop_sources(self) -> None:
        await _quietly("the camera", self.plan.capture.stop())
        if self.plan.sound is not None:
            await _quietly("the microphone", self.plan.sound.stop())

    async def _keep_engine(self) -> None:
        keeper = EngineKeeper(self._pool, self._events.on_report, self._events.on_engine_lost)
        try:
            await keeper.keep(self.boxes.names)
        except Cancelled:
            return
        except FaceSwapError as error:
            self._events.on_failed(error)
            return
        if not self._is_over:
            self._events.on_failed(WorkerError(message("What changes the faces ended by itself.")))


async def _quietly(what: str, ending: Awaitable[None]) -> None:
    try:
        async with asyncio.timeout(_END_LIMIT_S):
            await ending
    except Exception:
        # Whatever one of them does, the rest has to end too.
        logger.exception("%s did not end well", what)
