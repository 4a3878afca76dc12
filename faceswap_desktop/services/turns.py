"""What reads something, thinks, and writes it back: one after the other, so that two presses at once do no harm."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar


class TakesTurns(Protocol):
    """Something whose methods wait for each other.

    Attributes:
        turn: Held by the one that is at it.
    """

    turn: asyncio.Lock


P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound=TakesTurns)


def in_turn(method: Callable[Concatenate[S, P], Awaitable[T]]) -> Callable[Concatenate[S, P], Coroutine[Any, Any, T]]:
    """Let a method wait until every other one marked so is done; they must not call each other."""

    @wraps(method)
    async def waiting(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        async with self.turn:
            return await method(self, *args, **kwargs)

    return waiting
