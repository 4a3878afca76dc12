"""Work that no frame waits for: done beside the frames, its outcome taken in when it is there."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

Outcome = TypeVar("Outcome")


class Aside(Protocol):
    """Does things beside the frames."""

    def do(self, work: Callable[[], Outcome], then: Callable[[Outcome], None]) -> None:
        """Do some work; ``then`` is told its outcome in a later ``collect``, on the thread that calls that."""
        ...

    def collect(self) -> None:
        """Tell the outcomes that are there."""
        ...


class AtOnce:
    """Does everything at once, so that equal frames give equal pictures."""

    def do(self, work: Callable[[], Outcome], then: Callable[[Outcome], None]) -> None:
        """Do some work and tell its outcome."""
        then(work())

    def collect(self) -> None:
        """Do nothing: all is told."""


class OnThread:
    """Does one thing after the other on a thread of its own."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "aside")
        self._waiting: list[tuple[Future[Any], Callable[[Any], None]]] = []

    def do(self, work: Callable[[], Outcome], then: Callable[[Outcome], None]) -> None:
        """Do some work behind what waits already."""
        self._waiting.append((self._pool.submit(work), then))

    def collect(self) -> None:
        """Tell the outcomes that are there, in order; what a work raised is raised here."""
        while self._waiting and self._waiting[0][0].done():
            future, then = self._waiting.pop(0)
            then(future.result())

    def close(self) -> None:
        """Forget what waits, and end the thread once it has done what it is at."""
        self._waiting.clear()
        self._pool.shutdown(wait=True, cancel_futures=True)
