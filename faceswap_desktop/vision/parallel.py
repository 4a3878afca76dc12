"""Doing the same to many tiles or faces on as many threads as were allowed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from faceswap_desktop.vision import checkpoints

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

_lock = threading.Lock()
_pools: dict[int, ThreadPoolExecutor] = {}


def each(function: Callable[[Item], Outcome], items: Iterable[Item]) -> list[Outcome]:
    """Return ``function`` of every item, in order.

    With more than one thread allowed (``checkpoints.set_threads``) the items are shared out, each on one thread:
    small networks gain more from two pictures side by side than from two threads in one. The first exception
    is raised here.
    """
    waiting = list(items)
    count = checkpoints.threads()
    if count == 1 or len(waiting) < 2:
        return [function(item) for item in waiting]
    return list(_pool(count).map(function, waiting))


def _pool(count: int) -> ThreadPoolExecutor:
    with _lock:
        if count not in _pools:
            _pools[count] = ThreadPoolExecutor(count, "vision", initializer=checkpoints.use_one_thread_here)
        return _pools[count]
