"""Cutting a rotated, scaled square out of a picture, and fitting the similarity that says which."""

from __future__ import annotations

from math import ceil, floor, hypot

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.arrays import Floats, Picture

Matrix = NDArray[np.float64]
"""(2, 3): maps points (x, y, 1) of one picture onto another."""


def square_to_crop(center: tuple[float, float], side: float, roll_radians: float, size: int) -> Matrix:
    """Return the matrix that maps picture points into a crop of ``size`` pixels.

    Args:
        center: Middle of the square, in pixels of the picture.
        side: Side of the square, in pixels of the picture; above 0.
        roll_radians: Direction of the square's upper edge, 0 to the right, growing clockwise (y is down).
        size: Side of the crop in pixels.
    """
    scale = size / side
    cos, sin = np.cos(roll_radians) * scale, np.sin(roll_radians) * scale
    x, y = center
    return np.array([[cos, sin, size / 2 - cos * x - sin * y], [-sin, cos, size / 2 + sin * x - cos * y]])


def similarity(points: Floats, template: Floats) -> Matrix:
    """Return the rotation, uniform scale and shift that maps ``points`` (n, 2) best onto ``template`` (n, 2).

    Least squares without reflection (Umeyama 1991), in the closed form for two dimensions. Points that
    all coincide give a matrix that scales by zero.
    """
    source, target = points.astype(np.float64), template.astype(np.float64)
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    source, target = source - source_mean, target - target_mean
    spread = float((source**2).sum())
    if spread == 0.0:
        return np.array([[0.0, 0.0, target_mean[0]], [0.0, 0.0, target_mean[1]]])
    a = float((source * target).sum()) / spread
    b = float((source[:, 0] * target[:, 1] - source[:, 1] * target[:, 0]).sum()) / spread
    linear = np.array([[a, -b], [b, a]])
    return np.column_stack([linear, target_mean - linear @ source_mean])


def inverted(matrix: Matrix) -> Matrix:
    """Return the matrix that maps back.

    Raises:
        numpy.linalg.LinAlgError: The matrix scales by zero.
    """
    linear = np.linalg.inv(matrix[:, :2])
    return np.column_stack([linear, -linear @ matrix[:, 2]])


def transformed(points: Floats, matrix: Matrix) -> Floats:
    """Map points (n, 2)."""
    return (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)


def cut(image: Picture, matrix: Matrix, size: int) -> Picture:
    """Return the crop (size, size, 3) that ``matrix`` (picture to crop) describes.

    What lies outside the picture repeats its edge. Where a crop has less than half the pixels of
    its part of the picture, that is averaged first: sampling alone would alias.

    Raises:
        numpy.linalg.LinAlgError: The matrix scales by zero.
    """
    height, width = image.shape[:2]
    corners = transformed(np.array([[0, 0], [size, 0], [size, size], [0, size]], np.float32), inverted(matrix))
    # Two pixels more than the square, so that its own edge is sampled from real neighbours.
    left, top = (max(0, floor(value) - 2) for value in corners.min(axis=0).clip(-1e7, 1e7))
    right, bottom = corners.max(axis=0).clip(-1e7, 1e7) + 2
    left, top = min(left, width - 1), min(top, height - 1)
    right, bottom = max(left + 1, min(width, ceil(right))), max(top + 1, min(height, ceil(bottom)))
    part = image[top:bottom, left:right]
    to_crop = matrix.copy()
    to_crop[:, 2] += matrix[:, :2] @ np.array([left, top])
    step = int(1.0 / hypot(matrix[0, 0], matrix[1, 0]))
    if step > 1:
        part = _averaged(part, step)
        to_crop[:, :2] *= step
    # OpenCV counts from the middle of the first pixel, everything here from its corner.
    to_crop[:, 2] += to_crop[:, :2] @ np.array([0.5, 0.5]) - 0.5
    result: Picture = cv2.warpAffine(
        part, to_crop, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.uint8, copy=False)
    return result


def _averaged(part: Picture, step: int) -> Picture:
    """Average squares of ``step`` pixels; whole steps take OpenCV a tenth of the time of fractions.

    A rest of less than a step at the right and the bottom is left out, unless there is nothing else.
    """
    height, width = part.shape[:2]
    columns, rows = max(1, width // step), max(1, height // step)
    whole = part[: rows * step, : columns * step]
    return cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
