"""No nested event loops: under qasync they kill whatever task wakes meanwhile, and it never ends nor can be cancelled.

Dialogs are opened with ``open()`` and their ``finished`` is awaited; menus pop up with ``popup()``.
"""

from __future__ import annotations

import ast

import pytest

from tests.architecture.source import PACKAGE, called_name, calls_with_function, modules_in

STATIC_DIALOGS = {
    "QMessageBox": {"about", "aboutQt", "critical", "information", "question", "warning"},
    "QFileDialog": {
        "getExistingDirectory",
        "getExistingDirectoryUrl",
        "getOpenFileName",
        "getOpenFileNames",
        "getOpenFileUrl",
        "getOpenFileUrls",
        "getSaveFileName",
        "getSaveFileUrl",
    },
    "QInputDialog": {"getDouble", "getInt", "getItem", "getMultiLineText", "getText"},
    "QColorDialog": {"getColor"},
    "QFontDialog": {"getFont"},
}

MAY_PROCESS_EVENTS = {("app", "show_window")}
"""Before the loop runs: the window is painted before the rest is imported."""


def violations(name: str, tree: ast.Module) -> list[str]:
    """Return one line for each call that runs an event loop inside the event loop."""
    found = []
    room = name.partition("/")[0].removesuffix(".py")
    for call, function in calls_with_function(tree):
        owner, called = called_name(call)
        where = function.name if function is not None else "<module>"
        is_coroutine = isinstance(function, ast.AsyncFunctionDef)
        # The system runs a drag and a context menu's place by itself; both start from a plain event handler.
        is_plain_handler = not is_coroutine and (where == "contextMenuEvent" or owner == "drag")
        if called in {"exec", "exec_"} and owner and not is_plain_handler:
            found.append(f"{name}:{call.lineno} {where} calls {owner}.{called}(): use open() or popup()")
        if called == "processEvents" and (is_coroutine or (room, where) not in MAY_PROCESS_EVENTS):
            found.append(f"{name}:{call.lineno} {where} calls processEvents()")
        if called in STATIC_DIALOGS.get(owner, set()):
            found.append(f"{name}:{call.lineno} {where} calls {owner}.{called}(): make the dialog and open() it")
    return found


def test_no_event_loop_runs_inside_the_event_loop() -> None:
    found = [line for module in modules_in(PACKAGE) for line in violations(module.name, module.tree)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        "async def ask(self):\n    self.dialog.exec()",
        "def _on_clicked(self):\n    menu.exec(place)",
        "def ask(self):\n    return QMessageBox.question(self, 'a', 'b')",
        "async def wait(self):\n    QApplication.processEvents()",
        "async def start(self):\n    drag.exec(action)",
        "async def contextMenuEvent(self, event):\n    menu.exec()",
    ],
)
def test_the_rule_is_seen_to_be_broken(source: str) -> None:
    assert len(violations("page.py", ast.parse(source))) == 1


@pytest.mark.parametrize(
    "source",
    [
        "def contextMenuEvent(self, event):\n    menu.exec(event.globalPos())",
        "def mouseMoveEvent(self, event):\n    drag.exec(action)",
        "async def ask(self):\n    dialog.open()",
    ],
)
def test_what_is_safe_is_allowed(source: str) -> None:
    assert violations("page.py", ast.parse(source)) == []
