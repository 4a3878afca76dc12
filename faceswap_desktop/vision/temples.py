"""Takes away what is left of glasses beside a face whose glasses were painted over: the ends of the frame."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.colour import Array, luma
from faceswap_desktop.vision.layout import MIRROR, fill_region

Bytes = NDArray[np.uint8]

_RIGHT_TEMPLE: Final = (127, 34, 139, 162)
_RADIUS: Final = 0.13
"""Radius of the place looked at, as a share of the face's width."""
_SIDE: Final = 64
_SKIN_HUE: Final = 0.7
"""How far what is painted takes on the skin's hue."""
_MOST: Final = 0.4
"""A larger share of dark pixels is dark hair, and stays."""


def clear_temples(region: Bytes, points: NDArray[np.floating], frame: Array) -> Array:
    """Paint over the ends of a frame of glasses with what is around them.

    Args:
        region: (h, w, 3) uint8 RGB, the face and its surroundings.
        points: (468 or more, 3) the face's mesh in the region's pixels.
        frame: (h, w) float32, 0 to 1, where the frame was found on the face.

    Returns:
        (h, w, 3) float32, the region without them.
    """
    result = region.astype(np.float32)
    width = float(np.linalg.norm(points[454, :2] - points[234, :2]))
    reach = max(3, round(_RADIUS * width))
    right = np.asarray(_RIGHT_TEMPLE)
    step = max(1, round(width / _SIDE / 2))
    thin = np.ascontiguousarray(result[::step, ::step])
    skin = np.median(thin[fill_region(thin.shape[:2], points / step, "cheeks") > 127].reshape(-1, 3), axis=0)
    for temple in (right, MIRROR[right]):
        middle = np.rint(points[temple, :2].mean(axis=0)).astype(int)
        left, top = np.maximum(middle - reach, 0)
        end_x, end_y = np.minimum(middle + reach + 1, [region.shape[1], region.shape[0]])
        if end_x - left >= 6 and end_y - top >= 6:
            place = slice(int(top), int(end_y)), slice(int(left), int(end_x))
            result[place] = _cleared(region[place], frame[place], skin)
    return result


def _cleared(part: Bytes, frame: Array, skin: Array) -> Array:
    shrink = min(1.0, _SIDE / max(part.shape[:2]))
    small = np.asarray(cv2.resize(part, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    marked = cv2.resize(frame, small.shape[1::-1], interpolation=cv2.INTER_AREA) > 0.3
    colours = small.astype(np.float32)
    # Frames are dark, or bluer than any skin or hair; a shadow is neither as dark nor as blue.
    bright = float(luma(skin.reshape(1, 1, 3).astype(np.float32))[0, 0])
    dark = (luma(colours) < 0.45 * bright) | (colours[..., 2] > colours[..., 0] + 12.0)
    _, labels = cv2.connectedComponents((dark | marked).astype(np.uint8), connectivity=8)
    near = cv2.dilate(marked.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    names = np.unique(labels[near & dark])
    taken = np.isin(labels, names[names > 0]) | marked
    if not taken.any() or float(taken.mean()) > _MOST:
        return part.astype(np.float32)
    grown = cv2.dilate(taken.astype(np.uint8), np.ones((5, 5), np.uint8))
    painted = cv2.inpaint(small, grown, 4.0, cv2.INPAINT_TELEA).astype(np.float32)
    # What is around them is half skin, half hair and sky: painted in the grey between them it would look like dirt.
    tinted = luma(painted)[..., None] * np.asarray(skin / max(bright, 1.0), dtype=np.float32)
    painted += np.float32(_SKIN_HUE) * (tinted - painted)
    size = part.shape[1::-1]
    share = cv2.GaussianBlur(cv2.resize(grown.astype(np.float32), size), (0, 0), max(0.7, 1.0 / shrink))[..., None]
    full = cv2.resize(painted, size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(part + (full - part) * share, dtype=np.float32)
