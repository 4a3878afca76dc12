"""Whatever nobody caught ends in the log and in one strip."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer, qWarning
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from faceswap_desktop.ui.failures import FailureHooks, report_bug
from faceswap_desktop.ui.notifications import Notifications
from tests.ui.conftest import until


@pytest.fixture
def hooks(notifications: Notifications, caplog: pytest.LogCaptureFixture) -> Iterator[FailureHooks]:
    made = FailureHooks(notifications)
    made.install()
    yield made
    made.uninstall()


def fail() -> None:
    raise ZeroDivisionError("a bug in a slot")


@pytest.mark.qt_no_exception_capture
def test_a_slot(
    hooks: FailureHooks, notifications: Notifications, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    QTimer.singleShot(0, fail)
    qtbot.waitUntil(lambda: bool(notifications.history))
    notice = notifications.history[-1]
    assert "Something went wrong" in notice.text
    assert notice.action is not None
    notice.action()
    assert "a bug in a slot" in QGuiApplication.clipboard().text()
    assert "a bug in a slot" in caplog.text


def test_a_thread(
    hooks: FailureHooks, notifications: Notifications, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(notifications.history))
    assert "ZeroDivisionError" in caplog.text


async def test_the_loop(hooks: FailureHooks, notifications: Notifications, caplog: pytest.LogCaptureFixture) -> None:
    loop = asyncio.get_running_loop()
    hooks.watch_loop(loop)
    loop.call_soon(fail)
    await until(lambda: notifications.history)
    loop.call_exception_handler({"message": "a transport was left open"})
    assert "a transport was left open" in caplog.text


def test_one_strip_however_often(hooks: FailureHooks, notifications: Notifications, qtbot: QtBot) -> None:
    report_bug(ValueError("one"))
    report_bug(ValueError("two"))
    qtbot.waitUntil(lambda: len(notifications.history) == 2)
    assert {notice.key for notice in notifications.history} == {"bug"}


def test_qts_own_words_go_to_the_log(hooks: FailureHooks, caplog: pytest.LogCaptureFixture) -> None:
    qWarning("a warning of Qt's")
    assert "a warning of Qt's" in caplog.text


def test_faults_are_written_beside_the_log(hooks: FailureHooks, tmp_path: Path) -> None:
    import faulthandler

    was_enabled = faulthandler.is_enabled()
    hooks.write_faults_to(tmp_path / "logs" / "faceswap.faults")
    assert faulthandler.is_enabled()
    assert (tmp_path / "logs" / "faceswap.faults").exists()
    hooks.uninstall()
    if was_enabled:
        faulthandler.enable(sys.__stderr__ or sys.stderr)


def test_hooks_are_given_back(notifications: Notifications) -> None:
    before = sys.excepthook, threading.excepthook
    made = FailureHooks(notifications)
    made.install()
    assert sys.excepthook is not before[0]
    made.uninstall()
    assert (sys.excepthook, threading.excepthook) == before
