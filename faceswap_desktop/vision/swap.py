"""Puts a source face into a picture: warp, light, detail, mask, blend. Works in the face's own region only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.vision.atlas import Atlas
from faceswap_desktop.vision.blend import blend_bands
from faceswap_desktop.vision.colour import Array, Light, find_light, relight, resize
from faceswap_desktop.vision.cover import SIZE as COVER_SIZE
from faceswap_desktop.vision.detail import DetailMatch, apply_detail, match_detail
from faceswap_desktop.vision.layout import LAYOUT, MESH_POINTS, fill_region, with_rim
from faceswap_desktop.vision.mask import feather_width, oval_mask, yaw_share
from faceswap_desktop.vision.mesh import Mesh
from faceswap_desktop.vision.openings import keep_own
from faceswap_desktop.vision.pose import head_pose
from faceswap_desktop.vision.proportions import nudge, relax_nostrils
from faceswap_desktop.vision.target_cover import find_target_cover, lay_cover
from faceswap_desktop.vision.temples import clear_temples
from faceswap_desktop.vision.warp import make_map, sample, shrink_to

Bytes = NDArray[np.uint8]

_MAP_SIDE: Final = 288
"""Longest side at which maps, masks and light are worked out."""
_COVER_SIDE: Final = 176
_CRISP: Final = 0.3
"""By how much folds, brows and lids are made clearer: warping, feathering and relighting take that much away."""
_CRISP_SIGMA: Final = 0.03
"""Size of what is made clearer, as a share of the face's width."""
_LIGHT_SIGMA: Final = 0.4
"""How fine the target's light is followed, as a share of the face's width."""


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


def _region(points: Array, shape: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    low = np.floor(points[:, :2].min(axis=0)).astype(int) - 2
    high = np.ceil(points[:, :2].max(axis=0)).astype(int) + 3
    left, top = max(0, int(low[0])), max(0, int(low[1]))
    right, bottom = min(shape[1], int(high[0])), min(shape[0], int(high[1]))
    return (left, top, right, bottom) if right - left >= 8 and bottom - top >= 8 else None


def prepare(image: Bytes, target_mesh: Mesh, atlas: Atlas) -> Prepared | None:
    """Do the part of a swap that does not hang on the options.

    Args:
        image: (H, W, 3) uint8 RGB.
        target_mesh: The target's mesh in the picture's pixels.
        atlas: The source.

    Returns:
        What ``render`` needs, or None where less than 8 pixels of the face lie in the picture.
    """
    # Mesh points count from a pixel's corner, OpenCV from its middle.
    own = np.asarray(target_mesh.points[:MESH_POINTS], dtype=np.float32) - np.array([0.5, 0.5, 0.0], dtype=np.float32)
    bounds = _region(with_rim(own), image.shape)
    if bounds is None:
        return None
    left, top, right, bottom = bounds
    own = own - np.array([left, top, 0.0], dtype=np.float32)
    moved = relax_nostrils(nudge(own, atlas.proportions))
    region = image[top:bottom, left:right]
    size = (right - left, bottom - top)
    face_width = float(np.linalg.norm(own[454, :2] - own[234, :2]))
    rimmed = with_rim(moved)

    coordinates = make_map(rimmed, rimmed[:, 2], LAYOUT, size, _MAP_SIDE)
    side = atlas.texture.shape[0]
    texels = side / max(float(np.ptp(rimmed[:, 0])), float(np.ptp(rimmed[:, 1])), 1.0)
    texture, ratio = shrink_to(atlas.texture, texels)
    way = cv2.INTER_CUBIC if texels < 1.4 else cv2.INTER_LINEAR
    warped = sample(texture, coordinates.full() * (side * ratio) - 0.5, way)
    small_size = coordinates.coordinates.shape[1::-1]
    validity = np.asarray(cv2.resize(atlas.validity, (COVER_SIZE, COVER_SIZE), interpolation=cv2.INTER_AREA))
    valid = sample(validity.astype(np.float32) / 255.0, coordinates.coordinates * COVER_SIZE - 0.5)
    outline = with_rim(own)
    covered, frame = lay_cover(find_target_cover(region, outline), outline, size)
    cover = resize(covered, small_size)
    usable = np.asarray(valid * (1.0 - np.clip(cover, 0.0, 1.0)), dtype=np.float32)

    target = region.astype(np.float32) if frame is None else clear_temples(region, own, resize(frame, size))
    light, lit, detail = _match(
        target, _crisp(warped, face_width, small_size, 1.0), usable, own, moved, face_width, _magnified(own, atlas)
    )
    return Prepared(
        left=left,
        top=top,
        target=target,
        warped=warped,
        lit=lit,
        points=moved,
        outline=own,
        usable=usable,
        light=light,
        detail=detail,
        face_width=face_width,
        share=yaw_share(head_pose(target_mesh).yaw_degrees),
    )


def _crisp(warped: Array, face_width: float, small_size: tuple[int, ...], strength: float) -> Array:
    """Make the size of folds, brows and lids a little clearer, not that of pores."""
    share = _CRISP * strength
    scale = small_size[0] / warped.shape[1]
    sigma = max(0.5, _CRISP_SIGMA * face_width * scale)
    coarse = cv2.GaussianBlur(
        resize(warped, (small_size[0], small_size[1])), (0, 0), sigma, borderType=cv2.BORDER_REFLECT
    )
    wide = resize(np.asarray(coarse, dtype=np.float32), (warped.shape[1], warped.shape[0]))
    return np.asarray(cv2.addWeighted(warped, 1.0 + share, wide, -share, 0.0, dst=wide), dtype=np.float32)


def _magnified(own: Array, atlas: Atlas) -> float:
    span = float(np.ptp(LAYOUT[:MESH_POINTS, 0]))
    width = float(np.linalg.norm(own[454] - own[234]))
    return width / span / max(atlas.detail, 1.0)


def _match(
    target: Array, warped: Array, usable: Array, own: Array, moved: Array, face_width: float, magnified: float
) -> tuple[Light, Array, DetailMatch]:
    """Find the light, and how detail must change once it is applied."""
    small_size = usable.shape[1::-1]
    scale = small_size[0] / target.shape[1]
    own_small, moved_small = (own + 0.5) * scale - 0.5, (moved + 0.5) * scale - 0.5
    grown = max(1, round(0.015 * face_width * scale))
    ring = np.ones((2 * grown + 1, 2 * grown + 1), np.uint8)
    features = fill_region(usable.shape, own_small, "eyes", "mouth", "brows")
    features |= fill_region(usable.shape, moved_small, "eyes", "mouth", "brows")
    plain = 1.0 - cv2.dilate(features, ring).astype(np.float32) / 255.0
    oval = oval_mask(usable.shape, own_small, feather_width(face_width, 0.3) * scale)
    skin = np.asarray(usable * oval * plain, dtype=np.float32)
    light = find_light(resize(target, small_size), resize(warped, small_size), skin, _LIGHT_SIGMA * face_width * scale)
    lit = relight(warped, light, 1.0)
    edges = fill_region(usable.shape, moved_small, "eyes", "brows", "lips").astype(np.float32) / 255.0
    full = target.shape[1::-1]
    bare = skin * (1.0 - fill_region(usable.shape, own_small, "lips", "nostrils") / 255.0)
    match = match_detail(target, lit, resize(bare.astype(np.float32), full), resize(edges * usable, full), magnified)
    return light, lit, match


def render(prepared: Prepared, options: SwapOptions) -> SwapPatch:
    """Make the pixels of a prepared swap.

    Args:
        prepared: From ``prepare``.
        options: How the source face is put in.

    Returns:
        The face's region with the swapped face in it.
    """
    # The preview most often asks for the light that was needed to match the detail.
    matched = options.colour_match == 1.0
    if matched:
        lit = prepared.lit
    else:
        small_size = prepared.usable.shape[::-1]
        crisp = _crisp(prepared.warped, prepared.face_width, small_size, options.colour_match)
        lit = relight(crisp, prepared.light, options.colour_match)
    lit = apply_detail(lit, prepared.detail, (prepared.left, prepared.top))
    lit = np.clip(lit, 0.0, 255.0, out=None if lit is prepared.lit else lit)
    if options.keep_eyes:
        keep_own(lit, prepared.target, prepared.outline, prepared.points, prepared.face_width, "eyes")
    if options.keep_mouth:
        keep_own(lit, prepared.target, prepared.outline, prepared.points, prepared.face_width, "mouth")
    mask = _mask(prepared, options)
    # Outside the mask nothing goes into the coarse bands, or the source's hair would seep in; what the bands carry
    # beyond the mask is cut off, so that the picture's own pixels stay as they are there.
    cv2.subtract(lit, prepared.target, dst=lit)
    cv2.multiply(lit, _three(np.clip(mask * 4.0, 0.0, 1.0)), dst=lit)
    strength = np.clip(mask * 64.0, 0.0, 1.0) * np.float32(options.blend * prepared.share)
    change = blend_bands(lit, mask)
    cv2.multiply(change, _three(strength), dst=change)
    pixels = cv2.add(prepared.target, change, dtype=cv2.CV_8U)
    return SwapPatch(prepared.left, prepared.top, np.asarray(pixels, dtype=np.uint8))


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
