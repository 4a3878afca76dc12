"""A frame as a file: what comes out is what went in."""

from __future__ import annotations

import io
import os

from PIL import Image

from faceswap_desktop.domain.live import LivePicture
from faceswap_desktop.services.live_stills import as_png, keep_frame
from faceswap_desktop.storage.paths import Home


def test_png_holds_the_very_pixels() -> None:
    pixels = os.urandom(7 * 5 * 3)
    with Image.open(io.BytesIO(as_png(LivePicture(1, 0, 7, 5, pixels)))) as picture:
        assert picture.format == "PNG"
        assert (picture.mode, picture.size) == ("RGB", (7, 5))
        assert picture.tobytes() == pixels


async def test_the_same_frame_is_kept_once(home: Home) -> None:
    frame = LivePicture(1, 0, 4, 4, bytes(48))
    first, second = await keep_frame(home, frame), await keep_frame(home, frame)
    assert first == second
    assert first.is_file()
