"""What is refused as sensitive, and how it is said. The pictures are looked at in ``vision.sensitive``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import floor
from typing import Final

from faceswap_desktop.domain.video import FrameRange, FrameTimes

CHECKER: Final = "open_nsfw-1"
"""Grows when pictures are looked at another way, so that what was seen before counts no more."""

NUDITY_BAR: Final = 0.6
"""From this score on (0 to 1) a picture is refused."""
YOUNG_BAR: Final = 0.2
"""The bar where somebody in the picture looks like a child."""
YOUNG_YEARS: Final = 20.0
"""Whoever looks younger than this counts as a child here: the age network is several years off at times."""

LOOKS_PER_SECOND: Final = 2
"""How often a video is looked at, beside the first frame of every scene."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One look at which a picture, or a moment of a video, was over its bar.

    Attributes:
        score: What the network said, 0 (harmless) to 1.
        looks_young: Somebody there looks like a child, so that the bar was lower.
        frame: Of a video; 0 in a picture.
        seconds: When that is in a video, from its first frame on; 0.0 in a picture.
    """

    score: float
    looks_young: bool = False
    frame: int = 0
    seconds: float = 0.0


class Role(StrEnum):
    """What a refused file was to be."""

    TARGET = "target"
    SOURCE = "source"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of looking at one file.

    Attributes:
        digest: The file's quick digest.
        sightings: By frame; empty where nothing was seen.
    """

    digest: str
    sightings: tuple[Sighting, ...] = ()

    def within(self, frames: FrameRange | None) -> tuple[Sighting, ...]:
        """Return what was seen in some frames of a video; None for all of it."""
        if frames is None:
            return self.sightings
        return tuple(one for one in self.sightings if one.frame in frames)


@dataclass(frozen=True, slots=True)
class RefusedMedia:
    """A file that was refused, as it is shown: which, when in it, and when that was.

    Attributes:
        role: What it was to be.
        path: Where it lies; of a source face the kept crop.
        name: What people call it.
        sightings: Never empty.
        at: Seconds since the epoch.
        job: Whose; empty where it was refused before there was one.
    """

    role: Role
    path: str
    name: str
    sightings: tuple[Sighting, ...]
    at: float = 0.0
    job: str = ""


def is_over(score: float, *, looks_young: bool) -> bool:
    """Say whether a score is over its bar."""
    return score >= (YOUNG_BAR if looks_young else NUDITY_BAR)


def frames_to_look_at(times: FrameTimes, frames: FrameRange, *, offset_s: float = 0.0) -> tuple[int, ...]:
    """Return which of some frames of a video are looked at for their time alone, ascending.

    They are the first of every half second, counted from the video's first frame, so that it does not matter how a
    video is divided.

    Args:
        times: Of the video.
        frames: Which frames are asked about.
        offset_s: By how much earlier each half second begins.
    """

    def step(frame: int) -> int:
        return floor((times.of(frame) - times.of(0) + offset_s) * LOOKS_PER_SECOND + 1e-6)

    end = min(frames.end, len(times))
    return tuple(frame for frame in range(frames.first, end) if frame == 0 or step(frame) != step(frame - 1))


def moments(sightings: tuple[Sighting, ...], gap_s: float = 1.5) -> tuple[tuple[Sighting, Sighting], ...]:
    """Put looks together that follow each other closely: the first and the last of each, ascending.

    Args:
        sightings: What was seen in a video.
        gap_s: Looks further apart are two moments, in seconds.
    """
    found: list[tuple[Sighting, Sighting]] = []
    for one in sorted(sightings, key=lambda one: (one.seconds, one.frame)):
        if found and one.seconds - found[-1][1].seconds <= gap_s:
            found[-1] = (found[-1][0], one)
        else:
            found.append((one, one))
    return tuple(found)


def clean_spans(total: int, sightings: tuple[Sighting, ...], margin: int) -> tuple[FrameRange, ...]:
    """Return the parts of a video in which nothing was seen, longest first.

    Args:
        total: Frames of the video.
        sightings: What was seen.
        margin: So many frames before and after a sighting are left out too.
    """
    spans, first = [], 0
    for one in sorted(sightings, key=lambda one: one.frame):
        if one.frame - margin > first:
            spans.append(FrameRange(first, one.frame - margin))
        first = max(first, one.frame + margin + 1)
    if first < total:
        spans.append(FrameRange(first, total))
    return tuple(sorted(spans, key=len, reverse=True))
