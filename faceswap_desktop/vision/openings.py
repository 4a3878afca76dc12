"""Keeps the target's own eyeballs and teeth in a face that was laid in."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from faceswap_desktop.vision.colour import Array, luma, resize
from faceswap_desktop.vision.layout import REGIONS
from faceswap_desktop.vision.mask import opening_mask
from faceswap_desktop.vision.warp import sample

_EYE_GAIN: Final = (0.6, 1.4)
_EYE_SIDE: Final = 64
_EYE_COLOUR: Final = 0.7
"""How colourful a kept eyeball stays against its mean: red rims behind glasses would look sore without them."""


def keep_own(lit: Array, target: Array, outline: Array, points: Array, face_width: float, name: str) -> None:
    """Put the target's own eyeballs or teeth into the face, moved along with the lids or lips around them.

    Args:
        lit: (h, w, 3) float32, the face that was laid in; changed.
        target: (h, w, 3) float32, the picture as it was.
        outline: (468, 3) the target's own mesh in that picture's pixels.
        points: (468, 3) the same, moved towards the source's proportions.
        face_width: In pixels.
        name: ``"eyes"`` or ``"mouth"``.
    """
    height, width = lit.shape[:2]
    room = 3 + int(np.ceil(0.04 * face_width))
    for loop in REGIONS[name]:
        own, moved = outline[loop, :2], points[loop, :2]
        left, top = np.maximum(np.floor(moved.min(axis=0)).astype(int) - room, 0)
        right, bottom = np.minimum(np.ceil(moved.max(axis=0)).astype(int) + room + 1, [width, height])
        if right - left < 2 or bottom - top < 2:
            continue
        size = (int(right - left), int(bottom - top))
        where = _bent(own, moved, (int(left), int(top)), size)
        kept = sample(target, where, cv2.INTER_CUBIC)
        opening = opening_mask((size[1], size[0]), moved - np.array([left, top], dtype=np.float32), face_width, name)
        part = lit[top:bottom, left:right]
        if name == "eyes":
            kept = _suited(part, kept, opening)
        cv2.add(part, cv2.multiply(cv2.subtract(kept, part), cv2.merge([opening, opening, opening])), dst=part)


def _bent(own: Array, moved: Array, corner: tuple[int, int], size: tuple[int, int]) -> Array:
    """Say where the inside of an opening comes from whose outline was bent, (h, w, 2).

    Both edges of an opening are moved alike (see ``proportions.nudge``), so that a parabola along it tells all.
    """
    middle = moved.mean(axis=0)
    apart = moved - middle
    along = np.linalg.svd(apart.astype(np.float64), full_matrices=False)[2][0]
    reach = max(float(np.abs(apart @ along).max()), 1e-3)
    place = apart @ along / reach
    terms = np.stack([np.ones_like(place), place, place**2], axis=1)
    solution = np.linalg.lstsq(terms, (own - moved).astype(np.float64), rcond=None)[0]
    x = (np.arange(size[0], dtype=np.float32) + corner[0])[None, :]
    y = (np.arange(size[1], dtype=np.float32) + corner[1])[:, None]
    direction = (along / reach).astype(np.float32)
    # Beyond the corners the bend does not go on.
    at = np.clip((x - middle[0]) * direction[0] + (y - middle[1]) * direction[1], -1.0, 1.0)
    constant, linear, square = solution.astype(np.float32)
    where = np.empty((size[1], size[0], 2), dtype=np.float32)
    where[..., 0] = (square[0] * at + linear[0]) * at + (x + constant[0])
    where[..., 1] = (square[1] * at + linear[1]) * at + (y + constant[1])
    return where


def _suited(source: Array, kept: Array, opening: Array) -> Array:
    """Bring an eyeball half-way to the colour and contrast of the source's: the light behind the lids around it."""
    shrink = min(1.0, _EYE_SIDE / max(opening.shape))
    size = (max(1, round(opening.shape[1] * shrink)), max(1, round(opening.shape[0] * shrink)))
    small = resize(opening, size)
    total = float(small.sum())
    if total < 1.0:
        return kept
    weight = small[..., None]
    eyes = [resize(eye, size) for eye in (source, kept)]
    mean_source, mean_kept = ((eye * weight).sum(axis=(0, 1)) / total for eye in eyes)
    spread_source, spread_kept = (
        float(np.sqrt((((eye - mean) ** 2).mean(axis=2) * small).sum() / total))
        for eye, mean in zip(eyes, (mean_source, mean_kept), strict=True)
    )
    gain = np.float32(np.sqrt(np.clip((spread_source + 2.0) / (spread_kept + 2.0), *_EYE_GAIN)))
    # Made clearer without its colour, or the pink in the white of an eye would become red.
    grey = (gain - np.float32(_EYE_COLOUR)) * luma(kept)
    shift = (mean_kept + mean_source) / 2.0 - _EYE_COLOUR * mean_kept
    shift -= (gain - _EYE_COLOUR) * float(luma(mean_kept.reshape(1, 1, 3).astype(np.float32))[0, 0])
    suited = cv2.addWeighted(kept, _EYE_COLOUR, cv2.merge([grey, grey, grey]), 1.0, 0.0)
    return np.asarray(suited + shift, dtype=np.float32)
