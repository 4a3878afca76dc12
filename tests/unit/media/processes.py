"""Runs a piece of Python in a process of its own: with less memory, fewer rights, or a disk of its own."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.media.making import ROOT

ORDINARY_USER = 65534

# Root may read and write everything, so it becomes somebody else; what is needed is imported before that,
# since the checkout need not be readable for everybody.
_BECOME_ORDINARY = f"""
import os
if os.getuid() == 0:
    os.setgid({ORDINARY_USER})
    os.setuid({ORDINARY_USER})
"""


def run_python(code: str, *arguments: str | Path, folder: Path | None = None, expected: int = 0) -> str:
    """Run code and return what it printed.

    Args:
        code: Finds ``arguments`` in ``sys.argv[1:]``.
        arguments: Passed on.
        folder: Working directory.
        expected: The exit status; negative for the signal that ends it.
    """
    return _run([sys.executable, "-W", "error", "-c", code, *map(str, arguments)], folder, expected)


def run_as_ordinary_user(imports: str, code: str, folder: Path) -> str:
    """Run code inside ``folder`` as somebody whom permissions stop."""
    if sys.platform == "win32":
        pytest.skip("needs POSIX permissions")
    return run_python(imports + _BECOME_ORDINARY + code, folder=folder)


def run_on_small_disk(code: str, folder: Path, *, kilobytes: int, read_only: bool = False) -> str:
    """Run code in ``folder``, over which a small file system of memory lies meanwhile."""
    if not _can_mount():
        pytest.skip("needs Linux with user namespaces, to mount a small disk")
    script = 'mount -t tmpfs -o "size=$2k" none "$1" && cd "$1"'
    script += ' && mount -o remount,ro "$1"' if read_only else ""
    script += ' && exec "$3" -W error -c "$4"'
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", script, "sh"]
    return _run([*command, str(folder), str(kilobytes), sys.executable, code], None)


def _run(command: list[str], folder: Path | None, expected: int = 0) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == expected, done.stderr
    return done.stdout


@functools.cache
def _can_mount() -> bool:
    if not sys.platform.startswith("linux") or shutil.which("unshare") is None:
        return False
    trial = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs none /mnt"]
    return subprocess.run(trial, capture_output=True, check=False, timeout=20).returncode == 0
