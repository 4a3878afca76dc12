"""Doing the same to many tiles or faces on as many threads as were allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from faceswap_desktop.vision import checkpoints

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


def each(function: Callable[[Item], Outcome], items: Iterable[Item]) -> list[Outcome]:
    """Return ``function`` of every item, in order.

    With more than one thread allowed (``checkpoints.set_threads``) the items are shared out: small
    networks gain more from two pictures side by side than from two threads in one. The first exception is
    raised here. Not to be nested.
    """
    waiting = list(items)
    count = min(checkpoints.threads(), len(waiting))
    if count <= 1:
        return [function(item) for item in waiting]
    # Threads are made anew each time: that takes a fraction of a millisecond, and none is left idling.
    with ThreadPoolExecutor(count, "vision") as pool:
        return list(pool.map(function, waiting))
