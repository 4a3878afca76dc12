"""Colour profiles (ICC): what is kept, what is converted, and how a picture is shown.

A picture with an RGB profile keeps its own numbers and its profile, so that pixels outside the faces come out
identical. Everything that is no RGB (CMYK, Lab, grey) is converted to sRGB once, when it is opened.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

Pixels = NDArray[np.uint8]
Intent = Literal["RGB", "CMYK", "GRAY", "Lab"]

_SPACES: Final[dict[bytes, Intent]] = {b"RGB ": "RGB", b"CMYK": "CMYK", b"GRAY": "GRAY", b"Lab ": "Lab"}
_FLAGS: Final = ImageCms.Flags.BLACKPOINTCOMPENSATION

# Strips that stay in the processor's cache: twelve megapixels take 160 ms in strips and 340 ms at once.
_STRIP_PIXELS: Final = 2**18

# What a profile may differ from sRGB before pictures are converted for showing: one step of 255.
_SAME_WITHIN: Final = 1


def profile_space(icc_profile: bytes) -> Intent | None:
    """Return the colour space that a profile describes; None where it is no usable profile."""
    space = _SPACES.get(icc_profile[16:20]) if len(icc_profile) >= 128 else None
    return space if space and _parsed(icc_profile) is not None else None


def to_display(pixels: Pixels, icc_profile: bytes | None) -> Pixels:
    """Return the pixels in sRGB, for screens and thumbnails, and for checkpoints that learnt from sRGB.

    Args:
        pixels: uint8 (H, W, 3) in the profile's space.
        icc_profile: An RGB profile, or None for sRGB.

    Returns:
        uint8 (H, W, 3); the very array where nothing has to be done.
    """
    return convert_space(pixels, icc_profile, None)


def convert_space(pixels: Pixels, from_profile: bytes | None, to_profile: bytes | None) -> Pixels:
    """Move pixels from one RGB space to another, so that they look the same there.

    For a source face whose photo has another profile than the target's picture. Relative colorimetric with
    black point compensation; colours that the new space lacks are clipped.

    Args:
        pixels: uint8 (H, W, 3).
        from_profile: Their RGB profile; None for sRGB.
        to_profile: The profile they shall fit; None for sRGB.

    Returns:
        uint8 (H, W, 3); the very array where both spaces are the same.
    """
    if from_profile == to_profile or pixels.size == 0:
        return pixels
    transform = _rgb_transform(from_profile, to_profile)
    if transform is None:
        return pixels
    converted = np.empty_like(pixels)
    rows = max(1, _STRIP_PIXELS // pixels.shape[1])
    for top in range(0, pixels.shape[0], rows):
        strip = Image.fromarray(pixels[top : top + rows])
        ImageCms.applyTransform(strip, transform, inPlace=True)
        converted[top : top + rows] = np.asarray(strip)
    return converted


def image_to_srgb(image: Image.Image, icc_profile: bytes) -> Image.Image:
    """Convert a CMYK, grey (``L``) or ``LAB`` picture with its profile to an sRGB picture of mode RGB.

    Raises:
        ImageCms.PyCMSError: The profile does not fit the picture.
    """
    transform = ImageCms.buildTransform(
        io.BytesIO(icc_profile),
        ImageCms.createProfile("sRGB"),
        image.mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        _FLAGS,
    )
    converted = ImageCms.applyTransform(image, transform)
    assert converted is not None  # only with inPlace is nothing returned
    return converted


@lru_cache(maxsize=32)
def _parsed(icc_profile: bytes) -> Any:
    try:
        return ImageCms.getOpenProfile(io.BytesIO(icc_profile))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


@lru_cache(maxsize=32)
def _rgb_transform(from_profile: bytes | None, to_profile: bytes | None) -> ImageCms.ImageCmsTransform | None:
    """Build a transform between RGB spaces; None where it would change nothing or cannot be built."""
    srgb = ImageCms.createProfile("sRGB")
    start = _parsed(from_profile) if from_profile else srgb
    end = _parsed(to_profile) if to_profile else srgb
    if start is None or end is None:
        return None
    try:
        transform = ImageCms.buildTransform(start, end, "RGB", "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC, _FLAGS)
    except ImageCms.PyCMSError:
        return None
    return None if _changes_nothing(transform) else transform


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Try a transform on a lattice of 729 colours; names of profiles are not to be trusted."""
    steps = np.linspace(0, 255, 9).astype(np.uint8)
    lattice = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(27, 27, 3)
    moved = np.asarray(ImageCms.applyTransform(Image.fromarray(lattice), transform)).astype(np.int16)
    return bool(np.abs(moved - lattice).max() <= _SAME_WITHIN)
