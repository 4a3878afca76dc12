"""Faces as the program speaks of them: found in a media, kept in the library, graded for use."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from enum import StrEnum
from math import sqrt
from typing import NewType

from faceswap_desktop.domain.geometry import BoundingBox, Landmarks, Point
from faceswap_desktop.domain.messages import Message

SourceFaceId = NewType("SourceFaceId", str)
PhotoId = NewType("PhotoId", str)

FivePoints = tuple[Point, Point, Point, Point, Point]
"""Left eye, right eye, nose, left mouth corner, right mouth corner; left as seen in the picture."""


@dataclass(frozen=True, slots=True)
class Embedding:
    """What a recognition checkpoint says of a face's identity.

    Attributes:
        packed: float32, L2-normalised, native byte order (128 values for SFace).
        checkpoint: Name of the checkpoint that made it; only equal names can be compared.
    """

    packed: bytes
    checkpoint: str

    def similarity(self, other: Embedding) -> float:
        """Return the cosine with another embedding, -1 to 1.

        Raises:
            ValueError: The two come from different checkpoints.
        """
        if self.checkpoint != other.checkpoint:
            raise ValueError(f"{self.checkpoint} cannot be compared with {other.checkpoint}")
        mine, theirs = array("f"), array("f")
        mine.frombytes(self.packed)
        theirs.frombytes(other.packed)
        dot = sum(a * b for a, b in zip(mine, theirs, strict=True))
        norms = sqrt(sum(a * a for a in mine)) * sqrt(sum(b * b for b in theirs))
        return dot / norms if norms else 0.0


class GradeLevel(StrEnum):
    """How well a photo serves as a source."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


class FindingKind(StrEnum):
    """What was looked at in a source photo."""

    YAW = "yaw"
    PITCH = "pitch"
    SHARPNESS = "sharpness"
    SIZE = "size"
    LIGHT = "light"
    GLASSES = "glasses"
    CUT = "cut"
    MOUTH = "mouth"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about a photo that makes it a worse source.

    Attributes:
        kind: What was looked at.
        level: ``FAIR`` (will show a little) or ``POOR`` (will not do).
        value: The measure; its unit is the kind's (degrees, pixels between the eyes, a ratio).
        problem: What is wrong, in one sentence.
        advice: What would do instead, in one sentence.
    """

    kind: FindingKind
    level: GradeLevel
    value: float
    problem: Message
    advice: Message


@dataclass(frozen=True, slots=True)
class Grade:
    """The verdict on one source photo; no findings means good."""

    findings: tuple[Finding, ...] = ()
    yaw_degrees: float = 0.0
    pitch_degrees: float = 0.0
    roll_degrees: float = 0.0
    sharpness: float = 0.0
    eye_distance_px: float = 0.0

    @property
    def level(self) -> GradeLevel:
        """The worst level among the findings."""
        levels = {finding.level for finding in self.findings}
        if GradeLevel.POOR in levels:
            return GradeLevel.POOR
        return GradeLevel.FAIR if levels else GradeLevel.GOOD


@dataclass(frozen=True, slots=True)
class DetectedFace:
    """One face found in a picture; faces of a media are numbered from 0, largest first.

    Attributes:
        index: Place in the list of its media.
        box: The detector's box.
        score: The detector's confidence, 0 to 1.
        five_points: Eyes, nose, mouth corners.
        landmarks: 478 points of the face mesh; None where the mesh could not be fitted.
        depths: float32 per landmark in the mesh's own scale (pixels, smaller is nearer); packed.
        embedding: Identity; None where it was not asked for.
        grade: How well this face would serve as a source.
        yaw_degrees: Turn of the head, positive when the face looks to the right of the picture.
    """

    index: int
    box: BoundingBox
    score: float
    five_points: FivePoints
    landmarks: Landmarks | None = None
    depths: bytes = b""
    embedding: Embedding | None = None
    grade: Grade = field(default_factory=Grade)
    yaw_degrees: float = 0.0


SAME_PERSON_SIMILARITY = 0.363
"""Cosine of two SFace embeddings from which two faces count as one person (OpenCV Zoo's figure)."""


@dataclass(frozen=True, slots=True)
class SourcePhoto:
    """One photo of a source face, kept in the library as a lossless crop.

    Attributes:
        id: Its name in the library.
        crop_path: PNG of the face with room around it, upright, in the library folder.
        origin_name: File name that the user dropped; shown, never opened again.
        grade: How good it is.
        weight: Share of the merged atlas that comes from this photo, 0 to 1.
    """

    id: PhotoId
    crop_path: str
    origin_name: str
    grade: Grade
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class SourceFace:
    """A person of the user's library whose face can be put in.

    Attributes:
        id: Never changes.
        name: What the user calls it.
        photos: At least one.
        revision: Grows when photos are added or removed, so that caches and recipes can tell.
        thumbnail_path: Square picture of the best photo, 192 px.
        embedding: Mean identity of the photos.
        created_at: Seconds since the epoch.
        on_shelf: Whether it stands on the Studio's shelf.
        position: Order on the shelf, from 0.
    """

    id: SourceFaceId
    name: str
    photos: tuple[SourcePhoto, ...]
    revision: int
    thumbnail_path: str
    embedding: Embedding | None
    created_at: float
    on_shelf: bool = True
    position: int = 0

    @property
    def grade(self) -> Grade:
        """The grade of the best photo."""
        order = {GradeLevel.GOOD: 0, GradeLevel.FAIR: 1, GradeLevel.POOR: 2}
        return min((photo.grade for photo in self.photos), key=lambda grade: (order[grade.level], len(grade.findings)))
