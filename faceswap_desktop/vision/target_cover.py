"""Looks for what covers a target's face, in the plane of ``layout``, and lays the answer back over the picture."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.colour import Array
from faceswap_desktop.vision.cover import SIZE, Cover, look_for_cover
from faceswap_desktop.vision.layout import LAYOUT, OVAL
from faceswap_desktop.vision.proportions import normals
from faceswap_desktop.vision.warp import make_map, plane_map, sample

Bytes = NDArray[np.uint8]

_LAID_SIDE: Final = 176
"""Longest side at which what was found is laid over the picture."""


def find_target_cover(region: Bytes, rimmed: Array, *, is_moving: bool = False) -> Cover:
    """Find what covers a face, and its glasses.

    Args:
        region: (h, w, 3) uint8 RGB, the face.
        rimmed: (504, 3) its mesh with the rim, in the region's pixels.
        is_moving: It is a frame of a video, see ``cover.look_for_cover``.
    """
    height, width = region.shape[:2]
    shrink = min(1.0, 2.0 * SIZE / max(height, width))
    # A large face is thinned out first: averaging four of its pixels tells as much as averaging forty.
    step = max(1, int(0.5 / shrink))
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    thin = np.ascontiguousarray(region[step // 2 :: step, step // 2 :: step])
    small = np.asarray(cv2.resize(thin, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    places = (rimmed[:, :2] + 0.5) * np.array([small.shape[1] / width, small.shape[0] / height]) - 0.5
    facing = np.concatenate([normals(rimmed), np.zeros(len(OVAL), dtype=np.float32)])
    inside = (rimmed[:, 0] >= 0) & (rimmed[:, 1] >= 0) & (rimmed[:, 0] < width) & (rimmed[:, 1] < height)
    seen = plane_map(np.stack([facing * inside], axis=1), SIZE)[..., 0]
    flat = np.rint(sample(small, plane_map(places, SIZE))).astype(np.uint8)
    return look_for_cover(flat, np.clip(seen * 2.0, 0.0, 1.0).astype(np.float32), is_moving=is_moving)


def lay_cover(cover: Cover, rimmed: Array, size: tuple[int, int]) -> tuple[Array, Array | None]:
    """Carry what was found in the plane over the face.

    Args:
        cover: From ``find_target_cover``.
        rimmed: (504, 3) the mesh with the rim, in the picture's pixels.
        size: Width and height of the picture.

    Returns:
        (h', w') where the face is covered, and where the frame of glasses is (None for no glasses), 0 to 1, at reduced
        size.
    """
    way_back = make_map(rimmed, rimmed[:, 2], LAYOUT * SIZE - 0.5, size, _LAID_SIDE)
    covered = sample(cover.covered, way_back.coordinates)
    if cover.frame is None:
        return covered, None
    return covered, sample(cover.frame.astype(np.float32), way_back.coordinates)
