"""Notices at a glance, in every frame, that something has come before a face or gone from it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.colour import Array
from faceswap_desktop.vision.layout import plane_region, with_rim
from faceswap_desktop.vision.warp import plane_map, sample

Bytes = NDArray[np.uint8]

_SIDE: Final = 24
"""Side of the copy of the face, as it lies in the plane, that is compared with the frame before."""
_CHANGED: Final = 26.0
"""Levels by which a place of it changes for another thing to be there; the light of the whole is taken out."""
_SHARE: Final = 0.05
"""Share of the face from which that counts: eyes that blink and a mouth that opens take less."""


class Glance:
    """Looks at one face, frame by frame."""

    def __init__(self) -> None:
        self._last: Array | None = None

    def at(self, region: Bytes, points: Array) -> bool:
        """Look at the next frame; say whether something is there that was not, or is gone.

        Args:
            region: (h, w, 3) uint8 RGB, the face.
            points: (468, 3) its mesh in the region's pixels, OpenCV's way.
        """
        face = plane_region(_SIDE, "oval") > 127
        step = max(1, region.shape[1] // 128)
        thin = region[::step, ::step] if step > 1 else region
        places = plane_map(with_rim(points)[:, :2] / np.float32(step), _SIDE)
        now = sample(np.ascontiguousarray(thin), places)[face]
        now = np.asarray(now - np.median(now, axis=0), dtype=np.float32)
        last, self._last = self._last, now
        if last is None:
            return False
        return float((np.abs(now - last).max(axis=1) > _CHANGED).mean()) > _SHARE
