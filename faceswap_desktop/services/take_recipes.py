"""What makes a result of a take: a recipe whose media is the take itself."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.faces import FivePoints, SourceFaceId
from faceswap_desktop.domain.geometry import BoundingBox, Point
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.recipe import (
    NO_LABEL,
    FaceAge,
    FacePairing,
    LiveTake,
    OutputFormat,
    OutputOptions,
    Recipe,
    SourceRef,
    TargetFace,
    VideoContainer,
)
from faceswap_desktop.providers.on_device.provider import ID as ON_DEVICE
from faceswap_desktop.storage.takes import Take
from faceswap_desktop.workers.live_requests import RecordedSoFar

_MIDDLE: Final = ((0.35, 0.4), (0.65, 0.4), (0.5, 0.55), (0.4, 0.7), (0.6, 0.7))
_LEAST_SILENCE_S: Final = 0.1


def recipe_of(take: Take, media: Media, output: OutputOptions) -> Recipe:
    """Return what makes a result of a take.

    Args:
        take: The take.
        media: Its file as it was opened.
        output: The settings'.
    """
    # Who got which of them nobody kept: whoever gets a face may be made older too, and is counted once.
    targets = [_target(number, media) for number in range(max(len(take.sources), len(take.years)))]
    when = time.localtime(take.began_at)
    # The day on which it was taken, also where it is finished on another.
    stamp = time.strftime("%Y-%m-%d %H.%M.%S", when)
    container = VideoContainer.WEBM if media.format == "WEBM" else VideoContainer.MP4
    if take.output:
        container = VideoContainer(Path(take.output).suffix.lower().removeprefix("."))
    return Recipe(
        provider=ON_DEVICE,
        media=media,
        pairings=tuple(FacePairing(target, source) for target, source in zip(targets, take.sources, strict=False)),
        ages=tuple(FaceAge(target, years) for target, years in zip(targets, take.years, strict=False)),
        output=replace(
            output,
            format=OutputFormat.SAME,
            video_container=container,
            name_template=f"Live as {{source}} {stamp}" if take.has_cast else f"Live {stamp}",
            requested_path=take.output,
        ),
        # The label goes where somebody is changed; services' pictures have it always.
        label=take.label if take.has_cast or take.service else NO_LABEL,
        take=LiveTake(take.camera, take.service, take.began_at),
    )


def _target(number: int, media: Media) -> TargetFace:
    """Return a face that stands for the whole picture: where faces were from moment to moment, nobody kept."""
    width, height = media.size
    left_eye, right_eye, nose, left_mouth, right_mouth = (Point(x * width, y * height) for x, y in _MIDDLE)
    points: FivePoints = (left_eye, right_eye, nose, left_mouth, right_mouth)
    return TargetFace(number, BoundingBox(0.0, 0.0, float(width), float(height)), points)


def each_once(sources: Sequence[SourceRef]) -> tuple[SourceRef, ...]:
    """Return every source face once, with all of its photos that were used."""
    found: dict[SourceFaceId, SourceRef] = {}
    for one in sources:
        known = found.get(one.id)
        photos = one.photos if known is None else tuple(dict.fromkeys((*known.photos, *one.photos)))
        found[one.id] = replace(one, photos=photos)
    return tuple(found.values())


def distinct_years(years: Iterable[int]) -> tuple[int, ...]:
    """Return by how many years ages are changed, each number once; no change is none."""
    return tuple(sorted({one for one in years if one}))


def notes_of(recorded: RecordedSoFar | None) -> tuple[str, ...]:
    """Return what is worth saying of how a recording went, English."""
    if recorded is None:
        return ()
    notes: list[str] = []
    if recorded.dropped:
        notes.append(f"{recorded.dropped} pictures are missing, because the computer was too busy to record them.")
    if recorded.silence_s >= _LEAST_SILENCE_S:
        notes.append(f"There is no sound for {recorded.silence_s:.1f} seconds, because the microphone gave none.")
    return tuple(notes)
