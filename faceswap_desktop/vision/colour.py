"""Low-frequency light: smoothing over what is known, and giving one face the light of another."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

LOWEST_GAIN: Final = 0.45
HIGHEST_GAIN: Final = 2.2
_SIGMA_PX: Final = 2.5
"""Sigma in the pixels of the reduced picture; enough for a Gaussian, and cheap."""


def _reduced(image: Array, weight: Array, sigma: float) -> tuple[Array, Array]:
    factor = max(1.0, sigma / _SIGMA_PX)
    height, width = weight.shape
    size = (max(2, round(width / factor)), max(2, round(height / factor)))
    weighted = cv2.resize(image * weight[..., None], size, interpolation=cv2.INTER_AREA)
    return np.asarray(weighted, dtype=np.float32), np.asarray(
        cv2.resize(weight, size, interpolation=cv2.INTER_AREA), dtype=np.float32
    )


def smooth_known(image: Array, weight: Array, sigma: float) -> Array:
    """Blur a picture, looking only at what is known of it, and carry that on to where nothing is.

    Args:
        image: (h, w, 3) float32.
        weight: (h, w) float32, 0 unknown to 1 known.
        sigma: Of the Gaussian, in pixels.

    Returns:
        (h', w', 3) float32 at a reduced size that is enough for it; resize with ``INTER_LINEAR`` or ``INTER_CUBIC``.
        Far from anything known it takes on the mean of what is known (0 if there is nothing).
    """
    sums, known = _reduced(image, weight, sigma)
    local = min(sigma, _SIGMA_PX)
    total = np.zeros_like(sums)
    share = np.zeros_like(known)
    # Each wider Gaussian speaks only where the narrower ones saw next to nothing.
    for widening, trust in ((1.0, 1.0), (2.5, 0.03), (6.0, 0.001)):
        spread = (0, 0), local * widening
        total += trust * cv2.GaussianBlur(sums, *spread, borderType=cv2.BORDER_REFLECT)
        share += trust * cv2.GaussianBlur(known, *spread, borderType=cv2.BORDER_REFLECT)
    mean = sums.sum(axis=(0, 1)) / max(float(known.sum()), 1e-6)
    return np.asarray((total + 1e-5 * mean) / (share + 1e-5)[..., None], dtype=np.float32)


def light_gain(target: Array, source: Array, weight: Array, sigma: float) -> Array:
    """Say by how much each place of ``source`` must be multiplied to stand in the light of ``target``.

    Args:
        target: (h, w, 3) float32, 0 to 255.
        source: (h, w, 3) float32, laid over the target.
        weight: (h, w) where both are skin, 0 to 1.
        sigma: How fine the light is followed, in pixels.

    Returns:
        (h', w', 3) float32 at a reduced size, ``LOWEST_GAIN`` to ``HIGHEST_GAIN``; ones where there is nothing known.
    """
    if float(weight.sum()) < 4.0:
        return np.ones((2, 2, 3), dtype=np.float32)
    wanted = smooth_known(target, weight, sigma)
    given = smooth_known(source, weight, sigma)
    return np.asarray(np.clip((wanted + 4.0) / (given + 4.0), LOWEST_GAIN, HIGHEST_GAIN), dtype=np.float32)


def luma(image: Array) -> Array:
    """Return Rec. 601 luma, (h, w) float32, of a float32 RGB picture."""
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.float32)
