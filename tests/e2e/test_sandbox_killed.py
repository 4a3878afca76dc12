"""The program killed in the middle of jobs while the sandbox is switched on, which ends with it."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from tests.e2e.clouds import AIGS, AKOOL_BOTH, AKOOL_VIDEO, TWO_FACES, House, Kind
from tests.unit.sandbox.conftest import Box


@pytest.fixture
def house(tmp_path: Path) -> House:
    home = tmp_path / "home"
    home.mkdir()
    text = '[sandbox]\nis_on = true\n[providers]\naccepted_terms = "aigs:1"\n'
    (home / "settings.toml").write_text(text, encoding="utf-8")
    # Each start of the program has a sandbox of its own: none of them can be asked.
    return House(home, tmp_path, cast("Box", None))


@pytest.mark.parametrize(
    ("kind", "states"),
    [
        (AKOOL_BOTH, ("running", "fetching")),
        (AKOOL_VIDEO, ("running",)),
        (TWO_FACES, ("running",)),
        (AIGS, ("fetching",)),
    ],
    ids=str,
)
def test_a_job_of_the_sandbox_is_made_by_the_next_one(house: House, kind: Kind, states: tuple[str, ...]) -> None:
    command = house.order(kind)
    for state in states:
        house.die_at(state, *command)
        command = ["jobs", "resume"]
    ended = house.resume()
    assert ended.code == 0, ended.err
    [job] = ended.json["jobs"]
    assert job["state"] == "succeeded"
    house.check_result(kind, job["output"])
