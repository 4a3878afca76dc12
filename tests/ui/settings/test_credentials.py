"""Content Credentials: who signs, what that needs, a trial, and the program's own certificate."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.provenance import SignerKind
from faceswap_desktop.services.identities import PASSPHRASE_SECRET, TOKEN_SECRET
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.notifications import Tone
from faceswap_desktop.ui.settings import credentials as section
from faceswap_desktop.ui.settings.secret_row import SecretRow
from tests.ui.conftest import until
from tests.ui.settings.parts import KEY, button, enter, label, opened, part, said, stored


def is_shown(window: MainWindow, name: str) -> bool:
    found = window.findChild(QWidget, name)
    assert found is not None, name
    return found.isVisibleTo(window)


async def test_each_signer_shows_what_it_needs(window: MainWindow, context: AppContext) -> None:
    await opened(window, "credentials")
    needs = ("settings-certificate-choose", "settings-key-choose", f"secret-{PASSPHRASE_SECRET}", "settings-signer-url")
    shown = {
        SignerKind.INSTALLATION: (False, False, False, False),
        SignerKind.OWN: (True, True, True, False),
        SignerKind.REMOTE: (True, False, False, True),
    }
    for signer, expected in shown.items():
        await context.settings.update("credentials", signer=signer)
        assert tuple(is_shown(window, name) for name in needs) == expected


async def test_the_programs_certificate_is_shown_tried_and_handed_on(
    window: MainWindow, program: Program, context: AppContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await program.pool.start(warm=False)
    await opened(window, "credentials")
    kept = said(window, "credentials-key")
    await until(lambda: bool(kept.text))
    assert kept.tone is Tone.WARNING
    assert kept.hint.endswith("key.pem")
    assert "SHA-256" in label(window, "credentials-facts")
    start = button(window, "credentials-test-start")
    start.click()
    await until(start.isEnabled)
    assert said(window, "credentials-test-summary").text == "Signing works."

    async def choose(*_: object, **__: object) -> Path:
        return tmp_path / "mine.pem"

    monkeypatch.setattr(section, "ask_where_to_save", choose)
    button(window, "credentials-export").click()
    await until((tmp_path / "mine.pem").exists)
    # What was tried holds no longer when the signer is another.
    await context.settings.update("credentials", signer=SignerKind.OWN)
    assert said(window, "credentials-test-summary").text == ""
    start.click()
    await until(start.isEnabled)
    assert "does not work yet" in said(window, "credentials-test-summary").text
    assert said(window, "credentials-test-step-1").text == "No certificate is chosen."


async def test_a_signing_service_is_set_up(window: MainWindow, context: AppContext) -> None:
    await context.settings.update("credentials", signer=SignerKind.REMOTE)
    await opened(window, "credentials")
    enter(window, "settings-signer-url", "http://sign.example.com/c2pa")
    assert "https://" in label(window, "settings-signer-url-problem")
    assert context.current_settings.credentials.signer_url == ""
    enter(window, "settings-signer-url", "https://sign.example.com/c2pa")
    await until(lambda: context.current_settings.credentials.signer_url == "https://sign.example.com/c2pa")
    enter(window, f"secret-{TOKEN_SECRET}-field", KEY)
    await until(lambda: part(window, SecretRow, f"secret-{TOKEN_SECRET}").is_kept)
    assert KEY not in stored(context)
