"""Accounts."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from faceswap_desktop.domain.events import AddressesChanged, SettingsChanged
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.notifications import Tone
from faceswap_desktop.ui.settings import SectionEntry
from faceswap_desktop.ui.settings.account_card import AccountCard
from faceswap_desktop.ui.settings.sandbox_note import SandboxNote
from faceswap_desktop.ui.settings.section import SettingsSection
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.widgets.outcome import OutcomeRow


class AccountsSection(SettingsSection):
    """The user's keys at providers on the internet, a card for each."""

    def __init__(self, context: AppContext, tasks: Tasks, entry: SectionEntry, parent: QWidget | None = None) -> None:
        super().__init__(context, tasks, entry, parent)
        self.column.addWidget(
            SandboxNote(self, self.tr("All accounts point at the sandbox; your keys are not used meanwhile."))
        )
        self._keyring = OutcomeRow("accounts-keyring", self)
        self._keyring.say(Tone.INFO, self.tr("Keys are kept in the system's keyring, never in a file."))
        self.column.addWidget(self._keyring)
        self._cards = [AccountCard(self, provider) for provider in context.accounts.providers]
        for one in self._cards:
            self.column.addWidget(one)
        context.signals.happened.connect(self._on_event)
        self.end()

    def shown(self) -> None:
        """Look which keys are kept: the command line can change that too."""
        self.tasks.start(self._refresh(), key="accounts", replace=True)

    async def _refresh(self) -> None:
        for one in self._cards:
            await one.refresh()
        providers = self.context.accounts.providers
        if providers:
            state = await self.context.accounts.state(providers[0].id)
            if state.notice is not None:
                self._keyring.say(Tone.WARNING, text_of(state.notice), self.tr("They are never written to a file."))
            else:
                self._keyring.say(Tone.INFO, self.tr("Keys are kept in the system's keyring, never in a file."))

    def _on_event(self, event: object) -> None:
        is_other = isinstance(event, SettingsChanged) and event.old.sandbox != event.new.sandbox
        if is_other or isinstance(event, AddressesChanged):
            for one in self._cards:
                one.forget_test()
