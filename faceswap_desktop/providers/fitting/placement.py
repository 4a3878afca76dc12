"""What is sent, and where it lies in the user's files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.geometry import BoundingBox


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a copy lies in its original. Boxes are in pixels of upright pictures.

    Attributes:
        left, top, width, height: The part of the original that the copy shows.
        copy_width, copy_height: Pixels of the copy.
        whole_width, whole_height: Pixels of the original.
        first_frame: Frame of the original that is a video copy's first.
        start_s: When that is shown in the original, in seconds.
        parts: Parts of the original that a result may change: around each face.
    """

    left: int
    top: int
    width: int
    height: int
    copy_width: int
    copy_height: int
    whole_width: int
    whole_height: int
    first_frame: int = 0
    start_s: float = 0.0
    parts: tuple[BoundingBox, ...] = ()

    def to_copy(self, box: BoundingBox) -> BoundingBox:
        """Move a box of the original into the copy; it may reach beyond."""
        across, down = self.copy_width / self.width, self.copy_height / self.height
        return BoundingBox(
            (box.left - self.left) * across,
            (box.top - self.top) * down,
            (box.right - self.left) * across,
            (box.bottom - self.top) * down,
        )

    def from_copy(self, box: BoundingBox) -> BoundingBox:
        """Move a box of the copy into the original."""
        across, down = self.width / self.copy_width, self.height / self.copy_height
        return BoundingBox(
            box.left * across + self.left,
            box.top * down + self.top,
            box.right * across + self.left,
            box.bottom * down + self.top,
        )

    @property
    def crop(self) -> BoundingBox:
        """The part of the original that the copy shows."""
        return BoundingBox(self.left, self.top, self.left + self.width, self.top + self.height)

    @property
    def is_cropped(self) -> bool:
        """Whether the copy shows a part only."""
        return (self.width, self.height) != (self.whole_width, self.whole_height)

    @property
    def is_smaller(self) -> bool:
        """Whether the copy has fewer pixels than what it shows."""
        return self.copy_width < self.width or self.copy_height < self.height

    def to_text(self) -> str:
        """Write it as one line, for the ledger."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Placement:
        """Read what ``to_text`` wrote.

        Raises:
            ValueError: It is something else.
        """
        try:
            values = json.loads(text)
            return cls(**{**values, "parts": tuple(BoundingBox(**part) for part in values["parts"])})
        except (TypeError, KeyError) as error:
            raise ValueError("no placement") from error


@dataclass(frozen=True, slots=True)
class FileCopy:
    """A file in the job's scratch folder that may be sent. Its name says nothing of the original.

    Attributes:
        path: The file.
        media_type: For example ``image/jpeg``.
        width, height: Pixels.
        size_bytes: Length.
        sha256: Hexadecimal digest, for caches.
        seconds: How long a video is; 0.0 for pictures.
    """

    path: str
    media_type: str
    width: int
    height: int
    size_bytes: int
    sha256: str
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Copies:
    """What is sent for a recipe.

    Attributes:
        target: What is edited; None where it lies on the internet already (``Recipe.target_url``).
        placement: Where that lies in the original.
        sources: One picture per source face, with that one face in it.
    """

    target: FileCopy | None
    placement: Placement
    sources: Mapping[SourceFaceId, FileCopy] = field(default_factory=dict)

    def to_copy(self, box: BoundingBox) -> BoundingBox:
        """Move a box of the original into the target's copy."""
        return self.placement.to_copy(box)

    def from_copy(self, box: BoundingBox) -> BoundingBox:
        """Move a box of the target's copy into the original."""
        return self.placement.from_copy(box)

    @property
    def files(self) -> tuple[FileCopy, ...]:
        """All that leaves this computer."""
        return (*((self.target,) if self.target is not None else ()), *self.sources.values())
