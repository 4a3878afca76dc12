"""Who becomes whom in front of the camera; every source face has passed the gate."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from faceswap_desktop.domain.errors import FaceSwapError, InputRefused
from faceswap_desktop.domain.faces import Embedding, SourceFaceId
from faceswap_desktop.domain.live import CastMember, LivePart, LivePerson, LiveSource
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import SourceRef
from faceswap_desktop.services.clearance import Clearance
from faceswap_desktop.services.library import Library


class LiveParts:
    """The parts of the people in front of the camera, and the source faces in use.

    Attributes:
        everyone: The part of whoever has none of their own.
        parts: Parts of people by their number.
    """

    def __init__(self, clearance: Clearance, library: Library) -> None:
        self._clearance, self._library = clearance, library
        self._sources: dict[SourceFaceId, LiveSource] = {}
        self._known: dict[int, Embedding] = {}
        self._worn: frozenset[SourceFaceId] = frozenset()
        self._is_held = False
        self.everyone = LivePart()
        self.parts: Mapping[int, LivePart] = MappingProxyType({})

    @property
    def used(self) -> frozenset[SourceFaceId]:
        """The source faces that a part names."""
        parts = (self.everyone, *self.parts.values())
        return frozenset(part.source for part in parts if part.source is not None)

    @property
    def shown(self) -> frozenset[SourceFaceId]:
        """The source faces that everybody may see: those in use, and those before them whose picture still stands."""
        return self.used | self._worn

    @property
    def cast(self) -> tuple[CastMember, ...]:
        """People with a part of their own, as the engine wants to know them."""
        return tuple(CastMember(number, self._known[number], part) for number, part in sorted(self.parts.items()))

    @property
    def sources(self) -> tuple[LiveSource, ...]:
        """Every source face that may be seen; see ``shown``."""
        return tuple(source for key, source in self._sources.items() if key in self.shown)

    @property
    def refs(self) -> tuple[SourceRef, ...]:
        """The source faces that may be seen, as a recipe remembers them."""
        return tuple(source.cleared.source for source in self.sources)

    @property
    def years(self) -> tuple[int, ...]:
        """By how many years ages are changed."""
        return tuple(part.years for part in (self.everyone, *self.parts.values()) if part.years)

    async def let_pass(self, source: SourceFaceId) -> None:
        """Ask the gate for a source face, by the photos that it has now.

        Raises:
            ConsentNeeded: Nobody has said who it is, or consent is over.
            SensitiveContent: A photo of it is refused.
            InputRefused: It, or a photo of it, is gone.
            StorageError: What is known of it cannot be read.
        """
        face = await self._library.face(source)
        if face is None:
            raise InputRefused(
                message("This source face is no longer in the library."),
                message("Choose another one, or add its photo again."),
                kind="source-missing",
            )
        ref = self._library.source_ref(face)
        cleared = await self._clearance.source(ref)
        found = LiveSource(cleared, self._library.files_of(ref), face.embedding)
        known = self._sources.get(source)
        if known is None or _what(known) != _what(found):
            # The same asked for again is not another one: the engine has it ready.
            self._sources[source] = found

    async def refused(self, among: Collection[SourceFaceId] | None = None) -> dict[SourceFaceId, FaceSwapError]:
        """Ask the gate again for what is shown; returns what it does not let through any more, with the reason."""
        found: dict[SourceFaceId, FaceSwapError] = {}
        for source in self.shown if among is None else self.shown & frozenset(among):
            try:
                await self.let_pass(source)
            except FaceSwapError as error:
                found[source] = error
        return found

    def set_everyone(self, part: LivePart) -> None:
        """Say what is done to whoever has no part of their own; its source face was let pass."""
        self.everyone = part

    def set_part(self, number: int, part: LivePart) -> None:
        """Give a person a part of their own; its source face was let pass.

        Raises:
            InputRefused: Their face was never seen well enough to be known again.
        """
        if number not in self._known:
            raise InputRefused(
                message("This person's face has not been seen well enough yet."),
                message("Let them look at the camera for a moment, from nearby."),
                kind="person-unknown",
            )
        self.parts = MappingProxyType({**self.parts, number: part})

    def clear_part(self, number: int) -> None:
        """Let a person have the part that everybody has."""
        self.parts = MappingProxyType({key: part for key, part in self.parts.items() if key != number})

    def take_off(self, sources: Collection[SourceFaceId]) -> None:
        """Remove source faces from all parts; ages stay. Nobody is to see a picture with them any more."""
        self._worn -= frozenset(sources)
        if self.everyone.source in sources:
            self.everyone = LivePart(None, self.everyone.years)
        self.parts = MappingProxyType(
            {
                number: LivePart(None, part.years) if part.source in sources else part
                for number, part in self.parts.items()
            }
        )
        for source in sources:
            self._sources.pop(source, None)

    def note_people(self, people: Collection[LivePerson]) -> None:
        """Remember by what people are known again. Of those with a part what was seen first stays."""
        for person in people:
            if person.embedding is not None and person.number not in self.parts:
                self._known[person.number] = person.embedding

    def note_worn(self, sources: Collection[SourceFaceId]) -> None:
        """Remember which source faces the newest picture shows; those of a picture that is held stay."""
        self._worn = frozenset(sources) | (self._worn if self._is_held else frozenset())

    def hold(self, is_held: bool) -> None:
        """The picture of now stands, or stands no more."""
        self._is_held = is_held

    def forget_shown(self) -> None:
        """No picture is shown any more."""
        self._worn, self._is_held = frozenset(), False

    def forget_people(self, *, with_parts: bool) -> None:
        """Forget people: an engine that starts anew counts them anew, but for those with a part.

        Args:
            with_parts: Those too.
        """
        if with_parts:
            self.parts = MappingProxyType({})
        self._known = {number: known for number, known in self._known.items() if number in self.parts}


def _what(source: LiveSource) -> tuple[object, ...]:
    return source.cleared.source, source.files, source.embedding
