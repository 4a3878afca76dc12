"""Results keep what belongs to the original, lose what must not travel, and never overwrite anything."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, JpegImagePlugin

from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.recipe import OutputFormat, OutputOptions
from faceswap_desktop.media.encode import EXTENSIONS, WrittenFile, plan_format, write_picture
from faceswap_desktop.media.picture import Picture, open_upright
from tests.unit.media import making, profiles

LOSSLESS = [
    OutputOptions(format=OutputFormat.PNG),
    OutputOptions(format=OutputFormat.WEBP, lossless_webp=True),
    OutputOptions(format=OutputFormat.TIFF),
]
# What a TIFF file tells of its own pixels: sides, bits, compression, strips, resolution …
STRUCTURE = {256, 257, 258, 259, 262, 273, 277, 278, 279, 282, 283, 284, 296, 317}
LOSSY = [OutputFormat.JPEG, OutputFormat.WEBP, OutputFormat.AVIF]
EVERY = [*LOSSLESS, *(OutputOptions(format=kind) for kind in LOSSY)]


def write(picture: Picture, path: Path, output: OutputOptions | None = None, **options: bool) -> WrittenFile:
    return write_picture(picture, path, output=output or OutputOptions(), source_format=picture.format, **options)


def a_photo(tmp_path: Path, **options: object) -> Picture:
    """A lying JPEG with profile, EXIF, thumbnail, place and resolution."""
    thumbnail = making.encoded(making.sample(16, 16), "JPEG")
    exif = making.exif_with_thumbnail(making.camera_exif(6), thumbnail)
    data = making.encoded(
        making.laid_down(making.sample(), 6),
        "JPEG",
        **{"quality": 95, "exif": exif, "icc_profile": profiles.rgb_profile(), "dpi": (300, 300), **options},
    )
    (tmp_path / "original.jpg").write_bytes(data)
    with Image.open(tmp_path / "original.jpg") as opened:
        assert opened.getexif().get_ifd(0x8825)[1] == "N"
        assert thumbnail in opened.info["exif"]
    return open_upright(tmp_path / "original.jpg")


@pytest.mark.parametrize("output", LOSSLESS)
def test_untouched_pixels_come_out_identical(tmp_path: Path, output: OutputOptions) -> None:
    picture = a_photo(tmp_path)
    changed = picture.pixels.copy()
    changed[10:20, 10:30] = 255 - changed[10:20, 10:30]
    written = write(picture.with_pixels(changed), tmp_path / "result", output)
    with Image.open(written.path) as opened:
        assert np.array_equal(making.pixels_of(opened), changed)


@pytest.mark.parametrize("output", EVERY)
def test_profile_exif_and_resolution_stay(tmp_path: Path, output: OutputOptions) -> None:
    written = write(a_photo(tmp_path), tmp_path / "result", output)
    with Image.open(written.path) as opened:
        opened.load()
        assert opened.info["icc_profile"] == profiles.rgb_profile()
        exif = opened.getexif()
        assert exif.get(0x0112, 1) == 1
        assert exif[0x010F] == "Sample camera"
        camera = exif.get_ifd(0x8769)
        assert camera[0x9003] == "2020:01:02 03:04:05"
        assert float(camera[0x829A]) == pytest.approx(0.005)
        assert (camera[0xA002], camera[0xA003]) == (96, 64)
        if opened.format not in {"WEBP", "AVIF"}:
            assert opened.info["dpi"] == pytest.approx((300, 300), abs=0.1)


@pytest.mark.parametrize("output", EVERY)
def test_thumbnail_maker_note_and_place_do_not_travel(tmp_path: Path, output: OutputOptions) -> None:
    written = write(a_photo(tmp_path), tmp_path / "result", output)
    data = written.path.read_bytes()
    assert b"private note" not in data
    with Image.open(written.path) as opened:
        exif = opened.getexif()
        if opened.format != "TIFF":  # there it is no block of its own
            assert b"\xff\xd8\xff" not in opened.info["exif"]  # how a thumbnail begins
        assert not exif.get_ifd(0x8825)
        assert 0x927C not in exif.get_ifd(0x8769)


@pytest.mark.parametrize("kind", list(OutputFormat))
def test_the_place_stays_if_the_user_says_so(tmp_path: Path, kind: OutputFormat) -> None:
    written = write(a_photo(tmp_path), tmp_path / "result", OutputOptions(format=kind, keep_gps=True))
    with Image.open(written.path) as opened:
        place = opened.getexif().get_ifd(0x8825)
    assert place[1] == "N"
    assert tuple(float(part) for part in place[2]) == (52.0, 31.0, 12.0)


@pytest.mark.parametrize("output", EVERY)
def test_a_picture_without_anything_gets_nothing(tmp_path: Path, output: OutputOptions) -> None:
    written = write(Picture(making.pixels_of(making.sample())), tmp_path / "result", output)
    with Image.open(written.path) as opened:
        assert set(opened.getexif()) <= STRUCTURE
        assert "icc_profile" not in opened.info


def test_jpegs_are_written_at_95_without_subsampling(tmp_path: Path) -> None:
    picture = Picture(making.pixels_of(making.sample()), format="JPEG")
    written = write(picture, tmp_path / "a")
    reference = JpegImagePlugin.JpegImageFile(io.BytesIO(making.encoded(making.sample(), "JPEG", quality=95)))
    with JpegImagePlugin.JpegImageFile(written.path) as opened:
        assert [part[1:3] for part in opened.layer] == [(1, 1)] * 3
        assert opened.quantization == reference.quantization


@pytest.mark.parametrize("kind", LOSSY)
def test_quality_changes_the_size(tmp_path: Path, kind: OutputFormat) -> None:
    picture = Picture(making.pixels_of(making.sample(300, 300)))
    sizes = [write(picture, tmp_path / "a", OutputOptions(format=kind, quality=q)).size for q in (30, 60, 95)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1] / 2


@pytest.mark.parametrize(
    ("source_format", "written_format"),
    [
        ("JPEG", "JPEG"), ("PNG", "PNG"), ("WEBP", "WEBP"), ("TIFF", "TIFF"),
        ("BMP", "PNG"), ("GIF", "PNG"), ("HEIF", "JPEG"), ("AVIF", "AVIF"),
    ],
)  # fmt: skip
def test_same_follows_the_original(tmp_path: Path, source_format: str, written_format: str) -> None:
    written = write(Picture(making.pixels_of(making.sample()), format=source_format), tmp_path / "a")
    assert written.format == written_format
    assert written.path.name == "a" + EXTENSIONS[written_format]
    with Image.open(written.path) as opened:
        assert opened.format == written_format


def test_what_is_told_of_a_written_file(tmp_path: Path) -> None:
    written = write(Picture(making.pixels_of(making.sample())), tmp_path / "a")
    data = written.path.read_bytes()
    assert (written.width, written.height, written.size) == (96, 64, len(data))
    assert written.sha256 == hashlib.sha256(data).hexdigest()
    assert written.notes == ()


@pytest.mark.parametrize("output", LOSSLESS)
def test_transparency_stays(tmp_path: Path, output: OutputOptions) -> None:
    alpha = np.asarray(Image.linear_gradient("L").resize((96, 64))).copy()
    alpha[20:40] = 0
    picture = Picture(making.pixels_of(making.sample()), alpha=alpha)
    written = write(picture, tmp_path / "a", output)
    again = open_upright(written.path)
    assert again.alpha is not None
    assert np.array_equal(again.alpha, alpha)
    assert np.array_equal(again.pixels, picture.pixels)  # also under what cannot be seen


def test_transparency_stays_in_an_avif_but_for_losses(tmp_path: Path) -> None:
    alpha = np.asarray(Image.linear_gradient("L").resize((96, 64))).copy()
    picture = Picture(making.pixels_of(making.sample()), alpha=alpha)
    again = open_upright(write(picture, tmp_path / "a", OutputOptions(format=OutputFormat.AVIF)).path)
    assert again.alpha is not None
    assert np.abs(again.alpha.astype(int) - alpha).mean() < 3


def test_colours_stay_sharp_in_an_avif(tmp_path: Path) -> None:
    """Neighbours of different colours mix where colours are stored at half the size."""
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:, ::2] = (255, 0, 0)
    pixels[:, 1::2] = (0, 0, 255)
    written = write(Picture(pixels), tmp_path / "a", OutputOptions(format=OutputFormat.AVIF, quality=100))
    assert np.abs(open_upright(written.path).pixels.astype(int) - pixels).mean() < 8


@pytest.mark.parametrize("size", [(1, 1), (3, 700), (1200, 900)])
def test_tiffs_of_one_strip_and_of_many(tmp_path: Path, size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (size[1], size[0], 3), np.uint8)
    written = write(Picture(pixels), tmp_path / "a.tiff", OutputOptions(format=OutputFormat.TIFF))
    assert written.path.name == "a.tiff"
    assert np.array_equal(open_upright(written.path).pixels, pixels)


def test_transparency_becomes_white_in_a_jpeg_and_is_said(tmp_path: Path) -> None:
    alpha = np.zeros((64, 96), np.uint8)
    alpha[:, 48:] = 255
    picture = Picture(making.pixels_of(making.sample()), alpha=alpha)
    written = write(picture, tmp_path / "a", OutputOptions(format=OutputFormat.JPEG))
    assert written.notes == ("Transparent places became white, because JPEG has no transparency.",)
    again = open_upright(written.path).pixels.astype(int)
    assert again[:, :40].min() > 245
    assert np.abs(again[:, 56:] - picture.pixels[:, 56:]).mean() < 5


def test_a_transparent_heic_becomes_a_png(tmp_path: Path) -> None:
    picture = Picture(making.pixels_of(making.sample()), alpha=np.zeros((64, 96), np.uint8), format="HEIF")
    written = write(picture, tmp_path / "a")
    assert (written.format, written.notes) == ("PNG", ("Written as PNG, so that transparent places are kept.",))


def test_sides_that_a_format_cannot_hold(folder: Path) -> None:
    wide = Picture(np.zeros((1, 16_384, 3), np.uint8), format="WEBP")
    written = write(wide, folder / "a.webp")
    assert written.path.name == "a.png"
    assert written.notes == ("Written as PNG, because WebP cannot hold so many pixels.",)
    assert np.array_equal(open_upright(written.path).pixels, wide.pixels)
    with pytest.raises(UsageError) as caught:
        write(wide, folder / "b", OutputOptions(format=OutputFormat.WEBP))
    assert caught.value.kind == "format-limit"
    assert str(caught.value) == "WebP files cannot hold 16384 × 1 pixels; no side may be longer than 16383."
    assert sorted(path.name for path in folder.iterdir()) == ["a.png"]


@pytest.mark.parametrize(("kind", "limit"), [("JPEG", 65_500), ("WEBP", 16_383)])
def test_the_limits_are_the_encoders_own(tmp_path: Path, kind: str, limit: int) -> None:
    picture = Picture(np.zeros((1, limit, 3), np.uint8))
    assert write(picture, tmp_path / "a", OutputOptions(format=OutputFormat(kind.lower()))).width == limit
    with pytest.raises((OSError, ValueError)):
        making.encoded(Image.new("RGB", (limit + 1, 1)), kind)


def test_a_plan_tells_the_extension_before_the_work() -> None:
    plan = plan_format(OutputOptions(), source_format="JPEG", size=Size(70_000, 10), is_transparent=False)
    assert (plan.format, plan.extension) == ("PNG", ".png")
    assert plan_format(OutputOptions(), source_format="HEIF", size=Size(9, 9), is_transparent=False).extension == ".jpg"


@pytest.mark.parametrize(
    ("wished", "name"),
    [
        ("a", "a.jpg"), ("a.jpg", "a.jpg"), ("a.JPEG", "a.JPEG"), ("a.png", "a.jpg"), ("a.tif", "a.jpg"),
        ("Anna as Dr. Who", "Anna as Dr. Who.jpg"), ("v1.2", "v1.2.jpg"), ("写真 as é", "写真 as é.jpg"),
    ],
)  # fmt: skip
def test_the_extension_fits_the_content(tmp_path: Path, wished: str, name: str) -> None:
    picture = Picture(making.pixels_of(making.sample()), format="JPEG")
    assert write(picture, tmp_path / wished).path.name == name


def test_an_exif_block_that_is_too_long_for_a_jpeg(tmp_path: Path) -> None:
    exif = making.camera_exif()
    for tag in range(5):
        exif.get_ifd(0x8769)[0x9290 + tag] = "1" * 15_000
    path = making.save(making.sample(), tmp_path / "a.png", exif=exif)
    picture = open_upright(path)
    written = write(picture, tmp_path / "b", OutputOptions(format=OutputFormat.JPEG, keep_gps=True))
    with Image.open(written.path) as opened:
        assert opened.getexif()[0x010F] == "Sample camera"
        assert opened.getexif().get_ifd(0x8825)[1] == "N"


def test_what_a_tiff_says_about_its_own_pixels_stays_behind(folder: Path) -> None:
    """Strips, XMP (which can name people) and private entries are the old file's alone."""
    secret = b"<x:xmpmeta>a name</x:xmpmeta>"
    path = making.save(
        making.sample(), folder / "a.tif", tiffinfo={700: secret, 65000: "private", 0x010F: "Maker", 0x0131: "Program"}
    )
    written = write(open_upright(path), folder / "b")
    with Image.open(written.path) as opened:
        told = opened.getexif()
        assert {tag: told[tag] for tag in set(told) - STRUCTURE} == {0x010F: "Maker", 0x0131: "Program"}
    assert b"a name" not in written.path.read_bytes()


def test_a_long_profile_goes_into_a_jpeg_in_pieces(tmp_path: Path) -> None:
    profile = profiles.rgb_profile(name="x" * 150_000)
    path = making.save(making.sample(), tmp_path / "a.png", icc_profile=profile)
    written = write(open_upright(path), tmp_path / "b", OutputOptions(format=OutputFormat.JPEG))
    assert open_upright(written.path).icc_profile == profile
