"""Faults: what goes wrong at a service, on demand.

A fault is written ``[service.]name[@endpoint][:count]``: ``rate-limit``, ``akool.dropped-answer:1``, ``slow@results``.
Without a service all have it; without a count it stays until it is taken back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

SERVICES: Final = ("akool", "aigs", "aifaceswap")

PAID_ONLY: Final = frozenset(
    {
        "rate-limit",
        "quota",
        "dropped-answer",
        "lost-request",
        "server-error-after-work",
        "missing-fields",
        "markup",
        "silence",
    }
)
"""Unless an endpoint is named, these befall only calls that cost something."""

ANY_CALL: Final = frozenset({"slow", "html", "expired-token", "banned", "token-in-data"})
RESULT_FAULTS: Final = frozenset(
    {"half-a-file", "wrong-type", "empty-file", "expired-result", "redirect-to-local", "silence"}
)
WORK_FAULTS: Final = frozenset({"failed-job", "no-face", "unknown-status", "forbidden", "no-way-in"})
WEBHOOK_FAULTS: Final = frozenset({"lost-webhook", "double-webhook", "forged-webhook"})
NAMES: Final = tuple(sorted(PAID_ONLY | ANY_CALL | RESULT_FAULTS | WORK_FAULTS | WEBHOOK_FAULTS))

RESULTS: Final = "results"
"""Endpoint under which results are fetched."""

_SPEC: Final = re.compile(r"(?:([a-z]+)\.)?([a-z-]+)(?:@([A-Za-z0-9_/-]+))?(?::(\d{1,6}))?")


@dataclass(slots=True)
class Fault:
    """One fault of one service.

    Attributes:
        name: One of ``NAMES``.
        endpoint: Only there; empty for wherever it makes sense.
        left: How many times more; None for always.
    """

    name: str
    endpoint: str = ""
    left: int | None = None

    def __str__(self) -> str:
        where = f"@{self.endpoint}" if self.endpoint else ""
        return f"{self.name}{where}" + ("" if self.left is None else f":{self.left}")


def parse_fault(text: str) -> tuple[tuple[str, ...], Fault]:
    """Read a fault and return which services have it.

    Raises:
        ValueError: It is none.
    """
    found = _SPEC.fullmatch(text.strip())
    if found is None or found[2] not in NAMES:
        raise ValueError(f"there is no fault {text!r}; the faults are: {', '.join(NAMES)}")
    if found[1] and found[1] not in SERVICES:
        raise ValueError(f"there is no service {found[1]!r}; the services are: {', '.join(SERVICES)}")
    fault = Fault(found[2], found[3] or "", int(found[4]) if found[4] else None)
    return ((found[1],) if found[1] else SERVICES), fault


class FaultBook:
    """Knows which faults are due, and counts them down."""

    def __init__(self, specs: Iterable[str] = ()) -> None:
        self._faults: dict[str, list[Fault]] = {service: [] for service in SERVICES}
        for spec in specs:
            services, fault = parse_fault(spec)
            for service in services:
                self._faults[service].append(Fault(fault.name, fault.endpoint, fault.left))

    def replace(self, changes: Mapping[str, Sequence[str]]) -> None:
        """Put other faults in the place of a service's; ``all`` stands for every service.

        Raises:
            ValueError: A service or a fault is unknown; nothing was changed then.
        """
        made: dict[str, list[Fault]] = {}
        for service, specs in changes.items():
            if service != "all" and service not in SERVICES:
                raise ValueError(f"there is no service {service!r}; the services are: {', '.join(SERVICES)}")
            for one in SERVICES if service == "all" else (service,):
                made[one] = [parse_fault(spec)[1] for spec in specs]
        self._faults.update(made)

    def takes(self, service: str, name: str, endpoint: str, *, is_paid: bool = True) -> bool:
        """Say whether a fault strikes now; if so, it has struck once."""
        for fault in self._faults.get(service, ()):
            if fault.name != name or fault.left == 0:
                continue
            if fault.endpoint and fault.endpoint != endpoint:
                continue
            if not fault.endpoint and not _is_meant(name, endpoint, is_paid=is_paid):
                continue
            if fault.left is not None:
                fault.left -= 1
            return True
        return False

    def to_json(self) -> dict[str, list[str]]:
        """Return what is due, by service."""
        return {service: [str(one) for one in faults if one.left != 0] for service, faults in self._faults.items()}


def _is_meant(name: str, endpoint: str, *, is_paid: bool) -> bool:
    """Say whether a fault that names no endpoint strikes this one."""
    if endpoint == RESULTS:
        return name in RESULT_FAULTS
    return is_paid or name not in PAID_ONLY
