"""What calls cost: an estimate when one is sent, the truth once the provider told it. Outlives the jobs."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from faceswap_desktop.domain.cloud import Charge
from faceswap_desktop.domain.errors import UserError
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.messages import message
from faceswap_desktop.storage.database import Database

_COLUMNS: Final = "job, step, attempt, provider, credits, is_estimate, is_confirmed, at"


@dataclass(frozen=True, slots=True)
class Booking:
    """One line of the book: one time that a call was sent.

    Attributes:
        job, step: Which call.
        attempt: Which time it was sent, from 1.
        provider: Id of who is paid.
        credits: In the provider's own unit; None where nobody can tell.
        is_estimate: It comes from the table of prices.
        is_confirmed: The provider has taken the call; else it cannot be told whether it was charged.
        at: Seconds since the epoch.
    """

    job: JobId
    step: str
    attempt: int
    provider: str
    credits: float | None
    is_estimate: bool = True
    is_confirmed: bool = False
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A line that goes: the provider refused the call, so it cost nothing."""

    job: JobId
    step: str
    attempt: int


class OverBudget(UserError):
    """A call would cost more than the user's monthly cap leaves; nothing was written."""

    default_kind = "budget"


class Charges:
    """The book, read; it is written together with what it speaks of (``Ledger.transition``)."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def of_job(self, job: JobId) -> list[Booking]:
        """Return what a job cost, call by call, in the order in which they were sent."""
        return await self._select("WHERE job = ? ORDER BY at, step, attempt", (job,))

    async def charge_of(self, job: JobId) -> Charge | None:
        """Return what a job cost in all; None if nothing was sent that costs.

        It is an estimate as soon as a part of it is, or as it cannot be told whether a call was charged.
        """
        return charge_in(await self.of_job(job))

    async def month_total(self, provider: str, now: float | None = None) -> float:
        """Return what a provider took in the calendar month, local time, with estimates and what is unconfirmed."""
        return await self._db.read(lambda connection: month_total(connection, provider, now))

    async def last_charged(self, provider: str, step: str, estimate: float) -> float | None:
        """Return what the last call of this kind cost whose estimate was the same; None where nobody ever said.

        Args:
            provider: Who was paid.
            step: The call's name; what stands behind a hyphen, as the years of a reage, makes no other kind.
            estimate: By the table of prices; another one is another length of video, or another table.
        """
        kind = step.partition("-")[0]

        def read(connection: sqlite3.Connection) -> float | None:
            row = connection.execute(
                "SELECT credits FROM charges WHERE provider = ? AND (step = ? OR step LIKE ? || '-%') AND estimate = ? "
                "AND is_estimate = 0 AND is_confirmed = 1 ORDER BY at DESC LIMIT 1",
                (provider, kind, kind, estimate),
            ).fetchone()
            return None if row is None else float(row[0])

        return await self._db.read(read)

    async def between(self, since: float, until: float, provider: str | None = None) -> list[Booking]:
        """Return what was booked from one moment (seconds since the epoch) until before another, oldest first."""
        where, values = ("", ()) if provider is None else ("provider = ? AND ", (provider,))
        return await self._select(f"WHERE {where}at >= ? AND at < ? ORDER BY at, job, step", (*values, since, until))

    async def _select(self, tail: str, values: Iterable[Any]) -> list[Booking]:
        bound = tuple(values)

        def read(connection: sqlite3.Connection) -> list[Booking]:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM charges {tail}", bound).fetchall()  # noqa: S608 - ours
            return [
                Booking(JobId(job), step, attempt, provider, credits, bool(is_estimate), bool(is_confirmed), at)
                for job, step, attempt, provider, credits, is_estimate, is_confirmed, at in rows
            ]

        return await self._db.read(read)


def charge_in(bookings: Iterable[Booking]) -> Charge | None:
    """Return the sum of some lines; None for none."""
    lines = list(bookings)
    if not lines:
        return None
    is_estimate = any(line.is_estimate or not line.is_confirmed for line in lines)
    return Charge(sum(line.credits or 0.0 for line in lines), is_estimate)


def month_start(now: float | None = None) -> float:
    """Return when the calendar month began, local time, in seconds since the epoch."""
    local = time.localtime(now)
    return time.mktime((local.tm_year, local.tm_mon, 1, 0, 0, 0, 0, 0, -1))


def month_total(connection: sqlite3.Connection, provider: str, now: float | None = None) -> float:
    """Return what a provider took in the calendar month, within the transaction of the caller."""
    row = connection.execute(
        "SELECT total(credits) FROM charges WHERE provider = ? AND at >= ?", (provider, month_start(now))
    ).fetchone()
    return float(row[0])


def write_booking(connection: sqlite3.Connection, line: Booking | TakenBack, monthly_cap: float = 0.0) -> None:
    """Write or change a line, or take it away, within the transaction of the caller.

    Args:
        connection: In a transaction.
        line: What to write. A line that is there already keeps its time.
        monthly_cap: A new line that would bring its provider's month above it is refused; 0.0 for no cap.

    Raises:
        OverBudget: It would.
    """
    key = (line.job, line.step, line.attempt)
    if isinstance(line, TakenBack):
        connection.execute("DELETE FROM charges WHERE job = ? AND step = ? AND attempt = ?", key)
        return
    if monthly_cap > 0 and line.credits and month_total(connection, line.provider) + line.credits > monthly_cap:
        raise OverBudget(
            message(
                "This would cost {credits} credits, more than the monthly cap of {cap} leaves.",
                credits=_plain(line.credits),
                cap=_plain(monthly_cap),
            ),
            message("It waits. Raise the cap in the settings, or let it go on next month."),
        )
    connection.execute(
        "INSERT INTO charges (job, step, attempt, provider, credits, estimate, is_estimate, is_confirmed, at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job, step, attempt) DO UPDATE SET "
        "credits = excluded.credits, is_estimate = excluded.is_estimate, is_confirmed = excluded.is_confirmed",
        (
            *key,
            line.provider,
            line.credits,
            # Stays beside the truth: the next call of this kind is estimated by what this one turned out to cost.
            line.credits if line.is_estimate else None,
            int(line.is_estimate),
            int(line.is_confirmed),
            line.at or time.time(),
        ),
    )


def _plain(credits: float) -> str:
    return f"{credits:g}"
