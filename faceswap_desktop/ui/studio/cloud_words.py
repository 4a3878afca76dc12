"""Words about services on the internet that several parts of the Studio say."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from faceswap_desktop.domain.messages import Message
from faceswap_desktop.ui.texts import text_of


def tr(text: str) -> str:
    """Translate a text about services."""
    return QCoreApplication.translate("Cloud", text)


def money_text(amount: float, unit: str) -> str:
    """Return "8 credits", "1 point", "2.5 credits", in the provider's own unit."""
    known = {
        "credits": (tr("{n} credit"), tr("{n} credits")),
        "points": (tr("{n} point"), tr("{n} points")),
        "calls": (tr("{n} call"), tr("{n} calls")),
    }
    one, many = known.get(unit, ("{n} " + unit, "{n} " + unit))
    return (one if amount == 1 else many).format(n=f"{round(amount, 2):,g}")


def hosts_text(hosts: Sequence[str]) -> str:
    """Return "one and other", "one, other and another"."""
    *others, last = hosts or ("",)
    return tr("{some} and {last}").format(some=", ".join(others), last=last) if others else last


def sentences(message: Message, hint: Message | None) -> str:
    """Return what is so and what helps, as one text."""
    return f"{text_of(message)} {text_of(hint)}".strip()
