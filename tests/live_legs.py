"""A way of pictures that does as it is told, and a clock that goes on when it is told."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from faceswap_desktop.domain.live_cloud import ChannelDoor, LegError, LegEvent, LegFigures
from faceswap_desktop.domain.messages import Message
from faceswap_desktop.services.live_clock import LiveClock


def _nothing(_: object) -> None:
    """Do nothing with what is told."""


@dataclass
class ScriptedLeg:
    """Joins at once and shows a picture, unless it is told otherwise.

    Attributes:
        fails: What to raise, by the name of the call.
        hangs: Calls that never return.
        hanging: Those that hang now, by name; whoever gives one of them an error ends it.
        gives_picture: The first swapped picture comes as soon as it has joined.
        shown, camera: What ``picture`` and ``camera_picture`` return.
        calls: What was called, in order.
        doors: Through which it went.
        cards: What ``set_refused`` was told.
    """

    fails: dict[str, LegError] = field(default_factory=dict)
    hangs: set[str] = field(default_factory=set)
    gives_picture: bool = True
    shown: bytes = b""
    camera: bytes = b""
    calls: list[str] = field(default_factory=list)
    doors: list[ChannelDoor] = field(default_factory=list)
    cards: list[Message | None] = field(default_factory=list)
    hanging: dict[str, asyncio.Future[None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.on_event: Callable[[LegEvent], None] = _nothing
        self.on_figures: Callable[[LegFigures], None] = _nothing

    async def join(self, door: ChannelDoor) -> None:
        self.doors.append(door)
        await self._do("join")
        self.on_event(LegEvent.JOINED)
        if self.gives_picture:
            self.on_event(LegEvent.PICTURE)

    async def hand_over(self, door: ChannelDoor) -> None:
        self.doors.append(door)
        await self._do("hand_over")

    async def rejoin(self) -> None:
        await self._do("rejoin")

    async def picture(self) -> bytes:
        return self.shown

    async def camera_picture(self) -> bytes:
        return self.camera

    def set_refused(self, is_refused: bool, why: Message | None = None) -> None:
        assert is_refused == (why is not None)
        self.cards.append(why)

    async def leave(self) -> None:
        await self._do("leave")

    async def _do(self, name: str) -> None:
        self.calls.append(name)
        if name in self.hangs:
            self.hanging[name] = asyncio.get_running_loop().create_future()
            await self.hanging[name]
        if name in self.fails:
            raise self.fails[name]


class HandClock:
    """Time that stands still until it is moved.

    Attributes:
        now: Seconds, of the steady clock.
        asleep: How much the clock on the wall is ahead of it.
    """

    def __init__(self) -> None:
        self.now, self.asleep = 1000.0, 0.0
        self._sleepers: list[tuple[float, int, float, asyncio.Future[None]]] = []
        self._number = itertools.count()

    @property
    def clock(self) -> LiveClock:
        return LiveClock(lambda: 1.8e9 + self.now + self.asleep, lambda: self.now, self._sleep)

    async def _sleep(self, seconds: float) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._number), seconds, done))
        await done

    def waits_for(self, seconds: float) -> bool:
        """Say whether somebody sleeps so long."""
        return any(length == seconds and not done.done() for _, _, length, done in self._sleepers)

    def go(self, seconds: float) -> None:
        """Move on, and wake whoever has slept enough."""
        self.now += seconds
        while self._sleepers and self._sleepers[0][0] <= self.now:
            done = heapq.heappop(self._sleepers)[3]
            if not done.done():
                done.set_result(None)
