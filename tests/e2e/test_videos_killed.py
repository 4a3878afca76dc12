"""Jobs on videos: killed ten times at random moments, paused, cancelled, without room, their original replaced."""

from __future__ import annotations

import random
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.e2e.program import LIMIT_S, all_gone, children_of, end, job_states, run, start, wait_for
from tests.e2e.video_jobs import JOB, LONG, Pieces, frames_of, long_clip, make_home, short_clip, sound_of, watched

KILLS = 10


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a short clip, beside which a home lies with a job on it."""
    folder = tmp_path_factory.mktemp("video")
    clip = short_clip(folder)
    make_home(folder / "home", clip)
    return clip


@pytest.fixture(scope="module")
def undisturbed(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the frames of the result that is made without any disturbance."""
    return made_undisturbed(clip, tmp_path_factory.mktemp("undisturbed"))


@pytest.fixture
def home(clip: Path, tmp_path: Path) -> Path:
    """Return a copy of the home, of the test's own."""
    shutil.copytree(clip.parent / "home", tmp_path / "home")
    return tmp_path / "home"


def made_undisturbed(clip: Path, folder: Path) -> list[str]:
    shutil.copytree(clip.parent / "home", folder / "home")
    output = resumed(folder / "home")
    assert sound_of(output) == sound_of(clip)
    return frames_of(output)


def resumed(home: Path) -> str:
    """Run the job to its end and return its output."""
    done = run(home, "jobs", "resume", "--json")
    assert done.code == 0, done.err
    assert job_states(home) == ["succeeded"]
    (job,) = run(home, "jobs", "--json").json["jobs"]
    assert not list(home.glob("cache/scratch/jobs/*"))
    return str(job["output"])


def chunks(home: Path) -> list[Path]:
    return sorted(home.glob(f"cache/scratch/jobs/{JOB}/chunk-*.fsc"))


def running_until(home: Path, condition: Callable[[], Any], what: str) -> subprocess.Popen[str]:
    """Let the real command line run the job until something is true."""
    program = start(home, "jobs", "resume")
    wait_for(lambda: condition() or program.poll() is not None, what)
    assert program.poll() is None, program.communicate()
    return program


@contextmanager
def standing_still(program: subprocess.Popen[str]) -> Iterator[list[psutil.Process]]:
    """Let the workers of a program stand still, so that the job does not end while something is done to it."""
    workers = children_of(program)
    for worker in workers:
        worker.suspend()
    yield workers
    for worker in workers:
        worker.resume()


def kill_later(home: Path, chance: random.Random, count: Callable[[], int] | None) -> None:
    """Start the program, and kill it at a moment that nobody can foretell; no worker survives that.

    Args:
        home: Where the job is.
        chance: What decides.
        count: Counts finished pieces; not killed before there is a new one. None to kill it whenever.
    """
    before = count() if count is not None else 0
    program = start(home, "jobs", "resume")

    def gets_on() -> bool:
        if count is not None:
            return count() > before
        return job_states(home) == ["running"] and len(children_of(program)) >= 2

    wait_for(lambda: program.poll() is not None or gets_on(), "the job getting on")
    time.sleep(chance.uniform(0.0, 0.5 if count is not None else 2.0))
    assert program.poll() is None, "it was done before it was killed often enough: take a longer clip"
    workers = children_of(program)
    end(program, signal.SIGKILL)
    assert all_gone(workers), "worker processes outlived the program"


def test_killed_ten_times_nothing_is_lost(tmp_path: Path) -> None:
    clip, home = long_clip(tmp_path), tmp_path / "home"
    make_home(home, clip)
    undisturbed = made_undisturbed(clip, tmp_path / "undisturbed")
    chance = random.Random()
    moments: list[bool] = []
    with watched(home) as pieces:
        for number in range(KILLS):
            moments.append(bool(chunks(home)))
            counted = pieces.analysed if number < KILLS // 2 else pieces.rendered
            # A program that always ends before something new is finished is given up in the end, so every other time.
            kill_later(home, chance, counted if number % 2 else None)
        output = resumed(home)
    # In analysing and in rendering.
    assert {True, False} <= set(moments)
    # What was finished once was never made again, so each kill cost at most what each worker had in hand.
    assert pieces.made_again() == []
    assert (pieces.analysed(), pieces.rendered()) == (LONG, LONG)
    assert frames_of(output) == undisturbed


def test_pause_and_resume_at_chunks(home: Path, undisturbed: list[str]) -> None:
    with watched(home) as pieces:
        program = running_until(home, lambda: len(chunks(home)) >= 2, "the first chunks")
        with standing_still(program):
            assert run(home, "jobs", "pause", JOB).code == 0
        program.communicate(timeout=LIMIT_S)
        assert job_states(home) == ["queued"]
        paused = chunks(home)
        assert paused
        (job,) = run(home, "jobs", "--json").json["jobs"]
        assert job["hold"] == "paused"
        output = resumed(home)
    assert pieces.made_again() == []
    assert frames_of(output) == undisturbed


def test_cancel_leaves_nothing_behind(home: Path) -> None:
    program = running_until(home, lambda: chunks(home), "the first chunk")
    with standing_still(program):
        assert run(home, "jobs", "cancel", JOB).code == 0
    program.communicate(timeout=LIMIT_S)
    assert program.returncode == 130
    assert job_states(home) == ["cancelled"]
    assert not list(home.glob("cache/scratch/jobs/*"))


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="limits of another process can be set on Linux only")
def test_full_disk_in_the_middle_waits_and_goes_on(home: Path, undisturbed: list[str]) -> None:
    """Files that the workers write may suddenly not get longer than 1 kB, as on a disk without room."""
    with watched(home) as pieces:
        program = running_until(home, lambda: chunks(home), "the first chunk")
        with standing_still(program) as workers:
            for worker in workers:
                resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
        _, said = program.communicate(timeout=LIMIT_S)
        assert "disk is full" in said
        (job,) = run(home, "jobs", "--json").json["jobs"]
        assert (job["state"], job["hold"]) == ("queued", "disk")
        assert chunks(home)
        output = resumed(home)
    assert pieces.made_again() == []
    assert frames_of(output) == undisturbed


def test_original_that_is_replaced_while_it_renders(
    home: Path, undisturbed: list[str], clip: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.mp4"
    shutil.copy2(clip, kept)
    pieces = Pieces()
    try:
        program = running_until(home, lambda: len(chunks(home)) >= 2, "the first chunks")
        with standing_still(program):
            other = tmp_path / "other.mp4"
            other.write_bytes(kept.read_bytes()[::-1])
            other.replace(clip)
        program.communicate(timeout=LIMIT_S)
        assert program.returncode == 3
        (job,) = run(home, "jobs", "--json").json["jobs"]
        assert job["error"]["kind"] == "changed"
        assert "one person.mp4" in job["error"]["message"]
        assert chunks(home)
        pieces.look(home)
    finally:
        kept.replace(clip)
    assert run(home, "jobs", "retry", JOB).code == 0
    with watched(home) as later:
        output = resumed(home)
    assert not {name for name, lives in later.lives.items() if pieces.lives.get(name, lives) - lives}
    assert frames_of(output) == undisturbed


def test_a_worker_that_is_killed_costs_its_chunk_only(home: Path, undisturbed: list[str]) -> None:
    with watched(home) as pieces:
        program = running_until(home, lambda: chunks(home), "the first chunk")
        busiest = max(children_of(program), key=lambda one: one.cpu_times().user if one.is_running() else 0.0)
        busiest.kill()
        program.communicate(timeout=LIMIT_S)
        assert program.returncode == 0
    assert pieces.made_again() == []
    assert job_states(home) == ["succeeded"]
    (job,) = run(home, "jobs", "--json").json["jobs"]
    assert frames_of(job["output"]) == undisturbed
    assert not psutil.pid_exists(program.pid)
