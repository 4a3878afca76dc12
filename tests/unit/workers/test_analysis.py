"""A whole video analysed by worker processes: cancelled, killed, and always the same in the end."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from faceswap_desktop.domain.video import VideoAnalysis
from faceswap_desktop.workers.analysis import analyse_video
from faceswap_desktop.workers.pool import Lane
from tests.clips import make_clip, two_people
from tests.unit.workers.analysing import Case, case

TASKS = ("faceswap_desktop.workers.tasks",)


async def _run(pool: Any, made: Case, told: list[tuple[float, int]] | None = None) -> VideoAnalysis:
    def on_progress(fraction: float, chunks: int) -> None:
        if told is not None:
            told.append((fraction, chunks))

    return await analyse_video(pool, made.media, made.files, made.times, lane=Lane.JOBS, on_progress=on_progress)


def _case(folder: Path) -> Case:
    folder.mkdir(exist_ok=True)
    path = folder / "clip.mp4"
    # Two chunks, the second a short one.
    make_clip(path, [two_people(2.4, 0.5)], size=(240, 136), rate=10.0)
    return case(path, folder)


async def test_cancelled_and_taken_up_again(tmp_path: Path, make_pool: Any) -> None:
    made = _case(tmp_path / "cancelled")
    pool = await make_pool(task_modules=TASKS, job_slots=1)
    told: list[tuple[float, int]] = []
    task = asyncio.ensure_future(_run(pool, made, told))
    while not told or told[-1][1] < 1:
        assert not task.done(), task.result()
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert any(name.startswith("found-00000000-") for name in made.names())
    assert "summary.trk" not in made.names()

    stamp = (Path(made.files.tracks) / made.names()[0]).stat().st_mtime_ns
    told.clear()
    found = await _run(pool, made, told)
    assert (Path(made.files.tracks) / "found-00000000-00000020.trk").stat().st_mtime_ns == stamp
    assert told[-1] == (1.0, 2)
    assert [fraction for fraction, _ in told] == sorted(fraction for fraction, _ in told)
    undisturbed = case(Path(made.media.path), tmp_path / "undisturbed")
    assert found == undisturbed.done()


async def test_killed_workers_are_replaced(tmp_path: Path, make_pool: Any, expect_log: Callable[[str], None]) -> None:
    expect_log("ended .* at task analyse_chunk")
    made = _case(tmp_path / "killed")
    notices: list[object] = []
    pool = await make_pool(task_modules=TASKS, job_slots=2, on_notice=notices.append)
    told: list[tuple[float, int]] = []
    task = asyncio.ensure_future(_run(pool, made, told))
    while not told:
        assert not task.done(), task.result()
        await asyncio.sleep(0.01)
    for pid in pool.worker_pids():
        os.kill(pid, signal.SIGKILL)
    found = await task

    assert notices
    assert found == case(Path(made.media.path), tmp_path / "undisturbed").done()
    assert not [name for name in made.names() if name.startswith(".")]
