"""Follows faces from frame to frame, knowing nothing of what comes: found every few frames, by their meshes between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from faceswap_desktop.vision.arrays import Floats, Picture
from faceswap_desktop.vision.detect import Detection
from faceswap_desktop.vision.embed import embed_aligned
from faceswap_desktop.vision.live.acquaintances import SAME, Acquaintances
from faceswap_desktop.vision.live.aside import Aside
from faceswap_desktop.vision.live.face import LiveFace
from faceswap_desktop.vision.live.jumps import Jumps
from faceswap_desktop.vision.mesh import fit_mesh, fit_mesh_again
from faceswap_desktop.vision.tracking.following import STRANGER_SIMILARITY, apart
from faceswap_desktop.vision.tracking.looks import Looks, likeness, look_at
from faceswap_desktop.vision.tracking.matching import (
    assigned,
    could_be_found,
    detected,
    distances_to,
    is_plausible,
)

DETECT_EVERY: Final = 10
"""Frames between two looks for new faces while all is well."""
MOST_FOLLOWED: Final = 6
"""A mesh takes 6 ms."""

_LOOK_EVERY: Final = 3
"""Frames between two looks at a face that is alone."""
_SHORT_EVERY: Final = 3
_SHORT_FOR: Final = 60
"""After a face was lost, it is looked for every third frame for so long."""
_QUICK_SIDE: Final = 320
"""Long side of the copy in which faces are looked for on the way."""
_CLOSE_SIDE: Final = 640
"""The same at the beginning, after a jump, and every so often."""
_CLOSE_EVERY: Final = 4
"""Every so many looks are close ones."""
_MOST_MISSES: Final = 3
_SAME_PLACE: Final = 0.35
"""Two meshes whose middles are nearer than this share of their side are on one face."""
_FOUND_AGAIN: Final = 0.5
_BACK_WITHIN_S: Final = 0.4
"""A face that is lost and found again within this time, looking alike, was never away."""
_BACK_NEAR: Final = 1.2
"""Sides of the face that it may have gone meanwhile."""
_BACK_LIKE: Final = 0.5
_PLACE_FOR_S: Final = 2.0
"""For so long a place tells who is there, where the face alone does not."""
_DOUBTFUL: Final = 0.2
"""Cosine from which it may be the one who was there a moment ago."""
_LIKE: Final = 0.75
"""``looks.likeness`` to the frame before, from which nobody asks whether it is still the same person."""
_TELLING: Final = 0.12
"""Quality of a picture below which it makes nobody a stranger: a blurred face is like nobody's."""
_CHECK_S: Final = (0.15, 0.4, 1.0, 4.0)
"""Seconds until a face is embedded again: in doubt, not known yet, among others, and alone."""
_MOST_STRIKES: Final = 2
_SURELY: Final = 0.45
"""Cosine to somebody else from which one look is enough."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a frame shows.

    Attributes:
        faces: Those in it, largest first.
        lost: Faces that were in the frame before, and are not in this one.
        is_jump: The frame shows another scene than the one before.
    """

    faces: tuple[LiveFace, ...]
    lost: tuple[LiveFace, ...]
    is_jump: bool


class LiveFollower:
    """Follows the faces in front of a camera. Given frame by frame, in order."""

    def __init__(self, people: Acquaintances, aside: Aside) -> None:
        """Begin.

        Args:
            people: Who is known.
            aside: Where faces are embedded that can wait for it.
        """
        self._people, self._aside = people, aside
        self._faces: list[LiveFace] = []
        self._away: list[LiveFace] = []
        self._jumps = Jumps()
        self._frame = 0
        self._due = 0
        self._looks = 0
        self._short_until = 0

    def add(self, image: Picture, now_s: float) -> Seen:
        """Take in the next frame.

        Args:
            image: uint8 (height, width, 3), RGB, upright.
            now_s: When it was taken, in seconds.
        """
        self._frame += 1
        before = list(self._faces)
        is_jump = self._jumps.add(image)
        if is_jump:
            self._away, self._faces = [], []
            self._due, self._looks = self._frame, 0
        self._away = [one for one in self._away if now_s - one.now_s <= _PLACE_FOR_S]
        self._follow(image, now_s)
        if self._frame >= self._due:
            self._look(image, now_s)
        self._part_doubles()
        self._faces.sort(key=lambda one: -_height(one.points))
        for one in self._faces:
            self._check(one, image, now_s)
        lost = () if is_jump else tuple(one for one in before if one not in self._faces)
        return Seen(tuple(self._faces), lost, is_jump)

    # ------------------------------------------------------------------------------------------------- following

    def _follow(self, image: Picture, now_s: float) -> None:
        faces, self._faces = self._faces, []
        for one in faces:
            expected = one.predicted(now_s)
            mesh = fit_mesh_again(image, expected)
            if mesh is None or not is_plausible(expected, mesh):
                self._lose(one)
                continue
            # A mesh that has nobody else to slide onto is looked at less often.
            is_due = len(faces) > 1 or not one.is_known or one.frames % _LOOK_EVERY == 0
            if one.add(mesh, look_at(image, mesh) if is_due else None, now_s) < _LIKE:
                one.next_check_s = min(one.next_check_s, now_s)
            self._faces.append(one)

    def _lose(self, one: LiveFace) -> None:
        self._away.append(one)
        self._due, self._short_until = self._frame, self._frame + _SHORT_FOR

    # --------------------------------------------------------------------------------------------------- looking

    def _look(self, image: Picture, now_s: float) -> None:
        is_close = self._looks % _CLOSE_EVERY == 0
        self._looks += 1
        found, scale = detected(image, _CLOSE_SIDE if is_close else _QUICK_SIDE)
        is_short = self._frame < self._short_until or not self._faces
        self._due = self._frame + (_SHORT_EVERY if is_short else DETECT_EVERY)
        distances = distances_to(found, [one.raw for one in self._faces])
        taken = assigned(distances, _FOUND_AGAIN)
        for number, one in enumerate(list(self._faces)):
            if number in taken.values():
                one.misses = 0
            elif could_be_found(one.raw, scale):
                one.misses += 1
                if one.misses >= _MOST_MISSES:
                    self._faces.remove(one)
        is_free = np.all(distances >= _SAME_PLACE, axis=1).tolist()
        new = [one for place, one in enumerate(found) if place not in taken and is_free[place]]
        for detection in new[: max(0, MOST_FOLLOWED - len(self._faces))]:
            self._begin(detection, image, now_s)

    def _begin(self, detection: Detection, image: Picture, now_s: float) -> None:
        mesh = fit_mesh(image, detection)
        if mesh is None or any(apart(mesh.points, one.raw) < _SAME_PLACE for one in self._faces):
            return
        looks = look_at(image, mesh)
        near = self._was_near(mesh.points, now_s)
        if near is not None and near.number not in self._numbers() and _is_back(near, looks, now_s):
            near.resume(mesh, looks, now_s)
            near.next_check_s = now_s
            self._away.remove(near)
            self._faces.append(near)
            return
        one = LiveFace(0, is_known=False, mesh=mesh, looks=looks, now_s=now_s)
        self._name(one, image, near)
        self._faces.append(one)

    def _was_near(self, points: Floats, now_s: float) -> LiveFace | None:
        """Return the face that was here a moment ago."""
        near = [
            (apart(points, one.raw), -one.now_s, place)
            for place, one in enumerate(self._away)
            if now_s - one.now_s <= _PLACE_FOR_S
        ]
        distance, _, place = min(near, default=(_BACK_NEAR, 0.0, 0))
        return self._away[place] if distance < _BACK_NEAR else None

    # ------------------------------------------------------------------------------------------------ who is who

    def _numbers(self, but: LiveFace | None = None) -> list[int]:
        return [one.number for one in self._faces if one is not but]

    def _name(self, one: LiveFace, image: Picture, near: LiveFace | None) -> None:
        """Give a new face a number, by what it looks like, else by where it is. This is waited for."""
        crop = one.crop(image)
        vector = None if crop is None else embed_aligned(crop)
        others = self._numbers(but=one)
        number = None if vector is None else self._people.who(vector, others)
        if number is None and near is not None and near.number not in others:
            like = None if vector is None else self._people.likeness(near.number, vector)
            number = near.number if like is None or like >= _DOUBTFUL else None
        is_stranger = number is None
        one.number = self._people.free_number([*others, *self._lent()]) if number is None else number
        if vector is not None and (not is_stranger or one.looks.quality >= _TELLING):
            one.is_known = True
            self._people.meet(one.number, vector, one.looks.quality)
            one.next_check_s = one.now_s + _CHECK_S[1]

    def _lent(self) -> list[int]:
        return [one.number for one in self._away]

    def _check(self, one: LiveFace, image: Picture, now_s: float) -> None:
        """Embed a face aside when it is its turn."""
        if one.is_checked or now_s < one.next_check_s:
            return
        crop = one.crop(image)
        if crop is None:
            return
        quality = one.looks.quality
        one.is_checked = True
        self._aside.do(lambda: embed_aligned(crop), lambda vector: self._told(one, vector, quality, now_s))

    def _told(self, one: LiveFace, vector: Floats, quality: float, now_s: float) -> None:
        one.is_checked = False
        if one not in self._faces:
            return
        own = self._people.likeness(one.number, vector)
        if not one.is_known:
            self._introduce(one, vector, quality)
        elif own is None or own >= STRANGER_SIMILARITY:
            one.strikes = 0
            if own is None or own >= SAME:
                self._people.meet(one.number, vector, quality)
        else:
            self._doubt(one, vector, quality)
        among = len(self._faces) > 1
        one.next_check_s = now_s + _CHECK_S[0 if one.strikes else 1 if not one.is_known else 2 if among else 3]

    def _introduce(self, one: LiveFace, vector: Floats, quality: float) -> None:
        """Settle who a face is that only had a number lent."""
        number = self._people.who(vector, self._numbers(but=one))
        if number is None and quality < _TELLING:
            return
        one.number = one.number if number is None else number
        one.is_known = True
        self._people.meet(one.number, vector, quality)

    def _doubt(self, one: LiveFace, vector: Floats, quality: float) -> None:
        """Take note that a face is not whose it was thought to be."""
        somebody = self._people.who(vector)
        if somebody is None and quality < _TELLING:
            return
        one.strikes += 1
        is_sure = somebody is not None and (self._people.likeness(somebody, vector) or 0.0) >= _SURELY
        if one.strikes < _MOST_STRIKES and not is_sure:
            return
        one.strikes = 0
        other = next((each for each in self._faces if each.number == somebody and each is not one), None)
        if other is not None:
            # They have changed places under their meshes.
            other.number, other.next_check_s = one.number, other.now_s
        taken = [*self._numbers(but=one), *self._lent()]
        one.number = self._people.free_number(taken) if somebody is None else somebody
        self._people.meet(one.number, vector, quality)

    # --------------------------------------------------------------------------------------------------- doubles

    def _part_doubles(self) -> None:
        """Where two meshes have come onto one face, let go of the one that has been there for a shorter time."""
        kept: list[LiveFace] = []
        for one in sorted(self._faces, key=lambda each: -each.frames):
            rival = next((other for other in kept if apart(one.raw, other.raw) < _SAME_PLACE), None)
            if rival is None:
                kept.append(one)
            else:
                # Whose face it is has to be asked, and where the other one went.
                rival.next_check_s, self._due = rival.now_s, self._frame + 1
        self._faces = kept


def _is_back(one: LiveFace, looks: Looks, now_s: float) -> bool:
    is_soon = now_s - one.now_s <= _BACK_WITHIN_S
    return is_soon and likeness(one.looks.grey, looks.grey) >= _BACK_LIKE


def _height(points: Floats) -> float:
    return float(np.ptp(points[:, 1]))


def boxes_of(faces: Sequence[LiveFace]) -> Floats:
    """Return the boxes of faces, (n, 4): left, top, right, bottom in the frame's pixels."""
    return np.array([one.box() for one in faces], np.float32).reshape(-1, 4)
