"""The wheel, built and tried: what lies beside the package in the source is packed into it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and return the folder that it is unpacked in."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("faceswap_desktop-*-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "site")
    return folder / "site"


def _run(site: Path, *arguments: str) -> str:
    variables = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=site, env=variables, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_resource_is_in_the_wheel(unpacked: Path) -> None:
    names = [path.relative_to(ROOT / "resources") for path in (ROOT / "resources").rglob("*") if path.is_file()]
    packed = unpacked / "faceswap_desktop" / "_resources"
    assert len(names) > 20
    assert [name for name in names if not (packed / name).is_file()] == []


def test_resources_are_found_from_the_wheel(unpacked: Path) -> None:
    script = "from faceswap_desktop.resources import resource_path; print(resource_path('samples', 'grace_hopper.jpg'))"
    place = Path(_run(unpacked, "-c", script).strip())
    assert place.is_relative_to(unpacked)
    assert place.read_bytes() == (ROOT / "resources" / "samples" / "grace_hopper.jpg").read_bytes()


def test_the_program_in_the_wheel_starts(unpacked: Path) -> None:
    from faceswap_desktop import __version__

    assert __version__ in _run(unpacked, "-m", "faceswap_desktop", "--version")


def test_licences_travel_with_the_wheel(unpacked: Path) -> None:
    (about,) = unpacked.glob("faceswap_desktop-*.dist-info")
    packed = {path.name for path in (about / "licenses").rglob("*") if path.is_file()}
    assert packed == {"LICENSE", "NOTICE", "OFL.txt"}


def test_commands_are_declared(unpacked: Path) -> None:
    (points,) = unpacked.glob("faceswap_desktop-*.dist-info/entry_points.txt")
    assert "faceswap-desktop = faceswap_desktop.__main__:main" in points.read_text(encoding="utf-8")
