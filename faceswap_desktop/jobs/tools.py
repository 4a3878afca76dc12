"""What all jobs of one runner share."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.clearance import ClearedRecipe
from faceswap_desktop.domain.cloud import Delivery
from faceswap_desktop.domain.errors import FaceSwapError, SensitiveContent
from faceswap_desktop.domain.job import Hold, Job, JobId
from faceswap_desktop.domain.provenance import ResultMark
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.domain.work import FetchedFile
from faceswap_desktop.jobs.context import SourceFilesOf
from faceswap_desktop.jobs.events import EventBus
from faceswap_desktop.jobs.placing import Placer
from faceswap_desktop.jobs.turns import Turns
from faceswap_desktop.providers.protocol import ProviderInfo
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.storage.results import ResultStore

logger = logging.getLogger(__name__)

_ENDINGS_S: Final = 5.0
"""How long the end of the program waits for what is cleared away for jobs that have ended."""


Clear = Callable[[Recipe, JobId], Awaitable[ClearedRecipe]]
"""The gate: returns the recipe of a job as it may be carried out.

Raises:
    ConsentNeeded: Nobody has said who a source face is.
    SensitiveContent: The target or a source face is refused.
"""


@dataclass(frozen=True, slots=True)
class ToSign:
    """A file of the scratch folder that is finished but for its credentials.

    Attributes:
        path: The file; it stays as it is.
        fetched: What was fetched; the file itself, or what it was converted from.
        notes: What is worth saying of it, English.
    """

    path: str
    fetched: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignedFile:
    """A file of the scratch folder with its credentials in it.

    Attributes:
        path: Another file than the one that was to be signed; that one stays as it was.
        size_bytes: Length.
        sha256: Hexadecimal digest.
        sidecar: Path of a file that holds the credentials where the format carries none; empty for none.
        mark: How it was marked; its sidecar's path is still to be told.
    """

    path: str
    size_bytes: int
    sha256: str
    mark: ResultMark
    sidecar: str = ""


@dataclass(frozen=True, slots=True)
class Hooks:
    """What others do for jobs; each is optional.

    Attributes:
        on_end: Told when a job has ended, however it did: what was hosted for it can be deleted, its mailbox closed.
            It may take its time; what it cannot do now it has to do at the next start.
        convert: Writes a result once more in the format of another path's extension, into the folder in which the
            result lies, and returns where: given the result's path and that other path. It never writes to that one.
        delivered: Returns what a service has delivered already for a call, or None.
        mark: Burns the visible label into what a service made, and returns the file that has it; other files are
            returned as they are. It is called once the file is fetched, and may be called again. The fetched file
            stays as it is; the labelled one lies beside it, its name with ``labelled-`` before it.
        sign: Writes metadata and credentials into a copy of a file, as the very last step: given the job, the
            file, and whether it is only marked, to be signed later. ``SignerError`` has the job wait.
        look: Looks at what a service made, before it is marked: an address that was pasted may lead to something else
            than the gate has seen.
        refused: Told that what a job makes is refused, before the job fails.
        sent_again: Told before calls of a job are sent once more that may have arrived: what is delivered for the first
            ones must not be taken for an answer to the second.
    """

    on_end: Callable[[JobId], Awaitable[None]] | None = None
    convert: Callable[[str, str], Awaitable[str]] | None = None
    delivered: Callable[[JobId, str], Awaitable[Delivery | None]] | None = None
    mark: Callable[[Job, FetchedFile], Awaitable[FetchedFile]] | None = None
    sign: Callable[[Job, ToSign, bool], Awaitable[SignedFile]] | None = None
    look: Callable[[Job, FetchedFile], Awaitable[None]] | None = None
    refused: Callable[[Job, SensitiveContent], Awaitable[None]] | None = None
    sent_again: Callable[[JobId], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class Tools:
    """What all jobs of one runner share.

    Attributes:
        rests: Until when (seconds since the epoch) a provider wants to be left alone, by its id.
        tries: How often in a row a job found no network, while it waited for its provider.
        said: When (monotonic) the user was told that jobs of a provider wait, and for what.
        endings: What is still being done for jobs that have ended.
        clear: The gate.
        on_room: Called when a job needs its provider's place no more, or is made ready no more.
        turns: Whose turn it is to be handed over, by the provider's id.
    """

    ledger: Ledger
    results: ResultStore
    home: Home
    bus: EventBus
    settings: Callable[[], Settings]
    source_files: SourceFilesOf
    clear: Clear
    placer: Placer = field(default_factory=Placer)
    hooks: Hooks = field(default_factory=Hooks)
    rests: dict[str, float] = field(default_factory=dict)
    tries: Counter[JobId] = field(default_factory=Counter)
    said: dict[tuple[str, Hold], float] = field(default_factory=dict)
    endings: set[asyncio.Task[None]] = field(default_factory=set)
    on_room: Callable[[], None] = lambda: None
    turns: dict[str, Turns] = field(default_factory=dict)

    def turns_of(self, provider: ProviderInfo) -> Turns:
        """Return what lets only some jobs of a provider be made ready and handed over at once."""
        if provider.id not in self.turns:
            self.turns[provider.id] = Turns(provider.max_starting)
        return self.turns[provider.id]

    def scratch_of(self, job_id: JobId) -> Path:
        """Return the scratch folder of a job."""
        return scratch_of(self.home, job_id)

    def results_folder(self) -> Path:
        """Return where results go, as the settings are now."""
        return self.home.results_folder_for(self.settings().storage.library_folder)

    async def labelled(self, job: Job, file: FetchedFile) -> FetchedFile:
        """Return what a service made with the visible label on it; see ``Hooks.mark``."""
        return file if self.hooks.mark is None else await self.hooks.mark(job, file)

    def ask_anew(self) -> None:
        """Forget what providers refused, and that the user was told: something has changed."""
        self.said.clear()
        for turns in self.turns.values():
            turns.forgive()

    def end(self, job_id: JobId) -> None:
        """Have done what is due at the end of a job; nobody waits for it."""
        self.tries.pop(job_id, None)
        if self.hooks.on_end is not None:
            ending = asyncio.get_running_loop().create_task(self._end(job_id), name=f"end of job {job_id}")
            self.endings.add(ending)
            ending.add_done_callback(self.endings.discard)

    async def clear_away(self) -> None:
        """Wait a little for what is being done for jobs that have ended; the rest is done at the next start."""
        if self.endings:
            _, late = await asyncio.wait(self.endings, timeout=_ENDINGS_S)
            for ending in late:
                ending.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _end(self, job_id: JobId) -> None:
        if self.hooks.on_end is None:
            return
        try:
            await self.hooks.on_end(job_id)
        except FaceSwapError as error:
            logger.info("what was done for job %s is not all cleared away: %s", job_id, error)
        except Exception:
            logger.exception("what was done for job %s could not be cleared away", job_id)


def scratch_root(home: Home) -> Path:
    """Return where the scratch folders of all jobs lie."""
    return home.scratch_folder / "jobs"


def scratch_of(home: Home, job_id: JobId) -> Path:
    """Return the scratch folder of a job."""
    return scratch_root(home) / job_id
