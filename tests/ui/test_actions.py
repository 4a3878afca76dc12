"""The action table: one list from which menus, shortcuts and states are made."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow, QMenu
from pytestqt.qtbot import QtBot

from faceswap_desktop.ui.actions import ActionSpec, ActionTable, Menu
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.notifications import Notifications
from tests.ui.conftest import until


@pytest.fixture
def bare(qtbot: QtBot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def table(bare: QMainWindow, notifications: Notifications) -> ActionTable:
    made = ActionTable(bare, lambda: Tasks(bare, notifications))
    made.build_menus(bare.menuBar())
    return made


def spec(action_id: str, run: Callable[..., object] = lambda: None, **more: object) -> ActionSpec:
    return ActionSpec(id=action_id, text=action_id.title(), run=run, **more)  # type: ignore[arg-type]


def shown_menus(window: QMainWindow) -> list[str]:
    return [action.text() for action in window.menuBar().actions() if action.isVisible()]


def test_a_trigger_runs_it(table: ActionTable) -> None:
    calls: list[str] = []
    table.add([spec("a.one", lambda: calls.append("one"))])
    table.trigger("a.one")
    assert calls == ["one"]


def test_a_switch_is_told_its_state(table: ActionTable) -> None:
    states: list[bool] = []
    table.add([spec("a.switch", states.append, checkable=True, is_checked=True)])
    table.trigger("a.switch")
    table.trigger("a.switch")
    table.set_checked("a.switch", False)
    assert states == [False, True]
    assert not table.action("a.switch").isChecked()


def test_what_is_disabled_does_nothing(table: ActionTable) -> None:
    calls: list[str] = []
    table.add([spec("a.one", lambda: calls.append("one"), is_enabled=False)])
    table.trigger("a.one")
    assert calls == []
    assert not table.is_available("a.one")
    table.set_enabled("a.one", True)
    table.trigger("a.one")
    assert calls == ["one"]


async def test_a_coroutine_disables_its_action_until_it_is_over(table: ActionTable) -> None:
    gate, calls = asyncio.Event(), []

    async def work() -> None:
        calls.append("begun")
        await gate.wait()

    table.add([spec("a.work", work)])
    table.trigger("a.work")
    await until(lambda: calls)
    assert not table.action("a.work").isEnabled()
    table.trigger("a.work")
    table.set_enabled("a.work", True)
    assert not table.action("a.work").isEnabled(), "enabling does not start it a second time"
    gate.set()
    await until(table.action("a.work").isEnabled)
    assert calls == ["begun"]


async def test_what_fails_is_enabled_again(table: ActionTable, notifications: Notifications) -> None:
    from faceswap_desktop.domain.errors import InputRefused
    from faceswap_desktop.domain.messages import message

    async def work() -> None:
        raise InputRefused(message("{name} will not do.", name="a.png"))

    table.add([spec("a.work", work)])
    table.trigger("a.work")
    await until(lambda: notifications.history)
    assert notifications.history[-1].text == "a.png will not do."
    assert table.action("a.work").isEnabled()


def test_two_of_one_name_are_a_mistake(table: ActionTable) -> None:
    table.add([spec("a.one")])
    with pytest.raises(ValueError, match="two actions"):
        table.add([spec("a.one")])


def test_actions_of_a_page_are_there_on_that_page_only(table: ActionTable, bare: QMainWindow) -> None:
    table.add([spec("a.file", menu=Menu.FILE)])
    table.add([spec("a.job", menu=Menu.JOBS)], page="gallery")
    assert shown_menus(bare) == ["&File"]
    assert not table.action("a.job").isEnabled()
    table.show_page("gallery")
    assert shown_menus(bare) == ["&File", "&Jobs"]
    assert table.action("a.job").isEnabled()
    table.show_page("studio")
    assert shown_menus(bare) == ["&File"]
    assert table.is_available("a.job"), "the palette goes to its page first"


def test_groups_are_kept_apart_by_lines(table: ActionTable, bare: QMainWindow) -> None:
    table.add(
        [spec("a.last", menu=Menu.EDIT, group=9), spec("a.first", menu=Menu.EDIT), spec("a.next", menu=Menu.EDIT)]
    )
    menu = next(action.menu() for action in bare.menuBar().actions() if action.text() == "&Edit")
    assert isinstance(menu, QMenu)
    assert [action.text() or "—" for action in menu.actions()] == ["A.First", "A.Next", "—", "A.Last"]


def test_a_shortcut_works_in_the_window_but_leaves_letters_to_text_fields(
    table: ActionTable, bare: QMainWindow, qtbot: QtBot
) -> None:
    calls: list[str] = []
    table.add(
        [spec("a.letter", lambda: calls.append("l"), shortcut="L"), spec("a.keys", shortcut="Ctrl+Shift+Z; Ctrl+Y")]
    )
    field = QLineEdit()
    bare.setCentralWidget(field)
    bare.activateWindow()
    qtbot.waitUntil(bare.isActiveWindow)
    bare.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    bare.setFocus()
    qtbot.keyClick(bare, Qt.Key.Key_L)
    assert calls == ["l"]
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_L)
    assert calls == ["l"]
    assert field.text() == "l"
    assert [keys.toString() for keys in table.action("a.keys").shortcuts()] == ["Ctrl+Shift+Z", "Ctrl+Y"]


async def test_no_two_actions_that_are_there_at_once_share_a_key(window: MainWindow) -> None:
    for entry in window.entries:
        window.page(entry.id)
    taken: dict[tuple[str, str], str] = {}
    clashes = []
    for one in window.table.specs():
        for keys in one.key_sequences:
            for page in [one.page] if one.page else ["", *(entry.id for entry in window.entries)]:
                other = taken.setdefault((page, keys.toString()), one.id)
                if other != one.id:
                    clashes.append(f"{keys.toString()}: {other} and {one.id} on {page or 'every page'}")
    assert clashes == []


async def test_every_action_has_words_and_the_palette_offers_it(window: MainWindow) -> None:
    for one in window.table.specs():
        assert one.text.strip(), one.id
        assert one.text[0].isupper(), one.text
        assert one.in_palette or one.id == "edit.palette", one.id


async def test_undo_and_redo_follow_the_page_s_stack(window: MainWindow, qapp: QApplication) -> None:
    from PySide6.QtGui import QUndoCommand, QUndoStack

    stack = QUndoStack(window)
    window.undo_group.addStack(stack)
    window.undo_group.setActiveStack(stack)
    assert not window.table.action("edit.undo").isEnabled()
    stack.push(QUndoCommand("pair face 2"))
    assert window.table.action("edit.undo").text() == "Undo pair face 2"
    window.table.trigger("edit.undo")
    assert not stack.canUndo()
    assert window.table.action("edit.redo").isEnabled()
    assert window.table.action("edit.undo").text() == "Undo"
