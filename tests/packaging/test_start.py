"""The start script's own decisions, its words when something is missing, and how tests are counted."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import checks
import start
import system_packages
from environment import Environment
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


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put an apt in the way that installs nothing and writes down what it was asked for."""
    folder, log = tmp_path / "programs", tmp_path / "asked"
    folder.mkdir()
    scripts = {
        "apt-get": f'echo "$@" >> {log}',
        "apt-cache": '[ "$2" = libodd1t64 ]',
        # Asked for by whoever is not root: sudo -n COMMAND.
        "sudo": 'shift; exec "$@"',
    }
    for name, lines in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{lines}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    for name in ("env", "true"):
        (folder / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(folder))
    return log


@linux_only
def test_a_package_is_asked_for_by_the_name_that_it_has_here(apt: Path, capsys: pytest.CaptureFixture[str]) -> None:
    needs = [
        Need("libodd1", "libodd.so.1", later="libodd1t64"),
        Need("libeven2", "libeven.so.2", later="libeven2t64"),
        Need("libplain3", "libplain.so.3"),
    ]
    assert system_packages.install_missing(needs) is False
    update, install = apt.read_text(encoding="utf-8").splitlines()
    assert update.endswith("-qq update")
    assert install.endswith("install -y --no-install-recommends libodd1t64 libeven2 libplain3")
    assert "sudo apt-get install libodd1t64 libeven2 libplain3" in capsys.readouterr().err


@linux_only
def test_what_the_window_needs_does_not_hang_on_what_live_needs(apt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_packages, "WINDOW", (Need("libodd1", "libodd.so.1"),))
    monkeypatch.setattr(system_packages, "LIVE", (Need("libeven2", "libeven.so.2"),))
    monkeypatch.setattr(start, "hand_over", lambda command, _variables: len(command))
    monkeypatch.setenv("DISPLAY", ":0")
    prepared: list[str] = []
    monkeypatch.setattr(Environment, "set_up", lambda _self, kind: prepared.append(kind))
    assert start.run_program(Environment(apt.parent), []) == 3
    installed = [line.rpartition(" ")[2] for line in apt.read_text(encoding="utf-8").splitlines() if "install" in line]
    assert installed == ["libodd1", "libeven2"]
    monkeypatch.delenv("DISPLAY")
    assert start.run_program(Environment(apt.parent), ["doctor"]) == 4
    assert apt.read_text(encoding="utf-8").count("libeven2") == 1, "no window, no page"
    assert prepared == ["runtime", "runtime"]


@linux_only
def test_what_live_needs_is_what_its_browser_is_linked_with() -> None:
    found = importlib.util.find_spec("PySide6")
    assert found is not None
    assert found.origin is not None
    browser = Path(found.origin).parent / "Qt" / "lib" / "libQt6WebEngineCore.so.6"
    if not browser.exists() or not shutil.which("ldd"):
        pytest.skip("there is no QtWebEngine here, or no ldd")
    linked = subprocess.run(["ldd", str(browser)], capture_output=True, text=True, check=True).stdout
    assert [need.library for need in system_packages.LIVE if f"{need.library} " not in linked] == []


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
