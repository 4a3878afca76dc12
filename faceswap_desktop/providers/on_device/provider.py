"""Runs jobs in the worker processes. Nothing leaves this computer, and nothing costs anything."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.work import FetchedFile, Handle, WorkContext, WorkLost
from faceswap_desktop.providers.protocol import CancelOutcome, Capability, ProviderInfo, Quote, StepPlan
from faceswap_desktop.workers.pool import Lane, WorkerPool
from faceswap_desktop.workers.requests import SwappedFile, SwapToFile
from faceswap_desktop.workers.wire import Update

ID: Final = "on-device"

_SECONDS_PER_JOB: Final = 0.05
_SECONDS_PER_MEGAPIXEL: Final = 0.03
_SECONDS_PER_FACE: Final = 0.25


class OnDeviceProvider:
    """Swaps faces in the pool's job workers."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool
        self._finished: dict[JobId, SwappedFile] = {}
        self.info = ProviderInfo(
            id=ID,
            title="On this computer",
            capabilities=Capability.DETECT | Capability.SWAP_IMAGE | Capability.MULTI_FACE,
            limits=message("Pictures only. Works best where the face is turned by less than about 30 degrees."),
            max_concurrent_jobs=pool.job_slots,
            is_local=True,
        )

    async def quote(self, recipe: Recipe) -> Quote:
        """Guess the time from the picture's size and the number of faces."""
        megapixels = recipe.media.size.width * recipe.media.size.height / 1e6
        return Quote(_SECONDS_PER_JOB + _SECONDS_PER_MEGAPIXEL * megapixels + _SECONDS_PER_FACE * len(recipe.pairings))

    def steps(self, recipe: Recipe) -> tuple[StepPlan, ...]:
        """Return the one step; it costs nothing."""
        del recipe
        return (StepPlan("swap"),)

    async def submit(self, context: WorkContext) -> Handle:
        """Return at once: the work is done in ``run``, and the job's own id finds it."""
        return Handle(ID, {"job": context.job})

    async def run(self, handle: Handle, context: WorkContext) -> None:
        """Swap the faces and write the result into the scratch folder.

        Raises:
            InputRefused: The original or a source face is missing or changed, or a face cannot be found again.
            StorageError: The result cannot be written.
            WorkerError: The worker crashed, hung or ran out of memory. It is not tried again here: the runner counts.
        """
        del handle

        def pass_on(update: Update) -> None:
            context.report(update.fraction, update.step)

        request = SwapToFile(
            recipe=context.recipe,
            sources=await context.source_files(),
            scratch_path=str(Path(context.scratch_folder) / "result"),
            max_pixels=context.max_pixels,
        )
        self._finished[context.job] = await self._pool.run(
            "swap_to_file", request, lane=Lane.JOBS, on_update=pass_on, retries=0
        )

    async def fetch(self, handle: Handle, context: WorkContext) -> FetchedFile:
        """Return what ``run`` made.

        Raises:
            WorkLost: The program ended in between.
        """
        del handle
        done = self._finished.pop(context.job, None)
        if done is None:
            raise WorkLost
        return FetchedFile(
            path=done.path,
            width=done.width,
            height=done.height,
            format=done.format,
            size_bytes=done.size_bytes,
            sha256=done.sha256,
            faces=done.faces,
            similarity=done.similarity,
            seconds=done.seconds,
            notes=done.notes,
        )

    async def cancel(self, handle: Handle) -> CancelOutcome:
        """Forget the job; its worker was stopped when its call was cancelled."""
        self._finished.pop(JobId(handle.values.get("job", "")), None)
        return CancelOutcome()
