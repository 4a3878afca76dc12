"""Parts of a frame at the size at which they are worked on, and how what was worked out gets back into the frame."""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.arrays import Floats
from faceswap_desktop.vision.colour import Array
from faceswap_desktop.vision.placing import region_of

Bytes = NDArray[np.uint8]
Box = tuple[int, int, int, int]

LARGEST_SIDE: Final = 360
"""Larger faces are worked on at this size, in pixels of the longer side; the camera's own detail stays on top."""
_LEAST: Final = 8


class View(NamedTuple):
    """A rectangle of a frame, as it is worked on.

    Attributes:
        left, top, right, bottom: In the frame.
        pixels: (h, w, 3) uint8, a copy at the size of the work.
        points: float32 (478, 3), the mesh in these pixels.
    """

    left: int
    top: int
    right: int
    bottom: int
    pixels: Bytes
    points: Floats


def face_view(pixels: Bytes, points: Floats, scale: float) -> View | None:
    """Cut a face out of a frame, at the size at which it is worked on; None where it lies outside.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        points: float32 (478, 3), its mesh in these pixels.
        scale: Share of the frame's resolution, 0 to 1; large faces get less.
    """
    bounds = region_of(points, pixels.shape)
    return None if bounds is None else _view(pixels, points, bounds, _scale_of(points, scale))


def head_view(pixels: Bytes, points: Floats, scale: float, reach: float) -> View | None:
    """Cut a head out of a frame.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        points: float32 (478, 3), the face's mesh in these pixels.
        scale: Share of the frame's resolution, 0 to 1; large faces get less.
        reach: How far hair lies from the middle of the face, in sides of the face.
    """
    bounds = region_of(points, pixels.shape)
    if bounds is None:
        return None
    x, y = (float(value) for value in points[:, :2].mean(axis=0))
    far = reach * float(np.ptp(points[:, :2], axis=0).max())
    height, width = pixels.shape[:2]
    wide = max(0, int(x - far)), max(0, int(y - far)), min(width, int(x + far) + 1), min(height, int(y + far) + 1)
    return _view(pixels, points, wide, _scale_of(points, scale))


def _scale_of(points: Floats, scale: float) -> float:
    side = float(np.ptp(points[:, :2], axis=0).max())
    return min(scale, LARGEST_SIDE / max(side, 1.0))


def _view(pixels: Bytes, points: Floats, bounds: Box, scale: float) -> View:
    left, top, right, bottom = bounds
    part = pixels[top:bottom, left:right]
    moved = points - np.array([left, top, 0.0], np.float32)
    if scale >= 1.0:
        return View(left, top, right, bottom, part.copy(), moved)
    size = (max(_LEAST, round((right - left) * scale)), max(_LEAST, round((bottom - top) * scale)))
    small = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    factors = np.array([size[0] / (right - left), size[1] / (bottom - top), scale], np.float32)
    return View(left, top, right, bottom, small, moved * factors)


def lay_change(pixels: Bytes, view: View, change: Array, left: int = 0, top: int = 0) -> None:
    """Add to a frame what was worked out on a view of it.

    Args:
        pixels: (H, W, 3) uint8 RGB; changed in place.
        view: Of these pixels.
        change: (h, w, 3) float32, for the view's pixels from ``left`` and ``top`` on.
        left: Column of the view where the change begins.
        top: Row of the view where the change begins.
    """
    part = pixels[view.top : view.bottom, view.left : view.right]
    height, width = view.pixels.shape[:2]
    if view.pixels.shape == part.shape:
        part = part[top : top + change.shape[0], left : left + change.shape[1]]
    elif change.shape[:2] != (height, width):
        whole = np.zeros((height, width, 3), np.float32)
        whole[top : top + change.shape[0], left : left + change.shape[1]] = change
        change = whole
    if change.shape != part.shape:
        size = (part.shape[1], part.shape[0])
        change = np.asarray(cv2.resize(change, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    part[:] = cv2.add(part, change, dtype=cv2.CV_8U)
