"""Finding faces: YuNet on a shrunk picture first, then on larger copies and tiles where faces may be small."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, pi
from typing import Any, Final, cast

import cv2
import numpy as np

from faceswap_desktop.vision.arrays import Floats, Picture
from faceswap_desktop.vision.checkpoints import session
from faceswap_desktop.vision.crop import Matrix, cut, inverted, square_to_crop, transformed
from faceswap_desktop.vision.parallel import each

CHECKPOINT: Final = "yunet_2023mar"
MIN_SCORE: Final = 0.7
"""Real faces score 0.89 and more; a false one was seen at 0.63."""
MAX_FACES: Final = 200

_STRIDES: Final = (8, 16, 32)
_MULTIPLE: Final = 32
_NMS_OVERLAP: Final = 0.3
_CONTAINED: Final = 0.7
"""A box of which this share lies inside a larger face's box is a part of that face (or of its edge in a tile)."""
_COARSE_SIDE: Final = 640
"""Long side of the copy that is looked at whole; faces of 18 px in it and up to all of it are found."""
_FINE_SIDE: Final = 2880
"""Long side of the copy that is looked at in tiles: a face of 24 px in a picture 4000 wide is 17 px in it, enough
for a hint. Larger pictures are shrunk to this, so that the time stays bounded."""
_TILE: Final = 640
"""The network takes 14 ms per megapixel in tiles of this size, half as much again in twice the size."""
_TILE_OVERLAP: Final = 128
_LARGEST_IN_TILE: Final = 160.0
"""Pixels of the fine copy; what is larger is left to the coarse copy, where it has at least 36."""
_TILE_MARGIN: Final = 0.2
"""Share of its box by which a face must keep clear of a tile's inner edge; nearer, it may be cut, and of what is cut
the network draws a box too small. Faces up to 91 px have that much room in one tile or the next; the coarse copy
finds them from 18 * 2880 / 640 = 81 px."""
_SMALL: Final = 30.0
"""Pixels of a copy; a face smaller than that is looked at once more, enlarged, unless it is beyond doubt."""
_SURE_SCORE: Final = 0.85
_HINT_SCORE: Final = 0.15
"""A face of 16 px scores from here to 0.9, depending on how much of hair and neck shows; noise makes about fifty
hints of this score in 12 megapixels, none of which passes the second look."""
_SMALL_PENALTY: Final = 0.1
"""By how much more a small face has to convince in the second look; badges and knots reach 0.77 there."""
_DOUBTFUL_SCORE: Final = 0.4
"""From here a hint of any size is looked at in all four directions: a face on its side may score no more."""
_UPRIGHT_SCORE: Final = 0.89
_TURN_GAIN: Final = 0.03
_QUARTER_TURNS: Final = (pi / 2, pi, -pi / 2)
_EIGHTH_TURNS: Final = (pi / 4, -pi / 4, 3 * pi / 4, -3 * pi / 4)
_EIGHTH_HEIGHT: Final = 48.0
"""Pixels; smaller faces are not worth the time of four more looks."""
_MIN_HEIGHT: Final = 8.0
"""Pixels of the picture; fewer cannot be told from a pattern, and nothing could be done with them."""
_MAX_HINTS: Final = 300
_LOOK_SIDE: Final = 128
_LOOK_HEIGHT: Final = 40
"""Height in pixels to which a small face is enlarged: at 24 half of the faces without neck and hair were found
again, at 40 all."""
_FLAT: Final = 12
"""Levels; where a quarter of the fine copy differs by less within three pixels there is no face (open sky, a wall, a
blur). The grain of a camera, averaged over sixteen pixels, stays under it."""
_DETAIL_STEP: Final = 4
_DETAIL_MARGIN: Final = 24
"""Pixels of the fine copy around the detail of a tile that are looked at with it."""


Tile = tuple[int, int, int, int]
"""Left, top, right, bottom."""


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
    kept = _search(image, min_score)
    if not len(kept):
        kept = _suppress(_search_turned(image, min_score))
    kept = kept[np.argsort(-_areas(kept), kind="stable")][:max_faces]
    return [Detection(row[:4].copy(), float(row[4]), row[5:].reshape(5, 2).copy()) for row in kept]


def _search(image: Picture, min_score: float) -> Floats:
    """Look at a coarse copy, at tiles of a fine one, then once more at what is small and uncertain.

    Returns:
        Rows (n, 15), one per face: box, score, five points, in pixels of the picture.
    """
    # The fine copy is shrunk once, and the coarse one from it: averaging 12 megapixels takes longer than detecting.
    fine = _shrunk(image, _FINE_SIDE, cv2.INTER_LINEAR)
    coarse = _shrunk(fine, _COARSE_SIDE, cv2.INTER_AREA)
    hint_score = min(min_score, _HINT_SCORE)
    seen = [(coarse, _run(coarse, hint_score))]
    if coarse is not fine:
        parts = _parts(fine)
        seen += [(fine, rows) for rows in each(lambda part: _look_at_tile(fine, *part, hint_score), parts)]
    sure, hints = [], []
    for copy, rows in seen:
        is_small = _heights(rows) < _SMALL
        is_sure = rows[:, 4] >= max(min_score, _SURE_SCORE)
        placed = _to_scale(rows, copy, image)
        sure.append(placed[is_sure])
        hints.append(placed[~is_sure & (is_small | (rows[:, 4] >= _DOUBTFUL_SCORE))])
    faces = _suppress(np.concatenate(sure))
    candidates = [*faces, *_open_hints(np.concatenate(hints), faces)]
    settled = [row for row in each(lambda row: _settled(image, row), candidates) if row[4] >= min_score]
    return _suppress(np.array(settled, np.float32).reshape(-1, 15))


def _open_hints(hints: Floats, faces: Floats) -> Floats:
    """Return the hints, likeliest first, that are large enough to be a face and do not lie in one found already."""
    hints = _surest(hints[_heights(hints) >= _MIN_HEIGHT])
    middle = (hints[:, None, :2] + hints[:, None, 2:4]) / 2
    is_inside = np.all((middle >= faces[None, :, :2]) & (middle <= faces[None, :, 2:4]), axis=2)
    return cast("Floats", hints[~np.any(is_inside, axis=1)][:_MAX_HINTS])


def _settled(image: Picture, row: Floats) -> Floats:
    """Look once more at a face that leaves a doubt, upright and turned; return what is there, scored anew.

    The network answers to faces that lie on their side or stand on their head too, up to a score of 0.88, but
    gives them five points as if they stood upright. Turned upright they score above 0.9. To shoulders and badges
    it answers at one size, up to 0.79, and hardly at another.
    """
    if row[4] >= _UPRIGHT_SCORE:
        return row
    upright = best = _look(image, row, 0.0)
    for turns in (_QUARTER_TURNS, _EIGHTH_TURNS):
        is_worth_it = row[4] >= _DOUBTFUL_SCORE and (turns is _QUARTER_TURNS or _height(row) >= _EIGHTH_HEIGHT)
        if not is_worth_it or _score(best) >= _UPRIGHT_SCORE:
            break
        found = [found for turn in turns if (found := _look(image, row, turn)) is not None]
        surest = max(found, key=_score, default=best)
        best = surest if _score(surest) > _score(best) + _TURN_GAIN else best
    if best is upright and row[4] >= _SURE_SCORE:
        return row
    if best is None:
        return _scored(row, 0.0)
    # The smaller a face, the more like one does a knot or a button look.
    return _scored(best, _score(best) - (_SMALL_PENALTY if _height(row) < _SMALL else 0.0))


def _score(row: Floats | None) -> float:
    return 0.0 if row is None else float(row[4])


def _scored(row: Floats, score: float) -> Floats:
    changed = row.copy()
    changed[4] = score
    return changed


def _look(image: Picture, place: Floats, turn_radians: float) -> Floats | None:
    """Run the network on one box's surroundings, at a fixed size; return the face (15,) in its middle or None."""
    middle = (place[:2] + place[2:4]) / 2
    side = _height(place) * _LOOK_SIDE / _LOOK_HEIGHT
    matrix = square_to_crop((float(middle[0]), float(middle[1])), side, turn_radians, _LOOK_SIDE)
    rows = _run(cut(image, matrix, _LOOK_SIDE), _DOUBTFUL_SCORE)
    rows = rows[np.abs((rows[:, :2] + rows[:, 2:4]) / 2 - _LOOK_SIDE / 2).max(axis=1) <= _LOOK_HEIGHT / 2]
    return _mapped(rows[rows[:, 4].argmax()], inverted(matrix)) if len(rows) else None


def _mapped(row: Floats, matrix: Matrix) -> Floats:
    """Map one row by a turn, a scale and a shift; the box stays upright and keeps its middle."""
    middle, size = ((row[:2] + row[2:4]) / 2).astype(np.float32), row[2:4] - row[:2]
    # The bounds of the ellipse in the box, not of the box: a face has no corners.
    half = np.hypot(matrix[:, 0] * size[0], matrix[:, 1] * size[1]) / 2
    middle = transformed(middle[None], matrix)[0]
    points = transformed(row[5:].reshape(5, 2), matrix)
    return np.concatenate([middle - half, middle + half, row[4:5], points.ravel()]).astype(np.float32)


def _search_turned(image: Picture, min_score: float) -> Floats:
    """Look once more for faces that lie on their side or stand on their head, on the coarse copy only."""
    coarse = _shrunk(image, _COARSE_SIDE, cv2.INTER_AREA)
    height, width = coarse.shape[:2]
    # Each maps points of np.rot90(coarse, turns) back to the coarse copy.
    matrices = (
        (1, [[0, -1, width], [1, 0, 0]]),
        (2, [[-1, 0, width], [0, -1, height]]),
        (3, [[0, 1, 0], [-1, 0, height]]),
    )
    found = [
        _mapped(row, np.array(matrix, np.float64))
        for turns, matrix in matrices
        for row in _run(np.rot90(coarse, turns), min_score)
    ]
    return _to_scale(np.array(found, np.float32).reshape(-1, 15), coarse, image)


def _shrunk(image: Picture, long_side: int, interpolation: int) -> Picture:
    """Return the picture with at most ``long_side`` pixels on its long side."""
    height, width = image.shape[:2]
    ratio = long_side / max(height, width)
    if ratio >= 1.0:
        return image
    # Bilinear sampling skips pixels below half the size, so the bulk goes by whole steps, which OpenCV averages fast.
    step = int(1 / ratio)
    if interpolation == cv2.INTER_LINEAR and step > 1:
        image = cast(
            "Picture", cv2.resize(image, (max(1, width // step), max(1, height // step)), None, 0, 0, cv2.INTER_AREA)
        )
    size = max(1, round(width * ratio)), max(1, round(height * ratio))
    return cv2.resize(image, size, interpolation=interpolation).astype(np.uint8, copy=False)


def _to_scale(rows: Floats, small: Picture, image: Picture) -> Floats:
    """Bring rows found in a shrunk copy to pixels of the picture."""
    back = np.array([image.shape[1] / small.shape[1], image.shape[0] / small.shape[0]], np.float32)
    rows = rows.copy()
    rows[:, :4] *= np.tile(back, 2)
    rows[:, 5:] *= np.tile(back, 5)
    return rows


def _look_at_tile(image: Picture, tile: Tile, part: Tile, min_score: float) -> Floats:
    """Run the network on the part of a tile that has detail; return rows in pixels of ``image``.

    Faces are left out that the tile cuts, or that are too large for it.
    """
    left, top, right, bottom = part
    rows = _shifted(_run(image[top:bottom, left:right], min_score), left=left, top=top)
    height, width = image.shape[:2]
    left, top, right, bottom = tile
    inner = np.array([left or -np.inf, top or -np.inf], np.float32)
    outer = np.array([right if right < width else np.inf, bottom if bottom < height else np.inf], np.float32)
    margin = _heights(rows)[:, None] * np.float32(_TILE_MARGIN)
    is_whole = np.all((rows[:, :2] - margin >= inner) & (rows[:, 2:4] + margin <= outer), axis=1)
    return cast("Floats", rows[is_whole & (_heights(rows) <= _LARGEST_IN_TILE)])


def _parts(image: Picture) -> Iterator[tuple[Tile, Tile]]:
    """Yield each tile that is not flat all over, with the part of it that holds all its detail."""
    size = max(1, image.shape[1] // _DETAIL_STEP), max(1, image.shape[0] // _DETAIL_STEP)
    small = cv2.resize(cv2.extractChannel(image, 1), size, interpolation=cv2.INTER_AREA)
    is_detail = cv2.morphologyEx(small, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) >= _FLAT
    for tile in _tiles(image):
        left, top, right, bottom = tile
        inside = is_detail[
            top // _DETAIL_STEP : -(-bottom // _DETAIL_STEP), left // _DETAIL_STEP : -(-right // _DETAIL_STEP)
        ]
        columns, rows = np.flatnonzero(inside.any(axis=0)), np.flatnonzero(inside.any(axis=1))
        if not len(columns):
            continue
        part = (
            max(left, left + int(columns[0]) * _DETAIL_STEP - _DETAIL_MARGIN),
            max(top, top + int(rows[0]) * _DETAIL_STEP - _DETAIL_MARGIN),
            min(right, left + int(columns[-1] + 1) * _DETAIL_STEP + _DETAIL_MARGIN),
            min(bottom, top + int(rows[-1] + 1) * _DETAIL_STEP + _DETAIL_MARGIN),
        )
        yield tile, part


def _tiles(image: Picture) -> Iterator[Tile]:
    """Yield left, top, right, bottom of overlapping tiles that cover the picture."""
    height, width = image.shape[:2]
    for top, bottom in _spans(height):
        for left, right in _spans(width):
            yield left, top, right, bottom


def _spans(length: int) -> list[tuple[int, int]]:
    """Share a length out into equal spans that overlap, of about ``_TILE`` each and a multiple of 32."""
    if length <= _TILE:
        return [(0, length)]
    count = max(2, round((length - _TILE_OVERLAP) / (_TILE - _TILE_OVERLAP)))
    span = ceil((length + (count - 1) * _TILE_OVERLAP) / count / _MULTIPLE) * _MULTIPLE
    starts = np.linspace(0, max(0, length - span), count).round().astype(int).tolist()
    return [(start, min(length, start + span)) for start in starts]


def _shifted(rows: Floats, *, left: int, top: int) -> Floats:
    shift = np.array([left, top], np.float32)
    rows[:, :4] += np.tile(shift, 2)
    rows[:, 5:] += np.tile(shift, 5)
    return rows


def _run(image: Picture, min_score: float) -> Floats:
    """Run the network once; return rows (n, 15): box, score, five points, in pixels of ``image``."""
    height, width = image.shape[:2]
    full_height, full_width = (ceil(side / _MULTIPLE) * _MULTIPLE for side in (height, width))
    padded = cv2.copyMakeBorder(image, 0, full_height - height, 0, full_width - width, cv2.BORDER_CONSTANT)
    blob = cv2.dnn.blobFromImage(padded, swapRB=True)
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


def _heights(rows: Floats) -> Floats:
    """Return the longer side of each box: a face on its side is as high as its box is wide."""
    return cast("Floats", (rows[:, 2:4] - rows[:, :2]).max(axis=1, initial=0.0))


def _height(row: Floats) -> float:
    """Return the longer side of one box."""
    return float(_heights(row[None])[0])


def _suppress(rows: Floats) -> Floats:
    """Keep one box per face: the surest of those that overlap, and none that lies inside another face."""
    rows = _surest(rows)
    rows = rows[np.argsort(-_areas(rows), kind="stable")]
    area = _areas(rows)
    alive = np.ones(len(rows), bool)
    for place in range(len(rows)):
        if alive[place]:
            inside = _shared_and_union(rows, place)[0] > _CONTAINED * area
            inside[: place + 1] = False
            alive &= ~inside
    return rows[alive]


def _surest(rows: Floats) -> Floats:
    """Keep the surest of boxes that overlap, surest first."""
    rows = rows[np.argsort(-rows[:, 4], kind="stable")]
    alive = np.ones(len(rows), bool)
    for place in range(len(rows)):
        if alive[place]:
            shared, union = _shared_and_union(rows, place)
            covered = shared > _NMS_OVERLAP * union
            covered[: place + 1] = False
            alive &= ~covered
    return rows[alive]


def _shared_and_union(rows: Floats, place: int) -> tuple[Floats, Floats]:
    """Return the area that each box shares with one of them, and that of both together."""
    size = (np.minimum(rows[place, 2:4], rows[:, 2:4]) - np.maximum(rows[place, :2], rows[:, :2])).clip(0)
    shared = size[:, 0] * size[:, 1]
    area = _areas(rows)
    return shared, area[place] + area - shared
