"""The visible label of a live picture: drawn once, laid on every frame, in a corner in which it stays."""

from __future__ import annotations

from typing import Final

import numpy as np

from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.recipe import LabelCorner, LabelOptions
from faceswap_desktop.media.label import Boxes, DrawnLabel, Pixels, Spot, corner_for, draw_label, lay_on
from faceswap_desktop.media.label_texts import Changes

_COVERING_S: Final = 0.7
"""A label moves once it has covered a face for so long."""
_FREE_S: Final = 4.0
"""It goes back to the corner that was chosen once that has been free for so long."""


class LiveLabel:
    """Lays the label on pictures, given in order."""

    def __init__(self) -> None:
        self._key: tuple[LabelOptions, Size, Changes] | None = None
        self._label: DrawnLabel | None = None
        self._spot: Spot | None = None
        self._wrong_since: float | None = None

    def lay(
        self, pixels: Pixels, options: LabelOptions, changes: Changes, boxes: Boxes, now_s: float
    ) -> LabelCorner | None:
        """Lay the label on a picture, in place.

        Args:
            pixels: uint8 (H, W, 3), sRGB, writeable.
            options: How it looks.
            changes: What was done to faces; nothing is laid where that is nothing.
            boxes: (n, 4) of the faces in the picture: left, top, right, bottom.
            now_s: When the picture was taken, in seconds.

        Returns:
            The corner; None where there is no label.
        """
        if not options.is_on or not (changes.is_swapped or changes.is_reaged):
            self._key = None
            return None
        size = Size(pixels.shape[1], pixels.shape[0])
        key = (options, size, changes)
        if key != self._key:
            keeps_place = self._key is not None and self._key[:2] == key[:2]
            self._key, self._label = key, draw_label(options, size, changes)
            self._spot = self._spot if keeps_place else None
        if self._label is None:
            return None
        spot = self._settled(self._label, size, boxes, options.corner, now_s)
        lay_on(pixels, None, self._label, spot, None)
        return spot.corner

    def _settled(self, label: DrawnLabel, size: Size, boxes: Boxes, wanted: LabelCorner, now_s: float) -> Spot:
        """Return where it lies: where it lay, unless another corner has been better for a while."""
        best = corner_for(size, label, boxes, wanted)
        now = self._spot
        if now is None:
            self._spot, self._wrong_since = best, None
            return best
        if best.corner is now.corner:
            self._spot, self._wrong_since = best, None
            return best
        self._wrong_since = now_s if self._wrong_since is None else self._wrong_since
        patience = _COVERING_S if _covers(now, label, boxes) else _FREE_S
        if now_s - self._wrong_since >= patience:
            self._spot, self._wrong_since = best, None
            return best
        return now


def _covers(spot: Spot, label: DrawnLabel, boxes: Boxes) -> bool:
    right, bottom = spot.left + label.width, spot.top + label.height
    across = np.minimum(boxes[:, 2], right) - np.maximum(boxes[:, 0], spot.left)
    down = np.minimum(boxes[:, 3], bottom) - np.maximum(boxes[:, 1], spot.top)
    return bool(((across > 0) & (down > 0)).any())
