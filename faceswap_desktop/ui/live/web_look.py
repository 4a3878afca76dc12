"""What a session's page is told to show: one value, sent whole whenever something of it changes."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from faceswap_desktop.domain.live import PanicPicture
from faceswap_desktop.services.live_label import LabelPicture


@dataclass(frozen=True, slots=True)
class Look:
    """See ``Stage`` in resources/live_page/stage.js.

    Attributes:
        number: Rising with every change.
        panic: What is shown instead of the swapped picture; None for nothing.
        is_frozen, is_mirrored: For everybody.
        refused: Why the card is shown; None where it need not be.
        is_beside: The camera's picture stands beside the swapped one, in the window only.
        is_comparing: The camera's picture stands in its place, in the window only.
        card_title, card_text: What stands on the card.
        stalled_text: What stands on it while no swapped picture comes.
        is_labelled: Whether the swapped picture carries the visible label; without it none is shown then.
        label: How it looks at the picture's present size.
    """

    number: int = 0
    panic: PanicPicture | None = None
    is_frozen: bool = False
    is_mirrored: bool = False
    refused: str | None = None
    is_beside: bool = False
    is_comparing: bool = False
    card_title: str = ""
    card_text: str = ""
    stalled_text: str = ""
    is_labelled: bool = False
    label: LabelPicture | None = None

    def values(self) -> dict[str, Any]:
        """Return it as the page reads it."""
        return {
            "number": self.number,
            "panic": self.panic.value if self.panic else "",
            "is_frozen": self.is_frozen,
            "is_mirrored": self.is_mirrored,
            "refused": self.refused,
            "layout": "side" if self.is_beside else "swapped",
            "is_comparing": self.is_comparing,
            "card_title": self.card_title,
            "card_text": self.card_text,
            "stalled_text": self.stalled_text,
            "is_labelled": self.is_labelled,
            "label": _label(self.label),
        }


def _label(label: LabelPicture | None) -> dict[str, Any] | None:
    if label is None:
        return None
    return {
        "png": base64.b64encode(label.png).decode(),
        "width": label.width,
        "height": label.height,
        "left": label.left,
        "top": label.top,
    }
