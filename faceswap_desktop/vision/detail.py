"""Sharpness and grain: makes a face that was laid in as sharp, and as grainy, as the picture around it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.colour import Array, luma

_TILE: Final = 512
_MOST_GRAIN: Final = 20.0
_GRAIN_SHARES: Final = (0.15, 0.9)
_MEASURE_SIDE: Final = 256
"""Sharpness and grain are measured on no more than this many pixels along a side."""
_WIDE: Final = (0.5, 0.25)
"""Sizes at which the blur of moving pictures is looked for."""
_WHOLE_SIDE: Final = 448
"""Larger faces are looked at once more, whole, at this size."""


@dataclass(frozen=True, slots=True)
class DetailMatch:
    """What has to be done to one face so that its detail fits another picture.

    Attributes:
        blur_sigma: Gaussian blur in pixels, 0 for none.
        sharpen: Strength of the unsharp mask, 0 for none.
        sharpen_sigma: Its radius in pixels.
        fine_grain: Standard deviation of noise to add at single pixels, 0 to 255.
        coarse_grain: The same at two to four pixels.
    """

    blur_sigma: float = 0.0
    sharpen: float = 0.0
    sharpen_sigma: float = 1.0
    fine_grain: float = 0.0
    coarse_grain: float = 0.0


def _blurred(image: Array, sigma: float) -> Array:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REFLECT), dtype=np.float32)


def _grain(grey: Array, skin: NDArray[np.bool_]) -> tuple[float, float]:
    """Strength of detail at single pixels and at two to four, in the skin's smoothest parts: grain, not wrinkles."""
    once, twice = _blurred(grey, 0.8), _blurred(grey, 2.0)
    window = (0, 0), 3.0
    found = []
    for band in (grey - once, once - twice):
        local = np.sqrt(cv2.GaussianBlur(band * band, *window))
        found.append(float(np.percentile(local[skin], 15)))
    return found[0], found[1]


def _softness(grey: Array, features: NDArray[np.bool_]) -> float:
    """Share of the detail at edges that is coarse: large in a blurred picture."""
    once, twice = _blurred(grey, 0.9), _blurred(grey, 2.2)
    fine = float(np.percentile(np.abs(grey - once)[features], 85))
    coarse = float(np.percentile(np.abs(once - twice)[features], 85))
    return coarse / max(fine, 0.05)


def _middle(shape: tuple[int, ...], around: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Cut out at most ``_MEASURE_SIDE`` pixels a side around the middle of what is marked."""
    rows, columns = np.flatnonzero(around.any(axis=1)), np.flatnonzero(around.any(axis=0))
    cuts = []
    for marked, length in ((rows, shape[0]), (columns, shape[1])):
        middle = int((marked[0] + marked[-1]) // 2) if len(marked) else length // 2
        start = max(0, min(middle - _MEASURE_SIDE // 2, length - _MEASURE_SIDE))
        cuts.append(slice(start, min(length, start + _MEASURE_SIDE)))
    return cuts[0], cuts[1]


def match_detail(
    target: Array, source: Array, skin: Array, features: Array, magnified: float, *, is_moving: bool = False
) -> DetailMatch:
    """Work out what makes ``source`` as sharp and grainy as ``target``.

    Args:
        target: (h, w, 3) float32, 0 to 255, the picture around.
        source: (h, w, 3) float32, the face that was laid over it.
        skin: (h, w) 0 to 1, where both are skin without features.
        features: (h, w) 0 to 1, eyes, brows and lips.
        magnified: Pixels of the target per pixel of the photo that the source came from.
        is_moving: It is a frame of a video: look for the wide blur of motion and of a lens out of focus too.

    Returns:
        The match; all zero where there is too little skin to tell.
    """
    coarse_blur = _coarse_blur(target, source, features, _WHOLE_SIDE / max(features.shape))
    if is_moving:
        wide = [_coarse_blur(target, source, features, shrink) for shrink in _WIDE]
        coarse_blur = max(
            [coarse_blur, *(blur for blur, shrink in zip(wide, _WIDE, strict=True) if blur * shrink >= 1)]
        )
    cut = _middle(skin.shape, features > 0.5)
    on_skin, on_features = skin[cut] > 0.8, features[cut] > 0.5
    if int(on_skin.sum()) < 60 or int(on_features.sum()) < 30:
        return DetailMatch(coarse_blur)
    grey_target, grey_source = luma(target[cut]), luma(source[cut])
    wanted, given = _softness(grey_target, on_features), _softness(grey_source, on_features)
    blur = max(coarse_blur, _blur_for(grey_source, on_features, wanted) if given < 0.85 * wanted else 0.0)
    softened = _blurred(grey_source, blur) if blur else grey_source
    sharpen, radius = 0.0, 1.0
    if not blur and magnified > 1.15 and given > 1.1 * wanted:
        radius = float(np.clip(0.6 * magnified, 0.8, 2.5))
        sharpen = float(np.clip(1.2 * (given / wanted - 1.0), 0.0, 0.9))
        softened = softened + sharpen * (softened - _blurred(softened, radius))
    fine_target, coarse_target = _grain(grey_target, on_skin)
    fine_source, coarse_source = _grain(softened, on_skin)
    return DetailMatch(
        blur,
        sharpen,
        radius,
        _missing(fine_target, fine_source),
        _missing(coarse_target, coarse_source),
    )


def _coarse_blur(target: Array, source: Array, features: Array, shrink: float) -> float:
    """Find a blur that spreads over more pixels than the fine measure looks at, on smaller pictures."""
    if shrink > 0.8:
        return 0.0
    size = (max(1, round(features.shape[1] * shrink)), max(1, round(features.shape[0] * shrink)))
    small_target, small_source, small_features = (
        np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
        for image in (target, source, features)
    )
    marked = small_features > 0.5
    if int(marked.sum()) < 30:
        return 0.0
    grey = luma(small_source)
    wanted = _softness(luma(small_target), marked)
    return _blur_for(grey, marked, wanted) / shrink if _softness(grey, marked) < 0.85 * wanted else 0.0


def _missing(wanted: float, given: float) -> float:
    """Return how much grain to add. Of little grain much is pores and wrinkles, which noise cannot stand for."""
    share = float(np.clip(_GRAIN_SHARES[0] + 0.08 * (wanted - 4.0), *_GRAIN_SHARES))
    return min(_MOST_GRAIN, share * float(np.sqrt(max(0.0, wanted**2 - given**2))))


def _blur_for(grey: Array, features: NDArray[np.bool_], wanted: float) -> float:
    """Find the blur that makes a picture as soft as wanted, by halving."""
    low, high = 0.0, 4.0
    for _ in range(5):
        middle = (low + high) / 2.0
        if _softness(_blurred(grey, middle), features) < wanted:
            low = middle
        else:
            high = middle
    return low if low >= 0.3 else 0.0


@cache
def _noise() -> tuple[Array, Array]:
    """Two tiles of noise of standard deviation 1, fine and coarse, that join at their borders; always the same."""
    random = np.random.Generator(np.random.PCG64(20240229))
    white = random.standard_normal((_TILE, _TILE)).astype(np.float32)
    tiles = []
    for inner, outer in ((0.0, 0.8), (0.8, 2.0)):
        wide = np.pad(white, 16, mode="wrap")
        sharp = _blurred(wide, inner) if inner else wide
        band = (sharp - _blurred(wide, outer))[16:-16, 16:-16]
        tiles.append(np.asarray(band / band.std(), dtype=np.float32))
    return tiles[0], tiles[1]


def apply_detail(image: Array, match: DetailMatch, origin: tuple[int, int]) -> Array:
    """Do what ``match_detail`` found.

    Args:
        image: (h, w, 3) float32, 0 to 255.
        match: What to do.
        origin: Place of the picture's left top corner in the whole picture, so that grain stays where it is.

    Returns:
        (h, w, 3) float32, not clipped.
    """
    result = image
    if match.blur_sigma:
        result = _blurred(result, match.blur_sigma)
    if match.sharpen:
        soft = _blurred(result, match.sharpen_sigma)
        cv2.addWeighted(result, 1.0 + match.sharpen, soft, -match.sharpen, 0.0, dst=soft)
        result = soft
    if match.fine_grain > 0.2 or match.coarse_grain > 0.2:
        fine, coarse = _noise()
        tile = match.fine_grain * fine + match.coarse_grain * coarse
        left, top = origin[0] % _TILE, origin[1] % _TILE
        height, width = image.shape[:2]
        rows, columns = (np.arange(height) + top) % _TILE, (np.arange(width) + left) % _TILE
        grain = tile.take(rows, axis=0).take(columns, axis=1)
        grains = cv2.merge([grain, grain, grain])
        result = np.asarray(cv2.add(result, grains, dst=grains), dtype=np.float32)
    return np.asarray(result, dtype=np.float32)
