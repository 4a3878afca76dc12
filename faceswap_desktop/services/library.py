"""The library of source faces: photos come in, are graded and kept, and can be put together as one person."""

from __future__ import annotations

import asyncio
import filecmp
import hashlib
import logging
import shutil
import time
import uuid
from array import array
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from faceswap_desktop.domain.errors import FaceSwapError, InputRefused, UsageError
from faceswap_desktop.domain.events import SourceFacesChanged
from faceswap_desktop.domain.faces import (
    SAME_PERSON_SIMILARITY,
    Embedding,
    PhotoId,
    SourceFace,
    SourceFaceId,
    SourcePhoto,
)
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.recipe import Recipe, SourceRef
from faceswap_desktop.domain.work import SourceFiles
from faceswap_desktop.jobs.events import EventBus
from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.services.turns import in_turn
from faceswap_desktop.storage.faces import SourceFaceStore
from faceswap_desktop.storage.names import one_line
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.workers.pool import WorkerPool
from faceswap_desktop.workers.requests import BuildAtlas, ExaminedSource, ExamineSource, KeepSourcePhoto, KeptPhoto

logger = logging.getLogger(__name__)

CROP_NAME = "face.png"
THUMBNAIL_NAME = "thumbnail.png"
_PURGE_AGE_S = 3600


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that did not become a source face, and why."""

    path: str
    message: Message
    hint: Message | None


@dataclass(frozen=True, slots=True)
class AddedPhotos:
    """What came of dropping photos on the shelf."""

    added: tuple[SourceFace, ...]
    refused: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class LibraryChange:
    """The source faces concerned as they were and as they are; reversed, it undoes itself.

    Attributes:
        before: As they were.
        after: As they are.
        looks_alike: Whether the photo that was added looks like the same person as those that were there.
    """

    before: tuple[SourceFace, ...]
    after: tuple[SourceFace, ...]
    looks_alike: bool = True

    def reversed(self) -> LibraryChange:
        """Return the change that takes this one back."""
        return LibraryChange(self.after, self.before)


class Library:
    """The user's source faces. Every photo is kept as a crop of its own, so originals may go.

    Attributes:
        on_photo_added: Awaited when a person got another photo that looks like the same person, with the person as
            it was and the photo.
    """

    def __init__(
        self, home: Home, store: SourceFaceStore, pool: WorkerPool, settings: SettingsService, bus: EventBus
    ) -> None:
        self._home = home
        self._store = store
        self._pool = pool
        self._settings = settings
        self._bus = bus
        self.turn = asyncio.Lock()
        self._opened_at = time.time()
        self.on_photo_added: Callable[[SourceFace, PhotoId], Awaitable[None]] | None = None

    async def faces(self) -> list[SourceFace]:
        """Return all source faces in the order of the shelf."""
        return await self._store.all()

    async def face(self, face_id: SourceFaceId) -> SourceFace | None:
        """Return one source face, or None if it is not there."""
        return await self._store.get(face_id)

    async def add_photos(
        self, paths: Sequence[str | Path], *, on_added: Callable[[SourceFace], None] | None = None
    ) -> AddedPhotos:
        """Take the largest face of each photo into the library, as one source face per photo.

        Args:
            paths: Pictures of any kind the program reads.
            on_added: Called after each one, so that the shelf fills while the rest is looked at.

        Returns:
            What was added, and what was not, each with its reason. Poor photos are added too: their
            grade says what is wrong.
        """
        added: list[SourceFace] = []
        refused: list[Refusal] = []
        for path in paths:
            try:
                face = await self.add_face(path)
            except FaceSwapError as error:
                refused.append(Refusal(str(path), error.message, error.hint))
                continue
            added.append(face)
            if on_added is not None:
                on_added(face)
        return AddedPhotos(tuple(added), tuple(refused))

    async def add_face(
        self, path: str | Path, *, face_index: int | None = None, name: str = "", on_shelf: bool = True
    ) -> SourceFace:
        """Take one face of a photo into the library. The very same crop is not kept twice.

        Args:
            path: The photo.
            face_index: Which face, as detection numbers them; None for the largest.
            name: What to call it; the file's name if empty.
            on_shelf: Whether it stands on the Studio's shelf. The command line's sources do not.

        Returns:
            The new source face, or the one that has just this photo already.

        Raises:
            InputRefused: The file cannot be read, or has no such face.
            StorageError: The library cannot be written.
        """
        photo, kept = await self._keep_photo(path, face_index)
        # The newest stands last, where the eye looks for what was just dropped.
        existing = await self._store.all()
        same = await asyncio.to_thread(_with_same_crop, photo, existing)
        if same is not None:
            await asyncio.to_thread(shutil.rmtree, self._photo_folder(photo.id), ignore_errors=True)
            if on_shelf and not same.on_shelf:
                return (await self.set_on_shelf([same.id], True)).after[0]
            return same
        face = SourceFace(
            id=SourceFaceId(uuid.uuid4().hex[:12]),
            name=name or Path(path).stem,
            photos=(photo,),
            revision=1,
            thumbnail_path=str(self._photo_folder(photo.id) / THUMBNAIL_NAME),
            embedding=kept.face.embedding,
            created_at=time.time(),
            on_shelf=on_shelf,
            position=max((one.position for one in existing), default=-1) + 1,
        )
        await self._store.add(face)
        self._bus.publish(SourceFacesChanged((face.id,)))
        return face

    @in_turn
    async def add_photo_to(self, face_id: SourceFaceId, path: str | Path) -> LibraryChange:
        """Add one more photo of a person that is in the library already.

        Raises:
            UsageError: There is no such source face.
            InputRefused: The file cannot be read, or has no face.
        """
        face = await self._existing(face_id)
        photo, kept = await self._keep_photo(path, None)
        changed = replace(
            face,
            photos=(*face.photos, photo),
            revision=face.revision + 1,
            embedding=_mean_embedding([face.embedding, kept.face.embedding], [len(face.photos), 1]),
        )
        looks_alike = _are_alike([face.embedding, kept.face.embedding])
        settled = await self._settle(LibraryChange((face,), (await self._weighed(changed),), looks_alike))
        # A face that could not be measured may be anybody's.
        is_known = face.embedding is not None and kept.face.embedding is not None
        if looks_alike and is_known and self.on_photo_added is not None:
            await self.on_photo_added(face, photo.id)
        return settled

    @in_turn
    async def put_together(self, face_ids: Sequence[SourceFaceId]) -> LibraryChange:
        """Make one person of several source faces; the first gives the name and the place.

        Raises:
            UsageError: Fewer than two are there.
        """
        faces = [await self._existing(face_id) for face_id in dict.fromkeys(face_ids)]
        if len(faces) < 2:
            raise UsageError(message("Choose at least two photos of the person."))
        first = faces[0]
        best = min(faces, key=lambda face: (len(face.grade.findings), -face.grade.eye_distance_px))
        merged = replace(
            first,
            photos=tuple(photo for face in faces for photo in face.photos),
            revision=first.revision + 1,
            thumbnail_path=best.thumbnail_path,
            embedding=_mean_embedding([face.embedding for face in faces], [len(face.photos) for face in faces]),
        )
        return await self._settle(LibraryChange(tuple(faces), (await self._weighed(merged),)))

    @in_turn
    async def take_apart(self, face_id: SourceFaceId) -> LibraryChange:
        """Make a source face of its own out of every photo of a person; the first keeps its id.

        Raises:
            UsageError: There is no such source face, or it has one photo only.
        """
        face = await self._existing(face_id)
        if len(face.photos) < 2:
            raise UsageError(message("{name} has one photo only.", name=face.name))
        parts = []
        embeddings = [await self._embedding_of(photo) for photo in face.photos]
        for number, photo in enumerate(face.photos):
            parts.append(
                SourceFace(
                    id=face.id if number == 0 else SourceFaceId(uuid.uuid4().hex[:12]),
                    name=face.name if number == 0 else Path(photo.origin_name).stem or face.name,
                    photos=(replace(photo, weight=1.0),),
                    revision=face.revision + 1 if number == 0 else 1,
                    thumbnail_path=str(self._photo_folder(photo.id) / THUMBNAIL_NAME),
                    embedding=embeddings[number],
                    created_at=face.created_at,
                    on_shelf=face.on_shelf,
                    position=face.position + number,
                )
            )
        return await self._settle(LibraryChange((face,), tuple(parts)))

    @in_turn
    async def remove_photo(self, face_id: SourceFaceId, photo_id: PhotoId) -> LibraryChange:
        """Take one photo out of a person.

        Raises:
            UsageError: There is no such source face, or it is its last photo.
        """
        face = await self._existing(face_id)
        photos = tuple(photo for photo in face.photos if photo.id != photo_id)
        if not photos:
            raise UsageError(message("This is the last photo of {name}. Delete the face instead.", name=face.name))
        changed = replace(
            face,
            photos=photos,
            revision=face.revision + 1,
            thumbnail_path=str(self._photo_folder(_best_of(photos).id) / THUMBNAIL_NAME),
            embedding=_mean_embedding([await self._embedding_of(photo) for photo in photos], [1] * len(photos)),
        )
        return await self._settle(LibraryChange((face,), (await self._weighed(changed),)))

    def look_alike(self, faces: Sequence[SourceFace]) -> bool:
        """Say whether all of them look like one person to the recognition checkpoint."""
        return _are_alike([face.embedding for face in faces])

    @in_turn
    async def rename(self, face_id: SourceFaceId, name: str) -> LibraryChange:
        """Give a source face another name.

        Raises:
            UsageError: The name is empty, or there is no such source face.
        """
        face = await self._existing(face_id)
        name = one_line(name)[:80]
        if not name:
            raise UsageError(message("Give the face a name."))
        return await self._settle(LibraryChange((face,), (replace(face, name=name),)))

    async def set_on_shelf(self, face_ids: Iterable[SourceFaceId], on_shelf: bool) -> LibraryChange:
        """Put source faces on the Studio's shelf, or take them off; they stay in the library."""
        before = [await self._existing(face_id) for face_id in face_ids]
        return await self._settle(
            LibraryChange(tuple(before), tuple(replace(face, on_shelf=on_shelf) for face in before))
        )

    async def reorder(self, face_ids: Sequence[SourceFaceId]) -> None:
        """Set the order of the shelf."""
        await self._store.reorder(face_ids)
        self._bus.publish(SourceFacesChanged(tuple(face_ids)))

    @in_turn
    async def delete(self, face_ids: Iterable[SourceFaceId]) -> LibraryChange:
        """Take source faces out of the library. The change that comes back can be reversed.

        Their files stay until ``purge``, so that undo brings everything back.
        """
        before = [await self._existing(face_id) for face_id in face_ids]
        return await self._settle(LibraryChange(tuple(before), ()))

    @in_turn
    async def apply(self, change: LibraryChange) -> None:
        """Carry a change out, for example ``apply(change.reversed())`` to undo it."""
        await self._settle(change)

    async def purge(self, keep: Iterable[PhotoId] = ()) -> int:
        """Delete what no source face uses any more, and return how many photos went.

        Called at the start, when no undo can ask for what was deleted before: rows with their embeddings, photos, and
        the atlases that were made of them.

        Args:
            keep: Photos that jobs still need, also those that failed and may be tried again.
        """
        gone = await self._store.purge(self._opened_at)
        faces = await self._store.all()
        used = {photo.id for face in faces for photo in face.photos} | set(keep)
        purged = {photo.id for face in gone for photo in face.photos} - used
        atlases = {self._atlas_path([photo.id for photo in face.photos]) for face in faces}
        old = {self._atlas_path([photo.id for photo in face.photos]) for face in gone}
        await asyncio.to_thread(_delete_atlases, self._home.atlases_folder, atlases, old)
        return await asyncio.to_thread(_delete_unused, self._home.faces_folder, used, purged)

    def source_ref(self, face: SourceFace) -> SourceRef:
        """Return how a recipe names this source face: by its very photos."""
        return SourceRef(face.id, face.name, tuple(photo.id for photo in face.photos))

    def files_of(self, source: SourceRef) -> SourceFiles:
        """Return where the crops and the merged atlas of a source face lie.

        Raises:
            InputRefused: A photo is gone (kind ``source-missing``).
        """
        crops = [self._photo_folder(photo) / CROP_NAME for photo in source.photos]
        if not crops or not all(crop.is_file() for crop in crops):
            raise InputRefused(
                message("The source face {name} is no longer in the library.", name=source.name),
                message("Add its photo again and pair it."),
                kind="source-missing",
            )
        return SourceFiles(tuple(str(crop) for crop in crops), str(self._atlas_path(source.photos)))

    async def source_files(self, recipe: Recipe) -> Mapping[SourceFaceId, SourceFiles]:
        """Return the files of every source face of a recipe.

        Raises:
            InputRefused: One is gone (kind ``source-missing``).
        """
        sources = {pairing.source.id: pairing.source for pairing in recipe.pairings}
        return {source_id: self.files_of(source) for source_id, source in sources.items()}

    async def _keep_photo(self, path: str | Path, face_index: int | None) -> tuple[SourcePhoto, KeptPhoto]:
        photo_id = PhotoId(uuid.uuid4().hex[:12])
        folder = self._photo_folder(photo_id)
        try:
            kept: KeptPhoto = await self._pool.run(
                "keep_source_photo",
                KeepSourcePhoto(
                    path=str(path),
                    face_index=face_index,
                    crop_path=str(folder / CROP_NAME),
                    thumbnail_path=str(folder / THUMBNAIL_NAME),
                    max_pixels=self._max_pixels,
                ),
            )
        except BaseException:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            raise
        photo = SourcePhoto(photo_id, str(folder / CROP_NAME), Path(path).name, kept.face.grade)
        return photo, kept

    async def _embedding_of(self, photo: SourcePhoto) -> Embedding | None:
        try:
            examined: ExaminedSource = await self._pool.run(
                "examine_source", ExamineSource(photo.crop_path, self._max_pixels, face_index=None)
            )
        except InputRefused as error:
            # A poor photo's face may be found in the photo and not again in its crop.
            logger.info("no embedding of %s: %s", photo.id, error.kind)
            return None
        return examined.faces[0].embedding if examined.faces else None

    @property
    def _max_pixels(self) -> int:
        return self._settings.current.media.max_megapixels * 1_000_000

    async def _weighed(self, face: SourceFace) -> SourceFace:
        """Build the merged atlas now, so that the first preview is quick and the weights can be shown."""
        source = self.source_ref(face)
        files = self.files_of(source)
        built = await self._pool.run("build_atlas", BuildAtlas(files.crop_paths, files.atlas_path))
        photos = tuple(
            replace(photo, weight=float(weight)) for photo, weight in zip(face.photos, built.weights, strict=True)
        )
        return replace(face, photos=photos)

    async def _settle(self, change: LibraryChange) -> LibraryChange:
        staying = {face.id for face in change.after}
        gone = [face.id for face in change.before if face.id not in staying]
        if gone:
            await self._store.delete(gone)
        there = {face.id for face in await self._store.all()}
        for face in change.after:
            if face.id not in there:
                await self._store.restore([face.id])
                there = {one.id for one in await self._store.all()}
            if face.id in there:
                await self._store.update(face)
            else:
                await self._store.add(face)
        self._bus.publish(SourceFacesChanged((*gone, *staying)))
        return change

    async def _existing(self, face_id: SourceFaceId) -> SourceFace:
        face = await self._store.get(face_id)
        if face is None:
            raise UsageError(message("There is no source face with the id {id}.", id=face_id))
        return face

    def _photo_folder(self, photo_id: PhotoId) -> Path:
        return self._home.faces_folder / photo_id

    def _atlas_path(self, photos: Sequence[PhotoId]) -> Path:
        name = hashlib.sha256(" ".join(photos).encode()).hexdigest()[:24]
        return self._home.cache_folder / "atlases" / f"{name}.npz"


def _with_same_crop(photo: SourcePhoto, faces: Sequence[SourceFace]) -> SourceFace | None:
    for face in faces:
        kept = Path(face.photos[0].crop_path)
        # Contents are compared only where the sizes are equal, so a large library costs nothing.
        if len(face.photos) == 1 and kept.is_file() and filecmp.cmp(photo.crop_path, kept, shallow=False):
            return face
    return None


def _are_alike(embeddings: Sequence[Embedding | None]) -> bool:
    known = [one for one in embeddings if one is not None]
    return all(known[0].similarity(other) >= SAME_PERSON_SIMILARITY for other in known[1:])


def _best_of(photos: Sequence[SourcePhoto]) -> SourcePhoto:
    return min(photos, key=lambda photo: (len(photo.grade.findings), -photo.grade.eye_distance_px))


def _mean_embedding(embeddings: Sequence[Embedding | None], counts: Sequence[int]) -> Embedding | None:
    known = [(one, count) for one, count in zip(embeddings, counts, strict=True) if one is not None]
    if not known:
        return None
    total = array("f", [0.0]) * (len(known[0][0].packed) // 4)
    for embedding, count in known:
        values = array("f")
        values.frombytes(embedding.packed)
        for place, value in enumerate(values):
            total[place] += value * count
    norm = sum(value * value for value in total) ** 0.5 or 1.0
    return Embedding(array("f", (value / norm for value in total)).tobytes(), known[0][0].checkpoint)


def _delete_atlases(folder: Path, used: set[Path], old: set[Path]) -> None:
    """Delete those of faces that are gone, and those that nobody has used for a while: they are built again."""
    newest = time.time() - _PURGE_AGE_S
    for path in folder.glob("*.npz"):
        with suppress(OSError):
            if path in old - used or (path not in used and path.stat().st_mtime < newest):
                path.unlink()


def _delete_unused(folder: Path, used: set[PhotoId], purged: set[PhotoId]) -> int:
    gone = 0
    # A photo that another process is just taking in has its folder before it has its row.
    newest = time.time() - _PURGE_AGE_S
    for entry in folder.iterdir() if folder.is_dir() else ():
        if not entry.is_dir() or entry.name in used:
            continue
        if entry.name in purged or entry.stat().st_mtime < newest:
            shutil.rmtree(entry, ignore_errors=True)
            gone += 1
    return gone
