"""Carries a texture from one triangle mesh to another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.layout import LAYOUT, TRIANGLES

Array = NDArray[np.float32]
Ids = NDArray[np.int32]

_SUBPIXEL_BITS: Final = 4
NOWHERE: Final = -1e4
"""Coordinate that ``sample`` answers with black."""


def paint_order(depths: NDArray[np.floating]) -> NDArray[np.intp]:
    """Order the triangles from back to front.

    Args:
        depths: (504,) z of each point, smaller is nearer.

    Returns:
        (970,) triangle numbers, farthest first.
    """
    return np.asarray(np.argsort(-depths[TRIANGLES].mean(axis=1), kind="stable"), dtype=np.intp)


def draw_ids(points: NDArray[np.floating], order: NDArray[np.intp], shape: tuple[int, int]) -> Ids:
    """Draw the number of the front triangle at every pixel.

    Args:
        points: (504, 2) in the pixels of the picture drawn (centres at whole numbers).
        order: Triangle numbers, drawn first to last.
        shape: Height and width.

    Returns:
        (height, width) int32, -1 where there is no triangle.
    """
    ids = np.full(shape, -1, dtype=np.int32)
    fixed = np.rint(points[:, :2] * (1 << _SUBPIXEL_BITS)).astype(np.int32)[TRIANGLES]
    for number in order.tolist():
        cv2.fillConvexPoly(ids, fixed[number], number, shift=_SUBPIXEL_BITS)
    return ids


def _affines(points_to: NDArray[np.floating], points_from: NDArray[np.floating]) -> Array:
    """Per triangle the affine map that takes a place in ``points_to`` to its place in ``points_from``: (m, k, 3)."""
    to = np.asarray(points_to, dtype=np.float64)[TRIANGLES]
    origin = np.asarray(points_from, dtype=np.float64)[TRIANGLES]
    edges_to = np.stack([to[:, 1] - to[:, 0], to[:, 2] - to[:, 0]], axis=2)
    edges_from = np.stack([origin[:, 1] - origin[:, 0], origin[:, 2] - origin[:, 0]], axis=2)
    area = edges_to[:, 0, 0] * edges_to[:, 1, 1] - edges_to[:, 0, 1] * edges_to[:, 1, 0]
    # A triangle seen edge-on has no inverse; it covers at most a line of pixels, which may take its first corner.
    flat = np.abs(area) < 1e-3
    area = np.where(flat, 1.0, area)
    inverse = np.stack(
        [
            np.stack([edges_to[:, 1, 1], -edges_to[:, 0, 1]], axis=1),
            np.stack([-edges_to[:, 1, 0], edges_to[:, 0, 0]], axis=1),
        ],
        axis=1,
    ) / area[:, None, None]
    inverse[flat] = 0.0
    linear = edges_from @ inverse
    shift = origin[:, 0] - np.einsum("mij,mj->mi", linear, to[:, 0])
    return np.concatenate([linear, shift[:, :, None]], axis=2).astype(np.float32)


def map_coordinates(
    ids: Ids, points_to: NDArray[np.floating], points_from: NDArray[np.floating], scale: float = 1.0
) -> Array:
    """Say for every pixel where it comes from.

    Args:
        ids: Triangle numbers as drawn by ``draw_ids``, of a picture that is ``scale`` times the size of the target.
        points_to: (504, 2) in the target's pixels.
        points_from: (504, k) in the origin's coordinates.
        scale: Size of ``ids`` against the target.

    Returns:
        (height, width, k) float32 in the origin's coordinates, ``NOWHERE`` outside the triangles.
    """
    coefficients = _affines(points_to[:, :2], points_from)
    height, width = ids.shape
    # Pixel centres: the middle of a pixel of the small picture lies between pixels of the large one.
    x = (np.arange(width, dtype=np.float32) + 0.5) / scale - 0.5
    y = (np.arange(height, dtype=np.float32) + 0.5) / scale - 0.5
    inside = ids >= 0
    safe = np.where(inside, ids, 0)
    result = np.empty((height, width, coefficients.shape[1]), dtype=np.float32)
    for axis in range(coefficients.shape[1]):
        plane = np.take(np.ascontiguousarray(coefficients[:, axis, 0]), safe) * x[None, :]
        plane += np.take(np.ascontiguousarray(coefficients[:, axis, 1]), safe) * y[:, None]
        plane += np.take(np.ascontiguousarray(coefficients[:, axis, 2]), safe)
        result[..., axis] = plane
    result[~inside] = NOWHERE
    return result


@dataclass(frozen=True, slots=True)
class CoordinateMap:
    """Where each pixel of a picture comes from in another.

    Attributes:
        coordinates: (height, width, 2) float32 at reduced size, in the origin's coordinates.
        size: Width and height of the full picture.
    """

    coordinates: Array
    size: tuple[int, int]

    def full(self) -> Array:
        """Return the map at the picture's own size, (height, width, 2)."""
        height, width = self.coordinates.shape[:2]
        if (width, height) == self.size:
            return self.coordinates
        return np.asarray(cv2.resize(self.coordinates, self.size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def make_map(
    points_to: NDArray[np.floating],
    depths: NDArray[np.floating],
    points_from: NDArray[np.floating],
    size: tuple[int, int],
    longest: int,
) -> CoordinateMap:
    """Draw the mesh and work out the map, at a reduced size that is enough for straight-edged triangles.

    Args:
        points_to: (504, 2) in the picture's pixels.
        depths: (504,) z, smaller is nearer.
        points_from: (504, 2) in the origin's coordinates.
        size: Width and height of the picture.
        longest: The map is worked out at no more than this many pixels along its longer side.

    Returns:
        The map; outside the mesh it goes on as at the nearest pixel of the mesh.
    """
    scale = min(1.0, longest / max(size))
    small = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
    factors = np.asarray([small[0] / size[0], small[1] / size[1]])
    drawn_at = (points_to[:, :2] + 0.5) * factors - 0.5
    ids = draw_ids(drawn_at, paint_order(depths), (small[1], small[0]))
    return CoordinateMap(map_coordinates(ids, drawn_at, points_from), size)


def shrink_to(texture: NDArray[np.uint8], ratio: float) -> tuple[NDArray[np.uint8], float]:
    """Make a texture smaller by area averaging, so that sampling it does not alias.

    Args:
        texture: (S, S, 3) uint8.
        ratio: Texels per pixel of the picture it will be sampled for; up to 1.4 nothing is done.

    Returns:
        The texture and its new size against the old.
    """
    if ratio <= 1.4:
        return texture, 1.0
    side = max(16, round(texture.shape[0] / ratio))
    small = cv2.resize(texture, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8), side / texture.shape[0]


def sample(
    texture: NDArray[np.uint8] | Array, where: Array, interpolation: int = cv2.INTER_LINEAR
) -> NDArray[np.uint8] | Array:
    """Read a texture at given places.

    Args:
        texture: (S, T) or (S, T, c), uint8 or float32.
        where: (height, width, 2) x, y in texels, centres at whole numbers.
        interpolation: One of OpenCV's.

    Returns:
        (height, width[, c]) of the texture's type; beyond the border its last texel, for ``NOWHERE`` too.
    """
    return cv2.remap(texture, where, None, interpolation, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[return-value]


@cache
def _plane_ids(size: int) -> Ids:
    ids = draw_ids(LAYOUT * size - 0.5, np.arange(len(TRIANGLES), dtype=np.intp), (size, size))
    ids.setflags(write=False)
    return ids


def plane_map(values: NDArray[np.floating], size: int) -> Array:
    """Spread values of the points over the plane of ``layout``.

    Args:
        values: (504, k) one row per point, for example its place in a photo.
        size: Side of the plane in texels.

    Returns:
        (size, size, k) float32, ``NOWHERE`` outside the rim.
    """
    return map_coordinates(_plane_ids(size), LAYOUT * size - 0.5, values)
