"""One face while it is being followed: its meshes so far, how it looked, and the pictures worth embedding."""

from __future__ import annotations

from typing import Final

import numpy as np

from faceswap_desktop.vision.analyse import MIN_EMBEDDED_EYES_PX
from faceswap_desktop.vision.arrays import Floats, Picture
from faceswap_desktop.vision.embed import aligned, embed_aligned
from faceswap_desktop.vision.mesh import Mesh, five_points_of
from faceswap_desktop.vision.topology import SURFACE_COUNT
from faceswap_desktop.vision.tracking.findings import EMBEDDING_SIZE, Tracklet
from faceswap_desktop.vision.tracking.looks import Looks, likeness

SAMPLE_EVERY: Final = 30
"""Frames of which the best one is embedded."""
STRANGER_SIMILARITY: Final = 0.25
"""Cosine under which the face that is followed has become somebody else's; the same person stays above 0.36 nearly
always, other people below 0.2."""
_MOST_SAMPLES: Final = 8
_CLEARLY_BETTER: Final = 1.03


def mesh_side(points: Floats) -> float:
    """Return the longer side of a mesh's bounds in pixels."""
    return float(np.ptp(points[:SURFACE_COUNT, :2], axis=0).max())


def mesh_middle(points: Floats) -> Floats:
    """Return the middle (2,) of a mesh's bounds in pixels."""
    surface = points[:SURFACE_COUNT, :2]
    return np.asarray((surface.min(axis=0) + surface.max(axis=0)) / 2, dtype=np.float32)


def apart(one: Floats, other: Floats) -> float:
    """Return how far two meshes (478, 3) lie apart, in sides of the larger one: 0 one place, 1 side by side."""
    side = max(mesh_side(one), mesh_side(other), 1.0)
    return float(np.hypot(*(mesh_middle(one) - mesh_middle(other)))) / side


class Following:
    """A face that is followed.

    Args:
        first: Number of the first frame.
        score: The detector's.
    """

    def __init__(self, first: int, score: float) -> None:
        self.first = first
        self.score = score
        self.misses = 0
        self.seen_by_detector = first
        self.suspect_since: int | None = None
        self.strikes = 0
        self.next_check = first
        self._points: list[Floats] = []
        self._flags: list[float] = []
        self._scores: list[float] = []
        self._looks: list[Looks] = []
        self._samples: list[tuple[int, Floats, float]] = []
        self._pending: tuple[int, Picture, float] | None = None
        self._window_began = first

    @property
    def end(self) -> int:
        """The frame behind the last one."""
        return self.first + len(self._points)

    @property
    def last(self) -> Floats:
        """The newest mesh, (478, 3)."""
        return self._points[-1]

    def at(self, frame: int) -> Floats | None:
        """Return the mesh in a frame, or None."""
        return self._points[frame - self.first] if self.first <= frame < self.end else None

    def predicted(self) -> Mesh:
        """Return where the mesh is likely to be in the next frame: it goes on as it went."""
        points = self.last
        if len(self._points) > 1 and self._flags[-2]:
            shift = mesh_middle(points) - mesh_middle(self._points[-2])
            limit = 0.5 * mesh_side(points)
            points = points.copy()
            points[:, :2] += shift.clip(-limit, limit)
        return Mesh(points, self._flags[-1])

    def likeness_to(self, looks: Looks) -> float:
        """Return how like the last frame's a face looks, -1 to 1."""
        return likeness(self._looks[-1].grey, looks.grey)

    def add(self, image: Picture, mesh: Mesh, looks: Looks) -> None:
        """Take in the next frame."""
        frame = self.end
        self._append(mesh, looks, self.score)
        self._offer(image, mesh, looks, frame)
        if frame + 1 - self._window_began >= SAMPLE_EVERY:
            self.sample()
            self._window_began = frame + 1

    def add_unread(self) -> None:
        """Take in a frame that could not be decoded: the face stays where it was."""
        self._append(Mesh(self.last, 0.0), self._looks[-1], self.score)

    def prepend(self, mesh: Mesh, looks: Looks) -> None:
        """Take in the frame before the first."""
        self.first -= 1
        self._points.insert(0, mesh.points)
        self._flags.insert(0, mesh.flag)
        self._scores.insert(0, self.score)
        self._looks.insert(0, looks)

    def first_likeness(self, looks: Looks) -> float:
        """Return how like the first frame's a face looks, -1 to 1."""
        return likeness(self._looks[0].grey, looks.grey)

    @property
    def first_mesh(self) -> Mesh:
        """The oldest mesh."""
        return Mesh(self._points[0], self._flags[0])

    # -------------------------------------------------------------------------------------------------- who it is

    def sample(self) -> None:
        """Embed the best picture since the last sample, if there is one."""
        if self._pending is None:
            return
        frame, crop, quality = self._pending
        self._pending = None
        if len(self._samples) < _MOST_SAMPLES:
            self._samples.append((frame, embed_aligned(crop), quality))

    def resemblance(self, image: Picture, mesh: Mesh) -> float | None:
        """Return the cosine of a picture to what was embedded before; None where that cannot be told."""
        if not self._samples:
            self.sample()
        if not self._samples or not _can_embed(mesh):
            return None
        vector = embed_aligned(aligned(image, five_points_of(mesh)))
        return max(float(vector @ known) for _, known, _ in self._samples)

    def suspect(self, frame: int) -> None:
        """Note that from a frame on this may be somebody else; what was seen before is embedded first."""
        self.sample()
        self.suspect_since, self.strikes, self.next_check = frame, 0, frame
        self._window_began = frame

    def clear(self) -> None:
        """It is still the same person."""
        self.suspect_since, self.strikes = None, 0
        self.next_check = self.end + SAMPLE_EVERY // 6

    def split(self, at: int) -> Following:
        """Keep the frames before ``at``; return the others as a face of its own, which the detector has yet to see."""
        place = at - self.first
        is_seen = self.seen_by_detector >= at
        rest = Following(at, self.score if is_seen else 0.0)
        rest.seen_by_detector = max(at, self.seen_by_detector)
        for name in ("_points", "_flags", "_scores", "_looks"):
            whole = getattr(self, name)
            setattr(rest, name, whole[place:])
            setattr(self, name, whole[:place])
        if not is_seen:
            rest._scores = [0.0] * len(rest._scores)
        rest._samples = [sample for sample in self._samples if sample[0] >= at]
        self._samples = [sample for sample in self._samples if sample[0] < at]
        if self._pending is not None and self._pending[0] >= at:
            rest._pending, self._pending = self._pending, None
        rest.next_check = rest.end
        return rest

    def finished(self) -> Tracklet | None:
        """Return what was followed; None where nothing is left, or the detector never saw a face there."""
        # At the end nothing stands after a frame that could not be decoded, from which to guess.
        while self._flags and not self._flags[-1]:
            for listed in (self._points, self._flags, self._scores, self._looks):
                listed.pop()
        if not any(self._scores):
            return None
        if self._pending is not None and (not self._samples or self.end - self._window_began >= SAMPLE_EVERY // 3):
            self.sample()
        looks = self._looks
        values = {
            "flag": self._flags,
            "score": self._scores,
            "yaw": [one.yaw_degrees for one in looks],
            "pitch": [one.pitch_degrees for one in looks],
            "sharpness": [one.sharpness for one in looks],
            "light": [one.light for one in looks],
            "cut": [one.cut for one in looks],
            "eyes": [one.eyes_px for one in looks],
        }
        vectors = [vector for _, vector, _ in self._samples]
        return Tracklet(
            self.first,
            np.stack(self._points).astype(np.float32),
            {name: np.array(listed, np.float32) for name, listed in values.items()},
            np.stack([one.colours for one in looks]),
            np.array([frame for frame, _, _ in self._samples], np.int32),
            np.array(vectors, np.float32).reshape(-1, EMBEDDING_SIZE),
            np.array([quality for _, _, quality in self._samples], np.float32),
        )

    # ---------------------------------------------------------------------------------------------------- insides

    def _append(self, mesh: Mesh, looks: Looks, score: float) -> None:
        self._points.append(mesh.points)
        self._flags.append(mesh.flag)
        self._scores.append(score)
        self._looks.append(looks)

    def _offer(self, image: Picture, mesh: Mesh, looks: Looks, frame: int) -> None:
        """Keep the picture for embedding if it is the best one yet."""
        if self.suspect_since is not None or not _can_embed(mesh) or len(self._samples) >= _MOST_SAMPLES:
            return
        quality = looks.quality * mesh.flag
        # Cutting a crop costs something, and a slightly better one is no better.
        if self._pending is None or quality > self._pending[2] * _CLEARLY_BETTER:
            self._pending = (frame, aligned(image, five_points_of(mesh)), quality)


def _can_embed(mesh: Mesh) -> bool:
    five = five_points_of(mesh)
    return float(np.hypot(*(five[1] - five[0]))) >= MIN_EMBEDDED_EYES_PX
