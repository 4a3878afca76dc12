"""Changes a face's skin: folds, hollows and colour of an older one, or those of a younger one taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from faceswap_desktop.vision.colour import Array, luma
from faceswap_desktop.vision.layout import fill_region
from faceswap_desktop.vision.reage.creases import BLOTCH, DEEP, FINE, SHADE, draw_creases
from faceswap_desktop.vision.reage.surface import Surface

_DARK: Final = 8.0
"""Added before taking logarithms, so that noise in the dark counts for little."""
_POINTS: Final = (0.0045, 0.014, 0.045)
"""Sigmas, in widths of the face, between which folds lie; what is finer is pores and grain and stays as it is."""
_MOST_FOLD: Final = 0.35
"""What is stronger is no fold that wants to be deepened, or taken away: an edge, a shadow, a frame of glasses."""
_MOST_TAKEN: Final = 0.6
_GRAIN: Final = 0.018
_SHARP: Final = 0.75
"""Share of the finest detail in a picture that is as sharp as its pixels."""
_SOFTEST: Final = 1.6
_BROWS: Final = 0.35
"""How far brows turn grey: less than the hair does."""
_RED: Final[Array] = np.array([0.90, 1.03, 1.08], dtype=np.float32)
"""How strongly a fold darkens red, green and blue: light in a fold comes through skin."""


@dataclass(frozen=True, slots=True, eq=False)
class Folds:
    """The face's own folds as logarithms of brightness against what is around, at the region's size.

    Attributes:
        narrow: (h, w) lines.
        broad: (h, w) folds and bags.
        softness: How much softer the picture is than its pixels could show, in octaves.
    """

    narrow: Array
    broad: Array
    softness: float


def find_folds(surface: Surface, softness: float | None = None) -> Folds:
    """Measure a face's own folds; ``softness`` from other frames, None to measure it here."""
    grey = np.log(luma(surface.pixels.astype(np.float32)) + np.float32(_DARK))
    once, twice = (_blurred(grey, share * surface.width) for share in _POINTS[:2])
    narrow, broad = once - twice, twice - _blurred(grey, _POINTS[2] * surface.width)
    return Folds(_cored(narrow), broad, _softness(grey, surface) if softness is None else softness)


def _cored(values: Array) -> Array:
    """Leave out what is as weak as grain and the blocks of a codec."""
    square = values * values
    return np.asarray(values * (square / (square + np.float32(_GRAIN**2))), dtype=np.float32)


def _softness(grey: Array, surface: Surface) -> float:
    """Compare the finest detail of the whole face with the next finer: in a soft picture there is little of it."""
    face = surface.full(surface.face)
    once, twice = _blurred(grey, 0.8), _blurred(grey, 1.8)
    fine = float((np.abs(grey - once) * face).sum())
    next_fine = float((np.abs(once - twice) * face).sum())
    return float(np.clip(np.log2(_SHARP * (next_fine + 1e-6) / (fine + 1e-6)), 0.0, _SOFTEST))


def _blurred(image: Array, sigma: float) -> Array:
    """Blur; wide blurs on a smaller copy."""
    sigma = max(sigma, 0.4)
    factor = int(sigma // 4.0)
    if factor < 2:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), dtype=np.float32)
    height, width = image.shape[:2]
    size = (max(2, round(width / factor)), max(2, round(height / factor)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), sigma / factor, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def _limited(values: Array, dark: float, light: float, most: float) -> Array:
    """Weigh dark and light sides of folds, and leave out what is too strong to be a fold."""
    soft = values * np.exp(-((values / np.float32(most)) ** 2))
    return np.asarray(np.where(soft < 0, np.float32(dark) * soft, np.float32(light) * soft), dtype=np.float32)


def older_skin(surface: Surface, folds: Folds, share: float) -> Array:
    """Return the region with older skin, (h, w, 3) float32, not clipped.

    Args:
        surface: The face.
        folds: From ``find_folds``.
        share: 0 (as it is) to 1 (thirty years).
    """
    pixels = surface.pixels.astype(np.float32)
    bare = surface.full(surface.skin)
    maps = draw_creases(surface.full_where(), surface.width, folds.softness)
    # Lines come first, hollows later, spots last.
    change = np.float32(share) * (
        _limited(folds.narrow, 1.5, 0.9, _MOST_FOLD) + _limited(folds.broad, 1.0, 0.25, _MOST_FOLD)
    )
    change += np.float32(share) * maps[..., DEEP] + np.float32(share**0.8) * maps[..., FINE]
    change += np.float32(share) * maps[..., SHADE]
    change += np.float32(0.028 * share**1.3) * maps[..., BLOTCH]
    change *= bare
    result = pixels * np.exp(change[..., None] * _through_skin(surface))
    return _coloured(result, bare, surface, share, maps[..., BLOTCH])


def _through_skin(surface: Surface) -> Array:
    return np.asarray(1.0 + (_RED - 1.0) * np.float32(surface.vivid), dtype=np.float32)


def _coloured(result: Array, bare: Array, surface: Surface, share: float, blotch: Array) -> Array:
    """Make skin paler and uneven, lips paler still, and brows a little grey."""
    lips = _part(surface, "lips", 0.012) * np.float32(0.36 * share)
    brows = _part(surface, "brows", 0.008) * np.float32(_BROWS * share)
    grey = luma(result)
    # Skin loses some of its red and keeps its yellow.
    paler = np.float32(0.14 * share) * bare
    redness = np.float32(0.02 * share * surface.vivid) * bare * blotch
    for axis, (tint, red) in enumerate(((0.0, -1.0), (0.0, 0.6), (-0.02, 0.6))):
        own = result[..., axis]
        own += brows * (np.float32(1.2) * grey - own)
        own += (paler + lips) * (grey * np.float32(1.0 + tint * surface.vivid) - own)
        own *= 1.0 + np.float32(red) * redness + np.float32(0.25) * lips
    return result


def younger_skin(surface: Surface, folds: Folds, share: float) -> Array:
    """Return the region with younger skin, (h, w, 3) float32, not clipped.

    Args:
        surface: The face.
        folds: From ``find_folds``.
        share: 0 (as it is) to 1 (thirty years).
    """
    pixels = surface.pixels.astype(np.float32)
    bare = surface.full(surface.skin)
    shade = draw_creases(surface.full_where(), surface.width)[..., SHADE]
    amount = np.float32(min(1.0, 1.15 * share))
    change = -amount * (_limited(folds.narrow, 0.85, 0.5, _MOST_TAKEN) + _limited(folds.broad, 0.85, 0.35, _MOST_TAKEN))
    change -= np.float32(0.55 * share) * np.minimum(shade, 0.0)
    change *= bare
    result = np.asarray(pixels * np.exp(change[..., None] * _through_skin(surface)), dtype=np.float32)
    # Patches of colour are evened out, the skin's colour as a whole gets a little warmer.
    grey = luma(result)
    wide = _blurred(result - grey[..., None], 0.035 * surface.width)
    evenly = np.float32(0.5) * amount * bare
    lips = _part(surface, "lips", 0.012) * np.float32(0.16 * share)
    for axis in range(3):
        hue = result[..., axis] - grey
        hue += evenly * (wide[..., axis] - hue)
        hue *= 1.0 + np.float32(0.05 * share) * bare + lips
        result[..., axis] = grey + hue
    return _bright_eyes(result, surface, share)


def _bright_eyes(result: Array, surface: Surface, share: float) -> Array:
    """Make the whites of the eyes whiter, and the eyes a little clearer."""
    eyes = _part(surface, "eyes", 0.006)
    grey = luma(result)
    total = float(eyes.sum())
    if total < 4.0:
        return result
    middle = float((grey * eyes).sum()) / total
    bright = np.clip((grey - middle) / 60.0, -0.5, 1.0) * eyes * np.float32(0.10 * share)
    white = np.clip((grey - middle) / 40.0, 0.0, 1.0) * eyes * np.float32(0.25 * share)
    for axis in range(3):
        own = result[..., axis]
        own += white * (grey - own)
        own *= 1.0 + bright
    return result


def _part(surface: Surface, name: str, soft: float) -> Array:
    """Draw a part of the face at the region's size, softly, 0 to 1; lips without the mouth between them."""
    points = surface.small_points()
    shape = (surface.skin.shape[0], surface.skin.shape[1])
    drawn = fill_region(shape, points, name)
    if name == "lips":
        drawn &= ~fill_region(shape, points, "mouth")
    sigma = max(0.6, soft * surface.width * surface.scale)
    mask = cv2.GaussianBlur(drawn.astype(np.float32) / 255.0, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return surface.full(np.asarray(mask, dtype=np.float32))
