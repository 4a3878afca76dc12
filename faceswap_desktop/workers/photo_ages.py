"""Changes the ages of faces in pictures, after the swap, and says how old they look."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final

import numpy as np

from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.vision.arrays import Floats, Picture
from faceswap_desktop.vision.mesh import Mesh
from faceswap_desktop.vision.reage.age import estimate_age
from faceswap_desktop.vision.reage.face import PreparedReage, prepare_reage

KEPT_BYTES: Final = 192 * 2**20
"""Previews of many faces, or of large ones, prepare some of them anew each time."""

_kept: OrderedDict[Hashable, PreparedReage] = OrderedDict()


def prepared_age(key: Hashable, pixels: Picture, find: Callable[[], Mesh | None]) -> PreparedReage | None:
    """Return what does not hang on the years: from memory where a slider moves.

    Args:
        key: Of the face, and of everything that was done to the picture before.
        pixels: The picture as it is now.
        find: Fits the mesh of the face.

    Returns:
        None where there is no face.
    """
    kept = _kept.get(key)
    if kept is None:
        mesh = find()
        kept = None if mesh is None else prepare_reage(pixels, mesh)
        if kept is None:
            return None
        _kept[key] = kept
        while len(_kept) > 1 and sum(one.nbytes for one in _kept.values()) > KEPT_BYTES:
            _kept.popitem(last=False)
    _kept.move_to_end(key)
    return kept


def forget_ages() -> None:
    """Give the memory back."""
    _kept.clear()


def apparent_age(pixels: Picture, mesh: Mesh, box: BoundingBox, convert: Callable[[Picture], Picture]) -> float | None:
    """Estimate how old a face of a picture looks; only its surroundings are converted to sRGB.

    Args:
        pixels: The picture in its own colour space.
        mesh: Of the face.
        box: Of the face.
        convert: To sRGB.
    """
    part, corner = around(pixels, box)
    shift = np.array([corner[0], corner[1], 0.0], np.float32)
    return estimate_age(convert(part), Mesh(mesh.points - shift, mesh.flag))


def around(pixels: Picture, box: BoundingBox) -> tuple[Picture, Floats]:
    """Return a face with room around it, and the place of that part's top left pixel."""
    wide = box.expanded(0.5)
    left, top = max(0, int(wide.left)), max(0, int(wide.top))
    part = pixels[top : max(top + 1, int(wide.bottom)), left : max(left + 1, int(wide.right))]
    return part, np.array([left, top], np.float32)


def age_note(number: int | None, before: float | None, after: float | None) -> Message | None:
    """Say how old a face looked and looks; None where it cannot be told.

    Args:
        number: Of the face, counted from 1; None where there is only one.
        before: Years.
        after: Years.
    """
    if before is None or after is None:
        return None
    ages = {"before": round(before), "after": round(after)}
    if number is None:
        return message("Apparent age: {before} before, {after} after.", **ages)
    return message("Apparent age of face {number}: {before} before, {after} after.", number=number, **ages)
