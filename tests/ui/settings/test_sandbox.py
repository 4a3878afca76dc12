"""The sandbox's switch, with the sandbox as the process that it starts; what works with it on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from faceswap_desktop.services import sandbox_process
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.notifications import Tone
from faceswap_desktop.ui.widgets.forms import Switch
from faceswap_desktop.ui.widgets.outcome import OutcomeRow
from tests.ui.conftest import until
from tests.ui.settings.parts import button, label, opened, part, said

LONG_S = 180.0


async def test_with_the_sandbox_everything_can_be_tried_without_a_key(window: MainWindow, context: AppContext) -> None:
    await opened(window, "sandbox")
    switch, state = part(window, Switch, "settings-sandbox"), said(window, "sandbox-state")
    assert (switch.isChecked(), state.tone, state.text) == (False, Tone.INFO, "Off. Jobs go to the real services.")
    switch.click()
    await until(lambda: state.text == "Starting…")
    await until(lambda: state.tone is Tone.SUCCESS, LONG_S)
    assert context.cloud.sandbox is not None
    assert state.text == f"On, at {context.cloud.sandbox.sandbox}"
    assert switch.isChecked()

    await opened(window, "accounts")
    assert part(window, OutcomeRow, "accounts-sandbox-words").isVisible()
    for provider in ("akool", "aigs"):
        assert label(window, f"account-{provider}-state") == "The sandbox takes any key"
        test, result = button(window, f"account-{provider}-test"), said(window, f"account-{provider}-result")
        test.click()
        await until(test.isEnabled, LONG_S)
        assert result.tone is Tone.SUCCESS, result.text

    for section, steps in (("hosting", 4), ("webhook", 3)):
        await opened(window, section)
        start = button(window, f"{section}-test-start")
        start.click()
        await until(start.isEnabled, LONG_S)
        assert said(window, f"{section}-test-summary").tone is Tone.SUCCESS
        assert window.findChild(OutcomeRow, f"{section}-test-step-{steps}") is not None
    assert not said(window, "webhook-test-step-1").text.endswith("port 0."), "the port that was taken"

    button(window, "webhook-sandbox-go").click()
    # The note leads to the switch.
    await until(switch.isVisible)
    switch.click()
    await until(lambda: state.text == "Off. Jobs go to the real services.")
    await context.cloud.ready()
    assert not said(window, "account-akool-result").text, "the sandbox's word holds no longer"
    assert not said(window, "hosting-test-summary").text


async def test_a_sandbox_that_does_not_start_says_why_and_can_be_tried_again(
    window: MainWindow, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[..., Any] = sandbox_process._command
    monkeypatch.setattr(sandbox_process, "_command", lambda *_: ["/there/is/no/such/program"])
    await opened(window, "sandbox")
    state, again = said(window, "sandbox-state"), button(window, "sandbox-again")
    part(window, Switch, "settings-sandbox").click()
    await until(lambda: state.tone is Tone.ERROR)
    assert "could not be started" in state.text
    assert again.isVisible()
    monkeypatch.setattr(sandbox_process, "_command", real)
    again.click()
    await until(lambda: state.tone is Tone.SUCCESS, LONG_S)
    assert not again.isVisible()
    await context.settings.update("sandbox", is_on=False)
    await context.cloud.ready()


async def test_the_last_of_many_clicks_counts(window: MainWindow, context: AppContext) -> None:
    await opened(window, "sandbox")
    switch, state = part(window, Switch, "settings-sandbox"), said(window, "sandbox-state")
    for _ in range(4):
        switch.click()
    await until(lambda: state.text == "Off. Jobs go to the real services.")
    await context.cloud.ready()
    assert not switch.isChecked()
    assert not context.settings.current.sandbox.is_on
    assert context.cloud.sandbox is None
