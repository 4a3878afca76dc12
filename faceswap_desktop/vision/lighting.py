"""Puts a source that was laid over a target into the target's light, and compares their detail."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from faceswap_desktop.vision.colour import Array, Light, find_light, relight, resize
from faceswap_desktop.vision.detail import DetailMatch, match_detail
from faceswap_desktop.vision.layout import fill_region
from faceswap_desktop.vision.mask import feather_width, oval_mask
from faceswap_desktop.vision.placing import Placed

_CRISP: Final = 0.3
"""By how much folds, brows and lids are made clearer: warping, feathering and relighting take that much away."""
_EASE_FROM_PX: Final = 195.0
_EASE_TO_PX: Final = 290.0
_UNSHARP_EASE: Final = 0.6
"""By how much large faces are sharpened less."""
_CRISP_SIGMA: Final = 0.03
"""Size of what is made clearer, as a share of the face's width."""
_LIGHT_SIGMA: Final = 0.4
"""How fine the target's light is followed, as a share of the face's width."""


def ease_of(face_width: float) -> float:
    """Say how gently a face of so many pixels is lit and sharpened, 0 to 1.

    Up to ``_EASE_FROM_PX`` everything is needed for a face to be known again; from ``_EASE_TO_PX`` on the eye sees the
    harshness that comes of it.
    """
    along = min(1.0, max(0.0, (face_width - _EASE_FROM_PX) / (_EASE_TO_PX - _EASE_FROM_PX)))
    return along * along * (3.0 - 2.0 * along)


def crisp(warped: Array, face_width: float, small_size: tuple[int, ...], strength: float = 1.0) -> Array:
    """Make the size of folds, brows and lids a little clearer, not that of pores.

    Args:
        warped: (h, w, 3) float32.
        face_width: In pixels.
        small_size: Width and height at which it is worked out.
        strength: 0 to 1.
    """
    share = _CRISP * strength * (1.0 - ease_of(face_width))
    if share < 0.01:
        return warped
    scale = small_size[0] / warped.shape[1]
    sigma = max(0.5, _CRISP_SIGMA * face_width * scale)
    coarse = cv2.GaussianBlur(
        resize(warped, (small_size[0], small_size[1])), (0, 0), sigma, borderType=cv2.BORDER_REFLECT
    )
    wide = resize(np.asarray(coarse, dtype=np.float32), (warped.shape[1], warped.shape[0]))
    return np.asarray(cv2.addWeighted(warped, 1.0 + share, wide, -share, 0.0, dst=wide), dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Lighting:
    """A source in its target's light.

    Attributes:
        light: The light of both, at reduced size.
        lit: (h, w, 3) float32, the source in the target's light.
        usable: (h', w') where both are face, 0 to 1, at reduced size.
        skin: (h', w') where both are skin without features.
    """

    light: Light
    lit: Array
    usable: Array
    skin: Array


def _at_size(points: Array, small: Array, width: int) -> Array:
    return np.asarray((points + 0.5) * np.float32(small.shape[1] / width) - 0.5, dtype=np.float32)


def find_lighting(placed: Placed, target: Array, usable: Array, warped: Array) -> Lighting:
    """Find the light of both faces, and put the source into the target's.

    Args:
        placed: The source laid over the target.
        target: (h, w, 3) float32, the region.
        usable: (h', w') where both are face, 0 to 1.
        warped: (h, w, 3) the source as ``crisp`` left it.
    """
    small_size = usable.shape[1::-1]
    scale = small_size[0] / target.shape[1]
    own, moved = (_at_size(points, usable, target.shape[1]) for points in (placed.own, placed.moved))
    grown = max(1, round(0.015 * placed.face_width * scale))
    ring = np.ones((2 * grown + 1, 2 * grown + 1), np.uint8)
    features = fill_region(usable.shape, own, "eyes", "mouth", "brows")
    features |= fill_region(usable.shape, moved, "eyes", "mouth", "brows")
    plain = 1.0 - cv2.dilate(features, ring).astype(np.float32) / 255.0
    oval = oval_mask(usable.shape, own, feather_width(placed.face_width, 0.3) * scale)
    skin = np.asarray(usable * oval * plain, dtype=np.float32)
    sigma = _LIGHT_SIGMA * placed.face_width * scale
    light = find_light(resize(target, small_size), resize(warped, small_size), skin, sigma)
    return Lighting(light, relight(warped, light, 1.0, ease_of(placed.face_width)), usable, skin)


def find_detail(placed: Placed, target: Array, lighting: Lighting, *, is_moving: bool = False) -> DetailMatch:
    """Say how sharpness and grain of the source must change to be the target's."""
    usable, full = lighting.usable, target.shape[1::-1]
    own, moved = (_at_size(points, usable, target.shape[1]) for points in (placed.own, placed.moved))
    edges = fill_region(usable.shape, moved, "eyes", "brows", "lips").astype(np.float32) / 255.0
    bare = lighting.skin * (1.0 - fill_region(usable.shape, own, "lips", "nostrils") / 255.0)
    skin, features = resize(bare.astype(np.float32), full), resize(edges * usable, full)
    match = match_detail(target, lighting.lit, skin, features, placed.magnified, is_moving=is_moving)
    return replace(match, sharpen=match.sharpen * (1.0 - _UNSHARP_EASE * ease_of(placed.face_width)))
