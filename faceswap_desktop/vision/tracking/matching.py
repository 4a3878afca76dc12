"""Which detection belongs to which face that is followed, and whether a mesh can have gone where it was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.arrays import Floats, Picture
from faceswap_desktop.vision.detect import Detection, detect
from faceswap_desktop.vision.mesh import Mesh, five_points_of
from faceswap_desktop.vision.tracking.following import apart, mesh_middle, mesh_side

_DETECTABLE: Final = 24.0
"""Pixels of that copy from which a face that is not found again raises doubt."""
_DETECTABLE_ROLL: Final = 0.6
"""Radians of roll up to which it does."""
_FITTING: Final = (0.4, 2.5)
"""Side of the detector's box against the mesh's, where both are of one face."""
_GROWTH: Final = (0.6, 1.7)
"""By what factor a face may grow or shrink from one frame to the next."""
_LEAP: Final = 1.0
"""Sides by which it may move beyond where it was expected."""


def detected(image: Picture, long_side: int | None = None) -> tuple[list[Detection], float]:
    """Find faces in a copy of a frame.

    Args:
        image: uint8 (height, width, 3), RGB.
        long_side: Of the copy that is looked at, in pixels; None for the frame itself.

    Returns:
        Faces, largest first, in pixels of the frame; and the scale of the copy, 0 to 1.
    """
    scale = 1.0 if long_side is None else min(1.0, long_side / max(image.shape[:2]))
    found = detect(shrunk(image, scale))
    if scale == 1.0:
        return found, scale
    back = np.float32(1 / scale)
    return [Detection(one.box * back, one.score, one.five_points * back) for one in found], scale


def shrunk(image: Picture, scale: float) -> Picture:
    """Return a copy of a frame at a scale of 0 to 1; the frame itself for 1."""
    if scale >= 1.0:
        return image
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def distances_to(found: Sequence[Detection], meshes: Sequence[Floats]) -> NDArray[np.float64]:
    """Return how far detections lie from meshes (detections, meshes), in sides of the larger one.

    Much where their sizes do not fit.
    """
    boxes = np.array([one.box for one in found], np.float64).reshape(-1, 4)
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1).clip(1.0)
    others = np.array([mesh_middle(points) for points in meshes], np.float64).reshape(-1, 2)
    their_sides = np.array([mesh_side(points) for points in meshes], np.float64).clip(1.0)
    away = np.linalg.norm(middles[:, None] - others[None], axis=2) / np.maximum(sides[:, None], their_sides[None])
    growth = sides[:, None] / their_sides[None]
    return np.where((growth > _FITTING[0]) & (growth < _FITTING[1]), away, 9.0)


def assigned(distances: NDArray[np.float64], below: float) -> dict[int, int]:
    """Pair what was found with what is followed, the nearest first.

    Args:
        distances: (detections, meshes), from ``distances_to``.
        below: Nothing is paired that lies further apart, in sides of the face.

    Returns:
        By number of the detection, that of the mesh.
    """
    pairs = sorted((distances[pair], *pair) for pair in zip(*np.nonzero(distances < below), strict=True))
    taken: dict[int, int] = {}
    for _, place, number in pairs:
        if place not in taken and number not in taken.values():
            taken[place] = number
    return taken


def could_be_found(points: Floats, scale: float) -> bool:
    """Tell whether a detector should see a face with this mesh (478, 3) in a copy of the given scale."""
    five = five_points_of(Mesh(points, 1.0))
    lean = abs(float(np.arctan2(five[1, 1] - five[0, 1], five[1, 0] - five[0, 0])))
    return mesh_side(points) * scale >= _DETECTABLE and lean <= _DETECTABLE_ROLL


def is_plausible(expected: Mesh, found: Mesh) -> bool:
    """Tell whether a face can have come from where it was expected to where it was found, in one frame."""
    side, was = mesh_side(found.points), max(mesh_side(expected.points), 1.0)
    if not _GROWTH[0] < side / was < _GROWTH[1]:
        return False
    return apart(expected.points, found.points) < _LEAP
