"""The user's presets."""

from __future__ import annotations

import sqlite3
import time

from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.presets import Preset, options_from_json, options_to_json
from faceswap_desktop.storage.codecs import from_text, to_text
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.names import sortable


class PresetStore:
    """Presets in the database, by name."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def all(self) -> list[Preset]:
        """Return all presets by name, as people sort."""

        def read(connection: sqlite3.Connection) -> list[Preset]:
            rows = connection.execute("SELECT name, options FROM presets").fetchall()
            presets = [Preset(name, options_from_json(from_text(options))) for name, options in rows]
            return sorted(presets, key=lambda preset: (sortable(preset.name), preset.name))

        return await self._db.read(read)

    async def save(self, preset: Preset) -> None:
        """Save a preset; one of the same name is replaced.

        Raises:
            StorageError: It could not be written.
        """
        values = (preset.name, to_text(options_to_json(preset.options)), time.time())
        await self._db.write(
            lambda connection: connection.execute("INSERT OR REPLACE INTO presets VALUES (?, ?, ?)", values)
        )

    async def delete(self, name: str) -> None:
        """Delete a preset; nothing happens if there is none of that name."""
        await self._db.write(lambda connection: connection.execute("DELETE FROM presets WHERE name = ?", (name,)))

    async def rename(self, old: str, new: str) -> None:
        """Give a preset another name.

        Raises:
            UsageError: There is none of the old name, or the new name is taken.
        """

        def write(connection: sqlite3.Connection) -> None:
            names = {row[0] for row in connection.execute("SELECT name FROM presets")}
            if old not in names:
                raise UsageError(message("There is no preset called {name}.", name=old))
            if new != old and new in names:
                raise UsageError(message("There is already a preset called {name}.", name=new))
            connection.execute("UPDATE presets SET name = ? WHERE name = ?", (new, old))

        await self._db.write(write)
