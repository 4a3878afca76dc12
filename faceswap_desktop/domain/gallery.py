"""What the gallery shows and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from faceswap_desktop.domain.faces import SourceFaceId


class GallerySort(StrEnum):
    """Order of results; equal ones are newest first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    NAME = "name"
    SIZE = "size"
    SIMILARITY = "similarity"


@dataclass(frozen=True, slots=True)
class GalleryQuery:
    """Which results, in which order. The default is all of them, newest first.

    Attributes:
        text: Words that all have to occur in the title, the file names or the names of the source
            faces; case and accents do not count.
        favourites_only: Only those the user marked.
        provider: Only those of one provider, by id.
        source_face: Only those with one source face.
        since: Only those made at this time or later, seconds since the epoch.
        until: Only those made before this time.
        formats: Only these, as ``Media.format`` names them (``JPEG``, ``PNG``, ``WEBP``); empty for all.
        sort: ``NAME`` from A to Z with numbers by value; ``SIZE`` largest file first; ``SIMILARITY`` best
            first, unknown last.
        include_deleted: Also those that can still be brought back.
    """

    text: str = ""
    favourites_only: bool = False
    provider: str | None = None
    source_face: SourceFaceId | None = None
    since: float | None = None
    until: float | None = None
    formats: tuple[str, ...] = ()
    sort: GallerySort = GallerySort.NEWEST
    include_deleted: bool = False

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the order was asked for, so that an empty answer means "none match"."""
        return self != GalleryQuery(sort=self.sort, include_deleted=self.include_deleted)
