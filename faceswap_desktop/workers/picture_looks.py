"""Looks at pictures that have been opened."""

from __future__ import annotations

from collections.abc import Sequence

from faceswap_desktop.domain.faces import DetectedFace
from faceswap_desktop.domain.sensitive import Sighting
from faceswap_desktop.media.colour import Pixels, to_display
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
    copy, scale = _small(picture)
    found = None if faces is None else _moved([face_detection(face) for face in faces], scale)
    return _told(sensitive.look_at_picture(copy, found))


def sightings_in_result(picture: Picture, faces: Sequence[Detection]) -> tuple[Sighting, ...]:
    """Look at what was made of a picture that was looked at before; return one sighting, or none where it may pass.

    Args:
        picture: The result.
        faces: Those that were changed, in its pixels.

    Raises:
        CheckpointError: A checkpoint is missing or altered.
    """
    copy, scale = _small(picture)
    return _told(sensitive.look_at_changes(copy, _moved(faces, scale)))


def _small(picture: Picture) -> tuple[Pixels, float]:
    """Return a copy as people see it, and its pixels per pixel of the picture."""
    # Converting twelve megapixels takes longer than looking at the smaller copy.
    copy = sensitive.shrunk(picture.pixels, sensitive.PICTURE_SIDE)
    if picture.alpha is not None:
        copy = flatten_on_white(copy, sensitive.shrunk(picture.alpha, sensitive.PICTURE_SIDE))
    return to_display(copy, picture.icc_profile), copy.shape[1] / picture.size.width


def _moved(faces: Sequence[Detection], scale: float) -> list[Detection]:
    return [Detection(one.box * scale, one.score, one.five_points * scale) for one in faces]


def _told(look: sensitive.Look) -> tuple[Sighting, ...]:
    return (Sighting(look.score, look.looks_young),) if look.is_over else ()
