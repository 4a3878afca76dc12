"""Results that wait for their signer, and such as were kept unsigned."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QPushButton

from faceswap_desktop.domain.errors import SignerError
from faceswap_desktop.domain.events import JobChanged
from faceswap_desktop.domain.job import Failure, Hold, JobResult, JobState, ResultId
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.provenance import ResultMark, SignerKind
from faceswap_desktop.storage.ledger import JobStep, Ledger
from faceswap_desktop.ui.gallery.cloud_words import next_try_words
from faceswap_desktop.ui.gallery.handing_on import copied_words, is_unsigned
from faceswap_desktop.ui.gallery.troubles import Help
from faceswap_desktop.ui.gallery.troubles_bar import TroubleLine
from tests.ui.conftest import until
from tests.ui.gallery.clouds import add, go, state_text
from tests.ui.gallery.conftest import HOPPER, Shown

WHY = Failure("unreachable", message("The signing service cannot be reached."))


def lines(shown: Shown) -> list[TroubleLine]:
    return list(shown.page.jobs_panel.troubles.lines)


def menu_words(shown: Shown) -> list[str]:
    """Open the menu of the chosen cards, and read it."""
    shown.page.cards.customContextMenuRequested.emit(QPoint(5, 5))
    menu = shown.page.findChildren(QMenu)[-1]
    words = [action.text() for action in menu.actions()]
    menu.close()
    return words


async def test_a_result_that_waits_says_why_and_what_helps(shown: Shown) -> None:
    ledger = Ledger(shown.program.database)
    job = await go(shown, await add(shown, JobState.FETCHING, "on-device"), JobState.FINISHING)
    await ledger.set_steps(job.id, [JobStep("finish", "planned", {}, 1)])
    held = await ledger.holds.wait_until(job.id, Hold.SIGNER, time.time() + 125, WHY)
    shown.program.bus.publish(JobChanged(held))
    await until(lambda: len(lines(shown)) == 1)
    [found] = lines(shown)
    assert found.text == (
        "1 result is made and waits to be signed. The signing service cannot be reached. Next try in 2 min."
    )
    assert state_text(shown, job).startswith("Made, and waits to be signed · next try in 2 min")
    assert next_try_words(held)
    assert [button.text() for button in found.buttons.values()] == [
        "Try now",
        "Sign later",
        "Content Credentials settings",
    ]
    found.buttons[Help.CREDENTIALS].click()
    assert shown.went[-1] == ("settings", "credentials")
    shown.window.show_page("gallery")
    found.buttons[Help.SIGN_LATER].click()
    await until(lambda: not lines(shown))
    after = await shown.job(job.id)
    assert (after.hold, after.failure, after.retry_at) == (None, None, 0.0)
    [row] = [step for step in await ledger.steps(job.id) if step.name == "finish"]
    assert row.state == "signed-later"


async def test_that_signing_failed_is_said_until_it_works(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    await shown.program.pool.start(warm=False)
    digest = hashlib.sha256(HOPPER.read_bytes()).hexdigest()
    kept = await shown.add("kept", mark=ResultMark(has_label=True), digest=digest)
    await shown.fresh(1)
    shown.choose(0)
    await until(shown.window.table.action("results.sign").isEnabled)
    real = shown.program.gallery.sign_now

    async def away(result: ResultId) -> JobResult:
        raise SignerError(message("127.0.0.1 could not be reached."), kind="unreachable")

    monkeypatch.setattr(shown.program.gallery, "sign_now", away)
    await shown.do("results.sign")
    strip = shown.window.strip
    assert strip.notice is not None
    assert strip.notice.text == "127.0.0.1 could not be reached."
    monkeypatch.setattr(shown.program.gallery, "sign_now", real)
    await shown.do("results.sign")
    assert [one.text for one in strip._notices] == ["Signed the result."]
    [now] = await shown.program.gallery.results([kept])
    assert not is_unsigned(now)


async def test_a_job_that_waits_for_consent_says_why(shown: Shown) -> None:
    jobs = [await add(shown) for _ in range(2)]
    ledger = Ledger(shown.program.database)
    for job in jobs:
        why = Failure("consent", message("The consent for “{name}” was withdrawn.", name="Grace"), message("Ask."))
        shown.program.bus.publish(JobChanged(await ledger.holds.wait_until(job.id, Hold.CONSENT, 0.0, why)))
    await until(lambda: len(lines(shown)) == 1 and lines(shown)[0].text.startswith("2 jobs"))
    [found] = lines(shown)
    assert found.text == "2 jobs wait. The consent for “Grace” was withdrawn."
    assert [button.text() for button in found.buttons.values()] == ["Say who this is…"]


@pytest.mark.qt_log_ignore("This plugin does not support")
async def test_sign_now(shown: Shown) -> None:
    await shown.program.pool.start(warm=False)
    digest = hashlib.sha256(HOPPER.read_bytes()).hexdigest()
    kept = await shown.add("kept", mark=ResultMark(has_label=True), digest=digest)
    [result] = await shown.program.gallery.results([kept])
    assert is_unsigned(result)
    assert not is_unsigned(replace(result, mark=None))
    assert not is_unsigned(None)
    assert Path(result.path).read_bytes() == HOPPER.read_bytes()
    await shown.fresh(1)
    shown.choose(0)
    action = shown.window.table.action("results.sign")
    await until(action.isEnabled)
    assert "Sign now" in menu_words(shown)
    shown.page.open_result(result)
    button = shown.page.viewer.findChild(QPushButton, "viewer-results.sign")
    assert button is not None
    await until(button.isVisible)
    assert button.text() == "Sign now"
    await shown.do("results.sign")
    [now] = await shown.program.gallery.results([kept])
    assert now.mark is not None
    assert now.mark.signer is SignerKind.INSTALLATION
    assert shown.notifications.history[-1].text == "Signed the result."
    await until(lambda: not button.isVisible())
    shown.page.close_viewer()
    await shown.fresh(1)
    await until(lambda: not action.isEnabled())
    assert "Sign now" not in menu_words(shown)


def test_what_a_copy_keeps_is_said() -> None:
    assert "label only" in copied_words(is_picture=True)
    assert copied_words(is_picture=False) == "Copied the file."
