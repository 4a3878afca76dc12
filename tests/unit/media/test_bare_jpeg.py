import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from faceswap_desktop.media.bare_jpeg import bare_jpeg
from tests.unit.media import making


def decoded(data: bytes) -> making.Array:
    with Image.open(io.BytesIO(data)) as image:
        return making.pixels_of(image)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}, {"restart_marker_blocks": 2}])
def test_metadata_go_and_pixels_stay(options: dict[str, int]) -> None:
    private = making.encoded(
        making.sample(), "JPEG", exif=making.camera_exif(), comment=b"who was there", icc_profile=b"p" * 200, **options
    )
    bare = bare_jpeg(private)
    assert bare is not None
    assert np.array_equal(decoded(bare), decoded(private))
    with Image.open(io.BytesIO(bare)) as image:
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
    for word in (b"Sample camera", b"private note", b"who was there", b"Exif", b"ICC_PROFILE"):
        assert word in private or word == b"ICC_PROFILE"
        assert word not in bare


def test_what_lies_behind_the_picture_goes() -> None:
    private = making.encoded(making.sample(), "JPEG") + b"a second picture"
    bare = bare_jpeg(private)
    assert bare is not None
    assert b"second" not in bare
    assert bare.endswith(b"\xff\xd9")


def test_a_thumbnail_in_the_first_segment_goes() -> None:
    plain = making.encoded(making.sample(), "JPEG")
    segment = b"JFIF\0\x01\x01\0\0\x01\0\x01\x02\x01" + b"thumbs"
    with_thumbnail = plain[:2] + b"\xff\xe0" + (len(segment) + 2).to_bytes(2, "big") + segment + plain[20:]
    bare = bare_jpeg(with_thumbnail)
    assert bare is not None
    assert b"thumbs" not in bare
    assert np.array_equal(decoded(bare), decoded(plain))


def test_the_transform_of_colours_stays() -> None:
    """Adobe's segment says whether the numbers are RGB or not; without it colours would be wrong."""
    private = making.encoded(making.sample(), "JPEG", keep_rgb=True, comment=b"gone")
    bare = bare_jpeg(private)
    assert bare is not None
    assert np.array_equal(decoded(bare), decoded(private))


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8", b"GIF89a", b"\xff\xd8\xff", b"\xff\xd8abcdef", b"\xff\xd8\xff\xe1\0"]
)
def test_what_is_no_jpeg_is_not_touched(data: bytes) -> None:
    assert bare_jpeg(data) is None


def test_cuts_never_crash(tmp_path: Path) -> None:
    whole = making.encoded(making.sample(), "JPEG", exif=making.camera_exif())
    for end in range(0, len(whole), 97):
        bare = bare_jpeg(whole[:end])
        assert bare is None or bare.startswith(b"\xff\xd8")
