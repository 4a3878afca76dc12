"""Jobs whose finished pieces stay in the scratch folder: videos, whoever renders them."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from faceswap_desktop.domain.errors import FaceSwapError, InputRefused, ProviderUnavailable, UsageError, WorkerError
from faceswap_desktop.domain.events import Noticed
from faceswap_desktop.domain.job import Hold, Job, JobId, JobState
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.work import WorkContext
from faceswap_desktop.jobs.queue import JobQueue
from faceswap_desktop.jobs.tools import scratch_of
from faceswap_desktop.storage.failures import disk_full
from faceswap_desktop.storage.lease import Lease
from tests.unit.jobs.conftest import OpenWorld
from tests.unit.jobs.support import ScriptedProvider, World, make_recipe

CLIP = make_recipe(name="clip.mp4")
JOB = JobId("thejob")


class Pieces:
    """Finishes one piece after the other, and stops before some of them."""

    def __init__(self, number: int = 4) -> None:
        self.number = number
        self.made: list[int] = []
        self.before: dict[int, Callable[[], Awaitable[None]]] = {}

    async def __call__(self, context: WorkContext) -> None:
        folder = Path(context.scratch_folder)
        for piece in range(self.number):
            path = folder / f"chunk-{piece}"
            if path.exists():
                continue
            if piece in self.before:
                await self.before.pop(piece)()
            path.write_bytes(b"piece")
            self.made.append(piece)
            await context.got_on()


def long_provider(deed: Pieces, *, room: int = 2) -> ScriptedProvider:
    provider = ScriptedProvider(deed, room=room)
    provider.keeps = True
    return provider


def stands() -> tuple[asyncio.Event, Callable[[], Awaitable[None]]]:
    """Return an event that tells that the work has got there, and work that then never ends."""
    is_there = asyncio.Event()

    async def stand() -> None:
        is_there.set()
        await asyncio.Event().wait()

    return is_there, stand


def raising(error: FaceSwapError) -> Callable[[], Awaitable[None]]:
    async def fail() -> None:
        raise error

    return fail


def pieces_in(world: World, job: JobId = JOB) -> list[str]:
    folder = scratch_of(world.home, job)
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


async def test_paused_work_goes_on_from_its_pieces(opened: OpenWorld) -> None:
    work = Pieces()
    is_there, work.before[2] = stands()
    world = await opened(long_provider(work))
    await world.add(CLIP, job=JOB)
    await is_there.wait()
    await world.ledger.set_hold(JOB, Hold.PAUSED)
    world.runner.wake()
    await world.idle()
    assert (await world.job(JOB)).state is JobState.QUEUED
    assert pieces_in(world) == ["chunk-0", "chunk-1"]
    await world.ledger.set_hold(JOB, None)
    world.runner.wake()
    await world.idle()
    assert (await world.job(JOB)).state is JobState.SUCCEEDED
    assert work.made == [0, 1, 2, 3]
    assert world.scratch_files() == []


async def test_work_goes_on_after_the_program_was_closed(opened: OpenWorld) -> None:
    work = Pieces()
    is_there, work.before[2] = stands()
    world = await opened(long_provider(work))
    await world.add(CLIP, job=JOB)
    await is_there.wait()
    world = await opened(long_provider(work))
    await world.idle()
    assert (await world.job(JOB)).state is JobState.SUCCEEDED
    assert work.made == [0, 1, 2, 3]
    assert world.scratch_files() == []


async def test_cancelled_work_leaves_nothing(opened: OpenWorld) -> None:
    work = Pieces()
    is_there, work.before[2] = stands()
    world = await opened(long_provider(work))
    await world.add(CLIP, job=JOB)
    await is_there.wait()
    assert (await world.runner.cancel(JOB)).state is JobState.CANCELLED
    assert world.scratch_files() == []


@pytest.mark.parametrize(
    "error",
    [
        InputRefused(message("“clip.mp4” was changed."), kind="changed"),
        WorkerError(message("The worker stopped twice at 0:04.")),
    ],
)
@pytest.mark.allow_logs
async def test_failed_work_is_kept_for_another_try(opened: OpenWorld, error: FaceSwapError) -> None:
    work = Pieces()
    work.before[2] = raising(error)
    provider = long_provider(work)
    world = await opened(provider)
    await world.add(CLIP, job=JOB)
    await world.idle()
    job = await world.job(JOB)
    assert job.state is JobState.FAILED
    assert job.failure is not None
    assert job.failure.message == error.message
    # The provider has tried a crash again itself.
    assert len(provider.order()) == 1
    assert pieces_in(world) == ["chunk-0", "chunk-1"]
    # It is there after a restart, too.
    world = await opened(provider)
    await world.idle()
    assert pieces_in(world) == ["chunk-0", "chunk-1"]
    await world.ledger.reset_failed(JOB)
    world.runner.wake()
    await world.idle()
    assert (await world.job(JOB)).state is JobState.SUCCEEDED
    assert work.made == [0, 1, 2, 3]


async def test_cluster_that_is_lost_puts_the_job_on_hold_with_its_pieces(opened: OpenWorld) -> None:
    work = Pieces()
    work.before[2] = raising(ProviderUnavailable(message("The cluster cannot be reached.")))
    world = await opened(long_provider(work))
    await world.add(CLIP, job=JOB)
    await world.idle()
    job = await world.job(JOB)
    assert (job.state, job.hold) == (JobState.QUEUED, Hold.NETWORK)
    assert pieces_in(world) == ["chunk-0", "chunk-1"]
    await world.ledger.set_hold(JOB, None)
    world.runner.wake()
    await world.idle()
    assert (await world.job(JOB)).state is JobState.SUCCEEDED
    assert work.made == [0, 1, 2, 3]


async def queue_on(world: World) -> JobQueue:
    return JobQueue(world.home, world.ledger, Lease(world.home.lease_file, "command line"), world.runner, world.bus)


async def test_deleting_a_failed_job_deletes_its_pieces(opened: OpenWorld) -> None:
    work = Pieces()
    work.before[2] = raising(InputRefused(message("Gone."), kind="missing"))
    world = await opened(long_provider(work))
    await world.add(CLIP, job=JOB)
    await world.idle()
    assert pieces_in(world)
    await (await queue_on(world)).remove([JOB])
    assert world.scratch_files() == []


async def test_pieces_of_rows_that_are_gone_are_removed_at_the_next_start(opened: OpenWorld) -> None:
    work = Pieces()
    world = await opened(long_provider(work), start=False)
    for name in ("nobody", "picture"):
        scratch_of(world.home, JobId(name)).mkdir(parents=True)
    await world.add(job="picture")
    await world.runner.start()
    await world.idle()
    assert world.scratch_files() == []


async def test_full_disk_in_the_middle_waits_and_goes_on_by_itself(
    opened: OpenWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faceswap_desktop.jobs.runner.ROOM_LOOK_S", 0.05)
    work = Pieces()
    work.before[2] = raising(disk_full(Path("/somewhere")))
    with monkeypatch.context() as patch:
        patch.setattr("faceswap_desktop.jobs.room.LEAST_FREE_BYTES", 2**80)
        world = await opened(long_provider(work))
        await world.add(CLIP, job=JOB)
        await world.idle()
        job = await world.job(JOB)
        assert (job.state, job.hold) == (JobState.QUEUED, Hold.DISK)
        assert pieces_in(world) == ["chunk-0", "chunk-1"]
        (notice,) = [event for event in world.events if isinstance(event, Noticed)]
        assert notice.is_error
        await asyncio.sleep(0.2)
        assert (await world.job(JOB)).hold is Hold.DISK
    await world.becomes(JOB, JobState.SUCCEEDED)
    assert work.made == [0, 1, 2, 3]


async def test_without_room_the_work_does_not_begin_and_says_how_much_it_needs(opened: OpenWorld) -> None:
    provider = long_provider(Pieces())
    provider.room = 2**60
    world = await opened(provider)
    await world.add(CLIP, job=JOB)
    await world.idle()
    job = await world.job(JOB)
    assert (job.state, job.hold, job.failure) == (JobState.QUEUED, Hold.DISK, None)
    assert provider.order() == []
    (notice,) = [event for event in world.events if isinstance(event, Noticed)]
    assert "“clip.mp4” needs about" in notice.message.text()
    assert "GB are free" in notice.message.text()
    # Whatever the user wishes, it does not begin before there is room; then it does.
    await world.ledger.set_hold(JOB, None)
    world.runner.wake()
    await world.idle()
    assert (await world.job(JOB)).hold is Hold.DISK
    provider.room = 1
    await world.ledger.set_hold(JOB, None)
    world.runner.wake()
    await world.idle()
    assert (await world.job(JOB)).state is JobState.SUCCEEDED


async def test_starts_are_counted_anew_when_something_was_finished(opened: OpenWorld) -> None:
    """Killed again and again, with a piece finished each time, it is not given up."""
    work = Pieces(8)
    world = await opened(long_provider(work), start=False)
    await world.ledger.add(Job(JOB, CLIP))
    for start in range(1, 8):
        is_there, work.before[start] = stands()
        world = await opened(long_provider(work))
        await is_there.wait()
        # What a kill leaves behind: the row as it stands, and nobody who puts it back.
        row = await world.job(JOB)
        assert row.state is JobState.RUNNING
        steps = await world.ledger.steps(JOB)
        await world.runner.stop()
        await world.ledger.transition(JOB, {JobState.QUEUED}, JobState.PREPARING)
        await world.ledger.transition(JOB, {JobState.PREPARING}, JobState.SUBMITTING)
        await world.ledger.transition(JOB, {JobState.SUBMITTING}, JobState.RUNNING)
        await world.ledger.set_steps(JOB, steps)
        assert steps[0].attempts <= 2
    world = await opened(long_provider(work))
    await world.idle()
    assert (await world.job(JOB)).state is JobState.SUCCEEDED
    assert work.made == list(range(8))


async def test_pictures_do_not_wait_for_a_video(opened: OpenWorld) -> None:
    """With one place only: the video takes none of them, and a second video waits for the first."""
    work = Pieces()
    is_there, work.before[2] = stands()
    world = await opened(long_provider(work, room=1))
    await world.add(CLIP, job=JOB)
    await is_there.wait()
    second = await world.add(CLIP, job="second")
    picture = await world.add(job="picture")
    await world.becomes(picture, JobState.RUNNING, JobState.SUCCEEDED)
    assert (await world.job(JOB)).state is JobState.RUNNING
    assert (await world.job(second)).state is JobState.QUEUED
    await world.runner.cancel(JOB)
    await world.becomes(second, JobState.SUCCEEDED)


async def test_what_is_finished_can_be_watched_where_the_job_runs(opened: OpenWorld) -> None:
    work = Pieces()
    is_there, work.before[2] = stands()
    world = await opened(long_provider(work))
    queue = await queue_on(world)
    await world.add(CLIP, job=JOB)
    await is_there.wait()
    assert await queue.watchable(JOB) == 2.0
    assert await queue.watch(JOB) == Path(f"/watch/{JOB}")
    assert await queue.watchable(JobId("none")) == 0.0
    with pytest.raises(UsageError) as caught:
        await queue.watch(JobId("none"))
    assert caught.value.kind == "no-such-job"
    await world.runner.stop()
    assert await queue.watchable(JOB) == 0.0
    with pytest.raises(UsageError) as caught:
        await queue.watch(JOB)
    assert caught.value.kind == "not-here"


async def test_nothing_to_watch_is_said(opened: OpenWorld) -> None:
    world = await opened(long_provider(Pieces()))
    await world.add(CLIP, job=JOB)
    await world.idle()
    with pytest.raises(UsageError) as caught:
        await (await queue_on(world)).watch(JOB)
    assert caught.value.kind == "nothing-to-watch"


async def test_cancelling_where_nobody_runs_jobs_removes_the_pieces(opened: OpenWorld) -> None:
    work = Pieces()
    is_there, work.before[2] = stands()
    world = await opened(long_provider(work))
    await world.add(CLIP, job=JOB)
    await is_there.wait()
    await world.runner.stop()
    assert pieces_in(world)
    queue = await queue_on(world)
    await world.ledger.request_cancel(JOB)
    await queue.cancel_waiting([JOB])
    assert (await world.job(JOB)).state is JobState.CANCELLED
    assert world.scratch_files() == []


async def test_pieces_that_vanish_are_made_again(opened: OpenWorld) -> None:
    """The caches were cleared from outside while it was paused."""
    work = Pieces()
    is_there, work.before[2] = stands()
    world = await opened(long_provider(work))
    await world.add(CLIP, job=JOB)
    await is_there.wait()
    await world.runner.stop()
    shutil.rmtree(scratch_of(world.home, JOB))
    world = await opened(long_provider(work))
    await world.idle()
    assert (await world.job(JOB)).state is JobState.SUCCEEDED
    assert work.made == [0, 1, 0, 1, 2, 3]
