"""The window of tests/ui, and pictures of it that are compared with references."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from PySide6.QtGui import QImage

from tests.ui import conftest as ui

REFERENCES: Final = Path(__file__).parent / "references"
FAILED: Final = Path(__file__).parent / "failed"
"""What a picture was like that differs from its reference, and where it differs in white; not in the repository."""

LEVELS: Final = 1
"""By so much may each channel of a pixel differ."""
SHARE: Final = 0.005
"""So many of the pixels may differ by more."""

home, theme, notifications = ui.home, ui.theme, ui.notifications
program, context, window = ui.program, ui.context, ui.window

Pixels = npt.NDArray[np.uint8]
Compare = Callable[[str, QImage], None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Compare on Linux only: elsewhere letters are drawn by other means."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore(*ui._UNAVOIDABLE, extend=True))
            item.add_marker(pytest.mark.skipif(not sys.platform.startswith("linux"), reason="pictures are Linux's"))


@pytest.fixture
def differences(request: pytest.FixtureRequest) -> list[str]:
    """Return a list that has to be empty at the end of the test; with it all pictures of a test are compared."""
    return []


@pytest.fixture
def compare(request: pytest.FixtureRequest, differences: list[str]) -> Compare:
    """Return a function that compares a picture with the reference of that name, or makes it the reference."""
    is_update = bool(request.config.getoption("--update-snapshots"))

    def check(name: str, image: QImage) -> None:
        shown = pixels_of(image)
        reference = REFERENCES / f"{name}.png"
        if is_update:
            if not reference.is_file() or share_of_difference(shown, read(reference)) > 0:
                save(shown, reference)
            return
        if not reference.is_file():
            save(shown, FAILED / f"{name}.png")
            differences.append(f"{name} has no reference; make it with --update-snapshots and look at it")
            return
        wanted = read(reference)
        share = share_of_difference(shown, wanted)
        if share > SHARE:
            save(shown, FAILED / f"{name}.png")
            if shown.shape == wanted.shape:
                save(where_different(shown, wanted).astype(np.uint8) * 255, FAILED / f"{name}-difference.png")
            differences.append(f"{name} differs in {share:.2%} of its pixels; look at {FAILED / name}.png")

    return check


def pixels_of(image: QImage) -> Pixels:
    """Return a picture as height × width × RGB."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : plain.width() * 3].reshape(plain.height(), plain.width(), 3).copy()


def read(path: Path) -> Pixels:
    """Read a reference."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def save(pixels: Pixels, path: Path) -> None:
    """Write a picture, as small as PNG can."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, optimize=True)


def where_different(one: Pixels, other: Pixels) -> npt.NDArray[np.bool_]:
    """Return which pixels differ by more than a level, as height × width."""
    apart = np.abs(one.astype(np.int16) - other.astype(np.int16)).max(axis=2)
    different: npt.NDArray[np.bool_] = apart > LEVELS
    return different


def share_of_difference(one: Pixels, other: Pixels) -> float:
    """Return the share of pixels that differ by more than a level; 1 if the sizes do."""
    return 1.0 if one.shape != other.shape else float(where_different(one, other).mean())
