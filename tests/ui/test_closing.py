"""Closing on a result that is on its way asks first; anything else does not."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.ui.dialogs.questions import QuestionDialog
from faceswap_desktop.ui.main_window import MainWindow
from tests.ui.conftest import until


async def waiting(program: Program, provider: str = "aifaceswap", job: str = "one") -> None:
    """Have a job wait for a delivery to this computer, in the program that runs the jobs."""
    if not program.queue.is_running_here:
        assert await program.queue.start()
        await program.settings.update("webhook", public_url="http://127.0.0.1", port=0)
    await program.cloud.mailbox.address(JobId(job), "swap", provider)


async def question(window: MainWindow) -> QuestionDialog:
    def found() -> list[QuestionDialog]:
        return [one for one in window.findChildren(QuestionDialog) if one.isVisible()]

    await until(found)
    return found()[0]


async def test_it_closes_when_nothing_waits(window: MainWindow, program: Program, qtbot: QtBot) -> None:
    assert await program.queue.start()
    with qtbot.waitSignal(window.closed):
        window.close()


async def test_it_asks_while_a_result_is_on_its_way(window: MainWindow, program: Program, qtbot: QtBot) -> None:
    await waiting(program)
    window.close()
    dialog = await question(window)
    assert window.isVisible()
    assert dialog.windowTitle() == "Close while a result is on its way?"
    assert any("is lost, although it is paid for" in label.text() for label in dialog.findChildren(QLabel))
    assert (dialog.no.text(), dialog.yes.text()) == ("Stay open", "Close anyway")
    assert dialog.no.isDefault(), "Return must lose nothing"
    window.close()
    assert len([one for one in window.findChildren(QuestionDialog) if one.isVisible()]) == 1, "asked once"
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    await until(lambda: not dialog.isVisible())
    assert window.isVisible()
    window.close()
    again = await question(window)
    with qtbot.waitSignal(window.closed):
        again.yes.click()
    assert not window.isVisible()


async def test_it_does_not_ask_of_one_who_can_be_asked_again(
    window: MainWindow, program: Program, qtbot: QtBot
) -> None:
    await waiting(program, "akool")
    with qtbot.waitSignal(window.closed):
        window.close()


async def test_it_counts_jobs_and_forgets_those_that_are_over(
    window: MainWindow, program: Program, qtbot: QtBot
) -> None:
    await waiting(program, job="one")
    await waiting(program, job="two")
    window.close()
    dialog = await question(window)
    assert dialog.windowTitle() == "Close while 2 results are on their way?"
    dialog.reject()
    await until(lambda: not dialog.isVisible())
    for job in ("one", "two"):
        await program.cloud.mailbox.close(JobId(job))
    with qtbot.waitSignal(window.closed):
        window.close()


async def test_another_window_that_does_not_run_the_jobs_just_closes(
    window: MainWindow, program: Program, qtbot: QtBot
) -> None:
    await program.settings.update("webhook", public_url="http://127.0.0.1", port=0)
    await program.cloud.mailbox.address(JobId("one"), "swap", "aifaceswap")
    assert not program.queue.is_running_here
    with qtbot.waitSignal(window.closed):
        window.close()
