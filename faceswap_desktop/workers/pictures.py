"""Decoded pictures that a worker keeps at hand, so that a preview does not decode the same file again."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Final

from faceswap_desktop.media.picture import Picture, open_upright
from faceswap_desktop.media.refusals import refuse_os_error

KEPT_PICTURES: Final = 2
KEPT_BYTES: Final = 512 * 2**20

PictureKey = tuple[str, int, int]
"""A file as it was when it was opened: path, length, time of the last change."""

_kept: OrderedDict[PictureKey, Picture] = OrderedDict()


def open_kept(path: str, *, max_pixels: int) -> tuple[Picture, PictureKey]:
    """Decode a picture, or return it from memory if the file has not changed since.

    Raises:
        InputRefused: See ``media.picture.open_upright``.
    """
    try:
        status = Path(path).stat()
    except (OSError, ValueError) as error:
        raise refuse_os_error(path, error) from error
    key = (path, status.st_size, status.st_mtime_ns)
    picture = _kept.get(key)
    if picture is None or picture.size.width * picture.size.height > max_pixels:
        # Room is made before the new one is decoded, not after.
        while len(_kept) >= KEPT_PICTURES:
            _kept.popitem(last=False)
        picture = open_upright(path, max_pixels=max_pixels)
        _kept[key] = picture
    _kept.move_to_end(key)
    while _kept and sum(kept.pixels.nbytes for kept in _kept.values()) > KEPT_BYTES:
        _kept.popitem(last=False)
    return picture, key


def forget_kept() -> None:
    """Give the memory back."""
    _kept.clear()
