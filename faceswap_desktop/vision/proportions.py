"""The shape of a person's face, free of where and how large it was photographed, and its use on another face."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision import topology
from faceswap_desktop.vision.layout import (
    INNER_LIPS,
    LAYOUT,
    LEFT_EYE,
    MESH_POINTS,
    MIRROR,
    OUTER_LIPS,
    OVAL,
    REGIONS,
    RIGHT_EYE,
    TRIANGLES,
)

Array = NDArray[np.float32]
Exact = NDArray[np.float64]

AMOUNT: Final = 0.52
"""How far a target's vertices move towards the source's proportions. All alike, as moving some far and others not at
all costs more of the expression, and gives less of the likeness, than moving all of them half-way."""
LIMIT: Final = 0.1
"""Longest move, as a share of the face's width."""
_SMOOTHING: Final = 2
"""Rounds of smoothing that carry the moves of lids and lips on into the skin around them."""

# Brows, bridge of the nose, eye corners and outline: what expressions move least.
_RIGID: Final = np.unique(
    np.concatenate([OVAL, [70, 105, 107, 300, 334, 336, 168, 6, 197, 195, 33, 133, 263, 362, 9, 8, 122, 351]])
).astype(np.intp)


def similarity_3d(points: Exact, template: Exact) -> tuple[float, Exact, Exact]:
    """Return scale, rotation (3, 3) and shift that take ``points`` (n, 3) nearest to ``template`` (Umeyama 1991)."""
    middle, goal = points.mean(axis=0), template.mean(axis=0)
    centred, wanted = points - middle, template - goal
    left, singular, right = np.linalg.svd(wanted.T @ centred)
    signs = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    rotation = (left * signs) @ right
    scale = float((singular * signs).sum() / (centred**2).sum())
    return scale, rotation, goal - scale * rotation @ middle


def canonical(points: NDArray[np.floating]) -> Array:
    """Turn a mesh to the front, centre it and give it the size 1 (root mean square of its rigid points).

    Args:
        points: (468 or more, 3) mesh, x right, y down, z away.

    Returns:
        (468, 3) float32.
    """
    mesh = np.asarray(points[:MESH_POINTS], dtype=np.float64)
    across = (mesh[MIRROR] - mesh)[LAYOUT[:MESH_POINTS, 0] < 0.49].mean(axis=0)
    across /= np.linalg.norm(across)
    down = mesh[[152, 175, 17]].mean(axis=0) - mesh[[10, 151, 9]].mean(axis=0)
    down -= across * (down @ across)
    down /= np.linalg.norm(down)
    frame = np.stack([across, down, np.cross(across, down)])
    turned = (mesh - mesh[_RIGID].mean(axis=0)) @ frame.T
    return np.asarray(turned / np.sqrt((turned[_RIGID] ** 2).sum(axis=1).mean()), dtype=np.float32)


def yaw_of(points: NDArray[np.floating]) -> float:
    """Return the turn of the head in degrees from the mesh's own depth, 0 to 90 to either side, unsigned."""
    mesh = np.asarray(points[:MESH_POINTS], dtype=np.float64)
    across = (mesh[MIRROR] - mesh)[LAYOUT[:MESH_POINTS, 0] < 0.49].mean(axis=0)
    return float(np.degrees(np.arctan2(abs(across[2]), np.hypot(across[0], across[1]))))


def merge_canonical(shapes: list[Array], weights: list[float]) -> Array:
    """Average several canonical meshes of one person, (468, 3)."""
    share = np.asarray(weights, dtype=np.float64) / sum(weights)
    return np.asarray(sum(w * shape for w, shape in zip(share, shapes, strict=True)), dtype=np.float32)


def mirrored(shape: Array) -> Array:
    """Return a canonical mesh with its sides exchanged, (468, 3)."""
    return np.asarray(shape[MIRROR] * np.array([-1.0, 1.0, 1.0], dtype=np.float32), dtype=np.float32)


def _neighbours() -> tuple[NDArray[np.intp], Exact]:
    """Per point its neighbours in the mesh, filled up with itself, and the share of each: (468, n) both."""
    joined = np.zeros((MESH_POINTS, MESH_POINTS), dtype=np.bool_)
    for a, b, c in topology.TRIANGLES.tolist():
        joined[[a, b, b, c, c, a], [b, a, c, b, a, c]] = True
    most = int(joined.sum(axis=1).max())
    points = np.repeat(np.arange(MESH_POINTS, dtype=np.intp)[:, None], most, axis=1)
    shares = np.zeros((MESH_POINTS, most))
    for index, row in enumerate(joined):
        near = np.flatnonzero(row)
        points[index, : len(near)] = near
        shares[index, : len(near)] = 1.0 / len(near)
    return points, shares


_NEAR, _SHARES = _neighbours()
_NOSTRIL_POINTS: Final[NDArray[np.intp]] = np.flatnonzero(
    [
        cv2.pointPolygonTest((LAYOUT[REGIONS["nostrils"][0]] * 1000.0).astype(np.float32), (float(x), float(y)), False)
        > 0
        for x, y in LAYOUT[:MESH_POINTS] * 1000.0
    ]
)


@dataclass(frozen=True, slots=True, eq=False)
class _Opening:
    """An eye or the mouth: how far open it is belongs to the expression, its place and shape to the person.

    Attributes:
        block: (n,) points of the lids or lips.
        shares: (n, m) what each point takes of the gap's change at the points of ``upper`` and ``lower``.
        upper: (m,) points of the opening's upper edge.
        lower: (m,) those of its lower edge, below them.
    """

    block: NDArray[np.intp]
    shares: Exact
    upper: NDArray[np.intp]
    lower: NDArray[np.intp]


def _opening(block: NDArray[np.intp], loop: NDArray[np.intp], corners: tuple[int, int]) -> _Opening:
    ring = loop.tolist()
    start = ring.index(corners[0])
    ring = ring[start:] + ring[:start]
    stop = ring.index(corners[1])
    edges = [np.asarray(ring[: stop + 1]), np.asarray([ring[0], *reversed(ring[stop:])])]
    upper, lower = sorted(edges, key=lambda edge: float(LAYOUT[edge, 1].mean()))
    assert len(upper) == len(lower)
    places = LAYOUT[upper, 0].astype(np.float64)
    order = np.argsort(places)
    shares = np.stack([np.interp(LAYOUT[block, 0], places[order], row[order]) for row in np.eye(len(upper))], axis=1)
    line = shares @ ((LAYOUT[upper, 1] + LAYOUT[lower, 1]) / 2.0)
    shares *= np.where(LAYOUT[block, 1] > line, 0.5, -0.5)[:, None]
    return _Opening(block, shares, upper.astype(np.intp), lower.astype(np.intp))


_OPENINGS: Final = (
    _opening(
        np.unique(np.concatenate([OUTER_LIPS, INNER_LIPS, topology.REFINEMENT["lips"]])).astype(np.intp),
        INNER_LIPS,
        (78, 308),
    ),
    _opening(
        np.unique(np.concatenate([RIGHT_EYE, topology.REFINEMENT["left_eye"][:40]])).astype(np.intp),
        RIGHT_EYE,
        (33, 133),
    ),
    _opening(
        np.unique(np.concatenate([LEFT_EYE, topology.REFINEMENT["right_eye"][:40]])).astype(np.intp),
        LEFT_EYE,
        (362, 263),
    ),
)


def _averaged(values: Exact, points: NDArray[np.intp] | slice = slice(None)) -> Exact:
    """Return for some points (all, if not said) the mean of their neighbours' values, (n, 3)."""
    return np.asarray((values[_NEAR[points]] * _SHARES[points][..., None]).sum(axis=1))


def nudge(points: NDArray[np.floating], shape: Array, amount: float = AMOUNT) -> Array:
    """Move a target's mesh part of the way to a source's proportions.

    Eyes and mouth stay as far open as they are, so that the expression stays the target's.

    Args:
        points: (468 or more, 3) the target's mesh in pixels.
        shape: (468, 3) the source's canonical mesh.
        amount: 0 (stay) to 1 (all the way).

    Returns:
        (468, 3) float32 in the target's pixels.
    """
    mesh = np.asarray(points[:MESH_POINTS], dtype=np.float64)
    source = shape.astype(np.float64)
    scale, rotation, shift = similarity_3d(source[_RIGID], mesh[_RIGID])
    move = scale * source @ rotation.T + shift - mesh
    width = float(np.linalg.norm(mesh[454] - mesh[234]))
    kept = []
    for opening in _OPENINGS:
        # The gap between the lids or lips changes by nothing: both edges take the mean of their moves.
        gap = move[opening.lower] - move[opening.upper]
        kept.append(move[opening.block] - opening.shares @ gap)
    for _ in range(_SMOOTHING):
        for opening, own in zip(_OPENINGS, kept, strict=True):
            move[opening.block] = own
        move = 0.5 * move + 0.5 * _averaged(move)
    for opening, own in zip(_OPENINGS, kept, strict=True):
        move[opening.block] = own
    move *= amount
    length = np.linalg.norm(move[:, :2], axis=1, keepdims=True)
    longest = LIMIT * width
    # Long moves are bent down smoothly towards the limit, never cut, so that neighbours stay neighbours.
    move *= np.tanh(length / longest) * longest / np.maximum(length, 1e-9)
    return np.asarray(mesh + move, dtype=np.float32)


def relax_nostrils(points: NDArray[np.floating]) -> Array:
    """Spread the points in and under the nostrils evenly, so that their small triangles do not fold over.

    The underside of the nose is seen edge-on in most photos, and its triangles overlap there; carried from one face to
    another they would show as specks. Moved alike in both, they carry the picture as it is.

    Args:
        points: (468 or more, 3).

    Returns:
        (468, 3) float32.
    """
    relaxed = np.asarray(points[:MESH_POINTS], dtype=np.float64).copy()
    relaxed[_NOSTRIL_POINTS] = _relaxing() @ relaxed
    return relaxed.astype(np.float32)


@cache
def _averaging(points: tuple[int, ...] | None = None) -> Exact:
    """Return the matrix that gives some points (all, if not said) the mean of their neighbours and keeps the others."""
    matrix = np.eye(MESH_POINTS)
    for point in range(MESH_POINTS) if points is None else points:
        matrix[point] = 0.0
        np.add.at(matrix[point], _NEAR[point], _SHARES[point])
    return matrix


@cache
def _relaxing() -> Exact:
    """Thirty rounds of averaging in and under the nostrils in one, (nostril points, 468)."""
    rounds = np.linalg.matrix_power(_averaging(tuple(_NOSTRIL_POINTS.tolist())), 30)
    return np.asarray(rounds[_NOSTRIL_POINTS])


@cache
def _smoothing_of_normals() -> Exact:
    """Ten rounds of partial averaging over the whole mesh in one, (468, 468)."""
    return np.asarray(np.linalg.matrix_power(0.3 * np.eye(MESH_POINTS) + 0.7 * _averaging(), 10))


def normals(points: NDArray[np.floating]) -> Array:
    """Say how far each part of the face faces the viewer; nostrils and lips count as the face around them.

    Args:
        points: (468 or more, 3).

    Returns:
        (468,) float32, 1 (straight at the viewer) to -1 (away).
    """
    mesh = np.asarray(points[:MESH_POINTS], dtype=np.float64)
    triangles = TRIANGLES[: len(topology.TRIANGLES)]
    corner = mesh[triangles]
    facing = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    total: Exact = np.stack(
        [np.bincount(triangles.reshape(-1), np.repeat(facing[:, axis], 3), minlength=MESH_POINTS) for axis in range(3)],
        axis=1,
    )
    total /= np.linalg.norm(total, axis=1, keepdims=True) + 1e-12
    total = _smoothing_of_normals() @ total
    total /= np.linalg.norm(total, axis=1, keepdims=True) + 1e-12
    # The topology winds all triangles one way; z grows away from the viewer.
    return np.asarray(total[:, 2] * _WINDING, dtype=np.float32)


def _winding() -> float:
    a, b, c = (LAYOUT[TRIANGLES[0, place]] for place in range(3))
    return float(np.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])))


_WINDING: Final = _winding()
