"""Frames of scenes without a file around them, and faces followed through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.domain.video import FrameRange, FrameTimes
from faceswap_desktop.vision.arrays import Floats, Picture
from faceswap_desktop.vision.tracking.cuts import is_cut, signature
from faceswap_desktop.vision.tracking.findings import EMBEDDING_SIZE, Findings, Tracklet
from faceswap_desktop.vision.tracking.follow import Follower
from faceswap_desktop.vision.tracking.looks import region_count
from faceswap_desktop.vision.tracking.slices import TrackSlice
from tests.clips import Matrix, Scene, draw_frame
from tests.unit.vision.sample_faces import sample_face

RATE = 30
FILES = {"collins": "eileen_collins.png", "hopper": "grace_hopper.jpg"}


@dataclass(frozen=True)
class Drawn:
    frames: list[Picture]
    truth: list[dict[str, Matrix]]
    cuts: list[int]


def drawn(scenes: Sequence[Scene], size: tuple[int, int] = (480, 270)) -> Drawn:
    frames: list[Picture] = []
    truth: list[dict[str, Matrix]] = []
    cuts: list[int] = []
    for scene in scenes:
        if frames:
            cuts.append(len(frames))
        for number in range(round(scene.seconds * RATE)):
            frame, where = draw_frame(scene, number / RATE, size)
            frames.append(frame)
            truth.append(where)
    return Drawn(frames, truth, cuts)


def followed(frames: Sequence[Picture | None], chunk: FrameRange | None = None) -> Findings:
    """Follow the faces of a chunk, as the task does it."""
    chunk = chunk or FrameRange(0, len(frames))
    around = {number: signature(frame) for number, frame in enumerate(frames) if frame is not None}
    follower = Follower(chunk)
    for number in range(chunk.first, chunk.end):
        follower.add(frames[number], begins_scene=is_cut(around, number))
    return Findings.unpack(follower.finish().pack())


def true_mesh(person: str, matrix: Matrix) -> Floats:
    """Return where the points (478, 2) of a sample's mesh are in a frame."""
    points = sample_face(FILES[person]).mesh.points[:, :2]
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2], dtype=np.float32)


def times(count: int) -> FrameTimes:
    return FrameTimes((np.arange(count) / RATE).astype(np.float64).tobytes(), count / RATE)


def cloud(middle: tuple[float, float], side: float = 100.0) -> Floats:
    """Return a made-up mesh (478, 3): the points of a sample's, put somewhere."""
    points = sample_face(FILES["collins"]).mesh.points.astype(np.float64)
    low, high = points[:468, :2].min(axis=0), points[:468, :2].max(axis=0)
    scale = side / float((high - low).max())
    placed = (points - [*((low + high) / 2), 0.0]) * scale + [*middle, 0.0]
    return np.asarray(placed, dtype=np.float32)


def made_tracklet(
    first: int, points: Floats, embedding: NDArray[np.float32] | None = None, *, score: float = 0.93
) -> Tracklet:
    """Return a tracklet that nobody followed: (n, 478, 3) points, everything else unremarkable."""
    count = len(points)
    flat = {"flag": 1.0, "score": score, "yaw": 0.0, "pitch": 0.0, "sharpness": 0.4, "light": 180.0, "cut": 0.0}
    values = {name: np.full(count, value, np.float32) for name, value in flat.items()}
    values["eyes"] = np.full(count, 40.0, np.float32)
    vectors = np.zeros((0, EMBEDDING_SIZE), np.float32) if embedding is None else embedding[None]
    return Tracklet(
        first,
        points,
        values,
        np.full((count, region_count(), 3), 128, np.uint8),
        np.full(len(vectors), first, np.int32),
        vectors,
        np.full(len(vectors), 0.8, np.float32),
    )


def direction(number: int, *, towards: int | None = None, share: float = 0.0) -> NDArray[np.float32]:
    """Return a unit vector (128,) of its own, leaning by a share to another's."""
    vector = np.zeros(EMBEDDING_SIZE, np.float32)
    vector[number] = (1 - share**2) ** 0.5
    if towards is not None:
        vector[towards] = share
    return vector


def spans(made: TrackSlice) -> list[tuple[int, int, int]]:
    return [(run.track, run.frames.first, run.frames.end) for run in made.runs]
