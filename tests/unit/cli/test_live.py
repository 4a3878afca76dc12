"""What `live` refuses before a camera is opened."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from faceswap_desktop.cli.main import main
from faceswap_desktop.resources import resource_path

COLLINS = resource_path("samples", "eileen_collins.png")


@pytest.mark.parametrize(
    ("said", "code", "kind", "words"),
    [
        (["--camera", "gone.mp4"], 3, "missing", "gone.mp4"),
        (["--record", "taken.mp4"], 3, "exists", "taken.mp4"),
        (["--record", "nowhere/new.mp4"], 3, "missing", "nowhere"),
        (["--record", "beside.mkv"], 3, "exists", "beside.c2pa"),
        (["--record", "sound.mp3"], 2, "usage", ".mov"),
        (["--record", "open.webm"], 2, "usage", ".mov"),
        (["--seconds", "0"], 2, "usage", "--seconds"),
        (["--seconds", "soon"], 2, "usage", "--seconds"),
        (["--years", "99"], 2, "usage", "--years"),
        (["--provider", "nobody"], 2, "usage", "nobody"),
        (["--provider", "akool"], 2, "usage", "window"),
    ],
)
def test_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    said: list[str],
    code: int,
    kind: str,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("taken.mp4").touch()
    Path("beside.c2pa").touch()
    source, camera = str(COLLINS), [] if "--camera" in said else ["--camera", str(COLLINS)]
    assert main(["--home", str(tmp_path / "home"), "live", "--json", "--source", source, *camera, *said]) == code
    told = capsys.readouterr()
    assert json.loads(told.out)["error"]["kind"] == kind
    assert words in told.err


def test_a_source_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["live", "--camera", str(COLLINS)]) == 2
    assert "--source" in capsys.readouterr().err
