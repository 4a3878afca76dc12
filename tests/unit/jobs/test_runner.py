import asyncio
import errno
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from faceswap_desktop.domain.errors import (
    FaceSwapError,
    InputRefused,
    ProviderRejected,
    ProviderUnavailable,
    StorageError,
    WorkerError,
)
from faceswap_desktop.domain.events import AllJobsDone, JobProgressed, Noticed, ResultAdded
from faceswap_desktop.domain.gallery import GalleryQuery
from faceswap_desktop.domain.job import Hold, JobId, JobState
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.domain.work import WorkContext
from faceswap_desktop.jobs import placing
from faceswap_desktop.jobs.placement import Placement
from faceswap_desktop.storage.failures import disk_full
from faceswap_desktop.storage.ledger import Ledger
from tests.unit.jobs.conftest import OpenWorld
from tests.unit.jobs.support import CONTENT, Deed, ScriptedProvider, make_recipe, with_library

WAY = [
    JobState.PREPARING,
    JobState.SUBMITTING,
    JobState.RUNNING,
    JobState.FETCHING,
    JobState.FINISHING,
    JobState.SUCCEEDED,
]


def failing(make_error: Callable[[], Exception], times: int = 1000) -> Deed:
    left = [times]

    async def deed(context: WorkContext) -> None:
        if left[0] > 0:
            left[0] -= 1
            raise make_error()

    return deed


class Gate:
    """A deed that waits until the test lets it go on."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.open = asyncio.Event()

    async def __call__(self, context: WorkContext) -> None:
        self.entered.set()
        await self.open.wait()


def crash() -> WorkerError:
    return WorkerError(message("The worker stopped unexpectedly."), kind="crash")


async def test_job_goes_all_the_way(opened: OpenWorld) -> None:
    provider = ScriptedProvider()
    world = await opened(provider)
    job_id = await world.add(make_recipe(name="party.png"))
    await world.idle()
    job = await world.job(job_id)
    assert job.state is JobState.SUCCEEDED
    assert world.states_of(job_id) == WAY
    assert job.attempt == 1
    assert job.result is not None
    (result,) = await world.results.get([job.result])
    assert result.title == "party as Ada"
    assert Path(result.path).read_bytes() == CONTENT
    assert Path(result.path).parent == world.home.results_folder
    assert (result.similarity, result.faces, result.recipe) == (0.7, 1, job.recipe)
    assert ResultAdded(result.id) in world.events
    assert world.events[-1] == AllJobsDone(1, 0)
    assert world.scratch_files() == []
    assert await world.ledger.steps(job_id) == ()


async def test_every_transition_is_on_the_disk_before_its_side_effect(opened: OpenWorld) -> None:
    seen: dict[str, JobState] = {}

    async def look(context: WorkContext, call: str) -> None:
        seen[call] = (await world.job(context.job)).state

    provider = ScriptedProvider(lambda context: look(context, "run"))
    provider.submit_deed = lambda context: look(context, "submit")
    provider.fetch_deed = lambda context: look(context, "fetch")
    world = await opened(provider)
    await world.add()
    await world.idle()
    assert seen == {"submit": JobState.SUBMITTING, "run": JobState.RUNNING, "fetch": JobState.FETCHING}


async def test_jobs_run_by_priority_then_age(opened: OpenWorld) -> None:
    provider = ScriptedProvider()
    world = await opened(provider, start=False)
    for name, priority in (("c", 2.0), ("a", 1.0), ("d", 2.0), ("b", 1.0)):
        await world.add(job=name, priority=priority)
    await world.runner.start()
    await world.idle()
    assert provider.order() == ["a", "b", "c", "d"]


async def test_reordering_waiting_jobs(opened: OpenWorld) -> None:
    gate = Gate()
    provider = ScriptedProvider(gate)
    world = await opened(provider)
    first = await world.add(job="first", priority=0.0)
    await gate.entered.wait()
    await world.add(job="second", priority=1.0)
    third = await world.add(job="third", priority=2.0)
    await world.ledger.set_priority({third: 0.5})
    world.runner.wake()
    gate.open.set()
    await world.idle()
    assert provider.order() == [first, "third", "second"]


async def test_a_provider_gets_no_more_jobs_at_once_than_it_takes(opened: OpenWorld) -> None:
    two = asyncio.Barrier(2)

    async def slow(context: WorkContext) -> None:
        await two.wait()
        await asyncio.sleep(0.02)

    provider = ScriptedProvider(slow, room=2)
    world = await opened(provider)
    for _ in range(6):
        await world.add()
    await world.idle()
    assert provider.most_at_once == 2
    assert len(provider.order()) == 6


async def test_equal_names_get_numbers_and_nothing_is_overwritten(opened: OpenWorld) -> None:
    provider = ScriptedProvider(room=3)
    world = await opened(provider, start=False)
    (world.home.results_folder / "party as Ada.png").write_bytes(b"the user's own")
    for _ in range(3):
        await world.add()
    await world.runner.start()
    await world.idle()
    assert world.result_files() == [
        "party as Ada (2).png",
        "party as Ada (3).png",
        "party as Ada (4).png",
        "party as Ada.png",
    ]
    assert (world.home.results_folder / "party as Ada.png").read_bytes() == b"the user's own"
    ids = await world.results.query(GalleryQuery())
    assert len({result.path for result in await world.results.get(ids)}) == 3


async def test_name_that_is_taken_at_the_last_moment_is_left_alone(
    opened: OpenWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = placing.place

    def taken_before(placement: Placement) -> None:
        rival = Path(placement.path)
        if not rival.exists() and rival.name == "party as Ada.png":
            rival.write_bytes(CONTENT)
        real(placement)

    monkeypatch.setattr("faceswap_desktop.jobs.finishing.place", taken_before)
    world = await opened(ScriptedProvider())
    job_id = await world.add()
    await world.idle()
    result = await world.results.of_job(job_id)
    assert result is not None
    assert Path(result.path).name == "party as Ada (2).png"


async def test_template_with_a_number(opened: OpenWorld) -> None:
    world = await opened(ScriptedProvider())
    for _ in range(2):
        await world.add(make_recipe(name_template="{n} {source}"))
    await world.idle()
    assert world.result_files() == ["1 Ada.png", "2 Ada.png"]


async def test_bad_template_is_said_before_the_work(opened: OpenWorld) -> None:
    provider = ScriptedProvider()
    world = await opened(provider)
    job_id = await world.add(make_recipe(name_template="{colour}"))
    await world.idle()
    job = await world.job(job_id)
    assert job.state is JobState.FAILED
    assert job.failure is not None
    assert "{colour}" in job.failure.message.text()
    assert provider.order() == []


async def test_library_folder_of_the_settings(opened: OpenWorld, tmp_path: Path) -> None:
    world = await opened(ScriptedProvider(), settings=with_library(Settings(), tmp_path / "else" / "where"))
    await world.add()
    await world.idle()
    assert [path.name for path in (tmp_path / "else" / "where").iterdir()] == ["party as Ada.png"]
    assert world.result_files() == []


async def test_result_on_another_file_system(opened: OpenWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(source: object, target: object) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    world = await opened(ScriptedProvider())
    monkeypatch.setattr(os, "link", no_links)
    await world.add()
    await world.idle()
    assert world.result_files() == ["party as Ada.png"]
    assert world.scratch_files() == []


async def test_result_where_there_are_no_links_is_moved_not_copied(
    opened: OpenWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(source: object, target: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    def no_copies(*arguments: object) -> None:
        raise AssertionError("it was copied")

    inodes: list[int] = []

    async def note(context: WorkContext) -> None:
        path = Path(context.scratch_folder) / "result.png"
        path.write_bytes(b"")
        inodes.append(path.stat().st_ino)

    provider = ScriptedProvider()
    provider.fetch_deed = note
    world = await opened(provider)
    monkeypatch.setattr(os, "link", no_links)
    monkeypatch.setattr(shutil, "copyfileobj", no_copies)
    await world.add()
    await world.idle()
    assert world.result_files() == ["party as Ada.png"]
    assert [path.stat().st_ino for path in world.home.results_folder.iterdir()] == inodes
    assert world.scratch_files() == []


async def test_copy_where_the_user_asked_for_it(opened: OpenWorld, tmp_path: Path) -> None:
    world = await opened(ScriptedProvider())
    job_id = await world.add(make_recipe(requested_path=str(tmp_path / "mine.png")))
    await world.idle()
    assert (tmp_path / "mine.png").read_bytes() == CONTENT
    result = await world.results.of_job(job_id)
    assert result is not None
    # Editing the copy must not change the library.
    assert not (tmp_path / "mine.png").samefile(result.path)


async def test_copy_never_overwrites(opened: OpenWorld, tmp_path: Path) -> None:
    (tmp_path / "mine.png").write_bytes(b"older")
    world = await opened(ScriptedProvider())
    job_id = await world.add(make_recipe(requested_path=str(tmp_path / "mine.png")))
    await world.idle()
    job = await world.job(job_id)
    assert job.state is JobState.FAILED
    assert job.failure is not None
    assert job.failure.kind == "exists"
    assert (tmp_path / "mine.png").read_bytes() == b"older"
    assert world.result_files() == []
    assert world.scratch_files() == []


@pytest.mark.allow_logs
async def test_crash_is_tried_once_more(opened: OpenWorld) -> None:
    provider = ScriptedProvider(failing(crash, times=1))
    world = await opened(provider)
    job_id = await world.add()
    await world.idle()
    job = await world.job(job_id)
    assert job.state is JobState.SUCCEEDED
    assert job.attempt == 2
    assert len(provider.order()) == 2


@pytest.mark.allow_logs
async def test_second_crash_fails_with_a_sentence_and_a_retry_begins_anew(opened: OpenWorld) -> None:
    provider = ScriptedProvider(failing(crash, times=3))
    world = await opened(provider)
    job_id = await world.add()
    await world.idle()
    job = await world.job(job_id)
    assert job.state is JobState.FAILED
    assert job.failure is not None
    assert (job.failure.kind, job.failure.message.text()) == ("crash", "The worker stopped unexpectedly.")
    assert len(provider.order()) == 2
    assert world.events[-1] == AllJobsDone(0, 1)
    assert world.scratch_files() == []
    # The third crash is the retry's first.
    await world.ledger.reset_failed(job_id)
    world.runner.wake()
    await world.idle()
    assert (await world.job(job_id)).state is JobState.SUCCEEDED
    assert len(provider.order()) == 4


@pytest.mark.parametrize(
    ("error", "kind", "exit_code"),
    [
        (InputRefused(message("“a.png” was not found."), kind="missing"), "missing", 3),
        (ProviderRejected(message("No.")), "provider-rejected", 4),
        (StorageError(message("Read-only."), kind="read-only"), "read-only", 3),
    ],
)
async def test_refusals_fail_at_once_with_their_sentence(
    opened: OpenWorld, error: FaceSwapError, kind: str, exit_code: int
) -> None:
    provider = ScriptedProvider(failing(lambda: error))
    world = await opened(provider)
    job_id = await world.add()
    await world.idle()
    job = await world.job(job_id)
    assert job.state is JobState.FAILED
    assert job.failure is not None
    assert (job.failure.kind, job.failure.exit_code, job.failure.message) == (kind, exit_code, error.message)
    assert len(provider.order()) == 1


@pytest.mark.allow_logs
async def test_a_bug_fails_the_job_and_not_the_runner(opened: OpenWorld) -> None:
    provider = ScriptedProvider(failing(lambda: ZeroDivisionError("oops"), times=1))
    world = await opened(provider)
    first = await world.add()
    second = await world.add()
    await world.idle()
    job = await world.job(first)
    assert job.failure is not None
    assert (job.failure.kind, job.failure.exit_code) == ("bug", 1)
    assert (await world.job(second)).state is JobState.SUCCEEDED


async def test_unknown_provider(opened: OpenWorld) -> None:
    world = await opened(ScriptedProvider())
    job_id = await world.add(make_recipe("gone"))
    await world.idle()
    job = await world.job(job_id)
    assert job.state is JobState.FAILED
    assert job.failure is not None
    assert "gone" in job.failure.message.text()


async def test_full_disk_holds_the_job_until_the_user_lets_it_go_on(opened: OpenWorld) -> None:
    provider = ScriptedProvider(failing(lambda: disk_full(Path("/somewhere")), times=1))
    world = await opened(provider)
    job_id = await world.add()
    await world.idle()
    job = await world.job(job_id)
    assert (job.state, job.hold) == (JobState.QUEUED, Hold.DISK)
    notices = [event for event in world.events if isinstance(event, Noticed)]
    assert "disk is full" in notices[-1].message.text()
    assert world.scratch_files() == []
    await world.ledger.set_hold(job_id, None)
    world.runner.wake()
    await world.idle()
    assert (await world.job(job_id)).state is JobState.SUCCEEDED


async def test_full_disk_in_the_results_folder_keeps_the_finished_work(
    opened: OpenWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, fails = placing.place, [True]

    def full(placement: Placement) -> None:
        if fails:
            raise disk_full(Path(placement.path))
        real(placement)

    monkeypatch.setattr("faceswap_desktop.jobs.finishing.place", full)
    provider = ScriptedProvider()
    world = await opened(provider)
    job_id = await world.add()
    await world.idle()
    job = await world.job(job_id)
    assert (job.state, job.hold) == (JobState.FINISHING, Hold.DISK)
    fails.clear()
    await world.ledger.set_hold(job_id, None)
    world.runner.wake()
    await world.idle()
    assert (await world.job(job_id)).state is JobState.SUCCEEDED
    assert len(provider.order()) == 1
    assert world.result_files() == ["party as Ada.png"]


async def test_job_held_for_the_disk_goes_on_at_the_next_start_when_there_is_room(
    opened: OpenWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = ScriptedProvider(failing(lambda: disk_full(Path("/somewhere")), times=1))
    world = await opened(provider)
    job_id = await world.add()
    await world.idle()
    with monkeypatch.context() as patch:
        patch.setattr("faceswap_desktop.jobs.room.LEAST_FREE_BYTES", 2**80)
        world = await opened(provider)
        await world.idle()
        assert (await world.job(job_id)).hold is Hold.DISK
    world = await opened(provider)
    await world.idle()
    assert (await world.job(job_id)).state is JobState.SUCCEEDED


async def test_pausing_a_waiting_job(opened: OpenWorld) -> None:
    provider = ScriptedProvider()
    world = await opened(provider, start=False)
    job_id = await world.add()
    await world.ledger.set_hold(job_id, Hold.PAUSED)
    await world.runner.start()
    await world.idle()
    assert provider.order() == []
    await world.ledger.set_hold(job_id, None)
    world.runner.wake()
    await world.idle()
    assert (await world.job(job_id)).state is JobState.SUCCEEDED


async def test_pausing_a_running_job_puts_it_back(opened: OpenWorld) -> None:
    gate = Gate()
    provider = ScriptedProvider(gate)
    world = await opened(provider)
    job_id = await world.add()
    await gate.entered.wait()
    await world.ledger.set_hold(job_id, Hold.PAUSED)
    world.runner.wake()
    await world.idle()
    job = await world.job(job_id)
    assert (job.state, job.hold, job.attempt) == (JobState.QUEUED, Hold.PAUSED, 0)
    assert world.scratch_files() == []
    gate.open.set()
    await world.ledger.set_hold(job_id, None)
    world.runner.wake()
    await world.idle()
    job = await world.job(job_id)
    assert (job.state, job.attempt) == (JobState.SUCCEEDED, 1)


async def test_pause_and_resume_in_one_breath(opened: OpenWorld) -> None:
    gate = Gate()
    world = await opened(ScriptedProvider(gate))
    job_id = await world.add()
    await gate.entered.wait()
    await world.ledger.set_hold(job_id, Hold.PAUSED)
    world.runner.wake()
    await asyncio.sleep(0)
    await world.ledger.set_hold(job_id, None)
    world.runner.wake()
    gate.open.set()
    await world.idle()
    assert (await world.job(job_id)).state is JobState.SUCCEEDED


async def test_cancelling_a_waiting_job(opened: OpenWorld) -> None:
    gate = Gate()
    provider = ScriptedProvider(gate)
    world = await opened(provider)
    first = await world.add()
    await gate.entered.wait()
    second = await world.add()
    assert (await world.runner.cancel(second)).state is JobState.CANCELLED
    gate.open.set()
    await world.idle()
    assert provider.order() == [first]


async def test_wish_to_cancel_that_only_stands_in_the_ledger(opened: OpenWorld) -> None:
    """As another process, or the queue, writes it before ringing."""
    gate = Gate()
    provider = ScriptedProvider(gate)
    world = await opened(provider)
    running = await world.add()
    await gate.entered.wait()
    waiting = await world.add()
    for job_id in (running, waiting):
        await world.ledger.request_cancel(job_id)
    world.runner.wake()
    await world.becomes(running, JobState.CANCELLED)
    await world.becomes(waiting, JobState.CANCELLED)
    await world.idle()
    assert world.result_files() == []


class SlowLedger(Ledger):
    """Waits after a transition has been committed, so that a test can act at exactly that state."""

    stop_at: JobState
    reached: asyncio.Event
    go_on: asyncio.Event

    async def transition(self, job_id, from_states, to, **changes):  # type: ignore[no-untyped-def]
        job = await super().transition(job_id, from_states, to, **changes)
        if to is SlowLedger.stop_at:
            SlowLedger.reached.set()
            await SlowLedger.go_on.wait()
        return job


@pytest.mark.parametrize("state", WAY[:-1])
async def test_cancelling_at_every_state(opened: OpenWorld, state: JobState) -> None:
    SlowLedger.stop_at, SlowLedger.reached, SlowLedger.go_on = state, asyncio.Event(), asyncio.Event()
    provider = ScriptedProvider()
    world = await opened(provider, ledger_type=SlowLedger)
    job_id = await world.add()
    await SlowLedger.reached.wait()
    cancelling = asyncio.create_task(world.runner.cancel(job_id))
    if state is JobState.FINISHING:
        # Where it is to be put is written down to the end; then the wish is heard, before it is put there.
        while world.runner.courses[job_id].wish is None:  # noqa: ASYNC110 - it is set by a task that has still to begin
            await asyncio.sleep(0)
        SlowLedger.go_on.set()
    job = await cancelling
    await world.idle()
    assert job.state is JobState.CANCELLED
    assert not job.cancel_requested
    assert world.result_files() == []
    assert world.scratch_files() == []
    assert await world.results.count(GalleryQuery()) == 0


async def test_cancelled_job_can_be_retried_and_a_finished_one_cannot_be_cancelled(opened: OpenWorld) -> None:
    gate = Gate()
    world = await opened(ScriptedProvider(gate))
    job_id = await world.add()
    await gate.entered.wait()
    await world.runner.cancel(job_id)
    gate.open.set()
    await world.ledger.reset_failed(job_id)
    world.runner.wake()
    await world.idle()
    assert (await world.runner.cancel(job_id)).state is JobState.SUCCEEDED
    assert len(world.result_files()) == 1


async def test_stopping_puts_running_jobs_back(opened: OpenWorld) -> None:
    gate = Gate()
    world = await opened(ScriptedProvider(gate))
    job_id = await world.add()
    await gate.entered.wait()
    await world.runner.stop()
    job = await world.job(job_id)
    assert (job.state, job.attempt) == (JobState.QUEUED, 0)
    assert world.scratch_files() == []
    assert not world.runner.is_started
    gate.open.set()
    world = await opened(ScriptedProvider())
    await world.idle()
    assert (await world.job(job_id)).state is JobState.SUCCEEDED


async def test_progress_is_told_at_most_ten_times_a_second(opened: OpenWorld) -> None:
    async def talk(context: WorkContext) -> None:
        for step in range(100):
            context.report(step / 100, "swap")

    world = await opened(ScriptedProvider(talk))
    job_id = await world.add()
    await world.idle()
    told = [event for event in world.events if isinstance(event, JobProgressed)]
    assert 1 <= len(told) <= 10
    assert told[0].job == job_id


async def test_source_that_is_gone_fails_before_the_work(opened: OpenWorld) -> None:
    async def gone(recipe: object) -> dict[object, object]:
        raise InputRefused(message("The source face Ada is no longer in the library."), kind="source-missing")

    provider = ScriptedProvider()
    world = await opened(provider, source_files=gone)
    job_id = await world.add()
    await world.idle()
    job = await world.job(job_id)
    assert job.failure is not None
    assert job.failure.kind == "source-missing"
    assert provider.asked == []


async def test_unreachable_provider_is_tried_again_by_itself(
    opened: OpenWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faceswap_desktop.jobs.desk.LONGEST_RETRY_S", 0.05)
    provider = ScriptedProvider(is_local=False)
    provider.submit_deed = failing(lambda: ProviderUnavailable(message("No answer.")), times=2)
    world = await opened(provider)
    job_id = await world.add()
    await world.idle()
    assert (await world.job(job_id)).state is JobState.SUCCEEDED
    assert len(provider.order("submit")) == 3


async def test_provider_that_stays_unreachable_holds_the_job_for_a_while(
    opened: OpenWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faceswap_desktop.jobs.desk.LONGEST_RETRY_S", 0.01)
    provider = ScriptedProvider(is_local=False)
    provider.submit_deed = failing(lambda: ProviderUnavailable(message("No answer.")), times=5)
    world = await opened(provider)
    job_id = await world.add()
    job = await world.holds(job_id, Hold.NETWORK)
    assert job.state is JobState.QUEUED
    assert job.retry_at > time.time() + 200
    assert len(provider.order("submit")) == 5
    # Nobody has to wait for that.
    await world.ledger.resume(job_id)
    world.runner.wake()
    await world.idle()
    assert (await world.job(job_id)).state is JobState.SUCCEEDED


async def test_paid_call_of_which_nobody_knows_whether_it_arrived(opened: OpenWorld) -> None:
    provider = ScriptedProvider(is_local=False, is_paid=True)
    provider.submit_deed = failing(lambda: ProviderUnavailable(message("Cut off."), kind="unconfirmed"))
    world = await opened(provider)
    job_id = await world.add()
    await world.idle()
    assert (await world.job(job_id)).state is JobState.UNCONFIRMED
    assert (await world.runner.cancel(job_id)).state is JobState.DISMISSED


async def test_remote_work_goes_on_without_us(opened: OpenWorld) -> None:
    gate = Gate()
    world = await opened(ScriptedProvider(gate, is_local=False))
    job_id = await world.add()
    await gate.entered.wait()
    await world.runner.stop()
    assert (await world.job(job_id)).state is JobState.RUNNING
    provider = ScriptedProvider(is_local=False)
    world = await opened(provider)
    await world.idle()
    assert (await world.job(job_id)).state is JobState.SUCCEEDED
    assert [call for call, _ in provider.asked] == ["run", "fetch"]


async def test_cancelling_remote_work_tells_the_provider_and_the_user(opened: OpenWorld) -> None:
    gate = Gate()
    provider = ScriptedProvider(gate, is_local=False)
    world = await opened(provider)
    job_id = await world.add()
    await gate.entered.wait()
    await world.runner.cancel(job_id)
    assert ("cancel", f"r-{job_id}") in provider.asked
    assert any(isinstance(event, Noticed) and "charged" in event.message.text() for event in world.events)


async def test_paid_submission_is_not_cut_off_by_stopping(opened: OpenWorld) -> None:
    gate = Gate()
    provider = ScriptedProvider(is_local=False, is_paid=True)
    provider.submit_deed = gate
    world = await opened(provider)
    job_id = await world.add()
    await gate.entered.wait()
    stopping = asyncio.create_task(world.runner.stop())
    await asyncio.sleep(0.05)
    gate.open.set()
    await stopping
    assert (await world.job(job_id)).state is JobState.RUNNING
    steps = await world.ledger.steps(job_id)
    assert [step.name for step in steps] == ["work", "create"]
    assert steps[1].handle == {"prepared": {}, "values": {"remote": f"r-{job_id}"}}


async def test_program_that_keeps_ending_at_a_job_gives_it_up(opened: OpenWorld) -> None:
    job_id = JobId("")
    for start in range(5):
        gate = Gate()
        world = await opened(ScriptedProvider(gate), start=False)
        if start == 0:
            job_id = await world.add()
        await world.runner.start()
        await gate.entered.wait()
        # As if killed: the task is gone, the row stays as it is.
        for task in asyncio.all_tasks():
            if task.get_name() == f"job {job_id}":
                task.cancel()
        await asyncio.sleep(0.05)
        assert (await world.job(job_id)).state is JobState.RUNNING
    provider = ScriptedProvider()
    world = await opened(provider)
    await world.idle()
    job = await world.job(job_id)
    assert job.state is JobState.FAILED
    assert job.failure is not None
    assert "5 times" in job.failure.message.text()
    assert provider.asked == []


async def test_ledger_that_cannot_be_written_leaves_the_job_where_it_is(opened: OpenWorld) -> None:
    class FullLedger(Ledger):
        fails = True

        async def transition(self, job_id, from_states, to, **changes):  # type: ignore[no-untyped-def]
            if FullLedger.fails and to is not JobState.PREPARING:
                raise disk_full(Path("/somewhere"))
            return await super().transition(job_id, from_states, to, **changes)

    provider = ScriptedProvider()
    world = await opened(provider, ledger_type=FullLedger)
    job_id = await world.add()
    await world.idle()
    assert (await world.job(job_id)).state is JobState.PREPARING
    assert any(isinstance(event, Noticed) and event.is_error for event in world.events)
    FullLedger.fails = False
    world = await opened(provider)
    await world.idle()
    assert (await world.job(job_id)).state is JobState.SUCCEEDED


async def test_nothing_is_scheduled_when_idle(opened: OpenWorld) -> None:
    world = await opened(ScriptedProvider())
    await world.add()
    await world.idle()
    loop = asyncio.get_running_loop()
    assert [handle for handle in loop._scheduled if not handle.cancelled()] == []  # type: ignore[attr-defined]


async def test_many_jobs_are_all_done(opened: OpenWorld) -> None:
    provider = ScriptedProvider(room=4)
    world = await opened(provider, start=False)
    now = time.time()
    recipe = make_recipe(name_template="{n}")
    for number in range(30):
        await world.add(replace(recipe), priority=now + number)
    await world.runner.start()
    await world.idle()
    assert (await world.ledger.counts())[JobState.SUCCEEDED] == 30
    assert len(world.result_files()) == 30
    assert [event for event in world.events if isinstance(event, AllJobsDone)] == [AllJobsDone(30, 0)]


async def test_one_job_that_cannot_be_mended_does_not_keep_others_from_running(opened: OpenWorld) -> None:
    world = await opened(ScriptedProvider(), start=False)
    stuck, other = await world.add(), await world.add()
    await world.ledger.request_cancel(stuck)

    class Stubborn(Ledger):
        async def transition(self, job_id, from_states, to, **changes):  # type: ignore[no-untyped-def]
            if job_id == stuck:
                raise StorageError(message("This row cannot be written."), kind="io")
            return await super().transition(job_id, from_states, to, **changes)

    world = await opened(ScriptedProvider(), ledger_type=Stubborn)
    await world.idle()
    assert (await world.job(other)).state is JobState.SUCCEEDED
    assert any(isinstance(event, Noticed) and "cannot be written" in str(event.message) for event in world.events)
