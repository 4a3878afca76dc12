import numpy as np
import pytest
from PIL import Image

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.media.colour import convert_space
from faceswap_desktop.media.paste import pasted
from faceswap_desktop.media.picture import Picture
from tests.unit.media import making, profiles

CROP = BoundingBox(60, 40, 160, 120)


def grey(width: int, height: int, level: int) -> Picture:
    return Picture(np.full((height, width, 3), level, np.uint8))


def test_outside_of_the_crop_nothing_changes() -> None:
    whole = Picture(making.pixels_of(making.sample(240, 160)))
    changed = pasted(whole, grey(100, 80, 9), CROP)
    outside = np.ones(changed.shape[:2], bool)
    outside[40:120, 60:160] = False
    assert np.array_equal(changed[outside], whole.pixels[outside])
    assert (changed[70:90, 90:130] == 9).all()


def test_the_border_is_soft() -> None:
    changed = pasted(grey(240, 160, 200), grey(100, 80, 0), CROP)
    row = changed[80, 55:80, 0].astype(int)
    steps = np.diff(row)
    assert (steps <= 0).all()
    assert steps.min() > -200
    assert np.count_nonzero(steps) >= 4


def test_at_the_edge_of_the_picture_there_is_no_border() -> None:
    changed = pasted(grey(240, 160, 200), grey(120, 160, 0), BoundingBox(0, 0, 120, 160))
    assert (changed[:, :100] == 0).all()
    assert 0 < changed[80, 116, 0] < 200
    assert (changed[:, 120:] == 200).all()


def test_only_the_parts_change() -> None:
    parts = (BoundingBox(70, 50, 90, 70), BoundingBox(150, 100, 400, 400))
    changed = pasted(grey(240, 160, 200), grey(50, 40, 0), CROP, parts)
    assert changed[60, 80, 0] == 0
    assert changed[112, 157, 0] < 200
    assert changed[90, 120, 0] == 200
    assert (changed[130:] == 200).all()


def test_a_result_of_another_size_is_scaled_to_its_place() -> None:
    whole = Picture(making.pixels_of(making.sample(240, 160)))
    part = Image.fromarray(whole.pixels[40:120, 60:160])
    small = Picture(making.pixels_of(part.resize((50, 40), Image.Resampling.LANCZOS)))
    changed = pasted(whole, small, CROP).astype(int)
    assert np.abs(changed - whole.pixels)[40:120, 60:160].mean() < 6


def test_a_result_of_another_shape_is_refused() -> None:
    with pytest.raises(InputRefused, match="another shape"):
        pasted(grey(240, 160, 200), grey(100, 100, 0), CROP)


def test_a_result_comes_into_the_originals_space() -> None:
    profile = profiles.rgb_profile()
    whole = Picture(making.pixels_of(making.sample(240, 160)), icc_profile=profile)
    shown = convert_space(whole.pixels, profile, None)
    changed = pasted(whole, Picture(shown[40:120, 60:160]), CROP).astype(int)
    assert np.abs(changed - whole.pixels).mean() < 1.5
