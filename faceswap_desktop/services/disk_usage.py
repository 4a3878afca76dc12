"""What the program keeps on the disk, and clearing it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.work import VideoFiles
from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.storage.caches import CacheUsage, clear_caches, trim, usage
from faceswap_desktop.storage.paths import Home

CLEARABLE = ("thumbnails", "atlases", "videos")
"""What can be cleared without losing anything: it is made again when needed. Scratch files belong to running jobs."""


class DiskUsage:
    """Says what the library and the caches take, and clears caches.

    Args:
        home: Which home.
        settings: The limit, and where results go.
        in_use: Returns the media of unfinished jobs and of the Studio: what is known of them stays.
    """

    def __init__(self, home: Home, settings: SettingsService, in_use: Callable[[], Awaitable[Iterable[Media]]]) -> None:
        self._home = home
        self._settings = settings
        self._in_use = in_use

    async def measure(self) -> CacheUsage:
        """Return bytes and numbers of files, by kind."""
        folder = self._home.results_folder_for(self._settings.current.storage.library_folder)
        return await asyncio.to_thread(usage, self._home, folder)

    async def clear(self, kinds: Iterable[str] = CLEARABLE) -> CacheUsage:
        """Clear caches and return what is left.

        Raises:
            StorageError: A file cannot be deleted.
        """
        await asyncio.to_thread(clear_caches, self._home, tuple(kinds), await self._kept())
        return await self.measure()

    async def trim(self) -> None:
        """Keep the caches below the limit that is set, oldest first."""
        limit = self._settings.current.storage.cache_limit_mb * 1024 * 1024
        await asyncio.to_thread(trim, self._home, limit, await self._kept())

    async def _kept(self) -> list[Path]:
        return [Path(VideoFiles.of(str(self._home.videos_folder), media).folder) for media in await self._in_use()]
