"""Fitting the face mesh: 468 points of the surface and 10 of the irises, in two passes."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, pi, remainder
from typing import Any, Final, NamedTuple, cast

import numpy as np
from onnxruntime.capi.onnxruntime_pybind11_state import InvalidArgument

from faceswap_desktop.vision import topology
from faceswap_desktop.vision.arrays import Floats, Picture
from faceswap_desktop.vision.checkpoints import session
from faceswap_desktop.vision.crop import Matrix, cut, inverted, square_to_crop, transformed
from faceswap_desktop.vision.detect import Detection

CHECKPOINT: Final = "face_mesh_478"
ROUGH_CHECKPOINT: Final = "face_mesh_468"
MIN_FLAG: Final = 0.5
"""Face flag under which the crop shows no face (the network's publisher uses the same)."""

_CROP: Final = 192
_BOX_MARGIN: Final = 1.45
"""Side of the first square against the longer side of the detector's box."""
_MESH_MARGIN: Final = 1.5
"""Side of the second square against the longer side of the mesh's own rotated bounds."""
_ONE_PASS_HEIGHT: Final = 64.0
"""Pixels of the detector's box under which a second pass made nothing better (1.3 to 7 % of the distance of the
eyes off in both passes), if the first already stood upright."""
_ONE_PASS_LEAN: Final = 0.15
"""Radians."""
_MIN_SIDE: Final = 4.0
"""Pixels; a square below that holds nothing to fit a mesh to."""


_IRISES: Final = ((topology.RIGHT_IRIS, "right_eye"), (topology.LEFT_IRIS, "left_eye"))
_IRIS_OUTPUTS: Final = {"right_eye": "output_left_iris:0", "left_eye": "output_right_iris:0"}
"""The network names sides as seen in the picture, the topology as the subject's own."""


class Square(NamedTuple):
    """Where to look: middle and side in pixels of the picture, and the direction of the upper edge, y down."""

    center: tuple[float, float]
    side: float
    roll_radians: float


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """A fitted face mesh.

    Attributes:
        points: float32 (478, 3): x and y in pixels of the picture, z at the same scale, smaller is nearer.
        flag: How sure the network is that this is a face, 0 to 1.
    """

    points: Floats
    flag: float


def fit_mesh(image: Picture, detection: Detection) -> Mesh | None:
    """Fit the mesh to a detected face of any roll; None if what the box holds is not a face after all.

    Two passes, the second from where the first found the face; one for small faces that stand upright.
    Parts of the face beyond the picture's edge are guessed from the rest.
    """
    left, top, right, bottom = (float(value) for value in detection.box)
    height, roll = max(right - left, bottom - top), _direction(detection.five_points[0], detection.five_points[1])
    square = Square(((left + right) / 2, (top + bottom) / 2), height * _BOX_MARGIN, roll)
    # Where the fine network cannot cope with a box off the mark, the rough one still can.
    fine = _fit(image, square)
    if fine is not None and height < _ONE_PASS_HEIGHT and abs(_lean(fine, roll)) < _ONE_PASS_LEAN:
        return fine
    first = _fit_roughly(image, square) if fine is None else fine
    return None if first is None else fit_mesh_again(image, first)


def fit_mesh_again(image: Picture, mesh: Mesh) -> Mesh | None:
    """Fit the mesh anew from where it was found before (second pass, or the next frame of a video)."""
    return _fit(image, _square_around(mesh))


def five_points_of(mesh: Mesh) -> Floats:
    """Return the five points (5, 2) of a mesh, in the detector's order."""
    means = [mesh.points[indices, :2].mean(axis=0) for indices in topology.FIVE_POINTS]
    return np.stack(means).astype(np.float32)


def _square_around(mesh: Mesh) -> Square:
    """Return the square in which the network wants to see the face next."""
    points = mesh.points[: topology.SURFACE_COUNT, :2]
    five = five_points_of(mesh)
    roll = _direction(five[0], five[1])
    turn = np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
    upright = points @ turn.T
    low, high = upright.min(axis=0), upright.max(axis=0)
    x, y = ((low + high) / 2) @ turn
    return Square((float(x), float(y)), float((high - low).max()) * _MESH_MARGIN, roll)


def _lean(mesh: Mesh, roll_radians: float) -> float:
    """Return by how many radians the eyes of a mesh lean against ``roll_radians``."""
    five = five_points_of(mesh)
    return remainder(_direction(five[0], five[1]) - roll_radians, 2 * pi)


def _direction(left_eye: Floats, right_eye: Floats) -> float:
    """Return the angle in radians at which the line from the left to the right eye runs, y down."""
    return atan2(float(right_eye[1] - left_eye[1]), float(right_eye[0] - left_eye[0]))


def _fit_roughly(image: Picture, square: Square) -> Mesh | None:
    """Fit the surface only; the irises stand where the eyes' outlines have their middle."""
    matrix = _matrix(square)
    if matrix is None:
        return None
    surface, logit = cast("list[Any]", session(ROUGH_CHECKPOINT).run(None, {"input_1": _input(image, matrix)}))
    points = np.empty((topology.POINT_COUNT, 3), np.float32)
    points[: topology.SURFACE_COUNT] = np.asarray(surface, np.float32).reshape(-1, 3)
    for start, outline in _IRISES:
        points[start : start + 5] = points[topology.CONTOURS[outline]].mean(axis=0)
    return _checked(points, logit, matrix)


def _fit(image: Picture, square: Square) -> Mesh | None:
    """Fit the whole mesh."""
    matrix = _matrix(square)
    if matrix is None:
        return None
    network = session(CHECKPOINT)
    names = [output.name for output in network.get_outputs()]
    try:
        values = cast("list[Any]", network.run(names, {"input_1": _input(image, matrix)}))
    except InvalidArgument:
        # The network looks up its own features around the eyes and lips it has found. Where there is no face, or one
        # far off the middle, these may lie outside the crop, and it ends with an index out of range.
        return None
    outputs = {name: np.asarray(value, np.float32).ravel() for name, value in zip(names, values, strict=True)}
    return _checked(_assemble(outputs), outputs["conv_faceflag"], matrix)


def _matrix(square: Square) -> Matrix | None:
    """Return the matrix from the picture into the crop; None where the square has no extent."""
    return square_to_crop(square.center, square.side, square.roll_radians, _CROP) if square.side >= _MIN_SIDE else None


def _input(image: Picture, matrix: Matrix) -> Floats:
    return cut(image, matrix, _CROP).astype(np.float32)[None] / np.float32(255)


def _checked(points: Floats, logit: Floats, matrix: Matrix) -> Mesh | None:
    """Bring points of the crop to the picture, if the network says that there is a face."""
    flag = float(1 / (1 + np.exp(-np.asarray(logit, np.float32).ravel()[0].clip(-30, 30))))
    return Mesh(_to_picture(points, matrix), flag) if flag >= MIN_FLAG else None


def _assemble(outputs: dict[str, Floats]) -> Floats:
    """Put the network's parts together: (478, 3) in pixels of the crop."""
    points = np.empty((topology.POINT_COUNT, 3), np.float32)
    points[: topology.SURFACE_COUNT] = outputs["output_mesh_identity"].reshape(-1, 3)
    parts = {"lips": "output_lips", "left_eye": "output_left_eye:0", "right_eye": "output_right_eye:0"}
    for name, output in parts.items():
        points[topology.REFINEMENT[name], :2] = outputs[output].reshape(-1, 2)
    # The network gives no depth for the irises; that of the eye's own outline stands in for it.
    for start, outline in _IRISES:
        points[start : start + 5, :2] = outputs[_IRIS_OUTPUTS[outline]].reshape(5, 2)
        points[start : start + 5, 2] = points[topology.CONTOURS[outline], 2].mean()
    return points


def _to_picture(points: Floats, matrix: Matrix) -> Floats:
    back = inverted(matrix)
    scale = float(np.hypot(back[0, 0], back[1, 0]))
    placed = transformed(points[:, :2], back)
    return np.column_stack([placed, points[:, 2] * np.float32(scale)]).astype(np.float32)
