"""Pictures of every sort come out upright, in 8-bit RGB, and say what was changed."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.media.picture import Picture, open_upright, turn_upright
from faceswap_desktop.media.probe import probe
from tests.unit.media import making, profiles

LOSSLESS = {"PNG": {}, "BMP": {}, "TIFF": {}, "WEBP": {"lossless": True}}


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(("kind", "options"), LOSSLESS.items())
def test_lossless_formats_give_the_very_pixels(tmp_path: Path, kind: str, options: dict[str, object]) -> None:
    image = making.sample()
    path = write(tmp_path / f"a.{kind.lower()}", making.encoded(image, kind, **options))
    picture = open_upright(path)
    assert np.array_equal(picture.pixels, making.pixels_of(image))
    assert (picture.format, picture.alpha, picture.icc_profile, picture.notes) == (kind, None, None, ())
    assert probe(path).size == picture.size == Size(96, 64)


@pytest.mark.parametrize(
    "options",
    [
        {"quality": 95, "subsampling": 0},
        {"quality": 80, "subsampling": 2},
        {"quality": 80, "progressive": True},
        {"quality": 90, "keep_rgb": True},
    ],
)
@pytest.mark.parametrize("size", [(96, 64), (33, 17), (1, 1), (1, 40)])
def test_jpegs_are_decoded_quickly_into_the_same_numbers_as_pillow(
    tmp_path: Path, size: tuple[int, int], options: dict[str, object]
) -> None:
    data = making.encoded(making.sample(*size), "JPEG", **options)
    path = write(tmp_path / "a.jpg", data)
    with Image.open(path) as expected:
        assert np.array_equal(open_upright(path).pixels, making.pixels_of(expected))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_every_orientation_is_turned_upright(tmp_path: Path, kind: str, orientation: int) -> None:
    upright = making.sample()
    stored = making.laid_down(upright, orientation)
    exif = making.camera_exif(orientation)
    options = {"quality": 95} if kind in {"JPEG", "AVIF"} else {"lossless": True} if kind == "WEBP" else {}
    path = write(tmp_path / "a", making.encoded(stored, kind, exif=exif, **options))
    picture = open_upright(path)
    assert picture.size == probe(path).size == Size(96, 64)
    difference = np.abs(picture.pixels.astype(int) - making.pixels_of(upright))
    assert difference.mean() < (4 if kind in {"JPEG", "AVIF"} else 1e-9)
    assert picture.pixels.flags["C_CONTIGUOUS"]
    written = Image.Exif()
    written.load(picture.exif)
    assert written.get(0x0112, 1) == 1
    assert written[0x010F] == "Sample camera"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turning_does_what_pillow_does_to_colour_and_transparency(orientation: int) -> None:
    stored = making.sample(7, 5)
    exif = stored.getexif()
    exif[0x0112] = orientation
    expected = ImageOps.exif_transpose(stored)
    assert np.array_equal(turn_upright(making.pixels_of(stored), orientation), making.pixels_of(expected))
    one = making.pixels_of(stored)[..., 0]
    assert np.array_equal(turn_upright(one, orientation), making.pixels_of(expected)[..., 0])


def test_transparency_is_turned_along(tmp_path: Path) -> None:
    upright = making.sample()
    upright.putalpha(Image.linear_gradient("L").resize(upright.size))
    path = making.save(making.laid_down(upright, 6), tmp_path / "a.png", exif=making.camera_exif(6))
    picture = open_upright(path)
    assert picture.alpha is not None
    assert np.array_equal(picture.alpha, np.asarray(upright.getchannel("A")))


def test_exif_behind_the_pixels_of_a_png_counts(tmp_path: Path) -> None:
    upright = making.sample(6, 4)
    rows = b"".join(b"\0" + row.tobytes() for row in making.pixels_of(making.laid_down(upright, 8)))
    chunk = making.png_chunk(b"eXIf", making.camera_exif(8).tobytes()[6:])
    path = write(tmp_path / "a.png", making.png(4, 6, 8, 2, rows, extra=chunk))
    assert probe(path).size == Size(6, 4)
    assert np.array_equal(open_upright(path).pixels, making.pixels_of(upright))


def test_exif_as_text_in_a_png_counts(tmp_path: Path) -> None:
    from PIL import PngImagePlugin

    block = making.camera_exif(3).tobytes()
    text = PngImagePlugin.PngInfo()
    text.add_text("Raw profile type exif", f"\nexif\n{len(block):8}\n{block.hex()}\n")
    upright = making.sample()
    path = making.save(making.laid_down(upright, 3), tmp_path / "a.png", pnginfo=text)
    assert np.array_equal(open_upright(path).pixels, making.pixels_of(upright))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_sixteen_bits_are_reduced_and_said(tmp_path: Path, channels: int) -> None:
    base = np.dstack([making.pixels_of(making.sample(9, 7)), making.pixels_of(making.sample(9, 7))[..., 1]])
    values = base[..., :channels].astype(np.uint16) * 257
    path = write(tmp_path / "a.png", making.deep_png(values))
    picture = open_upright(path)
    assert "16 bits per channel are reduced to 8." in picture.notes
    colours = base[..., :3] if channels >= 3 else np.repeat(base[..., :1], 3, axis=2)
    assert np.abs(picture.pixels.astype(int) - colours).max() <= 1
    assert (picture.alpha is not None) == (channels in {2, 4})
    if picture.alpha is not None:
        assert np.abs(picture.alpha.astype(int) - base[..., channels - 1]).max() <= 1
    assert probe(path).notes == picture.notes


@pytest.mark.parametrize(("kind", "channels"), [("u2", 1), ("u2", 3), ("f4", 1)])
def test_deep_tiffs_are_reduced_and_said(tmp_path: Path, kind: str, channels: int) -> None:
    base = making.pixels_of(making.sample(9, 7))[..., :channels]
    values = (base.astype(np.float32) / 255).astype("f4") if kind == "f4" else base.astype(np.uint16) * 257
    # OpenCV writes blue first.
    assert cv2.imwrite(str(tmp_path / "a.tif"), values[..., ::-1] if channels == 3 else values)
    picture = open_upright(tmp_path / "a.tif")
    expected = base if channels == 3 else np.repeat(base, 3, axis=2)
    assert np.abs(picture.pixels.astype(int) - expected).max() <= 1
    note = "Values of 32 bits were reduced to 8." if kind == "f4" else "16 bits per channel are reduced to 8."
    assert note in picture.notes


def test_palette_with_and_without_transparency(tmp_path: Path) -> None:
    image = making.sample().quantize(64)
    plain = open_upright(making.save(image, tmp_path / "plain.png"))
    assert plain.alpha is None
    assert np.array_equal(plain.pixels, making.pixels_of(image))
    clear = open_upright(making.save(image, tmp_path / "clear.png", transparency=0))
    assert clear.alpha is not None
    assert np.array_equal(clear.alpha == 0, np.asarray(image) == 0)
    assert np.array_equal(clear.pixels, making.pixels_of(image))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGBA"])
def test_other_modes_of_png(tmp_path: Path, mode: str) -> None:
    image = making.sample().convert(mode)
    if mode in {"LA", "RGBA"}:
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    picture = open_upright(making.save(image, tmp_path / "a.png"))
    assert np.array_equal(picture.pixels, making.pixels_of(image))
    assert (picture.alpha is not None) == (mode in {"LA", "RGBA"})
    assert picture.notes == ()


def test_an_alpha_channel_without_effect_is_dropped(tmp_path: Path) -> None:
    image = making.sample().convert("RGBA")
    assert open_upright(making.save(image, tmp_path / "a.png")).alpha is None


def test_colours_under_transparent_pixels_survive(tmp_path: Path) -> None:
    image = making.sample().convert("RGBA")
    image.putalpha(0)
    picture = open_upright(making.save(image, tmp_path / "a.png"))
    assert np.array_equal(picture.pixels, making.pixels_of(making.sample()))


def test_cmyk_without_profile_is_converted_and_said(tmp_path: Path) -> None:
    image = making.sample().convert("CMYK")
    for name, options in (("a.tif", {}), ("a.jpg", {"quality": 95})):
        picture = open_upright(making.save(image, tmp_path / name, **options))
        assert picture.notes == ("CMYK was converted to RGB.",)
        assert np.abs(picture.pixels.astype(int) - making.pixels_of(making.sample())).mean() < 3


def test_cmyk_goes_through_its_profile_to_srgb(tmp_path: Path) -> None:
    cyan = Image.new("CMYK", (8, 8), (255, 0, 0, 0))
    path = making.save(cyan, tmp_path / "a.tif", icc_profile=profiles.cmyk_profile())
    picture = open_upright(path)
    # Lab (55, -37, -50) is sRGB (0, 148, 218) or so; the plain formula would give (0, 255, 255).
    assert np.abs(picture.pixels.astype(int) - (0, 148, 218)).max() < 8
    assert picture.icc_profile is None


def test_lab_is_converted(tmp_path: Path) -> None:
    red = Image.new("LAB", (4, 4), (136, 80 + 128, 67 + 128))
    picture = open_upright(making.save(red, tmp_path / "a.tif"))
    assert picture.notes == ("Lab was converted to RGB.",)
    assert np.abs(picture.pixels.astype(int) - (255, 0, 0)).max() < 12


def test_grey_with_a_profile_is_shown_rightly(tmp_path: Path) -> None:
    grey = Image.new("L", (4, 4), 128)
    linear = open_upright(making.save(grey, tmp_path / "a.png", icc_profile=profiles.grey_profile(1.0)))
    assert np.abs(linear.pixels.astype(int) - 188).max() <= 2  # half the light is 188 in sRGB
    assert linear.icc_profile is None


def test_an_rgb_profile_is_kept_and_pixels_stay(tmp_path: Path) -> None:
    profile = profiles.rgb_profile()
    for name in ("a.png", "a.jpg", "a.tif", "a.webp", "a.avif"):
        path = making.save(making.sample(), tmp_path / name, icc_profile=profile)
        picture = open_upright(path)
        assert picture.icc_profile == profile
        with Image.open(path) as expected:
            assert np.array_equal(picture.pixels, making.pixels_of(expected))


@pytest.mark.parametrize("profile", [b"rubbish" * 40, profiles.cmyk_profile(), b"x"])
@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_a_profile_that_does_not_fit_is_left_out_and_said(tmp_path: Path, name: str, profile: bytes) -> None:
    picture = open_upright(making.save(making.sample(), tmp_path / name, icc_profile=profile))
    assert picture.icc_profile is None
    assert picture.notes == ("The colour profile is damaged or does not fit and was left out; sRGB is assumed.",)


@pytest.mark.parametrize(
    ("kind", "noun"), [("GIF", "frames"), ("WEBP", "frames"), ("PNG", "frames"), ("AVIF", "frames"), ("TIFF", "pages")]
)
def test_of_many_frames_the_first_is_used_and_said(tmp_path: Path, kind: str, noun: str) -> None:
    first = making.sample()
    others = [Image.new("RGB", first.size, colour) for colour in ((0, 255, 0), (0, 0, 0))]
    options = {"lossless": True} if kind == "WEBP" else {}
    data = making.encoded(first, kind, save_all=True, append_images=others, **options)
    path = write(tmp_path / "a", data)
    picture = open_upright(path)
    assert f"Only the first of 3 {noun} is used." in picture.notes
    assert probe(path).notes == picture.notes
    difference = np.abs(picture.pixels.astype(int) - making.pixels_of(first)).mean()
    assert difference < {"GIF": 12, "AVIF": 4}.get(kind, 1e-9)


def test_a_jpeg_with_further_pictures_in_it_is_a_jpeg(tmp_path: Path) -> None:
    first = making.sample()
    path = making.save(first, tmp_path / "a.jpg", format="MPO", save_all=True, append_images=[Image.new("RGB", (9, 9))])
    picture = open_upright(path)
    assert (picture.format, picture.notes, picture.size) == ("JPEG", (), Size(96, 64))


def test_a_transparent_gif(tmp_path: Path) -> None:
    image = making.sample().quantize(32)
    picture = open_upright(making.save(image, tmp_path / "a.gif", transparency=3))
    assert picture.alpha is not None
    assert (picture.alpha == 0).any()
    assert (picture.alpha == 255).any()


def test_heic_is_opened_upright() -> None:
    upright, turned = (open_upright(making.DATA / name) for name in ("upright.heic", "turned.heic"))
    assert upright.format == turned.format == "HEIF"
    assert upright.size == turned.size == Size(180, 240)
    assert np.abs(upright.pixels.astype(int) - turned.pixels).mean() < 4
    with Image.open(making.SAMPLE) as opened:
        original = opened.convert("RGB").crop((96, 0, 416, 427)).resize((180, 240), Image.Resampling.LANCZOS)
    assert np.abs(upright.pixels.astype(int) - making.pixels_of(original)).mean() < 6
    exif = Image.Exif()
    exif.load(turned.exif)
    assert exif[0x010F] == "Sample camera"
    assert exif.get(0x0112, 1) == 1


def test_ten_bit_heic_is_reduced_and_said() -> None:
    picture = open_upright(making.DATA / "ten_bits.heic")
    assert picture.notes == ("10 bits per channel are reduced to 8.",)
    assert picture.size == Size(60, 80)
    assert 60 < picture.pixels.mean() < 200


def test_avif_with_transparency(tmp_path: Path) -> None:
    image = making.sample().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    picture = open_upright(making.save(image, tmp_path / "a.avif", quality=90))
    assert picture.format == "AVIF"
    assert picture.alpha is not None
    assert np.abs(picture.alpha.astype(int) - np.asarray(image.getchannel("A"))).mean() < 4


@pytest.mark.parametrize("size", [(1, 1), (1, 33), (3, 1), (17, 5), (2, 3)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF"])
def test_odd_sizes(tmp_path: Path, kind: str, size: tuple[int, int]) -> None:
    path = write(tmp_path / "a", making.encoded(making.sample(*size), kind))
    assert open_upright(path).size == probe(path).size == Size(*size)


def test_a_wrong_extension_opens_and_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "holiday.png", making.encoded(making.sample(), "JPEG"))
    assert open_upright(path).notes == ("The name ends in .png, but it is a JPEG picture.",)
    assert probe(path).format == "JPEG"
    assert open_upright(write(tmp_path / "no extension", path.read_bytes())).notes == ()
    assert open_upright(write(tmp_path / "A.JPEG", path.read_bytes())).notes == ()


@pytest.mark.parametrize(
    "name", ["名前 фото صورة.png", 'it\'s "quoted" & spaced.png', "-rf.png", "100% {name}.png", "a\nb.png"]
)
def test_names_in_any_script(tmp_path: Path, name: str) -> None:
    path = making.save(making.sample(), tmp_path / name)
    assert open_upright(path).size == Size(96, 64)
    assert probe(path).path == str(path)


def test_dots_per_inch_are_read_and_turned_along(tmp_path: Path) -> None:
    plain = open_upright(making.save(making.sample(), tmp_path / "a.jpg", dpi=(300, 150)))
    assert list(plain.dpi or ()) == [300.0, 150.0]
    exif = making.camera_exif(6)
    turned = open_upright(making.save(making.sample(), tmp_path / "b.jpg", dpi=(300, 150), exif=exif))
    assert list(turned.dpi or ()) == [150.0, 300.0]
    assert open_upright(making.save(making.sample(), tmp_path / "c.bmp")).dpi is not None
    assert open_upright(making.save(making.sample(), tmp_path / "d.png")).dpi is None


def test_pixels_of_a_file_cannot_be_changed_by_mistake(tmp_path: Path) -> None:
    for name in ("a.jpg", "a.png"):
        picture = open_upright(making.save(making.sample(), tmp_path / name))
        with pytest.raises(ValueError, match="read-only"):
            picture.pixels[0, 0, 0] = 1


def test_a_picture_takes_only_pixels_that_fit() -> None:
    picture = Picture(making.pixels_of(making.sample()))
    assert picture.with_pixels(np.zeros_like(picture.pixels)).pixels.max() == 0
    with pytest.raises(ValueError, match="expected uint8"):
        picture.with_pixels(np.zeros((2, 2, 3), np.uint8))
