"""What all jobs of one runner share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.jobs.context import SourceFilesOf
from faceswap_desktop.jobs.events import EventBus
from faceswap_desktop.jobs.placing import Placer
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.storage.results import ResultStore


@dataclass(frozen=True, slots=True)
class Tools:
    """What all jobs of one runner share."""

    ledger: Ledger
    results: ResultStore
    home: Home
    bus: EventBus
    settings: Callable[[], Settings]
    source_files: SourceFilesOf
    placer: Placer = field(default_factory=Placer)

    def scratch_of(self, job_id: JobId) -> Path:
        """Return the scratch folder of a job."""
        return scratch_of(self.home, job_id)

    def results_folder(self) -> Path:
        """Return where results go, as the settings are now."""
        return self.home.results_folder_for(self.settings().storage.library_folder)


def scratch_root(home: Home) -> Path:
    """Return where the scratch folders of all jobs lie."""
    return home.scratch_folder / "jobs"


def scratch_of(home: Home, job_id: JobId) -> Path:
    """Return the scratch folder of a job."""
    return scratch_root(home) / job_id
