"""Help: keys, licences, diagnostics, messages."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QListWidget, QPlainTextEdit, QPushButton, QScrollArea

from faceswap_desktop.compose import Program
from faceswap_desktop.ui.help.licences import read_licences
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.notifications import Notifications
from tests.ui.conftest import until


def listed(window: MainWindow) -> list[str]:
    area = window.findChild(QScrollArea, "help-shortcuts")
    assert isinstance(area, QScrollArea)
    inside = area.widget()
    assert inside is not None
    return [label.text() for label in inside.findChildren(QLabel)]


async def test_every_key_is_listed_and_can_be_found(window: MainWindow) -> None:
    window.show_page("live")
    window.show_page("help", "shortcuts")
    texts = listed(window)
    for spec in window.table.specs():
        if spec.shortcut:
            assert spec.text.removesuffix("…") in texts
    search = window.findChild(QLineEdit, "help-search")
    assert isinstance(search, QLineEdit)
    search.setText("palette")
    search.returnPressed.emit()
    assert "Command palette" in listed(window)
    assert "Quit" not in listed(window)
    search.setText("xyzzy")
    search.returnPressed.emit()
    assert "Nothing fits. Try fewer letters." in listed(window)


def test_licences_of_everything_that_is_used_are_there() -> None:
    licences = {licence.title.split(" ")[0].lower(): licence for licence in read_licences()}
    assert "Apache License" in licences["faceswap"].text
    for name in ("pyside6-essentials", "numpy", "pillow", "onnxruntime", "qasync", "inter"):
        wanted = next((key for key in licences if key.replace("_", "-") == name), None)
        assert wanted, f"{name} is missing: {sorted(licences)}"
        assert licences[wanted].terms or licences[wanted].text


async def test_licences_are_read_when_they_are_looked_at(window: MainWindow) -> None:
    window.show_page("help")
    works = window.findChild(QListWidget, "licences-list")
    text = window.findChild(QPlainTextEdit, "licences-text")
    assert isinstance(works, QListWidget)
    assert isinstance(text, QPlainTextEdit)
    assert works.count() == 0
    window.show_page("help", "licences")
    await until(lambda: works.count() > 5, 20)
    assert "Apache License" in text.toPlainText()


async def test_messages_can_be_read_again(window: MainWindow, notifications: Notifications) -> None:
    notifications.info("one thing")
    window.show_page("help", "messages")
    notifications.info("another thing")
    messages = window.findChild(QListWidget, "help-messages")
    assert isinstance(messages, QListWidget)
    assert [messages.item(row).text() for row in range(messages.count())] == ["another thing", "one thing"]


@pytest.mark.allow_logs
async def test_a_diagnostics_file_is_made(
    window: MainWindow, program: Program, notifications: Notifications, tmp_path: Path
) -> None:
    await program.pool.start()
    window.show_page("help", "troubles")
    button = window.findChild(QPushButton, "help-diagnostics")
    assert isinstance(button, QPushButton)
    button.click()
    await until(lambda: window.findChild(QFileDialog))
    dialog = window.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    target = tmp_path / "report.zip"
    dialog.filesSelected.emit([str(target)])
    dialog.done(QFileDialog.DialogCode.Accepted)
    await until(target.exists, 60)
    await until(lambda: notifications.history and "report.zip is written" in notifications.history[-1].text)
    with zipfile.ZipFile(target) as archive:
        assert "self-test.json" in archive.namelist()
        assert str(tmp_path) not in archive.read("log.txt").decode()


async def test_the_log_is_shown_or_missed_in_words(window: MainWindow, notifications: Notifications) -> None:
    window.show_page("help", "troubles")
    button = window.findChild(QPushButton, "help-show-log")
    assert isinstance(button, QPushButton)
    button.click()
    await until(lambda: notifications.history)
    assert notifications.history[-1].text == "faceswap.log is not there any more."
