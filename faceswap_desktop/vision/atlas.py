"""A person's face as a texture laid flat, put together from one photo or several."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision import cover
from faceswap_desktop.vision.colour import Array, find_light, luma, relight, smooth_known
from faceswap_desktop.vision.cover import look_for_cover
from faceswap_desktop.vision.layout import (
    INNER_LIPS,
    LAYOUT,
    MESH_POINTS,
    OUTER_LIPS,
    OVAL,
    TRIANGLES,
    plane_region,
    with_rim,
)
from faceswap_desktop.vision.mesh import Mesh
from faceswap_desktop.vision.proportions import canonical, merge_canonical, mirrored, normals, relax_nostrils, yaw_of
from faceswap_desktop.vision.warp import draw_ids, paint_order, plane_map, shrink_to

Bytes = NDArray[np.uint8]

SIZES: Final = (512, 768, 1024, 1536)
"""Sides of the texture to choose from, by how large the face is in its best photo."""
_WORK: Final = cover.SIZE
"""Side of the plane in which weights are worked out."""
_LIGHT_SIGMA: Final = _WORK * 0.06
_FILL_REACH: Final = 2
"""How far skin is made up beyond what was seen, in texels of the plane of ``_WORK``."""
_DECISION: Final = 5
"""How clearly one photo must speak for a place: high, as a mean of two photos is blurred."""
_HALF_TURN: Final = 14.0
"""Degrees of yaw at which a photo counts half as much as one from the front."""
_FORMAT: Final = 2
"""Raised whenever an atlas is made in another way, so that older ones are made anew."""


@dataclass(frozen=True, slots=True, eq=False)
class Atlas:
    """One person's face laid flat, see ``layout``.

    Attributes:
        texture: (S, S, 3) uint8 RGB; what no photo shows is filled with its surroundings' colour.
        validity: (S, S) uint8, 0 (not known, leave the target's) to 255 (known).
        proportions: (468, 3) float32 canonical mesh, see ``proportions.canonical``.
        weights: Share of each photo, in the order given, summing to 1.
        detail: Pixels of the best photo that one side of the plane stands for: what the texture can really resolve.
    """

    texture: Bytes
    validity: Bytes
    proportions: Array
    weights: tuple[float, ...]
    detail: float

    def save(self, path: Path) -> None:
        """Write the atlas as an ``.npz`` file.

        Raises:
            OSError: It cannot be written.
        """
        path.write_bytes(self.to_bytes())

    def to_bytes(self) -> bytes:
        """Return the bytes of an ``.npz`` file; equal atlases give equal bytes."""
        stream = io.BytesIO()
        np.savez(
            stream,
            format=np.int32(_FORMAT),
            texture=self.texture,
            validity=self.validity,
            proportions=self.proportions,
            weights=np.asarray(self.weights, dtype=np.float64),
            detail=np.float64(self.detail),
        )
        return stream.getvalue()


def load_atlas(path: Path) -> Atlas:
    """Read what ``Atlas.save`` wrote.

    Raises:
        OSError: It cannot be read.
        ValueError: It is not an atlas of this format.
    """
    return atlas_from_bytes(path.read_bytes())


def atlas_from_bytes(packed: bytes) -> Atlas:
    """Read what ``Atlas.to_bytes`` wrote.

    Raises:
        ValueError: It is not an atlas of this format.
    """
    try:
        with np.load(io.BytesIO(packed), allow_pickle=False) as data:
            if int(data["format"]) != _FORMAT:
                raise ValueError(f"atlas format {int(data['format'])}, not {_FORMAT}")
            return Atlas(
                data["texture"],
                data["validity"],
                data["proportions"],
                tuple(float(weight) for weight in data["weights"]),
                float(data["detail"]),
            )
    except (KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"not an atlas: {error}") from error


@dataclass(frozen=True, slots=True, eq=False)
class _Flat:
    """One photo's face in the plane: its texture at full size, and how far each texel can be trusted.

    ``shown`` is what ``trust`` would be without hair and the like over the face.
    """

    texture: Bytes
    small: Array
    trust: Array
    shown: Array
    detail: float
    quality: float


def _detail_of(points: NDArray[np.floating]) -> float:
    """Pixels of the photo per side of the plane, where the face is seen best."""
    triangles = TRIANGLES[:880]
    ratios = np.sqrt(_areas(points[triangles]) / _areas(LAYOUT[triangles]))
    return float(np.percentile(ratios, 70))


def _areas(corners: NDArray[np.floating]) -> NDArray[np.float64]:
    one = (corners[:, 1] - corners[:, 0]).astype(np.float64)
    two = (corners[:, 2] - corners[:, 0]).astype(np.float64)
    return np.asarray(np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]))


def _hidden(points: Array) -> NDArray[np.bool_]:
    """Say which points lie behind another part of the face (a cheek behind the nose), (504,)."""
    low = points[:, :2].min(axis=0)
    scale = 160.0 / max(float((points[:, :2].max(axis=0) - low).max()), 1.0)
    drawn = points.copy()
    drawn[:, :2] = (points[:, :2] - low) * scale
    size = np.ceil(drawn[:, :2].max(axis=0)).astype(int) + 1
    ids = draw_ids(drawn, paint_order(points[:, 2]), (int(size[1]), int(size[0])))
    depth = points[:, 2][TRIANGLES].mean(axis=1)
    spot = np.clip(np.rint(drawn[:, :2]).astype(int), 0, size - 1)
    front = depth[ids[spot[:, 1], spot[:, 0]]]
    return np.asarray(points[:, 2] - front > 0.08 * 160.0 / scale)


def _flatten(image: Bytes, mesh: Mesh, size: int) -> _Flat:
    # Mesh points count from a pixel's corner, OpenCV from its middle.
    points = with_rim(_lips_only(relax_nostrils(mesh.points)))
    points[:, :2] -= 0.5
    detail = _detail_of(points[:, :2])
    part, offset = _around(image, points)
    shrunk, ratio = shrink_to(part, detail / size)
    places = (points[:, :2] - offset + 0.5) * ratio - 0.5
    where = plane_map(places, 512)
    if size != 512:
        where = np.asarray(cv2.resize(where, (size, size), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    texture = np.asarray(
        cv2.remap(shrunk, where, cast(Any, None), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8
    )

    facing = np.concatenate([normals(points), np.zeros(len(OVAL), dtype=np.float32)])
    facing[_hidden(points)] = 0.0
    inside = _inside_picture(places, shrunk.shape)
    seen = np.clip(plane_map(np.stack([facing, inside], axis=1), _WORK), 0.0, 1.0)
    frontal = seen[..., 0] * (seen[..., 1] > 0.99)
    small = np.asarray(cv2.resize(texture, (_WORK, _WORK), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    covered = look_for_cover(small, np.clip(frontal * 2.0, 0.0, 1.0), wide=True).covered
    # The edge of hair is half hair: what is taken from a photo keeps away from it.
    covered = np.asarray(
        cv2.GaussianBlur(cv2.dilate(covered, np.ones((9, 9), np.uint8)), (0, 0), 1.5), dtype=np.float32
    )
    face = cv2.GaussianBlur(plane_region(_WORK, "oval"), (0, 0), 1.0).astype(np.float32) / 255.0
    shown = frontal**2 * face
    trust = shown * (1.0 - covered)
    return _Flat(
        texture,
        small.astype(np.float32),
        trust.astype(np.float32),
        shown.astype(np.float32),
        detail,
        _quality(small, trust, detail) * _frontality(points),
    )


def _lips_only(points: Array) -> Array:
    """Draw the lips' inner edge in, so that no teeth and no dark gap are taken for lip."""
    narrowed = points.copy()
    narrowed[INNER_LIPS] += 0.15 * (points[OUTER_LIPS] - points[INNER_LIPS])
    return narrowed


def _around(image: Bytes, points: Array) -> tuple[Bytes, NDArray[np.float64]]:
    """Cut the face's surroundings out of a photo that may be large."""
    height, width = image.shape[:2]
    left, top = np.clip(np.floor(points[:, :2].min(axis=0)) - 8, 0, [width - 1, height - 1]).astype(int)
    right, bottom = np.clip(np.ceil(points[:, :2].max(axis=0)) + 8, [left + 1, top + 1], [width, height]).astype(int)
    return image[top:bottom, left:right], np.array([left, top], dtype=np.float64)


def _inside_picture(places: NDArray[np.floating], shape: tuple[int, ...]) -> Array:
    x, y = places[:, 0], places[:, 1]
    return ((x >= 0) & (y >= 0) & (x <= shape[1] - 1) & (y <= shape[0] - 1)).astype(np.float32)


def _quality(small: Bytes, trust: Array, detail: float) -> float:
    """Weigh a photo by how much of the face it shows, how large and how sharp."""
    grey = luma(small.astype(np.float32))
    fine = np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 1.5))
    features = plane_region(_WORK, "eyes", "brows", "lips") > 127
    sharpness = float(np.percentile(fine[features], 75)) / 6.0
    size = float(np.sqrt(min(detail, 1500.0)))
    return float(trust.mean()) * min(1.0, sharpness + 0.2) * size


def _frontality(points: NDArray[np.floating]) -> float:
    """Weigh a photo by how far the head is turned: the mesh itself is less exact on a turned head."""
    return 1.0 / (1.0 + (yaw_of(points) / _HALF_TURN) ** 2)


def _enlarge(small: Array, size: int) -> Array:
    return np.asarray(cv2.resize(small, (size, size), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _relit(flat: _Flat, reference: Array, both: Array) -> Array:
    """Give a photo's texture the light of the reference, (size, size, 3) float32."""
    light = find_light(reference, flat.small, both, _LIGHT_SIGMA)
    return relight(flat.texture.astype(np.float32), light, 1.0)


def _merge(flats: list[_Flat], size: int) -> tuple[Array, Array]:
    """Put the photos together: light blends widely, detail comes from the photo that shows the place best."""
    best = int(np.argmax([flat.quality for flat in flats]))
    reference = flats[best]
    if len(flats) == 1:
        return reference.texture.astype(np.float32), reference.trust
    raw = [flat.trust * (flat.quality / reference.quality) for flat in flats]
    choice = np.stack([cv2.GaussianBlur(weight, (0, 0), 2.0) ** _DECISION + 1e-9 for weight in raw])
    choice /= choice.sum(axis=0)
    merged = np.zeros((size, size, 3), dtype=np.float32)
    for flat, weight in zip(flats, choice, strict=True):
        both = np.minimum(flat.trust, reference.trust)
        lit = flat.texture.astype(np.float32) if flat is reference else _relit(flat, reference.small, both)
        merged += lit * _enlarge(weight.astype(np.float32), size)[..., None]
    trust = np.max(np.stack([flat.trust for flat in flats]), axis=0)
    return merged, np.asarray(trust, dtype=np.float32)


def _complete(texture: Array, trust: Array, size: int) -> tuple[Array, Array]:
    """Let the better side stand in, mirrored and relit, where the other was not seen."""
    twin_trust = trust[:, ::-1]
    need = np.clip((0.85 * twin_trust - trust - 0.12) / 0.25, 0.0, 1.0)
    # A stand-in that comes and goes from texel to texel would show; it takes whole areas or none.
    need = cv2.GaussianBlur(cv2.morphologyEx(need, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)), (0, 0), 2.5)
    if float(need.max()) < 0.02:
        return texture, trust
    small = np.asarray(cv2.resize(texture, (_WORK, _WORK), interpolation=cv2.INTER_AREA), dtype=np.float32)
    twin = np.ascontiguousarray(small[:, ::-1])
    light = find_light(small, twin, np.minimum(trust, twin_trust), _LIGHT_SIGMA * 1.5)
    lit = relight(np.asarray(cv2.flip(texture, 1), dtype=np.float32), light, 1.0)
    share = _enlarge(need.astype(np.float32), size)
    filled = _mixed(texture, lit, share)
    return filled, np.asarray(trust + (0.85 * twin_trust - trust).clip(0.0) * need, dtype=np.float32)


def build_atlas(photos: Sequence[tuple[Bytes, Mesh]]) -> Atlas:
    """Lay the face of one person flat.

    Args:
        photos: One or several of the same person: picture (uint8 RGB) and the mesh fitted to it.

    Returns:
        The atlas; equal photos give an equal atlas.

    Raises:
        ValueError: There are no photos.
    """
    if not photos:
        raise ValueError("an atlas needs at least one photo")
    details = [_detail_of(np.asarray(mesh.points)) for _, mesh in photos]
    size = next((side for side in SIZES if side >= max(details)), SIZES[-1])
    flats = [_flatten(image, mesh, size) for image, mesh in photos]
    merged, trust = _merge(flats, size)
    completed, trust = _complete(merged, trust, size)
    known = _usable(trust)
    # Skin under a fringe has not been seen either, but what goes on there can be told from the skin around it.
    shown = _usable(np.max(np.stack([flat.shown for flat in flats]), axis=0))
    validity = np.maximum(known, shown * _near(known))
    total = sum(flat.quality for flat in flats)
    weights = tuple(flat.quality / total if total else 1.0 / len(flats) for flat in flats)
    return Atlas(
        _filled(completed, known, size),
        np.rint(_enlarge(validity, size) * 255.0).astype(np.uint8),
        _shape_of([mesh for _, mesh in photos], list(weights)),
        weights,
        max(details[int(np.argmax(weights))], 0.8 * max(details)) if len(details) > 1 else details[0],
    )


def _usable(trust: Array) -> Array:
    """Turn trust into how much of a texel is shown: nearly all that faces the viewer at all, (256, 256) 0 to 1."""
    share = np.clip((trust - 0.02) / 0.09, 0.0, 1.0)
    return np.asarray(cv2.GaussianBlur(share * share * (3.0 - 2.0 * share), (0, 0), 1.0), dtype=np.float32)


def _near(known: Array) -> Array:
    """Fade out with the distance from what is known, (256, 256) 0 to 1."""
    reach = 2 * _FILL_REACH + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    return np.asarray(cv2.GaussianBlur(cv2.dilate(known, disc), (0, 0), 0.4 * _FILL_REACH), dtype=np.float32)


def _filled(texture: Array, validity: Array, size: int) -> Bytes:
    small = np.asarray(cv2.resize(texture, (_WORK, _WORK), interpolation=cv2.INTER_AREA), dtype=np.float32)
    around = _enlarge(smooth_known(small, validity**4, _WORK * 0.05), size)
    mixed = _mixed(around, texture, _enlarge(validity**2, size))
    return np.clip(np.rint(mixed, out=mixed), 0, 255, out=mixed).astype(np.uint8)


def _mixed(under: Array, over: Array, share: Array) -> Array:
    """Lay ``over`` on ``under`` by a share of 0 to 1 per texel."""
    apart = cv2.subtract(over, under)
    cv2.multiply(apart, cv2.merge([share, share, share]), dst=apart)
    return np.asarray(cv2.add(under, apart, dst=apart), dtype=np.float32)


def _shape_of(meshes: list[Mesh], weights: list[float]) -> Array:
    """Average the meshes' shapes; the more a head is turned, the more its seen half speaks for the other."""
    shapes, shares = [], []
    for mesh, weight in zip(meshes, weights, strict=True):
        points = np.asarray(mesh.points)[:MESH_POINTS]
        yaw = yaw_of(points)
        shape = canonical(points)
        blend = 0.5 * float(np.clip((yaw - 8.0) / 25.0, 0.0, 1.0))
        shapes.append(np.asarray(shape + (mirrored(shape) - shape) * blend, dtype=np.float32))
        shares.append(weight + 1e-6)
    return merge_canonical(shapes, shares)
