"""Detection: pictures are opened in a worker, and every face is found once per file."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.domain.faces import DetectedFace
from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.media import Media
from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.storage.detections import DetectionStore
from faceswap_desktop.workers.pool import WorkerPool
from faceswap_desktop.workers.requests import DisplayReady, OpenedPicture, OpenPicture, Update

logger = logging.getLogger(__name__)

CHECKPOINT_SET = "yunet_2023mar+face_mesh_478+sface_2021dec/1"
"""Grows when detection gives other answers, so that what was cached before is found anew."""


@dataclass(frozen=True, slots=True)
class DisplayPicture:
    """Pixels for the canvas.

    Attributes:
        media: The picture.
        pixels: RGB, 8 bits, sRGB, rows of ``stride`` bytes.
        size: Pixels of the display copy, smaller than the media's for very large pictures.
        stride: Bytes per row.
        scale: Display pixels per pixel of the media.
    """

    media: Media
    pixels: bytes | bytearray
    size: Size
    stride: int
    scale: float


class Detection:
    """Opens pictures and finds their faces."""

    def __init__(self, store: DetectionStore, pool: WorkerPool, settings: SettingsService) -> None:
        self._store = store
        self._pool = pool
        self._settings = settings
        # One at a time: the interactive worker is one, and this keeps previews from queueing behind forty pictures.
        self._background = asyncio.Semaphore(1)

    async def detect(self, path: str | Path) -> tuple[Media, tuple[DetectedFace, ...]]:
        """Find all faces of a picture, largest first.

        Raises:
            InputRefused: The file is missing, no picture, damaged or too large.
            WorkerError: The worker crashed twice over this file.
        """
        async with self._background:
            opened = await self._open(path, want_display=False, detect=False)
            cached = await self._store.get(opened.media.fingerprint.quick_digest, CHECKPOINT_SET)
            if cached is not None:
                return opened.media, cached
            opened = await self._open(path, want_display=False, detect=True)
            faces = opened.faces or ()
            try:
                await self._store.put(opened.media.fingerprint.quick_digest, CHECKPOINT_SET, faces)
            except StorageError as error:
                # The faces are there; that they have to be found anew next time is no reason to refuse them now.
                logger.info("The faces could not be kept: %s", error)
            return opened.media, faces

    async def display(self, path: str | Path) -> DisplayPicture:
        """Decode a picture for the canvas.

        Raises:
            InputRefused: The file is missing, no picture, damaged or too large.
        """
        ready: list[DisplayReady] = []

        def on_update(update: Update) -> None:
            if isinstance(update.payload, DisplayReady):
                ready.append(update.payload)

        opened = await self._open(path, want_display=True, detect=False, on_update=on_update)
        shared = opened.display or (ready[0].display if ready else None)
        if shared is None:
            raise RuntimeError("the worker sent no pixels")
        try:
            pixels = await asyncio.to_thread(shared.take)
        finally:
            shared.release()
        return DisplayPicture(
            opened.media, pixels, Size(shared.width, shared.height), shared.stride, opened.display_scale
        )

    async def _open(
        self,
        path: str | Path,
        *,
        want_display: bool,
        detect: bool,
        on_update: Callable[[Update], None] | None = None,
    ) -> OpenedPicture:
        limit = self._settings.current.media.max_megapixels * 1_000_000
        reply: OpenedPicture = await self._pool.run(
            "open_picture",
            OpenPicture(str(path), limit, want_display=want_display, detect=detect),
            on_update=on_update,
        )
        return reply
