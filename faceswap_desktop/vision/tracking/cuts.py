"""Where scenes change: told from tiny copies of the frames around a border, so that any chunk finds the same cuts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.arrays import Picture

Signature = NDArray[np.uint8]
"""(18, 32, 3): a frame, averaged."""

BEFORE: Final = 4
AFTER: Final = 3
"""How many frames before and after one are looked at to tell whether a scene begins with it."""

_SIZE: Final = (32, 18)
_LEAST: Final = 5.0
"""Mean change in levels under which nobody would speak of a cut."""
_CHANGED: Final = 8
"""Levels from which a place of the tiny copy counts as changed."""
_CHANGED_SHARE: Final = 0.25
"""Share of the places that a cut changes at least; what passes close by the camera changes fewer at a time."""
_SPIKE: Final = 2.5
"""How much larger than its neighbours' a change has to be: motion and pans change every frame about as much."""
_SAME: Final = 0.5
"""A flash is over when a frame resembles one before it to this share of the change."""
_SAME_SHAPES: Final = 0.8
"""Correlation of the grey copies from which only the light has changed."""
_NEAR: Final = np.ones((3, 3), np.uint8)


def signature(image: Picture) -> Signature:
    """Return the tiny copy of a frame (height, width, 3) by which cuts are told."""
    return cv2.resize(image, _SIZE, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def is_cut(around: Mapping[int, Signature], frame: int) -> bool:
    """Say whether a scene begins with a frame.

    Args:
        around: Signatures by frame, from ``BEFORE`` frames before it to ``AFTER`` frames after it where the video has
            them; a frame that could not be decoded is missing.
        frame: Which one.

    Returns:
        True for a cut. False for flashes of up to three frames, a change of light, pans and zooms, and for the first
        frame of the video.
    """
    if frame not in around or frame - 1 not in around:
        return False
    change = _difference(around, frame - 1, frame)
    if change is None or change < _LEAST:
        return False
    if _changed_share(around[frame - 1], around[frame]) < _CHANGED_SHARE:
        return False
    before = [_difference(around, at - 1, at) for at in range(frame - 2, frame)]
    after = [_difference(around, at - 1, at) for at in range(frame + 1, frame + AFTER)]
    usual = max(_largest(before), _largest(after))
    if change < _SPIKE * usual + _LEAST / 2:
        return False
    back = [_difference(around, frame - 1, frame + later) for later in range(1, AFTER + 1)]
    ahead = [_difference(around, frame - earlier, frame) for earlier in range(2, BEFORE + 1)]
    if any(other is not None and other < _SAME * change for other in (*back, *ahead)):
        return False
    return _correlation(around[frame - 1], around[frame]) < _SAME_SHAPES


def _difference(around: Mapping[int, Signature], one: int, other: int) -> float | None:
    """Return by how many levels two frames differ on average, beyond what a shift by one place explains."""
    if one not in around or other not in around:
        return None
    return float(_beyond(around[one], around[other]).mean() + _beyond(around[other], around[one]).mean()) / 2


def _beyond(one: Signature, other: Signature) -> Signature:
    low, high = cv2.erode(one, _NEAR), cv2.dilate(one, _NEAR)
    return cv2.max(cv2.subtract(other, high), cv2.subtract(low, other)).astype(np.uint8, copy=False)


def _changed_share(one: Signature, other: Signature) -> float:
    change = cv2.max(_beyond(one, other), _beyond(other, one)).max(axis=2)
    return float((change > _CHANGED).mean())


def _largest(changes: list[float | None]) -> float:
    known = [change for change in changes if change is not None]
    return max(known) if known else 0.0


def _correlation(one: Signature, other: Signature) -> float:
    flat = [part.astype(np.float64).mean(axis=2).ravel() for part in (one, other)]
    centred = [part - part.mean() for part in flat]
    norms = float(np.linalg.norm(centred[0]) * np.linalg.norm(centred[1]))
    return float(centred[0] @ centred[1]) / norms if norms > 1e-6 else 0.0
