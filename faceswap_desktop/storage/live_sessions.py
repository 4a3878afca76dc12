"""Live sessions at services, in the database: what is open there, and what it costs, in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import fields, replace
from typing import Any, Final

from faceswap_desktop.domain.live_cloud import Session, SessionId, SessionState
from faceswap_desktop.storage.charges import Booking, TakenBack, write_booking
from faceswap_desktop.storage.database import Database

_NAMES: Final = tuple(field.name for field in fields(Session))
_COLUMNS: Final = ", ".join(_NAMES)


class SessionMoved(Exception):
    """A session is not where the caller believed it to be; nothing was changed."""


class LiveSessionStore:
    """The ledger of sessions. Every method is one transaction; errors of the disk are ``StorageError``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def begin(self, session: Session, booking: Booking, monthly_cap: float = 0.0) -> None:
        """Commit a new session together with what its first minute costs, before the service is asked for it.

        Args:
            session: The row.
            booking: Its line in the book of charges.
            monthly_cap: A session that would bring its provider's month above it is refused; 0.0 for no cap.

        Raises:
            OverBudget: It would.
            StorageError: It could not be written.
        """

        def write(connection: sqlite3.Connection) -> None:
            write_booking(connection, booking, monthly_cap)
            marks = ", ".join("?" * len(_NAMES))
            connection.execute(f"INSERT INTO live_sessions ({_COLUMNS}) VALUES ({marks})", _row(session))  # noqa: S608

        await self._db.write(write)

    async def move(
        self,
        session_id: SessionId,
        from_states: Collection[SessionState],
        to: SessionState,
        *,
        booking: Booking | TakenBack | None = None,
        **changes: Any,
    ) -> Session:
        """Take a session to another state, and change its line in the book of charges with it.

        Args:
            session_id: Which.
            from_states: Where it has to be.
            to: Where it goes.
            booking: Its line from now on; None to leave it.
            changes: Other fields of the row.

        Returns:
            The row as it is now.

        Raises:
            SessionMoved: It is in none of these states, or gone.
            StorageError: It could not be written.
        """

        def write(connection: sqlite3.Connection) -> Session:
            found = connection.execute(f"SELECT {_COLUMNS} FROM live_sessions WHERE id = ?", (session_id,)).fetchone()  # noqa: S608
            known = _session(found) if found else None
            if known is None or known.state not in from_states:
                raise SessionMoved(f"{session_id} is {known.state if known else 'gone'}")
            moved = replace(known, state=to, **changes)
            marks = ", ".join("?" * len(_NAMES))
            connection.execute(f"REPLACE INTO live_sessions ({_COLUMNS}) VALUES ({marks})", _row(moved))  # noqa: S608
            if booking is not None:
                write_booking(connection, booking)
            return moved

        return await self._db.write(write)

    async def book(self, booking: Booking) -> None:
        """Change a session's line in the book of charges.

        Raises:
            StorageError: It could not be written.
        """
        await self._db.write(lambda connection: write_booking(connection, booking))

    async def get(self, session_id: SessionId) -> Session | None:
        """Return a session, or None."""
        found = await self._select("WHERE id = ?", (session_id,))
        return found[0] if found else None

    async def in_states(self, *states: SessionState) -> list[Session]:
        """Return the sessions in one of these states, oldest first."""
        marks = ", ".join("?" * len(states))
        return await self._select(
            f"WHERE state IN ({marks}) ORDER BY created_at, id", tuple(state.value for state in states)
        )

    async def newest(self, limit: int = 20) -> list[Session]:
        """Return the sessions that were begun last, newest first."""
        return await self._select("ORDER BY created_at DESC, id LIMIT ?", (limit,))

    async def _select(self, tail: str, values: tuple[Any, ...]) -> list[Session]:
        def read(connection: sqlite3.Connection) -> list[Session]:
            return [_session(row) for row in connection.execute(f"SELECT {_COLUMNS} FROM live_sessions {tail}", values)]  # noqa: S608

        return await self._db.read(read)


def _row(session: Session) -> tuple[Any, ...]:
    values = {name: getattr(session, name) for name in _NAMES}
    return tuple({**values, "state": session.state.value, "in_sandbox": int(session.in_sandbox)}.values())


def _session(row: tuple[Any, ...]) -> Session:
    values = dict(zip(_NAMES, row, strict=True))
    return Session(**{**values, "state": SessionState(values["state"]), "in_sandbox": bool(values["in_sandbox"])})
