"""What a tracked face looks like in one frame: pose, sharpness, light, size, and the colours of its regions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision import topology
from faceswap_desktop.vision.arrays import Floats, Picture
from faceswap_desktop.vision.mesh import Mesh
from faceswap_desktop.vision.pose import head_pose
from faceswap_desktop.vision.quality import chip, cut_share, eye_distance, light, sharpness

Bytes = NDArray[np.uint8]

_GRID: Final = 6
_LEAST_POINTS: Final = 3
_SMALL_SIDE: Final = 48
"""Side of the copy from which the regions' colours are read."""
_GREY_SIDE: Final = 24
_SHARP_FULL: Final = 0.5
"""Sharpness of ``quality.sharpness`` above which a face gains nothing."""
_SIZE_FULL: Final = 90.0
"""Distance of the eyes in pixels above which a face gains nothing."""
_DARK_LEVEL: Final = 60.0
"""Level of the brightest tenth of a face under which it is dark; it is in good light from twice that."""


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """One face in one frame.

    Attributes:
        yaw_degrees, pitch_degrees, roll_degrees: See ``pose.Pose``.
        eyes_px: Distance of the eyes in pixels, as if the head looked straight ahead.
        sharpness: 0 (blurred) to 1; a sharp photo has 0.4 to 0.6.
        light: Level, 0 to 255, that the brightest tenth of the face reaches.
        cut: Share of the face beyond the picture's edge, 0 to 1.
        colours: uint8 (regions, 3), RGB: mean colour of each region of the face (``region_count``).
        grey: float32 (24, 24): the face upright, brightness and contrast taken out, for comparing with the next frame.
    """

    yaw_degrees: float
    pitch_degrees: float
    roll_degrees: float
    eyes_px: float
    sharpness: float
    light: float
    cut: float
    colours: Bytes
    grey: Floats

    @property
    def quality(self) -> float:
        """How good a picture of the face this is, 0 to 1: large, sharp, lit, frontal, whole."""
        return picture_quality(self.eyes_px, self.sharpness, self.light, self.yaw_degrees, self.pitch_degrees, self.cut)


def picture_quality(
    eyes_px: float, sharp: float, level: float, yaw_degrees: float, pitch_degrees: float, cut: float
) -> float:
    """Return how good a picture of a face is, 0 to 1; see ``Looks`` for the arguments."""
    turned = np.hypot(yaw_degrees, 0.7 * pitch_degrees) / 60.0
    return float(
        min(1.0, eyes_px / _SIZE_FULL) ** 0.5
        * min(1.0, max(sharp, 0.02) / _SHARP_FULL)
        * np.clip((level - _DARK_LEVEL / 3) / _DARK_LEVEL, 0.05, 1.0)
        * max(0.05, 1.0 - turned**2)
        * max(0.05, 1.0 - 2.0 * cut)
    )


def look_at(image: Picture, mesh: Mesh) -> Looks:
    """Measure a face.

    Args:
        image: uint8 (height, width, 3), RGB, upright.
        mesh: The face in it.
    """
    pose = head_pose(mesh)
    face = chip(image, mesh, pose)
    small = cv2.resize(face.pixels, (_SMALL_SIDE, _SMALL_SIDE), interpolation=cv2.INTER_AREA)
    scale = _SMALL_SIDE / face.pixels.shape[0]
    places = np.floor(face.points[: topology.SURFACE_COUNT] * scale).astype(np.int32).clip(0, _SMALL_SIDE - 1)
    colours = _region_weights() @ small[places[:, 1], places[:, 0]].astype(np.float32)
    grey = cv2.cvtColor(cv2.resize(small, (_GREY_SIDE, _GREY_SIDE), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    return Looks(
        yaw_degrees=pose.yaw_degrees,
        pitch_degrees=pose.pitch_degrees,
        roll_degrees=pose.roll_degrees,
        eyes_px=eye_distance(mesh, pose),
        sharpness=sharpness(face),
        light=light(face).highlight,
        cut=cut_share(image, mesh),
        colours=np.rint(colours).astype(np.uint8),
        grey=_normalised(np.asarray(grey, np.float32)),
    )


def likeness(one: Floats, other: Floats) -> float:
    """Return the correlation, -1 to 1, of two ``Looks.grey``: neighbouring frames of one face have 0.9 and more."""
    return float((one * other).mean())


def region_count() -> int:
    """Return how many regions ``Looks.colours`` has."""
    return len(_region_weights())


@cache
def region_areas() -> Floats:
    """Return the share of the face that each region takes, (regions,), together 1."""
    areas = np.bincount(_region_of_points(), weights=_point_areas(), minlength=_GRID * _GRID)[_kept_regions()]
    return np.asarray(areas / areas.sum(), dtype=np.float32)


@cache
def region_places() -> Floats:
    """Return where each region lies in the texture, (regions, 2), 0 to 1."""
    return np.asarray(_region_weights() @ topology.UV, dtype=np.float32)


def _normalised(grey: Floats) -> Floats:
    # A vignette: in the corners there is background.
    centred = (grey - grey.mean()) * _window()
    centred -= centred.mean()
    return np.asarray(centred / max(float(centred.std()), 1e-3), dtype=np.float32)


@cache
def _window() -> Floats:
    ramp = np.hanning(_GREY_SIDE + 2)[1:-1] ** 0.5
    return np.asarray(np.outer(ramp, ramp), dtype=np.float32)


@cache
def _region_of_points() -> NDArray[np.int64]:
    cells = np.minimum((topology.UV * _GRID).astype(np.int64), _GRID - 1)
    return np.asarray(cells[:, 1] * _GRID + cells[:, 0], dtype=np.int64)


@cache
def _kept_regions() -> NDArray[np.int64]:
    return np.flatnonzero(np.bincount(_region_of_points(), minlength=_GRID * _GRID) >= _LEAST_POINTS)


@cache
def _point_areas() -> NDArray[np.float64]:
    corners = topology.UV[topology.TRIANGLES].astype(np.float64)
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    areas = np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]) / 2
    shared = np.repeat(areas / 3, 3)
    return np.asarray(
        np.bincount(topology.TRIANGLES.ravel(), weights=shared, minlength=topology.SURFACE_COUNT), dtype=np.float64
    )


@cache
def _region_weights() -> Floats:
    """Return (regions, 468): what each point of the surface adds to a region's colour."""
    weights = np.zeros((_GRID * _GRID, topology.SURFACE_COUNT), np.float32)
    weights[_region_of_points(), np.arange(topology.SURFACE_COUNT)] = _point_areas() + 1e-9
    kept = weights[_kept_regions()]
    return np.asarray(kept / kept.sum(axis=1, keepdims=True), dtype=np.float32)
