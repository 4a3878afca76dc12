"""A video file or a picture as camera: a worker plays it into the session's box."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from faceswap_desktop.domain.errors import Cancelled, FaceSwapError
from faceswap_desktop.domain.live import CameraChoice, CaptureEvent, CaptureNote, CaptureTrouble, FrameSink, Resolution
from faceswap_desktop.domain.messages import message
from faceswap_desktop.workers.errors import WorkerBug
from faceswap_desktop.workers.live_boxes import BoxNames
from faceswap_desktop.workers.live_requests import CaptureFile, CaptureUpdate
from faceswap_desktop.workers.pool import Lane, WorkerPool
from faceswap_desktop.workers.wire import Update

logger = logging.getLogger(__name__)

SILENCE_S: Final = 15.0
MOST_RESTARTS: Final = 3


class FileCapture:
    """Plays a file by the task ``live_capture``. A ``domain.live.Capture``.

    Args:
        pool: Where it runs.
        camera: The file.
        boxes: Says into which boxes it goes. The worker opens them by name, so the sink is not used.
        most_pixels: Says how large a file may be.
    """

    def __init__(
        self, pool: WorkerPool, camera: CameraChoice, boxes: Callable[[], BoxNames], most_pixels: Callable[[], int]
    ) -> None:
        self._pool, self._camera = pool, camera
        self._boxes, self._most_pixels = boxes, most_pixels
        self._wish = Resolution()
        self._is_mirrored = False
        self._on_note: Callable[[CaptureNote], None] = lambda _: None
        self._task: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    def start(
        self, sink: FrameSink, wish: Resolution, *, is_mirrored: bool, on_note: Callable[[CaptureNote], None]
    ) -> None:
        """Begin to play; see ``domain.live.Capture``."""
        del sink
        self._wish, self._is_mirrored, self._on_note = wish, is_mirrored, on_note
        self._begin()

    def set_mirrored(self, is_mirrored: bool) -> None:
        """Swap left and right: the file begins again."""
        if is_mirrored == self._is_mirrored:
            return
        self._is_mirrored = is_mirrored
        if self._task is not None:
            before, self._task = self._task, None
            before.cancel()
            self._begin()

    async def stop(self) -> None:
        """End it; returns when nothing is written any more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
        # One that was begun anew waits for the one before.
        async with self._turn:
            if task is not None:
                await asyncio.wait([task])

    def _begin(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._play(), name="live: play a file")

    async def _play(self) -> None:
        async with self._turn:
            request = CaptureFile(self._camera.id, self._boxes(), self._wish, self._is_mirrored, self._most_pixels())
            try:
                await self._pool.run(
                    "live_capture",
                    request,
                    lane=Lane.LIVE,
                    limit_s=SILENCE_S,
                    on_update=self._heard,
                    retries=MOST_RESTARTS,
                    until_stopped=True,
                )
            except Cancelled:
                return
            except FaceSwapError as error:
                self._on_note(CaptureNote(CaptureEvent.FAILED, CaptureTrouble.UNREADABLE, text=error.message))
            except WorkerBug:
                logger.exception("a file could not be played as camera")
                text = message("This file cannot be played as a camera.")
                self._on_note(CaptureNote(CaptureEvent.FAILED, CaptureTrouble.UNREADABLE, text=text))

    def _heard(self, update: Update) -> None:
        if isinstance(update.payload, CaptureUpdate):
            self._on_note(update.payload.note)
