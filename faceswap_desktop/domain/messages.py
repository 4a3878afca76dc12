"""Sentences as values, so that one text serves the window (translated) and the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

MessageValue = str | int | float


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence in English with named places, for example ``"Face {n} is too small."``.

    Attributes:
        template: English text in ``str.format`` syntax; it is the key of a translation.
        values: What goes into the named places. Texts from outside (file names, a provider's
            words) belong here and never into the template, so they are always shown as they are.
    """

    template: str
    values: Mapping[str, MessageValue] = field(default_factory=dict)

    def text(self) -> str:
        """Return the sentence in English."""
        return self.template.format(**self.values) if self.values else self.template

    def __str__(self) -> str:
        return self.text()

    def __reduce__(self) -> tuple[type[Message], tuple[str, dict[str, MessageValue]]]:
        return (Message, (self.template, dict(self.values)))


def message(template: str, **values: MessageValue) -> Message:
    """Make a message; every keyword fills the place of that name."""
    return Message(template, values)


FOREIGN_LIMIT: Final = 200
"""So many characters of a text from outside are shown."""


def foreign(text: object) -> str:
    """Return a text from outside as it may stand among a message's values: one line, short, nothing invisible in it."""
    whole = " ".join("".join(one if one.isprintable() else " " for one in str(text)[: 20 * FOREIGN_LIMIT]).split())
    return whole if len(whole) <= FOREIGN_LIMIT else whole[: FOREIGN_LIMIT - 1] + "…"
