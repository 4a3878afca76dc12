"""Keys in the keyring of Linux desktops itself: a session bus of its own, gnome-keyring, and programs that come and go.

Everything runs below folders of the test: neither the user's bus nor the user's keyring is seen.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.storage.processes import LIMIT_S, ROOT, environment

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the Secret Service is Linux's")

KEY = "k3y-that-must-not-be-in-a-file"

STEPS = """
import asyncio, json, sys
from faceswap_desktop.storage.secrets import Secrets

async def main():
    secrets = Secrets()
    said = []
    for step in json.loads(sys.argv[1]):
        name, *values = step
        said.append(await getattr(secrets, name)("akool.api_key", *values))
    print(json.dumps({
        "said": said,
        "keeps": secrets.is_persistent,
        "who": secrets.backend_name,
        "notice": None if secrets.notice is None else secrets.notice.text(),
    }))

asyncio.run(main())
"""
"""A program that asks the keyring for this and that, and tells what came of it."""

UNLOCK = 'printf %s "a password" | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1'
"""What logging in at a desktop does."""

BUS_WITHOUT_SERVICES = """
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir={folder}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""
"""A desktop on which nobody keeps secrets, and nobody is started to do so."""


@pytest.fixture
def desk() -> Iterator[Path]:
    """A home of its own. Sockets of a bus must not have long names, so it does not lie with the test's other files."""
    with tempfile.TemporaryDirectory(prefix="keyring") as folder:
        (Path(folder) / "run").mkdir(mode=0o700)
        yield Path(folder)


def asks(*steps: list[str]) -> str:
    """The command for a program that takes these steps."""
    return shlex.join([sys.executable, "-c", STEPS, json.dumps(steps)])


def session(desk: Path, *commands: str, bus: tuple[str, ...] = ("dbus-run-session", "--")) -> list[dict[str, Any]]:
    """Run commands one after the other on a bus of their own; what each program told."""
    missing = [name for name in ("dbus-run-session", "gnome-keyring-daemon") if shutil.which(name) is None]
    assert not missing, f"{', '.join(missing)} is not there; packaging/start.py test installs it"
    own = {"HOME": str(desk), "XDG_RUNTIME_DIR": str(desk / "run"), "FACESWAP_HOME": str(desk / "faceswap")}
    foreign = ("PYTHON_KEYRING_BACKEND", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY")
    variables = {name: value for name, value in environment().items() if not name.startswith(("XDG_", *foreign))}
    done = subprocess.run(
        [*bus, "sh", "-c", " && ".join(commands)],
        capture_output=True,
        text=True,
        env={**variables, **own},
        cwd=ROOT,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert KEY not in done.stderr
    told: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return told


def files_with_the_key(desk: Path) -> list[Path]:
    files = [Path(folder) / name for folder, _, names in os.walk(desk) for name in names]
    return [file for file in files if file.is_file() and KEY.encode() in file.read_bytes()]


def test_a_key_outlives_the_program_and_is_forgotten_when_asked(desk: Path) -> None:
    one, other, third = session(
        desk,
        UNLOCK,
        asks(["get"], ["set", KEY]),
        asks(["get"], ["set", f"{KEY} ünï"], ["get"], ["delete"]),
        asks(["get"], ["delete"], ["get"]),
    )
    assert one["said"] == [None, True]
    assert one["keeps"]
    assert one["notice"] is None
    assert one["who"].startswith("SecretService")
    assert other["said"] == [KEY, True, f"{KEY} ünï", None]
    assert third["said"] == [None, None, None]


def test_a_key_outlives_the_session_of_the_desktop_and_stands_in_no_file_in_the_open(desk: Path) -> None:
    session(desk, UNLOCK, asks(["set", KEY]))
    assert list((desk / ".local/share/keyrings").iterdir())  # the keyring's own file, encrypted
    assert files_with_the_key(desk) == []
    assert [told["said"] for told in session(desk, UNLOCK, asks(["get"]))] == [[KEY]]


def test_where_nobody_keeps_keys_they_last_for_the_session_and_it_is_said(desk: Path) -> None:
    config = desk / "bus.conf"
    config.write_text(BUS_WITHOUT_SERVICES.format(folder=desk), encoding="utf-8")
    on_a_bus = ("dbus-run-session", f"--config-file={config}", "--")
    for bus in (on_a_bus, ("env",)):
        one, other = session(desk, asks(["set", KEY], ["get"]), asks(["get"]), bus=bus)
        assert one["said"] == [False, KEY]
        assert other["said"] == [None]
        assert one["notice"] == other["notice"]
        assert "Keys are kept until the program ends" in one["notice"]
    assert files_with_the_key(desk) == []


def test_a_keyring_that_nobody_unlocks_is_said_and_not_waited_for(desk: Path) -> None:
    """As on a server: the service is there, and there is no screen on which it could ask for its password."""
    (told,) = session(desk, asks(["set", KEY], ["get"], ["delete"], ["get"]))
    assert told["said"] == [False, KEY, None, None]
    assert not told["keeps"]
    assert "it does not answer" in told["notice"]
    assert files_with_the_key(desk) == []
