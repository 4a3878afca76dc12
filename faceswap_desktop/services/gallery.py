"""The gallery: results found, looked at, kept, handed on and deleted."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath

from faceswap_desktop.domain.errors import FaceSwapError, UsageError
from faceswap_desktop.domain.events import Noticed, ResultsChanged
from faceswap_desktop.domain.gallery import GalleryQuery
from faceswap_desktop.domain.job import JobId, JobResult, ResultId
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import OutputOptions, Recipe
from faceswap_desktop.jobs.events import EventBus
from faceswap_desktop.media.atomic_file import move_without_overwriting
from faceswap_desktop.services.copies import Copies
from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.services.signing import Signing
from faceswap_desktop.services.turns import in_turn
from faceswap_desktop.storage.held import HeldFiles, HeldStore
from faceswap_desktop.storage.names import one_line
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.storage.results import ResultStore
from faceswap_desktop.workers.pool import WorkerPool
from faceswap_desktop.workers.requests import MakeThumbnail, WrittenCopy

THUMBNAIL_EDGE_PX = 320
_MOST_RIVALS = 300


@dataclass(frozen=True, slots=True)
class Deletion:
    """Results that were deleted and can still be brought back."""

    results: tuple[ResultId, ...]
    held: HeldFiles
    until: float


class Gallery:
    """The results of all jobs."""

    def __init__(
        self,
        home: Home,
        results: ResultStore,
        held: HeldStore,
        pool: WorkerPool,
        settings: SettingsService,
        bus: EventBus,
        signing: Signing | None = None,
    ) -> None:
        self._home = home
        self._results = results
        self._signing = signing
        self._copies = Copies(home, results, pool, signing)
        self._held = held
        self._pool = pool
        self._settings = settings
        self._bus = bus
        self._expiry: asyncio.Task[None] | None = None
        self._making: dict[Path, asyncio.Task[Path]] = {}
        self._trashed: set[ResultId] = set()
        self.turn = asyncio.Lock()

    async def find(self, query: GalleryQuery, limit: int | None = None) -> list[ResultId]:
        """Return the ids of all results that match, in order; at most 100,000 are quick.

        Args:
            query: Which, in which order.
            limit: How many at most, from the start, for a first look; None for all.
        """
        return await self._results.query(query, limit)

    async def results(self, ids: Sequence[ResultId]) -> list[JobResult]:
        """Return results by id, in the order asked for; those that are gone are left out."""
        return await self._results.get(ids)

    async def result_of(self, job: JobId) -> JobResult | None:
        """Return what a job made; None where that is nothing, or was deleted."""
        result = await self._results.of_job(job)
        return result if result is not None and not result.deleted_at else None

    async def rivals(self, result: JobResult) -> list[JobResult]:
        """Return what other providers made of the very same: the newest of each, newest first."""
        recipe = result.recipe
        source = recipe.pairings[0].source.id if recipe.pairings else None
        query = GalleryQuery(text=PurePath(recipe.media.path).name, source_face=source)
        newest: dict[str, JobResult] = {}
        for one in await self._results.get(await self._results.query(query, _MOST_RIVALS)):
            if one.id != result.id and is_rival(one.recipe, recipe):
                newest.setdefault(one.recipe.provider, one)
        return list(newest.values())

    async def thumbnail(self, result: JobResult) -> Path:
        """Return the picture file for a card, made when first asked for.

        Raises:
            FaceSwapError: The result's file is gone or cannot be read.
        """
        return await self._thumbnail_of(Path(result.path), result.digest or result.id)

    async def original_thumbnail(self, result: JobResult) -> Path:
        """Return a thumbnail of the original.

        Raises:
            FaceSwapError: The original is gone or cannot be read.
        """
        media = result.recipe.media
        return await self._thumbnail_of(Path(media.path), media.fingerprint.quick_digest)

    async def picture_thumbnail(self, path: str | Path) -> Path:
        """Return a thumbnail of any picture the user opened.

        Raises:
            FaceSwapError: It cannot be read.
        """
        stat = await asyncio.to_thread(Path(path).stat)
        return await self._thumbnail_of(Path(path), f"{path}|{stat.st_size}|{stat.st_mtime_ns}")

    async def rename(self, result_id: ResultId, title: str) -> None:
        """Give a result another title; its file keeps its name."""
        title = one_line(title)[:200]
        if not title:
            raise UsageError(message("Give the result a name."))
        await self._results.update(result_id, title=title)
        self._bus.publish(ResultsChanged((result_id,)))

    async def set_favourite(self, ids: Iterable[ResultId], is_favourite: bool) -> None:
        """Mark results, or take the mark away."""
        changed = tuple(ids)
        await self._results.set_favourite(changed, is_favourite)
        self._bus.publish(ResultsChanged(changed))

    async def save_as(self, result: JobResult, to: str | Path, output: OutputOptions | None = None) -> WrittenCopy:
        """Write a copy of a result where the user wants it, in the format of its extension.

        A file that has the name already stays as it is: the copy then gets a number.

        Returns:
            Where the copy lies.

        Raises:
            InputRefused: The result's file is gone.
            UsageError: The extension is none we write.
            SignerError: It is in another format than the result, and cannot be signed now.
            StorageError: The place is full, read-only or forbidden.
        """
        copy = await self._copies.save(result, Path(to), output or self._settings.current.output)
        self._bus.publish(ResultsChanged((result.id,)))
        return copy

    @in_turn
    async def sign_now(self, result_id: ResultId) -> JobResult:
        """Sign a result that was put into the library before it was signed.

        Raises:
            InputRefused: Its file is gone, or was changed since.
            SignerError: It cannot be signed now.
            StorageError: It cannot be written.
            UsageError: The result is gone.
        """
        found = [one for one in await self._results.get([result_id]) if not one.deleted_at]
        if not found or self._signing is None:
            raise UsageError(message("There is no result {result}.", result=result_id), kind="no-such-result")
        signed = await self._signing.sign_now(found[0])
        self._bus.publish(ResultsChanged((result_id,)))
        return signed

    @in_turn
    async def delete(self, ids: Sequence[ResultId]) -> Deletion:
        """Take results out of the gallery. Their files wait in a folder of ours, so that undo brings them back.

        When the time for undo is over they go to the system's trash.

        Raises:
            StorageError: The files cannot be moved; then nothing was deleted.
        """
        results = [result for result in await self._results.get(ids) if not result.deleted_at]
        held = await self._held.hold_files([path for result in results for path in _files_of(result)])
        changed = tuple(result.id for result in results)
        try:
            await self._results.mark_deleted(changed, held.held_at)
        except BaseException:
            # Files without rows, or rows without files, would be worse than nothing done.
            await asyncio.shield(self._held.bring_back(held))
            raise
        self._bus.publish(ResultsChanged(changed))
        seconds = self._settings.current.storage.undo_seconds
        self._expire_in(seconds)
        return Deletion(changed, held, held.held_at + seconds)

    @in_turn
    async def bring_back(self, deletion: Deletion) -> None:
        """Undo a deletion.

        Raises:
            UsageError: The time for it is over, or they were deleted for good since (kind ``gone``).
        """
        results = await self._results.get(deletion.results)
        if deletion.results and not results and self._trashed.isdisjoint(deletion.results):
            raise UsageError(message("This was deleted for good and cannot be brought back."), kind="gone")
        came_back = await self._held.bring_back(deletion.held)
        # A name that was taken meanwhile makes the file come back under another.
        moved = dict(zip(deletion.held.origins, came_back, strict=True))
        for result in results:
            path = moved.get(Path(result.path), Path(result.path))
            sidecar = await asyncio.to_thread(_beside, result, path, moved)
            old = result.mark.sidecar if result.mark is not None else ""
            if str(path) != result.path or sidecar != old:
                await self._results.update(result.id, path=str(path), sidecar=sidecar)
        await self._results.restore(deletion.results)
        self._bus.publish(ResultsChanged(deletion.results))

    async def mend(self) -> None:
        """Bring back files of a deletion that a crash left half done: held, but not marked as deleted."""
        waiting = await self._held.all()
        if not waiting:
            return
        standing = {result.path for result in await self._results.get(await self._results.query(GalleryQuery()))}
        for held in waiting:
            if any(str(origin) in standing for origin in held.origins):
                await self._held.bring_back(held)

    @in_turn
    async def expire(self, *, everything: bool = False) -> None:
        """Hand what was deleted long enough ago to the system's trash, and forget its rows."""
        seconds = 0 if everything else self._settings.current.storage.undo_seconds
        before = time.time() - seconds
        notice = await self._held.expire(before)
        if notice is not None:
            self._bus.publish(Noticed(notice))
        gone = await self._results.deleted_before(before)
        if gone:
            places = [self._thumbnail_place(one.digest or one.id) for one in await self._results.get(gone)]
            await self._results.forget(gone)
            self._trashed.update(gone)
            await asyncio.to_thread(_unlink_all, places)
        if left := [held.held_at for held in await self._held.all() if held.held_at > before]:
            # Deleted a moment before the program was closed and started again.
            self._expire_in(max(left) + seconds - time.time())

    async def close(self) -> None:
        """Stop waiting; what is still held goes at the next start."""
        for task in [self._expiry, *self._making.values()]:
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    def _expire_in(self, seconds: float) -> None:
        # A timer only while something waits to go; a later deletion starts the wait anew for both.
        if self._expiry is not None and self._expiry is not asyncio.current_task():
            self._expiry.cancel()
        self._expiry = asyncio.get_running_loop().create_task(self._expire_later(seconds))

    async def _expire_later(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds) + 0.1)
        try:
            await self.expire()
        except FaceSwapError as error:
            self._bus.publish(Noticed(error.message, error.hint, is_error=True))

    async def _thumbnail_of(self, path: Path, identity: str) -> Path:
        thumbnail = self._thumbnail_place(identity)
        if thumbnail.is_file():
            return thumbnail
        # Two cards may ask for the same picture; it is made once.
        task = self._making.get(thumbnail)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._make_thumbnail(path, thumbnail))
            self._making[thumbnail] = task
            task.add_done_callback(partial(self._made, thumbnail))
        # Shielded: whoever else waits for it still gets it when this card has been scrolled away.
        return await asyncio.shield(task)

    def _thumbnail_place(self, identity: str) -> Path:
        name = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        return self._home.cache_folder / "thumbnails" / name[:2] / f"{name}.jpg"

    def _made(self, thumbnail: Path, task: asyncio.Task[Path]) -> None:
        self._making.pop(thumbnail, None)
        if not task.cancelled():
            # Looked at here, because everybody who waited for it may have left.
            task.exception()

    async def _make_thumbnail(self, path: Path, thumbnail: Path) -> Path:
        await self._pool.run("make_thumbnail", MakeThumbnail(str(path), str(thumbnail), THUMBNAIL_EDGE_PX))
        return thumbnail


def _files_of(result: JobResult) -> list[Path]:
    sidecar = result.mark.sidecar if result.mark is not None else ""
    return [Path(one) for one in (result.path, sidecar) if one]


def _beside(result: JobResult, path: Path, moved: Mapping[Path, Path]) -> str:
    """Put what lies beside a result that came back under another name beside it again; return where it lies."""
    if result.mark is None or not result.mark.sidecar:
        return ""
    sidecar = moved.get(Path(result.mark.sidecar), Path(result.mark.sidecar))
    wanted = path.with_suffix(sidecar.suffix)
    if sidecar != wanted:
        # Where that name is taken it stays where it is, and is found there.
        with suppress(OSError):
            move_without_overwriting(sidecar, wanted)
            sidecar.unlink(missing_ok=True)
            return str(wanted)
    return str(sidecar)


def is_rival(one: Recipe, other: Recipe) -> bool:
    """Say whether two recipes ask two providers for the same: same media, faces, ages and part."""
    return one.provider != other.provider and _essence(one) == _essence(other)


def _essence(recipe: Recipe) -> tuple[object, ...]:
    media, whole = recipe.media, recipe.media.video
    trim = recipe.trim
    if whole is not None and trim is not None and (trim.first, trim.end) == (0, whole.frames):
        trim = None
    return (
        media.fingerprint.quick_digest,
        {(one.target.index, one.source.id) for one in recipe.pairings},
        {(one.target.index, one.years) for one in recipe.ages},
        trim,
    )


def _unlink_all(paths: Iterable[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink()
