"""Has a whole video looked through by the workers, chunk by chunk. Light: it runs in the window's process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.sensitive import Sighting
from faceswap_desktop.domain.video import FrameRange, FrameTimes, VideoAnalysis
from faceswap_desktop.domain.work import VideoFiles
from faceswap_desktop.workers.pool import Lane, WorkerPool
from faceswap_desktop.workers.video_requests import AnalyseChunk, AnalysedChunk, LinkTracks
from faceswap_desktop.workers.wire import Update

_LINKING_SHARE: Final = 0.08
"""Of the whole: smoothing takes about a millisecond per frame and face, finding them ten and more."""


async def analyse_video(
    pool: WorkerPool,
    media: Media,
    files: VideoFiles,
    times: FrameTimes,
    *,
    lane: Lane,
    on_progress: Callable[[float, int], None],
    on_sightings: Callable[[tuple[Sighting, ...]], None] | None = None,
) -> VideoAnalysis:
    """Analyse the chunks that nobody has analysed yet, then link their tracks.

    Cancelling this call stops soon; what was journalled by then is not done again.

    Args:
        pool: Whose workers do it; at most ``job_slots`` chunks at once.
        media: The video, with what its index told.
        files: Where its index is and its tracks go.
        times: From its index.
        lane: Which workers.
        on_progress: Told the share that is done, 0 to 1, and the number of finished chunks.
        on_sightings: Told once, at the end, where something sensitive was seen in the whole video, by frame; not
            called if some chunks were analysed before anybody looked.

    Raises:
        InputRefused: The video is gone, changed or cannot be read.
        StorageError: What was found cannot be kept.
        WorkerError: A worker crashed twice over one chunk.
    """
    chunks = times.chunks(FrameRange(0, len(times)))
    waiting = iter(enumerate(chunks))
    done_frames, finished = 0.0, 0
    looks: list[tuple[Sighting, ...] | None] = []
    running: dict[int, float] = {}

    def tell() -> None:
        seen = done_frames + sum(share * len(chunks[number]) for number, share in running.items())
        on_progress(seen / max(1, len(times)) * (1.0 - _LINKING_SHARE), finished)

    async def work() -> None:
        nonlocal done_frames, finished
        # Whoever is free takes the next chunk, so that a clip of hours makes no queue of thousands.
        for number, frames in waiting:

            def on_update(update: Update, number: int = number) -> None:
                running[number] = update.fraction
                tell()

            request = AnalyseChunk(media, files, number, frames)
            analysed: AnalysedChunk = await pool.run("analyse_chunk", request, lane=lane, on_update=on_update)
            looks.append(analysed.sightings)
            running.pop(number, None)
            done_frames, finished = done_frames + len(frames), finished + 1
            tell()

    workers = [asyncio.ensure_future(work()) for _ in range(max(1, min(pool.job_slots, len(chunks))))]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    def on_linking(update: Update) -> None:
        on_progress(1.0 - _LINKING_SHARE * (1.0 - update.fraction), len(chunks))

    request = LinkTracks(media, files, chunks)
    analysis: VideoAnalysis = await pool.run("link_tracks", request, lane=lane, on_update=on_linking)
    on_progress(1.0, len(chunks))
    if on_sightings is not None and None not in looks:
        seen = [sighting for chunk in looks for sighting in chunk or ()]
        on_sightings(tuple(sorted(seen, key=lambda one: one.frame)))
    return analysis
