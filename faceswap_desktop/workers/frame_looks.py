"""Looks at frames of videos as they pass by: at those whose turn it is, and at the first of every scene."""

from __future__ import annotations

import time
from typing import Final

from faceswap_desktop.domain.sensitive import Sighting, frames_to_look_at
from faceswap_desktop.domain.video import FrameRange, FrameTimes
from faceswap_desktop.vision import sensitive
from faceswap_desktop.vision.arrays import Picture

LOOK_EDGE: Final = 1920
"""Longest side in pixels of frames that are decoded only to be looked at: as the analysis has them."""


class FrameLooks:
    """Looks at the frames of a part of a video, given one after the other.

    Attributes:
        sightings: What was over its bar so far, by frame.
        seconds: Spent on looking.
    """

    def __init__(self, times: FrameTimes, frames: FrameRange) -> None:
        self.sightings: list[Sighting] = []
        self.seconds = 0.0
        self._times = times
        self._next = frames.first
        self._due = set(frames_to_look_at(times, frames))
        self._owes = False

    def add(self, image: Picture | None, *, begins_scene: bool) -> None:
        """Take in the next frame, and look at it if it is its turn.

        Where a frame cannot be decoded, the next one that can is looked at in its place.

        Args:
            image: uint8 (height, width, 3), sRGB, upright; None where it could not be decoded.
            begins_scene: A cut lies before it.
        """
        frame, self._next = self._next, self._next + 1
        self._owes = self._owes or begins_scene or frame in self._due
        if image is None or not self._owes:
            return
        self._owes = False
        start = time.perf_counter()
        seen = sighting_in(image, frame, self._times)
        self.sightings += [] if seen is None else [seen]
        self.seconds += time.perf_counter() - start


def sighting_in(image: Picture, frame: int, times: FrameTimes) -> Sighting | None:
    """Look at one frame; None where nothing is over its bar.

    Args:
        image: uint8 (height, width, 3), sRGB, upright.
        frame: Its number.
        times: Of the video.
    """
    look = sensitive.look_at_frame(image)
    if not look.is_over:
        return None
    return Sighting(look.score, look.looks_young, frame, times.of(frame) - times.of(0))
