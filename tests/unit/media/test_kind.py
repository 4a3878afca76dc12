from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from faceswap_desktop.domain.media import MediaKind
from faceswap_desktop.media.kind import kind_of


def _frames(count: int) -> list[Image.Image]:
    return [Image.new("RGB", (40, 30), (60 * number, 90, 120)) for number in range(count)]


@pytest.mark.parametrize("extension", [".gif", ".webp"])
@pytest.mark.parametrize(("count", "kind"), [(1, MediaKind.IMAGE), (3, MediaKind.VIDEO)])
def test_what_moves_is_a_video(tmp_path: Path, extension: str, count: int, kind: MediaKind) -> None:
    path = tmp_path / f"some{extension}"
    first, *others = _frames(count)
    first.save(path, save_all=True, append_images=others, duration=40)
    assert kind_of(path) is kind


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41", MediaKind.VIDEO),
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ", MediaKind.VIDEO),
        (b"\x1a\x45\xdf\xa3" + bytes(40), MediaKind.VIDEO),
        (b"RIFF\x00\x10\x00\x00AVI LIST" + bytes(40), MediaKind.VIDEO),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", MediaKind.IMAGE),
        (b"\xff\xd8\xff\xe0" + bytes(40), MediaKind.IMAGE),
        (b"GIF89a\x10\x00\x10\x00\x80", MediaKind.IMAGE),
        (b"", MediaKind.IMAGE),
    ],
)
def test_the_first_bytes_tell(tmp_path: Path, head: bytes, kind: MediaKind) -> None:
    path = tmp_path / "some.jpg"
    path.write_bytes(head)
    assert kind_of(path) is kind


@pytest.mark.parametrize("content", [None, b"", b"hello", b"\x07" * 500])
def test_where_the_content_tells_nothing_the_name_does(tmp_path: Path, content: bytes | None) -> None:
    for name, kind in (("a.MP4", MediaKind.VIDEO), ("a.mkv", MediaKind.VIDEO), ("a.gif", MediaKind.IMAGE)):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        assert kind_of(tmp_path / name) is kind


def test_what_is_something_else_counts_as_a_picture(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"%PDF-1.7")
    assert kind_of(tmp_path / "a.mp4") is MediaKind.IMAGE


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    assert kind_of(tmp_path / "pipe.mp4") is MediaKind.VIDEO
