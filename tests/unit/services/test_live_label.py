"""The visible label as a picture of its own, for the page of a live session."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.recipe import LabelCorner, LabelOptions
from faceswap_desktop.media.label import draw_label, laid_over
from faceswap_desktop.media.label_texts import Changes
from faceswap_desktop.services.live_label import label_drawer


def test_no_label_where_it_is_switched_off() -> None:
    assert label_drawer(LabelOptions(is_on=False)) is None


@pytest.mark.parametrize(
    ("corner", "is_left", "is_top"),
    [
        (LabelCorner.AUTO, False, False),
        (LabelCorner.TOP_LEFT, True, True),
        (LabelCorner.BOTTOM_LEFT, True, False),
    ],
)
def test_it_lies_in_the_corner_that_was_chosen(corner: LabelCorner, is_left: bool, is_top: bool) -> None:
    draw = label_drawer(LabelOptions(corner=corner, language="en"))
    assert draw is not None
    label = draw(640, 480)
    assert label is not None
    assert (label.width, label.height) == (640, 480)
    with Image.open(io.BytesIO(label.png)) as picture:
        width, height = picture.size
    assert (label.left < 320 - width / 2) is is_left
    assert (label.top < 240 - height / 2) is is_top
    assert label.left + width <= 640
    assert label.top + height <= 480


def test_it_looks_as_on_results() -> None:
    options = LabelOptions(language="en")
    draw = label_drawer(options)
    assert draw is not None
    label = draw(640, 480)
    burnt = draw_label(options, Size(640, 480), Changes())
    assert label is not None
    assert burnt is not None
    below = np.full((burnt.height, burnt.width, 3), (200, 20, 20), np.uint8)
    with Image.open(io.BytesIO(label.png)) as picture:
        over = Image.alpha_composite(Image.fromarray(below).convert("RGBA"), picture.convert("RGBA")).convert("RGB")
    difference = np.abs(np.asarray(over, np.int16) - laid_over(below, burnt))
    assert difference.max() <= 2


def test_pictures_that_are_too_small_have_none() -> None:
    draw = label_drawer(LabelOptions(language="en"))
    assert draw is not None
    assert draw(8, 8) is None
