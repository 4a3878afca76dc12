"""A picture moved gently, as if a hand held the camera: for those who have none, and for trying things out."""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np

from faceswap_desktop.media.colour import Pixels

PERIOD_S: Final = 16.0
"""After so long it begins again, without a jump in place or speed."""
_ROLL: Final = math.radians(2.5)
_PAN: Final = 0.025
"""Of the shorter side, to each side."""
_ZOOM: Final = 0.05
_SPARE: Final = 1.5
"""The picture is kept at most so many times as large as it is shown: more would flicker when it moves."""


class MovingStill:
    """A picture that pans, turns by a few degrees and comes nearer and goes, for ever.

    Args:
        pixels: uint8 (H, W, 3), RGB.
        width: Of the frames, pixels; of about the picture's own shape.
        height: Likewise.
    """

    def __init__(self, pixels: Pixels, width: int, height: int) -> None:
        self._size = (width, height)
        scale = max(width / pixels.shape[1], height / pixels.shape[0]) * _SPARE
        if scale < 1:
            size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
            pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        self._pixels = np.ascontiguousarray(pixels)
        # A long, narrow picture would leave its frame when it turns as far as others.
        self._roll = _ROLL * min(width, height) / max(width, height)

    def at(self, seconds: float) -> Pixels:
        """Return the frame at a time; uint8 (height, width, 3), contiguous. The same a period later."""
        turn = 2 * math.pi * seconds / PERIOD_S
        width, height = self._size
        roll = self._roll * math.sin(turn)
        pan = _PAN * min(width, height)
        x, y = pan * math.sin(2 * turn + 1.0), pan * math.sin(turn + 2.0)
        scale = self._closest * (1 + _ZOOM * (1 - math.cos(turn)) / 2)
        rows, columns = self._pixels.shape[:2]
        cos, sin = math.cos(roll) / scale, math.sin(roll) / scale
        # From a pixel of the frame to its place in the picture; both count from the middle of a pixel.
        matrix = np.array([[cos, -sin, 0.0], [sin, cos, 0.0]])
        middle = np.array([(width - 1) / 2 + x, (height - 1) / 2 + y])
        matrix[:, 2] = np.array([(columns - 1) / 2, (rows - 1) / 2]) - matrix[:, :2] @ middle
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        frame = cv2.warpAffine(self._pixels, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(frame, np.uint8)

    @property
    def _closest(self) -> float:
        """Frame pixels per picture pixel at which the frame is filled wherever the camera looks."""
        width, height = self._size
        rows, columns = self._pixels.shape[:2]
        pan = _PAN * min(width, height)
        cos, sin = math.cos(self._roll), math.sin(self._roll)
        wide = (width / 2 + pan) * cos + (height / 2 + pan) * sin
        high = (height / 2 + pan) * cos + (width / 2 + pan) * sin
        return float(2 * max(wide / columns, high / rows))
