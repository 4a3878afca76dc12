"""The start script's own decisions, its words when something is missing, and how tests are counted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import checks
import start
import system_packages
from system_packages import Need

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays and apt are Linux's")


@linux_only
@pytest.mark.parametrize(
    ("variables", "expected"),
    [({}, False), ({"DISPLAY": ":0"}, True), ({"WAYLAND_DISPLAY": "wayland-0"}, True), ({"DISPLAY": ""}, False)],
)
def test_a_display_is_told_by_the_session(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], *, expected: bool
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert start.has_display() is expected


def test_what_is_started_may_write_bytecode_and_sees_no_foreign_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("FACESWAP_HOME", "/kept")
    variables = start.child_environment()
    assert "PYTHONDONTWRITEBYTECODE" not in variables
    assert "PYTHONPATH" not in variables
    assert variables["FACESWAP_HOME"] == "/kept"


def test_help_needs_no_set_up() -> None:
    script = Path(start.__file__)
    done = subprocess.run([sys.executable, str(script), "--help"], capture_output=True, text=True, check=True)
    assert "start.py test" in done.stdout


@linux_only
def test_what_is_missing_is_said_where_it_cannot_be_installed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # no apt-get, no sudo
    needs = [Need("libodd1", "libodd.so.1"), Need("oddprogram", program="oddprogram")]
    assert system_packages.install_missing(needs) is False
    told = capsys.readouterr().err
    assert "libodd.so.1, oddprogram (on Debian: libodd1 oddprogram)" in told
    assert "Going on without them" in told


@linux_only
def test_what_is_there_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "oddprogram"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    # Every Linux that runs Python has a C library; it goes by one of these names.
    is_found = [system_packages.install_missing([Need("oddprogram", program="oddprogram")])]
    assert is_found == [True]
    libraries = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=False).stdout
    if "libc.so.6 " in libraries:
        assert system_packages.install_missing([Need("libc6", "libc.so.6")]) is True


def test_passed_failed_and_skipped_are_counted(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = (
        "import pytest\n"
        "def test_good(): pass\n"
        "def test_also_good(): pass\n"
        "def test_bad(): assert 0\n"
        "@pytest.fixture\n"
        "def broken(): raise OSError\n"
        "def test_error(broken): pass\n"
        "@pytest.mark.skip\n"
        "def test_later(): pass\n"
    )
    (tmp_path / "test_it.py").write_text(source, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    arguments = ["-c", str(tmp_path / "pytest.ini"), "-p", "no:pytest-qt", "-p", "no:cacheprovider", str(tmp_path)]
    outcome = checks.run_pytest("it", arguments)
    assert (outcome.passed, outcome.failed, outcome.skipped) == (2, 2, 1)
    assert "2 passed, 1 skipped" in capfd.readouterr().out.replace("1 failed, ", "")


def test_a_run_without_any_test_counts_as_failed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    outcome = checks.run_pytest("it", ["-c", str(tmp_path / "pytest.ini"), "-p", "no:pytest-qt", str(tmp_path)])
    assert (outcome.passed, outcome.failed) == (0, 1)
    assert "pytest ended with 5" in capfd.readouterr().out


@pytest.mark.parametrize("always", [False, True])
def test_what_fails_beside_others_is_tried_by_itself(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, always: bool
) -> None:
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    source = (
        "import os\n"
        "def test_good(): pass\n"
        "def test_busy(): assert 'PYTEST_XDIST_WORKER' not in os.environ\n"
        f"def test_bad(): assert not {always}\n"
    )
    (tmp_path / "test_it.py").write_text(source, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    arguments = ["-c", str(tmp_path / "pytest.ini"), "-p", "no:pytest-qt", str(tmp_path)]
    outcome = checks.run_pytest_steadily("it", arguments)
    assert (outcome.passed, outcome.failed, outcome.unsteady) == ((1, 2, 0) if always else (3, 0, 1))
    assert "it: what failed, by itself" in capfd.readouterr().out


def test_every_folder_with_tests_is_run() -> None:
    found = {path.relative_to(checks.ROOT / "tests").parts[0] for path in (checks.ROOT / "tests").rglob("test_*.py")}
    assert sorted(checks.FOLDERS) == sorted(found)
