"""Frames of a video or a picture for whoever shows them elsewhere: a session at a service, whose page sends them."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from faceswap_desktop.domain.live import CameraChoice, CaptureNote, Resolution
from faceswap_desktop.services.live_file import FileCapture
from faceswap_desktop.workers.boxes import BoxedFrame
from faceswap_desktop.workers.live_boxes import LiveBoxes
from faceswap_desktop.workers.pool import WorkerPool

SENT: Final = Resolution(640, 480, 20.0)
"""What services are sent (providers.md B.4)."""


class FileFrames:
    """Plays a file into a box of its own until it is closed.

    Args:
        pool: Where it is played.
        camera: The file.
        most_pixels: Says how large a file may be.
        on_note: Told what comes of it.

    Raises:
        OSError: There is no room for the box.
    """

    def __init__(
        self,
        pool: WorkerPool,
        camera: CameraChoice,
        most_pixels: Callable[[], int],
        on_note: Callable[[CaptureNote], None],
    ) -> None:
        self._boxes = LiveBoxes(os.getpid(), SENT.width * SENT.height)
        self._capture = FileCapture(pool, camera, lambda: self._boxes.names, most_pixels)
        # Mirrored by the page, for the eyes only: the service gets the picture as it is.
        self._capture.start(self._boxes.camera, SENT, is_mirrored=False, on_note=on_note)

    def read(self, after: int = 0) -> BoxedFrame | None:
        """Copy the newest frame; None where there is none newer than ``after``.

        Raises:
            ValueError: It was closed.
        """
        return self._boxes.camera.read(after)

    async def close(self) -> None:
        """Play no more."""
        await self._capture.stop()
        self._boxes.close()
