"""What reage knows of one face in one picture: its region, where on the face each pixel lies, and what is skin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision import skin
from faceswap_desktop.vision.colour import Array
from faceswap_desktop.vision.layout import LAYOUT, MESH_POINTS, OVAL, fill_region, with_rim
from faceswap_desktop.vision.mesh import Mesh
from faceswap_desktop.vision.proportions import normals
from faceswap_desktop.vision.warp import make_map, plane_map, sample

Bytes = NDArray[np.uint8]

_MAP_SIDE: Final = 256
"""Longest side at which maps and masks are worked out."""
_PLANE: Final = 128
"""Side of the plane in which skin is told from what covers it."""
_SKIN_LIMIT: Final = 3.3
_SKIN_EDGE: Final = 0.55
"""Standard deviations from skin at which half of the weight is left, and how softly it falls."""
_VIVID: Final = 0.25
"""Difference between the strongest and the weakest colour of skin, as a share of its brightness, that is usual."""
_LEAST: Final = 8


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """One face, laid out for work on its skin. Arrays cover the face's region, those marked small at reduced size.

    Attributes:
        left, top: The region's place in the picture.
        pixels: (h, w, 3) uint8 RGB.
        points: (468, 3) the mesh in the region's pixels, as OpenCV counts them.
        width: Of the face in pixels, as if it looked straight ahead.
        where: (h', w', 2) small: place in the plane of ``layout``, 0 to 1.
        skin: (h', w') small: how surely this is bare skin, 0 to 1, without eyes, brows, lips and nostrils.
        face: (h', w') small: the face's oval, softly ended, 0 to 1.
        bare: (h', w') small: how surely this is bare skin by its colour alone, 0 to 1.
        vivid: How colourful the skin is, 0 (a black-and-white picture, which stays one) to 1.
    """

    left: int
    top: int
    pixels: Bytes
    points: Array
    width: float
    where: Array
    skin: Array
    face: Array
    bare: Array
    vivid: float

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the region."""
        return self.pixels.shape[1], self.pixels.shape[0]

    @property
    def scale(self) -> float:
        """Small pixels per pixel."""
        return float(self.skin.shape[1]) / float(self.pixels.shape[1])

    def full(self, small: Array) -> Array:
        """Bring a small array to the region's size."""
        if small.shape[1::-1] == self.size:
            return small
        way = cv2.INTER_AREA if small.shape[1] > self.size[0] else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(small, self.size, interpolation=way), dtype=np.float32)

    def full_where(self) -> Array:
        """Return each pixel's place in the plane at the region's size, (h, w, 2)."""
        return self.full(self.where)

    def axes(self) -> tuple[Array, Array]:
        """Return the directions (2,) that point to the right and down in a face that stands upright."""
        across = self.points[[362, 263], :2].mean(axis=0) - self.points[[33, 133], :2].mean(axis=0)
        right = across / max(float(np.linalg.norm(across)), 1e-6)
        return np.asarray(right, dtype=np.float32), np.array([-right[1], right[0]], dtype=np.float32)

    def small_points(self) -> Array:
        """Return the mesh in the small arrays' pixels."""
        return np.asarray((self.points + 0.5) * np.float32(self.scale) - 0.5, dtype=np.float32)


def face_size(points: NDArray[np.floating]) -> float:
    """Return the width of a face in pixels, as if it looked straight ahead: a turned one is judged by its height."""
    across = float(np.linalg.norm(points[454, :2] - points[234, :2]))
    along = float(np.linalg.norm(points[10, :2] - points[152, :2]))
    return max(across, 0.85 * along)


def look_at_surface(
    image: Bytes, mesh: Mesh, *, skin_plane: Array | None = None, map_side: int = _MAP_SIDE
) -> Surface | None:
    """Lay out a face.

    Args:
        image: (H, W, 3) uint8 RGB.
        mesh: The face's mesh in the picture's pixels.
        skin_plane: What ``skin_in_plane`` said of this face in a frame nearby; None to look anew.
        map_side: Longest side at which maps and masks are worked out.

    Returns:
        What is needed to work on its skin; None where less than 8 pixels of it lie in the picture.
    """
    # Mesh points count from a pixel's corner, OpenCV from its middle.
    own = np.asarray(mesh.points[:MESH_POINTS], dtype=np.float32) - np.array([0.5, 0.5, 0.0], dtype=np.float32)
    bounds = _region(with_rim(own), image.shape)
    if bounds is None:
        return None
    left, top, right, bottom = bounds
    own = own - np.array([left, top, 0.0], dtype=np.float32)
    rimmed = with_rim(own)
    region = image[top:bottom, left:right]
    size = (right - left, bottom - top)
    where = make_map(rimmed, rimmed[:, 2], LAYOUT, size, map_side).coordinates
    width = face_size(own)
    known = _skin_in_plane(region, rimmed) if skin_plane is None else skin_plane
    bare = sample(known, where * _PLANE - 0.5)
    scale = where.shape[1] / size[0]
    small = np.asarray((own + 0.5) * scale - 0.5, dtype=np.float32)
    shape = (where.shape[0], where.shape[1])
    oval = fill_region(shape, small, "oval")
    whole = np.asarray(oval, dtype=np.float32) / np.float32(255)
    inside = _softly(oval, 0.03 * width * scale, inward=True)
    features = fill_region(shape, small, "eyes", "brows", "lips", "mouth", "nostrils")
    plain = 1.0 - _softly(features, 0.012 * width * scale, inward=False)
    worked_on = np.asarray(bare * plain * inside, dtype=np.float32)
    bare = np.asarray(bare * whole, dtype=np.float32)
    return Surface(left, top, region, own, width, where, worked_on, inside, bare, _vividness(region, worked_on))


def skin_in_plane(image: Bytes, mesh: Mesh) -> Array | None:
    """Say for each texel of a face's plane how surely it is bare skin, (128, 128) float32, 0 to 1.

    Args:
        image: (H, W, 3) uint8 RGB.
        mesh: The face's mesh in the picture's pixels.

    Returns:
        None where less than 8 pixels of it lie in the picture.
    """
    own = np.asarray(mesh.points[:MESH_POINTS], dtype=np.float32) - np.array([0.5, 0.5, 0.0], dtype=np.float32)
    bounds = _region(with_rim(own), image.shape)
    if bounds is None:
        return None
    left, top, right, bottom = bounds
    return _skin_in_plane(image[top:bottom, left:right], with_rim(own - np.array([left, top, 0.0], np.float32)))


def _vividness(region: Bytes, weight: Array) -> float:
    small = cv2.resize(region, weight.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    mean = np.average(small.reshape(-1, 3), axis=0, weights=weight.reshape(-1) + 1e-6)
    return float(np.clip((mean.max() - mean.min()) / (_VIVID * mean.mean() + 1.0), 0.0, 1.0))


def _region(points: Array, shape: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    low = np.floor(points[:, :2].min(axis=0)).astype(int) - 2
    high = np.ceil(points[:, :2].max(axis=0)).astype(int) + 3
    left, top = max(0, int(low[0])), max(0, int(low[1]))
    right, bottom = min(shape[1], int(high[0])), min(shape[0], int(high[1]))
    return (left, top, right, bottom) if right - left >= _LEAST and bottom - top >= _LEAST else None


def _softly(drawn: Bytes, sigma: float, *, inward: bool) -> Array:
    """Soften the edge of a mask inside (or outside) it only."""
    sigma = max(0.6, sigma)
    reach = max(1, round(1.2 * sigma))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    moved = cv2.erode(drawn, disc, borderValue=255) if inward else cv2.dilate(drawn, disc)
    return np.asarray(
        cv2.GaussianBlur(moved.astype(np.float32) / 255.0, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE),
        dtype=np.float32,
    )


def _skin_in_plane(region: Bytes, rimmed: Array) -> Array:
    """Say for each texel how surely it is bare skin, (128, 128), by a model of this face's own colour.

    Nothing here is decided by yes or no, so that a picture that changes a little changes the answer a little.
    """
    height, width = region.shape[:2]
    shrink = min(1.0, 2.0 * _PLANE / max(height, width))
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    small = np.asarray(cv2.resize(region, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    places = (rimmed[:, :2] + 0.5) * np.array([size[0] / width, size[1] / height]) - 0.5
    facing = np.concatenate([normals(rimmed), np.zeros(len(OVAL), dtype=np.float32)])
    inside = (rimmed[:, 0] >= 0) & (rimmed[:, 1] >= 0) & (rimmed[:, 0] < width) & (rimmed[:, 1] < height)
    seen = np.clip(plane_map(np.stack([facing * inside], axis=1), _PLANE)[..., 0] * 2.0, 0.0, 1.0)
    flat = np.rint(sample(small, plane_map(places, _PLANE))).clip(0, 255).astype(np.uint8)
    side = (skin.SIZE, skin.SIZE)
    model = skin.fit_skin(
        np.asarray(cv2.resize(flat, side, interpolation=cv2.INTER_AREA), dtype=np.uint8),
        np.asarray(cv2.resize(seen.astype(np.float32), side, interpolation=cv2.INTER_AREA), dtype=np.float32),
    )
    expected = np.asarray(cv2.resize(model.expected, (_PLANE, _PLANE)), dtype=np.float32)
    distance = model.distance(skin.to_tone(flat), expected)
    weight = 1.0 / (1.0 + np.exp((distance - _SKIN_LIMIT) / _SKIN_EDGE))
    return np.asarray(cv2.GaussianBlur(weight, (0, 0), 1.0), dtype=np.float32)
