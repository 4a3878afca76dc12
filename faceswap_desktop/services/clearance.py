"""The gate. What is rendered, previewed, hosted or sent has passed it; only here are ``Cleared`` values made.

A job needs consent for every source face, and nothing sensitive may have been seen in its target and its sources. A
preview needs the second only. What was seen is kept by the digest of the file, so that looking again costs nothing;
consent is looked up each time, for it can end between two calls of a job.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from faceswap_desktop.domain.clearance import (
    ClearedMedia,
    ClearedRecipe,
    ClearedSource,
    Seal,
    digest_of_media,
    digest_of_recipe,
    digest_of_source,
)
from faceswap_desktop.domain.consent import Standing, standing
from faceswap_desktop.domain.consent_words import not_to_be_used
from faceswap_desktop.domain.errors import ConsentNeeded, SensitiveContent, StorageError
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.media import Media, MediaKind
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import Recipe, SourceRef
from faceswap_desktop.domain.sensitive import LOOKS_PER_SECOND, RefusedMedia, Role, Sighting, Verdict
from faceswap_desktop.domain.sensitive_words import refused_picture, refused_video
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.domain.work import VideoFiles
from faceswap_desktop.media.fingerprint import fingerprint
from faceswap_desktop.services.library import Library
from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.storage.consents import ConsentStore
from faceswap_desktop.storage.looks import LookStore, RefusalStore
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.workers.look_requests import LookAtFrames, LookAtPicture, LookAtVideo, Looked
from faceswap_desktop.workers.pool import Lane, WorkerPool
from faceswap_desktop.workers.video_requests import IndexedVideo, IndexVideo, OpenedVideo, OpenVideo

logger = logging.getLogger(__name__)


class Clearance:
    """Lets recipes and media pass, or says why not."""

    def __init__(
        self,
        home: Home,
        consents: ConsentStore,
        looks: LookStore,
        refusals: RefusalStore,
        pool: WorkerPool,
        library: Library,
        settings: SettingsService,
    ) -> None:
        self._home = home
        self._consents = consents
        self._looks = looks
        self._refusals = refusals
        self._pool = pool
        self._library = library
        self._settings = settings
        # Two that want the same file looked at wait for one look.
        self._looking: dict[str, asyncio.Task[Verdict]] = {}
        self._frames_seen: dict[tuple[str, int], tuple[Sighting, ...]] = {}

    async def recipe(self, recipe: Recipe, job: JobId | str = "") -> ClearedRecipe:
        """Let a recipe be carried out.

        Args:
            recipe: What is to be done.
            job: Whose it is; a refusal is written down under it.

        Raises:
            ConsentNeeded: Nobody has said who a source face is, or consent is over.
            SensitiveContent: The target or a source face is refused.
            InputRefused: A file is gone or cannot be read.
            StorageError: What is known cannot be read.
        """
        sources = list({pairing.source.id: pairing.source for pairing in recipe.pairings}.values())
        await self._check_consent(sources)
        await self._check_sources(sources, str(job))
        verdict = await self.look(recipe.media, recipe.trim)
        if seen := verdict.within(recipe.trim):
            raise await self._refused(recipe.media, seen, str(job))
        return ClearedRecipe(recipe, Seal(digest_of_recipe(recipe), time.time()))

    async def source(self, source: SourceRef) -> ClearedSource:
        """Let a source face be used live.

        Raises:
            ConsentNeeded: Nobody has said who it is, or consent is over.
            SensitiveContent: A photo of it is refused.
            InputRefused: A photo is gone.
        """
        await self._check_consent([source])
        await self._check_sources([source], "")
        return ClearedSource(source, Seal(digest_of_source(source), time.time()))

    async def media(self, media: Media, frames: Sequence[int] = ()) -> ClearedMedia:
        """Let a picture or video be previewed, or shown to a detector: its sources are looked at when they are kept.

        Args:
            media: The picture or video.
            frames: Of a video, only these frames are wanted; empty for the whole.

        Raises:
            SensitiveContent: It is refused.
            InputRefused: It is gone or cannot be read.
        """
        seen = await self._seen_in(media, frames)
        if seen:
            raise await self._refused(media, seen, "")
        return ClearedMedia(media, Seal(digest_of_media(media), time.time()))

    async def look(self, media: Media, trim: FrameRange | None = None) -> Verdict:
        """Say what was seen in a picture or video, looking at it first if nobody has.

        Args:
            media: The picture or video.
            trim: Of a video only these frames have to be known; None for all.

        Raises:
            InputRefused: It is gone or cannot be read.
        """
        digest = media.fingerprint.quick_digest
        kept = await self._looks.get(digest)
        if kept is not None:
            return kept
        if media.kind is MediaKind.VIDEO:
            return await self._once(f"{digest} {trim}", self._look_through(media, trim))
        return await self._once(digest, self._look_at(media.path, digest))

    async def result(self, media: Media, path: str) -> None:
        """Look at what a service made of a media.

        Args:
            media: What it was made of, which gives it its name and says whether it is a video.
            path: The file, in the scratch folder of its job.

        Raises:
            SensitiveContent: It is refused.
            InputRefused: It cannot be read.
        """
        if media.kind is not MediaKind.VIDEO:
            limit = self._settings.current.media.max_megapixels * 1_000_000
            reply: Looked = await self._pool.run("look_at_picture", LookAtPicture(path, limit), lane=Lane.JOBS)
            if reply.sightings:
                raise refused_picture(_name_of(media), Role.RESULT, reply.sightings)
            return
        limit = self._settings.current.media.max_megapixels * 1_000_000
        opened: OpenedVideo = await self._pool.run("open_video", OpenVideo(path, limit, 0), lane=Lane.JOBS)
        files = VideoFiles(str(Path(path).with_name("looked-at")))
        index: IndexedVideo = await self._pool.run("index_video", IndexVideo(opened.media, files), lane=Lane.JOBS)
        for chunk in index.times.chunks(FrameRange(0, len(index.times))):
            seen: Looked = await self._pool.run("look_at_video", LookAtVideo(index.media, files, chunk), lane=Lane.JOBS)
            if seen.sightings:
                raise refused_video(_name_of(media), Role.RESULT, seen.sightings)

    async def known(self, media: Media) -> Verdict | None:
        """Return what was seen in a media, without looking; None if nobody has looked yet."""
        return await self._looks.get(media.fingerprint.quick_digest)

    async def note_result(self, job: JobId, media: Media, sightings: tuple[Sighting, ...]) -> None:
        """Write down that what a job made was refused."""
        await self._write(RefusedMedia(Role.RESULT, media.path, _name_of(media), sightings, time.time(), job))

    async def refusals_of(self, job: JobId) -> list[RefusedMedia]:
        """Return what was refused of a job."""
        return await self._refusals.of_job(job)

    async def newest_refusals(self, limit: int = 20) -> list[RefusedMedia]:
        """Return what was refused lately, newest first."""
        return await self._refusals.newest(limit)

    # --------------------------------------------------------------------------------------------------- consent

    async def _check_consent(self, sources: Sequence[SourceRef]) -> None:
        now = time.time()
        for source in sources:
            found = standing(source.photos, await self._consents.of_photos(source.photos), now)
            if found is not Standing.GIVEN:
                raise _consent_needed(source, found)

    # ------------------------------------------------------------------------------------------------- sensitive

    async def _check_sources(self, sources: Sequence[SourceRef], job: str) -> None:
        for source in sources:
            for path in self._library.files_of(source).crop_paths:
                digest = (await asyncio.to_thread(fingerprint, path)).quick_digest
                verdict = await self._looks.get(digest) or await self._once(digest, self._look_at(path, digest))
                if verdict.sightings:
                    refused = RefusedMedia(Role.SOURCE, path, source.name, verdict.sightings, time.time(), job)
                    await self._write(refused)
                    raise refused_picture(source.name, Role.SOURCE, verdict.sightings)

    async def _seen_in(self, media: Media, frames: Sequence[int]) -> tuple[Sighting, ...]:
        if media.kind is not MediaKind.VIDEO or not frames:
            return (await self.look(media)).sightings
        digest = media.fingerprint.quick_digest
        kept = await self._looks.get(digest)
        if kept is not None:
            # Between the frames that were looked at, the frame that is shown is looked at when it is rendered.
            near = (media.video.frames_per_second if media.video is not None else 0.0) / LOOKS_PER_SECOND
            return tuple(one for one in kept.sightings if any(abs(one.frame - frame) <= near for frame in frames))
        missing = tuple(sorted(frame for frame in set(frames) if (digest, frame) not in self._frames_seen))
        if missing:
            files = VideoFiles.of(str(self._home.videos_folder), media)
            reply: Looked = await self._pool.run("look_at_frames", LookAtFrames(media, files, missing))
            for frame in missing:
                self._frames_seen[(digest, frame)] = tuple(one for one in reply.sightings if one.frame == frame)
        return tuple(one for frame in frames for one in self._frames_seen[(digest, frame)])

    async def _look_at(self, path: str, digest: str) -> Verdict:
        limit = self._settings.current.media.max_megapixels * 1_000_000
        reply: Looked = await self._pool.run("look_at_picture", LookAtPicture(path, limit, digest))
        return await self._kept(Verdict(digest, reply.sightings))

    async def _look_through(self, media: Media, trim: FrameRange | None) -> Verdict:
        files = VideoFiles.of(str(self._home.videos_folder), media)
        index: IndexedVideo = await self._pool.run("index_video", IndexVideo(media, files), lane=Lane.PLAYER)
        whole = FrameRange(0, len(index.times))
        chunks = index.times.chunks(whole)
        wanted = [chunk for chunk in chunks if trim is None or chunk.common(trim) is not None]
        seen: list[Sighting] = []
        waiting = iter(wanted)

        async def work() -> None:
            for chunk in waiting:
                request = LookAtVideo(index.media, files, chunk)
                reply: Looked = await self._pool.run("look_at_video", request, lane=Lane.JOBS)
                seen.extend(reply.sightings)

        # Not a task group: what it raises is a group of errors, which nobody above knows.
        workers = [asyncio.ensure_future(work()) for _ in range(max(1, min(self._pool.job_slots, len(wanted))))]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        verdict = Verdict(media.fingerprint.quick_digest, tuple(sorted(seen, key=lambda one: one.frame)))
        return await self._kept(verdict) if len(wanted) == len(chunks) else verdict

    async def _kept(self, verdict: Verdict) -> Verdict:
        try:
            await self._looks.put(verdict)
        except StorageError as error:
            # It is looked at again the next time.
            logger.info("what was seen could not be kept: %s", error)
        return verdict

    async def _once(self, key: str, looking: Coroutine[Any, Any, Verdict]) -> Verdict:
        task = self._looking.get(key)
        if task is None:
            task = asyncio.get_running_loop().create_task(looking, name="look for sensitive content")
            self._looking[key] = task
            task.add_done_callback(partial(self._looked, key))
        else:
            looking.close()
        # Whoever asked first may go away; the others still want it.
        return await asyncio.shield(task)

    def _looked(self, key: str, task: asyncio.Task[Verdict]) -> None:
        self._looking.pop(key, None)
        if not task.cancelled():
            # Looked at here, because everybody who waited for it may have left.
            task.exception()

    async def _refused(self, media: Media, seen: tuple[Sighting, ...], job: str) -> SensitiveContent:
        await self._write(RefusedMedia(Role.TARGET, media.path, _name_of(media), seen, time.time(), job))
        if media.kind is MediaKind.VIDEO:
            return refused_video(_name_of(media), Role.TARGET, seen)
        return refused_picture(_name_of(media), Role.TARGET, seen)

    async def _write(self, refused: RefusedMedia) -> None:
        try:
            await self._refusals.add(refused)
        except StorageError as error:
            logger.info("a refusal could not be written down: %s", error)


def _consent_needed(source: SourceRef, found: Standing) -> ConsentNeeded:
    hint = message("The job waits, and goes on once somebody says who this is.")
    return ConsentNeeded(not_to_be_used(source.name, found), hint)


def _name_of(media: Media) -> str:
    return Path(media.path).name
