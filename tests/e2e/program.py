"""The real program as a process, on a home folder of the test's own."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil

ROOT: Final = Path(__file__).parents[2]
SAMPLES: Final = ROOT / "resources" / "samples"
COLLINS: Final = SAMPLES / "eileen_collins.png"
HOPPER: Final = SAMPLES / "grace_hopper.jpg"
LIMIT_S: Final = 120
"""Nothing here takes a tenth of it; a program that hangs is ended and the test fails."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as the one JSON value that it has to be."""
        return json.loads(self.out)


def run(home: Path, *arguments: str | Path, module: str = "faceswap_desktop", **environment: str) -> Ended:
    """Run a command to its end.

    Args:
        home: Its home folder.
        arguments: The command.
        module: The program, or one that stands for it.
        environment: Variables beside the test's own.
    """
    done = subprocess.run(
        [sys.executable, "-m", module, "--home", str(home), *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=LIMIT_S,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def start(home: Path, *arguments: str | Path, module: str = "faceswap_desktop") -> subprocess.Popen[str]:
    """Start a command, or the window, and leave it running."""
    return subprocess.Popen(
        [sys.executable, "-m", module, "--home", str(home), *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def end(process: subprocess.Popen[str], how: signal.Signals = signal.SIGTERM) -> int:
    """Ask a process to end, and wait until it has; its output is read so that it cannot block."""
    process.send_signal(how)
    process.communicate(timeout=LIMIT_S)
    return process.returncode


def children_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Return the worker processes and whatever else a program started."""
    return psutil.Process(process.pid).children(recursive=True)


def all_gone(processes: Sequence[psutil.Process]) -> bool:
    """Wait until none of them runs any more, and say whether that came true."""
    _, alive = psutil.wait_procs(processes, timeout=20)
    return not alive


def job_states(home: Path) -> list[str]:
    """Read the states of all jobs past the program, as any reader of the file could."""
    database = home / "faceswap.sqlite3"
    if not database.exists():
        return []
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)
    try:
        return [state for (state,) in connection.execute("SELECT state FROM jobs ORDER BY created_at")]
    except sqlite3.OperationalError:
        return []
    finally:
        connection.close()


def wait_for(condition: Any, what: str) -> None:
    """Wait until something is true.

    Raises:
        AssertionError: It did not come true in time.
    """
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen"
        time.sleep(0.01)
