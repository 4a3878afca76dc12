"""Where the command line says that a result is to go."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from faceswap_desktop.cli.making import output_options
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.recipe import OutputOptions, VideoContainer
from tests.clips import make_clip, one_person


@pytest.fixture
def program() -> Program:
    current = SimpleNamespace(output=OutputOptions())
    return cast(Program, SimpleNamespace(settings=SimpleNamespace(current=current)))


def test_the_place_beside_a_video_without_room_for_credentials_has_to_be_free(program: Program, tmp_path: Path) -> None:
    clip = str(make_clip(tmp_path / "clip.mp4", [one_person(0.1)], size=(160, 90)).path)
    (tmp_path / "out.c2pa").write_bytes(b"of another file")
    for name in ("out.mkv", "out.webm"):
        with pytest.raises(InputRefused, match=r"out\.c2pa is there already"):
            output_options(program, clip, str(tmp_path / name))
    assert output_options(program, clip, str(tmp_path / "out.mp4")).video_container is VideoContainer.MP4
    assert output_options(program, clip, str(tmp_path / "other.mkv")).requested_path.endswith("other.mkv")
