"""What `live` refuses before a camera is opened."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from faceswap_desktop.cli import live
from faceswap_desktop.cli.console import Console
from faceswap_desktop.cli.main import main, make_parser
from faceswap_desktop.compose import build
from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.resources import resource_path
from faceswap_desktop.storage.paths import Home

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


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (["--provider", "aigs"], "usage", "has no live sessions"),
        (["--provider", "akool", "--years", "5"], "usage", "this computer only"),
        (["--provider", "akool", "--virtual-camera"], "usage", "this computer only"),
        (["--provider", "akool", "--record", "new.mp4"], "usage", "cannot be written as new.mp4"),
        (["--provider", "akool", "--seconds", "3000", "--max-credits", "1"], "credits", "--max-credits is 1"),
        (["--provider", "akool", "--set", "live.minutes_limit=0"], "usage", "paid by the minute"),
    ],
)
async def test_refused_at_services(tmp_path: Path, said: list[str], kind: str, words: str) -> None:
    options = make_parser().parse_args(["live", "--source", str(COLLINS), "--camera", str(COLLINS), *said])
    program = await build(Home(tmp_path / "home"), getattr(options, "overrides", ()))
    try:
        with pytest.raises(UsageError) as caught:
            await live.run(program, options, Console(is_json=False))
    finally:
        await program.close()
    assert caught.value.kind == kind
    assert words in str(caught.value.message)


def test_a_file_as_camera_needs_no_qt() -> None:
    options = make_parser().parse_args(["live", "--source", "a.png", "--camera", "gone.mp4"])
    assert live.runner_of(options) is asyncio.run


def test_a_source_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["live", "--camera", str(COLLINS)]) == 2
    assert "--source" in capsys.readouterr().err
