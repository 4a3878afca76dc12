"""Jobs: one recipe handed to one provider, followed through a small state machine.

queued → preparing → submitting → running → fetching → finishing → succeeded
running → preparing, where the recipe needs another call
queued → running | fetching, where a provider has taken or done the work already
any unfinished state → failed | cancelled
submitting → unconfirmed → running | queued | dismissed
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NewType

from faceswap_desktop.domain.messages import Message
from faceswap_desktop.domain.provenance import ResultMark
from faceswap_desktop.domain.recipe import Recipe

JobId = NewType("JobId", str)
ResultId = NewType("ResultId", str)


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    PREPARING = "preparing"
    SUBMITTING = "submitting"
    RUNNING = "running"
    FETCHING = "fetching"
    FINISHING = "finishing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNCONFIRMED = "unconfirmed"
    DISMISSED = "dismissed"

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens by itself or by the user's answer (a retry makes it queued again)."""
        return self in FINAL_STATES

    @property
    def is_active(self) -> bool:
        """Whether something is being done for it right now."""
        return self in ACTIVE_STATES


FINAL_STATES: Final = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED, JobState.DISMISSED})
ACTIVE_STATES: Final = frozenset(
    {JobState.PREPARING, JobState.SUBMITTING, JobState.RUNNING, JobState.FETCHING, JobState.FINISHING}
)

TRANSITIONS: Final[Mapping[JobState, frozenset[JobState]]] = {
    # Not to preparing: what a provider has taken is not sent again.
    JobState.QUEUED: frozenset(
        {JobState.PREPARING, JobState.RUNNING, JobState.FETCHING, JobState.FAILED, JobState.CANCELLED}
    ),
    # Back to queued: the program ended in between, or the worker crashed and the job is tried once more.
    JobState.PREPARING: frozenset({JobState.SUBMITTING, JobState.QUEUED, JobState.FAILED, JobState.CANCELLED}),
    JobState.SUBMITTING: frozenset(
        {JobState.RUNNING, JobState.QUEUED, JobState.UNCONFIRMED, JobState.FAILED, JobState.CANCELLED}
    ),
    JobState.RUNNING: frozenset(
        {JobState.FETCHING, JobState.PREPARING, JobState.QUEUED, JobState.FAILED, JobState.CANCELLED}
    ),
    JobState.FETCHING: frozenset({JobState.FINISHING, JobState.QUEUED, JobState.FAILED, JobState.CANCELLED}),
    JobState.FINISHING: frozenset({JobState.SUCCEEDED, JobState.QUEUED, JobState.FAILED, JobState.CANCELLED}),
    JobState.UNCONFIRMED: frozenset({JobState.RUNNING, JobState.QUEUED, JobState.DISMISSED}),
    JobState.SUCCEEDED: frozenset(),
    # A retry starts the same row again.
    JobState.FAILED: frozenset({JobState.QUEUED}),
    JobState.CANCELLED: frozenset({JobState.QUEUED}),
    JobState.DISMISSED: frozenset(),
}


def can_become(state: JobState, following: JobState) -> bool:
    """Say whether one state may follow another."""
    return following in TRANSITIONS[state]


class Hold(StrEnum):
    """Why a job does not go on, beside its state. A job on hold is neither lost nor failed.

    ``ACCOUNT``: the key is missing, wrong, expired or banned. ``CREDITS``: none are left at the provider. ``BUDGET``:
    the user's monthly cap. ``HOSTING``: no place from which the provider could fetch the media. ``WEBHOOK``: no
    address at which the provider could deliver. ``TERMS``: the provider's terms were not yet accepted. ``SANDBOX``: it
    belongs to the sandbox, and that is switched off; or to the real service, and the sandbox stands in its place.
    """

    PAUSED = "paused"
    CONSENT = "consent"
    ACCOUNT = "account"
    CREDITS = "credits"
    BUDGET = "budget"
    HOSTING = "hosting"
    WEBHOOK = "webhook"
    TERMS = "terms"
    NETWORK = "network"
    SANDBOX = "sandbox"
    DISK = "disk"
    SIGNER = "signer"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job failed: a sentence, what helps, and a stable kind for buttons and scripts."""

    kind: str
    message: Message
    hint: Message | None = None
    exit_code: int = 4


@dataclass(frozen=True, slots=True)
class Job:
    """One row of the ledger.

    Attributes:
        id: Short and unique.
        recipe: All that is to be done.
        state: Where it stands.
        hold: Why it waits, or None.
        cancel_requested: The user asked to cancel and the runner has not yet got there.
        attempt: How many times it has been started, from 0.
        priority: Order among the waiting; lower runs first. Reordering rewrites it.
        progress: 0 to 1 of the current step, not stored while it runs.
        created_at, started_at, ended_at: Seconds since the epoch; 0.0 where not yet.
        retry_at: When it is tried again by itself; 0.0 for at once.
        failure: Set when the state is ``FAILED``, when nobody knows whether a call arrived, and while it waits for a
            signer.
        result: Set when the state is ``SUCCEEDED``.
        step: Name of the current step.
    """

    id: JobId
    recipe: Recipe
    state: JobState = JobState.QUEUED
    hold: Hold | None = None
    cancel_requested: bool = False
    attempt: int = 0
    priority: float = 0.0
    progress: float = 0.0
    created_at: float = 0.0
    started_at: float = 0.0
    ended_at: float = 0.0
    retry_at: float = 0.0
    failure: Failure | None = None
    result: ResultId | None = None
    step: str = ""


@dataclass(frozen=True, slots=True)
class JobResult:
    """A file that a job produced; it lies in the library folder under a name the user can read.

    Attributes:
        id: Never changes.
        job: The job that made it.
        path: The result's file, absolute.
        recipe: What it was made from, so that it can be made again.
        width, height: Pixels.
        size_bytes: Length of the file.
        created_at: Seconds since the epoch.
        seconds: How long the work took.
        faces: How many faces were swapped.
        similarity: Mean cosine of result to source faces, or None where it could not be told.
        digest: SHA-256 of the file.
        title: What the gallery shows; the file's name unless renamed.
        is_favourite: Marked by the user.
        notes: What the user or the engine has to say of it, English.
        deleted_at: 0.0, or when it was moved into the folder from which it can be brought back.
        mark: How it was marked; None for results from before results were.
    """

    id: ResultId
    job: JobId
    path: str
    recipe: Recipe
    width: int
    height: int
    size_bytes: int
    created_at: float
    seconds: float
    faces: int
    similarity: float | None = None
    digest: str = ""
    title: str = ""
    is_favourite: bool = False
    notes: tuple[str, ...] = field(default=())
    deleted_at: float = 0.0
    mark: ResultMark | None = None
