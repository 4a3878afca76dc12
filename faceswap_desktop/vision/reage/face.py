"""Reage: makes a face look up to thirty years older or younger. Stylised, and said so wherever it is offered.

Everything is a function of the picture, the mesh and (in a video) the identity's ``AgeReference``: there is no
history and no chance, so the same person has the same wrinkles in every frame. Only the head's and the hair's pixels
change; the others stay bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from faceswap_desktop.domain.recipe import MOST_YEARS
from faceswap_desktop.vision.arrays import Picture
from faceswap_desktop.vision.colour import Array
from faceswap_desktop.vision.mesh import Mesh
from faceswap_desktop.vision.reage.hair import Hair, find_hair, head_matrix, mean_tone
from faceswap_desktop.vision.reage.hair_colour import HairArea, colour_hair, grey_hair, hair_area
from faceswap_desktop.vision.reage.reference import AgeReference, HairTone
from faceswap_desktop.vision.reage.shape import reshape
from faceswap_desktop.vision.reage.skin import Folds, find_folds, older_skin, younger_skin
from faceswap_desktop.vision.reage.surface import Surface, face_size, look_at_surface, skin_in_plane
from faceswap_desktop.vision.swap import SwapPatch

_LARGEST_PX: Final = 900.0
"""Wider faces are changed at this width, and what changed is enlarged: a face of 4000 pixels would take gigabytes."""
_HEAD: Final = 3.0
"""How far head and hair reach from the middle of such a face, in its widths."""


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """A face at the size at which it is worked on.

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

    def part(self, canvas: Picture, left: int, top: int, shape: tuple[int, ...]) -> Picture:
        """Return a part of a canvas of the size of ``pixels``, by its place in the picture."""
        down, across = top - self.top, left - self.left
        return canvas[down : down + shape[0], across : across + shape[1]]


@dataclass(frozen=True, slots=True, eq=False)
class PreparedReage:
    """All of a reage that does not hang on the years; ``render_reage`` makes the pixels from it.

    Attributes:
        left, top: Place in the picture of what may change.
        pixels: (h, w, 3) uint8 RGB, that part of the picture.
        layers: The face; of a very large one at a reduced size, covering the same part.
    """

    left: int
    top: int
    pixels: Picture
    layers: Layers

    @property
    def nbytes(self) -> int:
        """About how much memory it takes."""
        layers = self.layers
        face = layers.surface.where.nbytes + layers.folds.narrow.nbytes + layers.folds.broad.nbytes
        hair = 0 if layers.hair is None else 2 * layers.hair.mask.nbytes
        return int(self.pixels.nbytes + layers.pixels.nbytes + face + hair)


def prepare_reage(
    pixels: Picture, mesh: Mesh, *, reference: AgeReference | None = None, hair: bool = True
) -> PreparedReage | None:
    """Do the part of a reage that does not hang on the years.

    Args:
        pixels: (H, W, 3) uint8 RGB, upright. It may be painted on afterwards.
        mesh: The face's mesh in the picture's pixels.
        reference: What is known of the person from other frames; None for a photo.
        hair: Whether the hair is changed too, which takes about as long as the face.

    Returns:
        What ``render_reage`` needs; None where less than 8 pixels of the face lie in the picture.
    """
    width = face_size(mesh.points)
    if width > _LARGEST_PX:
        return _prepare_large(pixels, mesh, reference, _LARGEST_PX / width, hair)
    layers = _layers(pixels, mesh, reference, hair)
    return None if layers is None else PreparedReage(layers.left, layers.top, layers.pixels, layers)


def _prepare_large(
    pixels: Picture, mesh: Mesh, reference: AgeReference | None, factor: float, hair: bool
) -> PreparedReage | None:
    """Prepare a face at a reduced size."""
    reach = _HEAD * face_size(mesh.points)
    middle = mesh.points[:, :2].mean(axis=0)
    left, top = (max(0, int(value)) for value in middle - reach)
    right, bottom = (max(0, int(value)) for value in middle + reach)
    part = pixels[top:bottom, left:right]
    size = (round(part.shape[1] * factor), round(part.shape[0] * factor))
    if min(size) < 1:
        return None
    small = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    scale = np.array([size[0] / part.shape[1], size[1] / part.shape[0], factor])
    points = (mesh.points - np.array([left, top, 0.0])) * scale
    layers = _layers(small, Mesh(points.astype(np.float32), mesh.flag), reference, hair)
    if layers is None:
        return None
    # What was cut out small has no place among the large pixels to the pixel; the whole part has.
    whole = replace(layers, left=0, top=0, pixels=small)
    return PreparedReage(left, top, part.copy(), whole)


def _layers(pixels: Picture, mesh: Mesh, reference: AgeReference | None, hair: bool) -> Layers | None:
    surface = look_at_surface(pixels, mesh)
    if surface is None:
        return None
    area = _hair_of(pixels, mesh, surface, reference) if hair else None
    return _laid_out(pixels, surface, area, reference)


def _laid_out(pixels: Picture, surface: Surface, area: HairArea | None, reference: AgeReference | None) -> Layers:
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
    return Layers(left, top, kept, surface, find_folds(surface, known), area)


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
    if years == 0:
        return SwapPatch(prepared.left, prepared.top, prepared.pixels.copy())
    changed = _rendered(prepared.layers, years / MOST_YEARS)
    if prepared.pixels is not prepared.layers.pixels:
        return _enlarged(prepared, changed)
    return SwapPatch(prepared.left, prepared.top, changed)


def _rendered(layers: Layers, share: float) -> Picture:
    canvas, surface, area = layers.pixels.copy(), layers.surface, layers.hair
    change_skin = older_skin if share > 0 else younger_skin
    face = reshape(change_skin(surface, layers.folds, abs(share)), surface, share)
    part = layers.part(canvas, surface.left, surface.top, face.shape)
    part[:] = np.rint(face).clip(0, 255).astype(np.uint8)
    if area is not None:
        part = layers.part(canvas, area.left, area.top, area.mask.shape)
        part[:] = grey_hair(part, area, share) if share > 0 else colour_hair(part, area, -share)
    return canvas


def _enlarged(prepared: PreparedReage, changed: Picture) -> SwapPatch:
    """Add to the large pixels what changed in the small ones, so that their detail stays; cut to where it did."""
    height, width = prepared.pixels.shape[:2]
    change = cv2.subtract(changed, prepared.layers.pixels, dtype=cv2.CV_16S)
    wide = cv2.resize(change, (width, height), interpolation=cv2.INTER_LINEAR)
    pixels = np.asarray(cv2.add(prepared.pixels, wide, dtype=cv2.CV_8U), dtype=np.uint8)
    left, top, across, down = cv2.boundingRect(cv2.bitwise_not(cv2.inRange(wide, (0, 0, 0), (0, 0, 0))))
    if not across:
        return SwapPatch(prepared.left, prepared.top, pixels)
    return SwapPatch(prepared.left + left, prepared.top + top, pixels[top : top + down, left : left + across].copy())


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


@dataclass(frozen=True, slots=True, eq=False)
class KeptHead:
    """What is slow to find of a head and holds for the frames around, as it is kept in the head's own places.

    Attributes:
        skin: (128, 128) float32 in the face's plane, see ``surface.skin_in_plane``.
        hair: The hair; None where there is none.
    """

    skin: Array
    hair: Hair | None


def look_at_head(pixels: Picture, mesh: Mesh, reference: AgeReference) -> KeptHead | None:
    """Find what ``reage_by`` needs, in one of some frames that follow each other.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        mesh: The face's mesh in the picture's pixels.
        reference: What is known of the person.

    Returns:
        None where less than 8 pixels of the face lie in the picture.
    """
    skin = skin_in_plane(pixels, mesh)
    surface = None if skin is None else look_at_surface(pixels, mesh, skin_plane=skin)
    if skin is None or surface is None:
        return None
    return KeptHead(skin, None if reference.hair is None else find_hair(pixels, mesh, surface, reference.hair))


def reage_by(
    pixels: Picture, mesh: Mesh, years: int, reference: AgeReference, head: KeptHead, map_side: int
) -> SwapPatch | None:
    """Make a face look older or younger by what was found in a frame before; takes half as long as ``reage_face``.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        mesh: The face's mesh in the picture's pixels.
        years: -30 (younger) to +30 (older).
        reference: What is known of the person.
        head: From ``look_at_head``.
        map_side: Longest side at which masks are worked out.

    Returns:
        A rectangle of finished pixels; None where less than 8 pixels of the face lie in the picture.
    """
    surface = look_at_surface(pixels, mesh, skin_plane=head.skin, map_side=map_side)
    if surface is None:
        return None
    area = None if head.hair is None else hair_area(pixels, replace(head.hair, matrix=head_matrix(mesh)))
    layers = _laid_out(pixels, surface, area, reference)
    return SwapPatch(layers.left, layers.top, _rendered(layers, years / MOST_YEARS))


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
