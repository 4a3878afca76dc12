"""Which way a head faces, read from its mesh."""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, atan2, degrees
from typing import Final

import numpy as np

from faceswap_desktop.vision.mesh import Mesh
from faceswap_desktop.vision.topology import SURFACE_COUNT, UV, mirrored_indices

_FOREHEAD: Final = 10
_CHIN: Final = 152
_TINY: Final = 1e-9


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
    """Read the pose from the mesh's own axes; its depths are in the scale of the picture (weak perspective).

    The axis across the head is the mean over all pairs of mirrored points, so that a grin or a raised brow on
    one side hardly counts; the axis down the head runs from forehead to chin. The head is thought to nod
    first, then to turn, then to lean.
    """
    points = mesh.points[:SURFACE_COUNT].astype(np.float64)
    left = np.flatnonzero(UV[:, 0] < np.float32(0.5))
    across = (points[mirrored_indices()[left]] - points[left]).sum(axis=0)
    across /= float(np.linalg.norm(across)) + _TINY
    down = points[_CHIN] - points[_FOREHEAD]
    down -= across * float(down @ across)
    down /= float(np.linalg.norm(down)) + _TINY
    into_depth = float(across[0] * down[1] - across[1] * down[0])
    return Pose(
        yaw_degrees=degrees(asin(float(np.clip(across[2], -1.0, 1.0)))),
        pitch_degrees=-degrees(atan2(float(down[2]), into_depth)),
        roll_degrees=degrees(atan2(float(across[1]), float(across[0]))),
    )
