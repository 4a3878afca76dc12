"""A canvas on the screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from faceswap_desktop.ui.canvas.canvas import Canvas
from faceswap_desktop.ui.theme.manager import ThemeManager


@pytest.fixture
def canvas(qtbot: QtBot, theme: ThemeManager) -> Iterator[Canvas]:
    """Return a canvas of 800 × 600 pixels that has the keyboard."""
    made = Canvas()
    made.setAccessibleName("Picture")
    qtbot.addWidget(made)
    made.resize(800, 600)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.setFocus()
    yield made
    made.close()
