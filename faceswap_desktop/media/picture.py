"""A picture as pixels: upright, 8 bits per channel, with all that its result has to carry on."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.media import refusals
from faceswap_desktop.media.colour import Pixels
from faceswap_desktop.media.container import MAX_PIXELS, Container, decoding, open_container
from faceswap_desktop.media.planes import Planes, kept_profile, to_planes

_MAX_DPI: Final = 65_535.0


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One decoded picture.

    Attributes:
        pixels: uint8 (H, W, 3), RGB, upright, contiguous; read-only when it comes from a file. They are in
            the space of ``icc_profile``: geometry can be read off them directly; for a screen, and for
            checkpoints that judge colours, convert them with ``colour.to_display`` first.
        alpha: uint8 (H, W), 0 where the picture is transparent; None where it is opaque everywhere.
        icc_profile: An RGB profile to be kept in the result; None for sRGB.
        exif: What of the original's EXIF is kept, orientation 1, place included; empty for none.
        format: A name out of ``formats.PICTURE_FORMATS``.
        notes: Plain English, nothing that stops the work.
        dpi: Dots per inch, across and down; None where the file does not tell.
    """

    pixels: Pixels
    alpha: Pixels | None = None
    icc_profile: bytes | None = None
    exif: bytes = b""
    format: str = "PNG"
    notes: tuple[str, ...] = ()
    dpi: tuple[float, float] | None = None

    @property
    def size(self) -> Size:
        """Width and height."""
        return Size(self.pixels.shape[1], self.pixels.shape[0])

    def with_pixels(self, pixels: Pixels) -> Picture:
        """Return the same picture with other pixels of the same size, in the same colour space."""
        if pixels.shape != self.pixels.shape or pixels.dtype != np.uint8:
            raise ValueError(f"expected uint8 {self.pixels.shape}, got {pixels.dtype} {pixels.shape}")
        return replace(self, pixels=pixels)


def open_upright(path: str | os.PathLike[str], *, max_pixels: int = MAX_PIXELS) -> Picture:
    """Decode a picture, turned upright as its EXIF says; of animations and multi-page files the first one.

    Args:
        path: Any file; its content decides what it is.
        max_pixels: Limit on width × height, checked before anything is decoded.

    Raises:
        InputRefused: ``missing``, ``folder``, ``empty``, ``permission``, ``not-a-picture``, ``unreadable``
            (damaged or cut short) or ``too-large``.
        MemoryError: The picture does not fit into the process's memory limit.
    """
    with open_container(path, max_pixels=max_pixels) as container:
        with decoding(path):
            planes = _decoded(container)
        width, height = container.size
        pixels = turn_upright(planes.pixels, container.orientation)
        alpha = None if planes.alpha is None else turn_upright(planes.alpha, container.orientation)
        if pixels.shape != (height, width, 3):
            raise refusals.damaged(path)
        for array in (pixels, alpha):
            if array is not None:
                array.flags.writeable = False
        notes = dict.fromkeys((*container.notes, *planes.notes))  # told once, in order
        return Picture(
            pixels, alpha, planes.icc_profile, container.exif, container.format, tuple(notes), _dpi(container)
        )


def turn_upright(pixels: Pixels, orientation: int) -> Pixels:
    """Apply an EXIF orientation.

    Args:
        pixels: uint8 (H, W, 3) or (H, W).
        orientation: 1 to 8.

    Returns:
        A contiguous array; the given one for orientation 1.
    """
    if orientation == 1:
        return np.ascontiguousarray(pixels)
    import cv2  # its turns are four times as quick as NumPy's on twelve megapixels

    if orientation in {2, 4}:
        turned = cv2.flip(pixels, 1 if orientation == 2 else 0)
    elif orientation in {3, 6, 8}:
        code = {3: cv2.ROTATE_180, 6: cv2.ROTATE_90_CLOCKWISE, 8: cv2.ROTATE_90_COUNTERCLOCKWISE}[orientation]
        turned = cv2.rotate(pixels, code)
    else:
        turned = cv2.transpose(pixels)
        if orientation == 7:
            turned = cv2.rotate(turned, cv2.ROTATE_180)
    return np.ascontiguousarray(turned, dtype=np.uint8)


def _decoded(container: Container) -> Planes:
    if container.data and container.image.mode == "RGB":
        pixels = _quick_jpeg(container.data)
        if pixels is not None:
            profile, notes = kept_profile(container.image.info.get("icc_profile"))
            return Planes(pixels, None, profile, notes)
    container.image.load()
    return to_planes(container.image)


def _quick_jpeg(data: bytes) -> Pixels | None:
    """Decode an RGB JPEG with OpenCV; None where it cannot, and Pillow shall say why.

    Both use libjpeg-turbo and give the same numbers, but Pillow holds four bytes per pixel and needs half as
    long again to hand them over as three (66 against 104 ms for 12 megapixels on one core).
    """
    import cv2

    try:
        decoded = cv2.imdecode(
            np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
        )
    except cv2.error:
        return None
    # OpenCV's stubs say that an array always comes back; for a damaged file, None does.
    found: Any = decoded
    return None if found is None else np.asarray(found, dtype=np.uint8)


def _dpi(container: Container) -> tuple[float, float] | None:
    try:
        across, down = (float(item) for item in container.image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    if not all(math.isfinite(item) and 0 < item <= _MAX_DPI for item in (across, down)):
        return None
    return (down, across) if container.orientation >= 5 else (across, down)
