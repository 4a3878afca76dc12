"""Tells whether a frame shows another scene than the one before: a file that begins anew, a cut, another camera."""

from __future__ import annotations

from typing import Final

import numpy as np

from faceswap_desktop.vision.arrays import Picture
from faceswap_desktop.vision.tracking.cuts import Signature, signature

_THINNED: Final = 120
"""So many pixels of the shorter side are averaged; that takes a tenth of the time."""
_CHANGED: Final = 14
"""Levels from which a place of the tiny copy counts as changed."""
_CHANGED_SHARE: Final = 0.4
_SAME_SHAPES: Final = 0.75
"""Correlation of the grey copies from which only the light has changed."""


class Jumps:
    """Looks at frames in order."""

    def __init__(self) -> None:
        self._last: tuple[tuple[int, ...], Signature] | None = None

    def add(self, image: Picture) -> bool:
        """Take in the next frame, (height, width, 3) uint8; say whether it is a jump. The first one is."""
        step = max(1, min(image.shape[:2]) // _THINNED)
        now = signature(np.ascontiguousarray(image[::step, ::step]))
        last, self._last = self._last, (image.shape, now)
        if last is None or last[0] != image.shape:
            return True
        change = np.abs(now.astype(np.int16) - last[1].astype(np.int16)).max(axis=2)
        if float((change > _CHANGED).mean()) < _CHANGED_SHARE:
            return False
        one, other = (each.astype(np.float32).mean(axis=2).ravel() for each in (last[1], now))
        one, other = one - one.mean(), other - other.mean()
        norms = float(np.linalg.norm(one) * np.linalg.norm(other))
        return norms < 1e-3 or float(one @ other) / norms < _SAME_SHAPES
