"""Takes: recordings and snapshots of live pictures, on their way into the gallery.

A take lies in a folder of its own until it is a result, so that nothing is lost however the program ends. It becomes a
job like any other, whose work it is to finish the file: so it passes the same gate, is signed in the same way and
stands in the same gallery. What was being recorded when the program died is finished at the next start.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.errors import FaceSwapError, InputRefused, StorageError
from faceswap_desktop.domain.events import Event, JobRemoved, Noticed
from faceswap_desktop.domain.faces import PhotoId, SourceFaceId
from faceswap_desktop.domain.job import Job, JobId, JobState
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import NO_LABEL, LabelOptions, SourceRef
from faceswap_desktop.domain.work import VideoFiles
from faceswap_desktop.jobs.events import EventBus
from faceswap_desktop.jobs.queue import JobQueue
from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.services.take_recipes import distinct_years, each_once, notes_of, recipe_of
from faceswap_desktop.storage.failures import mapped_errors
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.storage.takes import Take, TakeStore, remove_folder
from faceswap_desktop.workers.live_requests import RecordedSoFar
from faceswap_desktop.workers.pool import Lane, WorkerPool
from faceswap_desktop.workers.requests import OpenedPicture, OpenPicture
from faceswap_desktop.workers.take_requests import WriteSnapshot
from faceswap_desktop.workers.video_requests import IndexedVideo, IndexVideo, OpenedVideo, OpenVideo

logger = logging.getLogger(__name__)

_RECORDING: Final = "recording"
_SNAPSHOT: Final = "snapshot"
_PIXELS: Final = ".rgb"
_NOTHING: Final = frozenset({"missing", "empty", "no-picture", "not-a-video"})
"""What is said of a recording that has not begun."""


@dataclass(frozen=True, slots=True)
class OpenTake:
    """A recording that is going on.

    Attributes:
        id: Its own.
        path: Where it is written to; the file is not there yet.
    """

    id: str
    path: Path


class Takes:
    """Keeps takes until they are results."""

    def __init__(self, home: Home, queue: JobQueue, pool: WorkerPool, settings: SettingsService, bus: EventBus) -> None:
        self._home = home
        self._store = TakeStore(home.takes_folder)
        self._queue = queue
        self._pool = pool
        self._settings = settings
        self._bus = bus
        # Pieces of one recording are appended one after the other.
        self._turns: dict[str, asyncio.Lock] = {}
        # What could not be erased while it was written must not become a result.
        self._unwanted: set[str] = set()
        self._removals: set[asyncio.Task[object]] = set()
        self._unsubscribe = bus.subscribe(self._on_event)

    # ------------------------------------------------------------------------------------------------- recordings

    async def begin_recording(
        self,
        camera: str,
        sources: Sequence[SourceRef],
        label: LabelOptions = NO_LABEL,
        service: str = "",
        *,
        years: Collection[int] = (),
        suffix: str = "",
        output: str = "",
    ) -> OpenTake:
        """Make a place for a recording, with a note of what is in it; the caller writes the file.

        Args:
            camera: Name of the camera, for people.
            sources: Whose faces are put in; see ``note_cast`` for those that come later.
            label: The label that is burnt in already.
            service: Id of the provider that changes the faces; empty for this computer.
            years: By how many years ages are changed.
            suffix: ``.mkv`` or ``.webm``; by default the first for this computer, the second for a service.
            output: Where the result is wanted, ``.mp4``, ``.mov``, ``.mkv`` or ``.webm``; empty for the gallery only.

        Raises:
            StorageError: It cannot be written, or (kind ``disk-full``) there is no room.
        """
        name = _RECORDING + (suffix or (".webm" if service else ".mkv"))
        take = Take("", Path(), name, camera, service, 0.0, each_once(sources), distinct_years(years), label)
        made = await asyncio.to_thread(self._store.begin, replace(take, output=output))
        return OpenTake(made.id, made.path)

    async def note_cast(
        self,
        take: OpenTake,
        sources: Sequence[SourceRef],
        *,
        years: Collection[int] = (),
        label: LabelOptions | None = None,
    ) -> None:
        """Add who else is in a recording from now on: before their face is put in.

        Args:
            take: The recording.
            sources: Whose faces are put in; those noted before stay.
            years: By how many years ages are changed.
            label: The label that is burnt in from now on, wherever somebody is changed; None for as before. Once a
                part of it in which somebody is changed has none, the result is not said to have one.

        Raises:
            StorageError: It cannot be written.
        """
        known = await asyncio.to_thread(self._store.get, take.id)
        if known is None:
            return
        years_now = distinct_years(years)
        shown, aged = each_once((*known.sources, *sources)), distinct_years((*known.years, *years_now))
        new = replace(known, sources=shown, years=aged)
        if label is not None and (sources or years_now):
            # While nobody is changed there is no label in the picture, whatever is set.
            was_on = known.label.is_on or not known.has_cast
            new = replace(new, label=label if label.is_on and was_on else NO_LABEL)
        if new != known:
            await asyncio.to_thread(self._store.write, new)

    async def append(self, take: OpenTake, piece: bytes) -> None:
        """Write the next piece of a recording that comes in pieces.

        Raises:
            StorageError: It cannot be written, or (kind ``disk-full``) there is no room; what is there stays.
        """
        async with self._turns.setdefault(take.id, asyncio.Lock()):
            await asyncio.to_thread(_append, take.path, piece)

    async def finish(self, take: OpenTake, recorded: RecordedSoFar | None = None) -> JobId | None:
        """Make a job of a recording that has ended.

        Args:
            take: The recording; nobody writes to it any more.
            recorded: What the recorder said of it at last.

        Returns:
            The job that puts it into the gallery; None where nothing was recorded, or its face was withdrawn.

        Raises:
            StorageError: The ledger cannot be written: the recording is taken up at the next start.
            WorkerError: It cannot be looked at now; likewise.
        """
        self._turns.pop(take.id, None)
        known = await asyncio.to_thread(self._store.get, take.id)
        if known is None:
            return None
        if take.id in self._unwanted:
            await asyncio.to_thread(self._store.remove, known)
            return None
        try:
            return await self._finish(known, notes_of(recorded))
        finally:
            await asyncio.to_thread(self._store.release, known)

    async def discard(self, take: OpenTake) -> None:
        """Throw a recording away."""
        self._turns.pop(take.id, None)
        known = await asyncio.to_thread(self._store.get, take.id)
        if known is not None:
            await asyncio.to_thread(self._store.remove, known)

    # -------------------------------------------------------------------------------------------------- snapshots

    async def snapshot(
        self,
        pixels: bytes,
        width: int,
        height: int,
        camera: str,
        sources: Sequence[SourceRef],
        label: LabelOptions = NO_LABEL,
        service: str = "",
        *,
        years: Collection[int] = (),
    ) -> JobId:
        """Put a picture into the gallery.

        Args:
            pixels: RGB, ``height`` × ``width`` × 3; or a whole JPEG, PNG or WebP, with ``width`` and ``height`` 0.
            width: Pixels; 0 for a file.
            height: Pixels; 0 for a file.
            camera: Name of the camera, for people.
            sources: Whose faces are in it.
            label: The label that is burnt in already.
            service: Id of the provider that changed the faces; empty for this computer.
            years: By how many years ages are changed.

        Returns:
            The job that does it.

        Raises:
            InputRefused: It is no picture.
            StorageError: It cannot be written.
        """
        name = f"{_SNAPSHOT}{_PIXELS if width else _extension_of(pixels)}"
        shown, aged = each_once(sources), distinct_years(years)
        take = Take("", Path(), name, camera, service, 0.0, shown, aged, label, True, width, height)
        made = await asyncio.to_thread(self._store.begin, take)
        try:
            await asyncio.to_thread(_write, made.path, pixels)
            job = await self._finish(made, ())
            if job is None:
                raise InputRefused(message("The picture could not be kept."), kind="not-a-picture")
        except FaceSwapError:
            # Whoever pressed the button is told, and presses again.
            await asyncio.to_thread(self._store.remove, made)
            raise
        finally:
            await asyncio.to_thread(self._store.release, made)
        return job

    # ------------------------------------------------------------------------------------ starts and ends of jobs

    async def recover(self) -> list[JobId]:
        """Take up what was left by a program that ended: recordings become jobs, leftovers of results go.

        Only for the process that runs the jobs; what another process is recording right now is left alone.

        Returns:
            The jobs that were made.
        """
        takes = await asyncio.to_thread(self._store.all)
        await self._tell_of_unreadable()
        if not takes:
            return []
        jobs = {Path(job.recipe.media.path).parent.name: job for job in await self._queue.all() if job.recipe.take}
        made: list[JobId] = []
        for take in takes:
            if self._store.holds(take):
                continue
            try:
                if not await asyncio.to_thread(self._store.lock, take):
                    continue
                try:
                    job = await self._recovered(take, jobs.get(take.id))
                finally:
                    await asyncio.to_thread(self._store.release, take)
            except FaceSwapError as error:
                logger.warning("take %s is left for the next start: %s", take.id, error)
                self._bus.publish(Noticed(error.message, error.hint, is_error=True))
                continue
            if job is not None:
                made.append(job)
        return made

    async def on_end(self, job_id: JobId) -> None:
        """Remove the take of a job that has succeeded; of one that failed it stays, to be tried again."""
        job = await self._queue.job(job_id)
        if job is None or job.recipe.take is None or job.state is not JobState.SUCCEEDED:
            return
        take = await asyncio.to_thread(self._store.of_path, job.recipe.media.path)
        if take is not None:
            await asyncio.to_thread(self._store.remove, take)

    async def close(self) -> None:
        """Wait for what is being removed."""
        self._unsubscribe()
        await asyncio.gather(*self._removals, return_exceptions=True)

    async def let_go(self) -> None:
        """Hold no take any more; for after the last writer has ended."""
        await asyncio.to_thread(self._store.release_all)

    # ------------------------------------------------------------------------------------------------- withdrawal

    async def with_face(self, face: SourceFaceId, photos: Collection[PhotoId]) -> list[Take]:
        """Return the takes that show a source face and are not results yet."""
        takes = await asyncio.to_thread(self._store.all)
        return [take for take in takes if take.shows(face, set(photos))]

    async def erase(self, takes: Iterable[Take]) -> list[Take]:
        """Remove takes for good, also those that are being recorded; returns those that could not be yet."""
        left: list[Take] = []
        for take in takes:
            self._unwanted.add(take.id)
            if not await asyncio.to_thread(self._store.remove, take):
                left.append(take)
        return left

    # --------------------------------------------------------------------------------------------------- insides

    async def _recovered(self, take: Take, job: Job | None) -> JobId | None:
        if job is not None:
            if job.state is JobState.SUCCEEDED:
                await asyncio.to_thread(self._store.remove, take)
            return None
        if take.job:
            # Its job was deleted, and so nobody wants it any more.
            await asyncio.to_thread(self._store.remove, take)
            return None
        return await self._finish(take, ("The program ended while this was recorded.",) if not take.is_picture else ())

    async def _finish(self, take: Take, notes: Sequence[str]) -> JobId | None:
        try:
            take, media = await (self._picture(take) if take.is_picture else self._recording(take))
        except InputRefused as error:
            if error.kind in _NOTHING:
                await asyncio.to_thread(self._store.remove, take)
                return None
            raise
        recipe = recipe_of(take, replace(media, notes=(*media.notes, *notes)), self._settings.current.output)
        [job] = await self._queue.add([recipe])
        try:
            await asyncio.to_thread(self._store.write, replace(take, job=job.id))
        except StorageError as error:
            # The job may be done already, and it names the folder too.
            logger.info("the note of take %s does not name its job: %s", take.id, error)
        return job.id

    async def _recording(self, take: Take) -> tuple[Take, Media]:
        limit = self._settings.current.media.max_megapixels * 1_000_000
        path = str(take.path)
        opened: OpenedVideo = await self._pool.run("open_video", OpenVideo(path, limit, 0), lane=Lane.PLAYER)
        files = VideoFiles.of(str(self._home.videos_folder), opened.media)
        # Its header does not say how long it is: that is written at the end, which may not have come.
        index: IndexedVideo = await self._pool.run("index_video", IndexVideo(opened.media, files), lane=Lane.PLAYER)
        return take, index.media

    async def _picture(self, take: Take) -> tuple[Take, Media]:
        limit = self._settings.current.media.max_megapixels * 1_000_000
        if take.path.suffix == _PIXELS:
            picture = take.path.with_suffix(".png")
            request = WriteSnapshot(str(take.path), take.width, take.height, str(picture))
            await self._pool.run("write_snapshot", request, lane=Lane.JOBS)
            new = replace(take, file=picture.name, width=0, height=0)
            await asyncio.to_thread(self._store.write, new)
            await asyncio.to_thread(take.path.unlink, missing_ok=True)
            take = new
        wanted = OpenPicture(str(take.path), limit, want_display=False, with_embeddings=False, detect=False)
        opened: OpenedPicture = await self._pool.run("open_picture", wanted, lane=Lane.JOBS)
        return take, opened.media

    async def _tell_of_unreadable(self) -> None:
        for folder in await asyncio.to_thread(self._store.unreadable):
            if not await asyncio.to_thread(_holds_something, folder):
                await asyncio.to_thread(remove_folder, folder)
                continue
            text = message("A recording cannot be taken up, because its note is damaged: “{path}”.", path=str(folder))
            self._bus.publish(Noticed(text, message("You can move it away or delete it.")))

    def _on_event(self, event: Event) -> None:
        if not isinstance(event, JobRemoved):
            return
        task: asyncio.Task[object] = asyncio.get_running_loop().create_task(
            asyncio.to_thread(self._remove_of, event.job), name=f"take of job {event.job}"
        )
        self._removals.add(task)
        task.add_done_callback(self._removals.discard)

    def _remove_of(self, job: JobId) -> None:
        for take in self._store.all():
            if take.job == job:
                self._store.remove(take)


def _extension_of(picture: bytes) -> str:
    if picture.startswith(b"\xff\xd8"):
        return ".jpg"
    if picture.startswith(b"\x89PNG"):
        return ".png"
    if picture[8:12] == b"WEBP":
        return ".webp"
    raise InputRefused(message("That is no picture that can be kept."), kind="not-a-picture")


def _append(path: Path, piece: bytes) -> None:
    with mapped_errors(path), path.open("ab") as stream:
        stream.write(piece)


def _write(path: Path, data: bytes) -> None:
    with mapped_errors(path):
        path.write_bytes(data)


def _holds_something(folder: Path) -> bool:
    return any(one.stem in {_RECORDING, _SNAPSHOT} for one in folder.iterdir())
