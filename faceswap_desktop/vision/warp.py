"""Carries a texture from one triangle mesh to another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.layout import LAYOUT, TRIANGLES

Array = NDArray[np.float32]
Ids = NDArray[np.int32]
Bytes = NDArray[np.uint8]

_SUBPIXEL_BITS: Final = 4
_FINEST: Final = 2.0
_SPARE_TEXELS: Final = 1.5
NOWHERE: Final = -1e4
"""Coordinate of pixels that no triangle covers."""


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


def _barycentric(points_to: NDArray[np.floating]) -> Array:
    """Per triangle the affine map from a place to its shares of the second and third corner: (m, 2, 3)."""
    to = np.asarray(points_to, dtype=np.float64)[TRIANGLES]
    one, two = to[:, 1] - to[:, 0], to[:, 2] - to[:, 0]
    area = one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]
    # A triangle seen edge-on covers a line of pixels at most; they take its first corner.
    flat = np.abs(area) < 1e-3
    inverse = np.stack([np.stack([two[:, 1], -two[:, 0]], axis=1), np.stack([-one[:, 1], one[:, 0]], axis=1)], axis=1)
    inverse = inverse / np.where(flat, 1.0, area)[:, None, None]
    inverse[flat] = 0.0
    shift = -np.einsum("mij,mj->mi", inverse, to[:, 0])
    return np.concatenate([inverse, shift[:, :, None]], axis=2).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Places:
    """For each pixel the triangle it lies in, and its shares of that triangle's second and third corner."""

    triangle: Ids
    inside: NDArray[np.bool_]
    second: Array
    third: Array


def _places(ids: Ids, points_to: NDArray[np.floating]) -> _Places:
    height, width = ids.shape
    inside = ids >= 0
    safe = np.where(inside, ids, 0).astype(np.int32)
    x = np.arange(width, dtype=np.float32)[None, :]
    y = np.arange(height, dtype=np.float32)[:, None]
    table = np.ascontiguousarray(_barycentric(points_to[:, :2]).transpose(1, 2, 0))
    second, third = (row[0].take(safe) * x + row[1].take(safe) * y + row[2].take(safe) for row in table)
    # Edges are drawn up to a pixel too wide, and a sliver of a triangle would carry that pixel far away.
    first = np.maximum(1.0 - second - third, 0.0)
    np.maximum(second, 0.0, out=second)
    np.maximum(third, 0.0, out=third)
    total = first + second + third
    second /= total
    third /= total
    return _Places(safe, inside, second, third)


def _spread(places: _Places, values: NDArray[np.floating]) -> Array:
    corners = np.asarray(values, dtype=np.float32)[TRIANGLES]
    result = np.empty((*places.triangle.shape, corners.shape[2]), dtype=np.float32)
    for axis in range(corners.shape[2]):
        first = np.ascontiguousarray(corners[:, 0, axis])
        plane = (corners[:, 1, axis] - first).take(places.triangle)
        plane *= places.second
        other = (corners[:, 2, axis] - first).take(places.triangle)
        other *= places.third
        plane += other
        plane += first.take(places.triangle)
        result[..., axis] = plane
    result[~places.inside] = NOWHERE
    return result


def map_coordinates(ids: Ids, points_to: NDArray[np.floating], points_from: NDArray[np.floating]) -> Array:
    """Say for every pixel where it comes from.

    Args:
        ids: Triangle numbers as drawn by ``draw_ids``.
        points_to: (504, 2) in the pixels of ``ids``.
        points_from: (504, k) in the origin's coordinates.

    Returns:
        (height, width, k) float32 in the origin's coordinates, ``NOWHERE`` outside the triangles.
    """
    return _spread(_places(ids, points_to), points_from)


@dataclass(frozen=True, slots=True)
class CoordinateMap:
    """Where each pixel of a picture comes from in another.

    Attributes:
        coordinates: (height, width, 2) float32, most often at reduced size, in the origin's coordinates.
        size: Width and height of the full picture.
    """

    coordinates: Array
    size: tuple[int, int]

    def full(self) -> Array:
        """Return the map at the picture's own size, (height, width, 2)."""
        height, width = self.coordinates.shape[:2]
        if (width, height) == self.size:
            return self.coordinates
        way = cv2.INTER_AREA if width > self.size[0] else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(self.coordinates, self.size, interpolation=way), dtype=np.float32)


def make_map(
    points_to: NDArray[np.floating],
    depths: NDArray[np.floating],
    points_from: NDArray[np.floating],
    size: tuple[int, int],
    longest: int,
) -> CoordinateMap:
    """Draw the mesh and work out the map, for large faces at a reduced size that is enough for straight edges.

    Small faces are drawn larger than they are, as their triangles are smaller than pixels.

    Args:
        points_to: (504, 2) in the picture's pixels.
        depths: (504,) z, smaller is nearer.
        points_from: (504, 2) in the origin's coordinates.
        size: Width and height of the picture.
        longest: The map is worked out at this many pixels along its longer side, or at twice the picture's size.

    Returns:
        The map; outside the mesh it goes on as at the nearest pixel of the mesh.
    """
    scale = min(_FINEST, longest / max(size))
    small = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
    factors = np.asarray([small[0] / size[0], small[1] / size[1]])
    drawn_at = (points_to[:, :2] + 0.5) * factors - 0.5
    ids = draw_ids(drawn_at, paint_order(depths), (small[1], small[0]))
    return CoordinateMap(map_coordinates(ids, drawn_at, points_from), size)


def shrink_to(texture: Bytes, ratio: float) -> tuple[Bytes, float]:
    """Make a texture smaller by area averaging, so that sampling it does not alias.

    Args:
        texture: (S, S, 3) uint8.
        ratio: Texels per pixel of the picture it will be sampled for; up to 2 nothing is done.

    Returns:
        The texture and its new size against the old.
    """
    if ratio <= 2.0:
        return texture, 1.0
    # A little more than a texel per pixel is left, as sampling between texels softens once more.
    side = max(16, round(texture.shape[0] * _SPARE_TEXELS / ratio))
    small = cv2.resize(texture, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8), side / texture.shape[0]


def sample(texture: Bytes | Array, where: Array, interpolation: int = cv2.INTER_LINEAR) -> Array:
    """Read a texture at given places.

    Args:
        texture: (S, T) or (S, T, c), uint8 or float32.
        where: (height, width, 2) x, y in texels, centres at whole numbers.
        interpolation: One of OpenCV's.

    Returns:
        (height, width[, c]) float32; beyond the border its last texel, for ``NOWHERE`` too.
    """
    read: NDArray[Any] = cv2.remap(
        np.asarray(texture), where, cast(Any, None), interpolation, borderMode=cv2.BORDER_REPLICATE
    )
    return read.astype(np.float32, copy=False)


@cache
def _plane_places(size: int) -> _Places:
    layout = LAYOUT * size - 0.5
    return _places(draw_ids(layout, np.arange(len(TRIANGLES), dtype=np.intp), (size, size)), layout)


def plane_map(values: NDArray[np.floating], size: int) -> Array:
    """Spread values of the points over the plane of ``layout``.

    Args:
        values: (504, k) one row per point, for example its place in a photo.
        size: Side of the plane in texels.

    Returns:
        (size, size, k) float32, ``NOWHERE`` outside the rim.
    """
    return _spread(_plane_places(size), values)
