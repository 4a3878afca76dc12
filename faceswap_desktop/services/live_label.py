"""The visible label for pictures that exist inside the page of a live session only: drawn here, laid on there."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.recipe import LabelCorner, LabelOptions
from faceswap_desktop.services.label_language import settled


@dataclass(frozen=True, slots=True)
class LabelPicture:
    """A label for pictures of a size.

    Attributes:
        png: Its picture, grey with transparent places.
        width, height: Pixels of the picture that it was drawn for.
        left, top: Where it lies in that.
    """

    png: bytes
    width: int
    height: int
    left: int
    top: int


LabelDrawer = Callable[[int, int], LabelPicture | None]
"""Draws the label for pictures of a width and height; None where they are too small for one."""


def label_drawer(options: LabelOptions) -> LabelDrawer | None:
    """Return what draws the label as the settings have it; None where it is switched off.

    Where the faces are is not known of a service's pictures: ``AUTO`` is the bottom right.
    """
    if not options.is_on:
        return None
    wanted = settled(options)
    return lambda width, height: _drawn(wanted, Size(width, height))


def _drawn(options: LabelOptions, size: Size) -> LabelPicture | None:
    # Pillow and what it needs are loaded with the first session.
    from PIL import Image

    from faceswap_desktop.media.label import draw_label, spot_in
    from faceswap_desktop.media.label_texts import Changes

    label = draw_label(options, size, Changes())
    if label is None:
        return None
    corner = LabelCorner.BOTTOM_RIGHT if options.corner is LabelCorner.AUTO else options.corner
    spot = spot_in(corner, size, label)
    shape = (label.width, label.height)
    picture = Image.merge("LA", [Image.frombytes("L", shape, plane) for plane in (label.grey, label.cover)])
    file = io.BytesIO()
    picture.save(file, "PNG")
    return LabelPicture(file.getvalue(), size.width, size.height, spot.left, spot.top)
