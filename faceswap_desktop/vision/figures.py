"""Measures a swap: identity, expression, colour, seam. None of the four says anything alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.arrays import Floats
from faceswap_desktop.vision.colour import luma
from faceswap_desktop.vision.detect import detect
from faceswap_desktop.vision.embed import embed
from faceswap_desktop.vision.layout import LEFT_EYE, MESH_POINTS, OVAL, RIGHT_EYE, fill_region
from faceswap_desktop.vision.mesh import Mesh, fit_mesh, five_points_of

Bytes = NDArray[np.uint8]

_BAND: Final = 0.05


@dataclass(frozen=True, slots=True)
class SwapFigures:
    """What was measured on one swapped face.

    Attributes:
        identity_by_mesh: SFace cosine of the result with the source, -1 to 1, both aligned by their meshes; more is
            better.
        identity_by_detector: The same, both aligned by the detector's five points, as is usual.
        left_over: As ``identity_by_mesh``, with the target; less is better.
        landmarks: Mean distance of the result's 468 landmarks from the target's, as a share of the eye distance.
        colour: Distance (CIE76) of the mean Lab of cheeks and chin from the target's.
        seam: Mean gradient along the face's outline against the target's; above 1 something was added.
    """

    identity_by_mesh: float
    identity_by_detector: float
    left_over: float
    landmarks: float
    colour: float
    seam: float

    @property
    def identity(self) -> float:
        """The smaller of both: the detector's points wander by pixels when a face changes a little."""
        return min(self.identity_by_mesh, self.identity_by_detector)


class _Found(NamedTuple):
    mesh: Mesh
    by_mesh: Floats
    by_detector: Floats


def _fit(image: Bytes, near: NDArray[np.floating]) -> _Found:
    """Find the face whose middle is nearest to a place; return its mesh and its embedding by both alignments."""
    found = detect(image)
    if not found:
        raise ValueError("no face found in the picture that is to be measured")
    middles = np.stack([(face.box[:2] + face.box[2:]) / 2.0 for face in found])
    nearest = found[int(np.linalg.norm(middles - near, axis=1).argmin())]
    mesh = fit_mesh(image, nearest)
    if mesh is None:
        raise ValueError("no landmarks found in the picture that is to be measured")
    return _Found(mesh, embed(image, five_points_of(mesh)), embed(image, nearest.five_points))


def _eye_distance(points: NDArray[np.floating]) -> float:
    return float(np.linalg.norm(points[RIGHT_EYE, :2].mean(axis=0) - points[LEFT_EYE, :2].mean(axis=0)))


def _mean_lab(image: Bytes, points: NDArray[np.floating]) -> NDArray[np.float64]:
    region = fill_region(image.shape[:2], points - np.float32(0.5), "cheeks", "chin") > 127
    lab = cv2.cvtColor(image.astype(np.float32) / 255.0, cv2.COLOR_RGB2LAB)
    return np.asarray(lab[region].mean(axis=0), dtype=np.float64)


def _outline_gradient(image: Bytes, points: NDArray[np.floating]) -> float:
    width = float(np.linalg.norm(points[454, :2] - points[234, :2]))
    band = np.zeros(image.shape[:2], dtype=np.uint8)
    outline = np.rint((points[OVAL, :2] - 0.5) * 8.0).astype(np.int32)
    cv2.polylines(band, [outline], True, 255, max(2, round(2.0 * _BAND * width)), shift=3)
    grey = luma(image.astype(np.float32))
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    return float(np.hypot(across, down)[band > 0].mean())


def measure(result: Bytes, target: Bytes, target_mesh: Mesh, source: Bytes, source_mesh: Mesh) -> SwapFigures:
    """Measure one swapped face.

    Args:
        result: The finished picture, uint8 RGB, without loss.
        target: The picture before.
        target_mesh: The target's mesh in it.
        source: A photo of the source.
        source_mesh: The source's mesh in that photo.

    Raises:
        ValueError: A picture of another size, or no face is found again.
    """
    if result.shape != target.shape:
        raise ValueError("result and target differ in size")
    own = target_mesh.points[:MESH_POINTS]
    of_result, of_target = (_fit(picture, own[:, :2].mean(axis=0)) for picture in (result, target))
    of_source = _fit(source, source_mesh.points[:MESH_POINTS, :2].mean(axis=0))
    apart = np.linalg.norm(of_result.mesh.points[:MESH_POINTS, :2] - own[:, :2], axis=1)
    return SwapFigures(
        identity_by_mesh=float(of_result.by_mesh @ of_source.by_mesh),
        identity_by_detector=float(of_result.by_detector @ of_source.by_detector),
        left_over=float(of_result.by_mesh @ of_target.by_mesh),
        landmarks=float(apart.mean()) / _eye_distance(own),
        colour=float(np.linalg.norm(_mean_lab(result, own) - _mean_lab(target, own))),
        seam=_outline_gradient(result, own) / max(_outline_gradient(target, own), 1e-6),
    )
