"""From whatever a decoder gives to 8-bit RGB and transparency."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from faceswap_desktop.media.colour import Pixels, image_to_srgb, profile_space

_DEEP_GREY: Final = frozenset({"I;16", "I;16B", "I;16L", "I;16N"})
_SPACE_OF_MODE: Final = {"CMYK": "CMYK", "LAB": "Lab", "L": "GRAY", "LA": "GRAY", "1": "GRAY"}
_NAME_OF_MODE: Final = {"CMYK": "CMYK", "LAB": "Lab", "YCbCr": "YCbCr", "HSV": "HSV"}

DAMAGED_PROFILE: Final = "The colour profile is damaged or does not fit and was left out; sRGB is assumed."


@dataclass(frozen=True, slots=True, eq=False)
class Planes:
    """A decoded picture, not turned upright yet.

    Attributes:
        pixels: uint8 (H, W, 3), RGB in the space of ``icc_profile``.
        alpha: uint8 (H, W), 255 where nothing shines through; None where that is everywhere.
        icc_profile: An RGB profile; None for sRGB.
        notes: What was changed, as plain English.
    """

    pixels: Pixels
    alpha: Pixels | None
    icc_profile: bytes | None
    notes: tuple[str, ...]


def to_planes(image: Image.Image) -> Planes:
    """Reduce a decoded picture of any mode to RGB with 8 bits per channel and its transparency.

    Raises:
        ValueError: The mode is one that Pillow cannot convert.
    """
    alpha = _alpha_of(image)
    colour, profile, notes = _to_rgb(_without_alpha(image), image.info.get("icc_profile") or None)
    return Planes(np.asarray(colour), alpha, profile, notes)


def kept_profile(icc_profile: bytes | None) -> tuple[bytes | None, tuple[str, ...]]:
    """Return the profile that goes on with an RGB picture, and what is to be said about it."""
    if not icc_profile:
        return None, ()
    return (icc_profile, ()) if profile_space(icc_profile) == "RGB" else (None, (DAMAGED_PROFILE,))


def notes_on_mode(mode: str) -> tuple[str, ...]:
    """Return what opening a picture of this mode changes, as far as the header tells."""
    name = _NAME_OF_MODE.get(mode)
    if name:
        return (f"{name} was converted to RGB.",)
    return ("Values of 32 bits were reduced to 8.",) if mode in {"I", "F"} else ()


def _alpha_of(image: Image.Image) -> Pixels | None:
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"}:
        alpha = np.asarray(image.getchannel(image.getbands()[-1]))
    elif "transparency" in image.info and image.mode in {"P", "L", "RGB", "1"}:
        alpha = np.asarray(image.convert("RGBA").getchannel("A"))
    else:
        return None
    return None if bool((alpha == 255).all()) else alpha


def _without_alpha(image: Image.Image) -> Image.Image:
    """Return the colours alone; those under transparent pixels stay as the file has them."""
    if image.mode in {"RGBA", "RGBX"}:
        return image.convert("RGB")
    if image.mode == "LA":
        return image.getchannel("L")
    if image.mode == "RGBa":
        return image.convert("RGBA").convert("RGB")
    if image.mode == "La":
        return image.convert("LA").getchannel("L")
    if image.mode in {"P", "PA"}:
        return image.convert("RGBA").convert("RGB")
    if image.mode == "1":
        return image.convert("L")
    return image


def _to_rgb(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, bytes | None, tuple[str, ...]]:
    notes = notes_on_mode(image.mode)
    if image.mode in _DEEP_GREY or image.mode in {"I", "F"}:
        image = _shallow(image)
    wanted = _SPACE_OF_MODE.get(image.mode, "RGB")
    space = profile_space(profile) if profile else None
    if profile and space != wanted and not (wanted == "GRAY" and space == "RGB"):
        profile = None
        notes = (*notes, DAMAGED_PROFILE)
    if image.mode == "RGB":
        return image, profile, notes
    if profile and space == "RGB":  # a grey picture that says which RGB its greys are of
        return image.convert("RGB"), profile, notes
    if profile:
        with contextlib.suppress(ImageCms.PyCMSError):
            return image_to_srgb(image, profile), None, notes
        notes = (*notes, DAMAGED_PROFILE)
    if image.mode == "LAB":
        return _lab_to_srgb(image), None, notes
    return image.convert("RGB"), None, notes


def _lab_to_srgb(image: Image.Image) -> Image.Image:
    transform = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
    converted = ImageCms.applyTransform(image, transform)
    assert converted is not None
    return converted


def _shallow(image: Image.Image) -> Image.Image:
    """Reduce one channel of 12 to 32 bits to 8.

    Whole numbers of 16 bits are divided by 257. Wider ones and fractions have no agreed white: up to 1 (for
    fractions), 255 or 65,535 is taken as white, whichever holds all values; beyond that, the largest value is.
    """
    values: NDArray[np.float32] = np.asarray(image).astype(np.float32)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    if image.mode in _DEEP_GREY:
        white = 4095.0 if _is_twelve_bits(image) else 65535.0
    else:
        top = float(values.max(initial=0.0))
        whites = (1.0, 255.0, 65535.0) if image.mode == "F" else (255.0, 65535.0)
        white = next((item for item in whites if top <= item), top)
    scaled = np.clip(values * (255.0 / white) + 0.5, 0.0, 255.0).astype(np.uint8)
    return Image.fromarray(scaled)


def _is_twelve_bits(image: Image.Image) -> bool:
    tags = getattr(image, "tag_v2", None)
    return bool(tags is not None and tags.get(258) == (12,))
