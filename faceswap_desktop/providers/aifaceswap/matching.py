"""Finds the user's faces among those that ``extract_face`` returned, by how much their boxes overlap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from faceswap_desktop.domain.geometry import BoundingBox

LEAST_OVERLAP: Final = 0.3
"""Intersection over union from which two boxes are the same face; detectors draw their boxes differently."""


def matched(wanted: Sequence[BoundingBox], found: Sequence[BoundingBox]) -> tuple[int | None, ...]:
    """Return for each wanted box its place in ``found``, or None; no place is given twice.

    The pairs that overlap most come first, so that neighbours do not take each other's.

    Args:
        wanted: In pixels of the picture that was sent.
        found: Likewise, in the order of the answer.
    """
    pairs = sorted(
        (
            (overlap, number, place)
            for number, box in enumerate(wanted)
            for place, other in enumerate(found)
            if (overlap := box.overlap(other)) >= LEAST_OVERLAP
        ),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    places: dict[int, int] = {}
    for _, number, place in pairs:
        if number not in places and place not in places.values():
            places[number] = place
    return tuple(places.get(number) for number in range(len(wanted)))
