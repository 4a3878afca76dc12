"""What the ledger keeps of an error."""

from __future__ import annotations

from faceswap_desktop.domain.errors import ExitCode, FaceSwapError
from faceswap_desktop.domain.job import Failure
from faceswap_desktop.domain.messages import message


def failure_of(error: FaceSwapError) -> Failure:
    """Return what the ledger keeps of an error."""
    return Failure(error.kind, error.message, error.hint, int(error.exit_code))


def failure_of_bug(error: Exception) -> Failure:
    """Return what the ledger keeps of something that nobody foresaw."""
    return Failure(
        "bug",
        message("Something went wrong inside the program ({error}).", error=type(error).__name__),
        message("The program's log says more; in the window it is under Help, Show the log."),
        int(ExitCode.BUG),
    )
