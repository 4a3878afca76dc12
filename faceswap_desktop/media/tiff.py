"""TIFF files without loss: deflated strips, with profile, resolution and EXIF. Source: TIFF 6.0, Adobe's supplements.

Pillow's own writer hands compressed pictures to libtiff, which cannot write EXIF's directories (Pillow 12.3); its
writer of directories can, and is used here.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from itertools import accumulate
from typing import BinaryIO, Final

import numpy as np
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from faceswap_desktop.media.colour import Pixels

_STRIP_BYTES: Final = 2**20
# Twelve megapixels of a photo: 23.3 MB at level 1, 22.6 at 6, which takes three times as long.
_LEVEL: Final = 1
_UNASSOCIATED: Final = 2
_DEFLATE: Final = 8
_DIFFERENCES: Final = 2
_RGB: Final = 2
_PROFILE: Final = 34675
_PREDICTOR: Final = 317
_EXTRA: Final = 338
_DIRECTORIES: Final = frozenset({ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo, ExifTags.IFD.Interop})
_HEAD: Final = 8


def write_tiff(
    stream: BinaryIO, pixels: Pixels, *, icc_profile: bytes | None, exif: bytes, dpi: tuple[float, float] | None
) -> None:
    """Write a picture.

    Args:
        stream: Need not be able to seek.
        pixels: uint8 (H, W, 3) RGB, or (H, W, 4) with transparency that is not multiplied in.
        icc_profile: None for none.
        exif: Cleaned, as ``Picture.exif``; empty for none.
        dpi: Dots per inch, across and down; None for unknown.

    Raises:
        OSError: The stream's.
    """
    height, width, channels = pixels.shape
    rows = max(1, _STRIP_BYTES // (width * channels))
    strips = list(_strips(pixels, rows))
    directory = ImageFileDirectory_v2()
    _carry(directory, exif)
    lengths = [len(one) for one in strips]
    directory[256], directory[257] = width, height
    directory[258] = (8,) * channels
    directory[259] = _DEFLATE
    directory[262] = _RGB
    directory[277] = channels
    directory[278] = min(rows, height)
    directory[279] = tuple(lengths)
    directory[273] = (0, *accumulate(lengths[:-1]))  # from the directory's end
    directory[284] = 1
    directory[_PREDICTOR] = _DIFFERENCES
    if channels == 4:
        directory[_EXTRA] = _UNASSOCIATED
    if icc_profile:
        directory.tagtype[_PROFILE] = 7
        directory[_PROFILE] = icc_profile
    if dpi is not None:
        directory[282], directory[283], directory[296] = dpi[0], dpi[1], 2
    for tag in (273, 279):
        directory.tagtype[tag] = 4
    stream.write(b"II*\0" + _HEAD.to_bytes(4, "little"))
    stream.write(directory.tobytes(_HEAD))
    stream.writelines(strips)


def _carry(directory: ImageFileDirectory_v2, exif: bytes) -> None:
    if not exif:
        return
    found = Image.Exif()
    found.load(exif)
    for tag in found:
        directory[tag] = found.get_ifd(tag) if tag in _DIRECTORIES else found[tag]


def _strips(pixels: Pixels, rows: int) -> Iterator[bytes]:
    for top in range(0, pixels.shape[0], rows):
        part = pixels[top : top + rows]
        differences = part.copy()
        np.subtract(part[:, 1:], part[:, :-1], out=differences[:, 1:])  # modulo 256, as the format wants it
        yield zlib.compress(differences.tobytes(), _LEVEL)
