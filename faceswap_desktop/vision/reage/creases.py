"""The wrinkles that an older face is given, drawn once in the plane of ``layout`` and anchored to the mesh by it.

They were placed by anatomy: lines lie across the pull of the muscles beneath. Left and right differ a little, as in
every face, always in the same way. Nothing here comes from a photo.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.colour import Array
from faceswap_desktop.vision.warp import sample

SIDE: Final = 512
"""Side of the finest map in texels."""
DEEP, FINE, SHADE, BLOTCH = range(4)
"""Channels: folds, fine lines and pores, broad hollows and bags, uneven colour."""

_GRID: Final = 1024.0
"""The places below are thousandths of the plane, nearly: 1024 across and down."""
_SMALLEST: Final = 32
_SEED: Final = 19560101

Line = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class _Crease:
    """A line on the subject's right half of the plane (or across the middle), and how it is drawn.

    Attributes:
        line: Places in the plane, 0 to 1024, joined by a smooth curve.
        width: Of its dark core, in the same measure.
        depth: How dark, as a natural logarithm of brightness at 30 years.
        swell: How light the skin beside it is, as a share of the depth; on the right of the way it is drawn if above
            0, else on the left.
        channel: ``DEEP`` or ``FINE``.
    """

    line: Line
    width: float
    depth: float
    swell: float = 0.35
    channel: int = DEEP


_ONE_SIDED: Final = (
    # From the wing of the nose around the mouth, and on from its corner down to the chin.
    _Crease(((408, 492), (384, 522), (362, 562), (348, 606), (343, 646), (348, 680)), 7.0, 0.50, 0.55),
    _Crease(((384, 672), (374, 702), (370, 738), (372, 772), (384, 800)), 6.0, 0.36, 0.45),
    # Bags: the fold under the lower lid, and the trough from the inner corner across the cheek.
    _Crease(((428, 392), (404, 408), (372, 418), (336, 418), (300, 408), (270, 392)), 5.0, 0.30, 0.50),
    _Crease(((440, 402), (424, 424), (394, 444), (356, 454), (312, 448), (270, 428)), 9.0, 0.26, -0.35),
    # Crow's feet.
    _Crease(((250, 348), (224, 336), (196, 318), (172, 296)), 3.4, 0.24, 0.35, FINE),
    _Crease(((246, 358), (216, 354), (184, 346), (156, 334)), 3.6, 0.28, 0.35, FINE),
    _Crease(((246, 368), (218, 376), (190, 382), (160, 384)), 3.6, 0.28, 0.35, FINE),
    _Crease(((252, 378), (228, 396), (206, 412), (180, 424)), 3.4, 0.24, 0.35, FINE),
    _Crease(((266, 394), (246, 420), (226, 446), (206, 466)), 3.2, 0.16, 0.35, FINE),
    # Fine lines on the lower lid.
    _Crease(((408, 396), (372, 402), (330, 402), (294, 394)), 2.6, 0.12, 0.3, FINE),
    _Crease(((396, 428), (360, 434), (318, 430), (286, 420)), 2.6, 0.12, 0.3, FINE),
    _Crease(((380, 438), (346, 468), (306, 474)), 2.6, 0.08, 0.3, FINE),
    # The lid's outer end sinks.
    _Crease(((296, 330), (268, 334), (244, 346), (226, 362)), 4.5, 0.24, 0.35),
    # Between the brows.
    _Crease(((478, 232), (484, 250), (486, 270), (480, 292)), 4.0, 0.30, 0.35),
    # Beside the first fold, on the cheek.
    _Crease(((330, 520), (304, 566), (292, 618), (294, 668)), 4.0, 0.15, 0.4, FINE),
    _Crease(((292, 544), (264, 598), (254, 650), (262, 700)), 4.0, 0.12, 0.4, FINE),
    _Crease(((330, 690), (324, 724), (330, 760)), 4.0, 0.14, 0.4, FINE),
    # Above the jowl.
    _Crease(((352, 812), (330, 782), (300, 764), (262, 742)), 8.0, 0.20, 0.4),
    # Around the lips.
    _Crease(((498, 592), (496, 610), (497, 628)), 2.6, 0.14, 0.3, FINE),
    _Crease(((478, 594), (474, 612), (474, 632)), 2.6, 0.18, 0.3, FINE),
    _Crease(((458, 596), (452, 616), (450, 636)), 2.6, 0.20, 0.3, FINE),
    _Crease(((438, 602), (430, 622), (426, 642)), 2.6, 0.18, 0.3, FINE),
    _Crease(((418, 614), (410, 632), (406, 648)), 2.6, 0.16, 0.3, FINE),
    _Crease(((486, 766), (484, 780), (486, 794)), 2.6, 0.10, 0.3, FINE),
    _Crease(((462, 764), (456, 778), (456, 790)), 2.6, 0.12, 0.3, FINE),
    _Crease(((438, 756), (428, 770), (424, 784)), 2.6, 0.12, 0.3, FINE),
)
_ACROSS: Final = (
    # Forehead, wavy as the muscle's two halves are; broken, as none runs all the way.
    _Crease(
        ((316, 182), (360, 172), (412, 170), (462, 177), (512, 182), (566, 176), (624, 170), (690, 180)), 4.2, 0.30
    ),
    _Crease(
        ((302, 208), (352, 196), (410, 194), (464, 202), (516, 206), (568, 201), (628, 195), (706, 206)), 4.6, 0.36
    ),
    _Crease(((330, 228), (380, 217), (428, 218), (470, 226)), 4.0, 0.26),
    _Crease(((556, 228), (604, 218), (650, 218), (700, 230)), 4.0, 0.24),
    _Crease(((372, 152), (430, 146), (486, 152)), 3.6, 0.18),
    _Crease(((540, 154), (600, 147), (660, 154)), 3.6, 0.16),
    # Across the root of the nose.
    _Crease(((478, 312), (498, 318), (526, 319), (548, 313)), 3.6, 0.20),
    _Crease(((486, 334), (512, 338), (540, 334)), 3.0, 0.12, 0.35, FINE),
    # Under the lower lip.
    _Crease(((440, 786), (476, 800), (512, 804), (550, 800), (586, 786)), 9.0, 0.20, 0.3),
)
_SHADES: Final = (
    # Middle, reach across and down, and how dark: hollow temples and cheeks, shade under the eyes, bags, jowls.
    ((190, 292), (34, 46), -0.12),
    ((268, 588), (46, 84), -0.13),
    ((352, 432), (70, 20), -0.13),
    ((432, 388), (22, 22), -0.16),
    ((350, 398), (58, 10), 0.06),
    ((318, 512), (44, 36), 0.05),
    ((300, 716), (38, 34), 0.06),
    ((322, 800), (40, 22), -0.12),
    ((404, 700), (20, 40), -0.07),
    ((246, 326), (34, 22), -0.08),
    ((452, 620), (26, 26), -0.04),
)


def _curve(line: Line, step: float) -> NDArray[np.float64]:
    """Draw a smooth curve through places (Catmull-Rom), a point every ``step``."""
    places = np.asarray(line, dtype=np.float64)
    padded = np.concatenate([2 * places[:1] - places[1:2], places, 2 * places[-1:] - places[-2:-1]])
    points = []
    for number in range(len(places) - 1):
        before, start, end, after = padded[number : number + 4]
        count = max(2, round(float(np.linalg.norm(end - start)) / step))
        for share in np.arange(count) / count:
            points.append(
                0.5
                * (
                    2 * start
                    + (end - before) * share
                    + (2 * before - 5 * start + 4 * end - after) * share**2
                    + (3 * start - before - 3 * end + after) * share**3
                )
            )
    return np.asarray([*points, places[-1]])


def _draw(
    maps: Array, crease: _Crease, points: NDArray[np.float64], strength: float, swell: float, uneven: Array
) -> None:
    """Add one line: a dark core that thins out at both ends, with lighter skin beside it."""
    unit = SIDE / _GRID
    points = points * unit - 0.5
    width = crease.width * unit
    room = int(np.ceil(6.0 * width)) + 2
    left, top = np.maximum(np.floor(points.min(axis=0)).astype(int) - room, 0)
    right, bottom = np.minimum(np.ceil(points.max(axis=0)).astype(int) + room, SIDE)
    x, y = np.meshgrid(np.arange(left, right, dtype=np.float32), np.arange(top, bottom, dtype=np.float32))
    apart = np.stack([x, y], axis=2)[:, :, None, :] - points.astype(np.float32)
    far = (apart * apart).sum(axis=3)
    nearest = far.argmin(axis=2)
    distance = np.sqrt(np.take_along_axis(far, nearest[..., None], axis=2)[..., 0])
    direction = np.gradient(points, axis=0).astype(np.float32)
    direction /= np.linalg.norm(direction, axis=1, keepdims=True) + 1e-6
    offset = np.take_along_axis(apart, nearest[..., None, None], axis=2)[:, :, 0]
    along = direction[nearest]
    signed = distance * np.sign(along[..., 0] * offset[..., 1] - along[..., 1] * offset[..., 0])
    place = nearest / max(len(points) - 1, 1)
    taper = np.sin(np.pi * np.clip(place * 0.92 + 0.04, 0.0, 1.0)) ** 0.7
    # A sharp line in a soft shade: the skin bends towards a fold before it breaks.
    core = -0.55 * np.exp(-((distance / (width * (0.45 + 0.55 * taper))) ** 2))
    core -= 0.45 * np.exp(-((distance / (2.2 * width)) ** 2))
    side = np.sign(swell) * signed
    bright = abs(swell) * np.exp(-(((side - 2.4 * width) / (1.7 * width)) ** 2))
    other = 0.4 * abs(swell) * np.exp(-(((side + 2.4 * width) / (1.7 * width)) ** 2))
    drawn = strength * taper * uneven[nearest] * (core + bright + other)
    maps[top:bottom, left:right, crease.channel] += drawn.astype(np.float32)


def _uneven(random: np.random.Generator, count: int) -> Array:
    """Strengths along a line: no wrinkle is equally deep all along."""
    knots = random.uniform(0.55, 1.2, max(3, count // 12))
    return np.interp(np.linspace(0, len(knots) - 1, count), np.arange(len(knots)), knots).astype(np.float32)


def _noise(random: np.random.Generator, cells: int) -> Array:
    """Smooth noise with mean 0 and standard deviation 1."""
    grid = random.standard_normal((cells, cells)).astype(np.float32)
    wide: NDArray[Any] = cv2.resize(grid, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    return np.asarray((wide - wide.mean()) / wide.std(), dtype=np.float32)


def _blotches(random: np.random.Generator) -> Array:
    """Uneven colour: broad patches, and a few spots of age on temples, cheeks and forehead."""
    patches = 0.6 * _noise(random, 14) + 0.4 * _noise(random, 34)
    spots = np.zeros((SIDE, SIDE), dtype=np.float32)
    areas = ((200, 300, 40, 40), (810, 330, 40, 50), (250, 520, 50, 60), (770, 540, 60, 60), (430, 180, 120, 22))
    for x, y, wide, high in areas:
        for _ in range(4):
            middle = np.array([x, y]) + random.uniform(-1.0, 1.0, 2) * (wide, high)
            size = random.uniform(3.0, 7.0) * np.array([1.0, random.uniform(0.7, 1.2)])
            place = tuple(round(float(value) * SIDE / _GRID * 16) for value in middle)
            axes = tuple(max(16, round(float(value) * SIDE / _GRID * 16)) for value in size)
            cv2.ellipse(spots, place, axes, random.uniform(0, 180), 0, 360, random.uniform(0.8, 2.0), -1, shift=4)
    return np.asarray(0.5 * patches - cv2.GaussianBlur(spots, (0, 0), 1.3), dtype=np.float32)


def _finest() -> Array:
    random = np.random.Generator(np.random.PCG64(_SEED))
    maps = np.zeros((SIDE, SIDE, 4), dtype=np.float32)
    for crease in _ONE_SIDED:
        points = _curve(crease.line, 3.0)
        for is_left in (False, True):
            shift = random.normal(0.0, 0.35 * crease.width, 2)
            bend = random.normal(0.0, 0.5 * crease.width) * np.sin(np.linspace(0.0, np.pi, len(points)))
            placed = points + shift + np.stack([bend, 0.6 * bend], axis=1)
            strength = crease.depth * random.uniform(0.8, 1.15)
            if is_left:
                placed = placed * (-1.0, 1.0) + (_GRID, 0.0)
            swell = -crease.swell if is_left else crease.swell
            _draw(maps, crease, placed, strength, swell, _uneven(random, len(points)))
    for crease in _ACROSS:
        points = _curve(crease.line, 3.0)
        wave = np.cumsum(random.normal(0.0, 0.5, len(points)))
        points[:, 1] += wave - np.linspace(wave[0], wave[-1], len(wave))
        _draw(
            maps, crease, points, crease.depth * random.uniform(0.85, 1.1), crease.swell, _uneven(random, len(points))
        )
    maps[..., FINE] += 0.012 * (_noise(random, 230) + _noise(random, 140))
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) * np.float32(_GRID / SIDE)
    for (middle_x, middle_y), (wide, high), depth in _SHADES:
        for centre in (middle_x, _GRID - middle_x):
            bump = np.exp(-0.5 * (((x - centre) / wide) ** 2 + ((y - middle_y) / high) ** 2))
            maps[..., SHADE] += depth * random.uniform(0.9, 1.1) * bump
    maps[..., BLOTCH] = _blotches(random)
    return maps


@cache
def _pyramid() -> tuple[Array, ...]:
    levels = [_finest()]
    while levels[-1].shape[0] > _SMALLEST:
        side = levels[-1].shape[0] // 2
        smaller = cv2.resize(levels[-1], (side, side), interpolation=cv2.INTER_AREA)
        levels.append(np.asarray(smaller, dtype=np.float32))
    for level in levels:
        level.setflags(write=False)
    return tuple(levels)


def draw_creases(where: Array, face_width: float, softness: float = 0.0) -> Array:
    """Lay the maps on a face.

    Args:
        where: (h, w, 2) place of each pixel in the plane, 0 to 1.
        face_width: In the pixels of ``where``.
        softness: How much softer than its pixels the picture is, in octaves: lines must not be sharper than the rest.

    Returns:
        (h, w, 4) float32, one channel each for ``DEEP``, ``FINE``, ``SHADE`` (natural logarithms of brightness at 30
        years) and ``BLOTCH`` (about -2 to 2). Small faces get smoother maps, going over without a step as they grow.
    """
    levels = _pyramid()
    # The face fills three quarters of the plane.
    fineness = float(np.clip(np.log2(0.75 * SIDE / max(face_width, 1.0)) + softness, 0.0, len(levels) - 1.001))
    below = int(fineness)
    share = np.float32(fineness - below)
    result = _sampled(levels[below], where)
    if share > 0.0:
        result += share * (_sampled(levels[below + 1], where) - result)
    return result


def _sampled(level: Array, where: Array) -> Array:
    return sample(level, np.asarray(where * np.float32(level.shape[0]) - np.float32(0.5), dtype=np.float32))
