"""What has happened, in the past tense; sent after it is on disk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.job import Hold, Job, JobId, ResultId
from faceswap_desktop.domain.messages import Message
from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.domain.work import FrameProgress, Transfer


@dataclass(frozen=True, slots=True)
class JobAdded:
    """A job was committed to the ledger."""

    job: Job


@dataclass(frozen=True, slots=True)
class JobChanged:
    """A job's state, hold, priority or failure changed."""

    job: Job


@dataclass(frozen=True, slots=True)
class JobProgressed:
    """A running job got on; at most ten times a second, never stored."""

    job: JobId
    fraction: float
    step: str
    seconds_left: float | None = None
    frames: FrameProgress | None = None
    transfer: Transfer | None = None


@dataclass(frozen=True, slots=True)
class JobRemoved:
    """A job's row is gone."""

    job: JobId


@dataclass(frozen=True, slots=True)
class ResultAdded:
    """A result stands in the library."""

    result: ResultId


@dataclass(frozen=True, slots=True)
class ResultsChanged:
    """Results were renamed, marked, deleted or brought back."""

    results: tuple[ResultId, ...]


@dataclass(frozen=True, slots=True)
class SourceFacesChanged:
    """Source faces were added, merged, renamed, moved or deleted; ``faces`` names those concerned."""

    faces: tuple[SourceFaceId, ...]


@dataclass(frozen=True, slots=True)
class ConsentChanged:
    """Consent for source faces was given, changed or withdrawn; ``faces`` names those concerned."""

    faces: tuple[SourceFaceId, ...]


class StudioPart(StrEnum):
    """What of the Studio changed."""

    PICTURES = "pictures"
    CURRENT = "current"
    BOARD = "board"
    OPTIONS = "options"
    AGES = "ages"
    TRIM = "trim"
    ANALYSIS = "analysis"


@dataclass(frozen=True, slots=True)
class StudioChanged:
    """The Studio's open pictures, its current picture, the pairing board or the options changed.

    Attributes:
        part: What changed.
        key: The picture concerned, or empty for all.
    """

    part: StudioPart
    key: str = ""


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """Settings were replaced."""

    old: Settings
    new: Settings


@dataclass(frozen=True, slots=True)
class AddressesChanged:
    """Services are reached at other addresses than before: the sandbox came or went."""


@dataclass(frozen=True, slots=True)
class AllJobsDone:
    """The last running or waiting job ended."""

    succeeded: int
    failed: int


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something the user should know, that belongs to no job (shown as a quiet strip).

    Attributes:
        message: What.
        hint: What helps; None for nothing.
        is_error: Something went wrong.
        hold: Jobs wait for this, and it is why; None for anything else.
    """

    message: Message
    hint: Message | None = None
    is_error: bool = False
    hold: Hold | None = None


Event = (
    JobAdded
    | JobChanged
    | JobProgressed
    | JobRemoved
    | ResultAdded
    | ResultsChanged
    | SourceFacesChanged
    | ConsentChanged
    | StudioChanged
    | SettingsChanged
    | AddressesChanged
    | AllJobsDone
    | Noticed
)
