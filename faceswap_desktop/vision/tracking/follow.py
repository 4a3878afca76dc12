"""Following the faces of a chunk from frame to frame: looked for every few frames, followed by their meshes between."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np

from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.vision.arrays import Picture
from faceswap_desktop.vision.detect import Detection
from faceswap_desktop.vision.embed import CHECKPOINT
from faceswap_desktop.vision.mesh import Mesh, fit_mesh, fit_mesh_again
from faceswap_desktop.vision.tracking.findings import Findings
from faceswap_desktop.vision.tracking.following import (
    STRANGER_SIMILARITY,
    Following,
    apart,
    mesh_middle,
    mesh_side,
)
from faceswap_desktop.vision.tracking.looks import Looks, look_at
from faceswap_desktop.vision.tracking.matching import (
    assigned,
    could_be_found,
    detected,
    distances_to,
    is_plausible,
    shrunk,
)

DETECT_EVERY: Final = 10
"""Frames between two looks for new faces; those are then followed back to where they came into view."""
MAX_FOLLOWED: Final = 32
"""Faces followed at once: a mesh takes about 6 ms, so a crowd of 200 would take more than a second per frame."""

_SHORT_EVERY: Final = 2
_SHORT_FOR: Final = 12
"""After a face was lost, it is looked for every second frame for so long."""
_QUICK_SIDE: Final = 640
"""Long side of the copy that is looked at in the middle of a chunk. Smaller faces were found at its start."""
_MOST_MISSES: Final = 3
_SAME_PLACE: Final = 0.35
"""Two meshes whose middles are nearer than this share of their side are on one face."""
_FOUND_AGAIN: Final = 0.5
_LIKE: Final = 0.75
"""``looks.likeness`` to the frame before, from which nobody asks whether it is still the same person."""
_UNLIKE: Final = 0.3
"""Under this it is not, where faces are too small to be told apart otherwise."""
_MOST_UNREAD: Final = 8
"""After more frames that could not be decoded, faces are looked for anew."""
_MOST_STRIKES: Final = 2
_STRIKE_FRAMES: Final = 2
_PAST_SIDE: Final = 1280
"""Long side of the frames kept for following back."""


class Follower:
    """Follows the faces of one chunk. Frames are given one by one, in order.

    Args:
        frames: The chunk.
    """

    def __init__(self, frames: FrameRange) -> None:
        first = frames.first
        self._first, self._last = first, frames.end - 1
        self._next = first
        self._live: list[Following] = []
        self._done: list[Following] = []
        self._past: deque[tuple[int, Picture, float]] = deque(maxlen=DETECT_EVERY)
        self._due = first
        self._look_closely = True
        self._short_until = first
        self._cuts: list[int] = []
        self._unreadable: list[int] = []
        self._is_crowded = False
        self._unread = 0
        self._size = (0, 0)
        self.timings: dict[str, float] = {}

    @property
    def count(self) -> int:
        """How many frames were taken in."""
        return self._next - self._first

    def add(self, image: Picture | None, *, begins_scene: bool) -> None:
        """Take in the next frame.

        Args:
            image: uint8 (height, width, 3), RGB, upright; None where it could not be decoded.
            begins_scene: A cut lies before it.
        """
        frame, self._next = self._next, self._next + 1
        if begins_scene:
            self._cuts.append(frame)
            self._begin_scene(frame)
        if image is None:
            self._unreadable.append(frame)
            self._pass_unread(frame)
            return
        self._unread = 0
        self._size = (image.shape[1], image.shape[0])
        self._follow(frame, image)
        # Behind the border nobody follows a face back that came into view before it: so it is looked for at the end.
        if frame >= self._due or frame == self._last:
            self._look(frame, image)
        self._part_doubles(image)
        self._keep_past(frame, image)

    def finish(self) -> Findings:
        """Return what was found."""
        with self._timed("embed"):
            found = [one.finished() for one in (*self._done, *self._live)]
        kept = [one for one in found if one is not None]
        kept.sort(key=lambda one: (one.first, -mesh_side(one.points[0]), float(one.points[0, 0, 0])))
        return Findings(
            FrameRange(self._first, self._next),
            self._size,
            tuple(kept),
            tuple(self._cuts),
            tuple(self._unreadable),
            self._is_crowded,
            CHECKPOINT,
        )

    # ------------------------------------------------------------------------------------------------- following

    def _begin_scene(self, frame: int) -> None:
        self._done += self._live
        self._live = []
        self._past.clear()
        self._due, self._look_closely = frame, True

    def _pass_unread(self, frame: int) -> None:
        self._unread += 1
        if self._unread > _MOST_UNREAD:
            self._begin_scene(frame + 1)
        for one in self._live:
            one.add_unread()

    def _follow(self, frame: int, image: Picture) -> None:
        live, self._live = self._live, []
        for one in live:
            with self._timed("mesh"):
                expected = one.predicted()
                mesh = fit_mesh_again(image, expected)
            if mesh is None or not is_plausible(expected, mesh):
                self._lose(one, frame)
                continue
            with self._timed("looks"):
                looks = look_at(image, mesh)
            self._check(one, image, mesh, looks, frame)

    def _lose(self, one: Following, frame: int) -> None:
        if one.suspect_since is not None and one.suspect_since > one.first:
            # Whoever it was at the end, nobody can tell any more.
            one.split(one.suspect_since)
        self._done.append(one)
        self._due = frame
        self._short_until = frame + _SHORT_FOR

    def _check(self, one: Following, image: Picture, mesh: Mesh, looks: Looks, frame: int) -> None:
        """Take the frame in, unless the mesh has slid onto somebody else's face."""
        like = one.likeness_to(looks)
        with self._timed("embed"):
            if one.suspect_since is None and like < _LIKE and frame >= one.next_check:
                one.suspect(frame)
            one.add(image, mesh, looks)
            if one.suspect_since is None or frame < one.next_check:
                self._live.append(one)
                return
            resemblance = one.resemblance(image, mesh)
        if resemblance is None:
            is_stranger = like < _UNLIKE
            one.strikes = _MOST_STRIKES if is_stranger else 0
        else:
            is_stranger = resemblance < STRANGER_SIMILARITY
            one.strikes = one.strikes + 1 if is_stranger else 0
        one.next_check = frame + _STRIKE_FRAMES
        if not one.strikes:
            one.clear()
        if one.strikes < _MOST_STRIKES:
            self._live.append(one)
            return
        stranger = one.split(one.suspect_since)
        self._done.append(one)
        self._live.append(stranger)
        self._due = frame

    # --------------------------------------------------------------------------------------------------- looking

    def _look(self, frame: int, image: Picture) -> None:
        with self._timed("detect"):
            found, scale = detected(image, None if self._look_closely else _QUICK_SIDE)
        is_start, self._look_closely = self._look_closely, False
        self._due = frame + (_SHORT_EVERY if frame < self._short_until else DETECT_EVERY)
        new = self._assign(found, frame, scale)
        for detection in new:
            if len(self._live) >= MAX_FOLLOWED:
                self._is_crowded = True
                break
            self._begin(detection, frame, image, is_start=is_start)

    def _assign(self, found: list[Detection], frame: int, scale: float) -> list[Detection]:
        """Tell the faces that are followed that they were found again; return what nobody follows yet."""
        distances = distances_to(found, [one.last for one in self._live])
        taken = assigned(distances, _FOUND_AGAIN)
        for place, number in taken.items():
            one = self._live[number]
            one.score, one.misses, one.seen_by_detector = found[place].score, 0, frame
        for number, one in enumerate(list(self._live)):
            if number not in taken.values() and could_be_found(one.last, scale):
                one.misses += 1
                if one.misses >= _MOST_MISSES:
                    self._live.remove(one)
                    one.split(min(one.end, one.seen_by_detector + 1))
                    self._done.append(one)
        is_free = np.all(distances >= _SAME_PLACE, axis=1).tolist()
        return [detection for place, detection in enumerate(found) if place not in taken and is_free[place]]

    def _begin(self, detection: Detection, frame: int, image: Picture, *, is_start: bool) -> None:
        with self._timed("mesh"):
            mesh = fit_mesh(image, detection)
        if mesh is None or any(apart(mesh.points, one.last) < _SAME_PLACE for one in self._live):
            return
        one = Following(frame, detection.score)
        with self._timed("looks"):
            looks = look_at(image, mesh)
        one.add(image, mesh, looks)
        self._live.append(one)
        if not is_start:
            self._follow_back(one)

    def _follow_back(self, one: Following) -> None:
        """Follow a new face back to where it came into view."""
        for frame, image, scale in reversed(self._past):
            start = one.first_mesh
            expected = Mesh((start.points * np.float32(scale)).astype(np.float32), start.flag)
            with self._timed("mesh"):
                mesh = fit_mesh_again(image, expected)
            if mesh is None or not is_plausible(expected, mesh) or self._is_taken(mesh, frame, scale, one):
                return
            with self._timed("looks"):
                looks = look_at(image, mesh)
            if one.first_likeness(looks) < _LIKE:
                return
            one.prepend(Mesh((mesh.points / np.float32(scale)).astype(np.float32), mesh.flag), looks)

    def _is_taken(self, mesh: Mesh, frame: int, scale: float, but: Following) -> bool:
        placed = mesh.points / np.float32(scale)
        others = (other.at(frame) for other in (*self._live, *self._done) if other is not but)
        return any(other is not None and apart(placed, other) < _SAME_PLACE for other in others)

    def _keep_past(self, frame: int, image: Picture) -> None:
        scale = min(1.0, _PAST_SIDE / max(image.shape[:2]))
        self._past.append((frame, shrunk(image, scale), scale))

    # --------------------------------------------------------------------------------------------------- doubles

    def _part_doubles(self, image: Picture) -> None:
        """Where two meshes have come onto one face, keep the one whose face it is."""
        live = list(self._live)
        if len(live) < 2:
            return
        middles = np.stack([mesh_middle(one.last) for one in live])
        sides = np.array([mesh_side(one.last) for one in live])
        away = np.hypot(*(middles[:, None] - middles[None]).T) / np.maximum(sides[:, None], sides[None]).clip(1.0)
        for number, place in np.argwhere(np.triu(away < _SAME_PLACE, 1)):
            one, other = live[number], live[place]
            if one in self._live and other in self._live:
                self._end_double(self._worse(one, other, image), one, other)

    def _worse(self, one: Following, other: Following, image: Picture) -> Following:
        with self._timed("embed"):
            likes = [each.resemblance(image, Mesh(each.last, 1.0)) for each in (one, other)]
        if likes[0] is not None and likes[1] is not None:
            return one if likes[0] < likes[1] else other
        return one if one.end - one.first < other.end - other.first else other

    def _end_double(self, loser: Following, one: Following, other: Following) -> None:
        winner = other if loser is one else one
        since = loser.end
        while since > loser.first:
            mine, theirs = loser.at(since - 1), winner.at(since - 1)
            if mine is None or theirs is None or apart(mine, theirs) >= _SAME_PLACE:
                break
            since -= 1
        if loser.suspect_since is not None:
            since = min(since, loser.suspect_since)
        self._live.remove(loser)
        if since > loser.first:
            loser.split(since)
            self._done.append(loser)

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.timings[stage] = self.timings.get(stage, 0.0) + time.perf_counter() - start
