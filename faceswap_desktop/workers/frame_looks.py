"""Looks at frames of videos: while they pass by, before they are shown, and after they are rendered."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.sensitive import LOOKS_PER_SECOND, Role, Sighting, frames_to_look_at
from faceswap_desktop.domain.sensitive_words import refused_video
from faceswap_desktop.domain.video import FrameRange, FrameTimes
from faceswap_desktop.media.refusals import shown_name
from faceswap_desktop.media.video.packet_run import Frame
from faceswap_desktop.media.video.pixels import upright_rgb
from faceswap_desktop.vision import sensitive
from faceswap_desktop.vision.arrays import Picture

LOOK_EDGE: Final = 1920
"""Longest side in pixels of frames that are decoded only to be looked at: as the analysis has them."""
_KEPT: Final = 4096
_SMALL_EDGE: Final = 960
"""Longest side in pixels from which a frame that was looked at need not be looked at again when it is larger."""
_NEAR_S: Final = 0.25
"""Of frames that follow each other, one in so many seconds is looked at before they are shown."""


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


# ------------------------------------------------------------------------------------------------- before it is shown

_seen: OrderedDict[tuple[str, int, int], Sighting | None] = OrderedDict()


class ShownFrames:
    """Looks at frames of a video before they are shown; what was seen is kept from call to call."""

    def __init__(self, media: Media, times: FrameTimes) -> None:
        self._media, self._times = media, times
        self._last = float("-inf")

    def check(self, image: Picture, frame: int) -> None:
        """Look at a frame, unless one just before it was looked at.

        Args:
            image: uint8 (height, width, 3), sRGB, upright, as it is going to be shown.
            frame: Its number.

        Raises:
            SensitiveContent: It is refused.
        """
        if 0.0 <= self._times.of(frame) - self._last < _NEAR_S:
            return
        self._last = self._times.of(frame)
        key = (self._media.id, frame, min(_SMALL_EDGE, max(image.shape[:2])))
        if key not in _seen:
            _seen[key] = sighting_in(image, frame, self._times)
            while len(_seen) > _KEPT:
                _seen.popitem(last=False)
        sighting = _seen[key]
        if sighting is not None:
            raise refused_video(shown_name(self._media.path), Role.TARGET, (sighting,))


def forget_seen() -> None:
    """Forget what was seen in frames that were shown."""
    _seen.clear()


# ------------------------------------------------------------------------------------------------ after it is rendered


def rendered_to_look_at(times: FrameTimes, frames: FrameRange, cuts: tuple[int, ...]) -> dict[int, float]:
    """Return which frames of a chunk are looked at once they are rendered, with their seconds.

    They lie between those that were looked at before the job began; at least one in every chunk.

    Args:
        times: Of the video.
        frames: The chunk.
        cuts: First frames of scenes.
    """
    between = frames_to_look_at(times, frames, offset_s=0.5 / LOOKS_PER_SECOND)
    wanted = {*between, *(cut for cut in cuts if cut in frames)} or {frames.first}
    return {frame: times.of(frame) - times.of(0) for frame in sorted(wanted)}


def check_rendered(frame: Frame, number: int, rotation: int, path: str, seconds: Mapping[int, float]) -> None:
    """Look at a rendered frame if it is one of those that are looked at.

    Args:
        frame: As it goes to the encoder.
        number: Of the frame, in the original.
        rotation: Degrees by which it has to be turned clockwise to stand upright.
        path: Of the original.
        seconds: See ``rendered_to_look_at``.

    Raises:
        SensitiveContent: It is refused.
    """
    if number not in seconds:
        return
    look = sensitive.look_at_frame(upright_rgb(frame, rotation, LOOK_EDGE))
    if look.is_over:
        sighting = Sighting(look.score, look.looks_young, number, seconds[number])
        raise refused_video(shown_name(path), Role.RESULT, (sighting,))
