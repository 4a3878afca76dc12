"""The ledger of live sessions: every row is on the disk before anything is done about it."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.live_cloud import Session, SessionId, SessionState
from faceswap_desktop.storage.charges import Charges, OverBudget, TakenBack
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.live_sessions import LiveSessionStore, SessionMoved
from tests.unit.storage.live_rows import SESSIONS, booking_of, fill

NEW = Session(SessionId("new"), "akool", SessionState.CREATING, created_at=1e9, price=20.0, limit_minutes=5)


@pytest.fixture
def store(db: Database) -> LiveSessionStore:
    return LiveSessionStore(db)


async def test_rows_come_back_as_they_were(db: Database, store: LiveSessionStore) -> None:
    await fill(db)
    assert [await store.get(one.id) for one in SESSIONS] == SESSIONS
    assert await store.get(SessionId("nobody")) is None
    assert await store.newest(2) == [SESSIONS[2], SESSIONS[1]]
    assert await store.in_states(SessionState.CREATING, SessionState.UNCONFIRMED) == SESSIONS[1:]
    assert await store.in_states(SessionState.OPEN) == []


async def test_another_process_sees_a_row_as_soon_as_it_is_begun(db: Database, store: LiveSessionStore) -> None:
    await store.begin(NEW, booking_of(NEW))
    other = sqlite3.connect(f"file:{db.path}?mode=ro", uri=True)
    assert other.execute("SELECT state, remote_id FROM live_sessions").fetchall() == [("creating", "")]
    assert other.execute("SELECT job, step, credits FROM charges").fetchall() == [("live-new", "live", 20.0)]
    other.close()


async def test_a_session_moves_with_its_line_in_the_book(db: Database, store: LiveSessionStore) -> None:
    await store.begin(NEW, booking_of(NEW))
    line = replace(booking_of(NEW), credits=40.0, is_confirmed=True)
    opened = await store.move(
        NEW.id, {SessionState.CREATING}, SessionState.OPEN, booking=line, remote_id="there", opened_at=1e9 + 2
    )
    assert opened == replace(NEW, state=SessionState.OPEN, remote_id="there", opened_at=1e9 + 2)
    assert await store.get(NEW.id) == opened
    assert await Charges(db).of_job(JobId("live-new")) == [line]
    await store.book(replace(line, credits=60.0))
    assert [one.credits for one in await Charges(db).of_job(JobId("live-new"))] == [60.0]


async def test_who_is_too_late_changes_nothing(db: Database, store: LiveSessionStore) -> None:
    await store.begin(NEW, booking_of(NEW))
    taken_back = TakenBack(JobId("live-new"), "live", 1)
    await store.move(NEW.id, {SessionState.CREATING}, SessionState.CLOSED)
    for gone in (NEW.id, SessionId("nobody")):
        with pytest.raises(SessionMoved):
            await store.move(gone, {SessionState.CREATING}, SessionState.REFUSED, booking=taken_back)
    assert [one.credits for one in await Charges(db).of_job(JobId("live-new"))] == [20.0]
    await store.move(NEW.id, {SessionState.CLOSED}, SessionState.REFUSED, booking=taken_back)
    assert await Charges(db).of_job(JobId("live-new")) == []


async def test_above_the_cap_there_is_no_row(db: Database, store: LiveSessionStore) -> None:
    with pytest.raises(OverBudget):
        await store.begin(NEW, booking_of(NEW), monthly_cap=19.0)
    assert await store.newest() == []
    assert await Charges(db).of_job(JobId("live-new")) == []
