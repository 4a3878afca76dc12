"""Addresses at which services deliver results, and what they delivered; both outlive the program."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from faceswap_desktop.domain.job import JobId
from faceswap_desktop.storage.database import Database

_COLUMNS: Final = "job, step, provider, secret, made_at, body, received_at, closed_at"


@dataclass(frozen=True, slots=True)
class MailboxRow:
    """One address.

    Attributes:
        job, step, provider: For which call it was made.
        secret: What makes it unguessable; no two are the same.
        made_at: Seconds since the epoch.
        body: What was delivered, as whoever checked it wrote it; None for nothing yet.
        received_at: When, or 0.0.
        closed_at: When nobody waited any more, or 0.0.
    """

    job: JobId
    step: str
    provider: str
    secret: str
    made_at: float
    body: str | None = None
    received_at: float = 0.0
    closed_at: float = 0.0


class MailStore:
    """Mailboxes in the database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def open(self, job: JobId, step: str, provider: str, secret: str) -> MailboxRow:
        """Return the mailbox of a call; where there is none it is made with this secret.

        One that is open stays as it is: the same call has the same address. One that was closed gets this secret, and
        is empty: the call is made once more, and what comes late of the one before finds nobody.

        Raises:
            StorageError: It could not be written.
        """

        def write(connection: sqlite3.Connection) -> MailboxRow:
            connection.execute(
                "INSERT INTO mailboxes (job, step, provider, secret, made_at) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (job, step) DO UPDATE SET closed_at = 0, "
                "secret = iif(closed_at > 0, excluded.secret, secret), "
                "made_at = iif(closed_at > 0, excluded.made_at, made_at), "
                "body = iif(closed_at > 0, NULL, body), "
                "received_at = iif(closed_at > 0, 0, received_at)",
                (job, step, provider, secret, time.time()),
            )
            return _select(connection, "job = ? AND step = ?", (job, step))[0]

        return await self._db.write(write)

    async def of(self, job: JobId, step: str) -> MailboxRow | None:
        """Return the mailbox of a call, or None."""
        return await self._first("job = ? AND step = ?", (job, step))

    async def by_secret(self, secret: str) -> MailboxRow | None:
        """Return the mailbox of an address, open or closed, or None."""
        return await self._first("secret = ?", (secret,))

    async def waiting(self) -> list[MailboxRow]:
        """Return the open mailboxes in which nothing lies yet, oldest first."""
        return await self._db.read(
            lambda connection: _select(connection, "closed_at = 0 AND received_at = 0 ORDER BY made_at, job, step", ())
        )

    async def all_open(self) -> list[MailboxRow]:
        """Return the open mailboxes, oldest first."""
        return await self._db.read(
            lambda connection: _select(connection, "closed_at = 0 ORDER BY made_at, job, step", ())
        )

    async def deliver(self, secret: str, body: str, *, replace: bool = False) -> MailboxRow | None:
        """Put a delivery in the open mailbox of an address.

        Args:
            secret: Of the address.
            body: What came, checked.
            replace: Take it in place of what came before; else the first stays.

        Returns:
            The mailbox as it was before: ``received_at`` tells whether something lay in it. None if there is no such
            address, or it is closed.

        Raises:
            StorageError: It could not be written.
        """
        condition = "secret = ? AND closed_at = 0" + ("" if replace else " AND received_at = 0")
        statement = f"UPDATE mailboxes SET body = ?, received_at = ? WHERE {condition}"  # noqa: S608 - constants

        def write(connection: sqlite3.Connection) -> MailboxRow | None:
            before = _select(connection, "secret = ? AND closed_at = 0", (secret,))
            connection.execute(statement, (body, time.time(), secret))
            return before[0] if before else None

        return await self._db.write(write)

    async def close(self, job: JobId) -> None:
        """Close a job's mailboxes; what came stays until ``forget_closed``.

        Raises:
            StorageError: It could not be written.
        """
        values = (time.time(), job)
        await self._db.write(
            lambda connection: connection.execute(
                "UPDATE mailboxes SET closed_at = ? WHERE job = ? AND closed_at = 0", values
            )
        )

    async def forget_closed(self, before: float) -> int:
        """Drop mailboxes that were closed before a moment (seconds since the epoch); returns how many went."""
        return await self._db.write(
            lambda connection: (
                connection.execute("DELETE FROM mailboxes WHERE closed_at > 0 AND closed_at < ?", (before,)).rowcount
            )
        )

    async def _first(self, condition: str, values: tuple[Any, ...]) -> MailboxRow | None:
        found = await self._db.read(lambda connection: _select(connection, condition, values))
        return found[0] if found else None


def _select(connection: sqlite3.Connection, condition: str, values: Iterable[Any]) -> list[MailboxRow]:
    rows = connection.execute(f"SELECT {_COLUMNS} FROM mailboxes WHERE {condition}", tuple(values))  # noqa: S608 - ours
    return [MailboxRow(JobId(job), *rest) for job, *rest in rows.fetchall()]
