"""Moves parts of a face a little: what sinks and thins with the years, or the other way round."""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np

from faceswap_desktop.vision.colour import Array
from faceswap_desktop.vision.layout import MIRROR, OVAL, with_rim
from faceswap_desktop.vision.reage.surface import Surface

_GRID_SIDE: Final = 112
"""Movements are smooth, so this many places along the longer side are enough."""

_STILL: Final = 1.0 / 64.0
"""Pixels; what moves less stays as it is."""


class _Pull(NamedTuple):
    """A movement around a mesh point, at full strength, in widths of the face.

    Attributes:
        point: On the subject's right side, or in the middle.
        out: Away from the middle of the face.
        down: Along the face's own axis.
        reach: Sigma of the bell by which it fades.
    """

    point: int
    out: float
    down: float
    reach: float


_OLDER: Final = (
    _Pull(172, 0.012, 0.018, 0.075),
    _Pull(150, 0.004, 0.018, 0.070),
    _Pull(214, 0.004, 0.012, 0.070),
    _Pull(61, 0.000, 0.012, 0.045),
    _Pull(70, 0.000, 0.012, 0.055),
    _Pull(105, 0.000, 0.007, 0.050),
    _Pull(226, 0.000, 0.007, 0.028),
    _Pull(229, 0.000, 0.006, 0.035),
    _Pull(117, 0.000, 0.008, 0.070),
    _Pull(37, 0.000, 0.006, 0.026),
    _Pull(84, 0.000, -0.006, 0.026),
    _Pull(4, 0.000, 0.010, 0.055),
    _Pull(123, -0.006, 0.000, 0.070),
)
_YOUNGER: Final = (
    _Pull(172, -0.018, -0.006, 0.080),
    _Pull(150, -0.006, -0.006, 0.070),
    _Pull(61, 0.000, -0.007, 0.045),
    _Pull(70, 0.000, -0.008, 0.055),
    _Pull(105, 0.000, -0.004, 0.050),
    _Pull(159, 0.000, -0.004, 0.024),
    _Pull(145, 0.000, 0.002, 0.024),
    _Pull(37, 0.000, -0.006, 0.026),
    _Pull(84, 0.000, 0.006, 0.026),
    _Pull(117, 0.004, -0.006, 0.070),
    _Pull(129, -0.006, 0.000, 0.030),
)


def reshape(pixels: Array, surface: Surface, share: float) -> Array:
    """Move the parts of a face.

    Args:
        pixels: (h, w, 3) float32, the surface's region.
        surface: The face.
        share: -1 (as young as it goes) to 1 (as old).

    Returns:
        (h, w, 3) float32; equal to ``pixels`` from the rim around the face on.
    """
    if share == 0.0:
        return pixels
    move = _movement(surface, _OLDER if share > 0 else _YOUNGER) * np.float32(abs(share))
    width, height = surface.size
    full = np.asarray(cv2.resize(move, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    where = -full
    where[..., 0] += np.arange(width, dtype=np.float32)[None, :]
    where[..., 1] += np.arange(height, dtype=np.float32)[:, None]
    moved = cv2.remap(pixels, where, np.empty(0), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    still = cv2.inRange(full, (-_STILL, -_STILL), (_STILL, _STILL))
    cv2.copyTo(pixels, still, moved)
    return np.asarray(moved, dtype=np.float32)


def _movement(surface: Surface, pulls: tuple[_Pull, ...]) -> Array:
    """Return by how many pixels each place moves, (h', w', 2), at reduced size."""
    width, height = surface.size
    scale = min(1.0, _GRID_SIDE / max(width, height))
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    factors = np.array([size[0] / width, size[1] / height], dtype=np.float32)
    x = ((np.arange(size[0], dtype=np.float32) + 0.5) / factors[0] - 0.5)[None, :]
    y = ((np.arange(size[1], dtype=np.float32) + 0.5) / factors[1] - 0.5)[:, None]
    across, down = surface.axes()
    move = np.zeros((size[1], size[0], 2), dtype=np.float32)
    for pull in pulls:
        for point, sign in {pull.point: -1.0, int(MIRROR[pull.point]): 1.0}.items():
            middle = surface.points[point]
            reach = pull.reach * surface.width
            # A bell in two dimensions is the product of one across and one down.
            bell = np.exp(-0.5 * ((y - middle[1]) / reach) ** 2) * np.exp(-0.5 * ((x - middle[0]) / reach) ** 2)
            vector = (sign * pull.out * across + pull.down * down) * surface.width
            for axis in (0, 1):
                move[..., axis] += np.float32(vector[axis]) * bell
    return np.asarray(move * _window(surface, factors, size)[..., None], dtype=np.float32)


def _window(surface: Surface, factors: Array, size: tuple[int, int]) -> Array:
    """Fade to nothing before the rim, and at the picture's edge where it cuts the face."""
    ring = with_rim(surface.points)[-len(OVAL) :, :2]
    middle = ring.mean(axis=0)
    ring = ((middle + 0.95 * (ring - middle)) + 0.5) * factors - 0.5
    drawn = np.zeros((size[1], size[0]), dtype=np.uint8)
    cv2.fillPoly(drawn, [np.rint(ring * 8.0).astype(np.int32)], 255, lineType=cv2.LINE_AA, shift=3)
    drawn[[0, -1]] = 0
    drawn[:, [0, -1]] = 0
    sigma = max(0.8, 0.022 * surface.width * float(factors.mean()))
    reach = max(1, round(2.2 * sigma))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    soft = cv2.GaussianBlur(cv2.erode(drawn, disc), (0, 0), sigma).astype(np.float32) / 255.0
    return np.asarray(soft * (drawn > 0), dtype=np.float32)
