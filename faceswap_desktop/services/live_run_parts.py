"""What one live session at a service uses, and how it is told to end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from faceswap_desktop.domain.clearance import ClearedSource
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.live_cloud import CloudLiveState
from faceswap_desktop.domain.messages import Message
from faceswap_desktop.domain.recipe import SourceRef
from faceswap_desktop.providers.protocol import LiveFace, LiveService
from faceswap_desktop.services.live_clock import LiveClock
from faceswap_desktop.services.live_looks import LookAt
from faceswap_desktop.services.session_book import SessionBook
from faceswap_desktop.services.session_closing import Closer


class Ending(Exception):
    """A session is to end.

    Attributes:
        reason: As ``Session.reason``.
        error: What to say; None where it was wished.
    """

    def __init__(self, reason: str, error: Message | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.error = error


@dataclass(frozen=True, slots=True)
class RunParts:
    """What a run uses of the world around it.

    Attributes:
        service: Whose session it is.
        book: The ledger.
        closer: Closes for certain.
        clock: What time it is.
        ready: Lets a source face through the gate and has the service make it ready.
        let_through: Lets it through once more.
        look: Looks at a picture for sensitive content.
        folder: For pictures that are looked at; it exists.
        on_change: Told after every change.
    """

    service: LiveService
    book: SessionBook
    closer: Closer
    clock: LiveClock
    ready: Callable[[SourceFaceId], Awaitable[tuple[ClearedSource, LiveFace]]]
    let_through: Callable[[SourceRef], Awaitable[ClearedSource]]
    look: LookAt
    folder: Path
    on_change: Callable[[CloudLiveState], None]
