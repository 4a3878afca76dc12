"""Finds a recipe's target faces in a single frame, while nobody has followed them through the video yet."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from faceswap_desktop.domain.faces import DetectedFace, Embedding
from faceswap_desktop.domain.recipe import Recipe, TargetFace
from faceswap_desktop.domain.video import FrameRange, TrackPart
from faceswap_desktop.media.video.packet_run import Frame
from faceswap_desktop.media.video.pixels import upright_rgb
from faceswap_desktop.media.video.reader import FrameReader
from faceswap_desktop.vision.analyse import analyse
from faceswap_desktop.vision.arrays import Picture
from faceswap_desktop.vision.mesh import Mesh
from faceswap_desktop.vision.pose import head_pose
from faceswap_desktop.vision.tracking.slices import TrackRun, TrackSlice, make_run
from faceswap_desktop.workers.swap_tasks import find_again

_SAME_PERSON: Final = 0.36
"""Cosine from which two faces are one person's (the publisher of the network says 0.363)."""
_SAME_PLACE: Final = 0.6
"""Without embeddings: furthest distance of two places, in heights of the face."""
_KEPT: Final = 64
_embeddings: OrderedDict[tuple[str, int, int], Embedding | None] = OrderedDict()


@dataclass(frozen=True, slots=True)
class FoundTargets:
    """Where the targets are in one frame.

    Attributes:
        recipe: The same recipe, its targets followed by ``tracks`` in this frame.
        tracks: The faces that were found.
        missing: Numbers of those that were not.
    """

    recipe: Recipe
    tracks: TrackSlice
    missing: tuple[int, ...]


def find_targets(recipe: Recipe, reader: FrameReader, number: int, frame: Frame, rotation: int) -> FoundTargets:
    """Look for the targets in a frame by who they are, and where that cannot be told by where they were.

    Args:
        recipe: What to do.
        reader: Of the video; the targets' own frames are read from it once.
        number: Of the frame.
        frame: As decoded.
        rotation: Degrees by which it has to be turned clockwise to stand upright.
    """
    pixels = upright_rgb(frame, rotation)
    faces = list(analyse(pixels))
    runs: list[TrackRun] = []
    found: dict[int, TargetFace] = {}
    for target in recipe.targets:
        face = _match(target, _embedding_of(recipe, target, reader, rotation), faces, is_own=number == target.frame)
        mesh = None if face is None else find_again(pixels, face.box, face.five_points)
        if face is None or mesh is None:
            continue
        faces.remove(face)
        runs.append(_run_of(target.index, number, mesh))
        found[target.index] = replace(target, parts=(TrackPart(FrameRange(number, number + 1), target.index),))
    told = replace(
        recipe,
        pairings=tuple(replace(one, target=found.get(one.target.index, one.target)) for one in recipe.pairings),
        ages=tuple(replace(one, target=found.get(one.target.index, one.target)) for one in recipe.ages),
    )
    missing = tuple(target.index for target in recipe.targets if target.index not in found)
    return FoundTargets(told, TrackSlice(FrameRange(number, number + 1), tuple(runs)), missing)


def _run_of(track: int, number: int, mesh: Mesh) -> TrackRun:
    pose = head_pose(mesh)

    def alone(value: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        return np.array([value], np.float32)

    return make_run(
        track,
        number,
        mesh.points[None],
        alone(mesh.flag),
        alone(pose.yaw_degrees),
        alone(pose.pitch_degrees),
        alone(0.0),
        np.zeros(1, np.bool_),
    )


def _match(
    target: TargetFace, embedding: Embedding | None, faces: list[DetectedFace], *, is_own: bool
) -> DetectedFace | None:
    known = [face for face in faces if face.embedding is not None]
    if embedding is not None and known and not is_own:
        best = max(known, key=lambda face: embedding.similarity(face.embedding) if face.embedding else -1.0)
        is_same = best.embedding is not None and embedding.similarity(best.embedding) >= _SAME_PERSON
        return best if is_same else None
    middle, height = target.box.center, max(target.box.bottom - target.box.top, 1.0)

    def distance(face: DetectedFace) -> float:
        return float(np.hypot(face.box.center.x - middle.x, face.box.center.y - middle.y)) / height

    nearest = min(faces, key=distance, default=None)
    return nearest if nearest is not None and distance(nearest) <= _SAME_PLACE else None


def _embedding_of(recipe: Recipe, target: TargetFace, reader: FrameReader, rotation: int) -> Embedding | None:
    """Return the embedding of a target in its own frame; kept."""
    key = (recipe.media.fingerprint.quick_digest, target.index, target.frame)
    if key not in _embeddings:
        frame = reader.frame(target.frame)
        _embeddings[key] = None if frame is None else _own_embedding(upright_rgb(frame, rotation), target)
        while len(_embeddings) > _KEPT:
            _embeddings.popitem(last=False)
    return _embeddings[key]


def _own_embedding(pixels: Picture, target: TargetFace) -> Embedding | None:
    face = _match(target, None, list(analyse(pixels)), is_own=True)
    return None if face is None else face.embedding
