"""Looks at pictures that have been opened."""

from __future__ import annotations

from collections.abc import Sequence

from faceswap_desktop.domain.faces import DetectedFace
from faceswap_desktop.domain.sensitive import Sighting
from faceswap_desktop.media.colour import to_display
from faceswap_desktop.media.encode import flatten_on_white
from faceswap_desktop.media.picture import Picture
from faceswap_desktop.vision import sensitive
from faceswap_desktop.vision.analyse import face_detection
from faceswap_desktop.vision.detect import Detection


def sightings_in(picture: Picture, faces: Sequence[DetectedFace] | None = None) -> tuple[Sighting, ...]:
    """Look at a picture; return one sighting, or none where it may pass.

    Args:
        picture: As it was opened.
        faces: Those in it; None to look for them.

    Raises:
        CheckpointError: A checkpoint is missing or altered.
    """
    # Converting twelve megapixels takes longer than looking at the smaller copy.
    copy = sensitive.shrunk(picture.pixels, sensitive.PICTURE_SIDE)
    if picture.alpha is not None:
        copy = flatten_on_white(copy, sensitive.shrunk(picture.alpha, sensitive.PICTURE_SIDE))
    look = sensitive.look_at_picture(to_display(copy, picture.icc_profile), _placed(faces, picture, copy.shape[1]))
    return (Sighting(look.score, look.looks_young),) if look.is_over else ()


def sightings_in_result(picture: Picture, faces: Sequence[Detection]) -> tuple[Sighting, ...]:
    """Look at what was made of a picture that was looked at before; return one sighting, or none where it may pass.

    Args:
        picture: The result.
        faces: Those that were changed, in its pixels.

    Raises:
        CheckpointError: A checkpoint is missing or altered.
    """
    copy = sensitive.shrunk(picture.pixels, sensitive.PICTURE_SIDE)
    if picture.alpha is not None:
        copy = flatten_on_white(copy, sensitive.shrunk(picture.alpha, sensitive.PICTURE_SIDE))
    scale = copy.shape[1] / picture.size.width
    moved = [Detection(one.box * scale, one.score, one.five_points * scale) for one in faces]
    look = sensitive.look_at_changes(to_display(copy, picture.icc_profile), moved)
    return (Sighting(look.score, look.looks_young),) if look.is_over else ()


def _placed(faces: Sequence[DetectedFace] | None, picture: Picture, width: int) -> list[Detection] | None:
    if faces is None:
        return None
    scale = width / picture.size.width
    found = [face_detection(face) for face in faces]
    return [Detection(one.box * scale, one.score, one.five_points * scale) for one in found]
