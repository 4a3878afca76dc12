"""What a file is, without decoding it."""

from __future__ import annotations

import os
from pathlib import Path

from faceswap_desktop.domain.media import Media, MediaKind
from faceswap_desktop.media.container import MAX_PIXELS, open_container
from faceswap_desktop.media.fingerprint import fingerprint, media_id

__all__ = ["fingerprint", "media_id", "probe"]


def probe(path: str | os.PathLike[str], *, max_pixels: int = MAX_PIXELS) -> Media:
    """Read a picture's header; damage further inside is found by ``picture.open_upright`` only.

    Returns:
        The media with its absolute path and the size of the upright picture.

    Raises:
        InputRefused: See ``container.open_container``.
    """
    known = fingerprint(path)
    with open_container(path, max_pixels=max_pixels) as container:
        return Media(
            id=media_id(path, known),
            path=str(Path(path).absolute()),
            kind=MediaKind.IMAGE,
            size=container.size,
            format=container.format,
            fingerprint=known,
            notes=container.notes,
        )
