from __future__ import annotations

import time

import pytest

from faceswap_desktop.domain.cloud import Charge
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.storage.charges import Booking, Charges, OverBudget, TakenBack, month_start, write_booking
from faceswap_desktop.storage.database import Database


def a_booking(job: str = "j1", credits: float | None = 4.0, **fields: object) -> Booking:
    given = {"step": "swap", "attempt": 1, "provider": "akool", "credits": credits, "at": time.time()}
    return Booking(job=JobId(job), **{**given, **fields})  # type: ignore[arg-type]


async def write(db: Database, line: Booking | TakenBack, cap: float = 0.0) -> None:
    await db.write(lambda connection: write_booking(connection, line, cap))


@pytest.fixture
def charges(db: Database) -> Charges:
    return Charges(db)


async def test_an_estimate_is_corrected_and_keeps_its_time(db: Database, charges: Charges) -> None:
    await write(db, a_booking(at=100.0))
    assert await charges.charge_of(JobId("j1")) == Charge(4.0, is_estimate=True)
    await write(db, a_booking(credits=3.5, is_estimate=False, is_confirmed=True, at=200.0))
    assert await charges.charge_of(JobId("j1")) == Charge(3.5, is_estimate=False)
    assert [line.at for line in await charges.of_job(JobId("j1"))] == [100.0]


async def test_a_call_that_was_sent_twice_has_two_lines(db: Database, charges: Charges) -> None:
    await write(db, a_booking(is_estimate=False))
    await write(db, a_booking(attempt=2, is_estimate=False, is_confirmed=True))
    # Of the first nobody knows whether it was charged.
    assert await charges.charge_of(JobId("j1")) == Charge(8.0, is_estimate=True)
    await write(db, TakenBack(JobId("j1"), "swap", 1))
    assert await charges.charge_of(JobId("j1")) == Charge(4.0, is_estimate=False)


async def test_nothing_was_sent(charges: Charges) -> None:
    assert await charges.charge_of(JobId("j1")) is None
    assert await charges.month_total("akool") == 0.0


async def test_what_cannot_be_told_counts_as_nothing(db: Database, charges: Charges) -> None:
    await write(db, a_booking(credits=None, is_confirmed=True), cap=1.0)
    assert await charges.charge_of(JobId("j1")) == Charge(0.0, is_estimate=True)


async def test_the_month_is_the_calendars_and_local(
    db: Database, charges: Charges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        # 1 March 2026, 00:00 in Auckland is 28 February, 11:00 UTC.
        start = 1772276400.0
        assert month_start(start) == start
        assert month_start(start + 20 * 86400) == start
        assert month_start(start - 1) < start - 27 * 86400
        for job, at in (("before", start - 1), ("first", start), ("later", start + 86400)):
            await write(db, a_booking(job, at=at))
        await write(db, a_booking("other", provider="aigs", at=start))
        assert await charges.month_total("akool", start + 90000) == 8.0
        assert await charges.month_total("akool", start - 1) == 12.0
        assert [line.job for line in await charges.between(start, start + 86400, "akool")] == ["first"]
    finally:
        monkeypatch.undo()
        time.tzset()


async def test_the_cap_refuses_what_would_exceed_it_and_nothing_else(db: Database, charges: Charges) -> None:
    await write(db, a_booking("one"), cap=8.0)
    await write(db, a_booking("two"), cap=8.0)
    with pytest.raises(OverBudget) as raised:
        await write(db, a_booking("three"), cap=8.0)
    assert "cap of 8" in raised.value.message.text()
    await write(db, a_booking("three", provider="aigs"), cap=8.0)
    await write(db, a_booking("last year", at=time.time() - 400 * 86400))
    assert await charges.month_total("akool") == 8.0
