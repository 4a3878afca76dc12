"""What a relay keeps: deliveries by channel, on the disk, for some days."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.migrations import Migration

FILE_NAME: Final = "relay.sqlite3"
KEPT_S: Final = 7 * 86400.0
MOST_DELIVERIES: Final = 5000
"""Of one channel; the oldest go first."""
MOST_CHANNELS: Final = 1000

_MIGRATIONS: Final = (
    Migration(
        version=1000,
        program="0.1.0",
        statements=(
            "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
            "CREATE TABLE channels (name TEXT PRIMARY KEY, opened_at REAL NOT NULL) STRICT, WITHOUT ROWID",
            # Never the same number twice, also after the last row is gone: listeners count on it.
            """CREATE TABLE deliveries (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                channel TEXT NOT NULL REFERENCES channels (name) ON DELETE CASCADE,
                received_at REAL NOT NULL,
                payload TEXT NOT NULL
            ) STRICT""",
            "CREATE INDEX deliveries_by_channel ON deliveries (channel, id)",
            "CREATE INDEX deliveries_by_age ON deliveries (received_at)",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class StoredDelivery:
    """One delivery: its number, which grows, and what is handed on, as JSON on one line."""

    id: int
    payload: str


class RelayStore:
    """Deliveries of all channels. Everything is on the disk when a call returns.

    Args:
        database: Made with ``open``.
        clock: Seconds since the epoch.
        most_deliveries: How many a channel keeps.
    """

    def __init__(
        self, database: Database, clock: Callable[[], float] = time.time, most_deliveries: int = MOST_DELIVERIES
    ) -> None:
        self._database = database
        self._clock = clock
        self._most = most_deliveries

    @classmethod
    async def open(
        cls, folder: Path, clock: Callable[[], float] = time.time, most_deliveries: int = MOST_DELIVERIES
    ) -> RelayStore:
        """Open or make the file in a folder that exists.

        Raises:
            StorageError: It cannot be used.
        """
        return cls(await Database.open(folder / FILE_NAME, migrations=_MIGRATIONS), clock, most_deliveries)

    async def close(self) -> None:
        """Close the file."""
        await self._database.close()

    async def open_channel(self, channel: str) -> bool:
        """Make a channel, so that deliveries to it are taken; False if there are too many."""

        def make(connection: sqlite3.Connection) -> bool:
            if _is_known(connection, channel):
                return True
            if connection.execute("SELECT count(*) FROM channels").fetchone()[0] >= MOST_CHANNELS:
                return False
            connection.execute("INSERT INTO channels VALUES (?, ?)", (channel, self._clock()))
            return True

        return await self._database.write(make)

    async def add(self, channel: str, payload: str) -> int:
        """Keep a delivery and return its number; 0 if nobody has ever listened to this channel.

        Raises:
            StorageError: It is not kept.
        """

        def insert(connection: sqlite3.Connection) -> int:
            if not _is_known(connection, channel):
                return 0
            now = self._clock()
            connection.execute("DELETE FROM deliveries WHERE received_at < ?", (now - KEPT_S,))
            added = connection.execute(
                "INSERT INTO deliveries (channel, received_at, payload) VALUES (?, ?, ?)", (channel, now, payload)
            ).lastrowid
            connection.execute(
                "DELETE FROM deliveries WHERE channel = ?1 AND id <= coalesce("
                "(SELECT id FROM deliveries WHERE channel = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2), 0)",
                (channel, self._most),
            )
            return added or 0

        return await self._database.write(insert)

    async def after(self, channel: str, last: int, limit: int) -> list[StoredDelivery]:
        """Return what came to a channel after a number, oldest first.

        A number that was never given means a listener who knew another relay; it gets everything.
        """

        def select(connection: sqlite3.Connection) -> list[StoredDelivery]:
            newest = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'deliveries'").fetchone()
            start = last if newest is not None and last <= newest[0] else 0
            rows = connection.execute(
                "SELECT id, payload FROM deliveries WHERE channel = ? AND id > ? AND received_at >= ?"
                " ORDER BY id LIMIT ?",
                (channel, start, self._clock() - KEPT_S, limit),
            )
            return [StoredDelivery(*row) for row in rows]

        return await self._database.read(select)


def _is_known(connection: sqlite3.Connection, channel: str) -> bool:
    return connection.execute("SELECT 1 FROM channels WHERE name = ?", (channel,)).fetchone() is not None
