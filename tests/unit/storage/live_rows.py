"""Live sessions as the database file of version 1.4 holds them, and how they got there."""

from __future__ import annotations

from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.live_cloud import Session, SessionId, SessionState
from faceswap_desktop.storage.charges import Booking
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.live_sessions import LiveSessionStore

SESSIONS = [
    Session(
        SessionId("one"),
        "akool",
        SessionState.CLOSED,
        remote_id="684f8fb744b8795862e45cbe",
        created_at=100.0,
        opened_at=101.5,
        closed_at=222.25,
        price=20.0,
        credits_before=1000.0,
        credits_after=940.0,
        limit_minutes=30,
        reason="stopped",
    ),
    Session(SessionId("two"), "akool", SessionState.UNCONFIRMED, created_at=300.0, price=20.0, follows="one"),
    Session(SessionId("three"), "akool", SessionState.CREATING, created_at=400.0, price=12.5, in_sandbox=True),
]


def booking_of(session: Session) -> Booking:
    return Booking(
        JobId(f"live-{session.id}"), "live", 1, session.provider, session.price, True, False, session.created_at
    )


async def fill(db: Database) -> None:
    """Write the rows."""
    for session in SESSIONS:
        await LiveSessionStore(db).begin(session, booking_of(session))
