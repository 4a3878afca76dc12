from pathlib import Path

import pytest

from faceswap_desktop import resources
from faceswap_desktop.resources import resource_path, resource_root


def test_a_checkout_has_its_files_beside_the_package() -> None:
    assert resource_path("samples", "grace_hopper.jpg").is_file()
    assert resource_root().name in {"resources", "_resources"}


def test_a_wheel_has_them_inside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "faceswap_desktop"
    monkeypatch.setattr(resources, "_PACKAGE", package)
    assert resource_path("samples") == tmp_path / "resources" / "samples"
    (package / "_resources").mkdir(parents=True)
    assert resource_path("samples") == package / "_resources" / "samples"
