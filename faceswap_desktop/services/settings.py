"""Settings: read once, replaced whole, written at once, told to everybody."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from faceswap_desktop.domain.events import SettingsChanged
from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.jobs.events import EventBus
from faceswap_desktop.storage.settings_file import save_settings


class SettingsService:
    """Holds the current settings and stores every change.

    Attributes:
        current: The settings in force, with what the command line overrides.
        stored: The same without that: what the file holds, and other processes on this home go by.
    """

    def __init__(self, path: Path, current: Settings, bus: EventBus, *, stored: Settings | None = None) -> None:
        self.current = current
        self.stored = current if stored is None else stored
        self._path = path
        self._bus = bus
        self._writing = asyncio.Lock()

    async def update(self, section: str, **changes: Any) -> Settings:
        """Change some values of one section, for example ``update("appearance", theme=Theme.DARK)``.

        A section within a section is named with a dot: ``update("providers.akool", api=AkoolApi.V3)``.

        Everybody hears of it before the file is written, so that a slider never waits for a disk.

        Raises:
            StorageError: The file could not be written; the change holds until the program ends.
        """
        return await self._put(section.split("."), changes)

    async def reset(self, section: str) -> Settings:
        """Set one section back to its defaults."""
        defaults: Any = Settings()
        *parents, name = section.split(".")
        for part in parents:
            defaults = getattr(defaults, part)
        return await self._put(parents, {name: getattr(defaults, name)})

    async def _put(self, section: Sequence[str], changes: Mapping[str, Any]) -> Settings:
        old, before = self.current, self.stored
        self.current = _with_changes(old, section, changes)
        self.stored = _with_changes(before, section, changes)
        if self.current != old:
            self._bus.publish(SettingsChanged(old, self.current))
        if self.stored != before:
            async with self._writing:
                await asyncio.to_thread(save_settings, self._path, self.stored)
        return self.current


def _with_changes(value: Any, section: Sequence[str], changes: Mapping[str, Any]) -> Any:
    if not section:
        return replace(value, **changes)
    name, *rest = section
    return replace(value, **{name: _with_changes(getattr(value, name), rest, changes)})
