"""A session at AKOOL from end to end: the sandbox's live calls, the program, and the page in real QtWebEngine."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e import program
from tests.e2e.clouds import House, switched_on
from tests.ui.live.web_stage import write_film


def test_a_session_starts_changes_is_cut_and_ends(house: House) -> None:
    before = len(house.box.state()["live"])
    film = house.home.parent / "film.y4m"
    write_film(film)
    people = [str(house.person(one)) for one in ("hopper", "collins")]
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.live_window", str(house.home), str(film), *people],
        cwd=program.ROOT,
        capture_output=True,
        text=True,
        timeout=2 * program.LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    said = {key: json.loads(value) for key, value in json.loads(lines[-1]).items()}
    [session] = house.box.state()["live"][before:]
    assert session["closed_at"] > session["started_at"]
    assert session["changes"] == 1
    assert said["phases"][:4] == ["opening", "joining", "waiting", "running"]
    assert said["phases"][-2:] == ["closing", "off"]
    assert "lost" in said["phases"]
    assert said["shown"] == ["red", "green", "blue"]
    assert said["channel"]
    assert said["is_open"] is False


@pytest.mark.parametrize(
    ("when", "phase", "count"), [("running", "running", 1), ("joining", "joining", 1), ("stopped", "off", 2)]
)
def test_the_window_is_closed_after_a_session_was_begun(tmp_path: Path, when: str, phase: str, count: int) -> None:
    home = switched_on(tmp_path)
    with (home / "settings.toml").open("a", encoding="utf-8") as settings:
        settings.write('[live]\nprovider = "akool"\n')
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.live_run_window", str(home), when],
        cwd=program.ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=2 * program.LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "browser before: False" in done.stdout
    assert f"closed while: {phase}" in done.stdout
    # A stop that was wished is no trouble.
    assert "said:" not in done.stdout
    connection = sqlite3.connect(home / "faceswap.sqlite3")
    sessions = connection.execute("SELECT state, reason, in_sandbox FROM live_sessions").fetchall()
    connection.close()
    assert sessions == [("closed", "stopped", 1)] * count
