"""Tells skin from hair, glasses and hands: a model of one face's skin colour, fitted to that face alone.

Skin is what has the colour of cheeks, nose and chin, allowing for light that changes smoothly across the face.
The model lives in the plane of ``layout``, where every face has its parts at the same places.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.layout import plane_region

Array = NDArray[np.float32]

SIZE: Final = 64
"""Side of the plane in which the model is fitted."""
_SPREAD_FLOOR: Final = np.array([0.18, 0.045, 0.055])
_SPREAD_CEILING: Final = np.array([0.24, 0.08, 0.10])
_LOGARITHMS: Final[Array] = np.log((np.arange(256) + 10.0) / 265.0).astype(np.float32)
_ROUNDS: Final = 6
_OUTLIER: Final = 3.0
_REDDER: Final = (0.02, 0.12)
"""Logarithm of red against green: below it is no skin, from the second on it may well be."""


def to_tone(image: NDArray[np.uint8]) -> Array:
    """Turn RGB into lightness and two hues that a change of light alone leaves as they are.

    Args:
        image: (h, w, 3) uint8 RGB.

    Returns:
        (h, w, 3) float32: logarithm of green, of red against green, of blue against green. Very dark pixels are drawn
        towards grey, as their hue is mostly noise.
    """
    logs = _LOGARITHMS[image]
    logs[..., 0] -= logs[..., 1]
    logs[..., 2] -= logs[..., 1]
    return np.asarray(logs[..., [1, 0, 2]], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class SkinModel:
    """The skin colour expected at each place of a face.

    Attributes:
        expected: (64, 64, 3) float32 tone (see ``to_tone``) in the plane of ``layout``.
        spread: (3,) robust standard deviation of skin around it, per channel of the tone.
    """

    expected: Array
    spread: Array

    def distance(self, tone: Array, expected: Array) -> Array:
        """Say how far colours are from skin, in standard deviations.

        Args:
            tone: (h, w, 3) of a picture, see ``to_tone``.
            expected: (h, w, 3) ``self.expected`` carried to that picture.

        Returns:
            (h, w) float32. Lighter than expected counts half: a shine on the skin is skin.
        """
        apart = (tone - expected) / self.spread
        light = np.where(apart[..., 0] > 0, 0.5 * apart[..., 0], apart[..., 0])
        return np.asarray(np.sqrt(light**2 + apart[..., 1] ** 2 + apart[..., 2] ** 2), dtype=np.float32)


@cache
def _terms() -> NDArray[np.float64]:
    """Constant, linear and quadratic terms at every texel, (64 * 64, 6)."""
    axis = (np.arange(SIZE) + 0.5) / SIZE * 2.0 - 1.0
    x, y = np.meshgrid(axis, axis)
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=2).reshape(-1, 6)


@cache
def _seeds() -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Texels that are skin in nearly every photo, and those that are where nothing covers the face."""
    seeds = plane_region(SIZE, "cheeks", "nose", "chin") > 127
    features = cv2.dilate(plane_region(SIZE, "brows", "eyes", "lips", "nostrils"), np.ones((3, 3), np.uint8))
    face = cv2.erode(plane_region(SIZE, "oval"), np.ones((3, 3), np.uint8))
    return seeds, (face > 127) & (features < 128)


def _fit(
    tone: NDArray[np.float64], weight: NDArray[np.float64], stiffness: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit the smooth surface to weighted texels without being pulled by outliers."""
    terms = _terms()
    used = weight > 0
    basis, values, base = terms[used], tone[used], weight[used]
    penalty = np.diag([0.0, 0.1, 0.1, 1.0, 1.0, 1.0]) * stiffness * base.sum()
    share = base
    spread = np.array([0.3, 0.1, 0.1])
    solution = np.zeros((6, 3))
    for _ in range(_ROUNDS):
        normal = basis.T @ (basis * share[:, None]) + penalty + 1e-6 * np.eye(6)
        solution = np.linalg.solve(normal, basis.T @ (values * share[:, None]))
        apart = values - basis @ solution
        ordered = np.abs(apart)
        spread = 1.4826 * np.median(ordered[base > 0.3 * base.max()], axis=0)
        spread = np.clip(spread, _SPREAD_FLOOR, _SPREAD_CEILING)
        far = np.sqrt(((apart / spread) ** 2).sum(axis=1)) / _OUTLIER
        share = base * np.where(far < 1.0, (1.0 - np.minimum(far, 1.0) ** 2) ** 2, 0.0) + 1e-9
    return solution, spread


def _plausible(tone: NDArray[np.float64], known: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weigh texels by whether skin can have their hue at all: redder than green, 0 to 1.

    In pictures in which next to nothing is (black and white, coloured light) all texels weigh the same.
    """
    along = np.clip((tone[:, 1] - _REDDER[0]) / (_REDDER[1] - _REDDER[0]), 0.0, 1.0)
    weight = along * along * (3.0 - 2.0 * along)
    share = float((weight * known).sum()) / max(float(known.sum()), 1e-9)
    trust = np.clip((share - 0.15) / 0.1, 0.0, 1.0)
    return np.asarray(1.0 - trust * (1.0 - weight), dtype=np.float64)


def fit_skin(texture: NDArray[np.uint8], seen: Array, *, is_moving: bool = False) -> SkinModel:
    """Fit the model to a face laid flat.

    Args:
        texture: (64, 64, 3) uint8 RGB in the plane of ``layout``.
        seen: (64, 64) how well each texel is seen, 0 to 1.
        is_moving: In a video anything may pass over the face, so that most of what is seen need not be skin; what
            cannot be skin by its hue has no say.

    Returns:
        The model. With little to go by (nearly nothing seen) it expects one colour everywhere.
    """
    tone = to_tone(texture).reshape(-1, 3).astype(np.float64)
    seeds, face = _seeds()
    known = seen.reshape(-1).astype(np.float64)
    if is_moving:
        known = known * _plausible(tone, known * seeds.reshape(-1))
    first = known * seeds.reshape(-1)
    if first.sum() < 20.0:
        first = known + 1e-3
    solution, spread = _fit(tone, first, 0.3)
    terms = _terms()
    near = np.sqrt((((tone - terms @ solution) / spread) ** 2).sum(axis=1))
    second = known * (seeds.reshape(-1) * 1.0 + 0.5 * face.reshape(-1) * np.clip(2.0 - near / 1.5, 0.0, 1.0))
    if second.sum() > 20.0:
        solution, spread = _fit(tone, second, 0.1)
    low, high = np.percentile(tone[second > 0.4], [5, 95], axis=0) if (second > 0.4).sum() > 20 else (-9.0, 9.0)
    expected = np.clip(terms @ solution, low, high).reshape(SIZE, SIZE, 3)
    return SkinModel(expected.astype(np.float32), spread.astype(np.float32))
