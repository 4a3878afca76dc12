"""Where the swapped face shows, and how softly it ends."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.colour import Array
from faceswap_desktop.vision.layout import fill_region

FADE_FROM_DEGREES: Final = 33.0
FADE_TO_DEGREES: Final = 46.0
_OPENING_EDGE: Final = {"eyes": 0.88, "mouth": 0.62}


def feather_width(face_width: float, softness: float) -> float:
    """Return the sigma of the soft edge in pixels for an edge softness of 0 to 1."""
    return face_width * (0.003 + 0.014 * softness)


def yaw_share(yaw_degrees: float) -> float:
    """Say how much of the swap is shown on a turned head: all up to 33 degrees, nothing from 46.

    A face turned further than its texture was seen would smear; better the target shows through.
    """
    along = (FADE_TO_DEGREES - abs(yaw_degrees)) / (FADE_TO_DEGREES - FADE_FROM_DEGREES)
    clipped = min(1.0, max(0.0, along))
    return clipped * clipped * (3.0 - 2.0 * clipped)


def oval_mask(shape: tuple[int, int], points: NDArray[np.floating], sigma: float) -> Array:
    """Draw the face's oval, drawn in and softened so that it has run out at the outline.

    Args:
        shape: Height and width.
        points: (468 or more, 2 or 3) mesh in that picture's pixels.
        sigma: Softness in pixels.

    Returns:
        (height, width) float32, 0 to 1.
    """
    # Room on all sides: a face cut by the picture's edge must not fade there.
    room = int(np.ceil(4.0 * sigma)) + 2
    drawn = fill_region((shape[0] + 2 * room, shape[1] + 2 * room), np.asarray(points)[:, :2] + room, "oval")
    inward = max(1, round(0.6 * sigma))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * inward + 1, 2 * inward + 1))
    soft = cv2.GaussianBlur(cv2.erode(drawn, disc), (0, 0), sigma)
    return soft[room : room + shape[0], room : room + shape[1]].astype(np.float32) / 255.0


def opening_mask(shape: tuple[int, int], loop: NDArray[np.floating], face_width: float, name: str) -> Array:
    """Draw an eye's or the mouth's opening with a narrow soft edge inside it.

    Args:
        shape: Height and width.
        loop: (n, 2) outline of the opening in that picture's pixels.
        face_width: In pixels.
        name: ``"eyes"`` (the edge stays inside, so that lashes are the source's) or ``"mouth"``.

    Returns:
        (height, width) float32, 0 to 1.
    """
    drawn = np.zeros(shape, dtype=np.uint8)
    cv2.fillPoly(drawn, [np.rint(loop * 8.0).astype(np.int32)], 255, lineType=cv2.LINE_AA, shift=3)
    soft = cv2.GaussianBlur(drawn, (0, 0), max(0.6, 0.006 * face_width)).astype(np.float32) / 255.0
    edge = _OPENING_EDGE[name]
    # Of closed lips or lids the line between them is kept, however thin.
    thin = float(soft.max(initial=0.0)) < 0.8
    soft *= np.float32(max(1.0, 0.95 / max(float(soft.max(initial=0.0)), 0.1)))
    opening = np.clip((soft - edge) / (0.95 - edge), 0.0, 1.0)
    if name == "mouth":
        # Between nearly closed lips not a pixel of the source's teeth may be left.
        line = cv2.GaussianBlur(drawn, (0, 0), 0.5).astype(np.float32) / 255.0
        opening = np.maximum(opening, np.clip(2.0 * line, 0.0, 1.0) if thin else 0.0)
    return np.asarray(opening, dtype=np.float32)
