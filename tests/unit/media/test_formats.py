"""The lists for dialogs agree with what can be opened, and need no decoder."""

from __future__ import annotations

from faceswap_desktop.media.formats import (
    PICTURE_EXTENSIONS,
    PICTURE_FORMATS,
    dialog_filters,
    format_of_extension,
    format_title,
    has_picture_extension,
)
from tests.unit.media import processes


def test_names_that_look_like_pictures() -> None:
    for name in ("a.jpg", "A.JPEG", "x.y.heic", "/tmp/ü.AVIF", "b.webp"):
        assert has_picture_extension(name)
    for name in ("a.mp4", "jpg", ".png", "a.png.txt", "folder/"):
        assert not has_picture_extension(name)


def test_filters_hold_every_extension_once_per_group() -> None:
    first, *single, last = dialog_filters()
    assert {pattern.removeprefix("*") for pattern in first.patterns} == PICTURE_EXTENSIONS
    assert [pattern for item in single for pattern in item.patterns] == list(first.patterns)
    assert last.patterns == ("*",)
    assert single[0].title.text() == "JPEG pictures"
    assert len(single) == len(PICTURE_FORMATS)


def test_titles_and_extensions() -> None:
    assert format_title("HEIF") == "HEIC"
    assert format_title("XYZ") == "XYZ"
    found = format_of_extension(".JPG")
    assert found is not None
    assert found.name == "JPEG"
    assert format_of_extension(".txt") is None


def test_what_the_window_reads_loads_no_decoder() -> None:
    code = """
import sys
import faceswap_desktop.media.formats, faceswap_desktop.media.naming
import faceswap_desktop.media.fingerprint, faceswap_desktop.media.atomic_file
print([name for name in ("PIL", "cv2", "numpy", "pi_heif") if name in sys.modules])
"""
    assert processes.run_python(code).strip() == "[]"


def test_a_jpeg_is_probed_without_opencv() -> None:
    code = """
import sys
from faceswap_desktop.media.probe import probe
from faceswap_desktop.media.thumbnails import thumbnail
probe(sys.argv[1]); thumbnail(sys.argv[1])
print("cv2" in sys.modules)
"""
    from tests.unit.media.making import PHOTO

    assert processes.run_python(code, PHOTO).strip() == "False"
