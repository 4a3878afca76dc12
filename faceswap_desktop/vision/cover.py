"""Finds what lies over a face: hair, a hat, a hand of another colour; and the frame of glasses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision import skin
from faceswap_desktop.vision.layout import LAYOUT, LEFT_EYE, RIGHT_EYE, plane_region

Array = NDArray[np.float32]
Bytes = NDArray[np.uint8]

SIZE: Final = 256
"""Side of the plane in which cover is looked for."""
_NOT_SKIN: Final = 3.6
_FRAME: Final = 3.7
_BRIDGE_SHARE: Final = 0.75
_RIM_SHARE: Final = 0.8
_UNSEEN: Final = 0.02
_PASSING: Final = 4.5
"""Distance from skin by hue alone from which something inside a face is none of it."""
_GREENISH: Final = -0.06
_PASSING_SHARE: Final = 0.012
_AROUND: Final = 41


def _disc(radius: int) -> Bytes:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), dtype=np.uint8)


def _bytes(image: NDArray[Any]) -> Bytes:
    return np.asarray(image, dtype=np.uint8)


@cache
def _parts() -> tuple[Bytes, Bytes, Bytes, Bytes, tuple[int, int, int, int]]:
    """Features that may have any colour; the eyes' openings; where frames run; beyond the face; the nose bridge."""
    around_eyes = cv2.dilate(plane_region(SIZE, "eyes"), _disc(5))
    features = cv2.max(around_eyes, cv2.dilate(plane_region(SIZE, "lips", "mouth", "nostrils"), _disc(4)))
    openings = cv2.dilate(plane_region(SIZE, "eyes"), _disc(3))
    frames = cv2.dilate(plane_region(SIZE, "sockets"), _disc(10))
    beyond = 255 - cv2.erode(plane_region(SIZE, "oval"), _disc(3))
    place = LAYOUT * SIZE
    left, right = place[[193, 417], 0]
    bridge = (int(left), int(place[168, 1]), int(np.ceil(right)), int(place[195, 1]))
    return _bytes(features), _bytes(openings), _bytes(frames), _bytes(beyond), bridge


@cache
def _limit() -> Array:
    """Distance from skin that counts as foreign: more under the mouth, where the face throws its own shadow."""
    place = LAYOUT * SIZE
    down = (np.arange(SIZE, dtype=np.float32) - place[17, 1]) / (place[152, 1] - place[17, 1])
    rows = _NOT_SKIN * (1.0 + 0.9 * np.clip(down * 1.5, 0.0, 1.0))
    return np.repeat(rows[:, None], SIZE, axis=1).astype(np.float32)


def _reached(start: NDArray[np.bool_], allowed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the connected parts of ``allowed`` that touch ``start``."""
    _, labels = cv2.connectedComponents((allowed | start).astype(np.uint8), connectivity=4)
    kept = np.zeros(int(labels.max()) + 1, dtype=np.bool_)
    kept[np.unique(labels[start])] = True
    kept[0] = False
    return np.asarray(kept[labels])


def _across(distance: Array) -> NDArray[np.bool_] | None:
    """Find a bridge over the nose, (256, 256) bool, or None."""
    left, top, right, bottom = _parts()[4]
    crossing = (distance[top:bottom, left:right] > _NOT_SKIN).mean(axis=1)
    if crossing.max(initial=0.0) < _BRIDGE_SHARE:
        return None
    bridge = np.zeros(distance.shape, dtype=np.bool_)
    bridge[np.flatnonzero(crossing >= _BRIDGE_SHARE) + top, left:right] = True
    return bridge


def _rims(distance: Array) -> NDArray[np.bool_]:
    """Find what is very dark above both eyes, below a bare forehead: thick brows, or a dark frame.

    In a grey picture a light bridge looks like skin, and this is all there is to go by. (256, 256) bool.
    """
    _, openings, frames, _, _ = _parts()
    nothing = np.zeros(distance.shape, dtype=np.bool_)
    if float(np.median(distance[plane_region(SIZE, "forehead") > 127])) > _NOT_SKIN:
        return nothing
    dark = (distance > _FRAME) & (frames > 0) & (openings < 128)
    found = nothing.copy()
    for eye in (RIGHT_EYE, LEFT_EYE):
        corners = LAYOUT[eye] * SIZE
        left, right = int(corners[:, 0].min()), int(np.ceil(corners[:, 0].max()))
        above = nothing.copy()
        above[int(corners[:, 1].min()) - SIZE // 8 : int(corners[:, 1].max()), left:right] = True
        if float((above & dark)[:, left:right].any(axis=0).mean()) < _RIM_SHARE:
            return nothing
        found |= _reached(above & dark, dark)
    return found


def find_frame(distance: Array) -> NDArray[np.bool_] | None:
    """Find the frame of glasses in the plane.

    Args:
        distance: (256, 256) distance from skin in standard deviations.

    Returns:
        (256, 256) bool, or None where there are no glasses that show.
    """
    _, openings, frames, _, _ = _parts()
    start = _across(distance)
    if start is None:
        return None
    allowed = (distance > _FRAME) & (frames > 0) & (openings < 128)
    # Bridge and rims are joined over small gaps, where the frame is thin or shines; thick rims count by themselves.
    joined = cv2.dilate(allowed.astype(np.uint8), _disc(1)) > 0
    frame = (_reached(start, joined) & allowed) | _rims(distance)
    # Frames are alike left and right: where light hides one side's rim, the other side shows where it runs.
    twin = cv2.dilate(frame[:, ::-1].astype(np.uint8), _disc(2)) > 0
    return frame | (twin & (distance > _FRAME - 0.7) & (openings < 128)) | _reached(twin & allowed, allowed)


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """What lies over a face in the plane.

    Attributes:
        covered: (256, 256) float32, 0 free to 1 covered by hair, a hat, a hand.
        frame: (256, 256) bool, the frame of glasses; None where there are none.
    """

    covered: Array
    frame: NDArray[np.bool_] | None


def find_cover(distance: Array, wide: bool = False) -> Cover:
    """Say which texels of a face in the plane are covered by something else.

    What is not skin counts as cover when it reaches in from outside the face. Dark folds, moles and brows inside the
    face are the face's own, and so are glasses, which go with it: half of a pair would be worse than all or none.

    Args:
        distance: (256, 256) distance from skin in standard deviations, see ``skin.SkinModel``.
        wide: Take single hairs beside a fringe for cover too, even if some skin goes with them.
    """
    features, _, _, beyond, _ = _parts()
    foreign = (distance > _limit()) & (features < 128)
    frame = find_frame(distance)
    rims = _rims(distance) if frame is None else frame
    foreign &= cv2.dilate(rims.astype(np.uint8), _disc(2)) == 0
    # Folds and brows may touch the hair by a thin line: only what is broad passes cover on.
    broad = cv2.morphologyEx(foreign.astype(np.uint8), cv2.MORPH_OPEN, _disc(2)) > 0
    outside = beyond > 127
    covered = (_reached(outside, broad) & ~outside) | (outside & foreign)
    covered = (cv2.dilate(covered.astype(np.uint8), _disc(3)) > 0) & (foreign | covered)
    if wide:
        # Hair thins out towards its edge: on the forehead and beside it, less will do.
        beside = (cv2.dilate(covered.astype(np.uint8), _disc(9)) > 0) & (features < 128) & (distance > 0.6 * _NOT_SKIN)
        beside[int(LAYOUT[133, 1] * SIZE) :] = False
        covered |= _reached(covered, beside)
    grown = cv2.dilate(covered.astype(np.uint8) * 255, _disc(1))
    return Cover(np.asarray(cv2.GaussianBlur(grown, (0, 0), 1.0), dtype=np.float32) / 255.0, frame)


def _with_what_passes(cover: Cover, hue_distance: Array, redness: Array) -> Cover:
    """Add what covers the middle of a face, and features that lie under cover.

    Of a still picture, what is foreign inside the face and does not reach in from outside is the face's own, and eyes
    and lips may have any colour. In a video a cup or a microphone may pass there.
    """
    features, _, _, beyond, _ = _parts()
    # Lips are redder than skin, teeth and eyeballs nearly grey: what is greener or bluer than grey is none of them.
    inside = (hue_distance > _PASSING) & (beyond < 128) & ((features < 128) | (redness < _GREENISH))
    broad = cv2.morphologyEx(inside.astype(np.uint8), cv2.MORPH_OPEN, _disc(4))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(broad, connectivity=4)
    covered = cover.covered.copy()
    for number in range(1, count):
        if stats[number, cv2.CC_STAT_AREA] > _PASSING_SHARE * SIZE * SIZE:
            grown = cv2.dilate((labels == number).astype(np.uint8) * 255, _disc(6))
            covered = np.maximum(covered, cv2.GaussianBlur(grown, (0, 0), 1.5).astype(np.float32) / 255.0)
    # A feature is covered as far as the skin around it is.
    bare = 1.0 - cv2.GaussianBlur(features, (0, 0), 2.0).astype(np.float32) / 255.0
    around = cv2.blur(bare, (_AROUND, _AROUND))
    near = cv2.blur(bare * covered, (_AROUND, _AROUND)) / np.maximum(around, 1e-3)
    filled = np.clip((near - 0.35) / 0.4, 0.0, 1.0)
    return Cover(np.asarray(np.maximum(covered, (1.0 - bare) * filled), dtype=np.float32), cover.frame)


def look_for_cover(flat: Bytes, seen: Array, wide: bool = False, *, is_moving: bool = False) -> Cover:
    """Say which texels of a face in the plane are hair or anything else that is not the face, and where glasses are.

    Args:
        flat: (256, 256, 3) uint8 RGB, the face laid flat.
        seen: (256, 256) how well each texel is seen, 0 to 1.
        wide: See ``find_cover``.
        is_moving: It is a frame of a video: things may pass over the face anywhere.
    """
    size = (skin.SIZE, skin.SIZE)
    model = skin.fit_skin(
        np.asarray(cv2.resize(flat, size, interpolation=cv2.INTER_AREA), dtype=np.uint8),
        np.asarray(cv2.resize(seen, size, interpolation=cv2.INTER_AREA), dtype=np.float32),
        is_moving=is_moving,
    )
    expected = np.asarray(cv2.resize(model.expected, flat.shape[1::-1]), dtype=np.float32)
    tone = skin.to_tone(flat)
    distance = model.distance(tone, expected)
    # Of a face cut by the picture's edge, or turned, the half that is seen tells what the other would show.
    unseen = seen < _UNSEEN
    cover = find_cover(np.where(unseen & ~unseen[:, ::-1], distance[:, ::-1], distance), wide)
    if not is_moving:
        return cover
    apart = (tone[..., 1:] - expected[..., 1:]) / model.spread[1:]
    hue_distance = np.asarray(cv2.magnitude(apart[..., 0], apart[..., 1]), dtype=np.float32)
    return _with_what_passes(cover, hue_distance, tone[..., 1])
