"""Smoothing tracks over time without delay: strong where a face is at rest, weak where it moves or speaks.

Every value is replaced by that of a straight line or a parabola, fitted to the frames before and after it alike, so a
steady motion is followed without lag. Of several fits, wide to narrow, the widest is taken that does not stray from
the next narrower one by more than the noise explains; between them it is blended, so that nothing jumps.
Position, roll and size of a face are smoothed apart from its shape, and the shape point by point, so that a blink or a
word stays quick in a head that is at rest.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision import topology
from faceswap_desktop.vision.arrays import Floats

Array = NDArray[np.float64]

REACH: Final = 16
"""Frames on either side that a smoothed frame depends on."""

_FITS: Final = ((12, 1), (9, 2), (5, 2), (2, 2))
"""Half width in frames and degree of each fit, widest first; behind the last comes what was measured."""
_NOISE_REACH: Final = 6
_TOLERATED: Final = (1.5, 2.5)
"""Multiples of the expected noise: where two fits differ by the first the wider one begins to be left, by the second it
is left wholly."""
_NOISE_FLOOR: Final = 0.0004
"""Of the face's size: less noise than this is not believed."""
_NOISE_CEILING: Final = 0.012
_EVENED: Final = 1
"""Frames on either side over which the deviation is averaged, so that noise alone does not switch."""
_THIRD_DIFFERENCE: Final = float(np.sqrt(20.0) * 0.6745)
"""Median absolute third difference of white noise, in its standard deviations."""
_NEIGHBOUR_ROUNDS: Final = 3


def smoothed(points: Floats) -> Floats:
    """Smooth one face over frames without a gap or a cut between them.

    Args:
        points: float32 (n, 478, 3), as fitted; frames that nobody saw have to be filled in before.

    Returns:
        float32 (n, 478, 3).
    """
    if len(points) < 3:
        return points
    parts = taken_apart(points)
    size = np.abs(parts.turn)
    place = _settled(np.stack([parts.middle.real, parts.middle.imag], axis=1)[:, None], size[:, None])[:, 0]
    angle = _settled(np.unwrap(np.angle(parts.turn))[:, None, None], 1.0)[:, 0, 0]
    growth = _settled(np.log(size)[:, None, None], 1.0)[:, 0, 0]
    still = _settled(parts.shape, 1.0, measured=2, neighbours=neighbours())
    turned = np.exp(growth + 1j * angle)
    return put_together(Parts(place[:, 0] + 1j * place[:, 1], np.asarray(turned, np.complex128), still))


class Parts(NamedTuple):
    """Meshes taken apart into what a head does and what a face does.

    Attributes:
        middle: complex128 (n,): place of the face in pixels, x + iy.
        turn: complex128 (n,): its size in pixels, and its roll, as one factor; never 0.
        shape: float64 (n, 478, 3): the face upright, in sizes of the face.
    """

    middle: NDArray[np.complex128]
    turn: NDArray[np.complex128]
    shape: Array


def taken_apart(points: Floats) -> Parts:
    """Take meshes (n, 478, 3) apart; ``put_together`` undoes it."""
    flat = points[..., 0].astype(np.float64) + 1j * points[..., 1].astype(np.float64)
    middle = flat[:, : topology.SURFACE_COUNT].mean(axis=1)
    canonical = _canonical()
    centred = flat - middle[:, None]
    turn = centred[:, : topology.SURFACE_COUNT] @ canonical.conj() / float((np.abs(canonical) ** 2).sum())
    turn = np.where(np.abs(turn) > 1e-6, turn, 1e-6)
    shape = centred / turn[:, None]
    depth = points[..., 2] / np.abs(turn)[:, None]
    return Parts(middle, turn, np.stack([shape.real, shape.imag, depth], axis=2))


def put_together(parts: Parts) -> Floats:
    """Return the meshes, float32 (n, 478, 3), that were taken apart."""
    shape = parts.shape
    result = parts.middle[:, None] + parts.turn[:, None] * (shape[..., 0] + 1j * shape[..., 1])
    depth = shape[..., 2] * np.abs(parts.turn)[:, None]
    return np.stack([result.real, result.imag, depth], axis=2).astype(np.float32)


def _settled(
    values: Array, size: float | Array, *, measured: int | None = None, neighbours: Floats | None = None
) -> Array:
    """Smooth points over time.

    Args:
        values: (n, p, d).
        size: Of the face in the values' unit; one, or (n, 1).
        measured: Only the first so many of the d tell how far a point strays; the others go along.
        neighbours: (p, p): rows that average what the points around say.
    """
    count = len(values)
    told = values[..., :measured]
    noise = np.clip(_noise(told), _NOISE_FLOOR * size, _NOISE_CEILING * size)
    fits = [*(_operator(count, half, degree) for half, degree in _FITS), np.eye(count)]
    flat = values.reshape(count, -1)
    estimates = [(fit @ flat).reshape(values.shape) for fit in fits[:-1]]
    result = values
    for wider, fit, narrower in reversed(list(zip(estimates, fits, fits[1:], strict=False))):
        beside = (narrower @ told.reshape(count, -1)).reshape(told.shape)
        expected = np.linalg.norm(fit - narrower, axis=1)[:, None] * noise
        strays = ((wider[..., :measured] - beside) ** 2).mean(axis=2) / np.maximum(expected, 1e-12) ** 2
        strays = _evening(count) @ strays
        if neighbours is not None:
            strays = strays @ neighbours.T
        low, high = _TOLERATED
        share = np.clip((np.sqrt(strays) - low) / (high - low), 0.0, 1.0)[..., None]
        share = share * share * (3 - 2 * share)
        result = (1 - share) * wider + share * result
    return np.asarray(result, dtype=np.float64)


def _noise(values: Array) -> Array:
    """Estimate the standard deviation of what trembles from frame to frame, (n, p), around each frame."""
    count = len(values)
    if count < 5:
        return np.zeros(values.shape[:2])
    third = np.abs(np.diff(values, 3, axis=0)).mean(axis=2)
    around = np.empty(values.shape[:2])
    for frame in range(count):
        low = min(max(0, frame - 1 - _NOISE_REACH), max(0, len(third) - 2 * _NOISE_REACH))
        around[frame] = np.median(third[low : low + 2 * _NOISE_REACH], axis=0)
    # A mean of absolute values over two coordinates lies close to the median of one.
    return np.asarray(around / _THIRD_DIFFERENCE, dtype=np.float64)


@lru_cache(64)
def _operator(count: int, half: int, degree: int) -> Array:
    """Return (count, count): each row fits a polynomial to the frames around one, near ones counting more."""
    rows = np.zeros((count, count))
    for frame in range(count):
        low, high = max(0, frame - half), min(count, frame + half + 1)
        away = np.arange(low, high) - frame
        weights = (1 - np.abs(away / (half + 1)) ** 3) ** 3
        powers = np.stack([away.astype(np.float64) ** power for power in range(min(degree, len(away) - 1) + 1)])
        weighted = powers * weights
        rows[frame, low:high] = np.linalg.solve(weighted @ powers.T, weighted)[0]
    return rows


@lru_cache(64)
def _evening(count: int) -> Array:
    away = np.abs(np.arange(count)[:, None] - np.arange(count)[None])
    near = (away <= _EVENED).astype(np.float64)
    return np.asarray(near / near.sum(axis=1, keepdims=True), dtype=np.float64)


@cache
def _canonical() -> NDArray[np.complex128]:
    """The face that looks straight ahead, centred: of the 468 points, about as large as 1."""
    places = topology.UV.astype(np.float64) @ np.array([1.0, 1.0j])
    centred = places - places.mean()
    return np.asarray(centred / np.ptp(centred.real), dtype=np.complex128)


@cache
def neighbours() -> Floats:
    """Return (478, 478): rows that average a point with those around it, a few steps far."""
    count = topology.POINT_COUNT
    near = np.eye(count)
    for corners in topology.TRIANGLES:
        near[np.ix_(corners, corners)] = 1.0
    for start, outline in ((topology.RIGHT_IRIS, "right_eye"), (topology.LEFT_IRIS, "left_eye")):
        near[start : start + 5, start : start + 5] = 1.0
        near[np.ix_(np.arange(start, start + 5), topology.CONTOURS[outline])] = 0.2
    near /= near.sum(axis=1, keepdims=True)
    return np.asarray(np.linalg.matrix_power(near, _NEIGHBOUR_ROUNDS), dtype=np.float32)
