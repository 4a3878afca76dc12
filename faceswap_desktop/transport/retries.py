"""When a call that costs nothing is made again, and how long to wait before that."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

RETRIED: Final = frozenset({408, 425, 429, *range(500, 600)}) - {501, 505, 511}
"""Statuses after which a free call is made again. 501, 505 and 511 will not change by themselves."""

_LONGEST_RETRY_AFTER_S: Final = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class RetryRule:
    """How often and how soon.

    Attributes:
        tries: How often a call is made at most.
        first_s: About how long to wait after the first failure; doubled after each.
        longest_s: The longest wait. A service that asks for a longer one gets it: the call ends with an error that
            carries it, so that the job waits instead of the call.
    """

    tries: int = 5
    first_s: float = 0.5
    longest_s: float = 30.0

    def wait_s(self, failures: int, asked_s: float = 0.0) -> float | None:
        """Return how long to wait after so many failures; None to give up.

        Args:
            failures: How often it failed, from 1 on.
            asked_s: What the service asked for; 0.0 if nothing.
        """
        if failures >= self.tries or asked_s > self.longest_s:
            return None
        own = min(self.first_s * 2.0 ** (failures - 1), self.longest_s)
        # Half of it is chance, so that many callers do not come back at the same moment.
        return max(asked_s, own * random.uniform(0.5, 1.0))


def retry_after_s(headers: Mapping[str, str]) -> float:
    """Read ``Retry-After`` (RFC 9110 §10.2.3): seconds, or a date.

    A date is held against the reply's own ``Date``, so that a wrong clock on either side does no harm.

    Returns:
        Seconds from 0.0 to one day; 0.0 where nothing can be read.
    """
    value = headers.get("retry-after", "").strip()
    if not value:
        return 0.0
    try:
        # isdecimal alone would take the digits of other scripts, and float alone "nan" and "inf".
        seconds = float(value) if value.isascii() and value.replace(".", "", 1).isdigit() else None
    except ValueError:
        seconds = None
    if seconds is None:
        then = seconds_of_date(value)
        if not then:
            return 0.0
        seconds = then - (seconds_of_date(headers.get("date", "")) or time.time())
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER_S)


def seconds_of_date(value: str) -> float:
    """Return an HTTP date as seconds since the epoch; 0.0 where it is none."""
    try:
        parsed = parsedate_to_datetime(value)
        if parsed.tzinfo is None:
            parsed = parsed.replace(tzinfo=UTC)
        return (parsed - datetime.fromtimestamp(0, UTC)).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0
