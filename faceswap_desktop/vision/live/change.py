"""Changes one face from frame to frame: puts a source face in, makes it older or younger."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.vision.arrays import Floats
from faceswap_desktop.vision.detail import DetailMatch
from faceswap_desktop.vision.live.ageing import Ageing
from faceswap_desktop.vision.live.aside import Aside
from faceswap_desktop.vision.live.glance import Glance
from faceswap_desktop.vision.live.views import face_view, lay_change
from faceswap_desktop.vision.mask import yaw_share
from faceswap_desktop.vision.mesh import Mesh
from faceswap_desktop.vision.placing import Placed
from faceswap_desktop.vision.pose import head_pose
from faceswap_desktop.vision.sheet import Sheet
from faceswap_desktop.vision.video_swap import Look, change_by, cover_share, lay, look_at, mixed

Bytes = NDArray[np.uint8]

_MAP_SIDE: Final = 200
"""Of the map by which a source face is laid. Its mesh trembles by more than a finer one would show."""
_LOOK_EVERY: Final = 4
"""Frames between two looks at what covers a face."""
_DETAIL_EVERY: Final = 3
"""Every so many looks sharpness and grain are compared."""
_BUSY_EVERY: Final = 2
_BUSY_FOR: Final = 12
"""The same, and for how many frames, once something has come before a face or gone from it."""
_EASE: Final = 0.35
_BUSY_EASE: Final = 0.8
"""By how much the look in use goes towards the newest one with every frame: nothing jumps, a hand is seen soon."""
_DETAIL_EASE: Final = 0.3
_COVERED: Final = (0.6, 0.85)
"""Share of a face that is covered from which its change fades, and up to which it is gone. That is later than in a
file: nobody looks at it once more before others see the face behind the hand."""
_RAMP: Final = 4
"""Frames in which a face that was found, or is lost, fades in or out."""


@dataclass(frozen=True, slots=True, eq=False)
class Wish:
    """What is to be done to a face.

    Attributes:
        sheet: Who is put in; None to leave the face.
        years: By how much older or younger it is made.
        options: How it is put in.
    """

    sheet: Sheet | None = None
    years: int = 0
    options: SwapOptions = SwapOptions()  # noqa: RUF009 - frozen


class FaceChange:
    """What is done to one face that is followed.

    Attributes:
        share: How much of it is shown, 0 to 1, by how long the face has been there.
    """

    def __init__(self, aside: Aside, *, is_abrupt: bool) -> None:
        """Begin.

        Args:
            aside: Where looks are taken that can wait.
            is_abrupt: Show all of it at once.
        """
        self._aside = aside
        self.share = 1.0 if is_abrupt else 1.0 / _RAMP
        self._look: Look | None = None
        self._newest: Look | None = None
        self._detail = DetailMatch()
        self._is_looking = False
        self._glance = Glance()
        self._frames = 0
        self._busy_until = 0
        self._looks = 0
        self._ageing = Ageing(aside)

    def step(self, *, is_there: bool) -> None:
        """Go on by a frame in which the face is there, or is not."""
        self.share = min(1.0, self.share + 1.0 / _RAMP) if is_there else max(0.0, self.share - 1.0 / _RAMP)

    def change(self, pixels: Bytes, points: Floats, wish: Wish, scale: float, grain: int) -> float:
        """Change the face in a frame.

        Args:
            pixels: (H, W, 3) uint8 RGB; changed in place.
            points: float32 (478, 3), its mesh in the frame's pixels.
            wish: What is to be done.
            scale: Share of the frame's resolution at which that is worked out, 0 to 1.
            grain: Number of the frame: grain lives.

        Returns:
            How much of the change is shown, 0 to 1.
        """
        shown = 1.0
        if wish.sheet is not None:
            shown = self._swap(pixels, points, wish, scale, grain)
        if wish.years:
            self._ageing.change(pixels, points, wish.years, self.share * self._cover_share(), scale)
        return min(self.share, shown)

    # ------------------------------------------------------------------------------------------------------- insides

    def _swap(self, pixels: Bytes, points: Floats, wish: Wish, scale: float, grain: int) -> float:
        view = face_view(pixels, points, scale)
        if view is None or wish.sheet is None:
            return 0.0
        placed = lay(view.pixels, view.points, wish.sheet, _MAP_SIDE)
        if placed is None:
            return 0.0
        look = self._looked(placed)
        yaw = head_pose(Mesh(points, 1.0)).yaw_degrees
        share = self.share * cover_share(look.covered_share, _COVERED)
        if share * yaw_share(yaw) <= 0.0:
            return 0.0
        change = change_by(
            placed,
            look,
            wish.options,
            yaw_degrees=yaw,
            share=share,
            grain_origin=(61 * grain, 137 * grain),
        )
        lay_change(pixels, view, change, placed.left, placed.top)
        return share * yaw_share(yaw)

    def _cover_share(self) -> float:
        return 1.0 if self._look is None else cover_share(self._look.covered_share, _COVERED)

    def _looked(self, placed: Placed) -> Look:
        """Return the look by which this frame is changed, and take a new one where it is time."""
        self._frames += 1
        has_changed = self._glance.at(placed.region, placed.own)
        if has_changed:
            self._busy_until = self._frames + _BUSY_FOR
        is_busy = self._frames < self._busy_until
        every = _BUSY_EVERY if is_busy else _LOOK_EVERY
        if self._newest is None:
            self._take(look_at(placed))
        elif (has_changed or self._frames % every == 0) and not self._is_looking:
            self._looks += 1
            self._is_looking = True
            with_detail = self._looks % _DETAIL_EVERY == 0
            self._aside.do(lambda: look_at(placed, with_detail), self._take)
        assert self._newest is not None
        ease = _BUSY_EASE if is_busy else _EASE
        self._look = self._newest if self._look is None else _eased(self._look, self._newest, ease)
        return replace(self._look, detail=self._detail)

    def _take(self, look: Look) -> None:
        self._is_looking = False
        if look.detail is not None:
            names = [item.name for item in fields(DetailMatch)]
            ease = 1.0 if self._newest is None else _DETAIL_EASE
            values = ((name, getattr(self._detail, name), getattr(look.detail, name)) for name in names)
            self._detail = DetailMatch(**{name: old + (new - old) * ease for name, old, new in values})
        # Averaging nothing still applies what a single look is corrected by.
        self._newest = replace(mixed([(look, 1.0)]), detail=None)


def _eased(look: Look, newest: Look, share: float) -> Look:
    """Go a step from one look towards another."""
    ease = np.float32(share)
    return Look(
        covered=look.covered + (newest.covered - look.covered) * ease,
        frame=look.frame + (newest.frame - look.frame) * ease,
        glasses=look.glasses + (newest.glasses - look.glasses) * share,
        detail=None,
    )
