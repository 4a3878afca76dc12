"""Answers that were paid for, so that the same question is not paid for again."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping

from faceswap_desktop.storage.codecs import from_text, to_text
from faceswap_desktop.storage.database import Database


class AnswerStore:
    """The ``AnswerCache`` of the database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def get(self, provider: str, call: str, digest: str) -> Mapping[str, str] | None:
        """Return a kept answer, or None.

        Args:
            provider: Whose answer.
            call: Which of its calls.
            digest: Of all that was sent.
        """

        def read(connection: sqlite3.Connection) -> str | None:
            row = connection.execute(
                "SELECT answer FROM answers WHERE provider = ? AND call = ? AND digest = ?", (provider, call, digest)
            ).fetchone()
            return None if row is None else str(row[0])

        text = await self._db.read(read)
        return None if text is None else {str(name): str(value) for name, value in from_text(text).items()}

    async def put(self, provider: str, call: str, digest: str, answer: Mapping[str, str]) -> None:
        """Keep an answer, in place of an older one.

        Raises:
            StorageError: It could not be written.
        """
        values = (provider, call, digest, to_text(dict(answer)), time.time())
        await self._db.write(
            lambda connection: connection.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)", values)
        )

    async def forget(self, provider: str, call: str = "", digest: str = "") -> int:
        """Drop a provider's answers, of one call, or of one question; returns how many went."""
        chosen = {"provider": provider} | {name: value for name, value in (("call", call), ("digest", digest)) if value}
        where = " AND ".join(f"{name} = ?" for name in chosen)
        statement = f"DELETE FROM answers WHERE {where}"  # noqa: S608 - names are constants
        return await self._db.write(lambda connection: connection.execute(statement, tuple(chosen.values())).rowcount)
