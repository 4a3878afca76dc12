"""The relay as a process of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e import program


@dataclass(frozen=True)
class Relay:
    """A relay that runs.

    Attributes:
        address: Where it is.
    """

    address: str

    @property
    def channel(self) -> str:
        """The address of one channel."""
        return f"{self.address}/channel-of-this-test"


@contextmanager
def relay_at(home: Path, *, port: int = 0) -> Iterator[Relay]:
    """Run a relay that keeps deliveries under a folder; its token is in the environment."""
    process = program.start(home, "relay", "--port", str(port), "--json")
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, process.communicate()
        yield Relay(json.loads(line)["address"])
    finally:
        assert program.end(process) == 0
