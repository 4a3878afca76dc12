"""Asks after all jobs of the account with one request at a time, and not at all while nobody waits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from faceswap_desktop.domain.errors import ProviderError, ProviderRejected, ProviderUnavailable
from faceswap_desktop.domain.messages import foreign, message
from faceswap_desktop.providers.akool.codes import ID, bad_answer
from faceswap_desktop.providers.akool.replies import JobStatus, ResultRow, Results

logger = logging.getLogger(__name__)

_SLICE: Final = 10
"""So many jobs are told what came of them in one turn of the loop."""

Look = Callable[[Sequence[str]], Awaitable[Results]]
OnRow = Callable[[ResultRow], None]


@dataclass(frozen=True, slots=True)
class Pace:
    """How often it is looked.

    Attributes:
        first_s: After a job came or something changed.
        growth: By what the wait grows while nothing changes.
        longest_s: The longest wait.
        longest_for_long_s: Likewise, while there are only long videos.
        missing_s: How long a job may be unknown to AKOOL before it is given up.
        most_failures: How often in a row a look may fail before those who wait are told.
    """

    first_s: float = 2.0
    growth: float = 1.4
    longest_s: float = 15.0
    longest_for_long_s: float = 60.0
    missing_s: float = 120.0
    most_failures: int = 5


@dataclass(slots=True)
class _Waiter:
    """A run that waits.

    Attributes:
        id: Of the job at AKOOL.
        is_long: It takes minutes at best.
        on_row: Told how far it is.
        answer: The row once it is done.
        last: What was seen last, to tell changes.
        missing_since: Since when AKOOL's answers lack it, by the loop's clock; None while they do not.
    """

    id: str
    is_long: bool
    on_row: OnRow
    answer: asyncio.Future[ResultRow]
    last: tuple[JobStatus, float | None] | None = None
    missing_since: float | None = None


class Poller:
    """The one who asks.

    Args:
        look: Returns how far jobs are, given their ids.
        pace: How often.
    """

    def __init__(self, look: Look, pace: Pace | None = None) -> None:
        self._look = look
        self._pace = pace or Pace()
        self._waiters: list[_Waiter] = []
        self._task: asyncio.Task[None] | None = None
        self._sooner = asyncio.Event()
        self._wait_s = self._pace.first_s

    @property
    def is_running(self) -> bool:
        """Whether a timer runs."""
        return self._task is not None

    async def wait(self, job: str, on_row: OnRow, *, is_long: bool = False) -> ResultRow:
        """Return a job's row once its result is there.

        Raises:
            ProviderRejected: Kind ``failed``: AKOOL could not make it, or no longer knows it; or it refuses to answer.
            ProviderUnavailable: AKOOL has not answered for a while.
        """
        loop = asyncio.get_running_loop()
        waiter = _Waiter(job, is_long, on_row, loop.create_future())
        self._waiters.append(waiter)
        self._wait_s = self._pace.first_s
        if self._task is None:
            self._task = loop.create_task(self._watch(), name="akool-poll")
        else:
            self._sooner.set()
        try:
            return await waiter.answer
        finally:
            self._drop(waiter)

    def _drop(self, waiter: _Waiter) -> None:
        if waiter in self._waiters:
            self._waiters.remove(waiter)
        if not self._waiters and self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
            self._task = None

    async def _watch(self) -> None:
        failures = 0
        loop = asyncio.get_running_loop()
        me = asyncio.current_task()
        looked_at = loop.time()
        try:
            while self._waiters:
                await self._pause(looked_at)
                waiting = list(self._waiters)
                try:
                    results = await self._look([one.id for one in waiting])
                except ProviderError as error:
                    passing = _passing(error)
                    failures += 1
                    self._slow_down(passing.retry_after_s)
                    if failures >= self._pace.most_failures:
                        self._tell(waiting, passing)
                        failures = 0
                else:
                    failures = 0
                    await self._take(waiting, results)
                looked_at = loop.time()
        except ProviderError as error:
            self._tell(list(self._waiters), error)
        except Exception as error:
            logger.exception("asking after the jobs failed")
            self._tell(list(self._waiters), error)
        finally:
            if self._task is me:
                self._task = None

    async def _pause(self, looked_at: float) -> None:
        """Wait until it is time; who joins meanwhile shortens the wait, but never puts it off."""
        loop = asyncio.get_running_loop()
        due = looked_at + self._wait_s
        while (left := due - loop.time()) > 0:
            self._sooner.clear()
            try:
                async with asyncio.timeout(left):
                    await self._sooner.wait()
            except TimeoutError:
                return
            due = min(due, loop.time() + self._wait_s)

    def _slow_down(self, asked_s: float = 0.0) -> None:
        only_long = all(one.is_long for one in self._waiters)
        longest = self._pace.longest_for_long_s if only_long else self._pace.longest_s
        self._wait_s = max(min(self._wait_s * self._pace.growth, longest), asked_s)

    async def _take(self, waiting: Sequence[_Waiter], results: Results) -> None:
        is_change = False
        for number, waiter in enumerate(waiting, 1):
            if not waiter.answer.done():
                is_change |= self._take_one(waiter, results)
            if number % _SLICE == 0:
                # Each that is settled goes its way at once, and hundreds can be settled by one answer.
                await asyncio.sleep(0)
        if is_change:
            self._wait_s = self._pace.first_s
        else:
            self._slow_down()

    def _take_one(self, waiter: _Waiter, results: Results) -> bool:
        """Settle what is settled, and say whether anything changed."""
        now = asyncio.get_running_loop().time()
        row = results.rows.get(waiter.id)
        if row is None or (row.status is JobStatus.DONE and not row.url):
            # Right after a job was made it may not be listed yet, and one that is done may still lack its address.
            if waiter.missing_since is None:
                waiter.missing_since = now
            if now - waiter.missing_since >= self._pace.missing_s:
                self._tell([waiter], _given_up(waiter.id, results))
            return False
        waiter.missing_since = None
        change = (row.status, row.progress)
        is_new, waiter.last = change != waiter.last, change
        if row.status is JobStatus.FAILED:
            self._tell([waiter], failed(row.said))
        elif row.status is JobStatus.DONE:
            self._settle(waiter, row)
        elif is_new:
            waiter.on_row(row)
        return is_new

    def _settle(self, waiter: _Waiter, row: ResultRow) -> None:
        if not waiter.answer.done():
            waiter.answer.set_result(row)
        if waiter in self._waiters:
            self._waiters.remove(waiter)

    def _tell(self, waiting: Sequence[_Waiter], error: Exception) -> None:
        for waiter in waiting:
            if not waiter.answer.done():
                waiter.answer.set_exception(error)
            if waiter in self._waiters:
                self._waiters.remove(waiter)


_OF_ONE_CALL: Final = frozenset({"bad-answer", "input", "failed"})
"""Refusals of a question, not of the jobs that it was about: what became of those stands in their rows."""


def _passing(error: ProviderError) -> ProviderUnavailable:
    """Return what may pass: a question that is refused, or whose answer makes no sense, ends no job that is paid for.

    Raises:
        ProviderError: It will not pass by itself, such as a key that is not taken.
    """
    if isinstance(error, ProviderUnavailable):
        return error
    if error.kind not in _OF_ONE_CALL:
        raise error
    return ProviderUnavailable(
        error.message, error.hint, kind="server-error", provider_id=ID, request_id=error.request_id
    )


def failed(said: str) -> ProviderRejected:
    """Return the error for a job that AKOOL could not do.

    Args:
        said: AKOOL's own words; empty for none.
    """
    text = (
        message("AKOOL could not make the result. Its words: {said}", said=foreign(said))
        if said
        else message("AKOOL could not make the result, and does not say why.")
    )
    hint = message("Use a sharp, frontal source face and a target in which the face is well seen, or another provider.")
    return ProviderRejected(text, hint, kind="failed", provider_id=ID)


_UNKNOWN: Final = "AKOOL does not know the job {id} any more."


def _given_up(job: str, results: Results) -> ProviderRejected:
    if job in results.broken:
        return bad_answer(results.broken[job])
    hint = message("Try again asks after it once more, for nothing. If AKOOL's website has no such job, run it anew.")
    # No word of AKOOL's that it failed: what is known of the call stays, so that nothing is paid twice.
    return ProviderRejected(message(_UNKNOWN, id=foreign(job)), hint, kind="unknown", provider_id=ID)
