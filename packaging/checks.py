"""Every check and test, one after the other, with one line at the end that says how many passed and failed.

    .venv/bin/python packaging/checks.py               everything
    .venv/bin/python packaging/checks.py ARGUMENT ...  only pytest, with these arguments

Runs to the end whatever fails. The tests run offscreen; those that need a real window start their own X server.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

ROOT: Final = Path(__file__).resolve().parent.parent
PYTHON: Final = sys.executable
TOOLS: Final = Path(sys.executable).parent

STATIC: Final = (
    ("ruff check", [str(TOOLS / "ruff"), "check", "."]),
    ("ruff format", [str(TOOLS / "ruff"), "format", "--check", "--quiet", "."]),
    ("import directions", [str(TOOLS / "lint-imports"), "--no-cache"]),
    ("dependencies", [PYTHON, str(ROOT / "packaging" / "check_dependencies.py")]),
    ("types", [PYTHON, "-m", "mypy"]),
)
FOLDERS: Final = ("architecture", "packaging", "unit", "contract", "ui", "e2e", "visual")
LIMIT_S: Final = 2400
"""Longest time for one run of pytest; a healthy one takes a few minutes."""
MOST_UNSTEADY: Final = 5
"""More failures than this are no accident of a busy computer."""

IN_PARALLEL: Final = ["-n", str(min(os.cpu_count() or 1, 4))]


@dataclass
class Outcome:
    """What one step came to: numbers of checks or tests, and how long it took."""

    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    unsteady: int = 0


def run_static(name: str, command: Sequence[str]) -> Outcome:
    """Run one check that either holds or does not."""
    print(f"\n── {name}", flush=True)
    start = time.monotonic()
    done = subprocess.run(list(command), cwd=ROOT, stdin=subprocess.DEVNULL, check=False)
    holds = done.returncode == 0
    print("holds" if holds else f"does not hold (exit code {done.returncode})", flush=True)
    return Outcome(name, passed=int(holds), failed=int(not holds), seconds=time.monotonic() - start)


def run_pytest(name: str, arguments: Sequence[str]) -> Outcome:
    """Run pytest and count what it says."""
    print(f"\n── {name}", flush=True)
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [PYTHON, "-m", "pytest", f"--junit-xml={report}", *arguments]
        code = _run_limited(command)
        outcome = _read_report(name, report)
    outcome.seconds = time.monotonic() - start
    if code != 0 and outcome.failed == 0:
        # Nothing collected, a crash, an error outside any test, or too slow.
        print(f"{name}: pytest ended with {code}", flush=True)
        outcome.failed = 1
    return outcome


def run_pytest_steadily(name: str, arguments: Sequence[str]) -> Outcome:
    """Run pytest, and the few tests that failed beside others once more by themselves.

    A test that fails again fails. One that passes then is unsteady: it is named and counted as that, to be mended, but
    a busy computer alone does not make a run fail.
    """
    outcome = run_pytest(name, [*arguments, *IN_PARALLEL])
    if not 0 < outcome.failed <= MOST_UNSTEADY:
        return outcome
    retried = [*arguments, "--last-failed", "--last-failed-no-failures=none"]
    again = run_pytest(f"{name}: what failed, by itself", retried)
    if again.failed or not again.passed:
        return outcome
    outcome.passed += again.passed
    outcome.failed, outcome.unsteady = 0, again.passed
    outcome.seconds += again.seconds
    return outcome


def _run_limited(command: Sequence[str]) -> int:
    is_posix = os.name == "posix"
    with subprocess.Popen(list(command), cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=is_posix) as process:
        try:
            return process.wait(LIMIT_S)
        except BaseException as error:
            if is_posix:
                os.killpg(process.pid, signal.SIGKILL)  # the workers of pytest too
            else:
                process.kill()
            if isinstance(error, subprocess.TimeoutExpired):
                print(f"stopped after {LIMIT_S} s", flush=True)
                return 124
            raise


def _read_report(name: str, report: Path) -> Outcome:
    try:
        # Our own pytest wrote it.
        suites = list(ElementTree.parse(report).getroot().iter("testsuite"))  # noqa: S314
    except (OSError, ElementTree.ParseError):
        return Outcome(name)
    total, failed, errors, skipped = (
        sum(int(suite.get(key, "0")) for suite in suites) for key in ("tests", "failures", "errors", "skipped")
    )
    return Outcome(name, max(total - failed - errors - skipped, 0), failed + errors, skipped)


def run_everything() -> list[Outcome]:
    """Run the checks, the unit tests as on a computer without Qt, and then every other test."""
    outcomes = [run_static(name, command) for name, command in STATIC]
    hidden = ["tests/unit", "-p", "no:pytest-qt", "--without-qt"]
    outcomes.append(run_pytest_steadily("unit tests without Qt", [*hidden, "-q"]))
    folders = [f"tests/{folder}" for folder in FOLDERS if folder != "unit"]
    outcomes.append(run_pytest_steadily("all other tests", [*folders, "-q"]))
    return outcomes


def main(arguments: Sequence[str]) -> int:
    outcomes = [run_pytest("tests", arguments)] if arguments else run_everything()
    print("\n── summary")
    for one in outcomes:
        counts = f"{one.passed:5} passed {one.failed:4} failed {one.skipped:4} skipped"
        unsteady = f"  {one.unsteady} unsteady" if one.unsteady else ""
        print(f"{one.name:24} {counts}  {one.seconds:6.1f} s{unsteady}")
    passed, failed, skipped = (sum(getattr(one, key) for one in outcomes) for key in ("passed", "failed", "skipped"))
    print(f"\n{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
