"""What can go wrong, decided where it is raised. Anything that is not one of these is a bug.

FaceSwapError
├─ UserError            the user can mend it
│  ├─ UsageError        a value out of range, an unknown name
│  ├─ InputRefused      the file will not do: missing, unreadable, no face, over a limit
│  └─ ConsentNeeded     nobody has said who a source face is
│     └─ SensitiveContent   a picture is refused
├─ ProviderError        provider_id and request_id kept
│  ├─ ProviderUnavailable   trying again may help
│  └─ ProviderRejected      trying again will not help
│     └─ ContentRefused     to the provider the content is sensitive
├─ WorkerError          a worker process crashed, hung or ran out of memory
├─ SignerError          the result is there, and could not be signed
├─ StorageError         disk full or read-only, database locked, damaged or newer
└─ Cancelled            the user asked for it; never shown as an error
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, ClassVar

from faceswap_desktop.domain.messages import Message
from faceswap_desktop.domain.sensitive import Sighting


class ExitCode(IntEnum):
    """What the command line returns."""

    DONE = 0
    BUG = 1
    USAGE = 2
    REFUSED = 3
    PROVIDER = 4
    CONSENT = 5
    UNCONFIRMED = 6
    CANCELLED = 130


class FaceSwapError(Exception):
    """An error with a sentence for the user and, where there is one, what to do.

    Attributes:
        message: What went wrong, where and why.
        hint: What helps; None where nothing can be said.
        kind: Short stable name for JSON and the ledger, for example ``"no-face"``.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.BUG
    default_kind: ClassVar[str] = "error"

    def __init__(self, message: Message, hint: Message | None = None, *, kind: str = "") -> None:
        super().__init__(message.text())
        self.message = message
        self.hint = hint
        self.kind = kind or self.default_kind

    def __reduce__(self) -> tuple[Any, ...]:
        # Errors cross process borders; the keyword has to be carried as state.
        return (type(self), (self.message, self.hint), {"kind": self.kind})


class UserError(FaceSwapError):
    """The user can mend it; the message is shown as it is."""

    exit_code = ExitCode.REFUSED
    default_kind = "refused"


class UsageError(UserError):
    """A value out of range, an unknown option or name."""

    exit_code = ExitCode.USAGE
    default_kind = "usage"


class InputRefused(UserError):
    """The input will not do.

    Kinds in use: ``missing``, ``folder``, ``empty``, ``unreadable``, ``not-a-picture``, ``not-a-video``,
    ``no-picture``, ``too-large``, ``no-face``, ``changed``, ``source-missing``, ``permission``.
    """

    default_kind = "input"


class ConsentNeeded(UserError):
    """Nobody has said who a source face is, or consent is over."""

    exit_code = ExitCode.CONSENT
    default_kind = "consent"


class SensitiveContent(ConsentNeeded):
    """A target, a source or a result is refused.

    Attributes:
        sightings: What was seen, and in a video when.
    """

    default_kind = "sensitive"

    def __init__(
        self,
        message: Message,
        hint: Message | None = None,
        *,
        kind: str = "",
        sightings: tuple[Sighting, ...] = (),
    ) -> None:
        super().__init__(message, hint, kind=kind)
        self.sightings = sightings

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.message, self.hint), {"kind": self.kind, "sightings": self.sightings})


class ProviderError(FaceSwapError):
    """A provider refused, failed or could not be reached.

    Attributes:
        provider_id: Which.
        request_id: What its support can find the call by; empty if it told none.
        retry_after_s: How long it wants to be left alone; 0.0 if it did not say.
    """

    exit_code = ExitCode.PROVIDER
    default_kind = "provider"

    def __init__(
        self,
        message: Message,
        hint: Message | None = None,
        *,
        kind: str = "",
        provider_id: str = "",
        request_id: str = "",
        retry_after_s: float = 0.0,
    ) -> None:
        super().__init__(message, hint, kind=kind)
        self.provider_id = provider_id
        self.request_id = request_id
        self.retry_after_s = retry_after_s

    def __reduce__(self) -> tuple[Any, ...]:
        state = {
            "kind": self.kind,
            "provider_id": self.provider_id,
            "request_id": self.request_id,
            "retry_after_s": self.retry_after_s,
        }
        return (type(self), (self.message, self.hint), state)


class ProviderUnavailable(ProviderError):
    """Time-out, overload or no connection; trying again may help.

    Kinds in use: ``offline``, ``timeout``, ``rate-limited``, ``server-error``, ``captive-portal``, ``proxy``,
    ``unconfirmed`` (a paid call was sent, and it cannot be told what became of it).
    """

    default_kind = "provider-unavailable"


class ProviderRejected(ProviderError):
    """The provider refused; trying the same again will not help.

    Kinds in use: ``account``, ``credits``, ``hosting``, ``webhook``, ``terms`` (these hold a job), ``expired``,
    ``sensitive``, ``failed``, ``no-face``, ``too-large``, ``bad-answer``, ``gone`` (of downloads), ``address`` (it
    pointed to this computer or a private network), ``unknown`` (it does not know a job that it has taken).
    """

    default_kind = "provider-rejected"


class ContentRefused(ProviderRejected):
    """To the provider the content is sensitive."""

    exit_code = ExitCode.CONSENT
    default_kind = "sensitive"


class WorkerError(FaceSwapError):
    """A worker process crashed (kind ``crash``), hung (``hang``) or ran out of memory (``memory``)."""

    exit_code = ExitCode.PROVIDER
    default_kind = "crash"


class SignerError(FaceSwapError):
    """A result is there and could not be signed.

    Kinds in use: ``unreachable`` (the signer does not answer), ``certificate`` (it will not do), ``signer``.
    """

    exit_code = ExitCode.PROVIDER
    default_kind = "signer"


class StorageError(FaceSwapError):
    """Disk full (kind ``disk-full``), read-only (``read-only``), locked, damaged or newer database."""

    exit_code = ExitCode.REFUSED
    default_kind = "storage"


class Cancelled(FaceSwapError):
    """The user cancelled."""

    exit_code = ExitCode.CANCELLED
    default_kind = "cancelled"
