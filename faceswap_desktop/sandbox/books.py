"""The books: whose key it is, what is left on the account, which calls were made, and which of them were paid."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from enum import Enum, auto
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from faceswap_desktop.sandbox.faults import SERVICES

START_CREDITS: Final = 1000.0


class KeyKind(Enum):
    """What a service thinks of a key; its first word says it."""

    VALID = auto()
    WRONG = auto()
    BANNED = auto()
    POOR = auto()


def kind_of_key(key: str) -> KeyKind:
    """Tell a key by its first word: ``sandbox-…`` and ``poor-…`` are taken, ``banned-…`` and all others are not."""
    known = {"sandbox": KeyKind.VALID, "poor": KeyKind.POOR, "banned": KeyKind.BANNED}
    return known.get(key.partition("-")[0], KeyKind.WRONG) if "-" in key else KeyKind.WRONG


@dataclass(frozen=True, slots=True)
class PaidCall:
    """A call that was charged.

    Attributes:
        digest: SHA-256 of what was asked for; equal for equal wishes, whatever signatures the addresses carry.
        id: What the service called it.
        credits: What it cost.
        at: Seconds since the epoch.
    """

    digest: str
    id: str
    credits: float
    at: float


@dataclass
class Books:
    """What was asked, and what it cost. Gone with the process."""

    credits: dict[str, float] = field(default_factory=lambda: dict.fromkeys(SERVICES, START_CREDITS))
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    paid: dict[tuple[str, str], list[PaidCall]] = field(default_factory=dict)
    webhooks: list[dict[str, Any]] = field(default_factory=list)

    def left(self, service: str, kind: KeyKind) -> float:
        """Return what is left on an account."""
        return 0.0 if kind is KeyKind.POOR else self.credits[service]

    def charge(self, service: str, endpoint: str, digest: str, call_id: str, amount: float) -> None:
        """Write a paid call down and take what it costs."""
        self.credits[service] -= amount
        self.paid.setdefault((service, endpoint), []).append(PaidCall(digest, call_id, amount, time.time()))

    def to_json(self) -> dict[str, Any]:
        """Return everything, by service and endpoint."""
        calls: dict[str, dict[str, int]] = {service: {} for service in SERVICES}
        for (service, endpoint), count in sorted(self.calls.items()):
            calls[service][endpoint] = count
        paid: dict[str, dict[str, list[dict[str, Any]]]] = {service: {} for service in SERVICES}
        for (service, endpoint), made in sorted(self.paid.items()):
            paid[service][endpoint] = [asdict(one) for one in made]
        return {"credits": dict(self.credits), "calls": calls, "paid": paid, "webhooks": list(self.webhooks)}


def digest_of(wish: Any) -> str:
    """Return the digest of what is asked for. Queries of addresses, which carry signatures and times, do not count."""
    return hashlib.sha256(json.dumps(_plain(wish), sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        return urlunsplit(urlsplit(value)._replace(query="", fragment=""))
    return value
