"""The plane in which a face's texture is kept: the mesh laid flat, with the mouth open and a rim around the face.

The published UV map has the lips closed to a slit and the face touching the border. Here the mouth is opened, so
that teeth have a place, the map is made exactly symmetric, so that one half can stand in for the other, and 36
points are added around the outline, so that colours go on beyond the face when pictures are blended.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision import topology

Array = NDArray[np.float32]
Bytes = NDArray[np.uint8]

MESH_POINTS: Final = 468
RIM_GROWTH: Final = 0.14
"""How far the rim lies outside the outline, as a share of the distance from the face's middle."""
MARGIN: Final = 0.075
"""Free border of the plane, as a share of its side."""
MOUTH_GAP: Final = 0.08
"""Height of the opened mouth in the plane, as a share of its side, before the margin."""
MIDDLE_GAIN: Final = 2.0
"""Angle in radians that the plane's width stands for: the middle is drawn larger, the sides narrower."""

OVAL: Final[NDArray[np.intp]] = np.asarray(topology.CONTOURS["face_oval"], dtype=np.intp)
INNER_LIPS: Final[NDArray[np.intp]] = np.asarray(topology.CONTOURS["lips_inner"], dtype=np.intp)
OUTER_LIPS: Final[NDArray[np.intp]] = np.asarray(topology.CONTOURS["lips_outer"], dtype=np.intp)
RIGHT_EYE: Final[NDArray[np.intp]] = np.asarray(topology.CONTOURS["right_eye"], dtype=np.intp)
LEFT_EYE: Final[NDArray[np.intp]] = np.asarray(topology.CONTOURS["left_eye"], dtype=np.intp)

# Closed polygons of mesh points, the subject's right side first; the left side follows by symmetry.
_RIGHT_CHEEK: Final = (117, 118, 101, 36, 205, 187, 147, 123)
_NOSE: Final = (198, 134, 51, 5, 281, 363, 420, 456, 195, 236)
_CHIN: Final = (182, 83, 18, 313, 406, 418, 262, 428, 199, 208, 32, 194)
_RIGHT_BROW: Final = (70, 63, 105, 66, 107, 55, 65, 52, 53, 46)
_RIGHT_SOCKET: Final = (70, 63, 105, 66, 107, 9, 8, 168, 6, 197, 196, 174, 126, 101, 117, 111, 143, 156)
_FOREHEAD: Final = (68, 104, 69, 108, 151, 337, 299, 333, 298, 301, 293, 334, 296, 336, 9, 107, 66, 105, 63, 71)
_NOSTRILS: Final = (98, 64, 219, 44, 1, 274, 439, 294, 327, 326, 2, 97)


def _mirror_of(points: NDArray[np.float64]) -> NDArray[np.intp]:
    flipped = points * (-1.0, 1.0) + (1.0, 0.0)
    distance = np.linalg.norm(flipped[:, None] - points[None], axis=2)
    return np.asarray(distance.argmin(axis=1), dtype=np.intp)


MIRROR: Final[NDArray[np.intp]] = _mirror_of(np.asarray(topology.UV, dtype=np.float64))
"""For each of the 468 points the one on the other side of the face."""


def _mirrored(loop: tuple[int, ...]) -> NDArray[np.intp]:
    return MIRROR[np.asarray(loop, dtype=np.intp)]


REGIONS: Final[dict[str, tuple[NDArray[np.intp], ...]]] = {
    "cheeks": (np.asarray(_RIGHT_CHEEK, dtype=np.intp), _mirrored(_RIGHT_CHEEK)),
    "nose": (np.asarray(_NOSE, dtype=np.intp),),
    "chin": (np.asarray(_CHIN, dtype=np.intp),),
    "forehead": (np.asarray(_FOREHEAD, dtype=np.intp),),
    "brows": (np.asarray(_RIGHT_BROW, dtype=np.intp), _mirrored(_RIGHT_BROW)),
    "sockets": (np.asarray(_RIGHT_SOCKET, dtype=np.intp), _mirrored(_RIGHT_SOCKET)),
    "eyes": (RIGHT_EYE, LEFT_EYE),
    "lips": (OUTER_LIPS,),
    "mouth": (INNER_LIPS,),
    "nostrils": (np.asarray(_NOSTRILS, dtype=np.intp),),
    "oval": (OVAL,),
}
"""Named parts of the face, each one or two closed loops of mesh points."""


def with_rim(points: NDArray[np.floating]) -> Array:
    """Add the 36 points of the rim to the 468 of the mesh.

    Args:
        points: (468 or more, 2 or 3); points past the mesh (irises) are dropped.

    Returns:
        (504, same) float32.
    """
    mesh = np.asarray(points[:MESH_POINTS], dtype=np.float32)
    outline = mesh[OVAL]
    return np.concatenate([mesh, outline + RIM_GROWTH * (outline - outline.mean(axis=0))]).astype(np.float32)


def _open_mouth(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    corner_right, corner_left = plane[78], plane[308]
    middle, half = (corner_right[0] + corner_left[0]) / 2, (corner_left[0] - corner_right[0]) / 2
    line = (corner_right[1] + corner_left[1]) / 2
    chin = plane[152, 1]
    start = int(np.flatnonzero(INNER_LIPS == 78)[0])
    stop = int(np.flatnonzero(INNER_LIPS == 308)[0])
    lower_inner = set(INNER_LIPS[start : stop + 1].tolist())
    opened = plane.copy()
    for index in range(MESH_POINTS):
        x, y = plane[index]
        below = index in lower_inner or (y > line + 0.003)
        across = abs(x - middle) / half
        if below and across < 1.0 and y < chin:
            opened[index, 1] += MOUTH_GAP * (1.0 - across**2) * (chin - y) / (chin - line)
    return opened


def _give_room(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    """Draw eyes and lips larger, where the detail is, at the cost of temples and forehead."""
    x = 0.5 + 0.5 * np.sin(MIDDLE_GAIN * (plane[:, 0] - 0.5)) / np.sin(MIDDLE_GAIN / 2)
    steps = np.linspace(0.0, 1.0, 1001)
    eyes, lips = plane[[33, 263], 1].mean(), plane[[61, 291], 1].mean()
    density = 1.0 + 0.6 * np.exp(-(((steps - eyes) / 0.05) ** 2)) + 1.2 * np.exp(-(((steps - lips) / 0.045) ** 2))
    total = np.cumsum(density)
    return np.stack([x, np.interp(plane[:, 1], steps, total / total[-1])], axis=1)


def _layout() -> Array:
    plane = np.asarray(topology.UV, dtype=np.float64)[:MESH_POINTS]
    plane = (plane + plane[MIRROR] * (-1.0, 1.0) + (1.0, 0.0)) / 2.0
    plane = _open_mouth(_give_room(plane))
    plane[:, 1] -= (plane[:, 1].max() + plane[:, 1].min()) / 2 - 0.5
    span = 1.0 - 2.0 * MARGIN
    return with_rim((plane - 0.5) * span / (plane[:, 0].max() - plane[:, 0].min()) + 0.5)


LAYOUT: Final[Array] = _layout()
"""(504, 2) place of each point in the plane, 0 to 1, symmetric about x = 0.5."""


def _triangles() -> NDArray[np.int32]:
    loop = INNER_LIPS.tolist()
    start, stop = loop.index(78), loop.index(308)
    lower = loop[start : stop + 1]
    upper = [78, *reversed(loop[stop + 1 :]), 308]
    mouth = []
    for (upper_a, upper_b), (lower_a, lower_b) in zip(pairwise(upper), pairwise(lower), strict=True):
        mouth += [t for t in ((upper_a, upper_b, lower_b), (upper_a, lower_b, lower_a)) if len(set(t)) == 3]
    rim = []
    for position, point in enumerate(OVAL.tolist()):
        after = (position + 1) % len(OVAL)
        outer, outer_after = MESH_POINTS + position, MESH_POINTS + after
        rim += [(point, outer, outer_after), (point, outer_after, int(OVAL[after]))]
    return np.concatenate(
        [np.asarray(topology.TRIANGLES, dtype=np.int32), np.asarray(mouth + rim, dtype=np.int32)]
    ).astype(np.int32)


TRIANGLES: Final[NDArray[np.int32]] = _triangles()
"""(970, 3) indices into 504 points: the mesh, then the mouth's inside, then the rim."""


def fill_region(shape: tuple[int, int], points: NDArray[np.floating], *names: str) -> Bytes:
    """Draw named parts of the face.

    Args:
        shape: Height and width of the picture to draw.
        points: (468 or more, 2 or 3) mesh points in that picture's pixels.
        names: Keys of ``REGIONS``.

    Returns:
        (height, width) uint8, 255 inside, smooth at the edge to an eighth of a pixel's place.
    """
    drawn = np.zeros(shape, dtype=np.uint8)
    for name in names:
        for loop in REGIONS[name]:
            fixed = np.rint(np.asarray(points)[loop, :2] * 8.0).astype(np.int32)
            cv2.fillPoly(drawn, [fixed], 255, lineType=cv2.LINE_AA, shift=3)
    return drawn


@cache
def plane_region(size: int, *names: str) -> Bytes:
    """Draw named parts of the face in the plane.

    Args:
        size: Side of the plane in texels.
        names: Keys of ``REGIONS``.

    Returns:
        (size, size) uint8, 255 inside. Read-only, shared between callers.
    """
    drawn = fill_region((size, size), LAYOUT * size - 0.5, *names)
    drawn.setflags(write=False)
    return drawn
