"""Accounts: keys that are kept and never shown, a test that says how it went, terms, and how a provider is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import keyring
import pytest
from aiohttp import web
from keyring.backend import KeyringBackend
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit

from faceswap_desktop.domain.settings import AkoolApi
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.notifications import Tone
from faceswap_desktop.ui.settings.secret_row import LONGEST_KEY, SecretRow
from faceswap_desktop.ui.widgets.forms import Choice, Switch
from tests.ui.conftest import until
from tests.ui.settings.parts import KEY, answer, button, enter, label, opened, part, said, stored
from tests.unit.transport.servers import web_server

ROW = "secret-akool.api_key"


class Remembering(KeyringBackend):
    """A keyring that works, in memory."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[username] = password

    def delete_password(self, service: str, username: str) -> None:
        self.kept.pop(username, None)


@pytest.fixture
def system_keyring() -> Iterator[Remembering]:
    before, mine = keyring.get_keyring(), Remembering()
    keyring.set_keyring(mine)
    yield mine
    keyring.set_keyring(before)


async def keep(window: MainWindow, row: str = ROW, key: str = KEY) -> None:
    enter(window, f"{row}-field", key)
    await until(lambda: part(window, SecretRow, row).is_kept)


async def test_a_key_is_kept_and_never_shown_again(window: MainWindow, context: AppContext) -> None:
    await opened(window, "accounts")
    field = part(window, QLineEdit, f"{ROW}-field")
    assert field.echoMode() is QLineEdit.EchoMode.Password
    assert not button(window, f"{ROW}-keep").isEnabled()
    assert label(window, "account-akool-state") == "No key yet"
    assert not button(window, "account-akool-test").isEnabled(), "nothing to test"
    await keep(window)
    assert field.text() == ""
    field.undo()
    assert field.text() == "", "undo does not bring it back"
    assert not field.isVisible()
    assert KEY not in stored(context)
    await until(lambda: label(window, "account-akool-state") == "Ready")
    assert button(window, "account-akool-test").isEnabled()
    notice = said(window, "accounts-keyring")
    assert notice.tone is Tone.WARNING
    assert "until the program ends" in notice.text
    assert label(window, f"{ROW}-where") == "Kept for this session"
    assert await context.cloud.secret("akool.api_key") == KEY


async def test_with_a_keyring_it_is_said_that_keys_are_there(
    system_keyring: Remembering, window: MainWindow, context: AppContext
) -> None:
    await opened(window, "accounts")
    await keep(window, "secret-aigs.token")
    await until(lambda: label(window, "account-aigs-state") == "Ready")
    assert system_keyring.kept == {"aigs.token": KEY}
    assert said(window, "accounts-keyring").tone is Tone.INFO
    assert label(window, "secret-aigs.token-where") == "In the keyring"


async def test_half_of_a_pair_is_not_ready(window: MainWindow) -> None:
    await opened(window, "accounts")
    await keep(window, "secret-akool.client_id", "me")
    assert label(window, "account-akool-state") == "No key yet"
    await keep(window, "secret-akool.client_secret")
    await until(lambda: label(window, "account-akool-state") == "Ready")


async def test_a_key_is_replaced_or_left_as_it_is(window: MainWindow, context: AppContext) -> None:
    await opened(window, "accounts")
    await keep(window)
    replace = button(window, f"{ROW}-replace")
    replace.click()
    field = part(window, QLineEdit, f"{ROW}-field")
    assert field.hasFocus()
    QTest.keyClicks(field, "something else")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert replace.hasFocus(), "Esc leaves it"
    assert await context.cloud.secret("akool.api_key") == KEY
    replace.click()
    assert field.text() == ""
    enter(window, f"{ROW}-field", "another-key")
    await until(replace.isVisible)
    assert await context.cloud.secret("akool.api_key") == "another-key"


async def test_forgetting_asks_first(window: MainWindow, context: AppContext) -> None:
    await opened(window, "accounts")
    await keep(window)
    button(window, f"{ROW}-forget").click()
    assert "API key of AKOOL" in await answer(window, yes=False)
    assert await context.cloud.secret("akool.api_key") == KEY
    button(window, f"{ROW}-forget").click()
    await answer(window, yes=True)
    await until(lambda: label(window, "account-akool-state") == "No key yet")
    assert await context.cloud.secret("akool.api_key") is None
    assert part(window, QLineEdit, f"{ROW}-field").isVisible()


async def test_a_key_of_the_environment_stays_and_that_is_said(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACESWAP_AIGS_TOKEN", KEY)
    await opened(window, "accounts")
    row = part(window, SecretRow, "secret-aigs.token")
    await until(lambda: row.is_kept)
    button(window, "secret-aigs.token-forget").click()
    await answer(window, yes=True)
    await until(lambda: "environment" in row.problem)
    assert row.is_kept


@pytest.mark.parametrize(("text", "words"), [("schlüssel", "no key has"), ("x" * (LONGEST_KEY + 1), "longer than any")])
async def test_what_cannot_be_a_key_is_refused_in_words(window: MainWindow, text: str, words: str) -> None:
    await opened(window, "accounts")
    field = part(window, QLineEdit, f"{ROW}-field")
    field.setText(text)
    field.textEdited.emit(text)
    button(window, f"{ROW}-keep").click()
    row = part(window, SecretRow, ROW)
    await until(lambda: words in row.problem)
    assert not row.is_kept
    assert text not in row.problem
    field.setText("a")
    field.textEdited.emit("a")
    assert row.problem == "", "typing on takes the sentence away"


async def test_the_test_says_how_it_went(window: MainWindow, context: AppContext) -> None:
    codes, may_answer = [1101, 1000], asyncio.Event()

    async def akool(_request: web.Request) -> web.Response:
        await may_answer.wait()
        code = codes.pop(0)
        return web.json_response(
            {"code": code, "msg": "<b>said</b>", "data": {"credit": 12.5} if code == 1000 else None}
        )

    await opened(window, "accounts")
    await keep(window)
    test, result = button(window, "account-akool-test"), said(window, "account-akool-result")
    async with web_server(akool) as address:
        await context.settings.update("providers.akool", base_url=address)
        test.click()
        assert test.text() == "Testing…"
        assert not test.isEnabled(), "a second click does nothing"
        may_answer.set()
        await until(test.isEnabled)
        assert (result.tone, result.text) == (Tone.ERROR, "AKOOL does not take the key, or the token has expired.")
        assert result.hint, "it says what helps"
        test.click()
        await until(test.isEnabled)
        assert (result.tone, result.text) == (Tone.SUCCESS, "AKOOL takes the key. 12.5 credits are left.")
        assert result.hint.startswith("Tested at ")
    test.click()
    await until(test.isEnabled)
    assert result.tone is Tone.WARNING, "nobody answers: that says nothing of the key"
    button(window, f"{ROW}-replace").click()
    await keep_another(window)
    assert not result.isVisible(), "it was said of another key"


async def keep_another(window: MainWindow) -> None:
    enter(window, f"{ROW}-field", "another-key")
    await until(button(window, f"{ROW}-replace").isVisible)
    await until(lambda: not said(window, "account-akool-result").text)


async def test_a_key_that_cannot_be_tested_is_not_called_valid(window: MainWindow) -> None:
    await opened(window, "accounts")
    await keep(window, "secret-aifaceswap.api_key")
    test = button(window, "account-aifaceswap-test")
    await until(test.isEnabled)
    test.click()
    result = said(window, "account-aifaceswap-result")
    await until(lambda: "no way to test" in result.text)
    assert result.tone is Tone.INFO


async def test_what_a_provider_demands_is_read_and_agreed_to(window: MainWindow, context: AppContext) -> None:
    await opened(window, "accounts")
    agree = button(window, "account-aigs-agree")
    assert context.accounts.terms("aigs") is not None
    agree.click()
    await until(lambda: not agree.isVisible())
    assert context.accounts.terms("aigs") is None


class Browser(QObject):
    """Stands for the user's browser."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    @Slot(QUrl)
    def show_page(self, url: QUrl) -> None:
        self.shown.append(url.toString())


async def test_where_to_get_a_key(window: MainWindow, context: AppContext) -> None:
    browser = Browser()
    QDesktopServices.setUrlHandler("https", browser, "show_page")  # type: ignore[arg-type]
    try:
        await opened(window, "accounts")
        for provider in ("akool", "aifaceswap", "aigs"):
            button(window, f"account-{provider}-page").click()
        pages = [context.accounts.info(one.id).key_page for one in context.accounts.providers]
        await until(lambda: browser.shown == pages)
    finally:
        QDesktopServices.unsetUrlHandler("https")


async def test_how_akool_is_asked(window: MainWindow, context: AppContext) -> None:
    await opened(window, "accounts")
    choice = part(window, Choice, "settings-akool-api")
    choice.activated.emit(choice.values().index(AkoolApi.V3))
    for name in ("webhook", "legacy-detector"):
        part(window, Switch, f"settings-akool-{name}").click()
    part(window, Switch, "settings-aigs-send-urls").click()
    akool = context.settings
    await until(lambda: akool.current.providers.akool.api is AkoolApi.V3)
    await until(lambda: akool.current.providers.akool.webhook and akool.current.providers.akool.legacy_detector)
    await until(lambda: akool.current.providers.aigs.send_urls)
    reset = button(window, "options-akool-reset")
    await until(reset.isEnabled)
    await context.settings.update("providers.akool.prices", swap_image=9.0)
    reset.click()
    await until(lambda: akool.current.providers.akool.api is AkoolApi.V4_PLUS)
    assert not akool.current.providers.akool.webhook
    assert akool.current.providers.akool.prices.swap_image == 9.0, "prices have a place of their own"
    await until(lambda: not reset.isEnabled())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has to begin with https://"),
        ("openapi.akool.com", "has to begin with https://"),
        ("http://openapi.akool.com", "could read your key"),
        ("https://me:secret@openapi.akool.com", "user name"),
        ("https://openapi.akool.com/?a=b", "“?”"),
        ("https://open api.akool.com", "blanks"),
        ("ftp://openapi.akool.com", "stays as it was"),
    ],
)
async def test_an_address_that_will_not_do_is_not_taken(
    window: MainWindow, context: AppContext, text: str, words: str
) -> None:
    await opened(window, "accounts")
    button_of_options(window).click()
    before = context.settings.current.providers.akool.base_url
    enter(window, "settings-akool-base-url", text)
    problem = "settings-akool-base-url-problem"
    assert words in label(window, problem)
    assert "secret" not in label(window, problem)
    assert context.settings.current.providers.akool.base_url == before
    enter(window, "settings-akool-base-url", " https://eu.example.com/akool ")
    assert label(window, problem) == ""
    await until(lambda: context.settings.current.providers.akool.base_url == "https://eu.example.com/akool")


def button_of_options(window: MainWindow) -> QAbstractButton:
    return part(window, QAbstractButton, "options-akool-head")


async def test_a_field_never_takes_back_what_others_changed(window: MainWindow, context: AppContext) -> None:
    await opened(window, "accounts")
    button_of_options(window).click()
    field = part(window, QLineEdit, "settings-akool-base-url")
    field.setFocus()
    await context.settings.update("providers.akool", base_url="https://elsewhere.example.com")
    await until(lambda: field.text() == "https://elsewhere.example.com")
    part(window, QLineEdit, "settings-akool-detect-url").setFocus()
    await asyncio.sleep(0)
    assert context.settings.current.providers.akool.base_url == "https://elsewhere.example.com"
