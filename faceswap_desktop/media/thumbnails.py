"""Small pictures for shelves, galleries and lists: upright, in sRGB, encoded."""

from __future__ import annotations

import io
import os
from typing import Final

import numpy as np
from PIL import Image

from faceswap_desktop.domain.geometry import BoundingBox, Size
from faceswap_desktop.media.colour import Pixels, to_display
from faceswap_desktop.media.container import MAX_PIXELS, Container, decoding, open_container
from faceswap_desktop.media.planes import to_planes

_QUALITY: Final = 88
_FACE_MARGIN: Final = 0.3
# Modes whose values can be averaged before they are converted to RGB.
_AVERAGED: Final = frozenset({"RGB", "L", "CMYK", "YCbCr", "LAB"})
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def thumbnail(
    path: str | os.PathLike[str], box: tuple[int, int] = (256, 256), *, max_pixels: int = MAX_PIXELS
) -> bytes:
    """Make a small picture of a file.

    A JPEG is decoded at an eighth to a half of its size where that suffices, which takes half the time.

    Args:
        path: A picture.
        box: Width and height that it has to fit into; smaller pictures are not enlarged.
        max_pixels: See ``open_upright``.

    Returns:
        A JPEG; a PNG where the picture has transparent places.

    Raises:
        InputRefused: See ``container.open_container``.
    """
    with open_container(path, max_pixels=max_pixels) as container:
        with decoding(path):
            small = _small_planes(container, box)
        return _encoded(*small)


def thumbnail_of_pixels(
    pixels: Pixels, box: tuple[int, int] = (256, 256), *, icc_profile: bytes | None = None
) -> bytes:
    """Make a small JPEG of pixels.

    Args:
        pixels: uint8 (H, W, 3).
        box: Width and height that it has to fit into; smaller pictures are not enlarged.
        icc_profile: The pixels' RGB profile; None for sRGB.
    """
    image = Image.fromarray(pixels)
    image.thumbnail(box, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return _encoded(to_display(np.asarray(image), icc_profile), None)


def face_thumbnail(pixels: Pixels, box: BoundingBox, size: int = 192, *, icc_profile: bytes | None = None) -> bytes:
    """Make a square JPEG of one face with some room around it.

    Args:
        pixels: uint8 (H, W, 3), the whole picture.
        box: The face; may reach beyond the picture.
        size: Side in pixels. Small faces are enlarged, so that all have one size.
        icc_profile: The pixels' RGB profile; None for sRGB.
    """
    height, width = pixels.shape[:2]
    side = min(max(box.width, box.height, 1.0) * (1 + 2 * _FACE_MARGIN), float(width), float(height))
    # Near an edge the square is moved inwards rather than filled up.
    left = min(max(box.center.x - side / 2, 0.0), width - side)
    top = min(max(box.center.y - side / 2, 0.0), height - side)
    square = BoundingBox(left, top, left + side, top + side)
    crop, (x, y) = crop_with_margin(pixels, square, 0.0)
    resized = Image.fromarray(crop).resize(
        (size, size),
        Image.Resampling.LANCZOS,
        box=(left - x, top - y, min(left - x + side, crop.shape[1]), min(top - y + side, crop.shape[0])),
        reducing_gap=3.0,
    )
    return _encoded(to_display(np.asarray(resized), icc_profile), None)


def crop_with_margin(pixels: Pixels, box: BoundingBox, margin: float) -> tuple[Pixels, tuple[int, int]]:
    """Cut a box out of a picture with some room around it.

    Args:
        pixels: uint8 (H, W, 3).
        box: May reach beyond the picture.
        margin: Room on each side, as a fraction of the box's longer side.

    Returns:
        A copy, at least one pixel wide and high, that holds all of the widened box that lies in the picture;
        and the place (x, y) of its top left pixel.
    """
    height, width = pixels.shape[:2]
    wide = box.expanded(margin).clipped(Size(width, height))
    left, top = min(int(wide.left), width - 1), min(int(wide.top), height - 1)
    right, bottom = max(int(np.ceil(wide.right)), left + 1), max(int(np.ceil(wide.bottom)), top + 1)
    return pixels[top:bottom, left:right].copy(), (left, top)


def _small_planes(container: Container, box: tuple[int, int]) -> tuple[Pixels, Pixels | None]:
    image = container.image
    # Before it is turned upright, width and height may be exchanged.
    wanted = (box[1], box[0]) if container.orientation >= 5 else box
    if container.data:
        image.draft(image.mode, (wanted[0] * 2, wanted[1] * 2))
    image.load()
    if image.mode in _AVERAGED and "transparency" not in image.info:
        image.thumbnail(wanted, Image.Resampling.LANCZOS, reducing_gap=3.0)
    planes = to_planes(image)
    colour = Image.fromarray(planes.pixels)
    alpha = None if planes.alpha is None else Image.fromarray(planes.alpha)
    for part in (colour, alpha):
        if part is not None:
            part.thumbnail(wanted, Image.Resampling.LANCZOS, reducing_gap=3.0)
    turn = _TURNS.get(container.orientation)
    if turn is not None:
        colour = colour.transpose(turn)
        alpha = alpha.transpose(turn) if alpha else None
    pixels = to_display(np.asarray(colour), planes.icc_profile)
    return pixels, None if alpha is None else np.asarray(alpha)


def _encoded(pixels: Pixels, alpha: Pixels | None) -> bytes:
    buffer = io.BytesIO()
    if alpha is None:
        Image.fromarray(pixels).save(buffer, format="JPEG", quality=_QUALITY)
    else:
        Image.fromarray(np.dstack((pixels, alpha))).save(buffer, format="PNG", compress_level=1)
    return buffer.getvalue()
