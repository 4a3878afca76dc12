"""How the provider runs videos: order, pieces, crashes, room, progress; the tasks are scripted, the workers real."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import pytest_asyncio

from faceswap_desktop.domain.clearance import ClearedRecipe
from faceswap_desktop.domain.errors import InputRefused, StorageError, UsageError, WorkerError
from faceswap_desktop.domain.faces import PhotoId, SourceFaceId
from faceswap_desktop.domain.geometry import BoundingBox, Point, Size
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.media import Media, MediaId, MediaKind
from faceswap_desktop.domain.recipe import FaceAge, FacePairing, Recipe, SourceRef, TargetFace
from faceswap_desktop.domain.settings import ClusterSettings
from faceswap_desktop.domain.video import FrameRange, VideoFacts
from faceswap_desktop.domain.work import FetchedFile, FrameProgress, Handle, SourceFiles, StepPlan, Transfer
from faceswap_desktop.media.fingerprint import fingerprint
from faceswap_desktop.providers.on_device import OnDeviceProvider
from faceswap_desktop.workers.pool import Lane, WorkerPool
from tests.clearing import cleared
from tests.unit.providers.scripted_videos import RATE

CHUNK = 2 * RATE
POINTS = (Point(3, 3), Point(7, 3), Point(5, 5), Point(4, 7), Point(6, 7))
FACE = TargetFace(0, BoundingBox(0, 0, 10, 10), POINTS)


@dataclass
class Context:
    """What a job would hand over; calls ``on_report`` after each report."""

    recipe: Recipe
    scratch_folder: str
    video_cache: str
    job: JobId = field(default_factory=lambda: JobId("job"))
    max_pixels: int = 10**7
    is_cancelled: bool = False
    step: StepPlan = field(default_factory=lambda: StepPlan("swap"))
    prepared: Mapping[str, str] = field(default_factory=dict)
    earlier: Mapping[str, Handle] = field(default_factory=dict)
    got_on_times: int = 0
    reports: list[tuple[float, str, FrameProgress | None]] = field(default_factory=list)
    on_report: Callable[[FrameProgress | None], None] | None = None

    @property
    def cleared(self) -> ClearedRecipe:
        return cleared(self.recipe)

    def report(
        self, fraction: float, step: str, frames: FrameProgress | None = None, transfer: Transfer | None = None
    ) -> None:
        self.reports.append((fraction, step, frames))
        if self.on_report is not None:
            self.on_report(frames)

    async def got_on(self) -> None:
        self.got_on_times += 1

    async def source_files(self) -> Mapping[SourceFaceId, SourceFiles]:
        return {}


class Stage:
    """A provider with scripted tasks, and one job."""

    def __init__(self, folder: Path, pool: WorkerPool, chunks: int = 6) -> None:
        self.pool = pool
        self.folder = folder
        self.script = folder / "script"
        self.scratch = folder / "job"
        for one in (self.script, self.scratch):
            one.mkdir()
        original = folder / "clip.mp4"
        original.write_bytes(b"not a video, but bytes like any other")
        facts = VideoFacts(chunks * 2.0, chunks * CHUNK, RATE, "h264", "yuv420p", 8, 64, 48)
        media = Media(
            MediaId("m"), str(original), MediaKind.VIDEO, Size(64, 48), "MP4", fingerprint(original), video=facts
        )
        pairing = FacePairing(FACE, SourceRef(SourceFaceId("s"), "Ada", (PhotoId("p"),)))
        self.recipe = Recipe(
            "on-device",
            media,
            (pairing,),
            consent_note=str(self.script),
            ages=(FaceAge(replace(FACE, index=1), 10), FaceAge(FACE, -5)),
        )
        self.context = Context(self.recipe, str(self.scratch), str(folder / "videos"))
        self.cluster = ClusterSettings()
        self.provider = OnDeviceProvider(pool, cluster=lambda: self.cluster, speeds_file=folder / "speeds.json")

    async def run(self) -> FetchedFile:
        handle = Handle("on-device", {"job": "job"})
        await self.provider.run(handle, self.context)
        return await self.provider.fetch(handle, self.context)

    def script_says(self, name: str, value: object = 1) -> None:
        (self.script / name).write_text(str(value))

    def log(self, word: str = "") -> list[str]:
        path = self.script / "log"
        return [line for line in path.read_text().splitlines() if word in line] if path.exists() else []

    def rendered(self) -> list[int]:
        return [int(line.split()[1]) for line in self.log("rendered")]

    def chunks(self) -> list[int]:
        return sorted(int(path.stem.removeprefix("chunk-")) for path in self.scratch.glob("chunk-*"))

    async def seen(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not condition():  # noqa: ASYNC110 - another process gets on
                await asyncio.sleep(0.005)


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    pool = WorkerPool(
        tmp_path / "cache",
        job_slots=1,
        memory_mb=0,
        task_limit_s=60,
        task_modules=("tests.unit.providers.scripted_videos",),
    )
    await pool.start(warm=False)
    yield Stage(tmp_path, pool)
    await pool.close()


@pytest_asyncio.fixture
async def two(tmp_path: Path) -> AsyncIterator[Stage]:
    pool = WorkerPool(
        tmp_path / "cache",
        job_slots=2,
        memory_mb=0,
        task_limit_s=60,
        task_modules=("tests.unit.providers.scripted_videos",),
    )
    await pool.start(warm=False)
    yield Stage(tmp_path, pool)
    await pool.close()


async def test_a_video_goes_all_the_way(stage: Stage) -> None:
    file = await stage.run()
    assert Path(file.path).read_bytes() == bytes(range(6))
    assert (file.format, file.faces, file.similarity) == ("MP4", 2, 0.5)
    assert file.notes == (
        "One subtitle track could not be kept.",
        "In 6 frames a face is turned too far or covered, and the original face shows through.",
    )
    assert stage.rendered() == [0, 1, 2, 3, 4, 5]
    assert stage.log("joined") == ["joined 6 whole True"]
    assert stage.context.got_on_times >= 1


async def test_progress_grows_and_names_its_steps(stage: Stage) -> None:
    await stage.run()
    fractions = [fraction for fraction, _, _ in stage.context.reports]
    assert fractions == sorted(fractions)
    assert 0.0 <= fractions[0] < 0.05
    assert fractions[-1] == pytest.approx(1.0, abs=0.05)
    steps = list(dict.fromkeys(step for _, step, _ in stage.context.reports))
    assert steps == ["index", "analyse", "render", "join"]
    assert [step.name for step in stage.provider.steps(stage.recipe)] == ["render"]
    frames = [frames for _, step, frames in stage.context.reports if step == "render" and frames is not None]
    assert {one.total for one in frames} == {6 * CHUNK}
    # Frames count when their chunk is on the disk.
    assert {one.done for one in frames} == {number * CHUNK for number in range(7)}
    assert Path(frames[-1].picture).read_bytes() == b"a picture"


def looks(stage: Stage) -> int:
    """Return how many chunks have been looked through so far."""
    (log,) = (stage.folder / "videos").glob("*/tracks-*/log")
    return len(log.read_text().splitlines())


async def test_a_video_is_looked_through_once(stage: Stage) -> None:
    await stage.run()
    assert looks(stage) == 6
    stage.context.reports.clear()
    for path in stage.scratch.glob("chunk-*"):
        path.unlink()
    await stage.run()
    assert looks(stage) == 6
    assert "analyse" not in [step for _, step, _ in stage.context.reports]
    counts = [frames.rendered for _, step, frames in stage.context.reports if step == "render" and frames is not None]
    assert counts == sorted(counts)
    assert {1, CHUNK, CHUNK + 1, 6 * CHUNK} <= set(counts)


@pytest.mark.parametrize("times", [1, 2])
async def test_tracks_that_are_lost_are_found_again_once(stage: Stage, times: int) -> None:
    stage.script_says("lost-2", times)
    if times == 1:
        await stage.run()
    else:
        with pytest.raises(StorageError) as failed:
            await stage.run()
        assert failed.value.kind == "tracks-missing"
    assert looks(stage) == 12
    assert stage.rendered()[:2] == [0, 1]


async def test_blocks_are_neighbours_front_to_back_and_shorter_towards_the_end(two: Stage) -> None:
    await two.run()
    lengths = {int(line.split()[1]): int(line.split()[3]) for line in two.log("rendered")}
    assert sorted(lengths) == [0, 1, 2, 3, 4, 5]
    assert [lengths[number] for number in range(6)] == [3, 3, 3, 2, 2, 1]
    assert len({line.split()[5] for line in two.log("rendered")}) == 2


async def test_what_lies_there_is_not_rendered_again(stage: Stage) -> None:
    for number in (0, 2, 3):
        (stage.scratch / f"chunk-{number:06d}.fsc").write_bytes(b"c" * 99 + bytes([number]))
    file = await stage.run()
    assert stage.rendered() == [1, 4, 5]
    assert Path(file.path).read_bytes() == bytes(range(6))
    first = next(frames for _, _, frames in stage.context.reports if frames is not None)
    assert (first.done, first.per_second, first.picture) == (3 * CHUNK, 0.0, "")


async def test_only_the_trimmed_part_is_rendered(stage: Stage) -> None:
    stage.context.recipe = replace(stage.recipe, trim=FrameRange(CHUNK, 3 * CHUNK + 1))
    file = await stage.run()
    assert len(Path(file.path).read_bytes()) == 3
    stage.context.recipe = replace(stage.recipe, trim=FrameRange(1000, 2000))
    with pytest.raises(InputRefused) as caught:
        await stage.run()
    assert "in and out points" in caught.value.message.text()


@pytest.mark.allow_logs
async def test_a_worker_that_dies_once_costs_one_more_try_of_its_chunk(stage: Stage) -> None:
    stage.script_says("crash-2")
    await stage.run()
    assert stage.rendered() == [0, 1, 2, 3, 4, 5]


@pytest.mark.allow_logs
@pytest.mark.parametrize("number", [2, 3, 5])
async def test_a_chunk_is_finished_when_its_worker_dies_before_it_tells(stage: Stage, number: int) -> None:
    stage.script_says(f"untold-{number}")
    file = await stage.run()
    assert stage.rendered() == [0, 1, 2, 3, 4, 5]
    assert Path(file.path).read_bytes() == bytes(range(6))


@pytest.mark.allow_logs
async def test_a_chunk_that_kills_twice_is_named_and_the_rest_kept(stage: Stage) -> None:
    stage.script_says("crash-2", 2)
    with pytest.raises(WorkerError) as caught:
        await stage.run()
    assert caught.value.message.text() == "The worker stopped unexpectedly, twice, in “clip.mp4” at 0:04."
    assert caught.value.kind == "crash"
    assert stage.chunks() == [0, 1]
    await stage.run()
    assert stage.rendered() == [0, 1, 2, 3, 4, 5]


async def test_stopping_loses_the_unfinished_chunk_only_and_nobody_writes_afterwards(two: Stage) -> None:
    two.script_says("pace", 0.01)
    running = asyncio.create_task(two.run())
    await two.seen(lambda: len(two.chunks()) >= 2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    there = two.chunks()
    assert there
    assert len(there) < 6
    assert await two.pool.run("ping", 1, lane=Lane.JOBS) == 1
    assert two.chunks() == there
    two.script_says("pace", 0)
    await two.run()
    assert sorted(two.rendered()) == [0, 1, 2, 3, 4, 5]


async def test_full_disk_in_the_worker_keeps_what_is_finished(stage: Stage) -> None:
    stage.script_says("full-2")
    with pytest.raises(StorageError) as caught:
        await stage.run()
    assert caught.value.kind == "disk-full"
    assert stage.chunks() == [0, 1]


async def test_room_is_watched_while_it_renders(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk fills up during the first block: that block is finished, then the job says that it waits."""

    def fill(frames: FrameProgress | None) -> None:
        if frames is not None and frames.done:
            monkeypatch.setattr("faceswap_desktop.providers.on_device.video.LEAST_ROOM_BYTES", 2**80)

    stage.context.on_report = fill
    with pytest.raises(StorageError) as caught:
        await stage.run()
    assert caught.value.kind == "disk-full"
    assert "“clip.mp4”" in caught.value.message.text()
    assert stage.chunks() == [0, 1, 2, 3]


async def test_room_that_is_needed_counts_what_is_there(stage: Stage) -> None:
    before = await stage.provider.room_needed(stage.recipe, str(stage.scratch))
    assert before > 12 * 1000
    (stage.scratch / "chunk-000000.fsc").write_bytes(b"c" * 500)
    assert await stage.provider.room_needed(stage.recipe, str(stage.scratch)) == before - 500
    quote = await stage.provider.quote(stage.recipe)
    assert quote.room_bytes == 12 * 1000
    Path(stage.recipe.media.path).unlink()
    with pytest.raises(InputRefused) as caught:
        await stage.provider.room_needed(stage.recipe, str(stage.scratch))
    assert caught.value.kind == "missing"


async def test_original_that_is_written_to_while_it_renders(stage: Stage) -> None:
    """What was finished before is kept, and does when the file is back; what went wrong on the way is not said."""
    path = Path(stage.recipe.media.path)
    original, times = path.read_bytes(), path.stat()
    stage.script_says("change-5")
    with pytest.raises(InputRefused) as caught:
        await stage.run()
    assert caught.value.kind == "changed"
    assert "changed or replaced while it was rendered" in caught.value.message.text()
    assert stage.chunks() == [0, 1, 2, 3, 4]
    with pytest.raises(InputRefused):
        await stage.run()
    assert stage.chunks() == [0, 1, 2, 3, 4]
    path.write_bytes(original)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert Path((await stage.run()).path).read_bytes() == bytes(range(6))
    assert stage.rendered() == [0, 1, 2, 3, 4, 5]


async def test_original_that_is_removed_while_it_renders(stage: Stage) -> None:
    stage.script_says("pace", 0.005)

    def remove(frames: FrameProgress | None) -> None:
        if frames is not None and frames.done:
            Path(stage.recipe.media.path).unlink(missing_ok=True)

    stage.context.on_report = remove
    with pytest.raises(InputRefused) as caught:
        await stage.run()
    assert caught.value.kind == "missing"
    assert caught.value.hint is not None
    assert "is kept" in caught.value.hint.text()


async def test_what_is_finished_can_be_watched(stage: Stage) -> None:
    job = stage.context.job
    assert stage.provider.watchable(job) == 0.0
    with pytest.raises(UsageError):
        await stage.provider.watch(job)
    stage.script_says("pace", 0.02)
    running = asyncio.create_task(stage.run())
    await stage.seen(lambda: stage.provider.watchable(job) >= 2.0)
    first = await stage.provider.watch(job)
    assert Path(first).read_bytes() in {bytes([0]), bytes([0, 1])}
    assert Path(first).parent == stage.scratch
    await stage.seen(lambda: stage.provider.watchable(job) >= 6.0)
    later = Path(await stage.provider.watch(job))
    assert len(later.read_bytes()) >= 3
    assert not Path(first).exists()
    assert await stage.provider.watch(job) in {str(later), *map(str, stage.scratch.glob("watch-*"))}
    await running
    assert stage.provider.watchable(job) == 0.0
    assert {line.split()[-1] for line in stage.log("joined")[:-1]} == {"False"}


async def test_chunk_that_turns_out_damaged_is_rendered_again(stage: Stage) -> None:
    stage.script_says("damaged-3")
    assert Path((await stage.run()).path).read_bytes() == bytes(range(6))
    assert stage.rendered() == [0, 1, 2, 3, 4, 5, 3]


async def test_a_picture_gets_a_worker_between_two_blocks(stage: Stage) -> None:
    stage.script_says("pace", 0.005)
    running = asyncio.create_task(stage.run())
    await stage.seen(lambda: bool(stage.chunks()))
    assert await stage.pool.run("ping", "a picture", lane=Lane.JOBS) == "a picture"
    assert len(stage.chunks()) <= 4
    await running


async def test_cluster_gets_what_is_missing_at_once(stage: Stage) -> None:
    stage.cluster = ClusterSettings("tls://farm:8786", "ca.pem")
    (stage.scratch / "chunk-000002.fsc").write_bytes(b"c" * 99 + bytes([2]))
    quote = await stage.provider.quote(stage.recipe)
    assert (quote.leaves_computer, quote.files_leaving) == (True, 1)
    file = await stage.run()
    assert Path(file.path).read_bytes() == bytes(range(6))
    assert stage.log("cluster") == ["cluster tls://farm:8786 ca.pem"]
    assert stage.rendered() == [0, 1, 3, 4, 5]


async def test_estimate_follows_what_jobs_took_here(stage: Stage) -> None:
    before = await stage.provider.quote(stage.recipe)
    assert not before.is_measured
    stage.script_says("pace", 0.01)
    await stage.run()
    again = OnDeviceProvider(stage.pool, speeds_file=stage.folder / "speeds.json")
    after = await again.quote(stage.recipe)
    assert after.is_measured
    assert after.seconds != before.seconds


async def test_seconds_worked_before_an_interruption_count(stage: Stage) -> None:
    (stage.scratch / "seconds-worked").write_text("100.0")
    assert (await stage.run()).seconds >= 100.0
