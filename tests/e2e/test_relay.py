"""The relay as its own process: killed, started again, and nothing that was answered is lost."""

from __future__ import annotations

import json
import signal
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import program

TOKEN = "a-token-of-the-test's-own"


def _start(home: Path, token: Path, port: int = 0) -> tuple[Any, str]:
    process = program.start(home, "relay", "--port", str(port), "--token-file", token, "--json")
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate()
    return process, json.loads(line)["address"]


def _post(address: str, body: dict[str, Any]) -> int:
    request = urllib.request.Request(f"{address}/channel-1?to=secret", json.dumps(body).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=program.LIMIT_S) as answer:
        return int(answer.status)


def _events(address: str, count: int) -> list[dict[str, Any]]:
    """What a listener gets that was never there before."""
    request = urllib.request.Request(f"{address}/channel-1", headers={"Authorization": f"Bearer {TOKEN}"})
    found: list[dict[str, Any]] = []
    with urllib.request.urlopen(request, timeout=program.LIMIT_S) as answer:
        is_ready = False
        while not is_ready or len(found) < count:
            line = answer.readline().decode()
            is_ready = is_ready or line == "event: ready\n"
            if line.startswith("data: ") and '"body"' in line:
                found.append(json.loads(line[6:]))
    return found


@pytest.fixture
def token(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    return file


def test_a_kill_loses_nothing_that_was_answered(tmp_path: Path, token: Path) -> None:
    home = tmp_path / "home"
    process, address = _start(home, token)
    try:
        assert _events(address, 0) == []
        assert [_post(address, {"n": n}) for n in range(3)] == [200] * 3
    finally:
        program.end(process, signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    process, address = _start(home, token)
    try:
        assert [event["body"] for event in _events(address, 3)] == [{"n": n} for n in range(3)]
    finally:
        code = program.end(process)
    assert code == 0 or sys.platform == "win32"
    # It leaves its deliveries and nothing else.
    assert {one.name for one in home.iterdir()} == {"relay"}


def test_it_does_not_start_without_a_token(tmp_path: Path) -> None:
    ended = program.run(tmp_path / "home", "relay", "--port", "0", FACESWAP_RELAY_TOKEN="")
    assert ended.code == 2
    assert "token" in ended.err
    short = program.run(tmp_path / "home", "relay", "--port", "0", "--json", FACESWAP_RELAY_TOKEN="short")
    assert short.code == 2
    assert "token" in short.json["error"]["message"]
    missing = program.run(tmp_path / "home", "relay", "--token-file", tmp_path / "none")
    assert missing.code == 3
    assert program.run(tmp_path / "home", "relay", "--port", "70000").code == 2


def test_a_port_that_is_taken_is_said(tmp_path: Path, token: Path) -> None:
    process, address = _start(tmp_path / "home", token)
    try:
        port = address.rpartition(":")[2]
        ended = program.run(tmp_path / "other", "relay", "--port", port, "--token-file", token)
        assert ended.code == 2
        assert port in ended.err
        with pytest.raises(urllib.error.HTTPError):
            _post(address, {"nobody": "listens"})
    finally:
        program.end(process)
