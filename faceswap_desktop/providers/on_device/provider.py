"""Runs jobs in the worker processes. Nothing leaves this computer, unless a cluster is set; nothing costs anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.cloud import Delivery, Fit, Need
from faceswap_desktop.domain.errors import ProviderRejected
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.settings import ClusterSettings
from faceswap_desktop.domain.work import FetchedFile, Handle, WorkContext, WorkLost
from faceswap_desktop.providers.on_device.speeds import Speeds
from faceswap_desktop.providers.on_device.takes import STEP as FINISH
from faceswap_desktop.providers.on_device.takes import TakeWork
from faceswap_desktop.providers.on_device.video import RENDER, VideoWork
from faceswap_desktop.providers.protocol import CancelOutcome, Capability, ProviderInfo, Quote, StepPlan
from faceswap_desktop.workers.pool import Lane, WorkerPool
from faceswap_desktop.workers.requests import SwappedFile, SwapToFile
from faceswap_desktop.workers.wire import Update

ID: Final = "on-device"

_SECONDS_PER_JOB: Final = 0.05
_SECONDS_PER_MEGAPIXEL: Final = 0.03
_SECONDS_PER_FACE: Final = 0.25
_HONEST_YEARS: Final = (-15, 20)
"""Beyond so many years the effect no longer passes for an age; decision record 0013 shows how it was judged."""


class OnDeviceProvider:
    """Swaps and reages faces in the pool's job workers.

    Args:
        pool: The workers.
        cluster: Returns the settings of a cluster that renders videos; no address to render them here.
        speeds_file: Where it is kept how fast this computer is; None to forget it at the end.
    """

    def __init__(
        self,
        pool: WorkerPool,
        *,
        cluster: Callable[[], ClusterSettings] = ClusterSettings,
        speeds_file: Path | None = None,
    ) -> None:
        self._pool = pool
        self._videos = VideoWork(pool, cluster, Speeds(speeds_file))
        self._takes = TakeWork(pool)
        self._finished: dict[JobId, FetchedFile] = {}
        self.info = ProviderInfo(
            id=ID,
            title="On this computer",
            capabilities=(
                Capability.DETECT
                | Capability.SWAP_IMAGE
                | Capability.SWAP_VIDEO
                | Capability.MULTI_FACE
                | Capability.REAGE_IMAGE
                | Capability.REAGE_VIDEO
            ),
            limits=message(
                "Pictures and videos of any length. Works best where the face is turned by less than about 30 degrees. "
                "Ages are stylised, from 30 years younger to 30 years older."
            ),
            max_concurrent_jobs=pool.job_slots,
            is_local=True,
            reage_range=_HONEST_YEARS,
            reage_advice=message(
                "Beyond {younger} years younger or {older} years older this computer's method looks like make-up. "
                "AKOOL, or a neural checkpoint such as FRAN, does better.",
                younger=-_HONEST_YEARS[0],
                older=_HONEST_YEARS[1],
            ),
        )

    async def quote(self, recipe: Recipe) -> Quote:
        """Say how long it will take: pictures by their size and faces, videos also by what others took here."""
        if recipe.take is not None:
            return self._takes.quote(recipe)
        if recipe.is_video:
            return await self._videos.quote(recipe)
        megapixels = recipe.media.size.width * recipe.media.size.height / 1e6
        faces = len(recipe.pairings) + len(recipe.ages)
        return Quote(_SECONDS_PER_JOB + _SECONDS_PER_MEGAPIXEL * megapixels + _SECONDS_PER_FACE * faces)

    def steps(self, recipe: Recipe) -> tuple[StepPlan, ...]:
        """Return one call, which costs nothing: the work goes on from its pieces without more of them."""
        if recipe.take is not None:
            return (StepPlan(FINISH),)
        return (StepPlan(RENDER if recipe.is_video else "swap"),)

    def keeps_work(self, recipe: Recipe) -> bool:
        """Say whether finished pieces are kept: of videos that are rendered."""
        return recipe.is_video and recipe.take is None

    async def room_needed(self, recipe: Recipe, scratch_folder: str) -> int:
        """Return how much room a video still needs; pictures need little."""
        if recipe.take is not None:
            return await self._takes.room_needed(recipe)
        return await self._videos.room_needed(recipe, scratch_folder) if recipe.is_video else 0

    @property
    def account(self) -> None:
        """Nobody has to sign in on the own computer."""
        return

    def fit(self, recipe: Recipe) -> Fit:
        """Take everything that could be opened."""
        del recipe
        return Fit()

    async def needs(self, recipe: Recipe) -> tuple[Need, ...]:
        """Need nothing."""
        del recipe
        return ()

    async def prepare(self, context: WorkContext) -> Mapping[str, str]:
        """Do nothing: the work reads the originals."""
        del context
        return {}

    async def submit(self, context: WorkContext) -> Handle:
        """Return at once: the work is done in ``run``, and the job's own id finds it."""
        return Handle(ID, {"job": context.job})

    async def run(self, handle: Handle, context: WorkContext) -> Handle:
        """Do what the recipe says and write the result into the scratch folder.

        Raises:
            InputRefused: The original or a source face is missing or changed, or a face cannot be found again.
            StorageError: The result cannot be written, or (``disk-full``) has no room.
            WorkerError: The worker crashed, hung or ran out of memory. Of pictures it is not tried again here: the
                runner counts.
        """
        self._finished[context.job] = await self._made(context)
        return handle

    async def fetch(self, handle: Handle, context: WorkContext) -> FetchedFile:
        """Return what ``run`` made.

        Raises:
            WorkLost: The program ended in between.
        """
        del handle
        done = self._finished.pop(context.job, None)
        if done is None:
            raise WorkLost
        return done

    def receive(self, delivery: Delivery) -> Handle:
        """Refuse: nobody sends anything to it."""
        raise ProviderRejected(message("Nothing is delivered to this computer's own provider."), provider_id=ID)

    def watchable(self, job: JobId) -> float:
        """Return how many seconds of a video can be watched already."""
        return self._videos.watchable(job)

    async def watch(self, job: JobId) -> str:
        """Make a file of what is finished of a video from its start on.

        Raises:
            UsageError: Nothing is finished yet.
            StorageError: There is no room for it.
        """
        return await self._videos.watch(job)

    async def cancel(self, handle: Handle) -> CancelOutcome:
        """Forget the job; its workers were stopped when its call was cancelled."""
        job = JobId(handle.values.get("job", ""))
        self._finished.pop(job, None)
        self._videos.forget(job)
        return CancelOutcome()

    async def _made(self, context: WorkContext) -> FetchedFile:
        if context.recipe.take is not None:
            return await self._takes.run(context)
        if context.recipe.is_video:
            return await self._videos.run(context)
        return await self._swap_picture(context)

    async def _swap_picture(self, context: WorkContext) -> FetchedFile:
        def pass_on(update: Update) -> None:
            context.report(update.fraction, update.step)

        request = SwapToFile(
            cleared=context.cleared,
            sources=await context.source_files(),
            scratch_path=str(Path(context.scratch_folder) / "result"),
            max_pixels=context.max_pixels,
        )
        done: SwappedFile = await self._pool.run("swap_to_file", request, lane=Lane.JOBS, on_update=pass_on, retries=0)
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
