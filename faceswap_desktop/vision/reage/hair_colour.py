"""Greys hair, or gives it some of its colour back, at the picture's own size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.arrays import Picture
from faceswap_desktop.vision.colour import Array, luma
from faceswap_desktop.vision.crop import Matrix, inverted, transformed
from faceswap_desktop.vision.reage.hair import Hair

_LEAST: Final = 0.03
_GUIDE_SIDE: Final = 420
"""Longest side at which the mask is fitted to the picture's edges."""
_EDGE: Final = 0.0012
"""Variance of brightness (0 to 1) from which on an edge is one."""
_WHITE: Final = 0.92
"""Brightness of white hair against that of the cheeks."""
_SILVER: Final[Array] = np.array([1.03, 1.0, 0.955], dtype=np.float32)
_BROWN: Final[Array] = np.array([1.10, 0.98, 0.84], dtype=np.float32)
_SHINE: Final = 0.4
"""Up to how much lighter than the hair around them strands are made clearer."""
_MOST: Final = 3.2
"""How many times lighter hair gets at most."""
_CLEAR: Final = 1.1
"""How much more the strands of greying hair differ."""


@dataclass(frozen=True, slots=True, eq=False)
class HairArea:
    """The part of a picture that shows hair.

    Attributes:
        left, top: Its place in the picture.
        mask: (h, w) float32, 0 to 1, exactly 0 where there is none.
        level: (h, w) float32, mean brightness of the hair around each pixel, 0 to 255.
        skin_luma: Brightness of the cheeks.
        vivid: How colourful the skin is, 0 to 1.
    """

    left: int
    top: int
    mask: Array
    level: Array
    skin_luma: float
    vivid: float


def hair_area(image: Picture, hair: Hair) -> HairArea | None:
    """Bring the hair's mask to the picture's size and to its edges; None where there is no hair worth the work."""
    mask = np.asarray(hair.mask * np.float32(hair.tone.sure), dtype=np.float32)
    rows, columns = np.flatnonzero(mask.max(axis=1) > _LEAST), np.flatnonzero(mask.max(axis=0) > _LEAST)
    if len(rows) == 0 or len(columns) == 0:
        return None
    back = inverted(hair.matrix)
    edges = np.array([[columns[0] - 2, rows[0] - 2], [columns[-1] + 3, rows[-1] + 3]], dtype=np.float32)
    corners = np.array([[x, y] for x in edges[:, 0] for y in edges[:, 1]], dtype=np.float32)
    placed = transformed(corners, back)
    left, top = (max(0, int(np.floor(value))) for value in placed.min(axis=0))
    right = min(image.shape[1], int(np.ceil(placed[:, 0].max())))
    bottom = min(image.shape[0], int(np.ceil(placed[:, 1].max())))
    if right - left < 8 or bottom - top < 8:
        return None
    part = image[top:bottom, left:right]
    size = (right - left, bottom - top)
    factor = min(1.0, _GUIDE_SIDE / max(size))
    small_size = (max(4, round(size[0] * factor)), max(4, round(size[1] * factor)))
    rough = _placed(mask, hair.matrix, (left, top), size, small_size)
    way = cv2.INTER_AREA if factor < 0.6 else cv2.INTER_LINEAR
    grey = luma(np.asarray(cv2.resize(part, small_size, interpolation=way), dtype=np.float32))
    reach = max(1, round(0.045 * hair.face_width * factor))
    slope, level = _guided(grey / np.float32(255), rough, reach)
    full = luma(part.astype(np.float32))
    fitted = _wide(slope, size) * (full / np.float32(255)) + _wide(level, size)
    rough_full = _wide(rough, size)
    # The picture's edges may take away from the mask, and add to it only close by.
    near = np.clip(4.0 * _wide(np.asarray(cv2.blur(rough, (2 * reach + 1,) * 2), dtype=np.float32), size), 0.0, 1.0)
    fine = np.clip((fitted - 0.08) / 0.84, 0.0, 1.0) * near
    fine = np.asarray(np.minimum(fine, np.clip(1.6 * rough_full + 0.25, 0.0, 1.0)), dtype=np.float32)
    fine[fine < _LEAST] = 0.0
    return HairArea(left, top, fine, _mean_level(grey, rough, reach, size), hair.skin_luma, hair.vivid)


def _placed(
    mask: Array, matrix: Matrix, corner: tuple[int, int], size: tuple[int, int], small: tuple[int, int]
) -> Array:
    """Carry the mask from the head's square into a part of the picture, at reduced size."""
    step = np.array([size[0] / small[0], size[1] / small[1]])
    placed = matrix.copy()
    placed[:, :2] = matrix[:, :2] * step
    placed[:, 2] = matrix[:, :2] @ (np.array(corner) + 0.5 * step) + matrix[:, 2] - 0.5
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(mask, placed, small, flags=flags, borderValue=0.0), dtype=np.float32)


def _wide(small: Array, size: tuple[int, int]) -> Array:
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _guided(guide: Array, mask: Array, reach: int) -> tuple[Array, Array]:
    """Fit the mask to the guide by a line around each pixel; return slope and level (guided filter, He et al. 2010)."""
    window = (2 * reach + 1, 2 * reach + 1)

    def mean(values: NDArray[np.floating]) -> Array:
        return np.asarray(cv2.blur(values, window, borderType=cv2.BORDER_REFLECT), dtype=np.float32)

    mean_guide, mean_mask = mean(guide), mean(mask)
    variance = mean(guide * guide) - mean_guide * mean_guide
    slope = (mean(guide * mask) - mean_guide * mean_mask) / (variance + np.float32(_EDGE))
    return mean(slope), mean(mean_mask - slope * mean_guide)


def _mean_level(grey: Array, mask: Array, reach: int, size: tuple[int, int]) -> Array:
    window = (6 * reach + 1, 6 * reach + 1)
    total = cv2.blur(grey * mask, window, borderType=cv2.BORDER_REFLECT)
    share = cv2.blur(mask, window, borderType=cv2.BORDER_REFLECT)
    overall = float((grey * mask).sum() / max(float(mask.sum()), 1e-3))
    return _wide(np.asarray((total + 0.02 * overall) / (share + 0.02), dtype=np.float32), size)


def grey_hair(part: Picture, area: HairArea, share: float) -> Picture:
    """Return hair with less colour in it.

    Args:
        part: (h, w, 3) uint8 RGB, the area's pixels.
        area: From ``hair_area``.
        share: 0 (as it is) to 1 (thirty years).

    Returns:
        (h, w, 3) uint8; equal to ``part`` where the mask is 0.
    """
    pixels = part.astype(np.float32)
    grey = luma(pixels)
    strands = grey - area.level
    over = strands / (area.level + 10.0)
    # Strand by strand: bright ones turn first, so that hair becomes pepper and salt before it becomes white.
    turned = np.clip(1.35 * share + np.float32(0.65) * over, 0.0, 1.0) * area.mask
    white = np.float32(_WHITE * area.skin_luma)
    # In the shade white hair is grey, too.
    most = np.maximum(np.float32(_MOST) * area.level + np.float32(0.15) * white, area.level)
    lighter = area.level + np.float32(0.62 * share) * np.maximum(white - area.level, 0.0)
    lighter = np.minimum(lighter, most)
    # Light that is lifted out of black lifts its strands with it, or the hair would look like fog.
    lifted = np.clip((lighter + 4.0) / (area.level + 4.0), 1.0, _MOST) ** np.float32(0.5)
    gain = np.float32(1.0 + (_CLEAR - 1.0) * share) * lifted - 1.0
    lift = lighter - area.level
    # What is far lighter than the hair around it is what shows behind its edge, and gets no rim. What is lighter stays
    # lighter, however: a fall steeper than the lift would turn shine into flat patches.
    fall = np.maximum(area.level + 10.0, lift / np.float32(0.6))
    hair = np.clip(1.0 - (strands - 1.5 * area.level - 20.0) / fall, 0.0, 1.0)
    clearer = gain * np.minimum(strands, np.float32(_SHINE) * (area.level + 10.0))
    new = np.clip(grey + hair * (lift + clearer), 0.0, 255.0)
    silver = 1.0 + (_SILVER - 1.0) * np.float32(area.vivid)
    for axis in range(3):
        own = pixels[..., axis]
        own += turned * (new * silver[axis] - own)
    return np.asarray(np.rint(pixels).clip(0, 255), dtype=np.uint8)


def colour_hair(part: Picture, area: HairArea, share: float) -> Picture:
    """Return hair with some of its colour back: grey becomes a muted brown, coloured hair a little fuller.

    Args and result as of ``grey_hair``; ``share`` towards younger.
    """
    pixels = part.astype(np.float32)
    grey = luma(pixels)
    red, green, blue = cv2.split(pixels)
    vivid = cv2.max(cv2.max(red, green), blue) - cv2.min(cv2.min(red, green), blue)
    greyness = np.clip(1.0 - vivid / (0.35 * grey + 10.0), 0.0, 1.0)
    amount = np.float32(share) * area.mask
    light = np.clip(area.level / np.float32(max(area.skin_luma, 1.0)), 0.0, 1.0)
    darker = 1.0 - amount * (0.10 + 0.38 * greyness * light)
    brown = 1.0 + (_BROWN - 1.0) * np.float32(area.vivid)
    for axis in range(3):
        own = pixels[..., axis]
        own += 0.18 * amount * (own - grey)
        own *= darker * (1.0 + amount * greyness * (brown[axis] - 1.0))
    return np.asarray(np.rint(pixels).clip(0, 255), dtype=np.uint8)
