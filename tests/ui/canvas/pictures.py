"""A picture with faces for the canvas, made by hand."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QColor, QImage, QPixmap

from faceswap_desktop.domain.faces import DetectedFace
from faceswap_desktop.domain.geometry import BoundingBox, Landmarks, Point, Size
from faceswap_desktop.domain.media import MediaId
from faceswap_desktop.ui.canvas.canvas import Canvas
from faceswap_desktop.ui.canvas.faces import Badge, CanvasFace
from faceswap_desktop.ui.canvas.picture_item import PictureLevels, make_levels

MEDIA = MediaId("picture")
SIZE = Size(1000, 600)
BOXES = (
    BoundingBox(100, 200, 300, 440),
    BoundingBox(420, 220, 580, 400),
    BoundingBox(750, 60, 850, 180),
    BoundingBox(760, 420, 820, 490),
)
"""Left, middle, top right, bottom right; largest first."""


def face_at(index: int, box: BoundingBox, points: int = 478) -> DetectedFace:
    """Return a face whose landmarks fill its box in rows."""
    spread = [
        (box.left + box.width * (number % 23 + 1) / 24, box.top + box.height * (number // 23 + 1) / 22)
        for number in range(points)
    ]
    middle = box.center
    five = (middle, Point(middle.x + 4, middle.y), middle, middle, middle)
    return DetectedFace(index, box, 0.9, five, Landmarks.from_points(spread))


def plain_levels(size: Size = SIZE, grey: int = 120) -> PictureLevels:
    """Return a grey picture."""
    return make_levels(bytes([grey]) * (size.width * size.height * 3), size, size.width * 3, size)


def badge(name: str) -> Badge:
    """Return somebody to become."""
    picture = QPixmap(32, 32)
    picture.fill(QColor(200, 40, 40))
    return Badge(name, picture)


def shown_faces(names: Sequence[str | None] = (None, None, None, None)) -> list[CanvasFace]:
    """Return the four faces; each name given is whom that face becomes."""
    return [
        CanvasFace(face_at(index, box), len(BOXES), SIZE, badge(name) if name else None)
        for index, (box, name) in enumerate(zip(BOXES, names, strict=True))
    ]


def fill(canvas: Canvas, names: Sequence[str | None] = (None, None, None, None)) -> None:
    """Put the picture and its faces on a canvas."""
    canvas.show_picture(MEDIA, plain_levels())
    canvas.show_faces(shown_faces(names), MEDIA)


def colour_at(image: QImage, x: int, y: int) -> tuple[int, int, int]:
    """Return red, green and blue of a pixel."""
    colour = image.pixelColor(x, y)
    return colour.red(), colour.green(), colour.blue()
