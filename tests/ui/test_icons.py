"""Icons: one family, all of them paint something, none is missing."""

from __future__ import annotations

import gc
import re
from pathlib import Path
from typing import cast
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QImage
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

import faceswap_desktop.ui
from faceswap_desktop.resources import resource_path
from faceswap_desktop.ui.icons import APP_ICON, app_icon, icon, render_svg

UI = Path(faceswap_desktop.ui.__file__).parent
FILES = sorted(resource_path("icons").glob("*.svg"))
LINES = [path for path in FILES if path.stem != APP_ICON]


@pytest.mark.parametrize("path", LINES, ids=lambda path: path.stem)
def test_an_icon_belongs_to_the_family(path: Path) -> None:
    root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    assert root.get("viewBox") == "0 0 24 24"
    assert root.get("stroke") == "currentColor"
    assert root.get("stroke-width") == "1.75"
    assert "#" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_icon_paints_something_inside_its_frame(qapp: QApplication, path: Path) -> None:
    image = render_svg(path.stem, "#ff0000", QSize(96, 96)).convertToFormat(QImage.Format.Format_Alpha8)
    rows = [bytes(cast("memoryview[int]", image.constScanLine(y))[:96]) for y in range(96)]
    opaque = [(x, y) for y, row in enumerate(rows) for x, alpha in enumerate(row) if alpha > 128]
    assert len(opaque) > 80
    if path in LINES:
        assert all(2 <= x < 94 and 2 <= y < 94 for x, y in opaque), "it is cut off at the edge"


def test_names_used_in_the_code_have_files() -> None:
    used = set()
    for path in UI.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        used |= set(re.findall(r"""\bicon\(\s*"([a-z-]+)\"""", text))
        used |= set(re.findall(r"""\b(?:icon|icon_name)="([a-z-]+)\"""", text))
        used |= set(re.findall(r"""\b(?:IconButton|EmptyState)\(\s*"([a-z-]+)\"""", text))
    assert used
    assert used - {path.stem for path in FILES} == set()


def test_a_missing_icon_is_an_error(qapp: QApplication) -> None:
    with pytest.raises(FileNotFoundError):
        icon("no-such-icon")


def test_copies_outlive_the_python_object(qtbot: QtBot) -> None:
    button = QToolButton()
    qtbot.addWidget(button)
    for name in ("add", "close", "star"):
        button.setIcon(icon(name))
        gc.collect()
        assert not button.icon().pixmap(QSize(24, 24)).isNull()
    copy = QIcon(button.icon())
    button.setIcon(QIcon())
    gc.collect()
    assert not copy.pixmap(QSize(24, 24)).isNull()


def test_it_is_sharp_on_a_fine_screen(qapp: QApplication) -> None:
    pixmap = icon("studio").pixmap(QSize(20, 20), 2.0)
    assert pixmap.size() == QSize(40, 40)
    assert pixmap.devicePixelRatio() == 2.0


def test_the_program_has_an_icon_in_usual_sizes(qapp: QApplication) -> None:
    assert {size.width() for size in app_icon().availableSizes()} == {16, 32, 64, 256}
