"""Makes a face in a camera's pictures older or younger. What is slow to find of a head is found aside now and then."""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.arrays import Floats
from faceswap_desktop.vision.live.aside import Aside
from faceswap_desktop.vision.live.views import View, head_view, lay_change
from faceswap_desktop.vision.mesh import Mesh
from faceswap_desktop.vision.reage.face import KeptHead, age_reference, look_at_head, reage_by
from faceswap_desktop.vision.reage.reference import AgeReference

Bytes = NDArray[np.uint8]

_REACH: Final = 1.7
"""How far hair that is coloured reaches from the middle of a face, in its sides."""
_MAP_SIDE: Final = 176
_LOOK_EVERY: Final = 8
"""Frames between two looks at skin and hair; between them both move with the head."""


class _Found(NamedTuple):
    """What was found aside."""

    reference: AgeReference
    head: KeptHead


class Ageing:
    """Changes the age of one face that is followed."""

    def __init__(self, aside: Aside) -> None:
        self._aside = aside
        self._found: _Found | None = None
        self._is_looking = False
        self._frames = 0

    def change(self, pixels: Bytes, points: Floats, years: int, share: float, scale: float) -> None:
        """Change the face in a frame.

        Args:
            pixels: (H, W, 3) uint8 RGB; changed in place.
            points: float32 (478, 3), its mesh in the frame's pixels.
            years: -30 (younger) to 30 (older).
            share: How much of it is shown, 0 to 1.
            scale: Share of the frame's resolution at which it is worked out.
        """
        view = head_view(pixels, points, scale, _REACH)
        if view is None or share <= 0.0:
            return
        self._look(view)
        if self._found is None:
            return
        found = self._found
        patch = reage_by(view.pixels, Mesh(view.points, 1.0), years, found.reference, found.head, _MAP_SIDE)
        if patch is None:
            return
        height, width = patch.pixels.shape[:2]
        before = view.pixels[patch.top : patch.top + height, patch.left : patch.left + width]
        change = np.asarray(cv2.subtract(patch.pixels, before, dtype=cv2.CV_32F), dtype=np.float32)
        if share < 1.0:
            change *= np.float32(share)
        lay_change(pixels, view, change, patch.left, patch.top)

    def _look(self, view: View) -> None:
        """Look at skin and hair: at once where nothing is known yet, else aside and now and then."""
        self._frames += 1
        known = None if self._found is None else self._found.reference
        if known is None:
            self._take(_looked(view, None))
        elif self._frames % _LOOK_EVERY == 0 and not self._is_looking:
            self._is_looking = True
            self._aside.do(lambda: _looked(view, known), self._take)

    def _take(self, found: _Found | None) -> None:
        self._is_looking = False
        if found is not None:
            self._found = found


def _looked(view: View, known: AgeReference | None) -> _Found | None:
    mesh = Mesh(view.points, 1.0)
    reference = age_reference([(view.pixels, mesh)]) if known is None else known
    head = None if reference is None else look_at_head(view.pixels, mesh, reference)
    return None if reference is None or head is None else _Found(reference, head)
