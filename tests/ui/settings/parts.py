"""What the tests of the settings' cloud sections share."""

from __future__ import annotations

import tomllib
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget

from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.dialogs.questions import QuestionDialog
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.widgets.outcome import OutcomeRow
from tests.ui.conftest import until

KEY = "not-a-real-key-0123"
W = TypeVar("W", bound=QWidget)


def part(window: MainWindow, kind: type[W], name: str) -> W:
    """Return a part of the settings by its name."""
    found = window.findChild(kind, name)
    assert isinstance(found, kind), name
    return found


def button(window: MainWindow, name: str) -> QPushButton:
    return part(window, QPushButton, name)


def said(window: MainWindow, name: str) -> OutcomeRow:
    return part(window, OutcomeRow, name)


def label(window: MainWindow, name: str) -> str:
    return part(window, QLabel, name).text()


def enter(window: MainWindow, name: str, text: str) -> QLineEdit:
    """Type a text into a field and press Return."""
    field = part(window, QLineEdit, name)
    field.selectAll()
    if text:
        QTest.keyClicks(field, text)
    else:
        QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClick(field, Qt.Key.Key_Return)
    return field


async def opened(window: MainWindow, section: str) -> None:
    """Show a section and wait until it knows which keys are kept."""
    window.show_page("settings", section)
    page = window.page("settings")
    assert page is not None
    await until(lambda: not page.tasks.is_running(section))


async def answer(window: MainWindow, *, yes: bool) -> str:
    """Answer the question that comes, and return it."""
    await until(lambda: window.findChild(QuestionDialog))
    dialog = part(window, QuestionDialog, "question")
    title = dialog.windowTitle()
    (dialog.yes if yes else part(window, QPushButton, "question-no")).click()
    await until(lambda: window.findChild(QuestionDialog) is None)
    return title


def stored(context: AppContext) -> str:
    """Return the settings file as text; it has to be TOML."""
    path = context.home.settings_file
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    tomllib.loads(text)
    return text
