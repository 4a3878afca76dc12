"""The command palette, by keyboard alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QLineEdit, QListView
from pytestqt.qtbot import QtBot

from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.palette import CommandModel, fuzzy_score


@pytest.mark.parametrize(
    ("query", "better", "worse"),
    [
        ("theme dark", "Theme: dark", "Theme: as the system"),
        ("of", "Open folder…", "Show proof"),
        ("quit", "Quit", "Queue it"),
        ("op", "Open files…", "Show on top"),
    ],
)
def test_the_better_fit_comes_first(query: str, better: str, worse: str) -> None:
    first = fuzzy_score(query, better)
    second = fuzzy_score(query, worse)
    assert first is not None
    assert second is None or first > second


def test_letters_must_come_in_order() -> None:
    assert fuzzy_score("tiuq", "Quit") is None
    assert fuzzy_score("", "Quit") is not None


async def test_the_model_keeps_qts_rules(window: MainWindow) -> None:
    model = CommandModel(window)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_specs(list(window.table.specs()), {"settings": "Settings"})
    model.set_query("theme")
    model.set_query("zzzz")
    model.set_query("")
    assert model.rowCount() == len(window.table.specs())
    tester.deleteLater()


def parts(window: MainWindow) -> tuple[QLineEdit, QListView]:
    query = window.findChild(QLineEdit, "palette-query")
    commands = window.findChild(QListView, "palette-list")
    assert isinstance(query, QLineEdit)
    assert isinstance(commands, QListView)
    return query, commands


async def test_type_choose_and_be_there(window: MainWindow, qtbot: QtBot) -> None:
    window.show_page("live")
    window.focus_page()
    window.table.trigger("edit.palette")
    query, commands = parts(window)
    assert query.hasFocus()
    qtbot.keyClicks(query, "sett")
    assert str(commands.currentIndex().data()) == "Settings"
    qtbot.keyClick(query, Qt.Key.Key_Return)
    assert window.current_page is window.page("settings")
    assert not query.isVisible()


async def test_arrows_go_round_and_escape_gives_the_keyboard_back(window: MainWindow, qtbot: QtBot) -> None:
    window.show_page("live")
    window.focus_page()
    before = window.focusWidget()
    assert before is not None
    window.open_palette()
    query, commands = parts(window)
    last = commands.model().rowCount() - 1
    qtbot.keyClick(query, Qt.Key.Key_Up)
    assert commands.currentIndex().row() == last
    qtbot.keyClick(query, Qt.Key.Key_Down)
    assert commands.currentIndex().row() == 0
    assert query.accessibleDescription()
    qtbot.keyClick(query, Qt.Key.Key_Escape)
    assert not query.isVisible()
    assert window.focusWidget() is before


async def test_an_action_of_another_page_is_done_there(window: MainWindow, qapp: QApplication) -> None:
    from faceswap_desktop.ui.actions import ActionSpec

    seen: list[str] = []
    window.page("live")
    spec = ActionSpec(id="live.try", text="Try", run=lambda: seen.append(str(window.current_page)))
    window.table.add([spec], page="live")
    window.show_page("settings")
    window.run_action("live.try")
    assert len(seen) == 1
    assert window.current_page is window.page("live")


async def test_what_cannot_be_done_is_not_offered(window: MainWindow) -> None:
    window.open_palette()
    _, commands = parts(window)
    model = commands.model()
    offered = {str(model.index(row, 0).data()) for row in range(model.rowCount())}
    assert "Undo" not in offered
    assert "Quit" in offered
