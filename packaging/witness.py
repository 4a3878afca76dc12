"""The independent reader of Content Credentials, with which the tests look at what the program signs.

    python packaging/witness.py      install it into tests/witness/node_modules

It is an npm package, locked by tests/witness/package-lock.json with digests and without addresses. Only tests use it.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDER: Final = ROOT / "tests" / "witness"
LIMIT_S: Final = 300
_STAMP: Final = "faceswap-desktop.sha256"


def missing(folder: Path = FOLDER) -> str:
    """Return why the witness cannot be asked; empty where it can."""
    if shutil.which("node") is None:
        return "node is not installed"
    stamp = folder / "node_modules" / _STAMP
    if not stamp.is_file() or stamp.read_text(encoding="ascii") != _digest(folder):
        return "its package is not installed: python packaging/witness.py"
    return ""


def set_up(folder: Path = FOLDER) -> str:
    """Install the witness where it is missing; return why that did not work, empty where it did."""
    if not missing(folder):
        return ""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return "node and npm are not installed"
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        return f"npm does not run: {error}"
    if done.returncode:
        return f"npm said: {''.join(done.stderr.strip().splitlines()[-1:]) or f'exit code {done.returncode}'}"
    (folder / "node_modules" / _STAMP).write_text(_digest(folder), encoding="ascii")
    return missing(folder)


def _digest(folder: Path) -> str:
    return hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()


def main() -> int:
    reason = set_up()
    print(f"The witness is not there: {reason}." if reason else "The witness is there.")
    return 1 if reason else 0


if __name__ == "__main__":
    sys.exit(main())
