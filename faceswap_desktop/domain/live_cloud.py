"""A live session at a service: opened, joined, paid by the minute, and closed for certain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NewType, Protocol

from faceswap_desktop.domain.messages import Message

SessionId = NewType("SessionId", str)

JOIN_LIMIT_S: Final = 20.0
"""A channel that was not joined, or a swapped picture that did not come, within so long ends the session."""
REJOIN_LIMIT_S: Final = 60.0
"""So long a lost network is waited for; then the session is closed."""
LONGEST_SESSION_S: Final = 3600.0
"""How long a session's token is good (providers.md B.4: there is no way to renew it but another session)."""
RENEW_BEFORE_S: Final = 300.0
"""So long before that another session takes over."""


class SessionState(StrEnum):
    """Where a session stands, as the ledger has it.

    ``CREATING``: written before ``create`` is sent. ``UNCONFIRMED``: it was sent, and no answer came: a session may be
    open and cost something. ``OPEN``: it costs. ``CLOSING``: it is to be closed; tried again until it is confirmed, at
    the next start too. ``CLOSED``: the service confirmed it, or does not know it any more. ``REFUSED``: none was made.
    ``DISMISSED``: an unconfirmed one that the user has taken note of.
    """

    CREATING = "creating"
    UNCONFIRMED = "unconfirmed"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"
    REFUSED = "refused"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Session:
    """One row of the ledger of sessions.

    Attributes:
        id: Ours.
        provider: Id of the service.
        state: See ``SessionState``.
        remote_id: The service's; empty until it is known.
        created_at, opened_at, closed_at: Seconds since the epoch; 0.0 where not yet.
        price: Credits per minute by the table of prices.
        credits_before, credits_after: What the account had; None where it could not be told.
        limit_minutes: After so many it is closed; 0 for never.
        reason: Why it was closed: ``stopped``, ``limit``, ``killed``, ``network``, ``sleep``, ``renewed``,
            ``error``; empty while it is open.
        follows: The session that this one took over from; empty for none.
        in_sandbox: It was opened in the sandbox, and is closed nowhere else.
    """

    id: SessionId
    provider: str
    state: SessionState
    remote_id: str = ""
    created_at: float = 0.0
    opened_at: float = 0.0
    closed_at: float = 0.0
    price: float = 0.0
    credits_before: float | None = None
    credits_after: float | None = None
    limit_minutes: int = 0
    reason: str = ""
    follows: str = ""
    in_sandbox: bool = False


@dataclass(frozen=True, slots=True)
class ChannelDoor:
    """How a page gets into the channel of a session (providers.md B.3).

    Attributes:
        app_id: Agora's app, 32 hexadecimal digits.
        channel: Its name.
        token: Good for an hour. A secret: never written down.
        user_id: Ours, a number.
        algorithm_user_id: Who publishes the swapped picture; None where the service did not say.
        in_sandbox: It is one of the sandbox: nobody is at its other end, and Agora is not asked for it.
    """

    app_id: str
    channel: str
    token: str = field(repr=False)
    user_id: int
    algorithm_user_id: int | None = None
    in_sandbox: bool = False


class LegEvent(StrEnum):
    """What happens to the way of pictures and sound.

    ``JOINED``: in the channel, the camera is sent. ``PICTURE``: the first swapped picture is there. ``PICTURE_LOST``:
    the other side sends none any more. ``LOST``: the connection is cut, and is being made again. ``BACK``: it is there
    again. ``TOKEN_OLD``: the token runs out in half a minute. ``ENDED``: the page is gone or was thrown out.
    """

    JOINED = "joined"
    PICTURE = "picture"
    PICTURE_LOST = "picture-lost"
    LOST = "lost"
    BACK = "back"
    TOKEN_OLD = "token-old"  # noqa: S105 - the name of an event
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class LegFigures:
    """How well the way is; told about once a second.

    Attributes:
        sent_per_second, shown_per_second: Frames of the camera sent, and of the swapped picture shown.
        sent_kbits, received_kbits: Kilobits per second.
        round_trip_ms: To the service and back; None while that cannot be told.
        lost_share: Of packets, 0 to 1.
    """

    sent_per_second: float = 0.0
    shown_per_second: float = 0.0
    sent_kbits: float = 0.0
    received_kbits: float = 0.0
    round_trip_ms: float | None = None
    lost_share: float = 0.0


class LegTrouble(StrEnum):
    """Why a channel cannot be joined. ``TIMEOUT``: nobody answered within ``JOIN_LIMIT_S``."""

    TIMEOUT = "timeout"
    NO_CAMERA = "no-camera"
    IN_USE = "camera-in-use"
    DENIED = "camera-denied"
    UNPLUGGED = "camera-unplugged"
    NO_MICROPHONE = "no-microphone"
    TOKEN = "token"  # noqa: S105 - the name of a trouble
    NETWORK = "network"
    NO_ENGINE = "no-engine"
    FAILED = "failed"


class LegError(Exception):
    """A channel could not be joined, or the page failed.

    Attributes:
        trouble: See ``LegTrouble``.
        text: What the page said, plain text; empty where it said nothing.
    """

    def __init__(self, trouble: LegTrouble, text: str = "") -> None:
        super().__init__(f"{trouble.value}: {text}")
        self.trouble = trouble
        self.text = text


class MediaLeg(Protocol):
    """The way of camera and swapped picture between this computer and a channel; a page in QtWebEngine fulfils it.

    Attributes:
        on_event: Called on the loop's thread.
        on_figures: Likewise, about once a second.
    """

    on_event: Callable[[LegEvent], None]
    on_figures: Callable[[LegFigures], None]

    async def join(self, door: ChannelDoor) -> None:
        """Join a channel and send camera and microphone; returns when they are sent.

        Raises:
            LegError: It could not; nothing of it is left open.
        """
        ...

    async def hand_over(self, door: ChannelDoor) -> None:
        """Join another channel beside the first, show its picture when it comes, and leave the first then.

        Raises:
            LegError: It could not; the first goes on.
        """
        ...

    async def rejoin(self) -> None:
        """Leave the channel and join it again with what is known.

        Raises:
            LegError: It could not.
        """
        ...

    async def picture(self) -> bytes:
        """Return the swapped picture as it is now as a JPEG, also while the card stands before it.

        Empty where there is none, or where the page did not answer.
        """
        ...

    async def camera_picture(self) -> bytes:
        """Return what the camera gives now as a JPEG; empty where it gives nothing."""
        ...

    def set_refused(self, is_refused: bool, why: Message | None = None) -> None:
        """Show the card instead of the swapped picture, everywhere, because something sensitive was seen.

        Args:
            is_refused: Whether it is to be so from now on; False takes it back.
            why: What stands on the card; None while it is taken back.
        """
        ...

    async def leave(self) -> None:
        """Leave, and give camera and microphone back. A second call does nothing; it never raises."""
        ...


@dataclass(frozen=True, slots=True)
class CloudLiveState:
    """How a session stands, for the window and the command line.

    Attributes:
        phase: ``off``, ``opening``, ``joining``, ``waiting`` (for the first picture), ``running``, ``lost`` (the
            network), ``closing``.
        session: The row in the ledger; None while there is none.
        seconds: How long it has been open.
        credits: What that will about have cost; sessions that it took over from included.
        figures: See ``LegFigures``.
        refused: Why everybody sees the card instead of the picture; None while they see the picture.
        error: Why the last one ended, where that was not wished.
    """

    phase: str = "off"
    session: Session | None = None
    seconds: float = 0.0
    credits: float = 0.0
    figures: LegFigures = LegFigures()
    refused: Message | None = None
    error: Message | None = None
