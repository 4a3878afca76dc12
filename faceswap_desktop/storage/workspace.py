"""The Studio as it was left."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from faceswap_desktop.storage.codecs import from_text, to_text
from faceswap_desktop.storage.database import Database


class WorkspaceStore:
    """One JSON object; what is in it is the Studio's business."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def load(self) -> dict[str, Any] | None:
        """Return what was saved last, or None."""

        def read(connection: sqlite3.Connection) -> str | None:
            row = connection.execute("SELECT state FROM workspace").fetchone()
            return row[0] if row else None

        text = await self._db.read(read)
        if text is None:
            return None
        state = from_text(text)
        return state if isinstance(state, dict) else None

    async def save(self, state: dict[str, Any]) -> None:
        """Replace what was saved; ``state`` holds plain JSON values.

        Raises:
            StorageError: It could not be written; what was saved before stays.
        """
        values = (to_text(state), time.time())
        await self._db.write(
            lambda connection: connection.execute("INSERT OR REPLACE INTO workspace VALUES (1, ?, ?)", values)
        )
