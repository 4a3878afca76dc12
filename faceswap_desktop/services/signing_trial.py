"""Tries out who signs, as the settings say: a small picture is signed, and what was written is read back."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.provenance import SignerKind, Validity
from faceswap_desktop.domain.signing import CertificateFacts
from faceswap_desktop.resources import resource_path
from faceswap_desktop.services.checks import CheckNotes, CheckReport, OnStep
from faceswap_desktop.services.identities import Identities
from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.services.signing import Signing
from faceswap_desktop.storage.failures import mapped_errors
from faceswap_desktop.storage.paths import Home

_SAMPLE: Final = ("samples", "grace_hopper.jpg")
_SOON_S: Final = 30 * 86_400.0


class SigningTrial:
    """The test of the settings' section."""

    def __init__(self, home: Home, identities: Identities, signing: Signing, settings: SettingsService) -> None:
        self._home = home
        self._identities = identities
        self._signing = signing
        self._settings = settings

    async def run(self, on_step: OnStep | None = None, *, stays_here: bool = False) -> CheckReport:
        """Look at the certificate, sign a picture of the program's own, and read that back.

        Args:
            on_step: Told of each step.
            stays_here: Ask nobody outside of this computer: with a signing service only the certificate is looked at.
        """
        notes = CheckNotes(on_step)
        try:
            facts = await self._facts()
        except FaceSwapError as error:
            notes.bad("certificate", error.message, error.hint)
            return notes.report()
        notes.good("certificate", _certificate_words(facts))
        if facts.not_after - time.time() < _SOON_S:
            text = message("It ends on {day}: get another one in time.", day=_day(facts.not_after))
            notes.good("time", text)
        if stays_here and self._settings.current.credentials.signer is SignerKind.REMOTE:
            return notes.report()
        try:
            await self._sign(notes)
        except FaceSwapError as error:
            notes.bad("sign", error.message, error.hint)
        return notes.report()

    async def _facts(self) -> CertificateFacts:
        credentials = self._settings.current.credentials
        if credentials.signer is SignerKind.INSTALLATION:
            return (await self._identities.installation()).facts
        return (await self._identities.checked(credentials)).facts

    async def _sign(self, notes: CheckNotes) -> None:
        folder = Path(await asyncio.to_thread(self._make_folder))
        try:
            began = time.monotonic()
            found = await self._signing.sign_trial(resource_path(*_SAMPLE), folder / "trial.jpg")
            took = f"{(time.monotonic() - began) * 1000:.0f}"
            notes.good("sign", message("A picture was signed, in {ms} ms.", ms=took))
            if found.validity is Validity.TRUSTED:
                notes.good("verify", message("It was read back: valid, by a signer on your list of trusted ones."))
            else:
                notes.good("verify", message("It was read back: valid, and not changed since."))
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    def _make_folder(self) -> str:
        with mapped_errors(self._home.scratch_folder):
            return tempfile.mkdtemp(prefix="trial-", dir=self._home.scratch_folder)


def _certificate_words(facts: CertificateFacts) -> Message:
    return message(
        "The certificate will do: {subject}, valid until {day}.", subject=facts.subject, day=_day(facts.not_after)
    )


def _day(when: float) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(when))
