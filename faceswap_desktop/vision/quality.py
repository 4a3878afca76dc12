"""What can be measured of a photo's face: size, sharpness, light, glasses, what is cut off, an open mouth."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians
from typing import Final, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision import topology
from faceswap_desktop.vision.arrays import Floats, Picture
from faceswap_desktop.vision.crop import cut, square_to_crop, transformed
from faceswap_desktop.vision.detect import Detection
from faceswap_desktop.vision.mesh import Mesh, five_points_of
from faceswap_desktop.vision.pose import Pose

CHIP_EYES_PX: Final = 48.0
"""Pixels between the eyes in the chip that sharpness, light and glasses are read from."""
_CHIP_SIDE: Final = 3.4
"""Side of the chip against the distance of the eyes: brows to chin with room for temples."""

_CHEEK: Final = (50, 101, 118, 117, 123, 147, 187, 205)
"""Points around the subject's right cheek, in order."""
_DARK_FLOOR: Final = 0.002
"""Light, 0 to 1, under which a cheek is taken for black; keeps the ratio of two black cheeks near 1."""
_INNER_EYE_CORNERS: Final = (133, 362)
_BRIDGE_SPAN: Final = (-0.3, 0.4)
"""From where to where a frame's bridge is looked for, in distances of the eyes below their inner corners."""
_BRIDGE_STEPS: Final = 29
_BRIDGE_HALF_WIDTH: Final = 0.1
_BAR_HALF: Final = 5
"""Steps from a bar's middle to clear skin; a bridge is up to a quarter of the eyes' distance high."""
_BRIDGE_MIN_EYES_PX: Final = 18.0
"""Under that a bridge is less than two pixels high."""
_LIPS_INNER_TOP: Final = 13
_LIPS_INNER_BOTTOM: Final = 14


@dataclass(frozen=True, slots=True, eq=False)
class Chip:
    """The upright face, shrunk to one size; a face smaller than that keeps its own size.

    Attributes:
        pixels: uint8 (side, side, 3), RGB.
        points: float32 (478, 2) in pixels of the chip.
        face: bool (side, side), inside the face's outline and inside the picture.
        eyes_px: Distance of the eyes in the chip.
    """

    pixels: Picture
    points: Floats
    face: NDArray[np.bool_]
    eyes_px: float


@dataclass(frozen=True, slots=True)
class Light:
    """How a face is lit.

    Attributes:
        unevenness: Light on the brighter cheek divided by that on the darker, 1 or more.
        highlight: Level, 0 to 255, that the brightest tenth of the face reaches.
        blown_share: Share of the face that is burnt out, 0 to 1.
    """

    unevenness: float
    highlight: float
    blown_share: float


def eye_distance(mesh: Mesh, pose: Pose) -> float:
    """Return the distance of the eyes in pixels as if the head looked straight ahead."""
    five = five_points_of(mesh)
    foreshortened = float(np.hypot(*(five[1] - five[0])))
    return foreshortened / max(cos(radians(pose.yaw_degrees)), 0.5)


def eye_distance_of(detection: Detection) -> float:
    """Return the distance of the detector's eyes in pixels, for want of a mesh."""
    return float(np.hypot(*(detection.five_points[1] - detection.five_points[0])))


def chip(image: Picture, mesh: Mesh, pose: Pose) -> Chip:
    """Cut the face out upright."""
    eyes = max(eye_distance(mesh, pose), 1.0)
    chip_eyes = min(eyes, CHIP_EYES_PX)
    side = eyes * _CHIP_SIDE
    size = max(8, round(chip_eyes * _CHIP_SIDE))
    oval = mesh.points[topology.CONTOURS["face_oval"], :2]
    center = (oval.min(axis=0) + oval.max(axis=0)) / 2
    matrix = square_to_crop((float(center[0]), float(center[1])), side, radians(pose.roll_degrees), size)
    points = transformed(mesh.points[:, :2], matrix)
    face = _filled(points[topology.CONTOURS["face_oval"]], size)
    height, width = image.shape[:2]
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    face &= _filled(transformed(frame, matrix), size)
    return Chip(cut(image, matrix, size), points, face, chip_eyes)


def sharpness(chip: Chip) -> float:
    """Return how much of the chip's fine detail a further blur takes away, 0 (already blurred) to 1.

    It compares a picture with a blurred copy of itself, so contrast and skin colour do not count
    (after Crete et al., "The blur effect", 2007, with a Gaussian in place of the box).
    """
    grey = cv2.cvtColor(chip.pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    # A first slight blur, so that noise and JPEG blocks are not taken for detail.
    softened = cv2.GaussianBlur(grey, (0, 0), 0.7)
    blurred = cv2.GaussianBlur(softened, (0, 0), 1.5)
    inside = cv2.erode(chip.face.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)[1:, 1:]
    total, lost = 0.0, 0.0
    for axis in (0, 1):
        before = np.abs(np.diff(softened, axis=axis))[: inside.shape[0], : inside.shape[1]][inside]
        after = np.abs(np.diff(blurred, axis=axis))[: inside.shape[0], : inside.shape[1]][inside]
        total += float(before.sum())
        lost += float((before - after).clip(0).sum())
    return lost / total if total else 0.0


def light(chip: Chip) -> Light:
    """Measure how the face is lit."""
    size = chip.pixels.shape[0]
    luma = cv2.cvtColor(chip.pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    linear = (luma / np.float32(255)) ** np.float32(2.2)
    sides = []
    for indices in (list(_CHEEK), topology.mirrored_indices()[list(_CHEEK)].tolist()):
        region = _filled(chip.points[indices], size) & chip.face
        sides.append(float(np.median(linear[region])) if region.any() else float("nan"))
    # A cheek beyond the picture's edge says nothing.
    darker, brighter = (1.0, 1.0) if np.isnan(sides).any() else sorted(sides)
    seen = luma[chip.face] if chip.face.any() else luma.ravel()
    return Light(
        unevenness=(brighter + _DARK_FLOOR) / (darker + _DARK_FLOOR),
        highlight=float(np.percentile(seen, 90)),
        blown_share=float((seen >= 248).mean()),
    )


def bridge_contrast(chip: Chip) -> float:
    """Return how much a bar across the bridge of the nose stands out, as a distance in 8-bit Lab; 0 for none.

    Skin there is smooth, while the bridge of glasses differs from the skin above it and from that below.
    """
    if chip.eyes_px < _BRIDGE_MIN_EYES_PX:
        return 0.0
    lab = cv2.GaussianBlur(cv2.cvtColor(chip.pixels, cv2.COLOR_RGB2LAB).astype(np.float32), (0, 0), 0.7)
    left, right = chip.points[list(_INNER_EYE_CORNERS)]
    across = (right - left) / max(float(np.hypot(*(right - left))), 1e-6)
    down = np.array([-across[1], across[0]], np.float32)
    steps = np.linspace(*_BRIDGE_SPAN, _BRIDGE_STEPS, dtype=np.float32) * np.float32(chip.eyes_px)
    sides = np.linspace(-_BRIDGE_HALF_WIDTH, _BRIDGE_HALF_WIDTH, 9, dtype=np.float32) * np.float32(chip.eyes_px)
    places = (left + right) / 2 + steps[:, None, None] * down + sides[None, :, None] * across - np.float32(0.5)
    rows = cv2.remap(lab, places[..., 0].copy(), places[..., 1].copy(), cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)
    profile = np.median(rows, axis=1)
    middle = profile[_BAR_HALF:-_BAR_HALF]
    above = np.linalg.norm(middle - profile[: -2 * _BAR_HALF], axis=1)
    below = np.linalg.norm(middle - profile[2 * _BAR_HALF :], axis=1)
    return float(np.minimum(above, below).max())


def cut_share(image: Picture, mesh: Mesh) -> float:
    """Return the share of the mesh's area that lies beyond the picture's edge, 0 to 1."""
    height, width = image.shape[:2]
    corners = mesh.points[topology.TRIANGLES, :2].astype(np.float64)
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    areas = np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])
    middle = corners.mean(axis=1)
    outside = (middle < 0).any(axis=1) | (middle[:, 0] > width) | (middle[:, 1] > height)
    return float(areas[outside].sum() / max(float(areas.sum()), 1e-9))


def mouth_opening(mesh: Mesh, eyes_px: float) -> float:
    """Return the gap between the lips divided by the distance of the eyes."""
    gap = mesh.points[_LIPS_INNER_BOTTOM] - mesh.points[_LIPS_INNER_TOP]
    return float(np.hypot(gap[0], gap[1])) / max(eyes_px, 1e-6)


def _filled(polygon: Floats, size: int) -> NDArray[np.bool_]:
    """Rasterise a polygon (n, 2) into (size, size)."""
    raster = np.zeros((size, size), np.uint8)
    cv2.fillPoly(raster, [np.round(polygon.clip(-1e4, 1e4)).astype(np.int32)], 1)
    return cast("NDArray[np.bool_]", raster.astype(bool))
