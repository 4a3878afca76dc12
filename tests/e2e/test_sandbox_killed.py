"""The program killed in the middle of jobs while the sandbox is switched on, which ends with it."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from tests.e2e.clouds import AIGS, AKOOL_BOTH, TWO_FACES, House, Kind, switched_on
from tests.unit.sandbox.conftest import Box


@pytest.fixture
def house(tmp_path: Path) -> House:
    # Each start of the program has a sandbox of its own: none of them can be asked.
    return House(switched_on(tmp_path), tmp_path, cast("Box", None))


@pytest.mark.parametrize(("kind", "state"), [(AKOOL_BOTH, "running"), (TWO_FACES, "running"), (AIGS, "fetching")])
def test_a_job_of_the_sandbox_is_made_by_the_next_one(house: House, kind: Kind, state: str) -> None:
    house.die_at(state, *house.order(kind))
    ended = house.resume()
    assert ended.code == 0, ended.err
    [job] = ended.json["jobs"]
    assert job["state"] == "succeeded"
    house.check_result(kind, job["output"])
