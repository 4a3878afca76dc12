"""The result of a cropped or scaled copy, put back into the whole picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.geometry import BoundingBox, Size
from faceswap_desktop.domain.messages import message
from faceswap_desktop.media.colour import Pixels, convert_space
from faceswap_desktop.media.copies import resized
from faceswap_desktop.media.encode import flatten_on_white
from faceswap_desktop.media.picture import Picture

_FEATHER: Final = 0.06
"""Width of the soft border, as a share of a part's shorter side."""
_MOST_SKEW: Final = 0.02
"""By so much the result's proportions may differ from the crop's, beside the rounding to whole pixels."""

_Mask = NDArray[np.float32]


def pasted(whole: Picture, result: Picture, crop: BoundingBox, parts: Sequence[BoundingBox] = ()) -> Pixels:
    """Lay a result over the part of the picture that it was made of, with a soft border.

    Args:
        whole: The original.
        result: What became of the part, in any size; its colours are moved into the original's space.
        crop: Where the part lies, in whole pixels of the original.
        parts: What of it changes, in pixels of the original; empty for all of it.

    Returns:
        uint8 (H, W, 3): the whole picture in its own colour space. Pixels outside are the original's.

    Raises:
        InputRefused: The result has another shape than the part.
    """
    left, top = int(crop.left), int(crop.top)
    size = Size(int(crop.right) - left, int(crop.bottom) - top)
    _check_shape(result.size, size)
    pixels = result.pixels if result.alpha is None else flatten_on_white(result.pixels, result.alpha)
    new = convert_space(pixels, result.icc_profile, whole.icc_profile)
    if result.size != size:
        new = resized(new, size)
    mask = _mask(size, Size(left, top), whole.size, [_moved(part, left, top) for part in parts])
    canvas = whole.pixels.copy()
    place = canvas[top : top + size.height, left : left + size.width]
    blended = place + (new.astype(np.float32) - place) * mask[..., np.newaxis]
    place[...] = np.clip(np.rint(blended), 0, 255).astype(np.uint8)
    return canvas


def _check_shape(result: Size, part: Size) -> None:
    # A copy's sides are whole pixels, so small ones may be skewed a little.
    allowed = _MOST_SKEW + 1.0 / min(*result, *part)
    if abs(result.width * part.height / (result.height * part.width) - 1.0) > allowed:
        raise InputRefused(
            message(
                "The result has another shape ({width} × {height}) than what was sent, so it cannot be put back.",
                width=result.width,
                height=result.height,
            ),
            kind="unreadable",
        )


def _moved(box: BoundingBox, left: int, top: int) -> BoundingBox:
    return BoundingBox(box.left - left, box.top - top, box.right - left, box.bottom - top)


def _mask(size: Size, offset: Size, whole: Size, parts: Sequence[BoundingBox]) -> _Mask:
    """Return how much of each pixel is new, 0 to 1: float32 (H, W). Where the picture ends, no border is needed."""
    mask = np.zeros((size.height, size.width), np.float32)
    for part in parts or (BoundingBox(0, 0, *size),):
        box = part.clipped(size)
        left, top, right, bottom = (round(side) for side in (box.left, box.top, box.right, box.bottom))
        if right <= left or bottom <= top:
            continue
        feather = max(2.0, _FEATHER * min(right - left, bottom - top))
        across = _ramp(left, right, feather, offset.width, whole.width)
        down = _ramp(top, bottom, feather, offset.height, whole.height)
        place = mask[top:bottom, left:right]
        np.maximum(place, np.outer(down, across), out=place)
    return mask


def _ramp(start: int, end: int, feather: float, offset: int, whole: int) -> _Mask:
    """Return a row that rises from 0 to 1 and falls again, smoothly; not at the picture's own edges."""
    places = np.arange(start, end, dtype=np.float32)
    rise = np.ones_like(places) if start + offset <= 0 else (places - start + 0.5) / feather
    fall = np.ones_like(places) if end + offset >= whole else (end - places - 0.5) / feather
    row: _Mask = np.clip(np.minimum(rise, fall), 0.0, 1.0)
    return row * row * (3.0 - 2.0 * row)
