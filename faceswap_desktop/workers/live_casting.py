"""Turns what the window says is to be done into what is done: parts into roles, names into faces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.live import CastMember, LiveControls, LivePart
from faceswap_desktop.media.label_texts import Changes
from faceswap_desktop.vision.arrays import Floats
from faceswap_desktop.vision.embed import CHECKPOINT
from faceswap_desktop.vision.live.change import Wish
from faceswap_desktop.vision.live.stage import Play, Role
from faceswap_desktop.vision.sheet import Sheet
from faceswap_desktop.workers.live_sources import SourceShelf

_EVERYONE = 0
"""Stands for whoever has no part of their own; people count from 1."""


@dataclass(frozen=True, slots=True)
class _Worn:
    """Who somebody was made into last."""

    source: SourceFaceId
    sheet: Sheet


class Casting:
    """Who plays whom.

    A source face that is still being made ready leaves the one before it in its place, as long as the controls name
    that one: whoever has withdrawn consent is put in for nobody.
    """

    def __init__(self, shelf: SourceShelf) -> None:
        self._shelf = shelf
        self._worn: dict[int, _Worn] = {}

    @property
    def worn(self) -> tuple[SourceFaceId, ...]:
        """Source faces that are put in."""
        return tuple({worn.source: None for worn in self._worn.values()})

    def play(self, controls: LiveControls) -> Play:
        """Return what is to be done to whom, as far as source faces are ready."""
        allowed = {source.id for source in controls.sources}
        self._worn = {number: worn for number, worn in self._worn.items() if worn.source in allowed}
        everyone = self._role(_EVERYONE, controls.everyone, controls)
        own = {member.number: self._role(member.number, member.part, controls) for member in controls.cast}
        self._worn = {number: worn for number, worn in self._worn.items() if number in {_EVERYONE, *own}}
        return Play(everyone, own)

    def _role(self, number: int, part: LivePart, controls: LiveControls) -> Role:
        if part.source is None:
            self._worn.pop(number, None)
            return Role(Wish(None, part.years, controls.options))
        sheet = self._shelf.sheet(part.source)
        if sheet is not None:
            self._worn[number] = _Worn(part.source, sheet)
        worn = self._worn.get(number) or self._worn.get(_EVERYONE)
        return Role(Wish(None if worn is None else worn.sheet, part.years, controls.options), is_unready=worn is None)


def changes_of(controls: LiveControls) -> Changes:
    """Return what is done to faces at all, for the label."""
    parts = (controls.everyone, *(member.part for member in controls.cast))
    return Changes(any(part.source is not None for part in parts), any(part.years for part in parts))


def vectors_of(cast: tuple[CastMember, ...]) -> dict[int, Floats]:
    """Return what people are known again by, by their numbers; of another network's embeddings nothing can be told."""
    return {
        member.number: np.frombuffer(member.embedding.packed, np.float32)
        for member in cast
        if member.embedding.checkpoint == CHECKPOINT
    }
