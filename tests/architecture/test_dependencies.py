"""Declared, locked and imported: the three lists agree, and the check that says so can say no."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import check_dependencies
import lock
from tests.architecture.source import ROOT

LOCKS = ("runtime", "dev")


def test_each_dependency_is_used_and_nothing_else_is_imported() -> None:
    assert check_dependencies.problems() == []


def _tree(root: Path, *, package: str, declared: str = '"numpy>=2"', runtime_in: str = "numpy>=2") -> Path:
    for folder in ("faceswap_desktop", "packaging", "requirements", "tests"):
        (root / folder).mkdir()
    (root / "pyproject.toml").write_text(f"[project]\ndependencies = [{declared}]\n", encoding="utf-8")
    (root / "requirements" / "runtime.in").write_text(f"# why\n{runtime_in}\n", encoding="utf-8")
    tools = "\n".join(check_dependencies.TOOLS)
    (root / "requirements" / "dev.in").write_text(f"-r runtime.in\n{tools}\n", encoding="utf-8")
    (root / "faceswap_desktop" / "a.py").write_text(package, encoding="utf-8")
    return root


def test_a_tidy_tree_has_no_problems(tmp_path: Path) -> None:
    package = "import sys\nfrom faceswap_desktop import b\ndef f():\n    import numpy.linalg\n"
    assert check_dependencies.problems(_tree(tmp_path, package=package)) == []


@pytest.mark.parametrize(
    ("package", "declared", "runtime_in", "words"),
    [
        ("import numpy\nimport scipy\n", '"numpy>=2"', "numpy>=2", "imports scipy, which is not declared"),
        ("import json\n", '"numpy>=2"', "numpy>=2", "numpy is declared but nothing"),
        ("import numpy\n", '"numpy>=2"', "numpy>=2\nrich", "differ: rich"),
        ("import numpy, importlib\nimportlib.import_module('cv2')\n", '"numpy>=2"', "numpy>=2", "imports cv2"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, package: str, declared: str, runtime_in: str, words: str) -> None:
    found = check_dependencies.problems(_tree(tmp_path, package=package, declared=declared, runtime_in=runtime_in))
    assert len(found) == 1
    assert words in found[0]


def test_names_are_compared_in_one_spelling() -> None:
    assert check_dependencies.canonical("PySide6-Essentials>=6.11.3,<6.12") == "pyside6-essentials"
    assert check_dependencies.canonical("jaraco.classes==3 ; python_version < '3.12'") == "jaraco-classes"


@pytest.mark.parametrize("name", LOCKS)
def test_locks_name_no_place(name: str) -> None:
    assert lock.addresses_in((ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "line", ["--index-url x", "-i x", "numpy @ file:///a/b.whl", "https://example.org/a.whl", "--find-links /a"]
)
def test_a_place_in_a_lock_is_seen(line: str) -> None:
    assert lock.addresses_in(f"numpy==2.0 \\\n    --hash=sha256:00\n{line}\n") == [line]


@pytest.mark.parametrize("name", LOCKS)
def test_locks_hold_every_name_with_version_and_digest(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    assert all(re.match(r"\S+==\S+", entry) and "--hash=sha256:" in entry for entry in entries)
    locked = {check_dependencies.canonical(entry) for entry in entries}
    wanted = check_dependencies.declared_in(ROOT / "requirements" / "runtime.in")
    if name == "dev":
        wanted |= check_dependencies.declared_in(ROOT / "requirements" / "dev.in")
    assert wanted <= locked


def test_both_locks_agree() -> None:
    runtime, dev = (
        set(re.findall(r"^\S+==\S+", (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8"), re.MULTILINE))
        for name in LOCKS
    )
    assert runtime <= dev


def test_the_lines_in_pyproject_and_runtime_in_are_the_same() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "requirements" / "runtime.in").read_text(encoding="utf-8").splitlines()
    assert sorted(project["dependencies"]) == sorted(line for line in lines if line and not line.startswith("#"))


def test_every_dependency_has_a_reason_on_record() -> None:
    table = (ROOT / "docs" / "decisions" / "0004-dependencies.md").read_text(encoding="utf-8").lower()
    declared = check_dependencies.declared_runtime() | check_dependencies.declared_in(ROOT / "requirements" / "dev.in")
    assert [name for name in sorted(declared) if f"| {name} |" not in table] == []
