"""Hosting and webhook: what is typed is looked at, keys are kept, and the trials show each step."""

from __future__ import annotations

import socket

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QToolButton

from faceswap_desktop.services.accounts import RELAY_SECRET, S3_SECRETS
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.notifications import Tone
from faceswap_desktop.ui.settings.secret_row import SecretRow
from faceswap_desktop.ui.widgets.forms import Switch
from faceswap_desktop.ui.widgets.numbers import NumberField
from faceswap_desktop.ui.widgets.outcome import OutcomeRow
from tests.ui.conftest import until
from tests.ui.settings.parts import KEY, button, enter, label, opened, part, said, stored


async def tried(window: MainWindow, name: str) -> list[OutcomeRow]:
    """Press the button of a trial, wait for its end, and return its steps; the summary is the last."""
    start = button(window, f"{name}-start")
    start.click()
    assert not start.isEnabled(), "one trial at a time"
    assert button(window, f"{name}-stop").isVisibleTo(window)
    await until(start.isEnabled)
    steps = [window.findChild(OutcomeRow, f"{name}-step-{number}") for number in range(1, 9)]
    return [*(step for step in steps if step is not None), said(window, f"{name}-summary")]


async def test_a_bucket_is_set_up(window: MainWindow, context: AppContext) -> None:
    await opened(window, "hosting")
    state = said(window, "hosting-state")
    assert "No bucket is named" in state.text
    enter(window, "settings-s3-endpoint", "https://s3.example.com")
    enter(window, "settings-s3-bucket", " media-of-mine ")
    enter(window, "settings-s3-region", "auto")
    enter(window, "settings-s3-prefix", "")
    part(window, Switch, "settings-s3-path-style").click()
    s3 = context.settings
    await until(
        lambda: (
            (s3.current.hosting.s3.bucket, s3.current.hosting.s3.region, s3.current.hosting.s3.prefix)
            == ("media-of-mine", "auto", "")
        )
    )
    await until(lambda: not s3.current.hosting.s3.path_style)
    # Its keys are missing.
    await until(lambda: state.tone is Tone.WARNING)
    for secret in S3_SECRETS:
        enter(window, f"secret-{secret}-field", KEY)
        await until(lambda secret=secret: part(window, SecretRow, f"secret-{secret}").is_kept)  # type: ignore[misc]
    await until(lambda: state.text == "Files are put into media-of-mine at s3.example.com.")
    assert KEY not in stored(context)
    assert await context.accounts.has_secrets(S3_SECRETS)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("s3-endpoint", "s3.example.com", "has to look like"),
        ("s3-endpoint", "https://me:pw@s3.example.com", "has to look like"),
        ("s3-bucket", "Media of mine!", "not one that a bucket can have"),
        ("s3-bucket", "b" * 300, "not one that a bucket can have"),
        ("s3-region", "Europe (west)", "small letters"),
        ("s3-region", "", "small letters"),
        ("s3-prefix", "../up", "folder's name"),
        ("webhook-public-url", "example.com/in", "has to begin with https://"),
        ("webhook-public-url", "https://example.com/in?x=1", "“?”"),
        ("webhook-relay-url", "https://me:pw@example.com/in", "user name"),
        ("webhook-relay-url", "nonsense", "has to begin with https://"),
    ],
)
async def test_what_will_not_do_is_said_and_not_taken(
    window: MainWindow, context: AppContext, name: str, text: str, words: str
) -> None:
    await opened(window, "hosting" if name.startswith("s3") else "webhook")
    before = context.settings.current
    enter(window, f"settings-{name}", text)
    assert words in label(window, f"settings-{name}-problem")
    assert context.settings.current == before


async def test_hosting_that_cannot_be_reached(window: MainWindow, context: AppContext) -> None:
    await context.accounts.set_secrets(dict.fromkeys(S3_SECRETS, KEY))
    await opened(window, "hosting")
    *steps, summary = await tried(window, "hosting-test")
    assert [step.tone for step in steps] == [Tone.ERROR]
    assert "none is set up" in steps[0].text
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        await context.settings.update(
            "hosting.s3", endpoint_url=f"http://127.0.0.1:{door.getsockname()[1]}", bucket="media"
        )
        # What was said of other settings holds no longer.
        await until(lambda: not summary.isVisible())
        *steps, summary = await tried(window, "hosting-test")
    assert steps[0].tone is Tone.ERROR
    assert (summary.tone, summary.text) == (Tone.ERROR, "Hosting does not work yet.")


async def test_the_webhook_is_set_up(window: MainWindow, context: AppContext) -> None:
    await opened(window, "webhook")
    state = said(window, "webhook-state")
    assert "neither an address nor a relay is set" in state.text
    enter(window, "settings-webhook-public-url", "https://example.com/in")
    part(window, NumberField, "settings-webhook-port").setValue(0)
    enter(window, "settings-webhook-relay-url", "https://relay.example.com/name")
    enter(window, f"secret-{RELAY_SECRET}-field", KEY)
    webhook = context.settings
    await until(
        lambda: (
            (webhook.current.webhook.public_url, webhook.current.webhook.port, webhook.current.webhook.relay_url)
            == ("https://example.com/in", 0, "https://relay.example.com/name")
        )
    )
    assert part(window, NumberField, "settings-webhook-port").text() == "Any free one"
    await until(lambda: part(window, SecretRow, f"secret-{RELAY_SECRET}").is_kept)
    await until(lambda: "nothing is listened for until a job waits" in state.text)
    assert KEY not in stored(context)
    enter(window, "settings-webhook-public-url", "")
    await until(lambda: webhook.current.webhook.public_url == "")


async def test_the_command_of_the_relay_can_be_copied(window: MainWindow) -> None:
    await opened(window, "webhook")
    part(window, QToolButton, "webhook-relay-copy").click()
    assert QGuiApplication.clipboard().text() == label(window, "webhook-relay-command")
    assert label(window, "webhook-relay-command").startswith("faceswap-desktop relay ")


async def test_a_port_that_is_taken(window: MainWindow, context: AppContext) -> None:
    await opened(window, "webhook")
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        await context.settings.update("webhook", public_url="https://example.com/in", port=door.getsockname()[1])
        *steps, summary = await tried(window, "webhook-test")
    assert [step.tone for step in steps] == [Tone.ERROR]
    assert (summary.tone, summary.text) == (Tone.ERROR, "Deliveries do not arrive yet.")


async def test_a_trial_can_be_stopped(window: MainWindow, context: AppContext) -> None:
    with socket.socket() as door:
        # It takes connections and never answers.
        door.bind(("127.0.0.1", 0))
        door.listen()
        await context.settings.update("webhook", relay_url=f"http://127.0.0.1:{door.getsockname()[1]}/name")
        await opened(window, "webhook")
        button(window, "webhook-test-start").click()
        stop = button(window, "webhook-test-stop")
        assert stop.isVisible()
        stop.click()
        await until(lambda: said(window, "webhook-test-summary").text == "Stopped.")
        assert button(window, "webhook-test-start").isEnabled()
