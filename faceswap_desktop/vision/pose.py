"""Which way a head faces, read from its mesh."""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, atan2, degrees
from typing import Final

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.mesh import Mesh
from faceswap_desktop.vision.topology import SURFACE_COUNT, UV, mirrored_indices

_FOREHEAD: Final = 10
_CHIN: Final = 152
_TINY: Final = 1e-9
_LEVEL_PITCH_DEGREES: Final = -8.0
"""Pitch of the mesh's forehead-to-chin axis in a face that looks straight ahead (-10.5 and -6.3 in the samples)."""

_RIGID: Final[dict[int, tuple[float, float, float]]] = {
    33: (-0.73, -0.01, 0.04),
    133: (-0.27, 0.01, -0.04),
    109: (-0.32, -0.79, -0.16),
    127: (-1.13, 0.16, 0.83),
    234: (-1.12, 0.38, 0.89),
    93: (-1.10, 0.60, 0.88),
    132: (-1.07, 0.83, 0.82),
    98: (-0.32, 0.62, -0.32),
    10: (0.0, -0.80, -0.19),
    168: (0.0, -0.09, -0.31),
    6: (0.0, 0.02, -0.39),
    197: (0.0, 0.12, -0.48),
    195: (0.0, 0.22, -0.58),
    5: (0.0, 0.32, -0.68),
    4: (0.0, 0.46, -0.73),
    1: (0.0, 0.57, -0.71),
    2: (0.0, 0.67, -0.46),
}
"""Where points that no expression moves lie in a head that looks straight ahead: right, down and away from the
camera, in distances of the eyes. Measured: the mean of the sample photos' meshes, made symmetrical. Only the
subject's right half and the middle; the left half is its mirror."""


@dataclass(frozen=True, slots=True)
class Pose:
    """Turn of the head against a face that looks straight into the camera.

    Attributes:
        yaw_degrees: Positive when the face looks to the right of the picture.
        pitch_degrees: Positive when the face looks up.
        roll_degrees: Positive when the head leans clockwise in the picture.
    """

    yaw_degrees: float
    pitch_degrees: float
    roll_degrees: float


def head_pose(mesh: Mesh) -> Pose:
    """Read the pose of a head; it is thought to nod first, then to turn, then to lean.

    The yaw is that of the rigid head whose points fall on those of the mesh (weak perspective, the mesh's depths
    not used): in faces turned by 45 degrees it is 10 short on average, the mesh's own depths 18. The pitch comes
    from the mesh's own axis down the head, which is 2 degrees off.
    """
    points = mesh.points[:SURFACE_COUNT].astype(np.float64)
    left = np.flatnonzero(UV[:, 0] < np.float32(0.5))
    across = _unit((points[mirrored_indices()[left]] - points[left]).sum(axis=0))
    down = points[_CHIN] - points[_FOREHEAD]
    down = _unit(down - across * float(down @ across))
    into_depth = float(across[0] * down[1] - across[1] * down[0])
    return Pose(
        yaw_degrees=degrees(asin(float(np.clip(_rigid_yaw_sine(points), -1.0, 1.0)))),
        pitch_degrees=-degrees(atan2(float(down[2]), into_depth)) - _LEVEL_PITCH_DEGREES,
        roll_degrees=degrees(atan2(float(across[1]), float(across[0]))),
    )


def _rigid_yaw_sine(points: NDArray[np.float64]) -> float:
    """Fit the rigid head to x and y of the mesh; return how far its axis across points away from the camera."""
    indices, head = _rigid_head()
    seen = points[indices, :2] - points[indices, :2].mean(axis=0)
    # The best linear map from the head to the picture, and of that the nearest turn: two rows of a rotation.
    mapping = np.linalg.lstsq(head, seen, rcond=None)[0].T
    u, _, v = np.linalg.svd(mapping, full_matrices=False)
    turn = u @ v
    return float(turn[0, 1] * turn[1, 2] - turn[0, 2] * turn[1, 1])


def _rigid_head() -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    right = np.array(list(_RIGID), np.int32)
    places = np.array(list(_RIGID.values()), np.float64)
    is_paired = places[:, 0] < 0.0
    indices = np.concatenate([right, mirrored_indices()[right[is_paired]]])
    head = np.concatenate([places, places[is_paired] * np.array([-1.0, 1.0, 1.0])])
    return indices, head - head.mean(axis=0)


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    return vector / (float(np.linalg.norm(vector)) + _TINY)
