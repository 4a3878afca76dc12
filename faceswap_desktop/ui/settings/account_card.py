"""The card of one account: its keys, a test, what the provider demands, and how it is asked."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.ui.files import open_page
from faceswap_desktop.ui.notifications import Tone
from faceswap_desktop.ui.settings.account_options import AccountOptions
from faceswap_desktop.ui.settings.secret_row import SecretRow
from faceswap_desktop.ui.settings.section import SettingsSection
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.theme.tokens import GRID, HALF, PAD
from faceswap_desktop.ui.widgets.buttons import Button, LinkButton
from faceswap_desktop.ui.widgets.forms import SectionHeader, line
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.outcome import OutcomeRow
from faceswap_desktop.ui.widgets.roles import set_role

if TYPE_CHECKING:
    from faceswap_desktop.domain.cloud import AccountInfo, AccountStatus
    from faceswap_desktop.domain.errors import FaceSwapError
    from faceswap_desktop.providers.protocol import ProviderInfo


class AccountCard(QFrame):
    """One provider.

    What the last test said stays until a key changes, or the sandbox comes or goes.
    """

    def __init__(self, section: SettingsSection, provider: ProviderInfo) -> None:
        super().__init__(section)
        self._section, self._provider = section, provider
        self._accounts = section.context.accounts
        self._info: AccountInfo = self._accounts.info(provider.id)
        self._is_complete = self._is_asking = self._had_keyboard = False
        self._rows: dict[str, SecretRow] = {}
        set_role(self, "card")
        self.setObjectName(f"account-{provider.id}")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(PAD, PAD - HALF, PAD, PAD - HALF)
        self._column.setSpacing(GRID + HALF)
        self._state = PlainLabel("", "small", self)
        self._state.setObjectName(f"account-{provider.id}-state")
        head = SectionHeader(provider.title, self)
        head.add_widget(self._state)
        self._column.addWidget(head)
        self._column.addWidget(PlainLabel(text_of(provider.limits), "small", self, wraps=True))
        self._add_keys()
        self._add_test()
        if self._info.terms is not None:
            self._add_terms()
        self._column.addWidget(line(self))
        self._column.addWidget(AccountOptions(section, provider, self))
        section.follow(self._on_settings)

    async def refresh(self) -> None:
        """Look which keys are kept."""
        state = await self._accounts.state(self._provider.id)
        self._is_complete = state.is_complete
        for name, row in self._rows.items():
            row.set_kept(name in state.set_fields, is_lasting=state.notice is None)
        self._show_state()

    def forget_test(self) -> None:
        """What was said of another key, or by the sandbox, holds no longer."""
        if not self._section.tasks.is_running(self._test_key):
            self._result.clear()
            self._show_state()

    def _add_keys(self) -> None:
        for number, fields in enumerate(self._info.alternatives):
            if number:
                self._column.addWidget(PlainLabel(self.tr("Or, instead of that:"), "small", self))
            for field in fields:
                title, owner = text_of(field.title), self._provider.title
                row = SecretRow(
                    self._section.tasks,
                    title,
                    self.tr("{key} of {owner}").format(key=title, owner=owner),
                    f"secret-{field.name}",
                    partial(self._keep, field.name),
                    self,
                    hint=text_of(field.help),
                )
                row.changed.connect(self._on_key_changed)
                self._rows[field.name] = row
                self._column.addWidget(row)

    def _add_test(self) -> None:
        provider = self._provider
        self._test_button = Button(self.tr("Test"), f"account-{provider.id}-test", self)
        self._test_button.setAccessibleName(self.tr("Test the account at {owner}").format(owner=provider.title))
        self._test_button.clicked.connect(self._on_test)
        where = LinkButton(self.tr("Where to get a key"), f"account-{provider.id}-page", self)
        where.setAccessibleName(
            self.tr("Where to get a key of {owner}, opens the browser").format(owner=provider.title)
        )
        where.setToolTip(self._info.key_page)
        where.clicked.connect(lambda: self._section.tasks.start(self._open_page()))
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self._test_button)
        row.addWidget(where)
        row.addStretch(1)
        self._column.addLayout(row)
        self._result = OutcomeRow(f"account-{provider.id}-result", self)
        self._column.addWidget(self._result)

    def _add_terms(self) -> None:
        provider = self._provider
        self._column.addWidget(line(self))
        head = SectionHeader(self.tr("What {owner} demands").format(owner=provider.title), self)
        self._agreed = PlainLabel(self.tr("You agreed to this."), "small", self)
        self._agree = Button(self.tr("Agree"), f"account-{provider.id}-agree", self)
        self._agree.setAccessibleName(self.tr("Agree to what {owner} demands").format(owner=provider.title))
        self._agree.clicked.connect(
            lambda: self._section.tasks.start(
                self._accounts.accept_terms(provider.id), key=f"agree-{provider.id}", on_error=self._on_error
            )
        )
        head.add_widget(self._agreed)
        head.add_widget(self._agree)
        self._column.addWidget(head)
        self._column.addWidget(PlainLabel(text_of(self._info.terms), "muted", self, wraps=True))

    @property
    def _test_key(self) -> str:
        return f"test-{self._provider.id}"

    async def _open_page(self) -> None:
        open_page(self._info.key_page)

    async def _keep(self, name: str, value: str) -> None:
        await self._accounts.set(self._provider.id, {name: value})

    def _on_key_changed(self) -> None:
        self._section.tasks.cancel(self._test_key)
        self._result.clear()
        self._section.shown()

    def _on_settings(self, settings: Settings) -> None:
        if self._info.terms is not None:
            is_agreed = self._accounts.terms(self._provider.id) is None
            self._agreed.setVisible(is_agreed)
            self._agree.setVisible(not is_agreed)
        self._show_state()

    def _show_state(self) -> None:
        is_busy = self._section.tasks.is_running(self._test_key)
        is_sandbox = self._section.context.current_settings.sandbox.is_on
        if is_sandbox:
            words = self.tr("The sandbox takes any key")
        else:
            words = self.tr("Ready") if self._is_complete else self.tr("No key yet")
        self._state.setText(words)
        self._test_button.setEnabled((self._is_complete or is_sandbox) and not is_busy)
        self._test_button.setText(self.tr("Testing…") if is_busy else self.tr("Test"))

    def _on_test(self) -> None:
        # A button that is switched off loses the keyboard.
        self._is_asking, self._had_keyboard = True, self._test_button.hasFocus()
        self._result.say(Tone.INFO, self.tr("Asking {owner}…").format(owner=self._provider.title))
        self._section.tasks.start(self._test(), key=self._test_key, on_error=self._on_error, on_done=self._on_test_done)
        self._show_state()

    async def _test(self) -> None:
        status = await self._accounts.test(self._provider.id)
        self._is_asking = False
        self._result.say(_tone_of(status), text_of(status.message), self._beside(status), aloud=True)

    def _beside(self, status: AccountStatus) -> str:
        """Return what helps, or when it was: what is left changes."""
        if status.hint is not None:
            return text_of(status.hint)
        return self.tr("Tested at {time}.").format(time=time.strftime("%H:%M")) if status.is_checked else ""

    def _on_test_done(self) -> None:
        if self._is_asking:
            # It was cancelled.
            self._result.clear()
        self._is_asking = False
        self._show_state()
        if self._had_keyboard:
            self._test_button.setFocus()

    def _on_error(self, error: FaceSwapError) -> None:
        self._is_asking = False
        self._result.say(Tone.ERROR, text_of(error.message), text_of(error.hint), aloud=True)


def _tone_of(status: AccountStatus) -> Tone:
    if not status.is_checked:
        return Tone.INFO if status.is_valid else Tone.WARNING
    return Tone.SUCCESS if status.is_valid else Tone.ERROR
