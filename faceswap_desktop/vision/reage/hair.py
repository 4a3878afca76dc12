"""Finds a head's hair, to its ends, and changes its colour. Soft throughout: a small change never flips a pixel.

The search runs on a square cut out around the head, turned and scaled with it, so that a head in motion gives nearly
the same square in every frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from faceswap_desktop.vision.reage.reference import HairTone
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
_SKIN_MEAN: Final = np.array([-0.15, 0.0, 0.0])
_ROUNDS: Final = 4
_ENOUGH: Final = 0.05
"""Square widths of the face that have to show hair for it to count as surely there."""
_LEAST_SURE: Final = 0.15
_CALM: Final = 1.0
"""Sigma in pixels of the square: strands and the gaps between them are one colour."""
_SKIN_FIRST: Final = 2.2
"""How much likelier skin is than hair of the same tone, where both may be."""
_STEPS: Final = 48
"""Each step of the spreading reaches three pixels on; this is enough from the crown to the ends of long hair."""


@dataclass(frozen=True, slots=True, eq=False)
class Hair:
    """Hair in the square around a head.

    Attributes:
        matrix: (2, 3) from the picture to the square.
        mask: (256, 256) how surely it is hair, 0 to 1.
        tone: What it looks like.
        skin_luma: Brightness of the cheeks, 0 to 255.
        vivid: How colourful the skin is, 0 to 1.
        face_width: In pixels of the picture.
    """

    matrix: Matrix
    mask: Array
    tone: HairTone
    skin_luma: float
    vivid: float
    face_width: float


@dataclass(frozen=True, slots=True, eq=False)
class _Head:
    """What is seen in the square, before anything is said of hair: all (256, 256), 0 to 1, but for the tones."""

    relative: Array
    like_skin: Array
    person: Array
    oval: Array
    free: Array
    beside: Array
    above: Array


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


def _like(tone: HairTone, relative: Array) -> Array:
    """Say how near tones are to a head's hair, 0 to 1."""
    bright = relative[..., 0] - np.float32(tone.mean[0])
    # A shine is hair all the same, further off than a shadow is.
    apart = bright / np.where(bright > 0, np.float32(_SHINE), np.float32(1.0)) / np.float32(tone.spread[0])
    total = apart * apart
    for axis in (1, 2):
        expected = np.float32(tone.mean[axis]) + np.float32(tone.slope[axis - 1]) * np.clip(bright, -1.0, 1.0)
        apart = (relative[..., axis] - expected) / np.float32(tone.spread[axis])
        total += apart * apart
    return np.asarray(np.exp(-0.5 * total), dtype=np.float32)


def _fitted(tone: Array, weight: Array, sure: float) -> HairTone:
    """Fit the tones that carry weight without being pulled by outliers."""
    used = weight > 0.02
    values, base = tone[used].astype(np.float64), weight[used].astype(np.float64)
    share = base
    mean, slope, spread = np.zeros(3), np.zeros(2), _HAIR_FLOOR * 1.5
    for _ in range(_ROUNDS):
        total = share.sum() + 1e-6
        mean = (values * share[:, None]).sum(axis=0) / total
        apart = values - mean
        bend = (apart[:, 0] ** 2 * share).sum() / total + _HAIR_FLOOR[0] ** 2
        slope = (apart[:, :1] * apart[:, 1:] * share[:, None]).sum(axis=0) / total / bend * _TRUST_IN_SLOPE
        apart[:, 1:] -= apart[:, :1] * slope
        spread = np.sqrt((apart**2 * share[:, None]).sum(axis=0) / total)
        spread = np.clip(spread, _HAIR_FLOOR, 2.0 * _HAIR_FLOOR)
        share = base / (1.0 + (((apart / spread) ** 2).sum(axis=1) / 4.0) ** 2)
    bright, red, blue = (float(value) for value in mean)
    spread_bright, spread_red, spread_blue = (float(value) for value in spread)
    return HairTone(
        (bright, red, blue),
        (float(slope[0]), float(slope[1])),
        (spread_bright, spread_red, spread_blue),
        sure,
        0.0,
    )


def _spread_out(marker: NDArray[np.floating], allowed: NDArray[np.floating]) -> Array:
    """Let the marker flow through what is allowed, never above it (grey reconstruction by dilation)."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    ceiling = np.rint(np.clip(allowed, 0.0, 1.0) * 255.0).astype(np.uint8)
    level = cv2.min(np.rint(np.clip(marker, 0.0, 1.0) * 255.0).astype(np.uint8), ceiling)
    for _ in range(_STEPS):
        level = cv2.min(cv2.dilate(level, disc), ceiling)
    return np.asarray(level, dtype=np.float32) / np.float32(255)


def find_hair(image: Picture, mesh: Mesh, surface: Surface, known: HairTone | None = None) -> Hair:
    """Find the hair of a head.

    Args:
        image: (H, W, 3) uint8 RGB.
        mesh: The face's mesh in the picture's pixels.
        surface: The same face, laid out.
        known: What the hair looks like, from other frames; None to find it here.
    """
    matrix = head_matrix(mesh)
    square = cut(image, matrix, SIDE)
    points = transformed(mesh.points[:MESH_POINTS, :2].astype(np.float32), matrix) - np.float32(0.5)
    cheeks = fill_region((SIDE, SIDE), points, "cheeks", "nose") > 127
    head = _look_at_head(square, points, cheeks, _bare_skin(surface, matrix))
    tone = _tone_beside(head) if known is None else known
    like_hair = _like(tone, head.relative)
    place = _where_hair_may_be(like_hair, points, head.oval)
    # The network ends a little inside the outermost strands.
    outer = cv2.dilate(head.person, np.ones((5, 5), np.uint8))
    place *= np.maximum(head.person, outer * like_hair) * head.free
    if known is None:
        tone = replace(tone, crowned=_crowned(head, like_hair, place))
    mask = _flowed(head, like_hair, place, tone.crowned)
    luma = float(cv2.cvtColor(square, cv2.COLOR_RGB2GRAY)[cheeks].mean()) if cheeks.any() else 128.0
    return Hair(matrix, mask, tone, luma, surface.vivid, surface.width)


def mean_tone(tones: Sequence[HairTone]) -> HairTone | None:
    """Return what hair looks like that was seen in several frames; None where there was hardly any."""
    weights = np.array([tone.sure for tone in tones])
    if weights.sum() < _LEAST_SURE * len(tones):
        return None

    def mean(values: list[tuple[float, ...]]) -> list[float]:
        return [float(value) for value in np.average(np.array(values), axis=0, weights=weights)]

    bright, red, blue = mean([tone.mean for tone in tones])
    slope_red, slope_blue = mean([tone.slope for tone in tones])
    spread_bright, spread_red, spread_blue = mean([tone.spread for tone in tones])
    crowned = float(np.average([tone.crowned for tone in tones], weights=weights))
    return HairTone(
        (bright, red, blue),
        (slope_red, slope_blue),
        (spread_bright, spread_red, spread_blue),
        float(weights.mean()),
        crowned,
    )


def _look_at_head(square: Picture, points: Array, cheeks: NDArray[np.bool_], bare: Array) -> _Head:
    tone = skin.to_tone(np.asarray(cv2.GaussianBlur(square, (0, 0), _CALM), dtype=np.uint8))
    seen = tone[cheeks] if cheeks.any() else tone.reshape(-1, 3)
    relative = np.asarray(tone - np.median(seen, axis=0), dtype=np.float32)
    oval = cv2.GaussianBlur(fill_region((SIDE, SIDE), points, "oval"), (0, 0), 1.5).astype(np.float32) / 255.0
    x, y = _axes()
    # Beside the temples there is hair under most hats; above the forehead there may be the hat itself.
    beside = _rise(np.abs(x), 0.42, 0.5) * _rise(np.abs(x), 0.85, 0.7) * _rise(y, -0.42, -0.3) * _rise(y, 0.5, 0.35)
    above = _rise(np.abs(x), 0.6, 0.4) * _rise(y, -1.15, -1.0) * _rise(y, -0.45, -0.6)
    like_skin = _near(relative, _SKIN_MEAN, _SKIN_SPREAD)
    return _Head(relative, like_skin, _person(square), oval, 1.0 - _rise(bare, 0.3, 0.8), beside, above)


def _seeds(head: _Head, where: Array) -> Array:
    return np.asarray(where * head.person * (1.0 - head.oval) * (1.0 - head.like_skin), dtype=np.float32)


def _tone_beside(head: _Head) -> HairTone:
    sides = _seeds(head, head.beside)
    amount = float(sides.sum()) + 0.5 * float(_seeds(head, head.above).sum())
    return _fitted(head.relative, sides, float(np.clip(amount / (_ENOUGH * _UNIT * _UNIT), 0.0, 1.0)))


def _posterior(like_hair: Array, like_skin: Array, skin_share: Array | float) -> Array:
    return np.asarray(like_hair / (like_hair + skin_share * like_skin + 0.1), dtype=np.float32)


@cache
def _where_ears_are() -> Array:
    """Weigh skin more where ears are, 1 to 4: they are in the shade, and red."""
    x, y = _axes()
    across = _rise(np.abs(x), 0.44, 0.5) * _rise(np.abs(x), 0.72, 0.64)
    return np.asarray(1.0 + 3.0 * across * _rise(y, -0.4, -0.25) * _rise(y, 0.35, 0.2), dtype=np.float32)


def _no_skin_above() -> Array:
    """Weigh skin where hair reaches the crown: beside the face it is an ear or the neck; above there is none then."""
    return np.asarray(0.15 + _SKIN_FIRST * _rise(_axes()[1], -0.35, -0.2) * _where_ears_are(), dtype=np.float32)


def _crowned(head: _Head, like_hair: Array, place: Array) -> float:
    """Say how far hair reaches from beside the face up over the crown; a hat stops it."""
    allowed = 1.15 * _posterior(like_hair, head.like_skin, _no_skin_above()) * place
    mask = _spread_out(3.0 * _seeds(head, head.beside) * like_hair, allowed)
    over = head.above * head.person * (1.0 - head.oval)
    reached = float((over * mask).sum()) / max(float(over.sum()), 1.0)
    return float(np.clip((reached - 0.2) / 0.25, 0.0, 1.0))


def _flowed(head: _Head, like_hair: Array, place: Array, crowned: float) -> Array:
    """Let hair flow from where it surely is through all that may be hair."""
    marker = _seeds(head, head.beside)
    posterior = _posterior(like_hair, head.like_skin, _SKIN_FIRST * _where_ears_are())
    if crowned > 0.0:
        marker += np.float32(crowned) * _seeds(head, head.above)
        posterior += np.float32(crowned) * (_posterior(like_hair, head.like_skin, _no_skin_above()) - posterior)
        # Where the crown is hair, its lights and shadows are hair too, whatever their tone.
        any_tone = np.float32(crowned) * _rise(_axes()[1], -0.2, -0.45) * (1.0 - 0.5 * head.like_skin)
        posterior = np.maximum(posterior, any_tone)
    return _spread_out(3.0 * marker * like_hair, 1.15 * posterior * place)


def _bare_skin(surface: Surface, matrix: Matrix) -> Array:
    """Bring what is known of the face's own skin into the square."""
    placed = matrix.copy()
    placed[:, :2] /= surface.scale
    # OpenCV counts from the middle of the first pixel, the matrix from its corner.
    first = np.array([surface.left, surface.top]) + 0.5 / surface.scale
    placed[:, 2] = matrix[:, :2] @ first + matrix[:, 2] - 0.5
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
