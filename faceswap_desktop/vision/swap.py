"""Puts a source face into a picture: warp, light, detail, mask, blend. Works in the face's own region only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.vision.atlas import Atlas
from faceswap_desktop.vision.blend import blend_bands
from faceswap_desktop.vision.colour import Array, Light, relight, resize
from faceswap_desktop.vision.detail import DetailMatch, apply_detail
from faceswap_desktop.vision.layout import with_rim
from faceswap_desktop.vision.lighting import Lighting, crisp, ease_of, find_detail, find_lighting
from faceswap_desktop.vision.mask import feather_width, oval_mask, yaw_share
from faceswap_desktop.vision.mesh import Mesh
from faceswap_desktop.vision.openings import keep_own
from faceswap_desktop.vision.placing import Placed, place, uncovered
from faceswap_desktop.vision.pose import head_pose
from faceswap_desktop.vision.sheet import Sheet
from faceswap_desktop.vision.target_cover import find_target_cover, lay_cover
from faceswap_desktop.vision.temples import clear_temples

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class SwapPatch:
    """A rectangle of finished pixels.

    Attributes:
        left: Its place in the picture.
        top: Its place in the picture.
        pixels: (h, w, 3) uint8 RGB.
    """

    left: int
    top: int
    pixels: Bytes


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """All of a swap that does not hang on the options; ``render`` makes the pixels from it.

    Attributes:
        left: Left edge of the face's region in the picture.
        top: Its top edge.
        target: (h, w, 3) float32, the region as it is, but for the ends of glasses that are painted over.
        warped: (h, w, 3) float32, the source laid over it, in its own colours.
        lit: (h, w, 3) float32, the same in the target's light.
        points: (468, 3) the target's mesh in the region's pixels, moved towards the source's proportions.
        outline: (468, 3) the target's own mesh in the region's pixels.
        usable: (h', w') where both are face, 0 to 1, at reduced size.
        light: The light of both, at reduced size.
        detail: How sharpness and grain are to be matched when the colours are.
        face_width: In pixels.
        share: What the head's turn leaves of the swap, 0 to 1.
    """

    left: int
    top: int
    target: Array
    warped: Array
    lit: Array
    points: Array
    outline: Array
    usable: Array
    light: Light
    detail: DetailMatch
    face_width: float
    share: float


def prepare(image: Bytes, target_mesh: Mesh, atlas: Atlas) -> Prepared | None:
    """Do the part of a swap that does not hang on the options.

    Args:
        image: (H, W, 3) uint8 RGB.
        target_mesh: The target's mesh in the picture's pixels.
        atlas: The source.

    Returns:
        What ``render`` needs, or None where less than 8 pixels of the face lie in the picture.
    """
    placed = place(image, target_mesh.points, Sheet(atlas))
    if placed is None:
        return None
    outline = with_rim(placed.own)
    size = (placed.region.shape[1], placed.region.shape[0])
    covered, frame = lay_cover(find_target_cover(placed.region, outline), outline, size)
    usable = uncovered(placed.valid, covered)
    target = (
        placed.region.astype(np.float32)
        if frame is None
        else clear_temples(placed.region, placed.own, resize(frame, size))
    )
    lighting = find_lighting(placed, target, usable, crisp(placed.warped, placed.face_width, usable.shape[::-1]))
    return prepared_of(
        placed, target, lighting, find_detail(placed, target, lighting), head_pose(target_mesh).yaw_degrees
    )


def prepared_of(placed: Placed, target: Array, lighting: Lighting, detail: DetailMatch, yaw_degrees: float) -> Prepared:
    """Put together what ``render`` needs."""
    return Prepared(
        left=placed.left,
        top=placed.top,
        target=target,
        warped=placed.warped,
        lit=lighting.lit,
        points=placed.moved,
        outline=placed.own,
        usable=lighting.usable,
        light=lighting.light,
        detail=detail,
        face_width=placed.face_width,
        share=yaw_share(yaw_degrees),
    )


def render(prepared: Prepared, options: SwapOptions) -> SwapPatch:
    """Make the pixels of a prepared swap.

    Args:
        prepared: From ``prepare``.
        options: How the source face is put in.

    Returns:
        The face's region with the swapped face in it.
    """
    change = change_of(prepared, options, (prepared.left, prepared.top))
    pixels = cv2.add(prepared.target, change, dtype=cv2.CV_8U)
    return SwapPatch(prepared.left, prepared.top, np.asarray(pixels, dtype=np.uint8))


def change_of(prepared: Prepared, options: SwapOptions, grain_origin: tuple[int, int]) -> Array:
    """Say what a prepared swap adds to the pixels.

    Args:
        prepared: From ``prepare``.
        options: How the source face is put in.
        grain_origin: Where in the endless plane of grain the region lies.

    Returns:
        (h, w, 3) float32, to be added to ``prepared.target``; exactly 0 outside the face.
    """
    # The preview most often asks for the light that was needed to match the detail.
    matched = options.colour_match == 1.0
    if matched:
        lit = prepared.lit
    else:
        small_size = prepared.usable.shape[::-1]
        clear = crisp(prepared.warped, prepared.face_width, small_size, options.colour_match)
        lit = relight(clear, prepared.light, options.colour_match, ease_of(prepared.face_width))
    lit = apply_detail(lit, prepared.detail, grain_origin)
    lit = np.clip(lit, 0.0, 255.0, out=None if lit is prepared.lit else lit)
    for name, is_kept in (("eyes", options.keep_eyes), ("mouth", options.keep_mouth)):
        if is_kept:
            keep_own(lit, prepared.target, prepared.outline, prepared.points, prepared.face_width, name)
    mask = _mask(prepared, options)
    # Outside the mask nothing goes into the coarse bands, or the source's hair would seep in; what the bands carry
    # beyond the mask is cut off, so that the picture's own pixels stay as they are there.
    cv2.subtract(lit, prepared.target, dst=lit)
    cv2.multiply(lit, _three(np.clip(mask * 4.0, 0.0, 1.0)), dst=lit)
    strength = np.clip(mask * 64.0, 0.0, 1.0) * np.float32(options.blend * prepared.share)
    change = blend_bands(lit, mask)
    return np.asarray(cv2.multiply(change, _three(strength), dst=change), dtype=np.float32)


def _three(mask: Array) -> Array:
    """Repeat a mask for the three colours; OpenCV multiplies like with like, on all threads."""
    return np.asarray(cv2.merge([mask, mask, mask]), dtype=np.float32)


def _mask(prepared: Prepared, options: SwapOptions) -> Array:
    shape = prepared.target.shape[:2]
    small = prepared.usable.shape
    scale = small[1] / shape[1]
    sigma = feather_width(prepared.face_width, options.edge_softness)
    own_small = (prepared.outline + 0.5) * scale - 0.5
    oval = oval_mask((small[0], small[1]), own_small, max(0.6, sigma * scale))
    usable = cv2.GaussianBlur(prepared.usable, (0, 0), max(0.6, 0.35 * sigma * scale))
    return resize(np.asarray(oval * usable, dtype=np.float32), (shape[1], shape[0]))


def swap_face(image: Bytes, target_mesh: Mesh, atlas: Atlas, options: SwapOptions) -> SwapPatch | None:
    """Put a source face over one target face.

    Args:
        image: (H, W, 3) uint8 RGB.
        target_mesh: The target's mesh in the picture's pixels.
        atlas: The source.
        options: How it is put in.

    Returns:
        The face's region, finished; None where the face lies outside the picture.
    """
    prepared = prepare(image, target_mesh, atlas)
    return None if prepared is None else render(prepared, options)


def apply(image: Bytes, patches: Iterable[SwapPatch]) -> Bytes:
    """Return a copy of the picture with the patches laid on it, later ones over earlier ones."""
    result = image.copy()
    for patch in patches:
        height, width = patch.pixels.shape[:2]
        result[patch.top : patch.top + height, patch.left : patch.left + width] = patch.pixels
    return result


def swap_faces(image: Bytes, pairings: Sequence[tuple[Mesh, Atlas]], options: SwapOptions) -> Bytes:
    """Put source faces over several target faces of one picture, each on top of what the ones before left.

    Args:
        image: (H, W, 3) uint8 RGB; stays as it is.
        pairings: The targets' meshes in the picture's pixels, each with its source.
        options: How they are put in.

    Returns:
        (H, W, 3) uint8 RGB; pixels outside the faces' regions equal the picture's.
    """
    result = image.copy()
    for mesh, atlas in pairings:
        patch = swap_face(result, mesh, atlas, options)
        if patch is not None:
            height, width = patch.pixels.shape[:2]
            result[patch.top : patch.top + height, patch.left : patch.left + width] = patch.pixels
    return result
