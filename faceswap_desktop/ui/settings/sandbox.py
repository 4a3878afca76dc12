"""Sandbox."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from faceswap_desktop.domain.events import AddressesChanged
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.notifications import Tone
from faceswap_desktop.ui.settings import SectionEntry
from faceswap_desktop.ui.settings.section import SettingsSection
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.widgets.buttons import Button
from faceswap_desktop.ui.widgets.forms import SectionHeader, Switch
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.outcome import OutcomeRow


class SandboxSection(SettingsSection):
    """One switch that points all accounts at their likeness on this computer."""

    def __init__(self, context: AppContext, tasks: Tasks, entry: SectionEntry, parent: QWidget | None = None) -> None:
        super().__init__(context, tasks, entry, parent)
        words = self.tr(
            "The sandbox plays AKOOL, aifaceswap and ai-gs on this computer, with a bucket and deliveries of its own, "
            "so that you can try whole jobs without a key and without paying. While it is on nothing leaves this "
            "computer, and none of your keys is used."
        )
        self._switch = Switch(self.tr("Point all accounts at the sandbox"), "settings-sandbox", self)
        self._switch.toggled_by_user.connect(lambda: self.tasks.start(self._turn()))
        self._state = OutcomeRow("sandbox-state", self)
        self._again = Button(self.tr("Try again"), "sandbox-again", self)
        self._again.clicked.connect(lambda: self.tasks.start(self._restart(), key="sandbox-again"))
        buttons = QWidget(self)
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._again)
        row.addStretch(1)
        self._buttons = buttons
        self.add_card(
            SectionHeader(self.tr("Try everything without an account"), self),
            PlainLabel(words, "muted", self, wraps=True),
            self._switch,
            self._state,
            buttons,
        )
        kept = self.tr(
            "Faces are changed by this computer, as without a service; times and credits are made up. "
            "Results stay in your gallery. A job belongs to where it was ordered: one of the sandbox waits while this "
            "is off, and begins anew when it is on again; one of the real services waits while this is on."
        )
        self.add_card(SectionHeader(self.tr("What to expect"), self), PlainLabel(kept, "muted", self, wraps=True))
        context.signals.happened.connect(self._on_event)
        self.follow(lambda settings: self._show())
        self.end()

    def shown(self) -> None:
        """Look where it is."""
        self._show()

    def _on_event(self, event: object) -> None:
        if isinstance(event, AddressesChanged):
            self._show(aloud=True)

    def _show(self, *, aloud: bool = False) -> None:
        is_on, cloud = self.context.current_settings.sandbox.is_on, self.context.cloud
        self._switch.setChecked(is_on)
        problem = cloud.sandbox_problem
        self._buttons.setVisible(problem is not None)
        if not is_on:
            self._state.say(Tone.INFO, self.tr("Off. Jobs go to the real services."))
        elif problem is not None:
            self._state.say(
                Tone.ERROR,
                text_of(problem),
                self.tr("Until it is there, jobs for services wait; nothing goes to the real ones."),
                aloud=aloud,
            )
        elif cloud.sandbox is None:
            self._state.say(Tone.INFO, self.tr("Starting…"), self.tr("Jobs for services wait meanwhile."))
        else:
            at = cloud.sandbox.sandbox
            self._state.say(
                Tone.SUCCESS,
                self.tr("On, at {address}").format(address=at),
                self.tr("All jobs for services go there."),
                aloud=aloud,
            )

    async def _turn(self) -> None:
        await self.context.settings.update("sandbox", is_on=self._switch.isChecked())

    async def _restart(self) -> None:
        await self.context.settings.update("sandbox", is_on=False)
        await self.context.settings.update("sandbox", is_on=True)
