"""Reage: makes a face look up to thirty years older or younger. Stylised, and said so wherever it is offered.

Everything is a function of the picture, the mesh and (in a video) the identity's ``AgeReference``: there is no
history and no chance, so the same person has the same wrinkles in every frame. Only the head's and the hair's pixels
change; the others stay bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from faceswap_desktop.domain.recipe import MOST_YEARS
from faceswap_desktop.vision.arrays import Picture
from faceswap_desktop.vision.mesh import Mesh
from faceswap_desktop.vision.reage.hair import find_hair, mean_tone
from faceswap_desktop.vision.reage.hair_colour import HairArea, colour_hair, grey_hair, hair_area
from faceswap_desktop.vision.reage.reference import AgeReference, HairTone
from faceswap_desktop.vision.reage.shape import reshape
from faceswap_desktop.vision.reage.skin import Folds, find_folds, older_skin, younger_skin
from faceswap_desktop.vision.reage.surface import Surface, look_at_surface
from faceswap_desktop.vision.swap import SwapPatch


@dataclass(frozen=True, slots=True, eq=False)
class PreparedReage:
    """All of a reage that does not hang on the years; ``render_reage`` makes the pixels from it.

    Attributes:
        left, top: Place in the picture of what may change.
        pixels: (h, w, 3) uint8 RGB, that part of the picture.
        surface: The face.
        folds: The face's own folds.
        hair: The hair; None where there is none, or it was not asked for.
    """

    left: int
    top: int
    pixels: Picture
    surface: Surface
    folds: Folds
    hair: HairArea | None

    @property
    def nbytes(self) -> int:
        """About how much memory it takes."""
        face = self.surface.where.nbytes + self.folds.narrow.nbytes + self.folds.broad.nbytes
        return int(self.pixels.nbytes + face + (0 if self.hair is None else 2 * self.hair.mask.nbytes))


def prepare_reage(
    pixels: Picture, mesh: Mesh, *, reference: AgeReference | None = None, hair: bool = True
) -> PreparedReage | None:
    """Do the part of a reage that does not hang on the years.

    Args:
        pixels: (H, W, 3) uint8 RGB, upright.
        mesh: The face's mesh in the picture's pixels.
        reference: What is known of the person from other frames; None for a photo.
        hair: Whether the hair is changed too, which takes about as long as the face.

    Returns:
        What ``render_reage`` needs; None where less than 8 pixels of the face lie in the picture.
    """
    surface = look_at_surface(pixels, mesh)
    if surface is None:
        return None
    area = _hair_of(pixels, mesh, surface, reference) if hair else None
    known = None if reference is None else reference.softness
    left, top, (width, height) = surface.left, surface.top, surface.size
    right, bottom = left + width, top + height
    if area is not None:
        left, top = min(left, area.left), min(top, area.top)
        right = max(right, area.left + area.mask.shape[1])
        bottom = max(bottom, area.top + area.mask.shape[0])
    kept = pixels[top:bottom, left:right].copy()
    # The picture may be painted on before this is rendered again: nothing here looks at it any more.
    down, across = surface.top - top, surface.left - left
    surface = replace(surface, pixels=kept[down : down + height, across : across + width])
    return PreparedReage(left, top, kept, surface, find_folds(surface, known), area)


def _hair_of(pixels: Picture, mesh: Mesh, surface: Surface, reference: AgeReference | None) -> HairArea | None:
    if reference is not None and reference.hair is None:
        return None
    return hair_area(pixels, find_hair(pixels, mesh, surface, None if reference is None else reference.hair))


def render_reage(prepared: PreparedReage, years: int) -> SwapPatch:
    """Make the pixels.

    Args:
        prepared: From ``prepare_reage``.
        years: -30 (younger) to +30 (older).

    Returns:
        The region of head and hair; pixels in it that are neither are as they were.

    Raises:
        ValueError: ``years`` is beyond that.
    """
    if not -MOST_YEARS <= years <= MOST_YEARS:
        raise ValueError(f"years must be between -{MOST_YEARS} and {MOST_YEARS}, not {years}")
    canvas = prepared.pixels.copy()
    if years == 0:
        return SwapPatch(prepared.left, prepared.top, canvas)
    share, surface = years / MOST_YEARS, prepared.surface
    change_skin = older_skin if years > 0 else younger_skin
    face = reshape(change_skin(surface, prepared.folds, abs(share)), surface, share)
    part = _part(canvas, prepared, surface.left, surface.top, face.shape)
    part[:] = np.rint(face).clip(0, 255).astype(np.uint8)
    if prepared.hair is not None:
        area = prepared.hair
        part = _part(canvas, prepared, area.left, area.top, area.mask.shape)
        part[:] = grey_hair(part, area, share) if years > 0 else colour_hair(part, area, -share)
    return SwapPatch(prepared.left, prepared.top, canvas)


def _part(canvas: Picture, prepared: PreparedReage, left: int, top: int, shape: tuple[int, ...]) -> Picture:
    down, across = top - prepared.top, left - prepared.left
    return canvas[down : down + shape[0], across : across + shape[1]]


def reage_face(
    pixels: Picture, mesh: Mesh, years: int, *, reference: AgeReference | None = None, hair: bool = True
) -> SwapPatch | None:
    """Make a face look older or younger; ``prepare_reage`` and ``render_reage`` in one.

    Returns:
        A rectangle of finished pixels; None where less than 8 pixels of the face lie in the picture.

    Raises:
        ValueError: ``years`` is beyond -30 to +30.
    """
    prepared = prepare_reage(pixels, mesh, reference=reference, hair=hair)
    return None if prepared is None else render_reage(prepared, years)


def age_reference(frames: Sequence[tuple[Picture, Mesh]]) -> AgeReference | None:
    """Measure what stays the same of a person, in some good frames of a video (three to ten are enough).

    Args:
        frames: Pictures (H, W, 3) uint8 RGB, each with the person's mesh in it.

    Returns:
        The reference; None where the face lies in none of the pictures.
    """
    tones: list[HairTone] = []
    softness: list[float] = []
    for pixels, mesh in frames:
        surface = look_at_surface(pixels, mesh)
        if surface is not None:
            tones.append(find_hair(pixels, mesh, surface).tone)
            softness.append(find_folds(surface).softness)
    return AgeReference(mean_tone(tones), float(np.mean(softness))) if softness else None
