"""Videos on this computer or on its cluster: index, analysis, rendering in chunks, joining.

The job's scratch folder is the journal: a chunk whose file is there and whole is finished, whatever happens next. So a
pause, a crash or the end of the program costs what the workers had in hand, at most one chunk each.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.errors import InputRefused, StorageError, UsageError, WorkerError
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.settings import ClusterSettings
from faceswap_desktop.domain.video import FrameTimes
from faceswap_desktop.domain.work import FetchedFile, FrameProgress, VideoFiles, WorkContext
from faceswap_desktop.providers.on_device import sentences
from faceswap_desktop.providers.on_device.originals import check_unchanged
from faceswap_desktop.providers.on_device.plans import OutputPlans, frames_of, frames_to_render, seconds_of
from faceswap_desktop.providers.on_device.rendering import Block, Rendering, mean_similarity
from faceswap_desktop.providers.on_device.scratch import (
    VideoRun,
    remove_file,
    seconds_in,
    size_of_chunks,
    write_seconds,
)
from faceswap_desktop.providers.on_device.speeds import Costs, Speeds, costs_of
from faceswap_desktop.providers.protocol import Quote
from faceswap_desktop.workers.analysis import analyse_video
from faceswap_desktop.workers.pool import Lane, WorkerPool
from faceswap_desktop.workers.render_requests import (
    CheckChunks,
    JoinChunks,
    JoinedVideo,
    RenderChunks,
    RenderedChunk,
    RenderedChunks,
    RenderOnCluster,
)
from faceswap_desktop.workers.track_names import has_tracks
from faceswap_desktop.workers.video_requests import IndexedVideo, IndexVideo
from faceswap_desktop.workers.wire import Update

INDEX, ANALYSE, RENDER, JOIN = STEPS = ("index", "analyse", "render", "join")
"""What a video's job consists of, in order; also the names of its steps in progress."""

LEAST_ROOM_BYTES: Final = 64 * 2**20
"""So much is left free on the disk: others need some too, and ledgers cannot be written on a full one."""

_PICTURE: Final = "last-frame.jpg"
_DAMAGED: Final = "chunk-damaged"
_NO_TRACKS: Final = "tracks-missing"


class VideoWork:
    """Does videos for the provider.

    Args:
        pool: The workers.
        cluster: Returns the settings of the cluster; without an address videos are rendered in the pool.
        speeds: What videos took here.
    """

    def __init__(self, pool: WorkerPool, cluster: Callable[[], ClusterSettings], speeds: Speeds) -> None:
        self._pool = pool
        self._cluster = cluster
        self._speeds = speeds
        self._plans = OutputPlans(pool)
        self._runs: dict[JobId, VideoRun] = {}

    async def quote(self, recipe: Recipe) -> Quote:
        """Estimate time and room. The original was analysed when its faces were paired, so that is not counted."""
        frames = frames_of(recipe)
        costs = costs_of(recipe, all_frames=frames, frames=frames)
        factor = await asyncio.to_thread(self._speeds.factor)
        is_remote = bool(self._cluster().address)
        return Quote(
            seconds=costs.index + costs.join + costs.render * (factor or 1.0) / self._pool.job_slots,
            leaves_computer=is_remote,
            files_leaving=1 if is_remote else 0,
            is_measured=factor is not None and not is_remote,
            room_bytes=await self._plans.room_of(recipe),
        )

    async def room_needed(self, recipe: Recipe, scratch_folder: str) -> int:
        """Return how much room is still needed beside the chunks that lie there; 0 where nobody can tell.

        Raises:
            InputRefused: The original is gone or has changed.
        """
        await check_unchanged(recipe)
        # A job's own workers are asked: without a window no other is running.
        room = await self._plans.room_of(recipe, Lane.JOBS)
        there = await asyncio.to_thread(size_of_chunks, Path(scratch_folder))
        return max(0, room - there) + LEAST_ROOM_BYTES if room else 0

    async def run(self, context: WorkContext) -> FetchedFile:
        """Do all that is not done yet, and return the result in the scratch folder.

        Raises:
            InputRefused: The original or a source face is gone or has changed. What is finished stays.
            StorageError: There is no room (``disk-full``), or the disk cannot be written. What is finished stays.
            WorkerError: A worker crashed twice over the same two seconds. The rest that is finished stays.
        """
        run = await self._begin(context)
        self._runs[context.job] = run
        try:
            try:
                await self._render(run)
            except StorageError as error:
                if error.kind != _NO_TRACKS:
                    raise
                # Found before, and damaged or cleared away since: found again, once.
                await self._analyse(context, context.recipe.media, run.files, run.times, run.costs)
                await self._render(run)
            try:
                done = await self._join(run)
            except StorageError as error:
                if error.kind != _DAMAGED:
                    raise
                # Whoever cleaned up on this disk took a chunk along, or a block of the disk went bad.
                run.rendering = Rendering(run.rendering.chunks, await self._whole_chunks(context, run.rendering.whole))
                await self._render(run)
                done = await self._join(run)
            await check_unchanged(context.recipe, is_rendering=True)
        except (InputRefused, StorageError):
            # Whatever went wrong with a file that was replaced, it is its being replaced that has to be said.
            await check_unchanged(context.recipe, is_rendering=True)
            raise
        finally:
            await asyncio.gather(*run.notes, return_exceptions=True)
            await asyncio.to_thread(write_seconds, run.folder, run.worked_s)
        self.forget(context.job)
        return done

    def watchable(self, job: JobId) -> float:
        """Return how many seconds are finished from the start on."""
        run = self._runs.get(job)
        ready = run.rendering.ready if run is not None else ()
        return run.times.of(ready[-1][1].end) - run.times.of(ready[0][1].first) if run is not None and ready else 0.0

    async def watch(self, job: JobId) -> str:
        """Join what is finished from the start on.

        Raises:
            UsageError: Nothing is finished.
            StorageError: There is no room for it.
        """
        run = self._runs.get(job)
        ready = run.rendering.ready if run is not None else ()
        if run is None or not ready:
            raise UsageError(message("Nothing of this video is finished yet."), kind="nothing-to-watch")
        path = run.folder / f"watch-{len(ready):06d}"
        known = await asyncio.to_thread(lambda: sorted(run.folder.glob("watch-*")))
        if made := next((str(one) for one in known if one.stem == path.name), None):
            return made
        size = sum(run.rendering.finished[number].size_bytes for number, _ in ready)
        await self._check_room(run, size)
        request = JoinChunks(run.context.recipe, run.files, str(run.folder), ready, str(path), is_whole=False)
        joined: JoinedVideo = await self._pool.run("join_chunks", request, lane=Lane.INTERACTIVE)
        for older in known:
            await asyncio.to_thread(remove_file, older)
        return joined.path

    def forget(self, job: JobId) -> None:
        """Nobody wants to watch this job any more."""
        self._runs.pop(job, None)

    # ------------------------------------------------------------------------------------------- before rendering

    async def _begin(self, context: WorkContext) -> VideoRun:
        recipe, began = context.recipe, time.monotonic()
        await check_unchanged(recipe)
        sources = await context.source_files()
        files = VideoFiles.of(context.video_cache, recipe.media)
        guess = costs_of(recipe, all_frames=frames_of(recipe, whole=True), frames=frames_of(recipe))

        def tell_index(update: Update) -> None:
            context.report(guess.index * update.fraction / guess.total, INDEX)

        indexed: IndexedVideo = await self._pool.run(
            "index_video", IndexVideo(recipe.media, files), lane=Lane.JOBS, on_update=tell_index, until_stopped=True
        )
        frames = frames_to_render(recipe, len(indexed.times))
        costs = costs_of(recipe, all_frames=len(indexed.times), frames=len(frames))
        if await asyncio.to_thread(has_tracks, files, indexed.times):
            # Its faces were looked for when they were paired, so that is no part of this job.
            costs = replace(costs, analyse=0.0)
        else:
            await self._analyse(context, indexed.media, files, indexed.times, costs)
        chunks = indexed.times.chunks(frames)
        whole = await self._whole_chunks(context, tuple(enumerate(chunks)))
        return VideoRun(
            context=context,
            files=files,
            times=indexed.times,
            costs=costs,
            rendering=Rendering(chunks, whole),
            sources=sources,
            began=began,
            worked_before_s=await asyncio.to_thread(seconds_in, Path(context.scratch_folder)),
        )

    async def _whole_chunks(self, context: WorkContext, chunks: Block) -> tuple[RenderedChunk, ...]:
        check = CheckChunks(context.recipe, context.scratch_folder, chunks)
        whole: RenderedChunks = await self._pool.run("check_chunks", check, lane=Lane.JOBS, until_stopped=True)
        return whole.chunks

    async def _analyse(
        self, context: WorkContext, media: Media, files: VideoFiles, times: FrameTimes, costs: Costs
    ) -> None:
        notes: set[asyncio.Task[None]] = set()
        first: list[int] = []

        def tell(share: float, finished: int) -> None:
            context.report((costs.index + costs.analyse * share) / costs.total, ANALYSE)
            first.append(finished)
            if finished > first[0] and not notes:
                notes.add(asyncio.ensure_future(context.got_on()))

        try:
            await analyse_video(self._pool, media, files, times, lane=Lane.JOBS, on_progress=tell)
        finally:
            await asyncio.gather(*notes, return_exceptions=True)

    # -------------------------------------------------------------------------------------------------- rendering

    async def _render(self, run: VideoRun) -> None:
        """Have the missing chunks rendered, front to back, at most one block per worker at once."""
        self._report(run)
        cluster = self._cluster()
        busy: set[asyncio.Task[None]] = set()
        trouble: StorageError | None = None
        began, frames_before = time.monotonic(), run.rendering.finished_frames
        try:
            while busy or (run.rendering.has_missing and trouble is None):
                most = 1 if cluster.address else self._pool.job_slots
                while run.rendering.has_missing and len(busy) < most and trouble is None:
                    block = run.rendering.take_all() if cluster.address else run.rendering.take_block(most)
                    try:
                        await self._check_room(run, self._size_of(run, block[:1]))
                    except StorageError as error:
                        # What is in hand has its room, so it is finished before the job waits.
                        run.rendering.give_back(block)
                        trouble = error
                        break
                    busy.add(asyncio.ensure_future(self._render_block(run, block, cluster)))
                if busy:
                    done, busy = await asyncio.wait(busy, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        task.result()
        finally:
            for task in busy:
                task.cancel()
            await asyncio.gather(*busy, return_exceptions=True)
        if trouble is not None:
            raise trouble
        if not cluster.address:
            await self._note_speed(run, time.monotonic() - began, run.rendering.finished_frames - frames_before)

    async def _render_block(self, run: VideoRun, block: Block, cluster: ClusterSettings) -> None:
        rendering, recipe = run.rendering, run.context.recipe
        has_picture = run.with_picture is None
        if has_picture:
            run.with_picture = block

        def on_update(update: Update) -> None:
            if isinstance(update.payload, RenderedChunk):
                rendering.note_finished(update.payload, time.monotonic())
                self._note_finished(run)
            elif isinstance(update.payload, int) and not cluster.address:
                rendering.note_frames(block, update.payload, time.monotonic())
            self._report(run)

        request = RenderChunks(
            cleared=run.context.cleared,
            sources=run.sources,
            files=run.files,
            chunks=block,
            folder=str(run.folder),
            picture_path=str(run.folder / _PICTURE) if has_picture else "",
            max_pixels=run.context.max_pixels,
        )
        try:
            await check_unchanged(recipe, is_rendering=True)
            reply: RenderedChunks = await self._run_block(request, cluster, on_update)
            for chunk in reply.chunks:
                rendering.note_finished(chunk, time.monotonic())
            self._note_finished(run)
            self._report(run)
        except WorkerError as error:
            await self._take_untold(run, block)
            number = rendering.note_crash(block)
            if number is not None:
                seconds = run.times.of(rendering.chunks[number].first)
                raise sentences.crashed_at(error, recipe, seconds) from error
        finally:
            rendering.give_back(block)
            if has_picture:
                run.with_picture = None

    async def _take_untold(self, run: VideoRun, block: Block) -> None:
        """Take the chunks that a worker finished but did not live to tell of."""
        for chunk in await self._whole_chunks(run.context, run.rendering.unfinished(block)):
            run.rendering.note_finished(chunk, time.monotonic())
            self._note_finished(run)

    async def _run_block(
        self, request: RenderChunks, cluster: ClusterSettings, on_update: Callable[[Update], None]
    ) -> RenderedChunks:
        task: str = "render_chunks"
        sent: RenderChunks | RenderOnCluster = request
        if cluster.address:
            task = "render_on_cluster"
            sent = RenderOnCluster(request, cluster.address, cluster.tls_ca, cluster.tls_certificate, cluster.tls_key)
        reply: RenderedChunks = await self._pool.run(
            task, sent, lane=Lane.JOBS, on_update=on_update, retries=0, until_stopped=True
        )
        return reply

    # ---------------------------------------------------------------------------------------------------- joining

    async def _join(self, run: VideoRun) -> FetchedFile:
        recipe, rendering = run.context.recipe, run.rendering
        await check_unchanged(recipe, is_rendering=True)
        await self._check_room(run, sum(chunk.size_bytes for chunk in rendering.finished.values()))
        progress = FrameProgress(rendering.total_frames, rendering.total_frames, 0.0, self._picture_of(run))

        def tell(update: Update) -> None:
            done = run.costs.total - run.costs.join * (1.0 - update.fraction)
            run.context.report(done / run.costs.total, JOIN, progress)

        request = JoinChunks(
            recipe, run.files, str(run.folder), rendering.whole, str(run.folder / "result"), is_whole=True
        )
        joined: JoinedVideo = await self._pool.run(
            "join_chunks", request, lane=Lane.JOBS, on_update=tell, retries=1, until_stopped=True
        )
        chunks = [rendering.finished[number] for number in sorted(rendering.finished)]
        return FetchedFile(
            path=joined.path,
            width=joined.width,
            height=joined.height,
            format=joined.format,
            size_bytes=joined.size_bytes,
            sha256=joined.sha256,
            faces=len(recipe.targets),
            similarity=mean_similarity(chunks),
            seconds=run.worked_s,
            notes=sentences.notes_of(joined, chunks),
        )

    # ----------------------------------------------------------------------------------------------- small things

    def _report(self, run: VideoRun) -> None:
        rendering, costs = run.rendering, run.costs
        done = costs.index + costs.analyse + costs.render * rendering.share
        frames = FrameProgress(
            rendering.finished_frames,
            rendering.total_frames,
            rendering.rate.per_second,
            self._picture_of(run),
            in_hand=rendering.frames_in_hand,
        )
        run.context.report(done / costs.total, RENDER, frames)

    def _picture_of(self, run: VideoRun) -> str:
        return str(run.folder / _PICTURE) if run.rendering.frames_rendered_here else ""

    def _note_finished(self, run: VideoRun) -> None:
        if not run.notes:
            run.notes.add(asyncio.ensure_future(run.context.got_on()))

    async def _note_speed(self, run: VideoRun, took_s: float, frames: int) -> None:
        workers = max(1, min(self._pool.job_slots, len(run.rendering.chunks)))
        expected = run.costs.render * frames / max(1, run.rendering.total_frames)
        await asyncio.to_thread(self._speeds.note, expected, took_s * workers, frames)

    def _size_of(self, run: VideoRun, block: Block) -> int:
        """Guess the size of chunks: from those that are finished, else from what was planned."""
        seconds = sum(seconds_of(run.times, frames) for _, frames in block)
        finished = run.rendering.finished.values()
        if finished:
            known = sum(seconds_of(run.times, run.rendering.chunks[chunk.number]) for chunk in finished)
            return int(sum(chunk.size_bytes for chunk in finished) / max(known, 1e-3) * seconds)
        return int(self._plans.known_rate(run.context.recipe) * seconds)

    async def _check_room(self, run: VideoRun, size_bytes: int) -> None:
        free = (await asyncio.to_thread(shutil.disk_usage, run.folder)).free
        if free < size_bytes + LEAST_ROOM_BYTES:
            raise sentences.no_room(run.context.recipe, free)
