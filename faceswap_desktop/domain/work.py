"""What a provider gets in hand to do a job, and what it hands back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Final, Protocol

from faceswap_desktop.domain.clearance import ClearedRecipe
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.recipe import Recipe


@dataclass(frozen=True, slots=True)
class SourceFiles:
    """Where a source face lies on disk.

    Attributes:
        crop_paths: PNG crops, in the order of the recipe's photos.
        atlas_path: Cache of the merged atlas; made when it is missing.
    """

    crop_paths: tuple[str, ...]
    atlas_path: str


@dataclass(frozen=True, slots=True)
class StepPlan:
    """One call that a job consists of; a paid one is never repeated without asking.

    Attributes:
        name: Unique among the steps of its job and always the same for the same recipe, for example ``swap`` or
            ``reage-2``.
        is_paid: The call can cost something.
        credits: What it costs by the table of prices; None where that cannot be told.
    """

    name: str
    is_paid: bool = False
    credits: float | None = None


@dataclass(frozen=True, slots=True)
class Handle:
    """How a provider knows a submitted call again, also after a restart.

    Attributes:
        provider: Id of the provider.
        values: Plain texts, for example remote ids; kept in the ledger, so never secrets. Some have a meaning for
            everyone: ``result_url`` (where the result can be fetched, once known), ``created_at`` and ``expires_at``
            (seconds since the epoch), ``charged`` (credits that the provider said it took), ``remote_id`` (what
            people name to the provider's support).
    """

    provider: str
    values: Mapping[str, str] = field(default_factory=dict)

    def with_values(self, **values: str) -> Handle:
        """Return the handle with more that became known."""
        return Handle(self.provider, {**self.values, **values})

    @property
    def expires_at(self) -> float:
        """When the result is gone, in seconds since the epoch; 0.0 for never."""
        return float(self.values.get("expires_at") or 0.0)


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """A result on this computer's disk, still in the job's scratch folder.

    Attributes:
        path: The file; its extension is the right one.
        width, height: Pixels.
        format: ``JPEG``, ``PNG``, ``WEBP``, ``TIFF`` or ``AVIF``; of videos ``MP4``, ``MOV``, ``MKV``, ``WEBM``.
        size_bytes: Length.
        sha256: Hexadecimal digest of the file.
        faces: How many faces were swapped.
        similarity: Mean cosine of result to source faces; None where it cannot be told.
        seconds: How long the work took.
        notes: Worth saying, English.
    """

    path: str
    width: int
    height: int
    format: str
    size_bytes: int
    sha256: str
    faces: int
    similarity: float | None
    seconds: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Transfer:
    """Bytes that have gone or come, and how many there are; 0 for unknown."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class FrameProgress:
    """How far a video is.

    Attributes:
        done: Frames that are finished for good, also before an interruption.
        total: Frames of the whole job.
        per_second: Frames finished per second, lately; 0.0 while that cannot be told.
        picture: JPEG of the last rendered frame in the job's scratch folder; empty for none yet. Its content changes.
        in_hand: Frames that are rendered too, but are done again should the program end now.
    """

    done: int
    total: int
    per_second: float = 0.0
    picture: str = ""
    in_hand: int = 0

    @property
    def rendered(self) -> int:
        """Frames that are rendered, for good or not yet: what people see counted."""
        return self.done + self.in_hand


class WorkContext(Protocol):
    """What a provider may use of the world around it while it does one job."""

    @property
    def job(self) -> JobId:
        """The job."""
        ...

    @property
    def cleared(self) -> ClearedRecipe:
        """What is to be done, as the gate let it through: what renders, hosts or sends wants this."""
        ...

    @property
    def recipe(self) -> Recipe:
        """What is to be done; the same as ``cleared.recipe``."""
        ...

    @property
    def scratch_folder(self) -> str:
        """A folder of this job's own; it exists, and is removed when the job ends.

        What lies in it outlives an interruption only where the provider keeps its work (``Provider.keeps_work``).
        """
        ...

    @property
    def max_pixels(self) -> int:
        """Larger pictures are refused."""
        ...

    @property
    def is_cancelled(self) -> bool:
        """Whether the user asked to cancel."""
        ...

    @property
    def step(self) -> StepPlan:
        """The call at hand."""
        ...

    @property
    def prepared(self) -> Mapping[str, str]:
        """What ``prepare`` returned for this call, also before this start of the program."""
        ...

    @property
    def earlier(self) -> Mapping[str, Handle]:
        """The calls that are done, by name, as ``run`` left them."""
        ...

    def report(
        self,
        fraction: float,
        step: str,
        frames: FrameProgress | None = None,
        transfer: Transfer | None = None,
    ) -> None:
        """Say how far the work is, 0 to 1, what is being done, of videos how many frames, and how many bytes.

        Words for steps of services: ``copy``, ``upload``, ``detect``, ``queue`` (waits at the provider), ``process``,
        ``deliver`` (waits for a webhook), ``download``.
        """
        ...

    @property
    def video_cache(self) -> str:
        """The folder in which what is known of videos is kept (``VideoFiles``); it exists."""
        ...

    async def got_on(self) -> None:
        """Say that something is finished that will not have to be done again, even if the program ends now.

        A job at which the program ends again and again without that is given up after a while.
        """
        ...

    async def source_files(self) -> Mapping[SourceFaceId, SourceFiles]:
        """Return where the recipe's source faces lie.

        Raises:
            InputRefused: One was deleted (kind ``source-missing``).
        """
        ...


ANALYSIS_VERSION: Final = "1"
"""Grows when analysing a video gives other answers, so that what was kept before is made anew."""


@dataclass(frozen=True, slots=True)
class VideoFiles:
    """Where what is known of one video is kept; all of it can be made again.

    Attributes:
        folder: The video's own folder, named after its quick digest. It need not exist yet.
    """

    folder: str

    @classmethod
    def of(cls, video_cache: str, media: Media) -> VideoFiles:
        """Return the files of one video."""
        return cls(str(PurePath(video_cache) / media.fingerprint.quick_digest[:32]))

    @property
    def index(self) -> str:
        """Presentation times and key frames."""
        return str(PurePath(self.folder) / "index.bin")

    @property
    def tracks(self) -> str:
        """The folder of what the analysis found: a file per chunk, journalled by being there."""
        return str(PurePath(self.folder) / f"tracks-{ANALYSIS_VERSION}")


class WorkLost(Exception):
    """What had been made is gone, for example because the program ended in between; the job has to start over."""
