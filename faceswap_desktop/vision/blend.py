"""Blends two pictures band by band: coarse light over a wide edge, fine detail over a narrow one."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

LEVELS: Final = 4


def _expand(small: Array, like: Array) -> Array:
    size = (like.shape[1], like.shape[0])
    return np.asarray(cv2.pyrUp(small, dstsize=size), dtype=np.float32)


def blend_bands(difference: Array, mask: Array, levels: int = LEVELS) -> Array:
    """Lay one picture over another, given by what it would change.

    Args:
        difference: (h, w, 3) float32, the upper picture minus the lower; what it holds where the mask is 0 seeps in at
            the coarse bands only.
        mask: (h, w) float32, 0 to 1.
        levels: Bands; reduced for pictures too small for them.

    Returns:
        (h, w, 3) float32, to be added to the lower picture. Blending is linear, so one pyramid of the difference does
        the work of two.
    """
    levels = max(0, min(levels, int(np.log2(max(1, min(mask.shape)))) - 2))
    masks, bands = [mask], [difference]
    for _ in range(levels):
        masks.append(np.asarray(cv2.pyrDown(masks[-1]), dtype=np.float32))
        bands.append(np.asarray(cv2.pyrDown(bands[-1]), dtype=np.float32))
    result = bands[-1] * masks[-1][..., None]
    for level in range(levels - 1, -1, -1):
        # In place, as fresh memory for a large face costs more than the arithmetic.
        fine = _expand(bands[level + 1], bands[level])
        cv2.subtract(bands[level], fine, dst=fine)
        cv2.multiply(fine, cv2.merge([masks[level]] * 3), dst=fine)
        result = _expand(result, bands[level])
        cv2.add(result, fine, dst=result)
    return result
