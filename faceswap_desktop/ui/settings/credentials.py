"""Content Credentials: who signs results, and whom the user trusts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QDateTime, QLocale, Qt
from PySide6.QtWidgets import QWidget

from faceswap_desktop.domain.provenance import SignerKind
from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.services.entries import signer_address_problem
from faceswap_desktop.services.identities import PASSPHRASE_SECRET, TOKEN_SECRET
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.dialogs.files import ask_where_to_save
from faceswap_desktop.ui.files import show_in_folder
from faceswap_desktop.ui.notifications import Tone
from faceswap_desktop.ui.settings import SectionEntry
from faceswap_desktop.ui.settings.file_row import FileRow
from faceswap_desktop.ui.settings.secret_row import SecretRow
from faceswap_desktop.ui.settings.section import SettingsSection
from faceswap_desktop.ui.settings.text_row import TextRow
from faceswap_desktop.ui.settings.trial import Trial
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.widgets.buttons import Button
from faceswap_desktop.ui.widgets.forms import Choice, SectionHeader
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.outcome import OutcomeRow

if TYPE_CHECKING:
    from faceswap_desktop.domain.errors import FaceSwapError
    from faceswap_desktop.services.identities import InstallationState

_WHERE: Final = "credentials"
_SUGGESTED: Final = "faceswap-desktop-certificate.pem"


class CredentialsSection(SettingsSection):
    """Whose certificate, its files and secrets, a test, the list of trusted signers, and the program's own."""

    def __init__(self, context: AppContext, tasks: Tasks, entry: SectionEntry, parent: QWidget | None = None) -> None:
        super().__init__(context, tasks, entry, parent)
        self._purpose_card()
        self._signer_card()
        self._test_card()
        self._installation_card()
        self._trust_card()
        self.follow(self._on_settings)
        self.end()

    def shown(self) -> None:
        """Look which secrets are kept, and what there is to say of the program's own certificate."""
        self.tasks.start(self._refresh(), key="credentials", replace=True, on_error=self._on_error)

    def _purpose_card(self) -> None:
        what = self.tr(
            "Every result says in a signed note what was done to it: opened, face swapped, by which program and "
            "service, with a label or without. Programs and websites that know Content Credentials (C2PA) show it, "
            "and notice when anything was changed since."
        )
        worth = self.tr(
            "This program's own certificate proves that nothing was changed, not who you are: nobody vouches for it. "
            "For that, sign with a certificate of your own that somebody issued."
        )
        self.add_card(
            SectionHeader(self.tr("What they are for"), self),
            PlainLabel(what, "muted", self, wraps=True),
            PlainLabel(worth, "muted", self, wraps=True),
        )

    def _signer_card(self) -> None:
        signer = Choice(
            self.tr("Who signs"),
            "settings-signer",
            (
                (SignerKind.INSTALLATION, self.tr("This program")),
                (SignerKind.OWN, self.tr("A certificate of mine")),
                (SignerKind.REMOTE, self.tr("A signing service")),
            ),
            self,
        )
        self.bind(signer, _WHERE, "signer")
        self._files = {
            "certificate": FileRow(
                self, _WHERE, "certificate", self.tr("Certificate"), self,
                hint=self.tr("PEM: yours first, then who issued it."),
            ),
            "key": FileRow(self, _WHERE, "key", self.tr("Private key"), self, hint=self.tr("PEM.")),
        }  # fmt: skip
        self._passphrase = self._secret(
            PASSPHRASE_SECRET,
            self.tr("Passphrase of the key"),
            self.tr("Passphrase of your key for signing"),
            self.tr("Only if the key is encrypted."),
        )
        self._address = TextRow(
            self,
            self.tr("Address of the service"),
            "settings-signer-url",
            _WHERE,
            "signer_url",
            check=signer_address_problem,
            placeholder="https://sign.example.com/c2pa",
            hint=self.tr("Only what is to be signed goes there, some kilobytes of each result; never the result."),
        )
        self._token = self._secret(
            TOKEN_SECRET,
            self.tr("Token"),
            self.tr("Token of the signing service"),
            self.tr("Sent with each request, if the service wants one."),
        )
        self.add_card(
            SectionHeader(self.tr("Who signs"), self),
            self.row(self.tr("Results are signed by"), signer),
            *self._files.values(),
            self._passphrase,
            self._address,
            self._token,
        )

    def _test_card(self) -> None:
        self._trial = Trial(
            self.tasks,
            "credentials-test",
            self.tr("Test"),
            self.tr("Test signing"),
            self.context.signing_trial.run,
            self.tr("Signing works."),
            self.tr("Signing does not work yet. Results wait until it does; nothing is lost."),
            self,
        )
        words = self.tr("Signs a picture that comes with the program, and reads back what was written.")
        self.add_card(
            SectionHeader(self.tr("Try it out"), self), PlainLabel(words, "muted", self, wraps=True), self._trial
        )

    def _installation_card(self) -> None:
        self._facts = PlainLabel("", "muted", self, wraps=True)
        self._facts.setObjectName("credentials-facts")
        self._facts.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        # To be compared and copied by keyboard too.
        self._facts.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._kept = OutcomeRow("credentials-key", self)
        export = Button(self.tr("Export certificate…"), "credentials-export", self)
        export.clicked.connect(lambda: self.tasks.start(self._export(), key="credentials-export"))
        words = self.tr("Others can put it on their list of trusted signers. The private key stays here.")
        self.add_card(
            SectionHeader(self.tr("This program's certificate"), self),
            self._facts,
            self._kept,
            self.row(self.tr("For others"), export, words),
        )

    def _trust_card(self) -> None:
        hint = self.tr("PEM: certificates of those whose signatures count as trusted when you verify a file.")
        self._trust = FileRow(self, _WHERE, "trust_anchors", self.tr("Trusted signers"), self, hint=hint)
        self.add_card(SectionHeader(self.tr("Whom you trust"), self), self._trust)

    def _secret(self, secret: str, title: str, whose: str, hint: str) -> SecretRow:
        keep = partial(self.context.signing.identities.set_secret, secret)
        row = SecretRow(self.tasks, title, whose, f"secret-{secret}", keep, self, hint=hint)
        row.changed.connect(self._on_secret_changed)
        return row

    async def _export(self) -> None:
        state = self.context.window_state
        path = await ask_where_to_save(
            self.window(), state, self.tr("Export certificate"), _SUGGESTED, self.tr("Certificates (*.pem)")
        )
        if path is not None:
            await self.context.signing.identities.export_certificate(path)
            self.context.notifications.success(
                self.tr("Saved {name}.").format(name=path.name),
                button=self.tr("Show in folder"),
                action=lambda: self.tasks.start(show_in_folder(path)),
                key="saved",
            )

    async def _refresh(self) -> None:
        identities = self.context.signing.identities
        is_lasting = await identities.keeps_secrets()
        for secret, row in ((PASSPHRASE_SECRET, self._passphrase), (TOKEN_SECRET, self._token)):
            row.set_kept(await identities.has_secret(secret), is_lasting=is_lasting)
        self._show_installation(await identities.installation())

    def _show_installation(self, state: InstallationState) -> None:
        until = QLocale().toString(
            QDateTime.fromSecsSinceEpoch(int(state.facts.not_after)).date(), QLocale.FormatType.LongFormat
        )
        self._facts.setText(
            self.tr("Valid until {until}. Its fingerprint (SHA-256):\n{fingerprint}").format(
                until=until, fingerprint=_in_pairs(state.facts.sha256)
            )
        )
        if state.is_in_keyring:
            words = self.tr("The private key is kept in the keyring: {keyring}.").format(keyring=state.keyring)
            self._kept.say(Tone.INFO, words)
        else:
            self._kept.say(
                Tone.WARNING,
                self.tr("This computer offers no keyring. The private key is kept in a file that you alone can read."),
                state.key_file,
            )

    def _on_error(self, error: FaceSwapError) -> None:
        self._kept.say(Tone.ERROR, text_of(error.message), text_of(error.hint))

    def _on_secret_changed(self) -> None:
        self._trial.forget()
        self.shown()

    def _on_settings(self, settings: Settings) -> None:
        now = settings.credentials
        for key, row in self._files.items():
            row.show_path(getattr(now, key))
        self._trust.show_path(now.trust_anchors)
        is_own, is_remote = now.signer is SignerKind.OWN, now.signer is SignerKind.REMOTE
        self._files["certificate"].setVisible(is_own or is_remote)
        self._files["key"].setVisible(is_own)
        self._passphrase.setVisible(is_own)
        self._address.setVisible(is_remote)
        self._token.setVisible(is_remote)
        if getattr(self, "_tested", now) != now:
            self._trial.forget()
        self._tested = now


def _in_pairs(digest: str) -> str:
    """Return a digest as two lines, since a line breaks at no colon."""
    pairs = [digest[at : at + 2].upper() for at in range(0, len(digest), 2)]
    half = len(pairs) // 2
    return ":".join(pairs[:half]) + ":\n" + ":".join(pairs[half:])
