"""The same at two providers: offered with what it takes or why not, sent, and compared side by side."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QRadioButton

from faceswap_desktop.domain.events import JobChanged
from faceswap_desktop.domain.job import JobId, JobResult, JobState, ResultId
from faceswap_desktop.domain.recipe import FaceAge
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.storage.results import ResultStore
from faceswap_desktop.ui.gallery.send_dialog import SendDialog
from tests.ui.conftest import until
from tests.ui.gallery.clouds import add, book, go, result
from tests.ui.gallery.conftest import Shown, a_recipe, press
from tests.ui.gallery.test_cloud_jobs import asked


async def sending(shown: Shown) -> SendDialog:
    """Wait for the choice of providers and return it."""

    def found() -> list[SendDialog]:
        return [one for one in shown.window.findChildren(SendDialog) if one.isVisible()]

    await until(found)
    return found()[0]


def offered(dialog: SendDialog, provider: str) -> QRadioButton:
    button = dialog.findChild(QRadioButton, f"send-to-{provider}")
    assert isinstance(button, QRadioButton)
    return button


def words(dialog: SendDialog, provider: str) -> str:
    label = dialog.findChild(QLabel, f"send-words-{provider}")
    assert isinstance(label, QLabel)
    return label.text()


async def ready_aigs(shown: Shown) -> None:
    """Have an account at ai-gs."""
    await shown.program.accounts.set("aigs", {"aigs.token": "not-a-real-token"})
    await shown.program.accounts.accept_terms("aigs")


def viewed(shown: Shown) -> tuple[str, str]:
    viewer = shown.page.viewer
    assert viewer.result is not None
    return (viewer.rival.title if viewer.rival is not None else "", viewer.result.title)


async def test_each_provider_is_offered_with_what_it_takes_or_with_the_reason(shown: Shown) -> None:
    await ready_aigs(shown)
    await shown.filled("a")
    shown.choose(0)
    await press(shown.window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    dialog = await sending(shown)
    assert dialog.findChild(QRadioButton, "send-to-on-device") is None, "it was made there already"
    assert offered(dialog, "aigs").isEnabled()
    assert "About 1 call · " in words(dialog, "aigs")
    assert "2 files leave this computer to imageapi.ai-gs.cn" in words(dialog, "aigs")
    assert not offered(dialog, "akool").isEnabled()
    assert "key" in words(dialog, "akool")
    assert offered(dialog, "akool").accessibleDescription() == words(dialog, "akool")
    assert offered(dialog, "aigs").isChecked(), "the first that can"
    dialog.reject()
    await until(lambda: "results.send" not in shown.window.table._running)
    assert shown.job_ids == []


async def test_what_a_provider_cannot_do_is_said(shown: Shown) -> None:
    await ready_aigs(shown)
    recipe = a_recipe()
    aged = replace(recipe, pairings=(), ages=(FaceAge(recipe.pairings[0].target, 20),))
    await shown.add("a", recipe=aged)
    await shown.fresh(1)
    shown.choose(0)
    shown.window.table.trigger("results.send")
    dialog = await sending(shown)
    for provider in ("aigs", "aifaceswap"):
        assert not offered(dialog, provider).isEnabled()
        assert "age" in words(dialog, provider)
    assert not dialog.yes.isEnabled()
    dialog.reject()


async def test_it_is_sent_with_a_question_where_it_costs_more_than_the_user_wants(shown: Shown) -> None:
    await ready_aigs(shown)
    await shown.program.settings.update("budget", confirm_above=0.5)
    await shown.filled("a")
    shown.choose(0)
    shown.window.table.trigger("results.send")
    (await sending(shown)).yes.click()
    question = await asked(shown)
    assert question.windowTitle() == "Spend about 1 call at ai-gs?"
    question.no.click()
    await until(lambda: "results.send" not in shown.window.table._running)
    assert shown.job_ids == []
    shown.window.table.trigger("results.send")
    (await sending(shown)).yes.click()
    (await asked(shown)).yes.click()
    await until(lambda: len(shown.job_ids) == 1)
    [job] = await shown.program.queue.open_jobs()
    [original] = await shown.program.gallery.results(shown.page.results.ids)
    assert job.recipe == replace(original.recipe, provider="aigs")


async def test_terms_are_read_on_the_way(shown: Shown) -> None:
    await shown.program.accounts.set("aigs", {"aigs.token": "not-a-real-token"})
    await shown.filled("a")
    shown.choose(0)
    shown.window.table.trigger("results.send")
    dialog = await sending(shown)
    assert offered(dialog, "aigs").isEnabled()
    dialog.yes.click()
    terms = await asked(shown)
    assert terms.windowTitle() == "ai-gs asks this of you"
    terms.no.click()
    await until(lambda: "results.send" not in shown.window.table._running)
    assert shown.job_ids == []
    shown.window.table.trigger("results.send")
    (await sending(shown)).yes.click()
    (await asked(shown)).yes.click()
    await until(lambda: len(shown.job_ids) == 1)
    assert shown.program.accounts.terms("aigs") is None


async def test_what_has_to_be_set_up_first_is_one_press_away(shown: Shown) -> None:
    await shown.filled("a")
    shown.choose(0)
    shown.window.table.trigger("results.send")
    dialog = await sending(shown)
    assert not dialog.yes.isEnabled()
    button = dialog.findChild(QPushButton, "send-settings")
    assert isinstance(button, QPushButton)
    button.click()
    assert shown.went[-1] == ("settings", "accounts")


async def test_a_job_can_be_sent_to_a_second_one_and_both_are_compared_when_they_are_there(shown: Shown) -> None:
    await ready_aigs(shown)
    first = await add(shown, JobState.FETCHING)
    shown.choose_jobs(first)
    shown.window.table.trigger("jobs.send")
    dialog = await sending(shown)
    assert offered(dialog, "on-device").isChecked()
    offered(dialog, "aigs").click()
    dialog.yes.click()
    await until(lambda: len(shown.job_ids) == 2)
    [second] = [job for job in shown.page.jobs.jobs if job.id != first.id]
    assert second.recipe.provider == "aigs"
    await finish(shown, first.id, "of AKOOL")
    assert not any(one.key == "duel" for one in shown.notifications.history)
    moved = second
    for state in (JobState.PREPARING, JobState.SUBMITTING, JobState.RUNNING, JobState.FETCHING):
        moved = await go(shown, moved, state)
    await finish(shown, second.id, "of ai-gs")
    await until(lambda: any(one.key == "duel" for one in shown.notifications.history))
    notice = shown.notifications.history[-1]
    assert notice.text == "Both results are there: AKOOL and ai-gs."
    assert notice.action is not None
    notice.action()
    await until(lambda: shown.page.is_viewing and shown.page.viewer.rival is not None)
    assert viewed(shown) == ("of AKOOL", "of ai-gs")


async def finish(shown: Shown, job_id: JobId, title: str) -> None:
    """Let a job that is being fetched end with a result."""
    ledger, job = Ledger(shown.program.database), await shown.job(job_id)
    job = await ledger.transition(job.id, {job.state}, JobState.FINISHING)
    template = await shown.add(f"file of {job_id}")
    [other] = await shown.program.gallery.results([template])
    store = ResultStore(shown.program.database)
    await store.forget([template])
    made = replace(other, id=ResultId(f"result-{job_id}"), job=job.id, recipe=job.recipe, title=title)
    shown.program.bus.publish(JobChanged(await store.finish(job.id, made)))


async def two(shown: Shown) -> tuple[JobResult, JobResult]:
    """Put what two providers made of the same into the library."""
    ids = [await shown.add("here", seconds=3.2), await result(shown, "there")]
    left, right = await shown.program.gallery.results(ids)
    await book(shown, right.job, 4.0, is_estimate=False)
    await shown.fresh(2)
    return left, right


async def test_two_cards_of_the_same_are_compared_side_by_side(working: Shown) -> None:
    shown = working
    await two(shown)
    shown.choose(0, 1)
    await until(shown.window.table.action("results.duel").isEnabled)
    await press(shown.page.cards, Qt.Key.Key_D)
    await until(lambda: shown.page.is_viewing)
    assert viewed(shown) == ("here", "there")
    compare = shown.page.viewer.compare
    await until(lambda: compare.sides == ("On this computer · 3 s", "AKOOL · 4 credits charged · 12 s"))
    await until(lambda: not shown.page.tasks.is_running("viewer"))
    assert (compare.message, compare.notice) == ("", "")
    assert "Left of it On this computer · 3 s, right of it AKOOL" in compare.accessibleDescription()
    assert shown.page.viewer._title.text() == "On this computer and AKOOL: eileen_collins.png"
    shown.window.table.trigger("results.duel")
    await until(lambda: shown.page.viewer.rival is None)
    assert compare.sides == ("Before", "After")
    assert viewed(shown) == ("", "there")


async def test_the_large_view_offers_the_other_result(shown: Shown) -> None:
    await two(shown)
    shown.choose(0)
    shown.window.table.trigger("results.open")
    action = shown.window.table.action("results.duel")
    await until(action.isEnabled)
    assert action.text() == "Compare side by side"
    assert action.toolTip() == "Compare side by side: On this computer (D)"
    action.trigger()
    await until(lambda: viewed(shown) == ("here", "there"))
    assert action.text() == "Compare with the original"
    assert not shown.window.table.action("results.send").isEnabled()


async def test_what_does_not_belong_together_is_not_compared(shown: Shown) -> None:
    await shown.add("a")
    await shown.add("b")
    await result(shown, "other person", recipe=a_recipe(source="Somebody"))
    await shown.fresh(3)
    for rows in ((0, 1), (1, 2), (0, 1, 2)):
        shown.choose(*rows)
        assert not shown.window.table.action("results.duel").isEnabled(), rows


async def test_another_result_that_is_gone_is_said(working: Shown) -> None:
    shown = working
    left, right = await two(shown)
    await asyncio.to_thread(Path(left.path).unlink)
    shown.page.open_duel(left, right)
    compare = shown.page.viewer.compare
    await until(lambda: not shown.page.tasks.is_running("viewer"))
    assert compare.notice == "The other result cannot be opened; this one is shown alone."
