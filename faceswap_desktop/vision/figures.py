"""Measures a swap: identity, expression, colour, seam. None of the four says anything alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.colour import luma
from faceswap_desktop.vision.detect import detect
from faceswap_desktop.vision.embed import embed
from faceswap_desktop.vision.layout import LEFT_EYE, MESH_POINTS, OVAL, RIGHT_EYE, fill_region
from faceswap_desktop.vision.mesh import Mesh, fit_mesh
from faceswap_desktop.vision.topology import FIVE_POINTS

Bytes = NDArray[np.uint8]

_BAND: Final = 0.05


@dataclass(frozen=True, slots=True)
class SwapFigures:
    """What was measured on one swapped face.

    Attributes:
        identity: SFace cosine of the result with the source, -1 to 1; more is better.
        left_over: The same with the target; less is better.
        landmarks: Mean distance of the result's 468 landmarks from the target's, as a share of the eye distance.
        colour: Distance (CIE76) of the mean Lab of cheeks and chin from the target's.
        seam: Mean gradient along the face's outline against the target's; above 1 something was added.
    """

    identity: float
    left_over: float
    landmarks: float
    colour: float
    seam: float


def _fit(image: Bytes, near: NDArray[np.floating]) -> tuple[Mesh, NDArray[np.float32]]:
    """Find the face whose middle is nearest to a place; return its mesh and its embedding."""
    found = detect(image)
    if not found:
        raise ValueError("no face found in the picture that is to be measured")
    middles = np.stack([(face.box[:2] + face.box[2:]) / 2.0 for face in found])
    nearest = found[int(np.linalg.norm(middles - near, axis=1).argmin())]
    mesh = fit_mesh(image, nearest)
    if mesh is None:
        raise ValueError("no landmarks found in the picture that is to be measured")
    # Aligned by the mesh: the detector's five points wander by several pixels when a face changes a little,
    # and the cosine with them.
    five = np.stack([mesh.points[part, :2].mean(axis=0) for part in FIVE_POINTS]).astype(np.float32)
    return mesh, embed(image, five)


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
    found, identity = _fit(result, own[:, :2].mean(axis=0))
    _, of_target = _fit(target, own[:, :2].mean(axis=0))
    _, of_source = _fit(source, source_mesh.points[:MESH_POINTS, :2].mean(axis=0))
    apart = np.linalg.norm(found.points[:MESH_POINTS, :2] - own[:, :2], axis=1)
    return SwapFigures(
        identity=float(identity @ of_source),
        left_over=float(identity @ of_target),
        landmarks=float(apart.mean()) / _eye_distance(own),
        colour=float(np.linalg.norm(_mean_lab(result, own) - _mean_lab(target, own))),
        seam=_outline_gradient(result, own) / max(_outline_gradient(target, own), 1e-6),
    )
