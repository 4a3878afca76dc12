"""Reage: makes a face look up to thirty years older or younger. Stylised, and said so wherever it is offered.

Everything is a function of the picture, the mesh and (in a video) the identity's ``AgeReference``: there is no
history and no chance, so the same person has the same wrinkles in every frame. Only the head's and the hair's pixels
change; the others stay bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from faceswap_desktop.domain.recipe import MOST_YEARS
from faceswap_desktop.vision.arrays import Picture
from faceswap_desktop.vision.colour import luma
from faceswap_desktop.vision.mesh import Mesh
from faceswap_desktop.vision.reage.surface import Surface, look_at_surface
from faceswap_desktop.vision.swap import SwapPatch


@dataclass(frozen=True, slots=True)
class AgeReference:
    """What stays the same of a person throughout a video, measured in its best frames. Plain numbers.

    Attributes:
        hair: Mean tone of the hair against the skin's (see ``hair``), three numbers; empty where there is no hair.
    """

    hair: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PreparedReage:
    """All of a reage that does not hang on the years; ``render_reage`` makes the pixels from it."""

    surface: Surface

    @property
    def nbytes(self) -> int:
        """About how much memory it takes."""
        return int(self.surface.pixels.nbytes + self.surface.where.nbytes)


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
    return None if surface is None else PreparedReage(surface)


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
    surface = prepared.surface
    share = years / MOST_YEARS
    grey = luma(surface.pixels.astype(np.float32))
    fine = cv2.GaussianBlur(grey, (0, 0), max(0.6, 0.006 * surface.width))
    coarse = cv2.GaussianBlur(grey, (0, 0), max(1.2, 0.03 * surface.width))
    folds = np.log((fine + 8.0) / (coarse + 8.0)) * surface.full(surface.skin)
    gain = np.exp(folds * np.float32(1.2 * share if share > 0 else 0.8 * share)).astype(np.float32)
    changed = np.rint(surface.pixels * gain[..., None]).clip(0, 255).astype(np.uint8)
    return SwapPatch(surface.left, surface.top, changed)


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
    """Measure what stays the same of a person, in some good frames of a video; None where nothing can be told."""
    return AgeReference() if frames else None
