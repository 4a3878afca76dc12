"""The virtual environment, really made, with locks that hold no packages, so that nothing has to be fetched."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import environment


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A source folder with a space and a letter beyond ASCII in its path."""
    folder = tmp_path / "my programs é"
    (folder / "requirements").mkdir(parents=True)
    (folder / "faceswap_desktop").mkdir()
    (folder / "faceswap_desktop" / "__init__.py").write_text("PLACE = __file__\n", encoding="utf-8")
    for name in ("runtime", "dev"):
        (folder / "requirements" / f"{name}.txt").write_text("# nothing\n", encoding="utf-8")
    monkeypatch.setattr(environment, "WAIT_S", 0)
    monkeypatch.setattr(environment, "TRIES", 2)
    return folder


def _import_place(made: environment.Environment, folder: Path) -> Path:
    done = subprocess.run(
        [str(made.python), "-c", "import faceswap_desktop; print(faceswap_desktop.PLACE)"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return Path(done.stdout.strip())


def test_a_life_of_an_environment(root: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    made = environment.Environment(root)
    made.set_up("runtime")
    assert "Making a virtual environment" in capfd.readouterr().err
    # From any folder, not only from the source's.
    assert _import_place(made, tmp_path) == root / "faceswap_desktop" / "__init__.py"

    made.set_up("runtime")
    assert capfd.readouterr().err == "", "the second time there is nothing to do"

    made.set_up("dev")
    assert "(dev, " in capfd.readouterr().err
    made.set_up("runtime")
    assert capfd.readouterr().err == "", "what tests need holds what the program needs"

    (root / "requirements" / "runtime.txt").write_text("# changed\n", encoding="utf-8")
    made.set_up("runtime")
    told = capfd.readouterr().err
    assert "Installing" in told
    assert "Making" not in told, "a changed lock does not need a new environment"

    moved = root.with_name("moved")
    root.rename(moved)
    after = environment.Environment(moved)
    after.set_up("runtime")
    assert "was moved" in capfd.readouterr().err
    assert _import_place(after, tmp_path) == moved / "faceswap_desktop" / "__init__.py"


def test_an_interrupted_installation_is_done_again(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    made = environment.Environment(root)
    made.set_up("runtime")
    (root / "requirements" / "runtime.txt").write_text("no-such==1 --hash=sha256:" + "0" * 64 + "\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        # Nobody is asked: only this empty folder is looked in.
        (root / "wheels").mkdir()
        for tool in ("PIP", "UV"):
            patch.setenv(f"{tool}_NO_INDEX", "1")
            patch.setenv(f"{tool}_FIND_LINKS", str(root / "wheels"))
        with pytest.raises(environment.SetUpError, match="could not be installed"):
            made.set_up("runtime")
    told = capfd.readouterr().err
    assert f"({environment.TRIES} of {environment.TRIES})" in told
    (root / "requirements" / "runtime.txt").write_text("# nothing\n", encoding="utf-8")
    made.set_up("runtime")
    assert "Installing" in capfd.readouterr().err, "a failed installation leaves no stamp behind"


def test_an_environment_whose_python_is_gone_is_made_again(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    made = environment.Environment(root)
    made.set_up("runtime")
    made.python.unlink()
    made.python.symlink_to(root / "gone")
    capfd.readouterr()
    made.set_up("runtime")
    assert "its Python is gone" in capfd.readouterr().err


def test_it_works_without_uv(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "uv" else found(name))
    made = environment.Environment(root)
    made.set_up("runtime")
    assert (made.folder / environment.STAMP).is_file()


def test_a_file_in_the_way_is_left_alone(root: Path) -> None:
    (root / ".venv").write_text("mine", encoding="utf-8")
    with pytest.raises(environment.SetUpError, match="in the way"):
        environment.Environment(root).set_up("runtime")
    assert (root / ".venv").read_text(encoding="utf-8") == "mine"
