"""One call at a time, with a pause between."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from faceswap_desktop.transport.pace import Pace


class Clock:
    """A clock that moves only when somebody sleeps, and whose timers end a little early."""

    def __init__(self) -> None:
        self.now = 1000.0

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.now += seconds * 0.9 if seconds > 0.01 else seconds


async def test_calls_lie_apart_and_go_in_order() -> None:
    clock = Clock()
    pace = Pace(1.0, clock.time, clock.sleep)
    went: list[tuple[int, float]] = []

    async def call(number: int) -> None:
        await pace.turn()
        went.append((number, clock.now))

    await asyncio.gather(*(call(number) for number in range(5)))
    assert [number for number, _ in went] == [0, 1, 2, 3, 4]
    times = [at for _, at in went]
    assert times[0] == 1000.0  # the first waits for nobody
    assert all(later - earlier >= 1.0 - 1e-9 for earlier, later in itertools.pairwise(times))


async def test_who_is_cancelled_takes_no_turn() -> None:
    clock = Clock()
    pace = Pace(1.0, clock.time, clock.sleep)
    await pace.turn()
    waiting = asyncio.create_task(pace.turn())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await pace.turn()
    assert clock.now < 1002.0
