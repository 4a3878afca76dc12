"""Which part of a picture is sent, and how much larger it has to be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.geometry import BoundingBox, Size
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import Recipe, TargetFace
from faceswap_desktop.media.scaling import copy_scale
from faceswap_desktop.providers.facts import ProviderFacts

REGION_MARGIN: Final = 1.0
"""Room around a face whose region is sent, as a share of its longer side: hair, neck, and light to go by."""
_TIGHT_MARGIN: Final = 0.15
_MOST_ENLARGED: Final = 4.0


class FaceTouched(InputRefused):
    """Another face touches the one that is to be changed, and the service cannot be told which."""


def region_of(recipe: Recipe, facts: ProviderFacts) -> BoundingBox | None:
    """Return the part of a picture that is sent, in whole pixels of the upright original; None for all of it.

    It is a part where the service is not told which face to change and there are others, or the picture is larger than
    it takes; and where in a copy of the whole picture faces would be too small for it.

    Raises:
        FaceTouched: Another face touches the one that is to be changed.
    """
    size, limits = recipe.media.size, facts.target
    if recipe.is_video or recipe.target_url or not recipe.targets:
        return None
    boxes = [target.box for target in recipe.targets]
    if facts.sends_region and (recipe.bystanders or max(size) > limits.max_edge):
        found = region_around(boxes[0], recipe.bystanders, size)
        if found is None:
            raise FaceTouched(
                message(
                    "Another face touches face {number}, and {provider} cannot be told which one to change.",
                    number=recipe.targets[0].index + 1,
                    provider=facts.title,
                ),
                message("Choose another provider for this picture."),
                kind="no-face",
            )
        return None if found == BoundingBox(0, 0, size.width, size.height) else found
    scale = copy_scale(*size, min_edge=limits.min_edge, max_edge=limits.max_edge)
    if scale < 1.0 and any(min(box.width, box.height) * scale < facts.min_face_px for box in boxes):
        whole = BoundingBox(
            min(box.left for box in boxes),
            min(box.top for box in boxes),
            max(box.right for box in boxes),
            max(box.bottom for box in boxes),
        )
        margin = max(max(box.width, box.height) for box in boxes) * REGION_MARGIN
        return whole_pixels(
            BoundingBox(whole.left - margin, whole.top - margin, whole.right + margin, whole.bottom + margin), size
        )
    return None


def region_around(face: BoundingBox, others: Sequence[BoundingBox], size: Size) -> BoundingBox | None:
    """Return a region with one face in it and no other, in whole pixels; None where others touch it.

    Args:
        face: In pixels of the upright picture.
        others: Faces that must not be in it.
        size: Of the picture.
    """
    tight = face.expanded(_TIGHT_MARGIN).clipped(size)
    region = face.expanded(REGION_MARGIN).clipped(size)
    for other in others:
        if region.overlap(other) == 0.0:
            continue
        cuts = [
            BoundingBox(max(region.left, other.right), region.top, region.right, region.bottom),
            BoundingBox(region.left, max(region.top, other.bottom), region.right, region.bottom),
            BoundingBox(region.left, region.top, min(region.right, other.left), region.bottom),
            BoundingBox(region.left, region.top, region.right, min(region.bottom, other.top)),
        ]
        kept = [cut for cut in cuts if _holds(cut, tight)]
        if not kept:
            return None
        region = max(kept, key=lambda cut: cut.area)
    return whole_pixels(region, size, inwards=bool(others))


def _holds(outer: BoundingBox, inner: BoundingBox) -> bool:
    return (
        outer.left <= inner.left
        and outer.top <= inner.top
        and outer.right >= inner.right
        and outer.bottom >= inner.bottom
    )


def whole_pixels(box: BoundingBox, size: Size, *, inwards: bool = False) -> BoundingBox:
    """Return the box in whole pixels within a picture, rounded outwards or inwards."""
    box = box.clipped(size)
    left, top, right, bottom = int(box.left), int(box.top), int(box.right), int(box.bottom)
    if inwards:
        return BoundingBox(left + (box.left > left), top + (box.top > top), right, bottom)
    return BoundingBox(left, top, right + (box.right > right), bottom + (box.bottom > bottom))


def wanted_scale(targets: Sequence[TargetFace], facts: ProviderFacts) -> float:
    """Return how much larger a copy has to be so that its faces have pixels enough; 1.0 where they have."""
    return scale_for(min((face_px(target) for target in targets), default=0.0), facts)


def scale_for(pixels: float, facts: ProviderFacts) -> float:
    """Return how much larger a picture has to be so that a face of so many pixels is large enough."""
    if not 0 < pixels < facts.min_face_px:
        return 1.0
    return min(_MOST_ENLARGED, facts.min_face_px / pixels)


def face_px(target: TargetFace) -> float:
    """Return the shorter side of a face's box in pixels."""
    return min(target.box.width, target.box.height)
