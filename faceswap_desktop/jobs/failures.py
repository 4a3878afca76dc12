"""What the ledger keeps of an error."""

from __future__ import annotations

from typing import Final

from faceswap_desktop.domain.errors import ExitCode, FaceSwapError
from faceswap_desktop.domain.job import Failure
from faceswap_desktop.domain.messages import message

UNCONFIRMED: Final = "unconfirmed"
"""Kind of an error after which nobody can tell whether a paid call arrived."""


def failure_of(error: FaceSwapError) -> Failure:
    """Return what the ledger keeps of an error."""
    exit_code = ExitCode.UNCONFIRMED if error.kind == UNCONFIRMED else error.exit_code
    return Failure(error.kind, error.message, error.hint, int(exit_code))


def failure_of_bug(error: Exception) -> Failure:
    """Return what the ledger keeps of something that nobody foresaw."""
    return Failure(
        "bug",
        message("Something went wrong inside the program ({error}).", error=type(error).__name__),
        message("The program's log says more; in the window it is under Help, Show the log."),
        int(ExitCode.BUG),
    )


def maybe_charged(provider: str) -> Failure:
    """Return what is said of a paid call during which the program ended.

    Args:
        provider: Its title.
    """
    return Failure(
        UNCONFIRMED,
        message(
            "The program ended while this was being sent to {provider}; it may have been charged.", provider=provider
        ),
        message("Look at your account there, then send it again or dismiss it."),
        int(ExitCode.UNCONFIRMED),
    )


def maybe_arrived(provider: str, error: Exception) -> Failure:
    """Return what is said of a paid call at which something failed here.

    Args:
        provider: Its title.
        error: What failed; its sentence is told if it has one.
    """
    why = error.message.text() if isinstance(error, FaceSwapError) else type(error).__name__
    return Failure(
        UNCONFIRMED,
        message(
            "Something failed here while this was being sent to {provider} ({error}); it may have been charged.",
            provider=provider,
            error=why,
        ),
        message("Look at your account there, then send it again or dismiss it."),
        int(ExitCode.UNCONFIRMED),
    )


def result_expired(provider: str) -> Failure:
    """Return what is said where a paid result is gone before it could be fetched.

    Args:
        provider: Its title.
    """
    return Failure(
        "expired",
        message("{provider} no longer has the result.", provider=provider),
        message("Run it again to have it made, and charged, anew."),
        int(ExitCode.PROVIDER),
    )
