"""To which other provider the same is to be sent: each with what it takes, or with the reason why it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QVBoxLayout, QWidget

from faceswap_desktop.domain.cloud import NeedKind
from faceswap_desktop.services.offers import Outlook
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.dialogs.questions import WIDTH, QuestionDialog
from faceswap_desktop.ui.gallery.cloud_words import credits_text, tr
from faceswap_desktop.ui.texts import duration_text, text_of
from faceswap_desktop.ui.widgets.buttons import LinkButton
from faceswap_desktop.ui.widgets.labels import PlainLabel

_INDENT = 24


@dataclass(frozen=True, slots=True)
class Choice:
    """One provider that is offered.

    Attributes:
        id: Of the provider.
        title: What people call it.
        words: What it takes, or why it cannot.
        can_run: It can be chosen.
        needs: What is not set up for it.
    """

    id: str
    title: str
    words: str
    can_run: bool
    needs: frozenset[NeedKind] = frozenset()


class SendDialog(QuestionDialog):
    """Asks for one of the providers.

    Attributes:
        chosen: Id of the provider, when the dialog was accepted.
        settings_wanted: The user wants to set something up first.
    """

    chosen = Signal(str)
    settings_wanted = Signal()

    def __init__(self, parent: QWidget, choices: Sequence[Choice]) -> None:
        super().__init__(
            parent,
            tr("Send to another provider"),
            tr("The same media with the same faces and ages is done once more there, so that the two can be compared."),
            tr("Send"),
        )
        self.setObjectName("send-dialog")
        self._group = QButtonGroup(self)
        self._choices = list(choices)
        place = 2
        for number, choice in enumerate(choices):
            button = QRadioButton(choice.title.replace("&", "&&"), self)
            name(button, f"send-to-{choice.id}", choice.title, choice.words)
            button.setEnabled(choice.can_run)
            self._group.addButton(button, number)
            words = PlainLabel(choice.words, "muted", self, wraps=True)
            words.setObjectName(f"send-words-{choice.id}")
            words.setFixedWidth(WIDTH)
            words.setContentsMargins(_INDENT, 0, 0, 0)
            both = QVBoxLayout()
            both.setSpacing(0)
            both.addWidget(button)
            both.addWidget(words)
            self.column.insertLayout(place, both)
            place += 1
        possible = next((number for number, choice in enumerate(choices) if choice.can_run), None)
        if possible is not None:
            self._group.button(possible).setChecked(True)
            self._group.button(possible).setFocus()
        self.yes.setEnabled(possible is not None)
        self.accepted.connect(self._on_accepted)
        if any(choice.needs and not choice.can_run for choice in choices):
            settings = LinkButton(tr("Open settings"), "send-settings", self)
            settings.setAutoDefault(False)
            settings.clicked.connect(self._on_settings)
            self.column.insertWidget(place, settings, 0, Qt.AlignmentFlag.AlignLeft)

    def _on_settings(self) -> None:
        self.reject()
        self.settings_wanted.emit()

    def _on_accepted(self) -> None:
        number = self._group.checkedId()
        if number >= 0:
            self.chosen.emit(self._choices[number].id)


def why_not(outlook: Outlook) -> str:
    """Say why a provider cannot do a recipe now; empty if it can."""
    if outlook.fit.refusals:
        return " ".join(text_of(one) for one in outlook.fit.refusals)
    # Terms are read and accepted on the way.
    needs = [one for one in outlook.needs if one.kind is not NeedKind.TERMS]
    if needs:
        return " ".join(filter(None, (text_of(part) for one in needs for part in (one.message, one.hint))))
    if outlook.exceeds_budget:
        return tr("It would exceed your monthly cap. The cap is in the settings, under Budget.")
    return ""


def outlook_words(outlook: Outlook, unit: str, kept_days: int) -> str:
    """Say what a recipe takes at a provider: credits, time, what leaves the computer, what is done on copies."""
    quote = outlook.quote
    parts = [tr("About {amount}").format(amount=credits_text(quote.credits, unit))] if quote.credits else []
    parts.append(tr("about {time}").format(time=duration_text(max(1.0, quote.seconds))))
    if quote.leaves_computer:
        count = quote.files_leaving
        files = tr("1 file leaves this computer") if count == 1 else tr("{n} files leave this computer").format(n=count)
        to = tr("to {hosts}").format(hosts=", ".join(quote.destinations)) if quote.destinations else ""
        parts.append(f"{files} {to}".strip())
        if kept_days:
            parts.append(tr("kept there for {n} days").format(n=kept_days))
    else:
        parts.append(tr("nothing leaves this computer"))
    words = " · ".join(parts)
    words = f"{words[:1].upper()}{words[1:]}."
    return " ".join((words, *(text_of(one) for one in outlook.fit.mends)))
