"""Presets: swap options under a name, saved, exported and shared."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from faceswap_desktop.domain.errors import InputRefused, UsageError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.presets import Preset, preset_from_json, preset_to_json
from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.media.fingerprint import open_regular
from faceswap_desktop.media.refusals import shown_name
from faceswap_desktop.storage.failures import shown_text
from faceswap_desktop.storage.names import one_line
from faceswap_desktop.storage.presets import PresetStore

PRESET_SUFFIX = ".faceswap-preset.json"
_MAX_PRESET_BYTES = 64 * 1024

BUILT_IN = (
    Preset("Balanced", SwapOptions()),
    Preset("Strong likeness", SwapOptions(keep_eyes=False, keep_mouth=False, colour_match=0.8, edge_softness=0.4)),
    Preset("Subtle", SwapOptions(blend=0.6, edge_softness=0.7)),
)
"""Always there; the first is the default."""


class Presets:
    """The built-in presets and the user's own."""

    def __init__(self, store: PresetStore) -> None:
        self._store = store

    async def all(self) -> list[Preset]:
        """Return the built-in presets, then the user's by name."""
        return [*BUILT_IN, *await self._store.all()]

    async def save(self, name: str, options: SwapOptions) -> Preset:
        """Save options under a name; a preset of the user's with that name is replaced.

        Raises:
            UsageError: The name is empty or belongs to a built-in preset.
        """
        preset = Preset(_checked_name(name), options)
        await self._store.save(preset)
        return preset

    async def rename(self, old: str, new: str) -> None:
        """Rename one of the user's presets.

        Raises:
            UsageError: The new name is empty, built in, or taken.
        """
        name = _checked_name(new)
        if name != old and any(preset.name == name for preset in await self._store.all()):
            raise UsageError(message("There is already a preset called {name}.", name=name))
        await self._store.rename(old, name)

    async def delete(self, name: str) -> None:
        """Delete one of the user's presets."""
        await self._store.delete(name)

    async def export(self, preset: Preset, path: Path) -> None:
        """Write a preset to a file that can be shared.

        Raises:
            InputRefused: The file cannot be written.
        """
        text = json.dumps(preset_to_json(preset), indent=2, ensure_ascii=False) + "\n"
        try:
            await asyncio.to_thread(path.write_text, text, encoding="utf-8")
        except OSError as error:
            raise InputRefused(
                message("{name} could not be written: {reason}.", name=path.name, reason=error.strerror or str(error)),
                message("Choose another folder."),
                kind="permission",
            ) from error

    async def import_file(self, path: Path) -> Preset:
        """Read a shared preset and save it; a taken name gets a number.

        Raises:
            InputRefused: The file is not a preset.
        """
        preset = preset_from_json(await asyncio.to_thread(_read_preset, path))
        taken = {one.name for one in await self.all()}
        name, number = preset.name, 2
        while name in taken:
            name, number = f"{preset.name} ({number})", number + 1
        preset = Preset(name, preset.options)
        await self._store.save(preset)
        return preset


def _checked_name(name: str) -> str:
    name = shown_text(one_line(name))
    if not name:
        raise UsageError(message("Give the preset a name."))
    if any(preset.name == name for preset in BUILT_IN):
        raise UsageError(message("{name} is built in. Choose another name.", name=name))
    return name[:80]


def _read_preset(path: Path) -> object:
    refused = InputRefused(
        message("{name} is not a preset.", name=shown_name(path)),
        message("Presets are files ending in {suffix}.", suffix=PRESET_SUFFIX),
        kind="unreadable",
    )
    try:
        # Not a pipe or a device: reading those could wait for ever.
        with open_regular(path) as file:
            data = file.read(_MAX_PRESET_BYTES + 1)
        if len(data) > _MAX_PRESET_BYTES:
            raise refused
        parsed: object = json.loads(data)
    except (InputRefused, OSError, ValueError, RecursionError) as error:
        raise refused from error
    return parsed
