"""What every section of the settings has in common."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.settings import SectionEntry
from faceswap_desktop.ui.theme.tokens import HALF
from faceswap_desktop.ui.widgets.forms import Choice, FormRow, Switch, card
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.numbers import DecimalField, NumberField
from faceswap_desktop.ui.widgets.sections import SectionColumn
from faceswap_desktop.ui.widgets.values import ValueSlider

Control = Switch | Choice | NumberField | DecimalField | ValueSlider


class SettingsSection(SectionColumn):
    """A column of cards whose controls are bound to settings: changed at once, and following every change."""

    def __init__(self, context: AppContext, tasks: Tasks, entry: SectionEntry, parent: QWidget | None = None) -> None:
        self.id = entry.id
        super().__init__(entry.shown_title(), parent)
        self.context = context
        self.tasks = tasks
        self._readers: list[Callable[[Settings], None]] = []
        context.signals.settings_changed.connect(self._on_changed)

    def shown(self) -> None:
        """The section comes into sight: measure what has to be measured."""

    def bind(self, control: Control, section: str, key: str) -> None:
        """Join a control with one value of the settings; a section within a section is named with a dot."""
        match control:
            case Switch():
                control.toggled_by_user.connect(lambda value: self.change(section, key, value))
                self._follow(section, key, control.setChecked)
            case Choice():
                control.chosen.connect(lambda value: self.change(section, key, value))
                self._follow(section, key, control.set_value)
            case NumberField() | DecimalField():
                control.committed.connect(lambda value: self.change(section, key, value))
                self._follow(section, key, control.set_number)
            case ValueSlider():
                control.committed.connect(lambda value: self.change(section, key, round(value)))
                self._follow(section, key, control.set_value)

    def follow(self, reader: Callable[[Settings], None]) -> None:
        """Call a function with the settings, now and after every change."""
        self._readers.append(reader)
        reader(self.context.settings.current)

    def change(self, section: str, key: str, value: Any) -> None:
        """Change one value at once."""
        self.tasks.start(self.context.settings.update(section, **{key: value}))

    def add_card(self, *widgets: QWidget) -> None:
        """Put widgets on a card of their own."""
        frame, column = card(self)
        for widget in widgets:
            column.addWidget(widget)
        self.column.addWidget(frame)

    def row(self, label: str, control: QWidget, hint: str = "") -> FormRow:
        """Make a row with words and a control."""
        return FormRow(label, control, hint, self)

    def noted(self, switch: Switch, hint: str) -> QWidget:
        """Put below a switch what it means."""
        box = QWidget(self)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(HALF)
        column.addWidget(switch)
        column.addWidget(PlainLabel(hint, "small", box, wraps=True))
        switch.setAccessibleDescription(hint)
        return box

    async def keeps_secrets(self) -> bool:
        """Say whether keys outlast this session, because the system has a keyring."""
        states = [await self.context.accounts.state(one.id) for one in self.context.accounts.providers[:1]]
        return all(state.notice is None for state in states)

    def end(self) -> None:
        """Keep the cards at the top."""
        self.column.addStretch(1)

    def _follow(self, section: str, key: str, show: Callable[[Any], object]) -> None:
        value = attrgetter(f"{section}.{key}")
        self.follow(lambda settings: _ignore(show(value(settings))))

    def _on_changed(self) -> None:
        for reader in self._readers:
            reader(self.context.settings.current)


def _ignore(_value: object) -> None:
    """Drop what a setter returns."""
