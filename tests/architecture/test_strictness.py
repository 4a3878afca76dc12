"""The rules of tests/conftest.py bite: each is broken on purpose in a run of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from tests import no_network
from tests.architecture.source import ROOT

BROKEN = {
    "log": (
        "import logging\ndef test_it():\n    logging.getLogger('a').warning('beware')",
        "unexpected log records:\nWARNING a: beware",
    ),
    "warning": ("import warnings\ndef test_it():\n    warnings.warn('old')", "UserWarning: old"),
    "thread": (
        "import threading\nstop = threading.Event()\ndef test_it():\n"
        "    threading.Thread(target=stop.wait, args=(30,), daemon=True).start()",
        "left running",
    ),
    "task": (
        "import asyncio\nkept = []\nasync def test_it():\n    kept.append(asyncio.create_task(asyncio.sleep(9)))",
        "asyncio tasks left over",
    ),
    "network": (
        "import socket\ndef test_it():\n    socket.create_connection(('192.0.2.1', 80), 1)",
        "a test must not look up",
    ),
    "listen": (
        "import socket\ndef test_it():\n    with socket.socket() as one:\n        one.bind(('', 0))",
        "must not listen on every interface",
    ),
    "missing_log": ("def test_it(expect_log):\n    expect_log('never')", "never came"),
    "mark": ("import pytest\n@pytest.mark.unknown\ndef test_it():\n    pass", "'unknown' not found in `markers`"),
    "qt": ("def test_it():\n    import PySide6", "hidden by --without-qt"),
}

KEPT = """
import asyncio, logging, os, socket, threading
from pathlib import Path

async def test_it(expect_log, tmp_path):
    expect_log('beware')
    logging.getLogger('a').warning('beware')
    await asyncio.to_thread(threading.current_thread)
    assert Path.home().is_relative_to(tmp_path)
    assert Path(os.environ['FACESWAP_HOME']).is_relative_to(tmp_path)
    with socket.create_server(('127.0.0.1', 0)) as server:
        socket.create_connection(server.getsockname()).close()
"""


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return what pytest, under the project's own conftest and settings, has to say against each of the files."""
    folder = tmp_path_factory.mktemp("checked")
    shutil.copy(ROOT / "tests" / "conftest.py", folder)
    for name, (source, _) in BROKEN.items():
        (folder / f"test_{name}.py").write_text(source, encoding="utf-8")
    (folder / "test_kept.py").write_text(KEPT, encoding="utf-8")
    report = folder / "report.xml"
    options = ["-p", "no:pytest-qt", "-p", "no:xdist", "-p", "no:cacheprovider", "--without-qt"]
    options += ["--continue-on-collection-errors", f"--junit-xml={report}"]
    options += ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder), str(folder)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    found: dict[str, str] = {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        # A file that cannot be collected is named without a test's class.
        name = (case.get("classname") or case.get("name") or "").rpartition("test_")[2]
        texts = [f"{one.get('message')}\n{one.text}" for one in case if one.tag in {"failure", "error"}]
        found[name] = found.get(name, "") + "\n".join(texts)
    return found


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_fails(complaints: dict[str, str], name: str) -> None:
    assert BROKEN[name][1] in complaints[name]


def test_a_clean_test_passes(complaints: dict[str, str]) -> None:
    assert complaints["kept"] == ""


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (("127.0.0.1", 80), True),
        (("127.8.9.10", 80), True),
        (("::1", 80, 0, 0), True),
        (("localhost", 80), True),
        ("/tmp/a.socket", True),
        (("10.0.0.1", 80), False),
        (("0.0.0.0", 80), False),
        (("example.org", 80), False),
        (("fe80::1%eth0", 80, 0, 2), False),
    ],
)
def test_local_is_this_computer_only(address: object, *, expected: bool) -> None:
    assert no_network.is_local(address) is expected
