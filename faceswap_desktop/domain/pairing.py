"""The pairing board: which source face replaces which target face. Immutable; every change makes a new one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.media import MediaId


class TargetFaceRef(NamedTuple):
    """Names one face of one media by its index."""

    media: MediaId
    face: int


@dataclass(frozen=True, slots=True)
class PairingBoard:
    """All pairings of the open media."""

    pairings: Mapping[TargetFaceRef, SourceFaceId] = field(default_factory=dict)

    def source_of(self, target: TargetFaceRef) -> SourceFaceId | None:
        """Return who replaces a target face, or None."""
        return self.pairings.get(target)

    def of_media(self, media: MediaId) -> dict[int, SourceFaceId]:
        """Return the pairings of one media by face index, in order."""
        found = {ref.face: source for ref, source in self.pairings.items() if ref.media == media}
        return dict(sorted(found.items()))

    def paired(self, targets: Iterable[TargetFaceRef], source: SourceFaceId) -> PairingBoard:
        """Put one source face onto every target given."""
        return PairingBoard({**self.pairings, **dict.fromkeys(targets, source)})

    def cleared(self, targets: Iterable[TargetFaceRef]) -> PairingBoard:
        """Leave these targets as they are."""
        gone = set(targets)
        return PairingBoard({ref: source for ref, source in self.pairings.items() if ref not in gone})

    def swapped(self, first: TargetFaceRef, second: TargetFaceRef) -> PairingBoard:
        """Exchange what two targets become; an unpaired one hands its emptiness over."""
        changed = dict(self.pairings)
        one, other = changed.pop(first, None), changed.pop(second, None)
        if other is not None:
            changed[first] = other
        if one is not None:
            changed[second] = one
        return PairingBoard(changed)

    def without_media(self, media: MediaId) -> PairingBoard:
        """Drop every pairing of one media."""
        return PairingBoard({ref: source for ref, source in self.pairings.items() if ref.media != media})

    def without_source(self, source: SourceFaceId) -> PairingBoard:
        """Drop every pairing with one source face."""
        return PairingBoard({ref: one for ref, one in self.pairings.items() if one != source})
