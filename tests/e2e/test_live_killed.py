"""``kill -9`` during a live session: the next start closes it, and the sandbox's list of sessions is the witness."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from tests.e2e import program
from tests.e2e.clouds import House, switched_on
from tests.unit.sandbox.conftest import Box

CREATE, CLOSE = "live/create", "live/close"


@contextmanager
def live(house: House, *people: str) -> Iterator[subprocess.Popen[str]]:
    """Start the program with a live session; it is ended at the latest when this is left."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.live_program", str(house.home), *(str(house.person(one)) for one in people)],
        cwd=program.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            program.end(process, signal.SIGKILL)


def said(process: subprocess.Popen[str]) -> dict[str, str]:
    """Wait for what it says."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate(timeout=program.LIMIT_S)[1]
    return dict(json.loads(line))


def kill(process: subprocess.Popen[str]) -> None:
    workers = program.children_of(process)
    program.end(process, signal.SIGKILL)
    assert program.all_gone(workers)


def rows(house: House) -> list[tuple[str, str]]:
    """Read state and reason of all sessions past the program, as any reader of the file could."""
    database = house.home / "faceswap.sqlite3"
    if not database.exists():
        return []
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)
    try:
        return connection.execute("SELECT state, reason FROM live_sessions ORDER BY created_at").fetchall()
    except sqlite3.OperationalError:
        return []
    finally:
        connection.close()


class Witness:
    """What the sandbox has seen since this test began."""

    def __init__(self, box: Box) -> None:
        self._box = box
        state = box.state()
        self._before = len(state["live"])
        self._calls: dict[str, int] = state["calls"]["akool"]

    def sessions(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._box.state()["live"][self._before :]
        return found

    def calls(self, endpoint: str) -> int:
        return int(self._box.state()["calls"]["akool"].get(endpoint, 0)) - self._calls.get(endpoint, 0)


@pytest.fixture
def witness(box: Box) -> Iterator[Witness]:
    yield Witness(box)
    # The sandbox is everybody's, and a session that stays open costs by the minute: others would see its credits.
    for session in box.state()["live"]:
        if not session["closed_at"]:
            box.akool("/api/open/v3/faceswap/live/close", {"_id": session["id"]})


def test_a_session_that_was_killed_is_closed_at_the_next_start(house: House, witness: Witness) -> None:
    with live(house, "hopper", "collins") as process:
        assert said(process) == {"kind": "running"}
        [session] = witness.sessions()
        assert (session["closed_at"], session["changes"]) == (0.0, 1)
        kill(process)
    [session] = witness.sessions()
    assert session["closed_at"] == 0.0, "nobody has closed it yet"
    assert rows(house) == [("open", "")]

    # Any command will do: what is open costs.
    ended = house.run("jobs", "--json")
    assert ended.code == 0, ended.err
    [session] = witness.sessions()
    assert session["closed_at"] > session["started_at"]
    assert rows(house) == [("closed", "killed")]
    assert house.run("jobs", "--json").code == 0
    assert (witness.calls(CREATE), witness.calls(CLOSE)) == (1, 1)


def test_what_is_ended_in_order_is_closed_at_once(house: House, witness: Witness) -> None:
    with live(house, "hopper") as process:
        assert said(process) == {"kind": "running"}
        _, errors = process.communicate("", timeout=program.LIMIT_S)
        assert process.returncode == 0, errors
    [session] = witness.sessions()
    assert session["closed_at"] > 0
    assert rows(house) == [("closed", "stopped")]


def test_a_kill_while_it_is_asked_for_is_said_and_not_asked_for_again(house: House, witness: Witness) -> None:
    house.box.faults(akool=[f"silence@{CREATE}"])
    with live(house, "hopper") as process:
        program.wait_for(lambda: len(witness.sessions()) == 1, "the session")
        kill(process)
    house.box.faults(all=[])
    assert rows(house) == [("creating", "")]
    ended = house.run("jobs")
    assert ended.code == 0, ended.err
    assert "It may be open" in ended.err
    assert "Ask the service" in ended.err or "No credits" in ended.err or "cannot be told" in ended.err
    assert rows(house) == [("unconfirmed", "")]
    assert house.run("jobs").err.count("It may be open") == 0, "it is told once"
    assert witness.calls(CREATE) == 1


def test_a_start_that_cannot_close_it_leaves_it_to_the_one_after(house: House, witness: Witness) -> None:
    with live(house, "hopper") as process:
        assert said(process) == {"kind": "running"}
        kill(process)
    house.box.faults(akool=[f"banned@{CLOSE}"])
    ended = house.run("jobs")
    assert ended.code == 0, ended.err
    assert "could not be closed" in ended.err
    assert rows(house) == [("closing", "killed")]
    house.box.faults(all=[])
    assert house.run("jobs").code == 0
    [session] = witness.sessions()
    assert session["closed_at"] > 0
    assert rows(house) == [("closed", "killed")]


def test_a_session_of_the_sandbox_that_is_switched_on_goes_with_it(tmp_path: Path) -> None:
    house = House(switched_on(tmp_path), tmp_path, cast("Box", None))
    with live(house, "hopper") as process:
        assert said(process) == {"kind": "running"}
        kill(process)
    assert rows(house) == [("open", "")]
    # No sandbox is there in this start, and none of the real services is asked.
    assert house.run("jobs").code == 0
    assert rows(house) == [("closing", "killed")]
    with live(house, "hopper") as process:
        assert said(process) == {"kind": "running"}
        program.wait_for(lambda: rows(house) == [("closed", "killed"), ("open", "")], "the first one closed")
        process.communicate("", timeout=program.LIMIT_S)
    assert rows(house) == [("closed", "killed"), ("closed", "stopped")]
