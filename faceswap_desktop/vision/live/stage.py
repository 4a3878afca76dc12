"""A camera's frame in, a frame with changed faces out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.arrays import Floats, Picture
from faceswap_desktop.vision.live.acquaintances import Acquaintances
from faceswap_desktop.vision.live.aside import Aside
from faceswap_desktop.vision.live.change import FaceChange, Wish
from faceswap_desktop.vision.live.face import LiveFace
from faceswap_desktop.vision.live.follow import LiveFollower
from faceswap_desktop.vision.live.views import LARGEST_SIDE
from faceswap_desktop.vision.tracking.following import mesh_side

Bytes = NDArray[np.uint8]

MOST_CHANGED: Final = 4
"""Faces that are changed in one frame, the largest first."""
_SHOWN: Final = 0.5
"""A face of which less of the change is shown counts as found no more."""
_MISSED_FOR_S: Final = 2.0
"""For so long somebody who was lost in the middle of the picture is missed."""
_EDGE: Final = 0.06
"""Whoever was so near to the picture's edge, as a share of its size, has left."""


@dataclass(frozen=True, slots=True, eq=False)
class Role:
    """What is to be done to a person's face.

    Attributes:
        wish: What is done.
        is_unready: Somebody is to be put in who cannot be, yet or at all, and nobody is in their place.
    """

    wish: Wish = field(default_factory=Wish)
    is_unready: bool = False

    @property
    def is_active(self) -> bool:
        """Whether anything is to be done."""
        return self.is_unready or self.wish.sheet is not None or self.wish.years != 0


@dataclass(frozen=True, slots=True, eq=False)
class Play:
    """What is to be done to whom.

    Attributes:
        everyone: For whoever has no role of their own.
        roles: By number of the person.
    """

    everyone: Role = field(default_factory=Role)
    roles: Mapping[int, Role] = field(default_factory=dict)

    def role_of(self, number: int) -> Role:
        """Return what is to be done to the face of a person."""
        return self.roles.get(number, self.everyone)

    @property
    def is_active(self) -> bool:
        """Whether anything is to be done to anybody."""
        return self.everyone.is_active or any(role.is_active for role in self.roles.values())


@dataclass(frozen=True, slots=True, eq=False)
class Onstage:
    """Somebody in a frame.

    Attributes:
        face: Their face.
        embedding: float32 (128,), what they are known again by; None while that cannot be told.
        is_changed: Whether their face is changed in this frame.
    """

    face: LiveFace
    embedding: Floats | None
    is_changed: bool


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What came of one frame.

    Attributes:
        people: Who is in it, largest first.
        scale: Share of the frame's resolution at which faces were worked on, the least of all.
        is_bare: Somebody is, or may be, seen as they are whose face is to be changed, because the change is not ready.
        is_missing: A face that is to be changed was not found.
        is_jump: The frame shows another scene than the one before.
    """

    people: tuple[Onstage, ...]
    scale: float
    is_bare: bool
    is_missing: bool
    is_jump: bool


@dataclass(slots=True)
class _Leaving:
    """A change that fades out where its face was lost."""

    face: LiveFace
    change: FaceChange
    wish: Wish


class Stage:
    """Follows and changes faces. Given frame by frame, in order."""

    def __init__(self, people: Acquaintances, aside: Aside) -> None:
        """Begin.

        Args:
            people: Who is known.
            aside: For work that no frame waits for.
        """
        self._people, self._aside = people, aside
        self._follower = LiveFollower(people, aside)
        self._changes: dict[LiveFace, FaceChange] = {}
        self._leaving: list[_Leaving] = []
        self._missed: dict[int, float] = {}
        self._frame = 0

    def take(self, pixels: Bytes, now_s: float, play: Play, scale: float = 1.0, *, fades: bool = True) -> Scene:
        """Change the faces of the next frame.

        Args:
            pixels: (H, W, 3) uint8 RGB, upright; changed in place.
            now_s: When it was taken, in seconds.
            play: What is to be done to whom.
            scale: Share of the frame's resolution at which faces are worked on, 0 to 1.
            fades: Faces that are found fade in; else they are changed in full at once.
        """
        self._aside.collect()
        self._frame += 1
        seen = self._follower.add(pixels, now_s)
        self._keep_up(seen.faces, seen.lost, play, is_abrupt=seen.is_jump or not fades)
        if seen.is_jump:
            self._leaving, self._missed = [], {}
        for face in seen.lost:
            self._miss(face, pixels, play, now_s)
        self._fade_out(pixels, scale)
        shown = dict.fromkeys(seen.faces, 0.0)
        # Smallest first: larger ones are nearer. Everything is found in the frame as it was.
        for face in reversed([face for face in seen.faces if face in self._changes][:MOST_CHANGED]):
            wish = play.role_of(face.number).wish
            shown[face] = self._changes[face].change(pixels, face.points, wish, scale, self._frame)
        people = tuple(Onstage(face, self._people.embedding(face.number), shown[face] > 0.0) for face in seen.faces)
        # Also where nobody is found: whoever has turned away is there all the same.
        is_bare = play.everyone.is_unready or any(play.role_of(face.number).is_unready for face in seen.faces)
        return Scene(people, self._scale(people, scale), is_bare, self._is_missing(shown, play, now_s), seen.is_jump)

    # ------------------------------------------------------------------------------------------------------- insides

    def _keep_up(self, faces: tuple[LiveFace, ...], lost: tuple[LiveFace, ...], play: Play, *, is_abrupt: bool) -> None:
        """Have a change for every face that is to be changed; let those of lost faces fade."""
        for face in lost:
            change = self._changes.pop(face, None)
            if change is not None:
                self._leaving.append(_Leaving(face, change, play.role_of(face.number).wish))
        changes, self._changes = self._changes, {}
        for face in faces:
            wish = play.role_of(face.number).wish
            if wish.sheet is None and not wish.years:
                continue
            change = changes.get(face)
            if change is None:
                back = next((one for one in self._leaving if one.face is face), None)
                if back is not None:
                    self._leaving.remove(back)
                # Who has been there all along was asked to be changed just now.
                is_sudden = is_abrupt or face.frames > 1
                change = FaceChange(self._aside, is_abrupt=is_sudden) if back is None else back.change
            else:
                change.step(is_there=True)
            self._changes[face] = change

    def _fade_out(self, pixels: Bytes, scale: float) -> None:
        for one in list(self._leaving):
            one.change.step(is_there=False)
            if one.change.share <= 0.0 or any(_overlap(one.face, face) for face in self._changes):
                self._leaving.remove(one)
            else:
                one.change.change(pixels, one.face.points, one.wish, scale, self._frame)

    def _miss(self, face: LiveFace, pixels: Bytes, play: Play, now_s: float) -> None:
        if play.role_of(face.number).is_active and not _is_at_edge(face, pixels):
            self._missed[face.number] = now_s

    def _is_missing(self, shown: Mapping[LiveFace, float], play: Play, now_s: float) -> bool:
        if not play.is_active:
            return False
        there = {face.number for face in shown}
        self._missed = {
            number: since
            for number, since in self._missed.items()
            if number not in there and now_s - since <= _MISSED_FOR_S
        }
        hidden = any(play.role_of(face.number).is_active and share < _SHOWN for face, share in shown.items())
        return hidden or not shown or bool(self._missed)

    def _scale(self, people: tuple[Onstage, ...], scale: float) -> float:
        sides = [mesh_side(one.face.points) for one in people if one.is_changed]
        return min([scale, *(LARGEST_SIDE / side for side in sides if side > LARGEST_SIDE)])


def _overlap(one: LiveFace, other: LiveFace) -> bool:
    left, top, right, bottom = one.box()
    others = other.box()
    return left < others[2] and others[0] < right and top < others[3] and others[1] < bottom


def _is_at_edge(face: LiveFace, pixels: Picture) -> bool:
    height, width = pixels.shape[:2]
    left, top, right, bottom = face.box()
    room_x, room_y = _EDGE * width, _EDGE * height
    return bool(min(left - room_x, top - room_y, width - room_x - right, height - room_y - bottom) < 0.0)
