"""Lays a source over a target, triangle by triangle: the first step of a swap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.atlas import Atlas
from faceswap_desktop.vision.colour import Array, resize
from faceswap_desktop.vision.layout import LAYOUT, MESH_POINTS, with_rim
from faceswap_desktop.vision.proportions import nudge, relax_nostrils
from faceswap_desktop.vision.sheet import Sheet
from faceswap_desktop.vision.warp import CoordinateMap, make_map

Bytes = NDArray[np.uint8]

MAP_SIDE: Final = 288
"""Longest side at which maps, masks and light are worked out."""


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A source laid over a target in its own colours, before anything is known of light and cover.

    Attributes:
        left: Left edge of the face's region in the picture.
        top: Its top edge.
        region: (h, w, 3) uint8, the region as it is.
        own: (468, 3) the target's mesh in the region's pixels, OpenCV's way (centres at whole numbers).
        moved: (468, 3) the same, moved towards the source's proportions.
        warped: (h, w, 3) float32, the source.
        where: (h', w', 2) places in the plane, 0 to 1, at the reduced size at which masks are worked out.
        valid: (h', w') where the source is known, 0 to 1, at that size.
        face_width: In pixels.
        magnified: Pixels of the target per pixel of the photo that the source came from.
    """

    left: int
    top: int
    region: Bytes
    own: Array
    moved: Array
    warped: Array
    where: Array
    valid: Array
    face_width: float
    magnified: float


def region_of(points: Array, shape: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    """Return the rectangle that a swap looks at and changes.

    Args:
        points: (468 or more, 3) mesh in the picture's pixels, counted from a pixel's corner.
        shape: Height and width of the picture.

    Returns:
        Left, top, right and bottom (behind the last pixel); None where less than 8 pixels of it are in the picture.
    """
    rimmed = with_rim(np.asarray(points[:MESH_POINTS], dtype=np.float32))[:, :2] - np.float32(0.5)
    low = np.floor(rimmed.min(axis=0)).astype(int) - 2
    high = np.ceil(rimmed.max(axis=0)).astype(int) + 3
    left, top = max(0, int(low[0])), max(0, int(low[1]))
    right, bottom = min(shape[1], int(high[0])), min(shape[0], int(high[1]))
    return (left, top, right, bottom) if right - left >= 8 and bottom - top >= 8 else None


def place(
    image: Bytes, points: Array, sheet: Sheet, mask_side: int = MAP_SIDE, map_side: int = MAP_SIDE
) -> Placed | None:
    """Lay a source over a target.

    Args:
        image: (H, W, 3) uint8 RGB.
        points: (468 or more, 3) the target's mesh in the picture's pixels, counted from a pixel's corner.
        sheet: The source.
        mask_side: Longest side at which masks and light are worked out.
        map_side: The same of the map by which the source is laid.

    Returns:
        None where less than 8 pixels of the face lie in the picture.
    """
    bounds = region_of(points, image.shape)
    if bounds is None:
        return None
    left, top, right, bottom = bounds
    # Mesh points count from a pixel's corner, OpenCV from its middle.
    own = np.asarray(points[:MESH_POINTS], dtype=np.float32) - np.array([0.5, 0.5, 0.0], dtype=np.float32)
    own = own - np.array([left, top, 0.0], dtype=np.float32)
    moved = relax_nostrils(nudge(own, sheet.atlas.proportions))
    rimmed = with_rim(moved)
    where = make_map(rimmed, rimmed[:, 2], LAYOUT, (right - left, bottom - top), map_side)
    small = _reduced(where, mask_side)
    across = max(float(np.ptp(rimmed[:, 0])), float(np.ptp(rimmed[:, 1])), 1.0)
    return Placed(
        left=left,
        top=top,
        region=image[top:bottom, left:right],
        own=own,
        moved=moved,
        warped=sheet.laid(where, across),
        where=small.coordinates,
        valid=sheet.known(small),
        face_width=float(np.linalg.norm(own[454, :2] - own[234, :2])),
        magnified=_magnified(own, sheet.atlas),
    )


def _reduced(where: CoordinateMap, side: int) -> CoordinateMap:
    height, width = where.coordinates.shape[:2]
    shrink = side / max(height, width)
    if shrink >= 1.0:
        return where
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    return CoordinateMap(np.asarray(cv2.resize(where.coordinates, size), dtype=np.float32), where.size)


def _magnified(own: Array, atlas: Atlas) -> float:
    span = float(np.ptp(LAYOUT[:MESH_POINTS, 0]))
    width = float(np.linalg.norm(own[454] - own[234]))
    return width / span / max(atlas.detail, 1.0)


def uncovered(valid: Array, covered: Array) -> Array:
    """Take what is covered out of where the source is known; ``covered`` may have another size."""
    cover = resize(covered, (valid.shape[1], valid.shape[0]))
    return np.asarray(valid * (1.0 - np.clip(cover, 0.0, 1.0)), dtype=np.float32)
