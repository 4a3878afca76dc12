"""Dialogs to wait for, tasks with an owner, events as signals."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from faceswap_desktop.domain.errors import Cancelled, FaceSwapError, InputRefused
from faceswap_desktop.domain.events import AllJobsDone, Event, JobProgressed, Noticed, SettingsChanged
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.jobs.events import EventBus
from faceswap_desktop.ui.bridge import EngineSignals, Tasks, ask
from faceswap_desktop.ui.dialogs.questions import QuestionDialog, TextDialog, ask_for_text, confirm
from faceswap_desktop.ui.notifications import Notifications
from tests.ui.conftest import until


@pytest.fixture
def tasks(notifications: Notifications) -> Tasks:
    return Tasks(None, notifications)


async def test_a_dialog_is_awaited_while_other_tasks_go_on(qtbot: QtBot) -> None:
    ticks: list[int] = []

    async def tick() -> None:
        for number in range(20):
            ticks.append(number)
            await asyncio.sleep(0.001)

    dialog = QDialog()
    ticking = asyncio.ensure_future(tick())
    QTimer.singleShot(30, dialog.accept)
    assert await ask(dialog) == QDialog.DialogCode.Accepted
    await ticking
    assert ticks == list(range(20))


async def test_a_cancelled_question_closes_its_dialog(qtbot: QtBot) -> None:
    dialog = QDialog()
    task = asyncio.ensure_future(ask(dialog))
    await until(dialog.isVisible)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert QApplication.activeModalWidget() is None


async def test_a_question_is_answered_by_its_button(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    answer = asyncio.ensure_future(confirm(window, "Delete 2 results?", "They can be brought back.", "Delete"))
    await until(lambda: window.findChild(QuestionDialog))
    dialog = window.findChild(QuestionDialog)
    assert isinstance(dialog, QuestionDialog)
    dialog.yes.click()
    assert await answer is True


async def test_return_does_not_destroy(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    answer = asyncio.ensure_future(confirm(window, "Reset?", "", "Reset", is_dangerous=True))
    await until(lambda: window.findChild(QuestionDialog))
    dialog = window.findChild(QuestionDialog)
    assert isinstance(dialog, QuestionDialog)
    assert not dialog.yes.isDefault()
    no = dialog.findChild(QPushButton, "question-no")
    assert isinstance(no, QPushButton)
    assert no.isDefault()
    dialog.reject()
    assert await answer is False


async def test_a_name_is_asked_for(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    answer = asyncio.ensure_future(ask_for_text(window, "Save preset", "Name", "Soft"))
    await until(lambda: window.findChild(TextDialog))
    dialog = window.findChild(TextDialog)
    assert isinstance(dialog, TextDialog)
    dialog.field.setText("  ")
    assert not dialog.yes.isEnabled()
    dialog.field.setText(" Softer ")
    dialog.yes.click()
    assert await answer == "Softer"


async def test_a_second_start_of_the_same_does_nothing(tasks: Tasks) -> None:
    gate, begun = asyncio.Event(), []

    async def work(number: int) -> None:
        begun.append(number)
        await gate.wait()

    tasks.start(work(1), key="swap")
    tasks.start(work(2), key="swap")
    await until(lambda: begun)
    gate.set()
    await until(lambda: not tasks.is_running("swap"))
    assert begun == [1]


async def test_a_newer_one_replaces_where_that_is_wanted(tasks: Tasks) -> None:
    ended: list[str] = []

    async def work(name: str) -> None:
        try:
            await asyncio.sleep(0.05)
            ended.append(name)
        except asyncio.CancelledError:
            ended.append(f"{name} cancelled")
            raise

    tasks.start(work("old"), key="preview", replace=True)
    await asyncio.sleep(0.005)
    tasks.start(work("new"), key="preview", replace=True)
    await until(lambda: len(ended) == 2)
    assert ended == ["old cancelled", "new"]


async def test_errors_of_ours_are_shown_once(tasks: Tasks, notifications: Notifications) -> None:
    async def refuse(error: FaceSwapError) -> None:
        raise error

    heard: list[FaceSwapError] = []
    done: list[bool] = []
    tasks.start(refuse(Cancelled(message("Cancelled."))))
    tasks.start(refuse(InputRefused(message("No face."))))
    tasks.start(refuse(InputRefused(message("Too large."))), on_error=heard.append, on_done=lambda: done.append(True))
    await until(lambda: heard and notifications.history)
    assert [notice.text for notice in notifications.history] == ["No face."]
    assert [str(error) for error in heard] == ["Too large."]
    assert done == [True]


async def test_anything_else_is_a_bug_and_is_logged(tasks: Tasks, caplog: pytest.LogCaptureFixture) -> None:
    async def stumble() -> None:
        raise ZeroDivisionError("oops")

    tasks.start(stumble())
    await until(lambda: "oops" in caplog.text)
    assert "ZeroDivisionError" in caplog.text


async def test_closing_cancels_and_waits(tasks: Tasks) -> None:
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            ended.append("tidied")

    tasks.start(work())
    await asyncio.sleep(0)
    await tasks.close()
    assert ended == ["tidied"]


async def test_tasks_go_with_their_owner(notifications: Notifications, qtbot: QtBot) -> None:
    owner = QWidget()
    tasks = Tasks(owner, notifications)
    ended: list[bool] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    tasks.start(work())
    await asyncio.sleep(0)
    owner.deleteLater()
    await until(lambda: ended)


async def test_an_event_arrives_one_turn_later_and_once(qtbot: QtBot) -> None:
    bus = EventBus()
    signals = EngineSignals(bus)
    heard: list[Event] = []
    everything: list[Event] = []
    signals.all_jobs_done.connect(heard.append)
    signals.happened.connect(everything.append)
    event = AllJobsDone(2, 1)
    bus.publish(event)
    assert heard == [], "not within the publisher's own call"
    await until(lambda: heard)
    bus.publish(Noticed(message("x")))
    await until(lambda: len(everything) == 2)
    assert heard == [event]
    signals.close()
    bus.publish(event)
    await asyncio.sleep(0.01)
    assert len(everything) == 2


async def test_hundreds_of_events_are_told_in_slices_and_in_order(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faceswap_desktop.ui.bridge._SLICE_S", 0.0)
    bus = EventBus()
    signals = EngineSignals(bus)
    heard: list[Event | str] = []
    signals.happened.connect(heard.append)

    async def other() -> None:
        while len(heard) < len(told):
            heard.append("a turn")
            await asyncio.sleep(0)

    told = [AllJobsDone(number, 0) for number in range(20)]
    for event in told:
        bus.publish(event)
    turns = asyncio.ensure_future(other())
    await until(lambda: told[-1] in heard)
    await turns
    assert [one for one in heard if one != "a turn"] == told
    first, last = heard.index(told[0]), heard.index(told[-1])
    assert "a turn" in heard[first:last]
    # Nothing goes on once all is told.
    bus.publish(told[0])
    await until(lambda: heard[-1] == told[0])
    signals.close()


async def test_of_the_progress_of_one_job_only_the_newest_is_told(qtbot: QtBot) -> None:
    bus = EventBus()
    signals = EngineSignals(bus)
    heard: list[Event] = []
    signals.happened.connect(heard.append)
    for number in range(10):
        bus.publish(JobProgressed(JobId("a"), number / 10, "process", None))
    bus.publish(JobProgressed(JobId("b"), 0.5, "process", None))
    bus.publish(AllJobsDone(1, 0))
    await until(lambda: AllJobsDone(1, 0) in heard)
    assert [(one.job, one.fraction) for one in heard if isinstance(one, JobProgressed)] == [("a", 0.9), ("b", 0.5)]
    bus.publish(JobProgressed(JobId("a"), 0.95, "process", None))
    await until(lambda: len(heard) == 4)
    signals.close()


async def test_events_arrive_while_a_slot_waits_in_a_loop_of_its_own(qtbot: QtBot) -> None:
    bus = EventBus()
    signals = EngineSignals(bus)
    heard: list[str] = []

    def on_changed(_event: object) -> None:
        dialog = QDialog()
        signals.noticed.connect(lambda _notice: dialog.accept())
        heard.append("open")
        dialog.exec()
        heard.append("closed")

    signals.settings_changed.connect(on_changed)
    bus.publish(SettingsChanged(Settings(), Settings()))
    bus.publish(Noticed(message("told meanwhile")))
    await until(lambda: heard == ["open", "closed"])
    signals.close()


async def test_a_slot_may_open_a_dialog_although_a_coroutine_published(qtbot: QtBot) -> None:
    """The case that stops other jobs for ever where signals are delivered at once."""
    bus = EventBus()
    signals = EngineSignals(bus)
    opened: list[int] = []

    def on_changed(_event: object) -> None:
        dialog = QDialog()
        QTimer.singleShot(20, dialog.accept)
        opened.append(dialog.exec())

    signals.settings_changed.connect(on_changed)
    woken: list[bool] = []

    async def other() -> None:
        await asyncio.sleep(0.005)
        woken.append(True)

    running = asyncio.ensure_future(other())
    bus.publish(SettingsChanged(Settings(), Settings()))
    await asyncio.wait_for(running, 5)
    await until(lambda: opened)
    assert woken == [True]
    signals.close()
