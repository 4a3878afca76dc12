import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.geometry import BoundingBox, Size
from faceswap_desktop.media.colour import to_display
from faceswap_desktop.media.copies import CopyLimits, EncodedCopy, make_copy
from faceswap_desktop.media.scaling import copy_scale
from tests.unit.media import making, profiles

MAX_PIXELS = 200_000_000
WIDE = CopyLimits(("JPEG", "PNG"), 1, 4096, 10_000_000)


def opened(made: EncodedCopy) -> Image.Image:
    image = Image.open(io.BytesIO(made.data))
    image.load()
    assert image.format == made.format
    assert image.size == tuple(made.size)
    return image


def copied(path: Path, limits: CopyLimits = WIDE, crop: BoundingBox | None = None) -> EncodedCopy:
    return make_copy(str(path), limits, crop=crop, max_pixels=MAX_PIXELS)


def test_a_jpeg_that_may_be_sent_is_not_encoded_anew(tmp_path: Path) -> None:
    path = making.save(making.sample(), tmp_path / "a.jpg", exif=making.camera_exif(), quality=85)
    made = copied(path)
    assert (made.format, made.is_original) == ("JPEG", True)
    with Image.open(path) as original:
        assert np.array_equal(making.pixels_of(opened(made)), making.pixels_of(original))
    assert not opened(made).getexif()
    assert b"Sample camera" not in made.data


def test_a_png_stays_lossless_and_loses_its_texts(tmp_path: Path) -> None:
    path = making.save(making.sample(), tmp_path / "a.png", exif=making.camera_exif())
    made = copied(path)
    assert (made.format, made.is_original) == ("PNG", True)
    assert np.array_equal(making.pixels_of(opened(made)), making.pixels_of(making.sample()))
    assert not opened(made).getexif()


def test_a_picture_that_lies_on_its_side_is_sent_upright(tmp_path: Path) -> None:
    path = making.save(
        making.laid_down(making.sample(), 6), tmp_path / "a.jpg", exif=making.camera_exif(6), quality=95, subsampling=0
    )
    made = copied(path)
    assert made.size == Size(96, 64)
    assert not made.is_original
    assert np.abs(making.pixels_of(opened(made)).astype(int) - making.pixels_of(making.sample())).mean() < 3


def test_colours_are_sent_in_srgb(tmp_path: Path) -> None:
    profile = profiles.rgb_profile()
    path = making.save(making.sample(), tmp_path / "a.png", icc_profile=profile)
    made = copied(path)
    shown = making.pixels_of(opened(made))
    assert "icc_profile" not in opened(made).info
    assert not np.array_equal(shown, making.pixels_of(making.sample()))
    assert np.array_equal(shown, to_display(making.pixels_of(making.sample()), profile))


def test_a_jpeg_with_a_wide_profile_is_converted(tmp_path: Path) -> None:
    path = making.save(making.sample(), tmp_path / "a.jpg", icc_profile=profiles.rgb_profile(), quality=95)
    made = copied(path)
    assert not made.is_original
    assert b"ICC_PROFILE" not in made.data


@pytest.mark.parametrize("mode", ["CMYK", "L", "1", "P", "I;16"])
def test_every_sort_of_pixels_becomes_plain_colour(tmp_path: Path, mode: str) -> None:
    if mode == "I;16":
        image = Image.fromarray(np.asarray(making.sample().convert("L")).astype(np.uint16) * 257)
    else:
        image = making.sample().convert(mode)
    path = making.save(image, tmp_path / "a.tif")
    made = copied(path, CopyLimits(("JPEG",), 1, 4096, 10_000_000))
    assert (opened(made).mode, made.format) == ("RGB", "JPEG")


@pytest.mark.parametrize("name", ["a.heic", "a.avif"])
def test_formats_that_services_do_not_know_become_jpeg(tmp_path: Path, name: str) -> None:
    path = next(making.DATA.glob(f"*{Path(name).suffix}"), None)
    if path is None:
        path = making.save(making.sample(), tmp_path / name)
    assert copied(path).format == "JPEG"


def test_transparent_places_stay_in_png_and_become_white_in_jpeg(tmp_path: Path) -> None:
    image = making.sample().convert("RGBA")
    image.putalpha(Image.new("L", image.size, 0))
    path = making.save(image, tmp_path / "a.png")
    assert opened(copied(path)).mode == "RGBA"
    flat = making.pixels_of(opened(copied(path, CopyLimits(("JPEG",), 1, 4096, 10_000_000))))
    assert (flat > 250).all()


def test_large_pictures_are_scaled_down_with_their_shape_kept(tmp_path: Path) -> None:
    path = making.save(making.sample(1500, 1000), tmp_path / "a.png")
    made = copied(path, CopyLimits(("JPEG", "PNG"), 1, 300, 10_000_000))
    assert (made.size, made.part, made.is_original) == (Size(300, 200), Size(1500, 1000), False)
    middle = making.pixels_of(making.sample(300, 200)).astype(int)
    assert np.abs(making.pixels_of(opened(made)).astype(int) - middle).mean() < 4


def test_small_pictures_are_enlarged(tmp_path: Path) -> None:
    path = making.save(making.sample(60, 40), tmp_path / "a.png")
    assert copied(path, CopyLimits(("PNG",), 50, 2048, 10_000_000)).size == Size(75, 50)
    assert copied(path, CopyLimits(("PNG",), 1, 2048, 10_000_000, enlarge=2.0)).size == Size(120, 80)


def test_only_the_region_is_copied(tmp_path: Path) -> None:
    path = making.save(making.sample(), tmp_path / "a.png")
    made = copied(path, crop=BoundingBox(10.4, 5, 40, 30.2))
    assert ((made.left, made.top), made.part) == ((10, 5), Size(30, 26))
    assert np.array_equal(making.pixels_of(opened(made)), making.pixels_of(making.sample())[5:31, 10:40])
    with pytest.raises(InputRefused):
        copied(path, crop=BoundingBox(200, 5, 240, 30))


def noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(4).integers(0, 256, (height, width, 3), np.uint8))


def test_quality_goes_down_before_size(tmp_path: Path) -> None:
    path = making.save(noise(256, 192), tmp_path / "a.png")
    whole = len(making.encoded(noise(256, 192), "JPEG", quality=80, subsampling=2))
    made = copied(path, CopyLimits(("JPEG",), 1, 4096, whole + 100))
    assert made.size == Size(256, 192)
    assert len(made.data) <= whole + 100
    smaller = copied(path, CopyLimits(("JPEG",), 1, 4096, whole // 2))
    assert len(smaller.data) <= whole // 2
    assert 128 < smaller.size.width < 256
    assert smaller.size.width / smaller.size.height == pytest.approx(4 / 3, abs=0.02)


def test_a_png_that_is_too_long_becomes_a_jpeg(tmp_path: Path) -> None:
    path = making.save(noise(256, 192), tmp_path / "a.png")
    made = copied(path, CopyLimits(("JPEG", "PNG"), 1, 4096, 100_000))
    assert (made.format, len(made.data) <= 100_000) == ("JPEG", True)
    only = copied(path, CopyLimits(("PNG",), 1, 4096, 50_000))
    assert (only.format, len(only.data) <= 50_000) == ("PNG", True)


def test_what_cannot_be_short_enough_is_refused(tmp_path: Path) -> None:
    path = making.save(noise(256, 192), tmp_path / "a.png")
    with pytest.raises(InputRefused, match="short enough") as caught:
        copied(path, CopyLimits(("JPEG",), 180, 4096, 5000))
    assert caught.value.kind == "too-large"


@pytest.mark.parametrize(
    ("size", "limits", "wanted"),
    [
        ((1000, 500), {"min_edge": 50, "max_edge": 2048}, 1.0),
        ((4096, 500), {"min_edge": 50, "max_edge": 2048}, 0.5),
        ((40, 25), {"min_edge": 50, "max_edge": 2048}, 2.0),
        ((4096, 20), {"min_edge": 50, "max_edge": 2048}, 0.5),
        ((500, 500), {"min_edge": 50, "max_edge": 1000, "enlarge": 4.0}, 2.0),
    ],
)
def test_the_scale_is_as_near_to_one_as_the_limits_allow(
    size: tuple[int, int], limits: dict[str, int], wanted: float
) -> None:
    assert copy_scale(*size, **limits) == wanted
