"""Videos: opened, indexed, looked at, listened to, and analysed: who is in them, and where."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from faceswap_desktop.domain.errors import InputRefused, StorageError
from faceswap_desktop.domain.faces import DetectedFace
from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.media import Media, MediaId
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.sensitive import Sighting, Verdict
from faceswap_desktop.domain.video import FrameRange, VideoAnalysis
from faceswap_desktop.domain.work import ANALYSIS_VERSION, VideoFiles
from faceswap_desktop.services.clearance import Clearance
from faceswap_desktop.services.detection import DisplayPicture
from faceswap_desktop.services.library import Library
from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.storage.analyses import AnalysisStore
from faceswap_desktop.storage.looks import LookStore
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.workers.analysis import analyse_video
from faceswap_desktop.workers.pool import Lane, WorkerPool
from faceswap_desktop.workers.render_requests import OutputPlan, PlanOutput, RenderFrames, RenderFramesReply
from faceswap_desktop.workers.shared import SharedPixels
from faceswap_desktop.workers.track_names import has_tracks
from faceswap_desktop.workers.video_requests import (
    BestFace,
    BestFaceOf,
    FacesOfFrames,
    FacesOfFramesReply,
    IndexedVideo,
    IndexVideo,
    OpenedVideo,
    OpenVideo,
    ReadFrames,
    ReadFramesReply,
    ReadSound,
    ReadSoundReply,
)

logger = logging.getLogger(__name__)

FIRST_FRAME_EDGE_PX = 1920
"""Longest side of frames on the canvas: a screen's; more would only fill memory while playing."""


@dataclass(frozen=True, slots=True)
class ShownFrame:
    """One frame for the screen.

    Attributes:
        number: Its number.
        pixels: RGB, 8 bits, sRGB, rows of ``stride`` bytes.
        size: Pixels as they are shown.
        stride: Bytes per row.
        scale: Shown pixels per pixel of the video, at most 1.
    """

    number: int
    pixels: memoryview
    size: Size
    stride: int
    scale: float


@dataclass(frozen=True, slots=True)
class RenderedFrames:
    """Frames with the changed faces in them, and the faces that could not be done, by number, with the reason."""

    frames: tuple[ShownFrame, ...]
    skipped: tuple[tuple[int, Message], ...] = ()


class Videos:
    """What a person can look at in a video, and who is in it."""

    def __init__(
        self,
        home: Home,
        store: AnalysisStore,
        pool: WorkerPool,
        library: Library,
        settings: SettingsService,
        clearance: Clearance,
        looks: LookStore | None = None,
    ) -> None:
        self._clearance = clearance
        self._home = home
        self._store = store
        self._pool = pool
        self._library = library
        self._settings = settings
        self._looks = looks
        self._indexes: dict[MediaId, asyncio.Task[IndexedVideo]] = {}

    def files_of(self, media: Media) -> VideoFiles:
        """Return where what is known of a video is kept."""
        return VideoFiles.of(str(self._home.videos_folder), media)

    # Looking

    async def open(self, path: str | Path, *, max_edge: int = FIRST_FRAME_EDGE_PX) -> tuple[Media, DisplayPicture]:
        """Open a video on its first frame.

        Raises:
            InputRefused: The file is missing, no video, damaged or too large.
            WorkerError: The worker crashed twice over this file.
        """
        reply = await self._open(path, max_edge)
        shared = reply.first
        if shared is None:
            raise RuntimeError("the worker sent no frame")
        pixels = await _taken(shared)
        size = Size(shared.width, shared.height)
        return reply.media, DisplayPicture(reply.media, pixels, size, shared.stride, reply.scale)

    async def probe(self, path: str | Path) -> Media:
        """Return what a video's header says.

        Raises:
            InputRefused: The file is missing, no video, damaged or too large.
        """
        return (await self._open(path, 0)).media

    async def index(self, media: Media) -> IndexedVideo:
        """Return a video's frames by number; the file is read once for it, and the answer is kept.

        Raises:
            InputRefused: It cannot be read.
            StorageError: The index cannot be written.
        """
        task = self._indexes.get(media.id)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = asyncio.get_running_loop().create_task(self._index(media))
            self._indexes[media.id] = task
        # Whoever asked first may go away; the others still want it.
        return await asyncio.shield(task)

    async def frames(self, media: Media, numbers: Sequence[int], *, max_edge: int) -> tuple[ShownFrame, ...]:
        """Decode frames for the screen, ascending by number.

        Raises:
            InputRefused: The file is gone or damaged.
        """
        await self.index(media)
        request = ReadFrames(media, self.files_of(media), tuple(numbers), max_edge)
        reply: ReadFramesReply = await self._pool.run("read_frames", request, lane=Lane.PLAYER)
        return await _frames_in(reply)

    async def sound(self, media: Media, start_s: float, seconds: float, *, rate: int, track: int = 0) -> bytes:
        """Decode sound as signed 16-bit stereo; silence outside the track."""
        request = ReadSound(media.path, start_s, seconds, rate, track)
        reply: ReadSoundReply = await self._pool.run("read_sound", request, lane=Lane.PLAYER)
        return reply.samples

    async def rendered(self, recipe: Recipe, numbers: Sequence[int], *, max_edge: int) -> RenderedFrames:
        """Decode frames and change the faces in them; nothing is written.

        A newer call takes the place of one that still waits, which then raises ``Cancelled``.

        Raises:
            Cancelled: A newer call took its place.
            InputRefused: The file or a source face is gone.
            SensitiveContent: One of the frames is refused.
        """
        await self.index(recipe.media)
        cleared = await self._clearance.media(recipe.media, numbers)
        sources = await self._library.source_files(recipe)
        files = self.files_of(recipe.media)
        request = RenderFrames(cleared, files, tuple(numbers), max_edge, recipe, dict(sources))
        reply: RenderFramesReply = await self._pool.run("render_frames", request, key="preview")
        return RenderedFrames(await _frames_in(reply), reply.skipped)

    async def plan(self, recipe: Recipe) -> OutputPlan:
        """Say what the result will be, and what it cannot carry, before it is made."""
        plan: OutputPlan = await self._pool.run("plan_output", PlanOutput(recipe))
        return plan

    # Who is in it

    async def analysis(self, media: Media) -> VideoAnalysis | None:
        """Return who is in a video, as the user left it; None if it has not been looked through."""
        return await self._store.get(media.fingerprint.quick_digest, ANALYSIS_VERSION)

    async def analyse(self, media: Media, on_progress: Callable[[float], None]) -> VideoAnalysis:
        """Look through the whole video. Cancelling the call keeps what was found; the next one goes on from there.

        What is kept, with its files, is returned as it is: no worker is asked.

        Args:
            media: The video.
            on_progress: Told the share that is done, 0 to 1.

        Raises:
            InputRefused: It cannot be read.
            StorageError: What was found cannot be kept.
        """
        index = await self.index(media)
        kept = await self.analysis(media)
        files = self.files_of(media)
        is_known = kept is not None and kept.frames == len(index.times)
        if kept is not None and is_known and await asyncio.to_thread(has_tracks, files, index.times):
            on_progress(1.0)
            return kept
        seen: list[tuple[Sighting, ...]] = []
        found = await analyse_video(
            self._pool,
            index.media,
            files,
            index.times,
            lane=Lane.JOBS,
            on_progress=lambda fraction, _: on_progress(fraction),
            on_sightings=seen.append,
        )
        for sightings in seen:
            await self._keep_looks(Verdict(media.fingerprint.quick_digest, sightings))
        # What the user merged and named stays; the tracks are the same, for equal files give equal tracks.
        if kept is not None and kept.frames == found.frames:
            return kept
        await self.save(media, found)
        return found

    async def save(self, media: Media, analysis: VideoAnalysis) -> None:
        """Keep what the user changed about who is who."""
        try:
            await self._store.put(media.fingerprint.quick_digest, ANALYSIS_VERSION, analysis)
        except StorageError as error:
            logger.info("The identities could not be kept: %s", error)

    async def _keep_looks(self, verdict: Verdict) -> None:
        if self._looks is None:
            return
        try:
            await self._looks.put(verdict)
        except StorageError as error:
            logger.info("What was seen in a video could not be kept: %s", error)

    async def split(self, media: Media, analysis: VideoAnalysis, index: int, at_frame: int) -> VideoAnalysis:
        """Make two identities of one; the caller shows and saves what is returned.

        Raises:
            InputRefused: One of the halves would be empty.
        """
        whole = analysis.identity(index)
        if whole is None:
            return analysis
        half = FrameRange(at_frame, analysis.frames) if whole.best_frame < at_frame else FrameRange(0, at_frame)
        parts = tuple((part.track, common) for part in whole.parts if (common := part.frames.common(half)) is not None)
        if not parts or (
            len(parts) == len(whole.parts)
            and all(half.first <= part.frames.first and part.frames.end <= half.end for part in whole.parts)
        ):
            raise InputRefused(
                message("There is nothing to split: this person is seen on one side of this frame only."),
                message("Go to a frame within the person's lane."),
                kind="split",
            )
        best: BestFace = await self._pool.run("best_face_of", BestFaceOf(self.files_of(media), parts))
        return analysis.split(index, at_frame, (best.frame, best.face))

    async def faces_in(
        self, media: Media, frames: FrameRange, analysis: VideoAnalysis | None
    ) -> Mapping[int, tuple[DetectedFace, ...]]:
        """Return where faces are, by frame; each face's index is its identity's number.

        A frame that has not been looked at yet is missing. Without an analysis the faces are numbered by track.
        """
        reply: FacesOfFramesReply = await self._pool.run("faces_of_frames", FacesOfFrames(self.files_of(media), frames))
        found: dict[int, tuple[DetectedFace, ...]] = {}
        for frame, faces in reply.faces.items():
            named = []
            for tracked in faces:
                if analysis is None:
                    named.append(replace(tracked.face, index=tracked.track))
                elif (identity := analysis.identity_of(tracked.track, frame)) is not None:
                    named.append(replace(tracked.face, index=identity.index))
            found[frame] = tuple(sorted(named, key=lambda face: face.index))
        return found

    async def close(self) -> None:
        """Stop reading indexes."""
        for task in self._indexes.values():
            task.cancel()
        await asyncio.gather(*self._indexes.values(), return_exceptions=True)

    # Insides

    async def _open(self, path: str | Path, max_edge: int) -> OpenedVideo:
        limit = self._settings.current.media.max_megapixels * 1_000_000
        reply: OpenedVideo = await self._pool.run("open_video", OpenVideo(str(path), limit, max_edge), lane=Lane.PLAYER)
        return reply

    async def _index(self, media: Media) -> IndexedVideo:
        reply: IndexedVideo = await self._pool.run(
            "index_video", IndexVideo(media, self.files_of(media)), lane=Lane.PLAYER
        )
        return reply


async def _frames_in(reply: ReadFramesReply | RenderFramesReply) -> tuple[ShownFrame, ...]:
    if reply.pixels is None:
        return ()
    stride = reply.pixels.stride
    packed = memoryview(await _taken(reply.pixels))
    length, size = stride * reply.height, Size(reply.width, reply.height)
    return tuple(
        ShownFrame(number, packed[place * length : (place + 1) * length], size, stride, reply.scale)
        for place, number in enumerate(reply.numbers)
    )


async def _taken(shared: SharedPixels) -> bytearray:
    try:
        return await asyncio.to_thread(shared.take)
    finally:
        shared.release()


__all__ = ["RenderedFrames", "ShownFrame", "Videos"]
