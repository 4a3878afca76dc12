"""How the independent reader of Content Credentials gets here."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import witness

LOCK = json.loads((witness.FOLDER / "package-lock.json").read_text(encoding="utf-8"))
NAMES = ("package.json", "package-lock.json")


def test_its_lock_has_digests_and_names_no_address() -> None:
    assert "://" not in (witness.FOLDER / "package-lock.json").read_text(encoding="utf-8")
    packages = {name: one for name, one in LOCK["packages"].items() if name}
    assert "node_modules/@contentauth/c2pa-wasm" in packages
    for one in packages.values():
        assert one["integrity"].startswith("sha512-")
        assert "resolved" not in one


def test_why_it_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        shutil.copy(witness.FOLDER / name, tmp_path / name)
    monkeypatch.setattr("shutil.which", lambda name: None if name == "npm" else f"/usr/bin/{name}")
    assert "not installed" in witness.missing(tmp_path)
    assert "npm" in witness.set_up(tmp_path)
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert witness.missing(tmp_path) == "node is not installed"


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_one_of_an_older_lock_is_not_taken(tmp_path: Path) -> None:
    for name in NAMES:
        shutil.copy(witness.FOLDER / name, tmp_path / name)
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "faceswap-desktop.sha256").write_text("0" * 64, encoding="ascii")
    assert "not installed" in witness.missing(tmp_path)


def test_what_npm_says_when_it_fails_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        shutil.copy(witness.FOLDER / name, tmp_path / name)
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'no network today' >&2\nexit 3\n", encoding="utf-8")
    npm.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda name: str(npm))
    assert witness.set_up(tmp_path) == "npm said: no network today"
