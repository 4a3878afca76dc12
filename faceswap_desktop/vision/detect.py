"""Finding faces: YuNet on a shrunk picture first, then on larger copies and tiles where faces may be small."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any, Final, cast

import cv2
import numpy as np

from faceswap_desktop.vision.arrays import Floats, Picture
from faceswap_desktop.vision.checkpoints import session

CHECKPOINT: Final = "yunet_2023mar"
MIN_SCORE: Final = 0.7
"""Real faces score 0.89 and more; a false one was seen at 0.63."""
MAX_FACES: Final = 200

_STRIDES: Final = (8, 16, 32)
_MULTIPLE: Final = 32
_NMS_OVERLAP: Final = 0.3
_CONTAINED: Final = 0.7
"""A box of which this share lies inside a larger one of equal or better standing is a part of that face."""
_LONG_SIDES: Final = (640, 1280, 2560)
_TILE: Final = 1280
_TILE_OVERLAP: Final = 128


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """One face as the detector sees it.

    Attributes:
        box: float32 (4,): left, top, right, bottom in pixels of the picture; may reach beyond its edge.
        score: 0 to 1.
        five_points: float32 (5, 2): left eye, right eye, nose, left and right mouth corner as seen in the picture.
    """

    box: Floats
    score: float
    five_points: Floats


def detect(image: Picture, *, min_score: float = MIN_SCORE, max_faces: int = MAX_FACES) -> list[Detection]:
    """Find the faces of a picture, largest box first.

    Args:
        image: uint8 (height, width, 3), RGB; any size from 1 by 1.
        min_score: Faces that the detector is less sure of are left out.
        max_faces: Only so many, the largest, are returned.
    """
    found = np.concatenate([_pass(image, long_side, min_score) for long_side in _scales(image)])
    kept = _suppress(found)
    kept = kept[np.argsort(-_areas(kept), kind="stable")][:max_faces]
    return [Detection(row[:4].copy(), float(row[4]), row[5:].reshape(5, 2).copy()) for row in kept]


def _scales(image: Picture) -> Iterator[int]:
    """Yield the long sides at which to look."""
    long_side = max(image.shape[:2])
    for side in _LONG_SIDES:
        if side >= long_side:
            break
        yield side
    yield min(long_side, _LONG_SIDES[-1])


def _pass(image: Picture, long_side: int, min_score: float) -> Floats:
    """Look at one scale, in tiles where it is large; return rows (n, 15) in pixels of the picture."""
    height, width = image.shape[:2]
    ratio = min(1.0, long_side / max(height, width))
    small = image
    if ratio < 1.0:
        size = max(1, round(width * ratio)), max(1, round(height * ratio))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    back = np.array([width / small.shape[1], height / small.shape[0]], np.float32)
    rows = [
        _shifted(_run(small[top:bottom, left:right], min_score), left=left, top=top)
        for left, top, right, bottom in _tiles(small)
    ]
    found = np.concatenate(rows)
    found[:, :4] *= np.tile(back, 2)
    found[:, 5:] *= np.tile(back, 5)
    return found


def _tiles(image: Picture) -> Iterator[tuple[int, int, int, int]]:
    """Yield left, top, right, bottom of overlapping tiles that cover the picture."""
    height, width = image.shape[:2]
    for top, bottom in _spans(height):
        for left, right in _spans(width):
            yield left, top, right, bottom


def _spans(length: int) -> list[tuple[int, int]]:
    if length <= _TILE:
        return [(0, length)]
    count = ceil((length - _TILE_OVERLAP) / (_TILE - _TILE_OVERLAP))
    starts = np.linspace(0, length - _TILE, count).round().astype(int).tolist()
    return [(start, start + _TILE) for start in starts]


def _shifted(rows: Floats, *, left: int, top: int) -> Floats:
    shift = np.array([left, top], np.float32)
    rows[:, :4] += np.tile(shift, 2)
    rows[:, 5:] += np.tile(shift, 5)
    return rows


def _run(image: Picture, min_score: float) -> Floats:
    """Run the network once; return rows (n, 15): box, score, five points, in pixels of ``image``."""
    height, width = image.shape[:2]
    full_height, full_width = (ceil(side / _MULTIPLE) * _MULTIPLE for side in (height, width))
    blob = np.zeros((1, 3, full_height, full_width), np.float32)
    blob[0, :, :height, :width] = image[:, :, ::-1].transpose(2, 0, 1)
    network = session(CHECKPOINT)
    names = [f"{kind}_{stride}" for stride in _STRIDES for kind in ("cls", "obj", "bbox", "kps")]
    outputs = cast("list[Any]", network.run(names, {"input": blob}))
    rows = []
    for place, stride in enumerate(_STRIDES):
        cls, obj, bbox, kps = (np.asarray(part[0], np.float32) for part in outputs[place * 4 : place * 4 + 4])
        rows.append(_decode(cls, obj, bbox, kps, stride, full_width // stride, min_score))
    return np.concatenate(rows)


def _decode(cls: Floats, obj: Floats, bbox: Floats, kps: Floats, stride: int, columns: int, min_score: float) -> Floats:
    score = np.sqrt(cls[:, 0].clip(0, 1) * obj[:, 0].clip(0, 1))
    chosen = np.flatnonzero(score >= min_score)
    grid = np.stack([chosen % columns, chosen // columns], axis=1).astype(np.float32)
    bbox, kps = bbox[chosen], kps[chosen].reshape(-1, 5, 2)
    center = (grid + bbox[:, :2]) * stride
    half = np.exp(bbox[:, 2:]) * (stride / 2)
    points = (grid[:, None, :] + kps) * stride
    parts = [center - half, center + half, score[chosen, None], points.reshape(-1, 10)]
    return np.concatenate(parts, axis=1).astype(np.float32)


def _areas(rows: Floats) -> Floats:
    size = (rows[:, 2:4] - rows[:, :2]).clip(0)
    return cast("Floats", size[:, 0] * size[:, 1])


def _suppress(rows: Floats) -> Floats:
    """Keep the best of boxes that show one face: surest first, none that overlaps or lies inside a kept one."""
    rows = rows[np.argsort(-rows[:, 4], kind="stable")]
    area = _areas(rows)
    alive = np.ones(len(rows), bool)
    for place in range(len(rows)):
        if not alive[place]:
            continue
        size = np.minimum(rows[place, 2:4], rows[:, 2:4]) - np.maximum(rows[place, :2], rows[:, :2])
        shared = size[:, 0].clip(0) * size[:, 1].clip(0)
        union = area[place] + area - shared
        covered = (shared > _NMS_OVERLAP * union) | (shared > _CONTAINED * np.minimum(area, area[place]))
        covered[: place + 1] = False
        alive &= ~covered
    return rows[alive]
