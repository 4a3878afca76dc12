"""The face mesh's fixed parts: which points make triangles, where they lie in the texture, what they outline.

"Left" and "right" in names of this module are the subject's own, as in the topology file: the subject's
right eye is at the left of a picture that is not mirrored.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.checkpoints import read_verified

POINT_COUNT: Final = 478
"""Points of a fitted mesh: 468 of the surface, then 5 per iris (centre first), the subject's right one first."""
SURFACE_COUNT: Final = 468

_data: dict[str, Any] = json.loads(read_verified("face_mesh_topology.json"))


def _indices(values: list[int]) -> NDArray[np.int32]:
    array = np.asarray(values, dtype=np.int32)
    array.flags.writeable = False
    return array


TRIANGLES: Final[NDArray[np.int32]] = _indices(_data["triangles"])
"""(880, 3) indices into the surface points."""

UV: Final[NDArray[np.float32]] = np.asarray(_data["uv"], dtype=np.float32)
"""(468, 2) places in the texture, 0 to 1, v growing downwards."""
UV.flags.writeable = False

REFINEMENT: Final[dict[str, NDArray[np.int32]]] = {
    name: _indices(values) for name, values in _data["refinement"].items()
}
"""Surface points that the lips (80) and eyes (71 each) outputs of the network overwrite, by output name.

Here, and only here, ``left_eye`` means the network's own name: the eye at the left of the picture.
"""

CONTOURS: Final[dict[str, NDArray[np.int32]]] = {name: _indices(values) for name, values in _data["contours"].items()}
"""Closed outlines: face_oval, lips_outer, lips_inner, right_eye, left_eye; brows: right_brow, left_brow."""

FIVE_POINTS: Final[tuple[NDArray[np.int32], ...]] = tuple(
    _indices(_data["five_points"][name]) for name in ("right_eye", "left_eye", "nose_tip", "right_mouth", "left_mouth")
)
"""Surface points whose means are the five points, in the order as seen in the picture: left eye, right eye, …"""

RIGHT_IRIS: Final = 468
"""Centre of the subject's right iris (left in the picture)."""
LEFT_IRIS: Final = 473
"""Centre of the subject's left iris (right in the picture)."""


@cache
def mirrored_indices() -> NDArray[np.int32]:
    """Return for each of the 478 points the index of its mirror twin (468 from the symmetry of the texture)."""
    flipped = np.column_stack([1 - UV[:, 0], UV[:, 1]])
    distance = ((flipped[:, None, :] - UV[None, :, :]) ** 2).sum(axis=2)
    surface = distance.argmin(axis=1).astype(np.int32)
    # An iris runs centre, right, top, left, bottom of the picture, so its sides change places in the mirror.
    order = np.array([0, 3, 2, 1, 4], np.int32)
    return np.concatenate([surface, LEFT_IRIS + order, RIGHT_IRIS + order]).astype(np.int32)
