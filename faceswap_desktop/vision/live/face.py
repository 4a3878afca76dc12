"""One face in front of the camera, while it is followed."""

from __future__ import annotations

from typing import Final

import numpy as np

from faceswap_desktop.vision.analyse import MIN_EMBEDDED_EYES_PX
from faceswap_desktop.vision.arrays import Floats, Picture
from faceswap_desktop.vision.embed import aligned
from faceswap_desktop.vision.live.steady import Steady
from faceswap_desktop.vision.mesh import Mesh, five_points_of
from faceswap_desktop.vision.topology import SURFACE_COUNT
from faceswap_desktop.vision.tracking.following import mesh_middle, mesh_side
from faceswap_desktop.vision.tracking.looks import Looks, likeness

_MOST_YAW: Final = 55.0
"""Degrees; nobody is told by their profile."""
_MOST_STRIDE: Final = 0.5
"""Sides of the face that it is expected to go in a frame, at most."""


class LiveFace:
    """A face that is followed.

    Attributes:
        number: Who it is.
        is_known: Whether that was told by the face; until then the number is only lent.
        points: float32 (478, 3), the mesh in the frame's pixels, without its trembling.
        flag: How sure the mesh is, 0 to 1.
        looks: What it looks like.
        frames: For how many frames it has been followed.
        misses: How often the detector did not see it.
        next_check_s: When it is to be embedded again.
        is_checked: Whether that is under way.
        strikes: How often in a row it was somebody else.
    """

    def __init__(self, number: int, *, is_known: bool, mesh: Mesh, looks: Looks, now_s: float) -> None:
        self.number = number
        self.is_known = is_known
        self.frames = 0
        self.misses = 0
        self.next_check_s = now_s
        self.is_checked = False
        self.strikes = 0
        self._steady = Steady()
        self._stride = np.zeros(2, np.float32)
        self._now_s = now_s
        self._set(mesh, looks, now_s)

    @property
    def raw(self) -> Floats:
        """The mesh as it was fitted, (478, 3)."""
        return self._raw

    @property
    def now_s(self) -> float:
        """When it was seen last."""
        return self._now_s

    def predicted(self, now_s: float) -> Mesh:
        """Return where the mesh is likely to be in a frame: it goes on as it went."""
        limit = _MOST_STRIDE * mesh_side(self._raw)
        points = self._raw.copy()
        points[:, :2] += (self._stride * np.float32(now_s - self._now_s)).clip(-limit, limit)
        return Mesh(points, self.flag)

    def add(self, mesh: Mesh, looks: Looks | None, now_s: float) -> float:
        """Take in the next frame; return how like the last one that was looked at it looks, -1 to 1.

        Args:
            mesh: Where it is.
            looks: What it looks like; None where nobody looked.
            now_s: When the frame was taken, in seconds.
        """
        like = 1.0 if looks is None else likeness(self.looks.grey, looks.grey)
        step = now_s - self._now_s
        if step > 0.0:
            self._stride = ((mesh_middle(mesh.points) - mesh_middle(self._raw)) / np.float32(step)).astype(np.float32)
        self._set(mesh, self.looks if looks is None else looks, now_s)
        return like

    def resume(self, mesh: Mesh, looks: Looks, now_s: float) -> None:
        """Take in a frame in which it was found again, somewhere else."""
        self._steady.forget()
        self._stride = np.zeros(2, np.float32)
        self.misses = 0
        self._set(mesh, looks, now_s)

    def box(self) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom of the face in the frame's pixels."""
        surface = self.points[:SURFACE_COUNT, :2]
        left, top = (float(value) for value in surface.min(axis=0))
        right, bottom = (float(value) for value in surface.max(axis=0))
        return left, top, right, bottom

    def crop(self, image: Picture) -> Picture | None:
        """Cut out what is embedded; None where nobody could be told by it."""
        five = five_points_of(Mesh(self._raw, self.flag))
        if float(np.hypot(*(five[1] - five[0]))) < MIN_EMBEDDED_EYES_PX or abs(self.looks.yaw_degrees) > _MOST_YAW:
            return None
        return aligned(image, five)

    def _set(self, mesh: Mesh, looks: Looks, now_s: float) -> None:
        self.points = self._steady.take(mesh.points, now_s)
        self.flag = mesh.flag
        self.looks = looks
        self._raw = mesh.points
        self._now_s = now_s
        self.frames += 1
