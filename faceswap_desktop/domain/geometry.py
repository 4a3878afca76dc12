"""Places in a picture. Pixels of the upright picture, x to the right, y down, (0, 0) the top left corner."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Point(NamedTuple):
    """A point in pixels."""

    x: float
    y: float


class Size(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """A box in pixels; ``right`` and ``bottom`` are exclusive."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Width in pixels, never negative."""
        return max(0.0, self.right - self.left)

    @property
    def height(self) -> float:
        """Height in pixels, never negative."""
        return max(0.0, self.bottom - self.top)

    @property
    def area(self) -> float:
        """Area in square pixels."""
        return self.width * self.height

    @property
    def center(self) -> Point:
        """The middle of the box."""
        return Point((self.left + self.right) / 2, (self.top + self.bottom) / 2)

    def contains(self, point: Point) -> bool:
        """Say whether a point lies inside."""
        return self.left <= point.x < self.right and self.top <= point.y < self.bottom

    def clipped(self, size: Size) -> BoundingBox:
        """Return the part of the box that lies inside a picture of ``size``."""
        return BoundingBox(
            min(max(self.left, 0.0), size.width),
            min(max(self.top, 0.0), size.height),
            min(max(self.right, 0.0), size.width),
            min(max(self.bottom, 0.0), size.height),
        )

    def expanded(self, fraction: float) -> BoundingBox:
        """Return the box grown on each side by ``fraction`` of its longer side."""
        margin = max(self.width, self.height) * fraction
        return BoundingBox(self.left - margin, self.top - margin, self.right + margin, self.bottom + margin)

    def overlap(self, other: BoundingBox) -> float:
        """Return intersection over union with another box, 0 to 1."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        if width <= 0 or height <= 0:
            return 0.0
        shared = width * height
        return shared / (self.area + other.area - shared)


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Ordered points of one face, packed so that fifty faces with 478 points each stay cheap.

    Attributes:
        packed: float32 in native byte order: x, y, x, y …
    """

    packed: bytes

    @classmethod
    def from_points(cls, points: Iterable[tuple[float, float]]) -> Landmarks:
        """Pack points, in order."""
        flat = array("f")
        for x, y in points:
            flat.append(x)
            flat.append(y)
        return cls(flat.tobytes())

    def __len__(self) -> int:
        return len(self.packed) // 8

    def __iter__(self) -> Iterator[Point]:
        flat = array("f")
        flat.frombytes(self.packed)
        for index in range(0, len(flat), 2):
            yield Point(flat[index], flat[index + 1])
