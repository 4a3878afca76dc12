"""`live` that is broken off twice, as `timeout -s INT` does it, and what ends it by itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from faceswap_desktop.cli import jobs, live
from faceswap_desktop.cli.console import Console
from faceswap_desktop.cli.main import main, make_parser
from faceswap_desktop.compose import build
from faceswap_desktop.resources import resource_path
from faceswap_desktop.storage.paths import Home

COLLINS, HOPPER = resource_path("samples", "eileen_collins.png"), resource_path("samples", "grace_hopper.jpg")
SMALL = ("--set", "live.width=160", "--set", "live.height=120", "--set", "live.per_second=10")


async def test_what_was_recorded_until_a_second_signal_comes_with_jobs_resume(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "mine.mp4"
    said = ["live", "--source", str(HOPPER), "--camera", str(COLLINS), "--record", str(output), "--consent", "a sample"]
    options = make_parser().parse_args([*said, *SMALL])
    program = await build(Home(tmp_path / "home"), options.overrides)
    task = asyncio.ensure_future(live.run(program, options, Console(is_json=False)))
    try:
        async with asyncio.timeout(120):
            while (so_far := program.live.state.recording) is None or so_far.frames < 5:
                assert not task.done(), task.result()
                await asyncio.sleep(0.01)
            while not task.done():
                task.cancel()
                await asyncio.sleep(0)
        assert task.cancelled()
    finally:
        task.cancel()
        await asyncio.wait([task])
        await program.close()
    assert "What was recorded is kept" in capsys.readouterr().err
    assert not output.exists()
    again = await build(Home(tmp_path / "home"))
    try:
        assert await jobs.run(again, make_parser().parse_args(["jobs", "resume"]), Console(is_json=False)) == 0
    finally:
        await again.close()
    assert output.stat().st_size > 1000


def test_a_camera_file_that_cannot_be_opened_is_told_of_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.mp4").write_bytes(b"x")
    said = ["live", "--source", str(HOPPER), "--camera", str(tmp_path / "bad.mp4"), "--consent", "a sample", *SMALL]
    assert main(["--home", str(tmp_path / "home"), *said]) == 3
    told = capsys.readouterr().err
    assert told.count("bad.mp4") == 1
    assert "Error: " in told


def test_the_help_says_how_many_years(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["live", "--help"])
    assert "-30 to 30" in " ".join(capsys.readouterr().out.split())
