"""One line for each call, in which nothing stands that is nobody's business."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import Final

from faceswap_desktop.transport.addresses import shown

logger = logging.getLogger(__name__)

HIDDEN_PATH: Final = "/…"
"""In the place of the path of an address that somebody gave us: whoever knows it can often fetch what lies there."""

_TALKATIVE: Final = ("httpx", "httpcore", "hpack", "h2")
"""Their lines hold whole addresses (httpx, at INFO), keys and bodies (the others, at DEBUG)."""


def silence_libraries() -> None:
    """Keep the libraries' own lines out of every log, whatever level the program's own are at."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


@dataclass(slots=True)
class CallLog:
    """What is told of one call: method, host and path, status, time, length and request id; never query or headers.

    Attributes:
        path: Of a call of an interface; ``HIDDEN_PATH`` of an address that was handed to us whole.
        status: HTTP status; 0 for no answer.
        size_bytes: Of the body that went or came, whichever the call is about.
        tries: How often it was made.
    """

    method: str
    host: str
    path: str
    request_id: str
    status: int = 0
    size_bytes: int = 0
    tries: int = 0
    started: float = field(default_factory=time.monotonic)

    def write(self) -> None:
        """Write the line."""
        logger.info(
            "%s %s%s %s, %.0f ms, %d bytes, %d tries, id %s",
            self.method,
            shown(self.host),
            shown(self.path),
            self.status or "no answer",
            (time.monotonic() - self.started) * 1000,
            self.size_bytes,
            self.tries,
            self.request_id,
        )
