"""Tells which of the detector's faces are the recipe's, by where they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import TargetFace
from faceswap_desktop.providers.akool.faces import Detection, Sighting

LEAST_OVERLAP: Final = 0.3
"""Intersection over union from which on two boxes are taken for the same face."""

Placed = Callable[[BoundingBox], BoundingBox]
"""Moves a box of the original into the copy that was sent."""


def match_picture(targets: Sequence[TargetFace], found: Detection, placed: Placed) -> dict[int, Sighting]:
    """Return the detector's face for each target face of a picture, by the target's index.

    The best pairs are taken first; nobody is taken twice.

    Raises:
        InputRefused: Kind ``no-face``: the detector does not see one of them where it is.
    """
    matched = _greedy({target.index: placed(target.box) for target in targets}, found.sightings)
    _refuse_missing(targets, matched)
    return matched


def match_video(
    targets: Sequence[TargetFace], found: Detection, placed: Placed, frame_of: Callable[[Sighting], int]
) -> dict[int, Sighting]:
    """Return the detector's face for each target face of a video that it saw near its best frame.

    Frames of the answer are tried from the one next to the target's best frame on, only within the frames in which the
    target is seen. Targets that are not seen are left out.

    Args:
        targets: Identities with their best frames and where they are in them.
        found: Faces in the frames that the detector chose.
        placed: Moves a box of the original into the copy that was sent.
        frame_of: Returns the original's frame in which a face was seen.
    """
    frames: dict[int, tuple[int, list[Sighting]]] = {}
    for sighting in found.sightings:
        frames.setdefault(sighting.frame, (frame_of(sighting), []))[1].append(sighting)
    matched: dict[int, Sighting] = {}
    # In rounds of nearness, so that who is nearest in time to a frame has the first choice in it.
    pairs = sorted(
        (abs(frame - target.frame), target.index, number)
        for target in targets
        for number, (frame, _) in frames.items()
        if not target.parts or target.track_at(frame) is not None
    )
    boxes = {target.index: placed(target.box) for target in targets}
    taken: set[tuple[int, int]] = set()
    for _, index, number in pairs:
        if index in matched:
            continue
        free = [one for one in frames[number][1] if (one.frame, one.index) not in taken]
        best = _greedy({index: boxes[index]}, free)
        if best:
            matched[index] = best[index]
            taken.add((best[index].frame, best[index].index))
    return matched


def missing(targets: Sequence[TargetFace], matched: Mapping[int, object]) -> tuple[TargetFace, ...]:
    """Return the target faces that have no partner."""
    return tuple(target for target in targets if target.index not in matched)


def _refuse_missing(targets: Sequence[TargetFace], matched: Mapping[int, object]) -> None:
    for target in missing(targets, matched):
        raise not_seen(target)


def not_seen(target: TargetFace) -> InputRefused:
    """Return the error for a face that AKOOL's detector does not see."""
    return InputRefused(
        message("AKOOL does not see face {number} where it is.", number=target.index + 1),
        message("It may be too small, turned too far or covered. Leave it out, or choose another provider."),
        kind="no-face",
    )


def best_overlap(box: BoundingBox, others: Sequence[BoundingBox]) -> int | None:
    """Return the place of the box that overlaps most, or None where none does enough."""
    scores = [box.overlap(other) for other in others]
    best = max(range(len(scores)), key=scores.__getitem__, default=None)
    return best if best is not None and scores[best] >= LEAST_OVERLAP else None


def _greedy(boxes: Mapping[int, BoundingBox], sightings: Sequence[Sighting]) -> dict[int, Sighting]:
    scores = sorted(
        (
            (box.overlap(sighting.box), index, place)
            for index, box in boxes.items()
            for place, sighting in enumerate(sightings)
        ),
        key=lambda row: (-row[0], row[1], row[2]),
    )
    matched: dict[int, Sighting] = {}
    taken: set[int] = set()
    for score, index, place in scores:
        if score >= LEAST_OVERLAP and index not in matched and place not in taken:
            matched[index] = sightings[place]
            taken.add(place)
    return matched
