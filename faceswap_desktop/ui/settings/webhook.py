"""Webhook."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QWidget

from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.services.accounts import RELAY_SECRET
from faceswap_desktop.services.entries import delivery_address_problem
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.notifications import Tone
from faceswap_desktop.ui.settings import SectionEntry
from faceswap_desktop.ui.settings.sandbox_note import SandboxNote
from faceswap_desktop.ui.settings.secret_row import SecretRow
from faceswap_desktop.ui.settings.section import SettingsSection
from faceswap_desktop.ui.settings.text_row import TextRow
from faceswap_desktop.ui.settings.trial import Trial
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.theme.tokens import GRID
from faceswap_desktop.ui.widgets.buttons import IconButton
from faceswap_desktop.ui.widgets.forms import SectionHeader
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.numbers import NumberField
from faceswap_desktop.ui.widgets.outcome import OutcomeRow

_WHERE: Final = "webhook"
_COMMAND: Final = "faceswap-desktop relay --token-file FILE"
_LOOK_MS: Final = 2_000
"""A connection to a relay comes and goes without an event."""


class WebhookSection(SettingsSection):
    """The address at which providers deliver results, or the relay that takes them."""

    def __init__(self, context: AppContext, tasks: Tasks, entry: SectionEntry, parent: QWidget | None = None) -> None:
        super().__init__(context, tasks, entry, parent)
        self.column.addWidget(
            SandboxNote(self, self.tr("It delivers to this computer by itself; what is set here is left alone."))
        )
        self._purpose_card()
        self._address_card()
        self._relay_card()
        self._test_card()
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self.follow(self._on_settings)
        self.end()

    def shown(self) -> None:
        """Look whether a token is kept, and from now on how the connection is."""
        self.tasks.start(self._refresh(), key="webhook", replace=True)
        self._look()
        self._timer.start()

    def _purpose_card(self) -> None:
        why = self.tr(
            "aifaceswap delivers its results to an address instead of letting them be fetched, so one has to be set up "
            "here. AKOOL can announce its results in the same way (see Accounts). ai-gs needs none."
        )
        when = self.tr(
            "The program listens only while a job waits for a delivery. What is delivered while it is closed is lost, "
            "and paid for, unless a relay keeps it."
        )
        self._state = OutcomeRow("webhook-state", self)
        self.add_card(
            SectionHeader(self.tr("What a webhook is for"), self),
            PlainLabel(why, "muted", self, wraps=True),
            PlainLabel(when, "muted", self, wraps=True),
            self._state,
        )

    def _address_card(self) -> None:
        address = TextRow(
            self,
            self.tr("Public address"),
            "settings-webhook-public-url",
            _WHERE,
            "public_url",
            check=delivery_address_problem,
            placeholder="https://example.com/faceswap",
            hint=self.tr("From a tunnel, a reverse proxy or your router. If a relay is set too, this one is used."),
        )
        port = NumberField(
            self.tr("Port on this computer"), "settings-webhook-port", 0, 65535, self, zero_text=self.tr("Any free one")
        )
        self.bind(port, _WHERE, "port")
        hint = self.tr("Where the address has to lead. Nothing outside this computer can reach it by itself.")
        self.add_card(
            SectionHeader(self.tr("An address of yours"), self),
            address,
            self.row(self.tr("Port on this computer"), port, hint),
        )

    def _relay_card(self) -> None:
        what = self.tr(
            "A relay takes deliveries on the internet, and the program fetches them there; nothing at home has to be "
            "opened. With a server of your own, start there:"
        )
        stores = self.tr(
            "It keeps what comes for 7 days, so that nothing is lost while this program is closed. A channel at "
            "smee.io works as well, but keeps nothing."
        )
        relay = TextRow(
            self,
            self.tr("Address of the relay"),
            "settings-webhook-relay-url",
            _WHERE,
            "relay_url",
            check=delivery_address_problem,
            placeholder="https://relay.example.com/name",
        )
        self._token = SecretRow(
            self.tasks,
            self.tr("Token"),
            self.tr("Token of the relay"),
            f"secret-{RELAY_SECRET}",
            self._keep,
            self,
            hint=self.tr("What stands in that file. smee.io has none."),
        )
        self._token.changed.connect(self._on_token_changed)
        self.add_card(
            SectionHeader(self.tr("Or a relay"), self),
            PlainLabel(what, "muted", self, wraps=True),
            self._command(),
            PlainLabel(stores, "muted", self, wraps=True),
            relay,
            self._token,
        )

    def _command(self) -> QWidget:
        box = QWidget(self)
        words = PlainLabel(_COMMAND, "keys", box)
        words.setObjectName("webhook-relay-command")
        copy = IconButton("copy", self.tr("Copy the command"), "webhook-relay-copy", box, colour=IconColour.MUTED)
        copy.clicked.connect(self._on_copy)
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(words)
        row.addWidget(copy)
        row.addStretch(1)
        return box

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(_COMMAND)
        self.context.notifications.info(self.tr("The command is in the clipboard."), key="copied")

    def _test_card(self) -> None:
        self._trial = Trial(
            self.tasks,
            "webhook-test",
            self.tr("Test"),
            self.tr("Test the webhook"),
            self.context.cloud.mailbox.test,
            self.tr("Deliveries arrive."),
            self.tr("Deliveries do not arrive yet."),
            self,
        )
        words = self.tr("Listens, delivers something to the address from here, and waits until it arrives.")
        self.add_card(
            SectionHeader(self.tr("Try it out"), self), PlainLabel(words, "muted", self, wraps=True), self._trial
        )

    async def _keep(self, value: str) -> None:
        await self.context.accounts.set_secrets({RELAY_SECRET: value})

    async def _refresh(self) -> None:
        is_kept = await self.context.accounts.has_secrets([RELAY_SECRET])
        self._token.set_kept(is_kept, is_lasting=await self.keeps_secrets())

    def _on_token_changed(self) -> None:
        self._trial.forget()
        self.shown()

    def _on_settings(self, settings: Settings) -> None:
        now = (settings.webhook, settings.sandbox)
        if getattr(self, "_tested", now) != now:
            self._trial.forget()
        self._tested = now
        self._show_state()

    def _look(self) -> None:
        if not self.isVisible():
            self._timer.stop()
        self._show_state()

    def _show_state(self) -> None:
        mailbox = self.context.cloud.mailbox
        waiting = len(mailbox.waiting_jobs)
        if (why := mailbox.why_closed) is not None:
            self._state.say(Tone.WARNING if waiting else Tone.INFO, text_of(why))
        elif (problem := mailbox.problem) is not None:
            self._state.say(Tone.WARNING, text_of(problem), self._waiting_words(waiting))
        elif mailbox.is_listening:
            self._state.say(Tone.SUCCESS, self.tr("Deliveries can come now."), self._waiting_words(waiting))
        else:
            self._state.say(
                Tone.INFO, self.tr("Deliveries can be received; nothing is listened for until a job waits.")
            )

    def _waiting_words(self, waiting: int) -> str:
        if not waiting:
            return ""
        return (
            self.tr("1 job waits for a delivery.")
            if waiting == 1
            else self.tr("{n} jobs wait for a delivery.").format(n=waiting)
        )
