"""Whether there is room on the disk for a job, before it runs and while it waits for room."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.errors import FaceSwapError, StorageError
from faceswap_desktop.domain.job import Job, JobState
from faceswap_desktop.domain.messages import message
from faceswap_desktop.jobs.tools import Tools
from faceswap_desktop.providers.protocol import Provider
from faceswap_desktop.storage.failures import shown_path

LEAST_FREE_BYTES: Final = 256 * 2**20
"""So much room has to be there before a job that waits for the disk goes on by itself."""

_GIGABYTE: Final = 1e9


async def check_room(job: Job, provider: Provider, tools: Tools) -> None:
    """Refuse to begin what the disk has no room for.

    Raises:
        StorageError: Kind ``disk-full``: the sentence says how much is needed and how much is there.
        FaceSwapError: What the work needs could not be told.
    """
    folder = tools.scratch_of(job.id)
    needed = await provider.room_needed(job.recipe, str(folder))
    free = await asyncio.to_thread(free_bytes, folder)
    if needed and free is not None and free < needed:
        raise StorageError(
            message(
                "“{name}” needs about {needed} GB of room on the disk, and {free} GB are free.",
                name=Path(job.recipe.media.path).name,
                needed=_gigabytes(needed),
                free=_gigabytes(free),
            ),
            message(
                "It goes on when there is room on the disk of “{folder}”.", folder=shown_path(tools.home.cache_folder)
            ),
            kind="disk-full",
        )


async def has_room(job: Job, provider: Provider | None, tools: Tools) -> bool:
    """Say whether a job that waits for the disk can go on: where its work goes, and where its result goes."""
    folder = tools.scratch_of(job.id)
    needed = 0
    if provider is not None and job.state is not JobState.FINISHING:
        try:
            needed = await provider.room_needed(job.recipe, str(folder))
        except FaceSwapError:
            # It is said when the job runs.
            needed = 0
    places = ((folder, max(needed, LEAST_FREE_BYTES)), (tools.results_folder(), LEAST_FREE_BYTES))
    for place, least in places:
        free = await asyncio.to_thread(free_bytes, place)
        if free is None or free < least:
            return False
    return True


def free_bytes(folder: Path) -> int | None:
    """Return how much room the disk of a folder has, which need not exist yet; None where that cannot be told."""
    for place in (folder, *folder.parents):
        try:
            return shutil.disk_usage(place).free
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return None


def _gigabytes(size: int) -> str:
    return f"{size / _GIGABYTE:.2f}" if size < _GIGABYTE else f"{size / _GIGABYTE:.1f}"
