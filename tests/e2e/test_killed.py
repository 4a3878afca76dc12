"""kill -9 at every state of a real swap, and what the next start makes of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.program import (
    COLLINS,
    HOPPER,
    LIMIT_S,
    ROOT,
    all_gone,
    children_of,
    end,
    job_states,
    run,
    start,
    wait_for,
)

STATES = ["preparing", "submitting", "running", "fetching", "finishing", "succeeded"]


def run_and_die(state: str, arguments: list[str]) -> None:
    """Be the real command line, and die as soon as a job's new state is on the disk."""
    from faceswap_desktop import compose
    from faceswap_desktop.cli.main import main
    from faceswap_desktop.storage.ledger import Ledger
    from faceswap_desktop.storage.results import ResultStore

    class DeadlyLedger(Ledger):
        async def transition(self, job_id: Any, from_states: Any, to: Any, **changes: Any) -> Any:
            job = await super().transition(job_id, from_states, to, **changes)
            if to == state:
                os.kill(os.getpid(), signal.SIGKILL)
            return job

    class DeadlyResults(ResultStore):
        async def finish(self, job_id: Any, result: Any, copy: str = "") -> Any:
            job = await super().finish(job_id, result, copy)
            if state == "succeeded":
                os.kill(os.getpid(), signal.SIGKILL)
            return job

    vars(compose).update(Ledger=DeadlyLedger, ResultStore=DeadlyResults)
    sys.exit(main(arguments))


@pytest.mark.parametrize("state", STATES)
def test_a_swap_killed_at_any_state_is_made_once(tmp_path: Path, state: str) -> None:
    home, output = tmp_path / "home", tmp_path / "made.png"
    arguments = [
        "--home",
        str(home),
        "swap",
        "--consent",
        "hers",
        "--target",
        str(HOPPER),
        "--source",
        str(COLLINS),
        "--output",
        str(output),
    ]
    killed = subprocess.run(
        [sys.executable, "-m", __spec__.name, state, *arguments], cwd=ROOT, check=False, timeout=LIMIT_S
    )
    assert killed.returncode == -signal.SIGKILL
    assert job_states(home) == [state]

    resumed = run(home, "jobs", "resume", "--json")

    assert resumed.code == 0, resumed.err
    assert job_states(home) == ["succeeded"]
    assert output.is_file()
    results = [path for path in (home / "data" / "results").rglob("*") if path.is_file()] or [
        path for path in home.rglob("results/*") if path.is_file()
    ]
    assert len(results) == 1
    listed = run(home, "jobs", "--json").json["jobs"]
    assert [job["output"] for job in listed] == [str(output)]
    assert not [path for path in home.rglob("scratch/*") if path.is_file()]


def test_the_window_takes_up_what_it_was_killed_over(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for _ in range(3):
        added = run(home, "swap", "--target", HOPPER, "--source", COLLINS, "--consent", "hers", "--no-wait", "--json")
        assert added.json["state"] == "queued"
    window = start(home)
    wait_for(lambda: set(job_states(home)) & set(STATES), "the window starting a job")
    workers = children_of(window)
    end(window, signal.SIGKILL)
    assert all_gone(workers), "worker processes outlived their window"
    assert "queued" in job_states(home) or set(job_states(home)) != {"succeeded"}

    window = start(home)
    wait_for(lambda: job_states(home) == ["succeeded"] * 3, "the window finishing its jobs")
    workers = children_of(window)
    assert end(window) == 0
    assert all_gone(workers)
    outputs = {job["output"] for job in run(home, "jobs", "--json").json["jobs"]}
    assert len(outputs) == 3
    assert all(Path(output).is_file() for output in outputs)


def test_closing_in_the_middle_of_a_job_puts_it_back(tmp_path: Path) -> None:
    home = tmp_path / "home"
    run(home, "swap", "--target", HOPPER, "--source", COLLINS, "--consent", "hers", "--no-wait")
    window = start(home)
    wait_for(lambda: job_states(home) and job_states(home)[0] != "queued", "the window starting the job")
    assert end(window) == 0
    assert job_states(home)[0] in {"queued", "succeeded", "finishing", "fetching"}
    assert run(home, "jobs", "resume").code == 0
    assert job_states(home) == ["succeeded"]


if __name__ == "__main__":
    run_and_die(sys.argv[1], sys.argv[2:])
