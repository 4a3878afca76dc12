"""What is refused of an open picture or video, and the parts that are not, as values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from faceswap_desktop.domain.sensitive import LOOKS_PER_SECOND, Sighting, clean_spans, moments
from faceswap_desktop.domain.video import FrameRange, FrameTimes
from faceswap_desktop.services.studio import Studio, StudioPicture
from faceswap_desktop.ui.texts import clock_text

_SHORTEST_PART_S: Final = 1.0
_MOST_PARTS: Final = 2
_AROUND_S: Final = 1.0 / LOOKS_PER_SECOND
"""Nobody has looked between two looks, so as much before and after a moment counts as seen."""


@dataclass(frozen=True)
class CleanPart:
    """A part of a video in which nothing was seen."""

    frames: FrameRange
    words: str


@dataclass(frozen=True)
class StudioRefusal:
    """Why an open picture or video cannot be used as it is.

    Attributes:
        picture: Which.
        sightings: What was seen in what is chosen of it; never empty.
        moments: Of a video the first and the last look of each moment.
        parts: Of a video the longest parts without any of it.
    """

    picture: StudioPicture
    sightings: tuple[Sighting, ...]
    moments: tuple[tuple[Sighting, Sighting], ...] = ()
    parts: tuple[CleanPart, ...] = ()

    @property
    def worst(self) -> Sighting:
        """What the check is surest of."""
        return max(self.sightings, key=lambda one: one.score)


def refusal_of(studio: Studio, picture: StudioPicture | None) -> StudioRefusal | None:
    """Return why a picture or video cannot be used as it is chosen; None where it can, or nobody has looked yet."""
    if picture is None:
        return None
    seen = picture.refused_in(studio.trim_of(picture.key))
    if not seen:
        return None
    if not picture.is_video or picture.verdict is None or picture.times is None:
        return StudioRefusal(picture, seen)
    return StudioRefusal(picture, seen, moments(seen), clean_parts(picture.times, picture.verdict.sightings))


def clean_parts(times: FrameTimes, sightings: tuple[Sighting, ...]) -> tuple[CleanPart, ...]:
    """Return the longest parts of a video without any sighting, with as much room around each as between two looks."""
    count = len(times)
    if not count:
        return ()
    length = max(times.end - times.of(0), 1e-3)
    margin = math.ceil(count / length * _AROUND_S)

    def seconds(frame: int) -> float:
        return (times.of(frame) if frame < count else times.end) - times.of(0)

    return tuple(
        CleanPart(span, f"{clock_text(seconds(span.first))}–{clock_text(seconds(span.end))}")
        for span in clean_spans(count, sightings, margin)[:_MOST_PARTS]
        if seconds(span.end) - seconds(span.first) >= _SHORTEST_PART_S
    )


def refused_spans(picture: StudioPicture) -> tuple[tuple[float, float], ...]:
    """Return when in a video something was seen, with the room around it, in seconds from its first frame on."""
    if picture.verdict is None or not picture.is_video:
        return ()
    return tuple(
        (max(0.0, first.seconds - _AROUND_S), last.seconds + _AROUND_S)
        for first, last in moments(picture.verdict.sightings)
    )


def is_veiled(picture: StudioPicture, seconds: float = 0.0) -> bool:
    """Say whether a picture, or a moment of a video, is shown blurred."""
    if picture.is_video:
        return any(first <= seconds <= last for first, last in refused_spans(picture))
    return bool(picture.refused_in(None))
