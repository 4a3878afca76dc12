"""What every provider can be asked. Adding one is one package and one line in ``providers.build_providers``.

A recipe may need several calls (``steps``). Each takes this way, and all of it is on the disk before it is done:

    prepare  all that is free and can be repeated: copies within the limits, uploads, detection
    submit   the one call that may cost money; says how to find the work again
    run      returns when the call's result is there; a cloud provider waits here on one poller that it shares among its
             jobs (so that all of them are asked after in one request), the on-device provider does the work here

After the last one ``fetch`` brings the result into the job's scratch folder.

``prepare``, ``run`` and ``fetch`` may be called anew, ``run`` and ``fetch`` with a handle from an earlier start of the
program. Cancelling a call (as asyncio does it) has to stop it soon; ``cancel`` is called afterwards to tell a remote
service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Flag, auto
from typing import Protocol

from faceswap_desktop.domain.clearance import ClearedSource
from faceswap_desktop.domain.cloud import Delivery, Fit, Need, RemoteAccount
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.live_cloud import ChannelDoor
from faceswap_desktop.domain.messages import Message
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.work import FetchedFile, Handle, SourceFiles, StepPlan, WorkContext

__all__ = [
    "CancelOutcome",
    "Capability",
    "LiveFace",
    "LiveService",
    "OpenedSession",
    "Provider",
    "ProviderInfo",
    "Quote",
    "StepPlan",
]


class Capability(Flag):
    """A thing that a provider can do. Controls for what it cannot do are greyed, with the reason."""

    DETECT = auto()
    SWAP_IMAGE = auto()
    SWAP_VIDEO = auto()
    MULTI_FACE = auto()
    ENHANCE = auto()
    REAGE_IMAGE = auto()
    REAGE_VIDEO = auto()
    LIVE = auto()
    DELETE_REMOTE = auto()
    CREDITS = auto()


@dataclass(frozen=True, slots=True)
class ProviderInfo:
    """What is known of a provider without asking it.

    Attributes:
        id: Stable name, for settings and the ledger.
        title: What people read.
        capabilities: What it can do.
        limits: Its limits in one sentence.
        max_concurrent_jobs: How many jobs it takes at once. One long job (``Provider.keeps_work``) goes beside them,
            so that pictures never wait for a video.
        max_starting: How many of them are made ready and handed over at once; 0 for all. The others wait in the queue,
            so that few paid calls are out when the program is killed.
        is_local: It works on this computer: its work ends with the program, and starts over or goes on from what it
            kept.
        reage_range: Within how many years younger (negative) and older a change of age looks right; beyond that it can
            be asked for, but nobody should be surprised. (0, 0) where ages cannot be changed.
        reage_advice: What to expect beyond that range, and who does better; None where there is nothing to say.
        unit: What it counts in, for people: ``credits``, ``points``; empty where nothing costs.
        kept_days: How long results stay at the provider; 0 where none do, or where it does not say.
        most_faces: How many faces one job may change; 0 for any number.
        delivers_only: A result is told by a delivery and in no other way: one that nobody receives is lost.
        is_generative: What it makes comes out of a trained network. Not so where faces are put in by warping their
            photos, even if a network found them.
    """

    id: str
    title: str
    capabilities: Capability
    limits: Message
    max_concurrent_jobs: int
    is_local: bool
    reage_range: tuple[int, int] = (0, 0)
    reage_advice: Message | None = None
    unit: str = ""
    kept_days: int = 0
    most_faces: int = 0
    delivers_only: bool = False
    max_starting: int = 0
    is_generative: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """What a recipe will take.

    Attributes:
        seconds: How long it will about take.
        credits: What it will cost in the provider's own unit; None where it costs nothing.
        leaves_computer: Whether pictures leave this computer.
        files_leaving: How many.
        is_measured: The time comes from what this computer took for other jobs; else it is a guess.
        room_bytes: How much room the work and its result take on the disk; 0 where that is little.
        destinations: Host names that get the files.
    """

    seconds: float
    credits: float | None = None
    leaves_computer: bool = False
    files_leaving: int = 0
    is_measured: bool = False
    room_bytes: int = 0
    destinations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CancelOutcome:
    """What became of a cancellation: something the user should know, such as a charge that stays, or None."""

    message: Message | None = None


class Provider(Protocol):
    """One service or local program that can run jobs."""

    @property
    def info(self) -> ProviderInfo:
        """Who this is and what it can do."""
        ...

    async def quote(self, recipe: Recipe) -> Quote:
        """Say what a recipe will take, before it runs."""
        ...

    def steps(self, recipe: Recipe) -> tuple[StepPlan, ...]:
        """Say which calls a recipe will need, in order."""
        ...

    def keeps_work(self, recipe: Recipe) -> bool:
        """Say whether a recipe is long work in pieces, of which those that are finished stay in the scratch folder.

        Such a job goes on from its pieces after a pause, a failure or the end of the program. The provider itself tries
        a piece again whose worker crashed, so a ``WorkerError`` from ``run`` is final.
        """
        ...

    async def room_needed(self, recipe: Recipe, scratch_folder: str) -> int:
        """Return how many bytes the work still needs on the disk of its scratch folder; 0 where that is little.

        Raises:
            FaceSwapError: It cannot be told, because the original is gone for example.
        """
        ...

    @property
    def account(self) -> RemoteAccount | None:
        """What can be asked of the user's account; None for a local provider."""
        ...

    def fit(self, recipe: Recipe) -> Fit:
        """Say how a recipe agrees with the limits; asks nobody and reads no file."""
        ...

    async def needs(self, recipe: Recipe) -> tuple[Need, ...]:
        """Say what has to be set up before this recipe can run; empty for nothing."""
        ...

    async def prepare(self, context: WorkContext) -> Mapping[str, str]:
        """Do what is free and can be repeated before ``context.step`` is submitted.

        Returns:
            What ``submit`` needs of it; kept in the ledger, so no secrets.

        Raises:
            FaceSwapError: It cannot be done. ``ProviderRejected`` of kind ``account``, ``credits``, ``hosting``,
                ``webhook`` or ``terms`` holds the job instead of failing it.
        """
        ...

    async def submit(self, context: WorkContext) -> Handle:
        """Hand one call over.

        Raises:
            ProviderUnavailable: Nothing was done; trying again may help, after ``retry_after_s`` if that is set. With
                kind ``unconfirmed``: something was sent, and it cannot be told whether it arrived.
            ProviderRejected: It refused; kinds as for ``prepare``.
        """
        ...

    async def run(self, handle: Handle, context: WorkContext) -> Handle:
        """Return when the call's result is there, with what became known; report progress until then.

        Raises:
            FaceSwapError: It cannot be made.
            WorkLost: The handle means nothing any more; the call starts over. Never raised for a paid call.
        """
        ...

    async def fetch(self, handle: Handle, context: WorkContext) -> FetchedFile:
        """Bring the last call's result into the job's scratch folder. What was fetched in part is not fetched again.

        Raises:
            ProviderUnavailable: It cannot be reached; trying again may help.
            ProviderRejected: With kind ``expired``: it is gone.
            WorkLost: It is gone, and making it again costs nothing.
        """
        ...

    def receive(self, delivery: Delivery) -> Handle:
        """Return the handle of a call that a delivery speaks of: it settles one that is unconfirmed.

        Raises:
            ProviderRejected: It speaks of none.
        """
        ...

    def watchable(self, job: JobId) -> float:
        """Return how many seconds of a job's result, from its start on, can be watched already; 0.0 for none."""
        ...

    async def watch(self, job: JobId) -> str:
        """Make a file, in the job's scratch folder, of what is finished without a gap from the start on.

        Raises:
            UsageError: Nothing is finished yet.
            StorageError: There is no room for it.
        """
        ...

    async def cancel(self, handle: Handle) -> CancelOutcome:
        """Tell that nobody wants the work any more; a local provider has been stopped already."""
        ...


@dataclass(frozen=True, slots=True)
class LiveFace:
    """A source face made ready for live sessions: how its service finds it. Nothing was paid for that.

    Attributes:
        values: The service's own; no secrets.
    """

    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A live session that a service has opened: it costs from now on, until it is closed.

    Attributes:
        remote_id: How the service knows it.
        door: The way in; None where there is none, so that the session has to be closed again at once.
        why: Why there is none.
    """

    remote_id: str
    door: ChannelDoor | None
    why: Message | None = None


class LiveService(Protocol):
    """A provider's live sessions: the face of whoever is before the camera is changed there, paid by the minute."""

    @property
    def info(self) -> ProviderInfo:
        """Whose they are."""
        ...

    @property
    def price(self) -> float:
        """Credits per minute, by the table of prices."""
        ...

    @property
    def destinations(self) -> tuple[str, ...]:
        """Host names that get the source face."""
        ...

    async def needs(self) -> tuple[Need, ...]:
        """Say what has to be set up first; empty for nothing."""
        ...

    async def make_ready(self, cleared: ClearedSource, files: SourceFiles, session: JobId, folder: str) -> LiveFace:
        """Make a source face ready: free, and can be repeated.

        Args:
            cleared: Who it is, as the gate let it through.
            files: Where it lies.
            session: Under which name what has to be hosted is hosted.
            folder: For copies; it exists.

        Raises:
            InputRefused: The service does not see just one face in it.
            ProviderError: It cannot be reached, or refuses.
        """
        ...

    async def open(self, cleared: ClearedSource, face: LiveFace) -> OpenedSession:
        """Open a session. Costs something; sent again by itself only where it is sure that nothing was done.

        Raises:
            ProviderUnavailable: Nothing was done; with kind ``unconfirmed``: a session may be open.
            ProviderRejected: It refused.
        """
        ...

    async def change(self, remote_id: str, cleared: ClearedSource, face: LiveFace) -> None:
        """Put another face in while a session runs.

        Raises:
            ProviderRejected: It refused; with kind ``unknown`` there is no such session any more.
            ProviderUnavailable: It cannot be reached.
        """
        ...

    async def close(self, remote_id: str) -> None:
        """Close a session; returns when the service has confirmed it, or knows of no such session.

        Raises:
            ProviderError: It cannot be reached, or refuses: the session may still be open.
        """
        ...
