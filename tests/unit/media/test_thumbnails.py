"""Small pictures are upright, in sRGB, and fit their box."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.media.colour import to_display
from faceswap_desktop.media.thumbnails import crop_with_margin, face_thumbnail, thumbnail, thumbnail_of_pixels
from tests.unit.media import making, profiles


def decoded(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def distance(image: Image.Image, expected: Image.Image) -> float:
    """Mean difference of grey values."""
    return float(np.abs(making.pixels_of(image).astype(int) - making.pixels_of(expected)).mean())


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_thumbnails_are_upright_and_fit(tmp_path: Path, kind: str, orientation: int) -> None:
    upright = making.sample(600, 400)
    stored = making.laid_down(upright, orientation)
    (tmp_path / "a").write_bytes(making.encoded(stored, kind, exif=making.camera_exif(orientation)))
    small = decoded(thumbnail(tmp_path / "a", (120, 90)))
    assert (small.format, small.size) == ("JPEG", (120, 80))
    assert distance(small, upright.resize((120, 80), Image.Resampling.LANCZOS)) < 6


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "RGBA", "LA"])
def test_every_mode_has_a_thumbnail(tmp_path: Path, mode: str) -> None:
    image = making.sample(300, 200).convert(mode)
    path = making.save(image, tmp_path / ("a.tif" if mode == "CMYK" else "a.png"))
    small = decoded(thumbnail(path, (60, 60)))
    assert (small.mode, small.size) == ("RGB", (60, 40))
    smooth = image.convert("L") if mode == "1" else image.convert("RGB")
    assert distance(small, smooth.resize((60, 40), Image.Resampling.LANCZOS)) < 10


def test_sixteen_bits_and_heic(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(making.deep_png(making.pixels_of(making.sample(300, 200)).astype(np.uint16) * 257))
    small = decoded(thumbnail(tmp_path / "a.png", (60, 60)))
    assert distance(small, making.sample(300, 200).resize((60, 40), Image.Resampling.LANCZOS)) < 6
    assert decoded(thumbnail(making.DATA / "turned.heic", (80, 80))).size == (60, 80)


def test_a_transparent_picture_has_a_transparent_thumbnail(tmp_path: Path) -> None:
    image = making.sample(300, 200)
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    small = decoded(thumbnail(making.save(image, tmp_path / "a.png"), (60, 60)))
    assert (small.format, small.mode, small.size) == ("PNG", "RGBA", (60, 40))
    assert np.ptp(np.asarray(small.getchannel("A"))) > 200


def test_small_pictures_are_not_enlarged(tmp_path: Path) -> None:
    path = making.save(making.sample(10, 6), tmp_path / "a.png")
    assert decoded(thumbnail(path)).size == (10, 6)
    assert decoded(thumbnail(making.save(making.sample(1, 1), tmp_path / "b.png"))).size == (1, 1)


def test_very_long_pictures_keep_a_pixel(tmp_path: Path) -> None:
    path = making.save(Image.new("RGB", (5000, 2), (9, 90, 200)), tmp_path / "a.png")
    assert decoded(thumbnail(path)).size == (256, 1)


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_thumbnails_are_in_srgb(tmp_path: Path, name: str) -> None:
    profile = profiles.rgb_profile()
    image = Image.new("RGB", (200, 200), (200, 50, 50))
    small = decoded(thumbnail(making.save(image, tmp_path / name, icc_profile=profile), (50, 50)))
    expected = to_display(making.pixels_of(image), profile)[0, 0].astype(int)
    assert "icc_profile" not in small.info
    assert np.abs(making.pixels_of(small)[25, 25] - expected).max() <= 4
    of_pixels = decoded(thumbnail_of_pixels(making.pixels_of(image), (50, 50), icc_profile=profile))
    assert np.abs(making.pixels_of(of_pixels)[25, 25] - expected).max() <= 4


def test_a_thumbnail_of_pixels() -> None:
    pixels = making.pixels_of(making.sample(600, 400))
    small = decoded(thumbnail_of_pixels(pixels, (120, 90)))
    assert small.size == (120, 80)
    assert distance(small, making.sample(600, 400).resize((120, 80), Image.Resampling.LANCZOS)) < 5


@pytest.mark.parametrize(
    "box",
    [
        BoundingBox(20, 10, 60, 50),
        BoundingBox(-10, -10, 20, 30),
        BoundingBox(80, 50, 120, 90),
        BoundingBox(0, 0, 96, 64),
        BoundingBox(-50, -50, 500, 500),
        BoundingBox(30.4, 30.6, 31.2, 31.3),
        BoundingBox(95.5, 63.5, 96, 64),
        BoundingBox(10, 10, 10, 10),
    ],
)
def test_face_thumbnails_are_square_wherever_the_face_is(box: BoundingBox) -> None:
    small = decoded(face_thumbnail(making.pixels_of(making.sample()), box))
    assert (small.format, small.size) == ("JPEG", (192, 192))


def test_a_face_thumbnail_shows_the_face() -> None:
    pixels = np.zeros((300, 400, 3), np.uint8)
    pixels[100:200, 150:250] = 255
    small = making.pixels_of(decoded(face_thumbnail(pixels, BoundingBox(150, 100, 250, 200), 160))).astype(int)
    assert small[80, 80].min() > 250
    assert small[5, 5].max() < 5
    assert np.count_nonzero(small[80, :, 0] > 128) == pytest.approx(100, abs=2)  # 160 / 1.6


def test_a_face_thumbnail_of_a_tiny_picture() -> None:
    for size in ((1, 1), (1, 50), (50, 1), (2, 3)):
        pixels = making.pixels_of(making.sample(*size))
        assert decoded(face_thumbnail(pixels, BoundingBox(0, 0, *size), 64)).size == (64, 64)


@pytest.mark.parametrize(
    ("box", "margin", "offset", "shape"),
    [
        (BoundingBox(10, 20, 30, 40), 0.0, (10, 20), (20, 20, 3)),
        (BoundingBox(10, 20, 30, 30), 0.5, (0, 10), (30, 40, 3)),
        (BoundingBox(10.6, 20.2, 30.1, 40.9), 0.0, (10, 20), (21, 21, 3)),
        (BoundingBox(-20, -20, 5, 5), 0.0, (0, 0), (5, 5, 3)),
        (BoundingBox(90, 60, 200, 200), 0.0, (90, 60), (4, 6, 3)),
        (BoundingBox(300, 300, 400, 400), 0.0, (95, 63), (1, 1, 3)),
    ],
)
def test_crops_tell_where_they_come_from(
    box: BoundingBox, margin: float, offset: tuple[int, int], shape: tuple[int, int, int]
) -> None:
    pixels = making.pixels_of(making.sample())
    crop, (x, y) = crop_with_margin(pixels, box, margin)
    assert ((x, y), crop.shape) == (offset, shape)
    assert np.array_equal(crop, pixels[y : y + shape[0], x : x + shape[1]])
    assert crop.flags["OWNDATA"] or crop.base is not pixels
    crop[:] = 0  # a copy, so the picture stays
    assert pixels.max() > 0
