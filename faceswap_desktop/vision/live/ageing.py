"""Makes a face in a camera's pictures older or younger, as cheaply as that can be done."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.arrays import Floats
from faceswap_desktop.vision.live.aside import Aside
from faceswap_desktop.vision.mesh import Mesh
from faceswap_desktop.vision.reage.face import age_reference, reage_face
from faceswap_desktop.vision.reage.reference import AgeReference

Bytes = NDArray[np.uint8]

_REACH: Final = 3.0
"""How far head and hair reach from the middle of a face, in its sides."""


class Ageing:
    """Changes the age of one face that is followed."""

    def __init__(self, aside: Aside) -> None:
        self._aside = aside
        self._reference: AgeReference | None = None

    def change(self, pixels: Bytes, points: Floats, years: int, share: float, scale: float) -> None:
        """Change the face in a frame.

        Args:
            pixels: (H, W, 3) uint8 RGB; changed in place.
            points: float32 (478, 3), its mesh in the frame's pixels.
            years: -30 (younger) to 30 (older).
            share: How much of it is shown, 0 to 1.
            scale: Share of the frame's resolution at which it is worked out.
        """
        del scale
        if share <= 0.0:
            return
        mesh = Mesh(points, 1.0)
        if self._reference is None:
            self._reference = age_reference([(pixels, mesh)])
        patch = reage_face(pixels, mesh, years, reference=self._reference, hair=False)
        if patch is None:
            return
        height, width = patch.pixels.shape[:2]
        part = pixels[patch.top : patch.top + height, patch.left : patch.left + width]
        if share >= 1.0:
            part[:] = patch.pixels
            return
        mixed = part + (patch.pixels.astype(np.float32) - part) * np.float32(share)
        part[:] = np.rint(mixed).astype(np.uint8)
