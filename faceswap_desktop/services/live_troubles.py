"""What is said when a live session at a service does not come to be, or ends by itself."""

from __future__ import annotations

from typing import Final

from faceswap_desktop.domain.errors import (
    Cancelled,
    FaceSwapError,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    UsageError,
)
from faceswap_desktop.domain.live_cloud import JOIN_LIMIT_S, REJOIN_LIMIT_S, LegError, LegTrouble, Session, SessionState
from faceswap_desktop.domain.messages import Message, foreign, message
from faceswap_desktop.services.session_closing import clock_time

ALREADY: Final = message("A live session is running already.")
ELSEWHERE: Final = message("Another start of the program holds a live session.")
SLEPT: Final = message("The computer slept. The live session was closed, so that it costs nothing.")
LOST: Final = message(
    "The network was away for {seconds} seconds. The live session was closed.", seconds=round(REJOIN_LIMIT_S)
)
NO_PICTURE: Final = message(
    "No swapped picture came within {seconds} seconds. The live session was closed.", seconds=round(JOIN_LIMIT_S)
)
PICTURE_GONE: Final = message("The swapped picture does not come any more. The live session was closed.")
PAGE_GONE: Final = message("The page that shows the live session has ended. The live session was closed.")
HOUR_OVER: Final = message("The hour of the live session is over, and no other one could take over.")
CAP_REACHED: Final = message("The monthly cap is reached. The live session was closed.")
SWITCHED: Final = message("The sandbox was switched on or off while the live session ran.")
_CLOSED: Final = message("The session is closed, and costs nothing any more.")
_CLOSED_IN_SANDBOX: Final = message("The session is closed. It was one of the sandbox, and cost nothing.")
GONE: Final = message("The service has ended the live session.")

_JOIN: Final = {
    LegTrouble.TIMEOUT: (
        message("The live session could not be joined within {seconds} seconds.", seconds=round(JOIN_LIMIT_S)),
        message("Look whether a firewall or a proxy keeps the program from Agora's servers, and start again."),
    ),
    LegTrouble.NO_CAMERA: (message("There is no camera."), message("Plug one in, or choose a file as camera.")),
    LegTrouble.IN_USE: (message("The camera is in use by another program."), message("Close that program.")),
    LegTrouble.DENIED: (
        message("The system does not let the program use the camera."),
        message("Allow it in the system's settings for privacy."),
    ),
    LegTrouble.NO_MICROPHONE: (message("There is no microphone."), message("Choose another one, or none.")),
    LegTrouble.TOKEN: (
        message("The way into the live session is not valid any more."),
        message("Look whether the computer's clock is right, and start again."),
    ),
    LegTrouble.NETWORK: (
        message("The live session's servers cannot be reached."),
        message("Look whether the computer is online, and start again."),
    ),
    LegTrouble.NO_ENGINE: (
        message("The part of the program that shows web pages cannot be loaded."),
        message("“faceswap-desktop doctor” says what is missing. The on-device provider works without it."),
    ),
}


def of_leg(error: LegError, provider_id: str) -> ProviderUnavailable:
    """Return what to say when a channel could not be joined."""
    said, helps = _JOIN.get(error.trouble, (None, message("Start again.")))
    if said is None:
        said = message("The live session could not be joined: {why}", why=foreign(error.text) or "-")
    return ProviderUnavailable(said, helps, kind=error.trouble.value, provider_id=provider_id)


def ended(said: Message | None, provider_id: str, kind: str) -> FaceSwapError:
    """Return what ``start`` raises when a session ended before it ran; nothing is said where that was wished."""
    if said is None:
        return stopped()
    return ProviderUnavailable(said, message("Start again."), kind=kind, provider_id=provider_id)


def stopped() -> Cancelled:
    """Return the error for what was under way when the session was stopped: nobody has to hear of it."""
    return Cancelled(message("The live session was stopped."))


def what_became_of(session: Session | None) -> Message | None:
    """Return what to say of a session that failed, beside why; None where it is not known to be closed."""
    if session is None or session.state is not SessionState.CLOSED:
        return None
    return _CLOSED_IN_SANDBOX if session.in_sandbox else _CLOSED


def already() -> UsageError:
    """Return the error for a second start."""
    return UsageError(ALREADY, message("Stop it first."), kind="running")


def elsewhere() -> UsageError:
    """Return the error for a start while another program has a session."""
    return UsageError(ELSEWHERE, message("Stop it there first."), kind="running")


def unconfirmed(error: ProviderError, session: Session) -> ProviderUnavailable:
    """Return what to say of a session of which nobody knows whether it is open: the time, and the change of credits."""
    return ProviderUnavailable(
        message(
            "A live session was asked for on {time}, and no answer came. It may be open, and cost something.",
            time=clock_time(session),
        ),
        change_of(session),
        kind="unconfirmed",
        provider_id=error.provider_id,
        request_id=error.request_id,
    )


def change_of(session: Session) -> Message:
    """Return what the credits say of a session of which nobody knows whether it is open."""
    before, after = session.credits_before, session.credits_after
    if before is None or after is None:
        return message("What the account has left cannot be told now. Look at the service's website.")
    if after < before:
        return message(
            "{credits} credits were taken meanwhile, so it seems to be open. Ask the service's support to end it.",
            credits=f"{before - after:g}",
        )
    return message("No credits were taken so far.")


def switched(provider_id: str) -> ProviderRejected:
    """Return the error for a session that was not asked for, because the sandbox was switched on or off meanwhile."""
    return ProviderRejected(SWITCHED, message("Start again."), kind="sandbox", provider_id=provider_id)


def unusable(why: Message, provider_id: str) -> ProviderRejected:
    """Return the error for a session that was opened and cannot be joined."""
    return ProviderRejected(
        why, message("It was closed. Start again later."), kind="bad-answer", provider_id=provider_id
    )


def not_renewed(why: Message) -> Message:
    """Return what to say when no other session could take over yet."""
    return message(
        "Another live session could not take over: {why} The one that runs ends with its hour.", why=why.text()
    )
