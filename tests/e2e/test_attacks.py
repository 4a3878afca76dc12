"""The real program under what a rough day does to it: odd streams, odd files, signals, other programs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.program import COLLINS, HOPPER, LIMIT_S, ROOT, all_gone, children_of, job_states, run, start, wait_for

pytestmark = pytest.mark.skipif(os.name != "posix", reason="streams, names and signals as on POSIX")


def shell(home: Path, rest: str, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command through a shell; ``rest`` says what becomes of its streams."""
    command = [sys.executable, "-m", "faceswap_desktop", "--home", str(home), *map(str, arguments)]
    return subprocess.run(
        ["/bin/sh", "-c", f'"$@" {rest}', "sh", *command],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        timeout=LIMIT_S,
        check=False,
    )


def test_streams_that_are_closed_or_full(tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = shell(home, ">&- 2>&-", "swap", "--target", COLLINS, "--source", HOPPER, "--consent", "hers")
    assert done.returncode == 0
    assert job_states(home) == ["succeeded"]
    missing = tmp_path / "nothing.jpg"
    for rest, code in ((">/dev/full", 3), ("2>/dev/full", 3)):
        done = shell(home, rest, "detect", missing, "--json")
        assert done.returncode == code
        assert b"Traceback" not in done.stderr
    full = shell(home, ">/dev/full", "jobs", "list")
    assert full.returncode == 3
    assert b"could not be written" in full.stderr


def test_a_name_that_is_no_text_comes_out_as_json_and_as_bytes(tmp_path: Path) -> None:
    home, odd = tmp_path / "home", os.fsencode(tmp_path) + b"/odd \xff.png"
    arguments = [
        "swap",
        "--consent",
        "hers",
        "--target",
        str(COLLINS),
        "--source",
        str(HOPPER),
        "--output",
        os.fsdecode(odd),
    ]
    done = shell(home, "", *arguments, "--json", PYTHONIOENCODING="utf-8:strict")
    assert done.returncode == 0, done.stderr
    assert os.fsencode(json.loads(done.stdout)["output"]) == odd
    assert Path(os.fsdecode(odd)).is_file()
    again = shell(home, "", *arguments, PYTHONIOENCODING="ascii:strict")
    assert again.returncode == 3
    assert b"is there already" in again.stderr


def test_a_second_signal_does_not_cut_off_what_the_first_began(tmp_path: Path) -> None:
    home = tmp_path / "home"
    process = start(home, "swap", "--target", COLLINS, "--source", HOPPER, "--consent", "hers", "--json")
    wait_for(lambda: job_states(home) != [], "the job")
    workers = children_of(process)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=LIMIT_S)
    assert "Traceback" not in err
    assert isinstance(json.loads(out), dict)
    # It may have been done a moment before the first signal.
    assert (process.returncode, job_states(home)) in [(130, ["cancelled"]), (130, ["succeeded"]), (0, ["succeeded"])]
    assert all_gone(workers)


@pytest.mark.parametrize("name", ["logs/faceswap.log", "settings.toml"])
def test_pipes_in_the_home_are_not_waited_for(tmp_path: Path, name: str) -> None:
    home = tmp_path / "home"
    (home / "logs").mkdir(parents=True)
    os.mkfifo(home / name)
    done = run(home, "providers", "--json")
    if name == "settings.toml":
        assert (done.code, done.json["error"]["kind"]) == (3, "not-a-file")
    else:
        assert (done.code, len(done.json["providers"])) == (0, 4)


def test_usage_is_checked_before_anything_is_made(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for arguments in (
        ["detect", str(COLLINS), "--json", "--js"],
        ["swap", "--target", str(COLLINS), "--source", "", "--json"],
        ["detect", str(COLLINS), "--json", "--max-credits", "nan"],
    ):
        done = run(home, *arguments)
        assert (done.code, done.json["error"]["kind"]) == (2, "usage")
    assert not home.exists()
    long = run(
        home,
        "swap",
        "--target",
        COLLINS,
        "--source",
        HOPPER,
        "--consent",
        "hers",
        "--json",
        "--output",
        tmp_path / f"{'z' * 300}.png",
    )
    assert (long.code, long.json["error"]["kind"]) == (2, "usage")
