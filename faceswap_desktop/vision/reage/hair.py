"""Finds a head's hair, to its ends, and changes its colour. Soft throughout: a small change never flips a pixel.

The search runs on a square cut out around the head, turned and scaled with it, so that a head in motion gives nearly
the same square in every frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision import skin
from faceswap_desktop.vision.arrays import Picture
from faceswap_desktop.vision.checkpoints import session
from faceswap_desktop.vision.colour import Array
from faceswap_desktop.vision.crop import Matrix, cut, square_to_crop, transformed
from faceswap_desktop.vision.layout import MESH_POINTS, REGIONS, fill_region
from faceswap_desktop.vision.mesh import Mesh
from faceswap_desktop.vision.reage.surface import Surface, face_size

CHECKPOINT: Final = "selfie_segmentation"

SIDE: Final = 256
"""Side of the square that the network sees."""
_REACH: Final = 4.4
"""Side of that square in widths of the face."""
_DOWN: Final = 0.45
"""Its middle lies so many widths below the face's: long hair hangs down."""
_UNIT: Final = SIDE / _REACH
_HAIR_FLOOR: Final = np.array([0.50, 0.10, 0.22])
_SHINE: Final = 1.6
_TRUST_IN_SLOPE: Final = 1.5
_SKIN_SPREAD: Final = np.array([0.50, 0.075, 0.10])
_CALM: Final = 1.0
"""Sigma in pixels of the square: strands and the gaps between them are one colour."""
_STEPS: Final = 48
"""Each step of the spreading reaches three pixels on; this is enough from the crown to the ends of long hair."""


@dataclass(frozen=True, slots=True, eq=False)
class Hair:
    """Hair in the square around a head.

    Attributes:
        matrix: (2, 3) from the picture to the square.
        mask: (256, 256) how surely it is hair, 0 to 1.
        tone: (3,) mean tone of the hair against the skin's.
        sure: How surely there is hair at all, 0 to 1.
        skin_luma: Brightness of the cheeks, 0 to 255.
        face_width: In pixels of the picture.
    """

    matrix: Matrix
    mask: Array
    tone: Array
    sure: float
    skin_luma: float
    face_width: float


@cache
def _axes() -> tuple[Array, Array]:
    """Place of each pixel of the square in widths of the face, right and down from the face's middle."""
    across = ((np.arange(SIDE, dtype=np.float32) + 0.5) / SIDE - 0.5) * np.float32(_REACH)
    x, y = np.meshgrid(across, across + np.float32(_DOWN))
    return np.asarray(x, dtype=np.float32), np.asarray(y, dtype=np.float32)


def _rise(values: Array, start: float, end: float) -> Array:
    """Go smoothly from 0 to 1 between two values (from 1 to 0 where ``end`` is the smaller)."""
    share = np.clip((values - np.float32(start)) / np.float32(end - start), 0.0, 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share), dtype=np.float32)


def head_matrix(mesh: Mesh) -> Matrix:
    """Return the matrix from the picture into the square around a head."""
    points = mesh.points[:MESH_POINTS].astype(np.float64)
    middle = points[[10, 152, 234, 454], :2].mean(axis=0)
    across = points[[362, 263], :2].mean(axis=0) - points[[33, 133], :2].mean(axis=0)
    roll = float(np.arctan2(across[1], across[0]))
    width = face_size(points)
    middle = middle + _DOWN * width * np.array([-np.sin(roll), np.cos(roll)])
    return square_to_crop((float(middle[0]), float(middle[1])), _REACH * width, roll, SIDE)


def _person(square: Picture) -> Array:
    blob = square.astype(np.float32)[None] / np.float32(255)
    network = session(CHECKPOINT)
    (output,) = cast("list[Any]", network.run(None, {network.get_inputs()[0].name: blob}))
    return np.asarray(output, np.float32).reshape(SIDE, SIDE)


def _near(tone: Array, mean: NDArray[np.floating], spread: NDArray[np.floating]) -> Array:
    """Say how near tones are to a mean, 1 at it, falling off like a bell."""
    apart = (tone - mean.astype(np.float32)) / spread.astype(np.float32)
    return np.asarray(np.exp(-0.5 * (apart * apart).sum(axis=2)), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _Tone:
    """Tones of one head's hair: hue follows brightness, as shade between strands is more colourful than a shine."""

    mean: NDArray[np.float64]
    slope: NDArray[np.float64]
    spread: NDArray[np.float64]

    def like(self, tone: Array) -> Array:
        """Say how near tones are to this hair's, 0 to 1."""
        bright = tone[..., 0] - np.float32(self.mean[0])
        # A shine is hair all the same, further off than a shadow is.
        apart = bright / np.where(bright > 0, np.float32(_SHINE), np.float32(1.0)) / np.float32(self.spread[0])
        total = apart * apart
        for axis in (1, 2):
            expected = self.mean[axis] + self.slope[axis - 1] * np.clip(bright, -1.0, 1.0)
            apart = (tone[..., axis] - expected.astype(np.float32)) / np.float32(self.spread[axis])
            total += apart * apart
        return np.asarray(np.exp(-0.5 * total), dtype=np.float32)


def _fitted(tone: Array, weight: Array, rounds: int = 4) -> _Tone:
    """Fit the tones that carry weight without being pulled by outliers."""
    used = weight > 0.02
    values, base = tone[used].astype(np.float64), weight[used].astype(np.float64)
    share = base
    mean, slope, spread = np.zeros(3), np.zeros(2), _HAIR_FLOOR * 1.5
    for _ in range(rounds):
        total = share.sum() + 1e-6
        mean = (values * share[:, None]).sum(axis=0) / total
        apart = values - mean
        bend = (apart[:, 0] ** 2 * share).sum() / total + _HAIR_FLOOR[0] ** 2
        slope = (apart[:, :1] * apart[:, 1:] * share[:, None]).sum(axis=0) / total / bend * _TRUST_IN_SLOPE
        apart[:, 1:] -= apart[:, :1] * slope
        spread = np.sqrt((apart**2 * share[:, None]).sum(axis=0) / total)
        spread = np.clip(spread, _HAIR_FLOOR, 2.0 * _HAIR_FLOOR)
        share = base / (1.0 + (((apart / spread) ** 2).sum(axis=1) / 4.0) ** 2)
    return _Tone(mean, slope, spread)


def _spread_out(marker: NDArray[np.floating], allowed: NDArray[np.floating]) -> Array:
    """Let the marker flow through what is allowed, never above it (grey reconstruction by dilation)."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    ceiling = np.rint(np.clip(allowed, 0.0, 1.0) * 255.0).astype(np.uint8)
    level = cv2.min(np.rint(np.clip(marker, 0.0, 1.0) * 255.0).astype(np.uint8), ceiling)
    for _ in range(_STEPS):
        level = cv2.min(cv2.dilate(level, disc), ceiling)
    return np.asarray(level, dtype=np.float32) / np.float32(255)


def find_hair(image: Picture, mesh: Mesh, surface: Surface, reference: object | None = None) -> Hair:
    """Find the hair of a head.

    Args:
        image: (H, W, 3) uint8 RGB.
        mesh: The face's mesh in the picture's pixels.
        surface: The same face, laid out.
        known_tone: Tone of the hair against the skin's, from other frames; None to find it here.
    """
    matrix = head_matrix(mesh)
    square = cut(image, matrix, SIDE)
    points = transformed(mesh.points[:MESH_POINTS, :2].astype(np.float32), matrix) - np.float32(0.5)
    person = _person(square)
    outer = cv2.dilate(person, np.ones((5, 5), np.uint8))
    tone = skin.to_tone(np.asarray(cv2.GaussianBlur(square, (0, 0), _CALM), dtype=np.uint8))
    cheeks = fill_region((SIDE, SIDE), points, "cheeks", "nose") > 127
    seen = tone[cheeks] if cheeks.any() else tone.reshape(-1, 3)
    skin_tone = np.median(seen, axis=0)
    relative = np.asarray(tone - skin_tone, dtype=np.float32)
    like_skin = _near(relative, np.array([-0.15, 0.0, 0.0]), _SKIN_SPREAD)
    oval = cv2.GaussianBlur(fill_region((SIDE, SIDE), points, "oval"), (0, 0), 1.5).astype(np.float32) / 255.0
    x, y = _axes()
    # Beside the temples there is hair under most hats; above the forehead there may be the hat itself.
    beside = _rise(np.abs(x), 0.42, 0.5) * _rise(np.abs(x), 0.85, 0.7) * _rise(y, -0.42, -0.3) * _rise(y, 0.5, 0.35)
    above = _rise(np.abs(x), 0.6, 0.4) * _rise(y, -1.15, -1.0) * _rise(y, -0.45, -0.6)
    bare = person * (1.0 - oval) * (1.0 - like_skin)
    sides, crown = np.asarray(beside * bare, dtype=np.float32), np.asarray(above * bare, dtype=np.float32)
    hair = _fitted(relative, sides)
    like_hair = hair.like(relative)
    enough = float(np.clip((sides.sum() + 0.5 * crown.sum()) / (0.05 * _UNIT * _UNIT), 0.0, 1.0))
    # Skin beside the face is an ear or the neck; above them it would be a bald head's.
    skin_here = 0.15 + 2.0 * _rise(y, -0.35, -0.2)
    posterior = like_hair / (like_hair + skin_here * like_skin + 0.1)
    place = _where_hair_may_be(like_hair, points, oval)
    # The network ends a little inside the outermost strands.
    place *= np.maximum(person, outer * like_hair) * (1.0 - _rise(_bare_skin(surface, matrix), 0.3, 0.8))
    mask = _spread_out(3.0 * sides * like_hair, 1.15 * posterior * place)
    # Where hair reaches up to the crown, lights and shadows there are hair too, whatever their tone; a hat is not
    # reached.
    over = np.asarray(above * person * (1.0 - oval), dtype=np.float32)
    crowned = float((over * mask).sum() / max(float(over.sum()), 1.0))
    crowned = float(np.clip((crowned - 0.2) / 0.25, 0.0, 1.0))
    if crowned > 0.0:
        crown_too = crowned * _rise(y, -0.2, -0.45) * (1.0 - 0.5 * like_skin)
        allowed = 1.15 * np.maximum(posterior, crown_too) * place
        mask = _spread_out(3.0 * (sides + crowned * crown) * like_hair, allowed)
    luma = float(np.median(cv2.cvtColor(square, cv2.COLOR_RGB2GRAY)[cheeks])) if cheeks.any() else 128.0
    return Hair(matrix, mask, hair.mean.astype(np.float32), enough, luma, face_size(mesh.points))


def _bare_skin(surface: Surface, matrix: Matrix) -> Array:
    """Bring what is known of the face's own skin into the square."""
    to_region = np.array([surface.left + 0.5, surface.top + 0.5]) - 0.5 / surface.scale
    placed = matrix.copy()
    placed[:, :2] /= surface.scale
    placed[:, 2] = matrix[:, :2] @ to_region + matrix[:, 2] - 0.5
    # OpenCV counts from the middle of the first pixel.
    placed[:, 2] += 0.0
    return np.asarray(cv2.warpAffine(surface.bare, placed, (SIDE, SIDE), flags=cv2.INTER_LINEAR), dtype=np.float32)


def _where_hair_may_be(like_hair: Array, points: Array, oval: Array) -> Array:
    x, y = _axes()
    place = _rise(np.abs(x), 1.6, 1.2) * _rise(y, 2.6, 2.2)
    # Clothes of the hair's colour cannot be told from long hair: then the hair ends above them.
    chest = _rise(np.abs(x), 0.4, 0.3) * _rise(y, 1.25, 1.4) * _rise(y, 2.2, 2.0)
    clothes = float((like_hair * chest).sum() / chest.sum())
    place = place * (1.0 - float(np.clip(2.5 * clothes, 0.0, 1.0)) * _rise(y, 0.55, 0.95))
    # Inside the face only the forehead has hair; not brows, lashes, beard and the shadow of the nose.
    place = place * (1.0 - 0.85 * _rise(np.abs(x), 0.42, 0.34) * _rise(y, 0.45, 0.6))
    brows = points[np.concatenate([*REGIONS["brows"]])]
    line = float(brows[:, 1].min())
    rows = (np.arange(SIDE, dtype=np.float32))[:, None]
    low = _rise(np.broadcast_to(rows, (SIDE, SIDE)), line - 1.0, line + 4.0)
    return np.asarray(place * (1.0 - oval * low), dtype=np.float32)
