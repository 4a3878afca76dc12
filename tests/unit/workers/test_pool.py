import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

from faceswap_desktop.domain.errors import Cancelled, InputRefused, WorkerError
from faceswap_desktop.domain.messages import Message
from faceswap_desktop.workers.errors import WorkerBug
from faceswap_desktop.workers.pool import Lane, WorkerPool
from faceswap_desktop.workers.shared import SharedPixels
from faceswap_desktop.workers.wire import Update
from tests.unit.workers.conftest import MakePool

ROOT = Path(__file__).parents[3]


async def appears(path: Path, pattern: str, number: int = 1) -> list[Path]:
    async with asyncio.timeout(30):
        while len(found := sorted(path.glob(pattern))) < number:  # noqa: ASYNC110 - another process makes the file
            await asyncio.sleep(0.02)
    return found


async def ends(pid: int) -> None:
    async with asyncio.timeout(30):
        while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_reply_and_updates_come_back_in_order(make_pool: MakePool) -> None:
    pool: WorkerPool = await make_pool()
    updates: list[Update] = []
    assert await pool.run("echo", ("a", 1), on_update=updates.append) == ("a", 1)
    assert updates == [Update(0.5, "half", ("a", 1))]


async def test_one_worker_serves_many_tasks(make_pool: MakePool) -> None:
    pool: WorkerPool = await make_pool()
    assert len({await pool.run("pid") for _ in range(3)}) == 1


async def test_worker_imports_nothing_heavy_before_it_has_to(make_pool: MakePool) -> None:
    pool: WorkerPool = await make_pool()
    loaded = set(await pool.run("modules"))
    assert loaded.isdisjoint(
        {"numpy", "cv2", "onnxruntime", "PIL", "PySide6", "asyncio.base_events", "sqlite3"} - set_of_runner()
    )


def set_of_runner() -> set[str]:
    """What a spawned process imports only because the tests' own main module does."""
    code = "import pytest, sys; print(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


async def test_our_errors_come_back_as_themselves(make_pool: MakePool) -> None:
    pool: WorkerPool = await make_pool()
    with pytest.raises(InputRefused) as caught:
        await pool.run("refuse", "{weird} name.png")
    assert caught.value.kind == "empty"
    assert caught.value.message.text() == "{weird} name.png is empty."
    assert caught.value.hint is not None


@pytest.mark.allow_logs
async def test_anything_else_is_a_bug_with_the_workers_traceback(make_pool: MakePool) -> None:
    pool: WorkerPool = await make_pool()
    with pytest.raises(WorkerBug) as caught:
        await pool.run("bug")
    assert "nothing here" in caught.value.traceback_text
    assert await pool.run("echo", 1) == 1


@pytest.mark.allow_logs
async def test_crash_is_tried_once_more_and_then_told(make_pool: MakePool, tmp_path: Path) -> None:
    notices: list[Message] = []
    pool: WorkerPool = await make_pool(on_notice=notices.append)
    assert await pool.run("crash_once", str(tmp_path / "mark")) == "second time"
    assert len(notices) == 1
    with pytest.raises(WorkerError) as caught:
        await pool.run("crash")
    assert caught.value.kind == "crash"
    assert len(notices) == 3
    assert await pool.run("echo", "alive") == "alive"


@pytest.mark.allow_logs
async def test_crash_is_not_tried_again_when_told_so(make_pool: MakePool, tmp_path: Path) -> None:
    pool: WorkerPool = await make_pool()
    with pytest.raises(WorkerError):
        await pool.run("crash_once", str(tmp_path / "mark"), retries=0)


@pytest.mark.allow_logs
async def test_idle_worker_that_dies_is_replaced(make_pool: MakePool) -> None:
    pool: WorkerPool = await make_pool()
    first = await pool.run("pid")
    os.kill(first, signal.SIGKILL)
    await ends(first)
    assert await pool.run("pid") != first


@pytest.mark.allow_logs
async def test_silent_task_is_ended_past_its_limit(make_pool: MakePool) -> None:
    pool: WorkerPool = await make_pool()
    first = await pool.run("pid")
    with pytest.raises(WorkerError) as caught:
        await pool.run("hang", 600.0, limit_s=0.3, retries=0)
    assert caught.value.kind == "hang"
    assert "0.3 seconds" in str(caught.value)
    await ends(first)
    assert await pool.run("pid") != first


async def test_task_that_reports_may_take_longer_than_the_limit(make_pool: MakePool, tmp_path: Path) -> None:
    pool: WorkerPool = await make_pool()
    await pool.run("pid")
    working = asyncio.create_task(pool.run("hold", str(tmp_path), limit_s=1.5, retries=0))
    await appears(tmp_path, "started-*")
    await asyncio.sleep(3.0)
    (tmp_path / "go").touch()
    assert await working == "went"


@pytest.mark.allow_logs
@pytest.mark.parametrize("task", ["eat_private", "eat_shared"])
async def test_memory_is_limited(make_pool: MakePool, task: str) -> None:
    pool: WorkerPool = await make_pool(memory_mb=300)
    assert await pool.run("eat_private", 50) == 50
    with pytest.raises(WorkerError) as caught:
        await pool.run(task, 600, retries=0)
    assert caught.value.kind == "memory"
    assert "300 MB" in str(caught.value)
    assert await pool.run("echo", 1) == 1


async def test_newer_call_with_the_same_key_replaces_a_waiting_one(make_pool: MakePool, tmp_path: Path) -> None:
    pool: WorkerPool = await make_pool()
    running = asyncio.create_task(pool.run("hold", str(tmp_path), key="preview"))
    await appears(tmp_path, "started-*")
    older = asyncio.create_task(pool.run("echo", "older", key="preview"))
    other = asyncio.create_task(pool.run("echo", "other", key="thumbnail"))
    await asyncio.sleep(0)
    newer = asyncio.create_task(pool.run("echo", "newer", key="preview"))
    with pytest.raises(Cancelled):
        await older
    (tmp_path / "go").touch()
    assert [await running, await other, await newer] == ["went", "other", "newer"]


async def test_cancelling_a_waiting_call_drops_it(make_pool: MakePool, tmp_path: Path) -> None:
    pool: WorkerPool = await make_pool()
    running = asyncio.create_task(pool.run("hold", str(tmp_path)))
    await appears(tmp_path, "started-*")
    dropped = asyncio.create_task(pool.run("crash"))
    await asyncio.sleep(0)
    dropped.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dropped
    (tmp_path / "go").touch()
    assert await running == "went"


async def test_cancelling_a_running_call_stops_it_at_its_next_update(make_pool: MakePool, tmp_path: Path) -> None:
    pool: WorkerPool = await make_pool()
    first = await pool.run("pid")
    running = asyncio.create_task(pool.run("hold", str(tmp_path)))
    await appears(tmp_path, "started-*")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await appears(tmp_path, "stopped")
    assert await pool.run("pid") == first


async def test_cancelled_call_that_does_not_listen_loses_its_process(
    make_pool: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faceswap_desktop.workers.slot.STOP_PATIENCE_S", 0.2)
    pool: WorkerPool = await make_pool()
    first = await pool.run("pid")
    started = asyncio.Event()
    running = asyncio.create_task(pool.run("hang", 600.0, on_update=lambda _: started.set()))
    await started.wait()
    running.cancel()
    assert await pool.run("pid") != first
    await ends(first)


@pytest.mark.parametrize("task", ["hold", "hang"])
async def test_cancelled_call_can_wait_until_its_worker_lets_go(
    make_pool: MakePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, task: str
) -> None:
    patience_s = 0.5 if task == "hang" else 30.0
    monkeypatch.setattr("faceswap_desktop.workers.slot.STOP_PATIENCE_S", patience_s)
    pool: WorkerPool = await make_pool()
    first = await pool.run("pid")
    started = asyncio.Event()
    request = str(tmp_path) if task == "hold" else 600.0
    running = asyncio.create_task(pool.run(task, request, on_update=lambda _: started.set(), until_stopped=True))
    await started.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (tmp_path / "stopped").exists() == (task == "hold")
    # One that does not listen is not alive any more.
    alive = psutil.pid_exists(first) and psutil.Process(first).status() != psutil.STATUS_ZOMBIE
    assert alive == (task == "hold")


async def test_lanes_do_not_wait_for_each_other(make_pool: MakePool, tmp_path: Path) -> None:
    pool: WorkerPool = await make_pool(job_slots=2)
    jobs = [asyncio.create_task(pool.run("hold", str(tmp_path), lane=Lane.JOBS)) for _ in range(3)]
    started = await appears(tmp_path, "started-*", 2)
    assert await pool.run("echo", 1) == 1
    assert len(started) == 2
    (tmp_path / "go").touch()
    assert await asyncio.gather(*jobs) == ["went"] * 3


async def test_warming_starts_one_worker_in_the_background(make_pool: MakePool) -> None:
    pool: WorkerPool = await make_pool(job_slots=2)
    assert pool.worker_pids() == []
    pool.warm(Lane.JOBS)
    pool.warm(Lane.JOBS)
    async with asyncio.timeout(30):
        while not pool.worker_pids():  # noqa: ASYNC110 - another process starts
            await asyncio.sleep(0.01)
    (pid,) = pool.worker_pids()
    assert await pool.run("pid", lane=Lane.JOBS) == pid
    await pool.close()
    pool.warm(Lane.JOBS)
    assert pool.worker_pids() == []


async def test_who_came_first_gets_the_worker_that_is_getting_ready(make_pool: MakePool, tmp_path: Path) -> None:
    pool: WorkerPool = await make_pool(job_slots=2)
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    pool.warm(Lane.JOBS)
    running = [
        asyncio.create_task(pool.run("hold", str(tmp_path / name), lane=Lane.JOBS)) for name in ("first", "second")
    ]
    await appears(tmp_path / "second", "started-*")
    [started] = await appears(tmp_path / "first", "started-*")
    warmed, _ = pool.worker_pids()
    assert started.name == f"started-{warmed}"
    for name in ("first", "second"):
        (tmp_path / name / "go").touch()
    assert await asyncio.gather(*running) == ["went", "went"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has classes of priority instead")
async def test_idle_worker_can_be_let_go_and_the_next_task_gets_another(make_pool: MakePool) -> None:
    pool: WorkerPool = await make_pool()
    first = await pool.run("pid")
    assert pool.rest(Lane.INTERACTIVE)
    assert not pool.worker_pids(), "nobody waits for its end"
    second = await pool.run("pid")
    assert second != first
    await ends(first)


async def test_busy_worker_does_not_rest(make_pool: MakePool, tmp_path: Path) -> None:
    pool: WorkerPool = await make_pool()
    running = asyncio.create_task(pool.run("hold", str(tmp_path)))
    await appears(tmp_path, "started-*")
    [pid] = pool.worker_pids()
    assert not pool.rest(Lane.INTERACTIVE)
    (tmp_path / "go").touch()
    assert await running == "went"
    assert await pool.run("pid") == pid


async def test_job_workers_stand_back(make_pool: MakePool) -> None:
    pool: WorkerPool = await make_pool()
    interactive, job = await pool.run("pid"), await pool.run("pid", lane=Lane.JOBS)
    assert psutil.Process(interactive).nice() == psutil.Process().nice()
    assert psutil.Process(job).nice() > psutil.Process().nice()


async def test_closing_ends_waiting_and_running_tasks_and_all_processes(make_pool: MakePool, tmp_path: Path) -> None:
    pool: WorkerPool = await make_pool(job_slots=2)
    running = [asyncio.create_task(pool.run("hold", str(tmp_path), lane=Lane.JOBS)) for _ in range(3)]
    await appears(tmp_path, "started-*", 2)
    pids = pool.worker_pids()
    await pool.close()
    for outcome in await asyncio.gather(*running, return_exceptions=True):
        assert isinstance(outcome, Cancelled)
    assert len(pids) == 2
    for pid in pids:
        await ends(pid)
    with pytest.raises(Cancelled):
        await pool.run("echo")


@pytest.mark.allow_logs
async def test_foreign_values_are_refused(make_pool: MakePool) -> None:
    """A worker that was taken over by a file it decoded cannot make the window's process build what it likes."""
    pool: WorkerPool = await make_pool()
    with pytest.raises(WorkerError):
        await pool.run("smuggle", retries=0)


async def test_failing_listener_does_not_stop_the_task(make_pool: MakePool, caplog: pytest.LogCaptureFixture) -> None:
    def fail(update: Update) -> None:
        raise RuntimeError("cannot show this")

    pool: WorkerPool = await make_pool()
    with caplog.at_level("CRITICAL"):
        assert await pool.run("echo", 1, on_update=fail) == 1


async def test_pixels_cross_in_shared_memory_and_are_given_back(make_pool: MakePool) -> None:
    pool: WorkerPool = await make_pool()
    shown: list[SharedPixels] = []
    last = await pool.run("share", (5, 4), on_update=lambda update: shown.append(update.payload))  # type: ignore[arg-type]
    (first,) = shown
    assert (first.width, first.height, first.channels, first.stride) == (5, 4, 3, 15)
    assert {first.name, last.name} <= {path.name for path in Path("/dev/shm").glob("fsd_*")}
    view = last.view()
    backwards = bytes(view)
    rows = bytes(first.take())
    assert backwards == rows[::-1]
    assert rows[:6] == bytes((0, 0, 0, 1, 1, 1))
    names = {first.name, last.name}
    first.release()
    last.release()
    last.release()
    with pytest.raises(ValueError, match="released"):
        bytes(view)
    with pytest.raises(ValueError, match="not held"):
        first.take()
    assert names.isdisjoint(path.name for path in Path("/dev/shm").glob("fsd_*"))


@pytest.mark.allow_logs
@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="only Linux lists its shared memory")
async def test_pixels_of_a_dead_worker_are_removed(make_pool: MakePool) -> None:
    pool: WorkerPool = await make_pool()
    # Other tests in this process may have blocks of their own.
    worker = await pool.run("pid")
    with pytest.raises(WorkerError):
        await pool.run("share_and_die", (64, 64), retries=0)
    assert worker not in pool.worker_pids()
    assert not list(Path("/dev/shm").glob(f"fsd_{os.getpid()}_{worker}_*"))


PARENT = """
    import asyncio, sys
    from pathlib import Path
    from faceswap_desktop.workers.pool import Lane, WorkerPool

    async def main():
        pool = WorkerPool(Path(sys.argv[1]), job_slots=1, memory_mb=0, task_limit_s=60,
                          task_modules=("tests.unit.workers.rogue_tasks",))
        await pool.start(warm=False)
        await pool.run("share", (300, 200))
        idle = await pool.run("pid")
        busy = asyncio.Event()
        task = asyncio.create_task(pool.run("hang", 600.0, lane=Lane.JOBS, on_update=lambda _: busy.set()))
        await busy.wait()
        print(*pool.worker_pids(), flush=True)
        {then}

    if __name__ == "__main__":
        asyncio.run(main())
"""


def start_parent(tmp_path: Path, then: str) -> "subprocess.Popen[str]":
    script = tmp_path / "parent.py"
    script.write_text(textwrap.dedent(PARENT).replace("{then}", then))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-W", "error", str(script), str(tmp_path / "cache")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip


async def test_killing_the_window_leaves_no_orphans(tmp_path: Path) -> None:
    with start_parent(tmp_path, "await asyncio.sleep(600)") as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in (await asyncio.to_thread(parent.stdout.readline)).split()]
        assert len(pids) == 2
        assert all(psutil.pid_exists(pid) for pid in pids)
        parent.kill()
        for pid in pids:
            await ends(pid)


async def test_program_that_ends_in_order_says_nothing_about_leaks(tmp_path: Path) -> None:
    with start_parent(tmp_path, "task.cancel(); await pool.close()") as parent:
        out, err = await asyncio.to_thread(parent.communicate, timeout=60)
    assert parent.returncode == 0
    assert err == ""
    for pid in map(int, out.split()):
        assert not psutil.pid_exists(pid)


def test_windows_process_stays_light(tmp_path: Path) -> None:
    code = (
        "import sys, faceswap_desktop.workers.pool, faceswap_desktop.workers.requests\n"
        "print(*sorted({'numpy', 'cv2', 'onnxruntime', 'PIL', 'PySide6', 'psutil'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout.strip() == ""
