"""Takes of live pictures: their faces are changed already, so the file is packed anew and looked over."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.work import FetchedFile, WorkContext
from faceswap_desktop.providers.on_device.originals import check_unchanged
from faceswap_desktop.providers.protocol import Quote
from faceswap_desktop.workers.pool import Lane, WorkerPool
from faceswap_desktop.workers.take_requests import FinishedTake, FinishTake
from faceswap_desktop.workers.wire import Update

STEP: Final = "finish"
_SECONDS: Final = 0.3
_BYTES_PER_SECOND: Final = 50 * 2**20
_COPIES: Final = 3
"""The packed file, one with its marks, and the signed one lie beside each other."""


class TakeWork:
    """Finishes takes for the provider."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool

    def quote(self, recipe: Recipe) -> Quote:
        """Say how long it will take, and how much room: by the size of the file."""
        size = recipe.media.fingerprint.size_bytes
        return Quote(_SECONDS + size / _BYTES_PER_SECOND, room_bytes=_COPIES * size)

    async def room_needed(self, recipe: Recipe) -> int:
        """Return how much room is needed; little for pictures.

        Raises:
            InputRefused: The take is gone or has changed.
        """
        await check_unchanged(recipe)
        return _COPIES * recipe.media.fingerprint.size_bytes if recipe.is_video else 0

    async def run(self, context: WorkContext) -> FetchedFile:
        """Write the finished file into the scratch folder.

        Raises:
            InputRefused: The take is gone, has changed or cannot be read.
            StorageError: It cannot be written, or (``disk-full``) has no room.
            WorkerError: The worker crashed, hung or ran out of memory.
        """

        def pass_on(update: Update) -> None:
            context.report(update.fraction, STEP)

        began = time.monotonic()
        await check_unchanged(context.recipe)
        request = FinishTake(context.cleared, str(Path(context.scratch_folder) / "result"))
        done: FinishedTake = await self._pool.run(
            "finish_take", request, lane=Lane.JOBS, on_update=pass_on, retries=0, until_stopped=True
        )
        return FetchedFile(
            path=done.path,
            width=done.width,
            height=done.height,
            format=done.format,
            size_bytes=done.size_bytes,
            sha256=done.sha256,
            faces=len(context.recipe.targets),
            similarity=None,
            seconds=time.monotonic() - began,
            notes=done.notes,
        )
