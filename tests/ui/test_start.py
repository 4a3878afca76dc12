"""Starting: who is meant, one window per home, ordered end, and a home that cannot be used."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from faceswap_desktop.__main__ import COMMANDS, WindowStart, read_start
from faceswap_desktop.app import Start, hand_over, show_window
from faceswap_desktop.app.session import Session
from faceswap_desktop.cli.main import COMMANDS as CLI_COMMANDS
from faceswap_desktop.jobs.doorbell import Doorbell
from faceswap_desktop.storage.lease import Lease
from faceswap_desktop.storage.paths import Home
from tests.ui.conftest import until


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], WindowStart()),
        (["a.png", "b c.jpg"], WindowStart(files=("a.png", "b c.jpg"))),
        (["--home", "/h", "a.png"], WindowStart("/h", (), ("a.png",))),
        (["--home=/h", "--set", "jobs.workers=2", "--set=media.max_megapixels=9"],
         WindowStart("/h", ("jobs.workers=2", "media.max_megapixels=9"))),
        (["--", "--odd.png"], WindowStart(files=("--odd.png",))),
        (["a.png", "swap"], WindowStart(files=("a.png", "swap"))),
        (["swap", "--target", "a.png"], None),
        (["--home", "/h", "jobs", "list"], None),
        (["--version"], None),
        (["--help"], None),
        (["--nonsense"], None),
        (["--home"], None),
    ],
)  # fmt: skip
def test_who_is_meant(arguments: list[str], expected: WindowStart | None) -> None:
    assert read_start(arguments) == expected


def test_every_command_of_the_command_line_is_known() -> None:
    assert set(CLI_COMMANDS) <= COMMANDS


@pytest.fixture
async def start(home: Home, qapp: QApplication) -> AsyncIterator[Start]:
    made = show_window(home)
    yield made
    made.hooks.uninstall()
    made.window.deleteLater()
    made.theme.close()


async def test_it_lives_and_ends_in_order(start: Start, home: Home) -> None:
    session = Session(start.window, start.theme, start.hooks, home)
    assert start.window.isVisible()
    running = asyncio.ensure_future(session.run())
    await until(session.ready.is_set, 30)
    assert session.program is not None
    assert home.bell_file.exists()
    assert all(start.window.page(entry.id) is not None for entry in start.window.entries)
    start.window.close()
    assert await asyncio.wait_for(running, 20) == 0
    assert not home.bell_file.exists()
    assert Lease(home.lease_file).holder() is None
    assert home.window_state_file.exists()


async def test_a_signal_ends_it_in_order_too(start: Start, home: Home) -> None:
    session = Session(start.window, start.theme, start.hooks, home)
    running = asyncio.ensure_future(session.run())
    await until(session.ready.is_set, 30)
    os.kill(os.getpid(), signal.SIGTERM)
    assert await asyncio.wait_for(running, 20) == 0
    assert not start.window.isVisible()
    assert Lease(home.lease_file).holder() is None
    assert "geometry" in home.window_state_file.read_text(encoding="utf-8")


async def test_it_may_be_closed_at_once(start: Start, home: Home) -> None:
    session = Session(start.window, start.theme, start.hooks, home)
    running = asyncio.ensure_future(session.run())
    await asyncio.sleep(0)
    start.window.close()
    assert await asyncio.wait_for(running, 20) == 0
    assert Lease(home.lease_file).holder() is None


@pytest.mark.allow_logs
async def test_a_home_that_cannot_be_used_is_said_and_can_be_mended(start: Start, home: Home) -> None:
    home.root.parent.mkdir(parents=True, exist_ok=True)
    # The window's state is in the same folder, so it may be there already.
    if home.root.exists():
        for path in sorted(home.root.rglob("*"), reverse=True):
            path.unlink()
        home.root.rmdir()
    home.root.write_text("a file where the folder should be")
    session = Session(start.window, start.theme, start.hooks, home)
    running = asyncio.ensure_future(session.run())
    await until(lambda: start.window.findChild(QPushButton, "trouble-retry"), 20)
    texts = [label.text() for label in start.window.findChildren(QLabel) if label.isVisible()]
    assert any("home" in text for text in texts), texts
    home.root.unlink()
    button = start.window.findChild(QPushButton, "trouble-retry")
    assert isinstance(button, QPushButton)
    button.click()
    await until(session.ready.is_set, 30)
    start.window.close()
    assert await asyncio.wait_for(running, 20) == 0


@pytest.mark.allow_logs
async def test_a_newer_database_is_left_alone(start: Start, home: Home) -> None:
    import sqlite3

    home.create()
    with sqlite3.connect(home.database) as connection:
        connection.execute("PRAGMA user_version = 9000000")
    connection.close()
    before = home.database.read_bytes()
    session = Session(start.window, start.theme, start.hooks, home)
    running = asyncio.ensure_future(session.run())
    await until(lambda: start.window.findChild(QPushButton, "trouble-quit"), 20)
    button = start.window.findChild(QPushButton, "trouble-quit")
    assert isinstance(button, QPushButton)
    button.click()
    assert await asyncio.wait_for(running, 20) == 0
    assert home.database.read_bytes() == before


async def test_a_second_start_hands_its_files_over(home: Home) -> None:
    home.create()
    assert not await asyncio.to_thread(hand_over, home, [Path("/a.png")])
    heard: list[dict[str, Any]] = []
    lease, bell = Lease(home.lease_file, "window"), Doorbell(home, heard.append)
    assert lease.acquire()
    await bell.open()
    try:
        assert await asyncio.to_thread(hand_over, home, [Path("/ä 漢.png")])
        assert await asyncio.to_thread(hand_over, home, [])
        await until(lambda: len(heard) == 2)
    finally:
        await bell.close()
        lease.release()
    assert heard == [{"kind": "open", "files": ["/ä 漢.png"]}, {"kind": "show"}]


async def test_a_command_line_that_runs_jobs_is_not_a_window(home: Home) -> None:
    home.create()
    lease, bell = Lease(home.lease_file, "command line"), Doorbell(home, lambda _: None)
    assert lease.acquire()
    await bell.open()
    try:
        assert not await asyncio.to_thread(hand_over, home, [])
    finally:
        await bell.close()
        lease.release()


_FIRST_PICTURE = """
import json, sys
from faceswap_desktop.app import show_window
from faceswap_desktop.storage.paths import Home
from pathlib import Path
show_window(Home(Path(sys.argv[1])))
print(json.dumps(sorted(sys.modules)))
"""

_WHOLE_RUN = """
import asyncio, json, sys
from pathlib import Path
from faceswap_desktop.app import show_window
from faceswap_desktop.app.session import Session
from faceswap_desktop.storage.paths import Home
import qasync
if __name__ == "__main__":
    home = Home(Path(sys.argv[1]))
    start = show_window(home)
    session = Session(start.window, start.theme, start.hooks, home)
    async def main():
        running = asyncio.ensure_future(session.run())
        await asyncio.wait_for(session.ready.wait(), 60)
        for entry in start.window.entries:
            start.window.show_page(entry.id)
            await asyncio.sleep(0.05)
        start.window.close()
        await running
    qasync.run(main())
    print(json.dumps(sorted(sys.modules)))
"""


def modules_of(script: str, home: Path, tmp_path: Path) -> set[str]:
    file = tmp_path / "script.py"
    file.write_text(script, encoding="utf-8")
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, str(file), str(home)],
        env={**os.environ, "PYTHONPATH": str(root), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_first_picture_waits_for_nothing_that_it_does_not_show(tmp_path: Path) -> None:
    loaded = modules_of(_FIRST_PICTURE, tmp_path / "home", tmp_path)
    heavy = {"PIL", "numpy", "httpx", "keyring", "rich", "onnxruntime", "cv2", "av", "asyncio", "qasync", "tomlkit"}
    assert loaded & heavy == set()
    ours = {name for name in loaded if name.startswith("faceswap_desktop.")}
    rooms = {name.split(".")[1] for name in ours}
    assert rooms <= {"app", "resources", "storage", "ui", "domain"}


_SOURCES_READ = """
import json, linecache, sys
from faceswap_desktop.app import show_window
from faceswap_desktop.storage.paths import Home
from pathlib import Path
show_window(Home(Path(sys.argv[1])))
print(json.dumps(sorted(linecache.cache)))
"""


def test_no_source_is_read_to_look_for_features(tmp_path: Path) -> None:
    read = modules_of(_SOURCES_READ, tmp_path / "home", tmp_path)
    ours = {file.rpartition("faceswap_desktop/")[2] for file in read if "faceswap_desktop/" in file}
    assert ours <= {"__init__.py"}, "that one is imported before PySide"


def test_the_window_s_process_never_loads_what_workers_need(tmp_path: Path) -> None:
    loaded = modules_of(_WHOLE_RUN, tmp_path / "home", tmp_path)
    assert "faceswap_desktop.ui.pages.settings" in loaded
    assert loaded & {"c2pa", "onnxruntime", "cv2", "av", "PIL", "numpy", "rich"} == set()
    assert not any(name.startswith("faceswap_desktop.vision") for name in loaded)
