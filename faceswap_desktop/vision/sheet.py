"""A source's texture, ready to be sampled at any size; keeps what many frames need again."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.atlas import Atlas
from faceswap_desktop.vision.colour import Array
from faceswap_desktop.vision.cover import SIZE as COVER_SIZE
from faceswap_desktop.vision.warp import CoordinateMap, sample, shrink_to

Bytes = NDArray[np.uint8]

_LEVELS_PER_HALVING: Final = 3
_LEAST_TEXELS: Final = 1.25
_CUBIC_BELOW: Final = 1.4


class Sheet:
    """One source's atlas as a swap samples it."""

    def __init__(self, atlas: Atlas, in_levels: bool = False) -> None:
        """Take an atlas.

        Args:
            atlas: The source.
            in_levels: The texture is kept at a few sizes, and always sampled in the same way: sharpness must not jump
                while a face grows from frame to frame. Otherwise it is shrunk to the very size that is asked for.
        """
        self.atlas = atlas
        self._in_levels = in_levels
        validity = cv2.resize(atlas.validity, (COVER_SIZE, COVER_SIZE), interpolation=cv2.INTER_AREA)
        self._validity = np.asarray(validity).astype(np.float32) / np.float32(255.0)
        self._levels: dict[int, Bytes] = {0: atlas.texture}

    def laid(self, where: CoordinateMap, across: float) -> Array:
        """Return the texture laid over a picture, (h, w, 3) float32.

        Args:
            where: Places in the plane, 0 to 1.
            across: Pixels of the picture that the plane's width or height covers.
        """
        side = self.atlas.texture.shape[0]
        texels = side / across
        if self._in_levels:
            texture = self._level(texels)
            return sample(texture, where.full() * texture.shape[0] - 0.5, cv2.INTER_CUBIC)
        texture, ratio = shrink_to(self.atlas.texture, texels)
        way = cv2.INTER_CUBIC if texels < _CUBIC_BELOW else cv2.INTER_LINEAR
        return sample(texture, where.full() * (side * ratio) - 0.5, way)

    def known(self, where: CoordinateMap) -> Array:
        """Return where the source is known, 0 to 1, at the map's reduced size."""
        return sample(self._validity, where.coordinates * COVER_SIZE - 0.5)

    def _level(self, texels: float) -> Bytes:
        number = max(0, int(np.floor(_LEVELS_PER_HALVING * np.log2(max(texels / _LEAST_TEXELS, 1.0)))))
        if number not in self._levels:
            side = max(16, round(self.atlas.texture.shape[0] * 2.0 ** (-number / _LEVELS_PER_HALVING)))
            small = cv2.resize(self.atlas.texture, (side, side), interpolation=cv2.INTER_AREA)
            self._levels[number] = np.asarray(small, dtype=np.uint8)
        return self._levels[number]
