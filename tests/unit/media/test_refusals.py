"""What will not do is refused with a sentence that names the file, and never half opened."""

from __future__ import annotations

import os
import pickle
import random
import socket
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from faceswap_desktop.domain.errors import ExitCode, InputRefused
from faceswap_desktop.media.container import MAX_SIDE
from faceswap_desktop.media.fingerprint import fingerprint
from faceswap_desktop.media.picture import open_upright
from faceswap_desktop.media.probe import probe
from faceswap_desktop.media.thumbnails import thumbnail
from tests.unit.media import making, processes

OPENERS: list[Callable[[Path], object]] = [open_upright, probe, thumbnail]


def refused(path: Path, opener: Callable[[Path], object] = open_upright) -> InputRefused:
    with pytest.raises(InputRefused) as caught:
        opener(path)
    assert caught.value.hint is not None
    assert caught.value.exit_code is ExitCode.REFUSED
    return caught.value


def test_missing(tmp_path: Path) -> None:
    for opener in (*OPENERS, fingerprint):
        error = refused(tmp_path / "gone.png", opener)
        assert (error.kind, str(error)) == ("missing", "“gone.png” was not found.")
    assert refused(making.SAMPLE / "inside a file.png").kind == "missing"
    assert refused(tmp_path / ("x" * 300)).kind == "missing"
    assert refused(tmp_path / "with\0nul.png").kind == "missing"


def test_dangling_and_circular_links(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to(tmp_path / "nowhere.png")
    (tmp_path / "b.png").symlink_to(tmp_path / "b.png")
    assert refused(tmp_path / "a.png").kind == refused(tmp_path / "b.png").kind == "missing"


def test_folder(tmp_path: Path) -> None:
    for opener in (*OPENERS, fingerprint):
        error = refused(tmp_path, opener)
        assert (error.kind, str(error)) == ("folder", f"“{tmp_path.name}” is a folder, not a picture.")


def test_empty(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    for opener in (*OPENERS, fingerprint):
        error = refused(tmp_path / "a.png", opener)
        assert (error.kind, str(error)) == ("empty", "“a.png” is empty: the file has no content.")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs POSIX")
def test_pipes_and_sockets_are_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # paths of sockets have to be short
    os.mkfifo("pipe.png")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.png")
        for name in ("pipe.png", "socket.png"):
            error = refused(tmp_path / name)
            assert (error.kind, str(error)) == ("not-a-picture", f"“{name}” is not an ordinary file.")


def test_no_permission(tmp_path: Path) -> None:
    path = making.save(making.sample(), tmp_path / "secret.png")
    path.chmod(0)
    code = """
try:
    open_upright("secret.png")
except InputRefused as error:
    print(error.kind, error, sep="|")
"""
    imports = (
        "from faceswap_desktop.media.picture import open_upright\n"
        "from faceswap_desktop.domain.errors import InputRefused\n"
    )
    printed = processes.run_as_ordinary_user(imports, code, tmp_path)
    assert printed == "permission|There is no permission to read “secret.png”.\n"


@pytest.mark.parametrize(
    ("head", "sentence"),
    [
        (b"hello, this is text", "“a.jpg” is not a picture that can be opened."),
        (b"\0" * 500, "“a.jpg” is not a picture that can be opened."),
        (b"%PDF-1.7 ...", "“a.jpg” is not a picture but a PDF document."),
        (b"<?xml version='1.0'?><svg/>", "“a.jpg” is not a picture but an SVG drawing."),
        (b"<!DOCTYPE html><p>", "“a.jpg” is not a picture but a web page."),
        (b"PK\3\4.....", "“a.jpg” is not a picture but a ZIP archive or an office document."),
        (b"8BPS\0\1", "“a.jpg” is not a picture but a Photoshop document."),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", "“a.jpg” is a video, and a photo is wanted here."),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "“a.jpg” is a video, and a photo is wanted here."),
        (b"\x1aE\xdf\xa3webm", "“a.jpg” is a video, and a photo is wanted here."),
        (b"RIFF\0\0\0\0AVI LIST", "“a.jpg” is a video, and a photo is wanted here."),
        (b"RIFF\0\0\0\0WAVEfmt ", "“a.jpg” is not a picture but a sound file."),
        (b"FUJIFILMCCD-RAW 0201", "“a.jpg” is a camera's raw file, which has to be developed first."),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "“a.jpg” is a camera's raw file, which has to be developed first."),
    ],
)
def test_what_is_no_picture_is_told_what_it_is(tmp_path: Path, head: bytes, sentence: str) -> None:
    (tmp_path / "a.jpg").write_bytes(head)
    for opener in OPENERS:
        error = refused(tmp_path / "a.jpg", opener)
        assert (error.kind, str(error)) == ("not-a-picture", sentence)


def test_a_video_gets_an_honest_hint(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"\0\0\0\x18ftypmp42\0\0\0\0isommp42")
    assert "Save a frame" in str(refused(tmp_path / "a.mp4").hint)


def test_a_raw_file_that_looks_like_a_tiff(tmp_path: Path) -> None:
    path = making.save(making.sample(), tmp_path / "a.nef", format="TIFF", tiffinfo={254: 1})
    assert "raw file" in str(refused(path))
    path = making.save(making.sample(), tmp_path / "a.dng", format="TIFF", tiffinfo={50706: b"\1\4\0\0"})
    assert "raw file" in str(refused(path))


@pytest.mark.parametrize("share", [0.03, 0.3, 0.6, 0.97])
@pytest.mark.parametrize("kind", ["JPEG", "progressive", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "HEIF"])
def test_a_file_cut_short_is_refused(tmp_path: Path, kind: str, share: float) -> None:
    if kind == "HEIF":
        data = (making.DATA / "upright.heic").read_bytes()
    elif kind == "progressive":
        data = making.encoded(making.sample(200, 200), "JPEG", progressive=True)
    else:
        data = making.encoded(making.sample(200, 200), kind)
    (tmp_path / "a").write_bytes(data[: int(len(data) * share)])
    error = refused(tmp_path / "a")
    assert (error.kind, str(error)) == ("unreadable", "“a” is damaged or incomplete and cannot be opened.")


@pytest.mark.parametrize("lost", [1, 2, 10])
def test_a_jpeg_without_its_very_end(tmp_path: Path, lost: int) -> None:
    data = making.encoded(making.sample(), "JPEG")
    (tmp_path / "a.jpg").write_bytes(data[:-lost])
    for opener in OPENERS:
        assert refused(tmp_path / "a.jpg", opener).kind == "unreadable"


def test_a_half_downloaded_jpeg_that_is_padded_with_zeros_is_not_shown_grey(tmp_path: Path) -> None:
    exif = making.exif_with_thumbnail(making.camera_exif(), making.encoded(making.sample(16, 16), "JPEG"))
    data = making.encoded(making.sample(400, 300), "JPEG", exif=exif)
    half = len(data) // 2
    (tmp_path / "a.jpg").write_bytes(data[:half] + bytes(len(data) - half))
    for opener in OPENERS:
        assert refused(tmp_path / "a.jpg", opener).kind == "unreadable"


def test_a_jpeg_with_something_behind_its_end_opens(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(making.encoded(making.sample(), "JPEG") + b"\0\0\0\x18ftypmp42" + bytes(5000))
    assert open_upright(tmp_path / "a.jpg").size == (96, 64)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "HEIF"])
def test_damaged_files_are_refused_or_opened_and_nothing_else(tmp_path: Path, kind: str) -> None:
    """Two hundred files with bytes changed at random: whatever a decoder thinks of them, it is told as a refusal."""
    chance = random.Random(kind)
    options = {"exif": making.camera_exif(6)} if kind in {"JPEG", "PNG", "WEBP", "TIFF"} else {}
    whole = making.encoded(making.sample(40, 30), kind, **options) if kind != "HEIF" else b""
    whole = whole or (making.DATA / "ten_bits.heic").read_bytes()
    path = tmp_path / "a"
    outcomes = set()
    for _ in range(200):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 12)):
            data[chance.randrange(len(data) if chance.random() < 0.5 else min(len(data), 300))] = chance.randrange(256)
        path.write_bytes(data)
        try:
            open_upright(path, max_pixels=1_000_000)
            outcomes.add("opened")
        except InputRefused as error:
            outcomes.add(error.kind)
    assert outcomes <= {"opened", "unreadable", "not-a-picture", "too-large"}
    assert "opened" in outcomes or "unreadable" in outcomes


def header_only_png(width: int, height: int) -> bytes:
    return making.png(width, height, 8, 2, b"not enough")


def test_too_many_pixels_are_refused_before_they_are_decoded(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(header_only_png(20_000, 10_001))
    for opener in OPENERS:
        error = refused(tmp_path / "a.png", opener)  # had it been decoded, it would have been "unreadable"
        assert error.kind == "too-large"
        assert str(error) == "“a.png” has 20000 × 10001 pixels (200 megapixels); at most 200 are opened."


def test_the_limit_can_be_chosen(tmp_path: Path) -> None:
    path = making.save(making.sample(100, 50), tmp_path / "a.png")
    assert open_upright(path, max_pixels=5_000).size == (100, 50)
    with pytest.raises(InputRefused, match=r"at most 0\.004999 are opened"):
        open_upright(path, max_pixels=4_999)


def test_decompression_bombs(tmp_path: Path) -> None:
    row = b"\0" + bytes(30_000 // 8)
    squeezer = zlib.compressobj(9)
    squeezed = b"".join([*(squeezer.compress(row) for _ in range(30_000)), squeezer.flush()])
    assert len(squeezed) < 200_000  # 900 megapixels
    header = making.png_chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0))
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + making.png_chunk(b"IDAT", squeezed))
    assert refused(tmp_path / "a.png").kind == "too-large"
    (tmp_path / "a.gif").write_bytes(b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0, 0, 0) + b"," + bytes(40))
    assert refused(tmp_path / "a.gif").kind in {"too-large", "unreadable"}
    (tmp_path / "a.bmp").write_bytes(
        b"BM"
        + struct.pack("<IHHI", 70, 0, 0, 54)
        + struct.pack("<IiiHHIIiiII", 40, 50_000, 50_000, 1, 24, 0, 0, 0, 0, 0, 0)
    )
    assert refused(tmp_path / "a.bmp").kind == "too-large"


def test_absurdly_long_sides(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(header_only_png(MAX_SIDE + 1, 1))
    error = refused(tmp_path / "a.png")
    assert error.kind == "too-large"
    assert str(error) == f"“a.png” has {MAX_SIDE + 1} × 1 pixels; no side may be longer than {MAX_SIDE}."
    (tmp_path / "b.png").write_bytes(header_only_png(2**31 - 1, 2**31 - 1))
    assert refused(tmp_path / "b.png").kind == "too-large"


def test_pillows_own_limit_does_not_get_in_the_way(tmp_path: Path) -> None:
    image = Image.new("1", (12_000, 16_000))
    assert probe(making.save(image, tmp_path / "a.png")).size == (12_000, 16_000)


def test_names_are_shown_harmlessly(tmp_path: Path) -> None:
    assert "“a\ufffdb\ufffdgpj.exe”" in str(refused(tmp_path / "a\nb\u202egpj.exe"))
    assert "“Foto von Zoë 写真.png”" in str(refused(tmp_path / "Foto von Zoë 写真.png"))
    assert "“{0} {x}.png”" in str(refused(tmp_path / "{0} {x}.png"))
    broken = refused(tmp_path / os.fsdecode(b"caf\xe9.png"))
    assert str(broken).encode("utf-8")  # can be printed and stored


def test_refusals_cross_processes(tmp_path: Path) -> None:
    error = refused(tmp_path / "gone.png")
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.kind, copy.message, copy.hint) == (error.kind, error.message, error.hint)
