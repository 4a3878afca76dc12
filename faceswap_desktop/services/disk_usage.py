"""What the program keeps on the disk, and clearing it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.storage.caches import CacheUsage, clear_caches, trim, usage
from faceswap_desktop.storage.paths import Home

CLEARABLE = ("thumbnails", "atlases")
"""What can be cleared without losing anything: it is made again when needed. Scratch files belong to running jobs."""


class DiskUsage:
    """Says what the library and the caches take, and clears caches."""

    def __init__(self, home: Home, settings: SettingsService) -> None:
        self._home = home
        self._settings = settings

    async def measure(self) -> CacheUsage:
        """Return bytes and numbers of files, by kind."""
        folder = self._home.results_folder_for(self._settings.current.storage.library_folder)
        return await asyncio.to_thread(usage, self._home, folder)

    async def clear(self, kinds: Iterable[str] = CLEARABLE) -> CacheUsage:
        """Clear caches and return what is left.

        Raises:
            StorageError: A file cannot be deleted.
        """
        await asyncio.to_thread(clear_caches, self._home, tuple(kinds))
        return await self.measure()

    async def trim(self) -> None:
        """Keep the caches below the limit that is set, oldest first."""
        limit = self._settings.current.storage.cache_limit_mb * 1024 * 1024
        await asyncio.to_thread(trim, self._home, limit)
