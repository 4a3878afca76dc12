"""Copies of pictures within a service's limits: upright, in sRGB, and without any metadata."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.geometry import BoundingBox, Size
from faceswap_desktop.domain.messages import message
from faceswap_desktop.media.bare_jpeg import bare_jpeg
from faceswap_desktop.media.colour import Pixels, to_display
from faceswap_desktop.media.container import open_container
from faceswap_desktop.media.encode import flatten_on_white
from faceswap_desktop.media.picture import Picture, open_upright
from faceswap_desktop.media.refusals import shown_name
from faceswap_desktop.media.scaling import copy_scale

_QUALITIES: Final = (95, 90, 85, 80)
_FINE_QUALITY: Final = 90
"""From here on colours are kept in full resolution."""
_PNG_LEVEL: Final = 6
_SPARE: Final = 0.95
"""A picture that is too long is scaled down by a little more than its length asks for."""
_MOST_TRIES: Final = 12


@dataclass(frozen=True, slots=True)
class CopyLimits:
    """What a copy has to be.

    Attributes:
        formats: Out of ``JPEG``, ``PNG`` and ``WEBP``; JPEG or PNG is among them.
        min_edge, max_edge: Shortest and longest side in pixels.
        max_bytes: Longest file.
        enlarge: Pixels per original pixel that are wanted where there is room.
    """

    formats: tuple[str, ...]
    min_edge: int
    max_edge: int
    max_bytes: int
    enlarge: float = 1.0


@dataclass(frozen=True, slots=True)
class EncodedCopy:
    """A copy as the bytes of a file.

    Attributes:
        data: The file.
        format: ``JPEG``, ``PNG`` or ``WEBP``.
        size: Pixels.
        left, top: Where the part that it shows begins in the upright original, in whole pixels.
        part: Size of that part.
        is_original: It has the original's own pixels.
    """

    data: bytes
    format: str
    size: Size
    left: int
    top: int
    part: Size
    is_original: bool


def make_copy(path: str, limits: CopyLimits, *, crop: BoundingBox | None = None, max_pixels: int) -> EncodedCopy:
    """Copy a picture.

    Args:
        path: The original.
        limits: What the copy has to be.
        crop: The part to copy, in pixels of the upright original; None for all of it.
        max_pixels: Larger originals are refused.

    Raises:
        InputRefused: It cannot be opened, the crop lies outside, or it cannot be made short enough (``too-large``).
    """
    picture = open_upright(path, max_pixels=max_pixels)
    left, top, part = _part_of(path, picture.size, crop)
    scale = copy_scale(*part, min_edge=limits.min_edge, max_edge=limits.max_edge, enlarge=limits.enlarge)
    size = _scaled(part, scale, limits.max_edge)
    is_whole = part == picture.size and size == part
    pixels = picture.pixels[top : top + part.height, left : left + part.width]
    alpha = None if picture.alpha is None else picture.alpha[top : top + part.height, left : left + part.width]
    shown = to_display(pixels, picture.icc_profile)
    if is_whole and shown is pixels:
        bare = _bare(path, picture, limits)
        if bare is not None:
            return EncodedCopy(bare, "JPEG", size, left, top, part, is_original=True)
    if size != part:
        shown = resized(shown, size)
        alpha = None if alpha is None else resized(alpha, size)
    data, name, size = _encoded(path, picture.format, shown, alpha, limits)
    is_original = is_whole and name == "PNG" and shown is pixels and size == part
    return EncodedCopy(data, name, size, left, top, part, is_original)


def _scaled(part: Size, scale: float, max_edge: int) -> Size:
    width, height = (max(1, min(max_edge, round(side * scale))) for side in part)
    return Size(width, height)


def resized(pixels: Pixels, size: Size) -> Pixels:
    """Scale pixels: by averaging where they become fewer, else by Lanczos's method."""
    height, width = pixels.shape[:2]
    is_smaller = size.width < width or size.height < height
    way = cv2.INTER_AREA if is_smaller else cv2.INTER_LANCZOS4
    return np.ascontiguousarray(cv2.resize(pixels, tuple(size), interpolation=way), dtype=np.uint8)


def _part_of(path: str, size: Size, crop: BoundingBox | None) -> tuple[int, int, Size]:
    if crop is None:
        return 0, 0, size
    box = crop.clipped(size)
    left, top = math.floor(box.left), math.floor(box.top)
    width, height = math.ceil(box.right) - left, math.ceil(box.bottom) - top
    if width < 1 or height < 1:
        raise InputRefused(
            message("The region to be sent lies outside of “{name}”.", name=shown_name(path)), kind="too-large"
        )
    return left, top, Size(width, height)


def _bare(path: str, picture: Picture, limits: CopyLimits) -> bytes | None:
    """Return a JPEG's own bytes without metadata where it may be sent as it is."""
    if picture.format != "JPEG" or "JPEG" not in limits.formats:
        return None
    with open_container(path) as container:
        if container.orientation != 1 or container.image.mode != "RGB":
            return None
    bare = bare_jpeg(Path(path).read_bytes())
    return bare if bare is not None and len(bare) <= limits.max_bytes else None


def _encoded(
    path: str, source_format: str, pixels: Pixels, alpha: Pixels | None, limits: CopyLimits
) -> tuple[bytes, str, Size]:
    """Encode within the limit on bytes: what was lossless stays so if it can, then quality goes down, then size."""
    if "PNG" in limits.formats and (source_format == "PNG" or "JPEG" not in limits.formats):
        data = _png(pixels, alpha)
        if len(data) <= limits.max_bytes:
            return data, "PNG", _size_of(pixels)
    if alpha is not None:
        pixels = flatten_on_white(pixels, alpha)
    for _ in range(_MOST_TRIES):
        data, name = _shortest(pixels, limits)
        if len(data) <= limits.max_bytes:
            return data, name, _size_of(pixels)
        size = _size_of(pixels)
        share = max(0.25, math.sqrt(limits.max_bytes / len(data)) * _SPARE)
        smaller = Size(round(size.width * share), round(size.height * share))
        if min(smaller) < max(1, limits.min_edge):
            break
        pixels = resized(pixels, smaller)
    raise InputRefused(
        message("“{name}” cannot be made short enough to be sent.", name=shown_name(path)), kind="too-large"
    )


def _shortest(pixels: Pixels, limits: CopyLimits) -> tuple[bytes, str]:
    """Return the best JPEG that is short enough, or the shortest; a PNG where only that is taken."""
    if "JPEG" not in limits.formats:
        return _png(pixels, None), "PNG"
    data = b""
    for quality in _QUALITIES:
        data = _jpeg(pixels, quality)
        if len(data) <= limits.max_bytes:
            break
    return data, "JPEG"


def _jpeg(pixels: Pixels, quality: int) -> bytes:
    buffer = io.BytesIO()
    subsampling = 0 if quality >= _FINE_QUALITY else 2
    Image.fromarray(pixels).save(buffer, format="JPEG", quality=quality, subsampling=subsampling)
    return buffer.getvalue()


def _png(pixels: Pixels, alpha: Pixels | None) -> bytes:
    buffer = io.BytesIO()
    image = Image.fromarray(pixels if alpha is None else np.dstack((pixels, alpha)))
    image.save(buffer, format="PNG", compress_level=_PNG_LEVEL)
    return buffer.getvalue()


def _size_of(pixels: Pixels) -> Size:
    return Size(pixels.shape[1], pixels.shape[0])
