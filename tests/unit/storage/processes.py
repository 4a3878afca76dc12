"""Other processes for tests: plain, without root's privileges, on a disk that is small or read-only."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import faceswap_desktop

ROOT = Path(faceswap_desktop.__file__).parents[1]
LIMIT_S = 60


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8:surrogateescape"}


def started(code: str, *arguments: str | Path) -> subprocess.Popen[str]:
    """Start Python on ``code``; the caller ends it."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment(),
        cwd=ROOT,
    )


def output_of(code: str, *arguments: str | Path, before: tuple[str, ...] = ()) -> str:
    """Run Python on ``code`` to its end and return what it printed."""
    done = subprocess.run(
        [*before, sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=LIMIT_S,
        env=environment(),
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def without_privileges() -> tuple[str, ...]:
    """Return what to put before a command so that file modes count, for root too."""
    if os.name != "posix":
        pytest.skip("file modes are those of POSIX")
    if os.geteuid() != 0:
        return ()
    if not _works("unshare", "-U", "true"):
        pytest.skip("root ignores file modes, and this system lends no user namespace without privileges")
    return ("unshare", "-U")


def on_a_disk(folder: Path, size_kib: int, setup: str = "true") -> tuple[str, ...]:
    """Return what to put before a command so that ``folder`` is a disk of its own.

    Args:
        folder: An empty folder.
        size_kib: How much the disk holds.
        setup: A shell command to run on it first; ``$0`` is the folder.
    """
    if not _works("unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=64k none "$0"', str(folder)):
        pytest.skip("this system lets nobody mount a disk in a namespace of its own")
    script = f'mount -t tmpfs -o size={size_kib}k none "$0" && {setup} && exec "$@"'
    return ("unshare", "-rm", "sh", "-c", script, str(folder))


@cache
def _works(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=LIMIT_S).returncode == 0
    except FileNotFoundError:
        return False
