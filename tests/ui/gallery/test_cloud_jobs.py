"""Jobs at services: their steps, bytes and costs in words; what they wait for, and the buttons that help."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QDialog, QLabel

from faceswap_desktop.domain.cloud import Charge
from faceswap_desktop.domain.events import JobProgressed
from faceswap_desktop.domain.job import Hold, Job, JobId, JobState
from faceswap_desktop.domain.work import Transfer
from faceswap_desktop.ui.dialogs.questions import QuestionDialog
from faceswap_desktop.ui.gallery.cloud_words import (
    Who,
    charge_words,
    left_text,
    next_try_words,
    support_ids,
    transfer_text,
)
from faceswap_desktop.ui.gallery.troubles import Help, troubles_of
from faceswap_desktop.ui.gallery.troubles_bar import TroubleLine
from faceswap_desktop.ui.gallery.words import Standing, job_state_text
from faceswap_desktop.ui.widgets.sections import Sections
from tests.ui.conftest import until
from tests.ui.gallery.clouds import add, book, go, hold, state_text
from tests.ui.gallery.conftest import Shown, a_recipe, press

MB = 1024**2
Q, PREP, RUN, FETCH = JobState.QUEUED, JobState.PREPARING, JobState.RUNNING, JobState.FETCHING
UNKNOWN = JobState.UNCONFIRMED


def _says(shown: Shown, job: Job, words: str) -> bool:
    return state_text(shown, job) == words


def tell(shown: Shown, job: Job, step: str, fraction: float = 0.0, transfer: Transfer | None = None) -> None:
    shown.program.bus.publish(JobProgressed(job.id, fraction, step, None, None, transfer))


def lines(shown: Shown) -> list[TroubleLine]:
    return list(shown.page.jobs_panel.troubles.lines)


async def line(shown: Shown) -> TroubleLine:
    """Wait for the one trouble and return it."""
    await until(lambda: len(lines(shown)) == 1)
    return lines(shown)[0]


async def asked(shown: Shown) -> QuestionDialog:
    """Wait for a question and return it."""

    def found() -> list[QuestionDialog]:
        return [one for one in shown.window.findChildren(QuestionDialog) if one.isVisible()]

    await until(found)
    return found()[0]


def words_of(dialog: QDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


# ----------------------------------------------------------------------------------------------------- steps and bytes


async def test_steps_are_told_in_words_with_bytes_and_with_the_name_of_the_provider(shown: Shown) -> None:
    job = await add(shown, PREP)
    await until(lambda: state_text(shown, job) == "AKOOL · Preparing · about 4 credits")
    for step, transfer, words in (
        ("copy", None, "AKOOL · Making copies to send · about 4 credits"),
        ("upload", Transfer(round(3.1 * MB), round(9.8 * MB)), "AKOOL · Uploading 3.1 of 9.8 MB · about 4 credits"),
        ("detect", None, "AKOOL looks for faces · about 4 credits"),
    ):
        tell(shown, job, step, 0.3 if transfer else 0.0, transfer)
        await until(partial(_says, shown, job, words))
    job = await go(shown, job, JobState.SUBMITTING)
    await until(lambda: state_text(shown, job) == "Sending to AKOOL · about 4 credits")
    await book(shown, job.id, 4.0, is_estimate=True)
    job = await go(shown, job, RUN)
    await until(lambda: state_text(shown, job) == "Waiting at AKOOL · about 4 credits, estimated")
    tell(shown, job, "process", 0.4)
    await until(lambda: state_text(shown, job) == "AKOOL is working · 40 % · about 4 credits, estimated")
    tell(shown, job, "deliver")
    await until(lambda: state_text(shown, job).startswith("Waiting for AKOOL to deliver"))
    await book(shown, job.id, 3.0, is_estimate=False)
    job = await go(shown, job, FETCH)
    tell(shown, job, "download", 0.5, Transfer(500 * 1024, 1000 * 1024))
    await until(lambda: state_text(shown, job) == "AKOOL · Downloading 500 of 1,000 kB · 3 credits charged")
    row = QAccessible.queryAccessibleInterface(shown.page.jobs_panel.view).child(0)
    assert row.text(QAccessible.Text.Name).endswith(": AKOOL · Downloading 500 of 1,000 kB · 3 credits charged")


async def test_what_was_told_of_one_step_is_not_said_of_the_next(shown: Shown) -> None:
    job = await add(shown, PREP)
    tell(shown, job, "upload", 1.0, Transfer(MB, MB))
    await until(lambda: "Uploading 1.0 of 1.0 MB" in state_text(shown, job))
    job = await go(shown, job, JobState.SUBMITTING)
    await until(lambda: "Sending to AKOOL" in state_text(shown, job))
    assert "Uploading" not in state_text(shown, job)


def test_bytes_in_words() -> None:
    assert transfer_text(Transfer(round(3.1 * MB), round(9.8 * MB))) == "3.1 of 9.8 MB"
    assert transfer_text(Transfer(0, 300_000)) == "0 of 293 kB"
    assert transfer_text(Transfer(5 * MB, 3 * 1024 * MB)) == "0.0 of 3.0 GB"
    assert transfer_text(Transfer(5 * MB, 0)) == "5.0 MB", "the whole is not known"


def test_money_in_words() -> None:
    assert charge_words(Charge(4.0, is_estimate=True), "credits", is_over=False) == "about 4 credits"
    assert charge_words(Charge(4.0, is_estimate=True), "credits") == "about 4 credits, estimated"
    assert charge_words(Charge(2.5, is_estimate=False), "points") == "2.5 points charged"


def test_time_and_ids_in_words() -> None:
    assert [left_text(one) for one in (6.9 * 86_400, 5.5 * 3600, 40)] == ["6 days", "5 h", "1 min"]
    values = {"id": "r", "remote_id": "r", "job_id": "j", "trx_id": "t", "result_url": "https://x"}
    assert support_ids("akool", values) == [("_id", "r"), ("job_id", "j"), ("trx_id", "t")]
    assert support_ids("aifaceswap", values)[0] == ("task_id", "r")


# --------------------------------------------------------------------------------------------------------------- holds


@pytest.mark.parametrize(
    ("kind", "said", "button", "leads_to"),
    [
        (Hold.ACCOUNT, "AKOOL has no key that it takes", "Open accounts", "accounts"),
        (Hold.BUDGET, "cap", "Change the cap", "budget"),
        (Hold.HOSTING, "no place", "Set up hosting", "hosting"),
        (Hold.WEBHOOK, "delivers results to an address", "Set up deliveries", "webhook"),
        (Hold.SANDBOX, "the sandbox is on", "Go to the sandbox", "sandbox"),
    ],
)
async def test_what_has_to_be_set_up_is_said_with_the_way_there(
    shown: Shown, kind: Hold, said: str, button: str, leads_to: str
) -> None:
    first, second = await add(shown, hold=kind), await add(shown, hold=kind)
    found = await line(shown)
    await until(lambda: found.text.startswith("2 jobs wait: "))
    assert said in found.text
    assert "Waits" in state_text(shown, first)
    setting, *others = found.buttons.values()
    assert setting.text() == button
    assert found.text in setting.accessibleDescription()
    setting.click()
    assert shown.went[-1] == ("settings", leads_to)
    assert shown.window.current_page is shown.window.page("settings")
    sections = shown.window.findChild(Sections, "settings")
    assert sections is not None
    assert sections.current == leads_to
    shown.window.show_page("gallery")
    if not others:
        return
    others[0].click()
    await until(lambda: not lines(shown))
    assert [(await shown.job(one.id)).hold for one in (first, second)] == [None, None]
    assert not shown.page.jobs_panel.troubles.isVisible()


async def test_credits_that_are_used_up_lead_to_the_account_page(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("faceswap_desktop.ui.gallery.job_help.open_page", opened.append)
    await add(shown, hold=Hold.CREDITS)
    found = await line(shown)
    assert found.text == "1 job waits: the account at AKOOL has too little left."
    found.buttons[Help.ACCOUNT_PAGE].click()
    await until(lambda: opened)
    assert opened == [shown.program.accounts.info("akool").key_page]


async def test_the_network_is_tried_again_by_itself_and_at_once(shown: Shown) -> None:
    job = await add(shown, hold=Hold.NETWORK, retry_at=time.time() + 125)
    await until(lambda: "Waits for the network · next try in 2 min" in state_text(shown, job))
    found = await line(shown)
    assert found.text == "1 job waits: AKOOL cannot be reached. Next try in 2 min."
    assert shown.page.jobs._clock.isActive(), "the time runs down while one looks"
    button = found.buttons[Help.TRY_NOW]
    button.setFocus()
    await press(button, Qt.Key.Key_Space)
    await until(lambda: not lines(shown))
    after = await shown.job(job.id)
    assert (after.hold, after.retry_at) == (None, 0.0)
    await until(lambda: not shown.page.jobs._clock.isActive())


def test_the_next_try_in_words() -> None:
    job = Job(JobId("j"), a_recipe(), hold=Hold.NETWORK, retry_at=1000.0)
    assert next_try_words(job, 880.0) == "next try in 2 min"
    assert next_try_words(job, 960.5) == "next try in 40 s"
    assert next_try_words(job, 1001.0) == "next try now"
    assert next_try_words(replace(job, hold=Hold.PAUSED), 0.0) == ""
    assert next_try_words(replace(job, retry_at=0.0), 0.0) == ""


async def test_terms_are_read_and_accepted(shown: Shown) -> None:
    job = await add(shown, provider="aigs", hold=Hold.TERMS)
    found = await line(shown)
    [button] = found.buttons.values()
    button.click()
    dialog = await asked(shown)
    terms = shown.program.accounts.terms("aigs")
    assert terms is not None
    assert terms.text() in words_of(dialog)
    dialog.reject()
    await until(lambda: not shown.page.tasks.is_running("terms"))
    assert (await shown.job(job.id)).hold is Hold.TERMS, "who only reads has not agreed"
    button.click()
    (await asked(shown)).yes.click()
    await until(lambda: not lines(shown))
    assert shown.program.accounts.terms("aigs") is None
    assert (await shown.job(job.id)).hold is None


async def test_many_jobs_are_one_line_and_pauses_are_none(shown: Shown) -> None:
    for _ in range(3):
        await add(shown, hold=Hold.ACCOUNT)
    await add(shown, hold=Hold.PAUSED)
    await add(shown, provider="aigs", hold=Hold.ACCOUNT)
    await until(lambda: [one.text[:11] for one in lines(shown)] == ["3 jobs wait", "1 job waits"])
    await add(shown, UNKNOWN)
    await add(shown, provider="aifaceswap", hold=Hold.WEBHOOK)
    await until(lambda: len(lines(shown)) == 3)
    assert lines(shown)[0].trouble.hold is None, "money first"
    assert len(troubles_of(shown.page.jobs.jobs)) == 4
    more = shown.page.jobs_panel.troubles.findChildren(QLabel)
    assert any(label.text() == "1 more job waits for something else." for label in more)


async def test_a_line_keeps_the_keyboard_while_others_come_and_go(shown: Shown) -> None:
    await add(shown, hold=Hold.HOSTING)
    found = await line(shown)
    button = found.buttons[Help.TRY_NOW]
    button.setFocus()
    other = await add(shown, UNKNOWN)
    await until(lambda: len(lines(shown)) == 2)
    assert QApplication.focusWidget() is button
    await shown.program.queue.dismiss([other.id])
    await until(lambda: len(lines(shown)) == 1)
    assert QApplication.focusWidget() is button
    button.click()
    await until(lambda: not lines(shown))
    assert QApplication.focusWidget() is not None


async def test_in_a_small_window_rows_and_lines_give_way_and_nothing_overlaps(shown: Shown) -> None:
    await shown.filled("a")
    for _ in range(4):
        await add(shown, hold=Hold.PAUSED)
    await add(shown, UNKNOWN)
    for provider in ("akool", "aigs", "aifaceswap"):
        await add(shown, provider=provider, hold=Hold.ACCOUNT)
    panel, window = shown.page.jobs_panel, shown.window

    def visible() -> list[TroubleLine]:
        return [one for one in lines(shown) if one.isVisible()]

    window.resize(1280, 900)
    await until(lambda: len(visible()) == 3)
    whole = panel.view.height()
    window.resize(720, 480)
    await until(lambda: len(visible()) == 1)
    assert visible()[0].trouble.hold is None, "what may cost money stays"
    assert panel.view.height() < whole
    await until(lambda: panel.view.geometry().bottom() < panel.troubles.geometry().top())
    await until(lambda: panel.height() >= panel.minimumSizeHint().height())
    assert panel.mapToGlobal(panel.rect().bottomLeft()).y() < shown.page.cards.mapToGlobal(QPoint(0, 0)).y()
    assert "3 more jobs wait for other things." in [one.text() for one in panel.troubles.findChildren(QLabel)]
    assert visible()[0].accessibleName().endswith("dismiss it."), "a screen reader hears all of it"
    window.resize(1280, 900)
    await until(lambda: len(visible()) == 3 and panel.view.height() == whole)


def test_what_is_of_the_sandbox_says_so() -> None:
    job = Job(JobId("j"), replace(a_recipe(), provider="akool", in_sandbox=True), JobState.RUNNING)
    standing = Standing("process", who=Who("AKOOL", is_local=False), cost="4 credits charged")
    assert job_state_text(job, standing) == "AKOOL is working · 4 credits charged · sandbox"


# --------------------------------------------------------------------------------------------------------- unconfirmed


async def test_an_unconfirmed_job_says_what_may_have_happened_and_waits_for_the_user(shown: Shown) -> None:
    job = await add(shown, UNKNOWN)
    said = "AKOOL did not answer; the job may have been charged. Look at your account there, then send it again"
    assert said in state_text(shown, job)
    found = await line(shown)
    assert said in found.text
    assert [button.text() for button in found.buttons.values()] == ["Send again…", "Dismiss…"]
    assert shown.page.jobs_panel._title.text() == "Jobs · 1 not confirmed"
    table = shown.window.table
    for name, can in (("pause", False), ("resume", False), ("cancel", False), ("send-again", True), ("dismiss", True)):
        assert table.action(f"jobs.{name}").isEnabled() is can, name


async def test_sending_again_asks_first(shown: Shown) -> None:
    job = await add(shown, UNKNOWN)
    await book(shown, job.id, 4.0, is_estimate=True)
    found = await line(shown)
    found.buttons[Help.SEND_AGAIN].click()
    dialog = await asked(shown)
    assert "paid for twice" in words_of(dialog)
    assert "One try costs about 4 credits." in words_of(dialog)
    assert dialog.no.isDefault(), "Return must not spend anything"
    dialog.no.click()
    await until(lambda: not shown.page.tasks.is_running("unconfirmed"))
    assert (await shown.job(job.id)).state is UNKNOWN
    shown.choose_jobs(job)
    await press(shown.window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    (await asked(shown)).yes.click()
    await until(lambda: not lines(shown))
    assert (await shown.job(job.id)).state is Q


async def test_dismissing_asks_and_ends_it(shown: Shown) -> None:
    job = await add(shown, UNKNOWN)
    (await line(shown)).buttons[Help.DISMISS].click()
    dialog = await asked(shown)
    assert "stays charged" in words_of(dialog)
    dialog.yes.click()
    await until(lambda: job.id not in shown.job_ids)
    assert (await shown.job(job.id)).state is JobState.DISMISSED


async def test_delete_in_the_list_asks_of_an_unconfirmed_one(shown: Shown) -> None:
    job = await add(shown, UNKNOWN)
    shown.choose_jobs(job)
    view = shown.page.jobs_panel.view
    view.setFocus()
    await press(view, Qt.Key.Key_Delete)
    (await asked(shown)).no.click()
    await until(lambda: not shown.page.tasks.is_running("take-away"))
    assert (await shown.job(job.id)).state is UNKNOWN


# ---------------------------------------------------------------------------------------------------------- cancelling


async def test_cancelling_what_a_provider_has_says_so_first(shown: Shown) -> None:
    waiting, taken = await add(shown), await add(shown, RUN)
    shown.choose_jobs(taken)
    shown.window.table.trigger("jobs.cancel")
    dialog = await asked(shown)
    assert "AKOOL has the work already." in words_of(dialog)
    assert "may not come back" in words_of(dialog)
    assert dialog.no.text() == "Keep it running"
    dialog.no.click()
    await until(lambda: "jobs.cancel" not in shown.window.table._running)
    assert not (await shown.job(taken.id)).cancel_requested
    shown.window.table.trigger("jobs.cancel")
    (await asked(shown)).yes.click()
    await until(lambda: state_text(shown, taken).startswith("AKOOL · Cancelling"))
    shown.choose_jobs(waiting)
    await until(shown.window.table.action("jobs.cancel").isEnabled)
    await shown.do("jobs.cancel")
    await until(lambda: shown.page.jobs.jobs[-1].cancel_requested)
    assert (await shown.job(waiting.id)).cancel_requested, "nothing was sent, so nothing has to be asked"


async def test_what_is_held_can_be_let_go_on_by_the_rows_actions_too(shown: Shown) -> None:
    job = await add(shown)
    await hold(shown, job, hold=Hold.HOSTING)
    await until(lambda: shown.window.table.action("jobs.resume").isEnabled())
    await shown.do("jobs.resume")
    await until(lambda: not lines(shown))
