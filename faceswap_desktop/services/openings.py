"""Opens what stands in the Studio: pictures with their faces, videos with their frames, then with their people."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from faceswap_desktop.domain.errors import Cancelled, FaceSwapError
from faceswap_desktop.domain.faces import DetectedFace
from faceswap_desktop.domain.media import Media, MediaKind
from faceswap_desktop.domain.messages import Message
from faceswap_desktop.domain.sensitive import Sighting, Verdict
from faceswap_desktop.domain.video import FrameRange, FrameTimes, VideoAnalysis
from faceswap_desktop.media.kind import kind_of
from faceswap_desktop.services.detection import Detection
from faceswap_desktop.services.videos import Videos

logger = logging.getLogger(__name__)

Look = Callable[[Media], Awaitable[Verdict]]
"""Says what was seen in a media, looking at it first if nobody has (``Clearance.look``)."""


class PictureStatus(StrEnum):
    """How far a picture or video of the Studio is."""

    WAITING = "waiting"
    DETECTING = "detecting"
    READY = "ready"
    FAILED = "failed"


class AnalysisStatus(StrEnum):
    """How far the search for the people in a video is."""

    NONE = "none"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StudioPicture:
    """One picture or video open in the Studio.

    Attributes:
        key: Names it as long as it is open; equal paths have equal keys.
        path: The user's file.
        status: How far it is; a video is ready when it can be played.
        media: Known once it was opened.
        faces: Of a picture, when it is ready, largest first. Of a video the best face of every identity that is not
            hidden, by the identity's number, once the analysis is done.
        error, hint: Why it could not be opened.
        times: When each frame of a video is shown; known when it is ready.
        analysis: Who is in a video, once it is known, with the user's changes.
        analysis_status: How far that is.
        analysis_fraction: Share of the video that was looked through, 0 to 1.
        analysis_error: Why the analysis stopped.
        verdict: What was seen of what is refused as sensitive; None while nobody has looked.
    """

    key: str
    path: str
    status: PictureStatus = PictureStatus.WAITING
    media: Media | None = None
    faces: tuple[DetectedFace, ...] = ()
    error: Message | None = None
    hint: Message | None = None
    times: FrameTimes | None = None
    analysis: VideoAnalysis | None = None
    analysis_status: AnalysisStatus = AnalysisStatus.NONE
    analysis_fraction: float = 0.0
    analysis_error: Message | None = None
    verdict: Verdict | None = None

    @property
    def name(self) -> str:
        """The file's name."""
        return Path(self.path).name

    @property
    def is_video(self) -> bool:
        """Whether it is a video; False while that is not known."""
        return self.media is not None and self.media.kind is MediaKind.VIDEO

    def refused_in(self, trim: FrameRange | None) -> tuple[Sighting, ...]:
        """Return what makes it refused, as far as that is known; empty where it may be used.

        Args:
            trim: Of a video only these frames are used; None for all.
        """
        return self.verdict.within(trim if self.is_video else None) if self.verdict is not None else ()


def faces_of(analysis: VideoAnalysis | None) -> tuple[DetectedFace, ...]:
    """Return what a video shows as its faces: the best one of every identity that is not hidden."""
    if analysis is None:
        return ()
    return tuple(one.best_face for one in analysis.identities if not one.is_hidden)


class Shelf(Protocol):
    """Where opened things stand."""

    def picture(self, key: str) -> StudioPicture | None:
        """Return one, or None where it was closed meanwhile."""
        ...

    def update(self, key: str, **changes: Any) -> None:
        """Replace some of its attributes; nothing happens where it was closed meanwhile."""
        ...


@dataclass(slots=True)
class Openings:
    """Everything that is being opened or looked through. Used on one loop's thread.

    Attributes:
        look: Looks for what is refused; None where nobody is to be told before a job asks.
    """

    detection: Detection
    videos: Videos
    shelf: Shelf
    look: Look | None = None
    _openings: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _analyses: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _looks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    # One video after the other: each takes all job workers, and the first that is done can be worked on.
    _turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    def start(self, key: str) -> None:
        """Open one, unless that is going on or done."""
        picture = self.shelf.picture(key)
        if key in self._openings or picture is None or picture.status is PictureStatus.READY:
            return
        self._openings[key] = _spawn(self._open(key), self._openings, key)

    def drop(self, key: str) -> None:
        """Stop opening and looking through one that was closed."""
        for tasks in (self._openings, self._analyses, self._looks):
            if (task := tasks.pop(key, None)) is not None:
                task.cancel()

    def analyse(self, key: str) -> None:
        """Look through a video, or go on with it, unless that is going on or done."""
        picture = self.shelf.picture(key)
        if picture is None or picture.times is None or picture.analysis_status is AnalysisStatus.DONE:
            return
        if key not in self._analyses:
            self.shelf.update(key, analysis_status=AnalysisStatus.RUNNING, analysis_error=None)
            self._analyses[key] = _spawn(self._analyse(key), self._analyses, key)

    def pause(self, key: str) -> None:
        """Stop looking through a video; what was found is kept for the next time."""
        if (task := self._analyses.pop(key, None)) is not None:
            task.cancel()
            self.shelf.update(key, analysis_status=AnalysisStatus.PAUSED)

    async def close(self) -> None:
        """Stop everything."""
        tasks = [*self._openings.values(), *self._analyses.values(), *self._looks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _open(self, key: str) -> None:
        self.shelf.update(key, status=PictureStatus.DETECTING)
        try:
            if await asyncio.to_thread(kind_of, key) is MediaKind.VIDEO:
                await self._open_video(key)
            else:
                media, faces = await self.detection.detect(key)
                self._over(key)
                self.shelf.update(
                    key, status=PictureStatus.READY, media=media, faces=tuple(faces), error=None, hint=None
                )
                self._look_at(key, media)
        except Cancelled:
            return
        except FaceSwapError as error:
            self._over(key)
            self.shelf.update(key, status=PictureStatus.FAILED, error=error.message, hint=error.hint)

    def _over(self, key: str) -> None:
        # Whoever reads how it ended may open it again at once: this task must not stand in the way any more.
        if self._openings.get(key) is asyncio.current_task():
            del self._openings[key]

    async def _open_video(self, key: str) -> None:
        media = await self.videos.probe(key)
        # The first frame can be shown before the frames are counted.
        self.shelf.update(key, media=media, error=None, hint=None)
        index = await self.videos.index(media)
        kept = await self.videos.analysis(media)
        self._over(key)
        self.shelf.update(
            key,
            status=PictureStatus.READY,
            media=index.media,
            times=index.times,
            analysis=kept,
            faces=faces_of(kept),
            analysis_status=AnalysisStatus.NONE if kept is None else AnalysisStatus.DONE,
            analysis_fraction=0.0 if kept is None else 1.0,
        )
        # What is known of who is who may outlive the tracks, which are a cache: they are made again behind it.
        self.analyse(key)
        if kept is not None:
            self._look_at(key, index.media)

    async def _analyse(self, key: str) -> None:
        picture = self.shelf.picture(key)
        if picture is None or picture.media is None:
            return
        try:
            async with self._turn:
                analysis = await self.videos.analyse(
                    picture.media, lambda fraction: self.shelf.update(key, analysis_fraction=fraction)
                )
        except Cancelled:
            self.shelf.update(key, analysis_status=AnalysisStatus.PAUSED)
        except FaceSwapError as error:
            self.shelf.update(key, analysis_status=AnalysisStatus.FAILED, analysis_error=error.message)
        else:
            self.shelf.update(
                key,
                analysis=analysis,
                faces=faces_of(analysis),
                analysis_status=AnalysisStatus.DONE,
                analysis_fraction=1.0,
            )
            self._look_at(key, picture.media)

    def _look_at(self, key: str, media: Media) -> None:
        """Learn at once, and not only when a job starts, whether it is refused; nothing waits for it."""
        if self.look is not None and key not in self._looks:
            self._looks[key] = _spawn(self._learn(key, media, self.look), self._looks, key)

    async def _learn(self, key: str, media: Media, look: Look) -> None:
        # Whoever opens more wants their faces first; a preview or a job that needs the answer asks by itself.
        while self._openings:
            await asyncio.wait(set(self._openings.values()))
        try:
            verdict = await look(media)
        except FaceSwapError as error:
            # The gate looks again, and says what is wrong then.
            logger.info("Nobody could look for sensitive content: %s", error)
            return
        picture = self.shelf.picture(key)
        if picture is not None and picture.media is not None and picture.media.fingerprint == media.fingerprint:
            self.shelf.update(key, verdict=verdict)


def _spawn(work: Coroutine[Any, Any, None], tasks: dict[str, asyncio.Task[None]], key: str) -> asyncio.Task[None]:
    task = asyncio.get_running_loop().create_task(work)

    def done(ended: asyncio.Task[None]) -> None:
        if tasks.get(key) is ended:
            del tasks[key]
        if not ended.cancelled() and (error := ended.exception()) is not None:
            ended.get_loop().call_exception_handler({"message": "The Studio failed", "exception": error, "task": ended})

    task.add_done_callback(done)
    return task
