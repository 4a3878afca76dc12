"""Who a source face is, and why it may be used."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from faceswap_desktop.domain.faces import PhotoId, SourceFaceId

ConsentId = NewType("ConsentId", str)


class Basis(StrEnum):
    """Why a face may be used.

    ``MYSELF``: the user's own. ``AGREED``: the person agreed. ``LICENSED``: a licensed or public-domain picture.
    ``SYNTHETIC``: nobody's, a made-up person. ``STATED``: stated on the command line, in the words of its note.
    """

    MYSELF = "myself"
    AGREED = "agreed"
    LICENSED = "licensed"
    SYNTHETIC = "synthetic"
    STATED = "stated"


@dataclass(frozen=True, slots=True)
class Consent:
    """One answer to "who is this?". It covers photos, so it stays with them when people are put together or apart.

    Attributes:
        id: Never changes.
        face: For which source face it was given.
        who: The person's name, as the user wrote it.
        basis: Why the face may be used.
        photos: Which photos it covers.
        given_at: Seconds since the epoch.
        until: When it ends as agreed, seconds since the epoch; 0.0 for never.
        note: The user's words.
        document: Path of the kept copy of a document; empty for none.
        document_name: What the document's file was called.
        withdrawn_at: When it was withdrawn; 0.0 for not.
        replaced_at: When another answer took its place; 0.0 for not.
        results_deleted_at: When the results that were made with it were deleted, because it was withdrawn; 0.0 for not.
    """

    id: ConsentId
    face: SourceFaceId
    who: str
    basis: Basis
    photos: frozenset[PhotoId]
    given_at: float
    until: float = 0.0
    note: str = ""
    document: str = ""
    document_name: str = ""
    withdrawn_at: float = 0.0
    replaced_at: float = 0.0
    results_deleted_at: float = 0.0

    @property
    def over_at(self) -> float:
        """When it is over by itself or by another answer, seconds since the epoch; 0.0 for never."""
        return min((when for when in (self.until, self.replaced_at) if when), default=0.0)

    def is_valid(self, now: float) -> bool:
        """Say whether it stands at a time, in seconds since the epoch."""
        return not self.withdrawn_at and (not self.over_at or now < self.over_at)


class Standing(StrEnum):
    """How a source face stands with consent."""

    GIVEN = "given"
    MISSING = "missing"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


def standing(photos: Collection[PhotoId], consents: Collection[Consent], now: float) -> Standing:
    """Say how a source face stands: every one of its photos has to be covered by a consent that is valid."""
    uncovered = {photo for photo in photos if not any(one.is_valid(now) and photo in one.photos for one in consents)}
    if photos and not uncovered:
        return Standing.GIVEN
    touching = [one for one in consents if not uncovered.isdisjoint(one.photos)]
    if any(one.withdrawn_at for one in touching):
        return Standing.WITHDRAWN
    return Standing.EXPIRED if touching else Standing.MISSING
