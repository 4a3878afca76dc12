"""Deleting for good: results with all that belongs to them, faces with all that was made of them."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.events import ResultsChanged, SourceFacesChanged
from faceswap_desktop.domain.faces import PhotoId, SourceFace
from faceswap_desktop.domain.job import JobResult
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.messages import Message, foreign, message
from faceswap_desktop.jobs.events import EventBus
from faceswap_desktop.media.fingerprint import fingerprint
from faceswap_desktop.services.library import CROP_NAME, THUMBNAIL_NAME
from faceswap_desktop.storage.caches import clear_caches
from faceswap_desktop.storage.consents import ConsentStore
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.footprints import Footprints
from faceswap_desktop.storage.held import HeldStore
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.storage.results import ResultStore

logger = logging.getLogger(__name__)

PASTED_FOLDER = "pasted"


@dataclass(slots=True)
class Erased:
    """What became of it.

    Attributes:
        results: Those that are gone.
        problems: What could not be deleted, and why.
    """

    results: list[JobResult] = field(default_factory=list)
    problems: list[Message] = field(default_factory=list)


class Eraser:
    """Deletes for good; nothing of it can be brought back."""

    def __init__(
        self,
        home: Home,
        database: Database,
        results: ResultStore,
        held: HeldStore,
        bus: EventBus,
        media_in_use: Callable[[], Awaitable[list[Media]]],
    ) -> None:
        self._home = home
        self._database = database
        self._results = results
        self._held = held
        self._bus = bus
        self._media_in_use = media_in_use
        self._footprints = Footprints(database)

    async def erase_results(self, results: Sequence[JobResult], on_done: Callable[[int], None]) -> Erased:
        """Delete results: their files, credentials beside them, what waits for an undo, marks and rows.

        One whose file cannot be deleted stays in the gallery, so that it can be tried again.

        Args:
            results: Which.
            on_done: Told how many were looked at.
        """
        done = Erased()
        for number, result in enumerate(results, start=1):
            files = [Path(result.path)]
            if result.mark is not None and result.mark.sidecar:
                files.append(Path(result.mark.sidecar))
            troubles = await asyncio.to_thread(_unlink_all, files)
            troubles += await self._held.destroy(files)
            if troubles:
                done.problems += [_left(path, error) for path, error in troubles]
            else:
                done.results.append(result)
            on_done(number)
        gone = tuple(result.id for result in done.results)
        await self._results.forget(gone)
        self._bus.publish(ResultsChanged(gone))
        return done

    async def erase_face(self, face: SourceFace) -> list[Message]:
        """Delete a source face: its photos, what was measured and made of them, wherever that is kept.

        Returns:
            What could not be deleted, and why.

        Raises:
            StorageError: The library cannot be written.
        """
        problems: list[Message] = []
        pasted = [photo.origin_name for photo in face.photos]
        digests, crops = await asyncio.to_thread(self._digests_of, face)
        in_use = {media.fingerprint.quick_digest for media in await self._media_in_use()}
        photos = await self._footprints.forget_face({photo.id for photo in face.photos})
        await self._footprints.forget_pictures(digests, crops)
        if face.embedding is not None:
            seen = await self._footprints.forget_like(face.embedding, in_use)
            await asyncio.to_thread(_remove_folders, self._home.videos_folder, seen)
        await ConsentStore(self._database).strip(photos)
        problems += await asyncio.to_thread(self._remove_photos, photos, pasted)
        self._bus.publish(SourceFacesChanged((face.id,)))
        return problems

    async def clean_up(self) -> list[Message]:
        """Leave nothing of what was deleted in caches, in the database's file, or in copies of it.

        Returns:
            What could not be cleaned, and why.
        """
        problems: list[Message] = []
        try:
            # All of them: which shows whom cannot be told, and they are made again when they are looked at.
            await asyncio.to_thread(clear_caches, self._home, ("thumbnails", "atlases"))
        except FaceSwapError as error:
            problems.append(error.message)
        name = self._home.database.name
        for copy in sorted(self._home.root.glob(f"{name}.version-*")):
            problems += [_left(*one) for one in await asyncio.to_thread(_unlink_all, [copy])]
        problems += [
            message("“{path}” is a damaged library that was set aside; it may still know the face.", path=str(copy))
            for copy in sorted(self._home.root.glob(f"{name}.damaged-*"))
        ]
        try:
            is_clean = await self._database.scrub()
        except FaceSwapError as error:
            problems.append(error.message)
        else:
            if not is_clean:
                problems.append(
                    message("Another program reads the library; what was deleted leaves its log when that one ends.")
                )
        return problems

    def _digests_of(self, face: SourceFace) -> tuple[list[str], list[str]]:
        files = [Path(photo.crop_path) for photo in face.photos]
        files += [path.with_name(THUMBNAIL_NAME) for path in files]
        digests = []
        for path in files:
            try:
                digests.append(fingerprint(str(path)).quick_digest)
            except (OSError, FaceSwapError) as error:
                logger.info("%s is gone already: %s", path.name, error)
        return digests, [str(path) for path in files]

    def _remove_photos(self, photos: Iterable[PhotoId], pasted: Iterable[str]) -> list[Message]:
        problems: list[Message] = []
        for photo in photos:
            folder = self._home.faces_folder / photo
            shutil.rmtree(folder, ignore_errors=True)
            if folder.exists():
                left = [path for path in (folder / CROP_NAME, folder / THUMBNAIL_NAME) if path.exists()] or [folder]
                problems += [_left(path, error) for path, error in _unlink_all(left)]
        for name in pasted:
            # Pixels from the clipboard are files of ours.
            if name.startswith("pasted-") and Path(name).name == name:
                problems += [_left(*one) for one in _unlink_all([self._home.root / PASTED_FOLDER / name])]
        return problems


def _unlink_all(paths: Iterable[Path]) -> list[tuple[Path, OSError]]:
    troubles: list[tuple[Path, OSError]] = []
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            troubles.append((path, error))
    return troubles


def _remove_folders(top: Path, digests: Iterable[str]) -> None:
    for digest in digests:
        # Named as ``VideoFiles`` names them.
        shutil.rmtree(top / digest[:32], ignore_errors=True)


def _left(path: Path, error: OSError) -> Message:
    return message(
        "“{path}” could not be deleted: {reason}.",
        path=str(path),
        reason=foreign(error.strerror or type(error).__name__),
    )
