"""Scenes played to the stage frame by frame, thirty frames a second, and what came of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.live.acquaintances import Acquaintances
from faceswap_desktop.vision.live.aside import AtOnce
from faceswap_desktop.vision.live.change import Wish
from faceswap_desktop.vision.live.stage import Onstage, Play, Role, Scene, Stage
from faceswap_desktop.vision.sheet import Sheet
from tests import clips
from tests.unit.vision.sample_faces import COLLINS, HOPPER, sample_face

Rgb = NDArray[np.uint8]
SIZE = (480, 360)
RATE = 30.0
FILES = {"collins": COLLINS, "hopper": HOPPER}


class Frame(NamedTuple):
    """A frame as it was, as it became, where the people really are, and what the stage says."""

    number: int
    before: Rgb
    after: Rgb
    truth: dict[str, clips.Matrix]
    scene: Scene

    def who(self, one: Onstage) -> str:
        """Return who somebody on the stage really is."""
        middle = one.face.points[:468, :2].mean(axis=0)

        def away(person: str) -> float:
            at = self.truth[person] @ np.array([*clips.PEOPLE[person].middle, 1.0])
            return float(np.hypot(*(at - middle)))

        return min(self.truth, key=away)

    def numbers(self) -> dict[str, int]:
        """Return by who they really are the numbers of the people on the stage."""
        return {self.who(one): one.face.number for one in self.scene.people}


@cache
def sheet(person: str) -> Sheet:
    """Return a sample person as a source face."""
    return Sheet(sample_face(FILES[person]).atlas, in_levels=True)


def role(person: str, years: int = 0) -> Role:
    """Let somebody be played by a sample person."""
    return Role(Wish(sheet(person), years))


def new_stage(people: Acquaintances | None = None) -> Stage:
    """Return a stage that does everything at once, so that it is the same every time."""
    return Stage(people or Acquaintances(), AtOnce())


def play(
    scene: clips.Scene,
    cast: Play | Callable[[float], Play],
    *,
    stage: Stage | None = None,
    first: int = 0,
    scale: float = 1.0,
    fades: bool = True,
    size: tuple[int, int] = SIZE,
) -> Iterator[Frame]:
    """Play a scene.

    Args:
        scene: What is to be seen.
        cast: What is to be done to whom; told the seconds since the scene began where it changes.
        stage: Where; a new one if None.
        first: Number of the first frame.
        scale: Share of the resolution at which faces are worked on.
        fades: Whether faces fade in.
        size: Of the frames, in pixels.
    """
    stage = stage or new_stage()
    for number in range(round(scene.seconds * RATE)):
        now = number / RATE
        before, truth = clips.draw_frame(scene, now, size)
        after = before.copy()
        seen = stage.take(
            after, 1.0 + (first + number) / RATE, cast(now) if callable(cast) else cast, scale, fades=fades
        )
        yield Frame(number, before, after, truth, seen)
