from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.storage.failures import storage_error
from faceswap_desktop.storage.paths import Home
from tests.unit.storage.processes import on_a_disk, output_of, without_privileges

CREATE = """
import sys
from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.storage.paths import Home
try:
    Home.find(sys.argv[1]).create()
except StorageError as error:
    print(error.kind, error.message.text(), error.hint.text(), sep="|")
else:
    print("made")
"""


def test_the_named_home_wins_over_the_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FACESWAP_HOME", str(tmp_path / "variable"))
    assert Home.find(str(tmp_path / "named")).root == tmp_path / "named"
    assert Home.find(None).root == tmp_path / "variable"


def test_everything_of_a_named_home_lies_below_it(tmp_path: Path) -> None:
    home = Home.find(str(tmp_path / "one"))
    home.create()
    places = [getattr(home, name) for name in dir(Home) if isinstance(getattr(Home, name), property)]
    assert len(places) >= 14
    assert all(home.root in place.parents or place == home.root for place in places)


def test_without_a_name_the_platform_says_where(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FACESWAP_HOME", "")
    for variable in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    home = Home.find()
    if sys.platform == "linux":
        assert home.database == tmp_path / "XDG_DATA_HOME/faceswap-desktop/faceswap.sqlite3"
        assert home.settings_file == tmp_path / "XDG_CONFIG_HOME/faceswap-desktop/settings.toml"
        assert home.thumbnails_folder == tmp_path / "XDG_CACHE_HOME/faceswap-desktop/thumbnails"
    assert home.cache_folder not in home.results_folder.parents, "clearing the cache must not reach results"


def test_a_relative_home_does_not_move_with_the_working_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    home = Home.find("here")
    monkeypatch.chdir("/")
    assert home.root == tmp_path / "here"


def test_tilde_is_the_users_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert Home.find("~/swaps").root == tmp_path / "swaps"


ODD_NAMES = ["with space", "quote'and\"double", "100% #1?&=;", "名前 имя نام", "😀", "e\u0301", "-rf", ".hidden."]
if os.name == "posix":
    ODD_NAMES += ["new\nline", "back\\slash", os.fsdecode(b"no \xff text")]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_any_name_will_do(tmp_path: Path, name: str) -> None:
    home = Home.find(str(tmp_path / name))
    home.create()
    home.create()
    assert home.held_folder.is_dir()
    assert home.scratch_folder.is_dir()
    assert home.root.parent == tmp_path
    assert not list(home.root.glob(".write-test-*"))


@pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")
def test_other_users_cannot_look_into_a_new_home(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.create()
    assert home.root.stat().st_mode & 0o077 == 0


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("mine")
    with pytest.raises(StorageError) as raised:
        Home(tmp_path / "home").create()
    assert raised.value.kind == "not-a-folder"
    assert str(tmp_path / "home") in raised.value.message.text()
    assert (tmp_path / "home").read_text() == "mine"


@pytest.mark.parametrize("exists", [True, False])
def test_a_home_without_permission(tmp_path: Path, exists: bool) -> None:
    before = without_privileges()
    folder = tmp_path / "locked"
    home = folder / "home"
    folder.mkdir()
    if exists:
        Home(home).create()
        home.chmod(0o500)
    folder.chmod(0o500)
    try:
        said = output_of(CREATE, home, before=before)
    finally:
        folder.chmod(0o700)
    assert said.startswith("permission|")
    assert f"may not write to “{home}" in said
    assert "--home" in said


def test_a_read_only_disk(tmp_path: Path) -> None:
    said = output_of(CREATE, tmp_path, before=on_a_disk(tmp_path, 64, 'mount -o remount,ro "$0"'))
    assert said.startswith("read-only|")
    assert "is read-only." in said


def test_a_full_disk(tmp_path: Path) -> None:
    fill = '{ head -c 200000 /dev/zero > "$0/filler" 2>/dev/null || true; }'
    said = output_of(CREATE, tmp_path, before=on_a_disk(tmp_path, 64, fill))
    assert said.startswith("disk-full|")
    assert "The disk is full" in said


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.ENOSPC, "disk-full", "The disk is full"),
        (errno.EDQUOT, "disk-full", "The disk is full"),
        (errno.EROFS, "read-only", "is read-only"),
        (errno.EACCES, "permission", "may not write"),
        (errno.EPERM, "permission", "may not write"),
        (errno.ENOTDIR, "not-a-folder", "needed as a folder"),
        (errno.ENOENT, "missing", "no longer there"),
        (errno.EIO, "io", "could not be read or written"),
    ],
)
def test_each_failure_has_its_sentence(number: int, kind: str, words: str) -> None:
    error = storage_error(OSError(number, os.strerror(number)), Path("/home/x/{braces}"))
    assert error.kind == kind
    assert words in error.message.text()
    assert "/home/x/{braces}" in error.message.text()
    assert error.exit_code == 3


def test_results_go_where_the_settings_say(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.results_folder_for("") == tmp_path / "results"
    assert home.results_folder_for(str(tmp_path / "mine")) == tmp_path / "mine"


def test_a_relative_results_folder_lies_in_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    home = Home(tmp_path / "home")
    assert home.results_folder_for("") == tmp_path / "home" / "results"
    assert home.results_folder_for("pictures/out") == tmp_path / "home" / "pictures" / "out"
    assert home.results_folder_for(str(tmp_path / "out")) == tmp_path / "out"
    assert home.results_folder_for("~nobody-of-that-name/out").is_absolute()
