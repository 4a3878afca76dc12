"""Services on the internet: what they need, what they say, and what lower rooms do for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from faceswap_desktop.domain.clearance import ClearedFile, ClearedMedia
from faceswap_desktop.domain.geometry import BoundingBox, Point
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.messages import Message

# ------------------------------------------------------------------------------------------------------------ accounts


@dataclass(frozen=True, slots=True)
class AccountField:
    """One text that an account consists of.

    Attributes:
        name: Of the secret, for example ``akool.api_key``.
        title: What people read.
        help: Where it stands at the provider.
    """

    name: str
    title: Message
    help: Message


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """What a provider wants to know of its user.

    Attributes:
        alternatives: Each is a way to sign in; all fields of one of them have to be set.
        key_page: Where to get a key; opened in the user's browser.
        terms: What the provider demands of its users, shown once before the first job; None for nothing.
        terms_version: Changes with the terms, so that new ones are shown again.
    """

    alternatives: tuple[tuple[AccountField, ...], ...]
    key_page: str
    terms: Message | None = None
    terms_version: str = ""


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """What a provider says of a key.

    Attributes:
        is_valid: The provider took it.
        message: The same in words, also why not.
        credits: What is left, in the provider's own unit; None where it does not tell.
        hint: What helps; None where nothing has to, or nothing is known.
        is_checked: The provider was asked and answered; else ``is_valid`` only says whether a key is there.
    """

    is_valid: bool
    message: Message
    credits: float | None = None
    hint: Message | None = None
    is_checked: bool = True


# -------------------------------------------------------------------------------------------------------------- limits


class NeedKind(StrEnum):
    """What has to be set up before a provider can do a job; each is also a reason to hold one."""

    ACCOUNT = "account"
    HOSTING = "hosting"
    WEBHOOK = "webhook"
    TERMS = "terms"


@dataclass(frozen=True, slots=True)
class Need:
    """Something that has to be set up first, and a sentence that says so."""

    kind: NeedKind
    message: Message
    hint: Message | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """How a recipe agrees with a provider's limits.

    Attributes:
        mends: What will be done on copies before they are sent, one sentence each.
        refusals: What cannot be mended, one sentence each; with any of these the job is refused before it starts.
    """

    mends: tuple[Message, ...] = ()
    refusals: tuple[Message, ...] = ()


# --------------------------------------------------------------------------------------------------------------- money


@dataclass(frozen=True, slots=True)
class Charge:
    """What a call cost.

    Attributes:
        credits: In the provider's own unit.
        is_estimate: It comes from the table of prices; the provider did not say it.
    """

    credits: float
    is_estimate: bool


# --------------------------------------------------------------------------------------------------------------- faces


@dataclass(frozen=True, slots=True)
class RemoteFace:
    """A face as a provider's detector sees it.

    Attributes:
        index: Its place in the provider's answer.
        box: Pixels of the picture that was sent.
        points: The provider's own points, or none.
        seconds: Where in a video; 0.0 in a picture.
        frame: Likewise, as a frame's number in the provider's answer.
    """

    index: int
    box: BoundingBox
    points: tuple[Point, ...] = ()
    seconds: float = 0.0
    frame: int = 0


# ------------------------------------------------------------------------------------------- what lower rooms do for it

ByteProgress = Callable[[int, int], None]
"""Told how many bytes have gone or come, and how many there are (0 for unknown)."""


@dataclass(frozen=True, slots=True)
class HostedFile:
    """A file of ours that a provider can fetch.

    Attributes:
        url: Where; valid for the time that the job needs.
        key: How the host knows it, to delete it again.
    """

    url: str
    key: str


class Hosting(Protocol):
    """Puts files where providers can fetch them, and takes them away again."""

    @property
    def is_set_up(self) -> bool:
        """Whether there is a place."""
        ...

    @property
    def destination(self) -> str:
        """Host name of the place, for people; empty if there is none."""
        ...

    async def host(
        self, file: ClearedFile, job: JobId, media_type: str, on_bytes: ByteProgress | None = None
    ) -> HostedFile:
        """Upload what passed the gate under an unguessable name.

        What is hosted is written down first, and deleted after the job.

        The same file for the same job is uploaded once.

        Raises:
            ProviderRejected: Kind ``hosting``: the place refuses it, or is not set up.
            ProviderUnavailable: It cannot be reached.
        """
        ...

    async def release(self, job: JobId) -> None:
        """Delete what was hosted for a job; what cannot be deleted now is tried again at the next start."""
        ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a provider sent to our address, checked and decrypted.

    Attributes:
        job, step: For which call of which job the address was made.
        values: The documented fields and nothing else.
        received_at: Seconds since the epoch.
    """

    job: JobId
    step: str
    values: Mapping[str, str | int | float]
    received_at: float


class Mailbox(Protocol):
    """Addresses at which providers deliver results, and what was delivered. Deliveries outlive the program."""

    @property
    def why_closed(self) -> Message | None:
        """Why nothing can be received; None if it can."""
        ...

    async def address(self, job: JobId, step: str, provider: str) -> str:
        """Return an address with a random secret of its own, and listen there. The same call has the same address.

        Raises:
            ProviderRejected: Kind ``webhook``: nothing can be received.
        """
        ...

    async def wait(self, job: JobId, step: str) -> Delivery:
        """Return what was delivered, also before this start of the program; waits as long as it takes."""
        ...

    async def close(self, job: JobId) -> None:
        """Forget a job's addresses."""
        ...


class AnswerCache(Protocol):
    """Keeps answers that were paid for, by the digest of what was sent."""

    async def get(self, provider: str, call: str, digest: str) -> Mapping[str, str] | None:
        """Return a kept answer, or None."""
        ...

    async def put(self, provider: str, call: str, digest: str, answer: Mapping[str, str]) -> None:
        """Keep an answer."""
        ...


class RemoteAccount(Protocol):
    """What a provider on the internet can be asked beside its jobs."""

    @property
    def info(self) -> AccountInfo:
        """What it wants to know of its user."""
        ...

    async def test(self) -> AccountStatus:
        """Say whether the key that is set is taken; costs nothing.

        Raises:
            ProviderUnavailable: It cannot be reached.
        """
        ...

    async def credits(self) -> float | None:
        """Return what is left; None where the provider does not tell.

        Raises:
            ProviderError: It cannot be reached, or refuses the key.
        """
        ...

    @property
    def detect_credits(self) -> float:
        """What ``detect`` costs by the table of prices, in the provider's unit; 0.0 for nothing."""
        ...

    async def detect(self, cleared: ClearedMedia) -> Sequence[RemoteFace]:
        """Have the provider look for faces in a picture or video (``detect --provider``).

        Raises:
            UsageError: It has no detector (kind ``not-supported``).
            ProviderError: It cannot be reached, or refuses.
            InputRefused: No face was found.
        """
        ...

    async def delete_remote(self, handles: Sequence[Mapping[str, str]]) -> None:
        """Delete results at the provider, by the values of their handles.

        Raises:
            UsageError: It cannot delete (kind ``not-supported``).
            ProviderError: It cannot be reached, or refuses.
        """
        ...
