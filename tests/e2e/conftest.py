"""A sandbox as a process of its own for all tests that want one, and homes that point at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.clouds import KEYS, House
from tests.unit.sandbox.conftest import LIMIT_S, Box, end_sandbox, start_sandbox


@pytest.fixture(scope="session")
def _served() -> Iterator[dict[str, str]]:
    process, where = start_sandbox()
    yield where
    assert end_sandbox(process) == 0


@pytest.fixture
def box(_served: dict[str, str]) -> Iterator[Box]:
    """The sandbox without faults, with credits."""
    with httpx.Client(timeout=LIMIT_S, trust_env=False) as client:
        made = Box(_served, client)
        made.faults(all=[])
        credits = dict.fromkeys(("akool", "aigs", "aifaceswap"), 1000)
        client.post(f"{_served['sandbox']}/sandbox/credits", json=credits).raise_for_status()
        yield made


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys that the sandbox takes, for this process and for those it starts."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def house(tmp_path: Path, box: Box, keys: None) -> House:
    """A home whose services are the sandbox's."""
    return House.make(tmp_path, box)
