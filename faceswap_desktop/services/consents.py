"""Who source faces are: asked once, remembered with their photos, and told to whoever waits for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.consent import Basis, Consent, ConsentId, Standing, standing
from faceswap_desktop.domain.consent_words import not_to_be_used
from faceswap_desktop.domain.errors import ConsentNeeded, UsageError
from faceswap_desktop.domain.events import ConsentChanged
from faceswap_desktop.domain.faces import Grade, PhotoId, SourceFace, SourceFaceId, SourcePhoto
from faceswap_desktop.domain.job import Hold
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.recipe import Recipe, SourceRef
from faceswap_desktop.jobs.events import EventBus
from faceswap_desktop.services.library import CROP_NAME, THUMBNAIL_NAME, Library
from faceswap_desktop.storage.consents import ConsentStore, new_id
from faceswap_desktop.storage.documents import DOCUMENT_SUFFIXES, keep_document
from faceswap_desktop.storage.names import one_line
from faceswap_desktop.storage.paths import Home

MOST_NAME_CHARACTERS: Final = 120
MOST_NOTE_CHARACTERS: Final = 2000
SAMPLE_NOTE: Final = "Public-domain sample picture that comes with the program"

Release = Callable[[Hold], Awaitable[object]]
"""Frees the jobs that wait for one thing."""


@dataclass(frozen=True, slots=True)
class ConsentAnswer:
    """What the user says of a source face.

    Attributes:
        basis: Why it may be used.
        who: The person's name; empty for what the face is called.
        until: When that ends, in seconds since the epoch; 0.0 for never.
        note: The user's words.
        document: Path of a document, of which a copy is kept; empty for none.
        document_name: What it is called; empty for what the file is called.
    """

    basis: Basis
    who: str = ""
    until: float = 0.0
    note: str = ""
    document: str = ""
    document_name: str = ""


@dataclass(frozen=True, slots=True)
class FaceConsent:
    """How a source face stands with consent.

    Attributes:
        standing: In one word.
        consents: What was ever said of its photos, newest first.
    """

    standing: Standing
    consents: tuple[Consent, ...] = ()

    @property
    def current(self) -> Consent | None:
        """What counts: the newest that is neither withdrawn nor over, else the newest; None for nothing."""
        now = time.time()
        return next((one for one in self.consents if one.is_valid(now)), next(iter(self.consents), None))


class Consents:
    """Remembers who source faces are."""

    def __init__(self, home: Home, store: ConsentStore, library: Library, bus: EventBus, release: Release) -> None:
        self._home = home
        self._store = store
        self._library = library
        self._bus = bus
        self._release = release

    async def standing_of(self, face: SourceFace) -> FaceConsent:
        """Say how a source face stands."""
        return (await self.standings([face]))[face.id]

    async def standings(self, faces: Sequence[SourceFace]) -> Mapping[SourceFaceId, FaceConsent]:
        """Say how source faces stand, by their ids."""
        found = await self._store.of_photos(photo.id for face in faces for photo in face.photos)
        now = time.time()
        return {face.id: _standing_in(face, found, now) for face in faces}

    async def missing(self, recipes: Iterable[Recipe]) -> list[SourceFace]:
        """Return the source faces of recipes of whom nobody has said who they are, or of whom it counts no more.

        Each is returned with those photos only that its recipes name: they have to be covered. A face that is no
        longer in the library is returned as far as it is known.
        """
        wanted: dict[SourceFaceId, list[SourceRef]] = {}
        for recipe in recipes:
            for pairing in recipe.pairings:
                wanted.setdefault(pairing.source.id, []).append(pairing.source)
        faces = [await self._as_named(refs) for refs in wanted.values()]
        standings = await self.standings(faces)
        return [face for face in faces if standings[face.id].standing is not Standing.GIVEN]

    async def give(self, faces: Sequence[SourceFace], answer: ConsentAnswer) -> list[Consent]:
        """Remember why source faces may be used, in the place of what was said before. Jobs that wait for it go on.

        Args:
            faces: With the photos that are to be covered; those that the library has of them are covered too.
            answer: What the user says.

        Returns:
            What was written, in the same order.

        Raises:
            UsageError: It would be over already (kind ``until``), or its words are too long (kind ``too-long``).
            InputRefused: The document is not taken.
            StorageError: It could not be written; then nothing has changed.
        """
        now = time.time()
        checked = _checked(answer, now)
        made: list[Consent] = []
        try:
            for face in faces:
                made.append(await self._consent(face, checked, now))
            await self._store.put(made)
        except BaseException:
            await asyncio.shield(asyncio.to_thread(_unlink, [one.document for one in made if one.document]))
            raise
        self._bus.publish(ConsentChanged(tuple(face.id for face in faces)))
        await self._release(Hold.CONSENT)
        return made

    async def state_on_command_line(self, note: str, faces: Sequence[SourceFace], *, renews: bool = False) -> None:
        """Remember what was stated on the command line, for those of whom nothing that counts is known.

        Args:
            note: What was stated.
            faces: Of whom.
            renews: Whether a consent that was withdrawn is given anew: a script must not do that by the way.

        Raises:
            ConsentNeeded: It was withdrawn.
            UsageError: The note says nothing (kind ``empty``), or is too long.
            StorageError: It could not be written.
        """
        if not any(one.isprintable() and not one.isspace() for one in note):
            raise UsageError(
                message("--consent needs a few words: why the face may be used."),
                message('For example --consent "It is me".'),
                kind="empty",
            )
        standings = await self.standings(faces)
        unknown = [face for face in faces if standings[face.id].standing is not Standing.GIVEN]
        for face in unknown:
            if standings[face.id].standing is Standing.WITHDRAWN and not renews:
                raise ConsentNeeded(
                    not_to_be_used(face.name, Standing.WITHDRAWN), message("If it was given anew, add --yes.")
                )
        if unknown:
            await self.give(unknown, ConsentAnswer(Basis.STATED, note=note))

    async def check(self, recipes: Iterable[Recipe], hint: Message) -> None:
        """Make sure that every source face of recipes may be used.

        Args:
            recipes: Which.
            hint: What helps.

        Raises:
            ConsentNeeded: One may not; the sentence says which.
        """
        for face in await self.missing(recipes):
            raise ConsentNeeded(not_to_be_used(face.name, (await self.standing_of(face)).standing), hint)

    async def give_samples(self, faces: Sequence[SourceFace]) -> None:
        """Say of the samples that come with the program what is known of them."""
        standings = await self.standings(faces)
        unknown = [face for face in faces if standings[face.id].standing is Standing.MISSING]
        if unknown:
            await self.give(unknown, ConsentAnswer(Basis.LICENSED, note=SAMPLE_NOTE))

    async def cover(self, face: SourceFace, photo: PhotoId) -> None:
        """Have the consent of a person cover another photo that looks like the same person.

        Nothing is covered where the person has none that counts.
        """
        known = await self.standing_of(face)
        current = known.current
        if known.standing is Standing.GIVEN and current is not None:
            await self._store.extend(current.id, [photo])
            self._bus.publish(ConsentChanged((face.id,)))

    async def all(self) -> list[Consent]:
        """Return everything that was ever said, newest first."""
        return await self._store.all()

    async def forget(self, ids: Sequence[ConsentId]) -> None:
        """Delete records for good, with their documents.

        Raises:
            StorageError: They could not be deleted.
        """
        going = await self._store.get(ids)
        await self._store.forget(ids)
        kept = {one.document for one in await self._store.all()}
        await asyncio.to_thread(_unlink, [one.document for one in going if one.document and one.document not in kept])
        self._bus.publish(ConsentChanged(tuple(dict.fromkeys(one.face for one in going))))

    async def _consent(self, face: SourceFace, answer: ConsentAnswer, now: float) -> Consent:
        there = await self._library.face(face.id)
        photos = {photo.id for one in (face, there) if one is not None for photo in one.photos}
        consent_id, kept = new_id(), ""
        document = Path(answer.document)
        if answer.document:
            kept = str(await asyncio.to_thread(keep_document, self._home, document, consent_id))
        return Consent(
            id=consent_id,
            face=face.id,
            who=answer.who or face.name,
            basis=answer.basis,
            photos=frozenset(photos),
            given_at=now,
            until=answer.until,
            note=answer.note,
            document=kept,
            document_name=(answer.document_name or document.name) if answer.document else "",
        )

    async def _as_named(self, refs: Sequence[SourceRef]) -> SourceFace:
        names = dict.fromkeys(photo for ref in refs for photo in ref.photos)
        there = await self._library.face(refs[0].id)
        known = {photo.id: photo for photo in there.photos} if there is not None else {}
        photos = tuple(known.get(name) or self._photo(name) for name in names)
        if there is not None:
            return replace(there, photos=photos)
        thumbnail = str(Path(photos[0].crop_path).with_name(THUMBNAIL_NAME)) if photos else ""
        return SourceFace(refs[0].id, refs[0].name, photos, 1, thumbnail, None, 0.0, on_shelf=False)

    def _photo(self, photo: PhotoId) -> SourcePhoto:
        return SourcePhoto(photo, str(self._home.faces_folder / photo / CROP_NAME), "", Grade())


def _standing_in(face: SourceFace, consents: Sequence[Consent], now: float) -> FaceConsent:
    photos = {photo.id for photo in face.photos}
    own = tuple(one for one in consents if not photos.isdisjoint(one.photos))
    return FaceConsent(standing(photos, own, now), own)


def _checked(answer: ConsentAnswer, now: float) -> ConsentAnswer:
    if answer.until and answer.until <= now:
        raise UsageError(
            message("The consent would be over already."), message("Choose a day to come, or none."), kind="until"
        )
    who, note = one_line(answer.who), answer.note.strip()
    for text, most in ((who, MOST_NAME_CHARACTERS), (note, MOST_NOTE_CHARACTERS)):
        if len(text) > most:
            raise UsageError(
                message("That is {count} characters; {most} are kept.", count=len(text), most=most),
                message("Keep the rest in a document."),
                kind="too-long",
            )
    return replace(answer, who=who, note=note)


def _unlink(paths: Iterable[str]) -> None:
    for path in paths:
        with suppress(OSError):
            Path(path).unlink()


__all__ = [
    "DOCUMENT_SUFFIXES",
    "MOST_NAME_CHARACTERS",
    "MOST_NOTE_CHARACTERS",
    "ConsentAnswer",
    "Consents",
    "FaceConsent",
    "Release",
]
