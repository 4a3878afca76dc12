"""Results as files: JPEG, PNG, WebP, TIFF or AVIF, with the colour profile and the EXIF of the original."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from PIL import Image

from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import OutputFormat, OutputOptions
from faceswap_desktop.media.atomic_file import write_new_file
from faceswap_desktop.media.colour import Pixels
from faceswap_desktop.media.exif import without_gps
from faceswap_desktop.media.formats import format_title, has_picture_extension
from faceswap_desktop.media.picture import Picture
from faceswap_desktop.media.tiff import write_tiff

WRITABLE: Final = {
    "JPEG": OutputFormat.JPEG,
    "PNG": OutputFormat.PNG,
    "WEBP": OutputFormat.WEBP,
    "TIFF": OutputFormat.TIFF,
    "AVIF": OutputFormat.AVIF,
}
"""What pictures are written as, by ``Media.format``."""

EXTENSIONS: Final = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "TIFF": ".tif", "AVIF": ".avif"}
"""How written pictures' names end, by ``Media.format``."""

# AVIF decoders, ours among them, go no further.
_MAX_SIDES: Final = {"JPEG": 65_500, "WEBP": 16_383, "AVIF": 32_767}
_MAX_AREAS: Final = {"AVIF": 16_384 * 16_384}
_NAMED: Final = {kind: name for name, kind in WRITABLE.items()}

# SAME: what is lossless stays lossless, what is lossy and cannot be written here becomes JPEG.
_SAME: Final = {
    "JPEG": "JPEG",
    "PNG": "PNG",
    "WEBP": "WEBP",
    "TIFF": "TIFF",
    "BMP": "PNG",
    "GIF": "PNG",
    "HEIF": "JPEG",
    "AVIF": "AVIF",
}

# Twelve megapixels of a photo: 0.8 s at level 1 and 2.8 s at level 6, which is no smaller.
_PNG_LEVEL: Final = 1
# Lossy WebP, twelve megapixels: 0.6 s at 0, 0.8 s at 2, 1.6 s at 4; sizes differ by 2 %.
_WEBP_METHOD: Final = 2
# Effort of lossless WebP; 0.8 s at this, many times that at the highest.
_WEBP_EFFORT: Final = 10
# AVIF, twelve megapixels of noisy photo, two cores: 6.4 s at 6, 3.2 s at 8, 2.1 s at 10; sizes differ by 2 %.
_AVIF_SPEED: Final = 8


@dataclass(frozen=True, slots=True)
class PlannedFormat:
    """In what a result is going to be written.

    Attributes:
        format: A name out of ``WRITABLE``.
        extension: With its dot.
        notes: Why it is not what was asked for, as plain English.
    """

    format: str
    extension: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A result on the disk.

    Attributes:
        path: Where it lies; a number is in the name if the wished one was taken.
        size: Length in bytes.
        format: A name out of ``WRITABLE``.
        width, height: Pixels.
        sha256: Of the file, hexadecimal.
        notes: Plain English, what the user may want to know.
    """

    path: Path
    size: int
    format: str
    width: int
    height: int
    sha256: str
    notes: tuple[str, ...]


def plan_format(output: OutputOptions, *, source_format: str, size: Size, is_transparent: bool) -> PlannedFormat:
    """Decide the format of a result before it is made.

    Args:
        output: What the user chose.
        source_format: The original's, a name out of ``formats.PICTURE_FORMATS``.
        size: Pixels of the picture.
        is_transparent: Whether it has transparent places; they would be lost in a JPEG.

    Raises:
        UsageError: The chosen format cannot hold a picture of this size (kind ``format-limit``).
    """
    is_chosen = output.format is not OutputFormat.SAME
    name = _NAMED[output.format] if is_chosen else _SAME.get(source_format, "JPEG")
    limit = _MAX_SIDES.get(name)
    if limit is not None and (max(size) > limit or size.width * size.height > _MAX_AREAS.get(name, limit * limit)):
        if is_chosen:
            raise UsageError(
                message(
                    "{format} files cannot hold {width} × {height} pixels; no side may be longer than {limit}.",
                    format=format_title(name),
                    width=size.width,
                    height=size.height,
                    limit=limit,
                ),
                message("Choose PNG as the format of results."),
                kind="format-limit",
            )
        return _planned("PNG", f"Written as PNG, because {format_title(name)} cannot hold so many pixels.")
    if is_transparent and name == "JPEG":
        if is_chosen:
            return _planned("JPEG", "Transparent places became white, because JPEG has no transparency.")
        return _planned("PNG", "Written as PNG, so that transparent places are kept.")
    return _planned(name)


def write_picture(
    picture: Picture,
    path: str | os.PathLike[str],
    *,
    output: OutputOptions,
    source_format: str,
    numbered: bool = True,
) -> WrittenFile:
    """Write a result; never over an existing file, and whole or not at all.

    The colour profile, the resolution and the cleaned EXIF go along; the place does only with
    ``output.keep_gps``. XMP, IPTC, comments and maker's notes stay behind (``exif`` says why). Untouched pixels
    come out identical in PNG, TIFF and lossless WebP.

    Args:
        picture: What to write; its EXIF has been cleaned by ``open_upright``.
        path: The wished path. If its extension does not belong to the format, the right one takes its place.
        output: What the user chose.
        source_format: The original's format, for ``OutputFormat.SAME``.
        numbered: If the name is taken, use ``name (2)`` …; else refuse.

    Raises:
        StorageError: ``disk-full``, ``read-only``, ``permission``, ``folder-missing``, ``exists`` or ``storage``.
        UsageError: See ``plan_format``.
    """
    plan = plan_format(output, source_format=source_format, size=picture.size, is_transparent=picture.alpha is not None)
    encoder = _encoder(picture, plan.format, output)
    written = write_new_file(_with_extension(Path(path), plan), encoder, numbered=numbered)
    width, height = picture.size
    return WrittenFile(written.path, written.size_bytes, plan.format, width, height, written.sha256, plan.notes)


def flatten_on_white(pixels: Pixels, alpha: Pixels) -> Pixels:
    """Lay a picture with transparency on white.

    Args:
        pixels: uint8 (H, W, 3).
        alpha: uint8 (H, W).
    """
    base = Image.new("RGB", (pixels.shape[1], pixels.shape[0]), (255, 255, 255))
    base.paste(Image.fromarray(pixels), mask=Image.fromarray(alpha))
    return np.asarray(base)


def _planned(name: str, *notes: str) -> PlannedFormat:
    return PlannedFormat(name, EXTENSIONS[name], notes)


def _with_extension(path: Path, plan: PlannedFormat) -> Path:
    known = {"JPEG": {".jpg", ".jpeg", ".jpe", ".jfif"}, "TIFF": {".tif", ".tiff"}}.get(plan.format, {plan.extension})
    suffix = path.suffix.lower()
    if suffix in known:
        return path
    # "Anna as Dr. Who" has no extension but a dot; only a picture's extension is replaced.
    if has_picture_extension(path):
        return path.with_suffix(plan.extension)
    return path.with_name(path.name + plan.extension)


def _encoder(picture: Picture, name: str, output: OutputOptions) -> Callable[[BinaryIO], None]:
    alpha = picture.alpha
    pixels = picture.pixels
    if alpha is not None and name == "JPEG":
        pixels, alpha = flatten_on_white(pixels, alpha), None
    whole = np.dstack((pixels, alpha)) if alpha is not None else pixels
    exif = picture.exif if output.keep_gps else without_gps(picture.exif)
    if name == "TIFF":
        return lambda stream: write_tiff(stream, whole, icc_profile=picture.icc_profile, exif=exif, dpi=picture.dpi)
    image = Image.fromarray(whole)
    options: dict[str, Any] = {}
    if picture.icc_profile:
        options["icc_profile"] = picture.icc_profile
    if exif:
        options["exif"] = exif
    if picture.dpi and name not in {"WEBP", "AVIF"}:  # they have no place for it but EXIF
        options["dpi"] = picture.dpi
    options |= {
        "JPEG": {"quality": output.quality, "subsampling": 0},
        "PNG": {"compress_level": _PNG_LEVEL},
        "WEBP": _webp_options(output),
        "AVIF": {"quality": output.quality, "subsampling": "4:4:4", "speed": _AVIF_SPEED},
    }[name]
    return lambda stream: image.save(stream, format=name, **options)


def _webp_options(output: OutputOptions) -> dict[str, Any]:
    if output.lossless_webp:
        return {"lossless": True, "quality": _WEBP_EFFORT, "method": 0, "exact": True}
    return {"quality": output.quality, "method": _WEBP_METHOD}
