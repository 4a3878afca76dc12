"""What the canvas shows of a face, and the words a screen reader says of it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QRectF
from PySide6.QtGui import QPixmap, QPolygonF

from faceswap_desktop.domain.faces import DetectedFace
from faceswap_desktop.domain.geometry import BoundingBox, Size


@dataclass(frozen=True)
class Badge:
    """Whom a face becomes: the source face's name, and its small picture (may be null)."""

    name: str
    picture: QPixmap

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Badge):
            return NotImplemented
        return self.name == other.name and self.picture.cacheKey() == other.picture.cacheKey()

    def __hash__(self) -> int:
        return hash((self.name, self.picture.cacheKey()))


@dataclass(frozen=True, slots=True)
class CanvasFace:
    """One face of the picture on the canvas.

    Attributes:
        face: Where it is.
        count: How many faces the picture has.
        size: Pixels of the picture.
        badge: Whom it becomes, or None.
        is_person: Whether it is somebody in a video, who is followed from frame to frame.
        name: What the user calls that person; empty for none.
    """

    face: DetectedFace
    count: int
    size: Size
    badge: Badge | None = None
    is_person: bool = False
    name: str = ""

    @property
    def index(self) -> int:
        """Place in the picture's list, from 0; its number for people is one more."""
        return self.face.index

    def description(self) -> str:
        """Return what a screen reader says, for example "Face 2 of 4, left of centre, becomes Anna"."""
        becomes = (
            QCoreApplication.translate("Canvas", "becomes {name}").format(name=self.badge.name)
            if self.badge is not None
            else QCoreApplication.translate("Canvas", "stays as it is")
        )
        place = place_words(self.face.box, self.size)
        if self.is_person:
            who = self.name or QCoreApplication.translate("Canvas", "Person {n}").format(n=self.index + 1)
            return f"{who}, {place}, {becomes}"
        return QCoreApplication.translate("Canvas", "Face {n} of {count}, {place}, {becomes}").format(
            n=self.index + 1, count=self.count, place=place, becomes=becomes
        )

    @property
    def words(self) -> str:
        """What is written on it besides its number: whom it becomes, and what it is called."""
        becomes = self.badge.name if self.badge is not None else ""
        return f"{self.name} → {becomes}" if self.name and becomes else self.name or becomes


def place_words(box: BoundingBox, size: Size) -> str:
    """Say in words where a face is in its picture: "left of centre", "top right", "in the centre"."""
    x, y = box.center.x / max(1, size.width), box.center.y / max(1, size.height)
    translate = QCoreApplication.translate
    rows = (y > 1 / 3) + (y > 2 / 3)
    columns = (x > 0.2) + (x > 0.42) + (x > 0.58) + (x > 0.8)
    upper = (
        translate("Canvas", "top left"),
        translate("Canvas", "top, left of centre"),
        translate("Canvas", "top centre"),
        translate("Canvas", "top, right of centre"),
        translate("Canvas", "top right"),
    )
    middle = (
        translate("Canvas", "at the left edge"),
        translate("Canvas", "left of centre"),
        translate("Canvas", "in the centre"),
        translate("Canvas", "right of centre"),
        translate("Canvas", "at the right edge"),
    )
    lower = (
        translate("Canvas", "bottom left"),
        translate("Canvas", "bottom, left of centre"),
        translate("Canvas", "bottom centre"),
        translate("Canvas", "bottom, right of centre"),
        translate("Canvas", "bottom right"),
    )
    return (upper, middle, lower)[rows][columns]


def rect_of(box: BoundingBox) -> QRectF:
    """Return a box as Qt's rectangle, in pixels of the picture."""
    return QRectF(box.left, box.top, box.width, box.height)


def points_of(face: DetectedFace) -> QPolygonF:
    """Return all landmarks; the five of the detector where the mesh could not be fitted."""
    found = face.landmarks if face.landmarks is not None else face.five_points
    return QPolygonF([QPointF(point.x, point.y) for point in found])
