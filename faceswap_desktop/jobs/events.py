"""The bus on which the program tells what has happened."""

from __future__ import annotations

import logging
from collections.abc import Callable

from faceswap_desktop.domain.events import Event

logger = logging.getLogger(__name__)

Subscriber = Callable[[Event], None]
Unsubscribe = Callable[[], None]


class EventBus:
    """Hands every event to every subscriber, at once and on the thread of ``publish`` (the loop's)."""

    def __init__(self) -> None:
        self._subscribers: dict[int, Subscriber] = {}
        self._next = 0

    def subscribe(self, callback: Subscriber) -> Unsubscribe:
        """Hear of everything from now on.

        Returns:
            A function that ends the subscription; calling it twice does no harm.
        """
        number, self._next = self._next, self._next + 1
        self._subscribers[number] = callback

        def unsubscribe() -> None:
            self._subscribers.pop(number, None)

        return unsubscribe

    def publish(self, event: Event) -> None:
        """Tell everybody. One that fails is logged, and the others hear of it all the same."""
        for callback in list(self._subscribers.values()):
            try:
                callback(event)
            except Exception:
                logger.exception("a subscriber failed at %s", type(event).__name__)
