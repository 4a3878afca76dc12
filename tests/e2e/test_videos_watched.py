"""A real video that renders: its progress, watching what is finished, a picture's job beside it, closing in between."""

import asyncio
from pathlib import Path

from faceswap_desktop import compose
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.events import Event, JobChanged, JobProgressed
from faceswap_desktop.domain.job import JobState
from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.domain.video import CHUNK_SECONDS
from faceswap_desktop.domain.work import FrameProgress
from faceswap_desktop.storage.paths import Home
from tests.e2e.program import HOPPER, LIMIT_S
from tests.e2e.video_jobs import JOB, RATE, SHORT, add_job, frames_of, short_clip

FRAMES = round(SHORT * CHUNK_SECONDS * RATE)


class Told:
    """What the program told of the job."""

    def __init__(self, program: Program) -> None:
        self.progress: list[JobProgressed] = []
        self.states: list[tuple[str, JobState]] = []
        self.changed = asyncio.Event()
        program.bus.subscribe(self._on_event)

    def _on_event(self, event: Event) -> None:
        if isinstance(event, JobProgressed) and event.job == JOB:
            self.progress.append(event)
        elif isinstance(event, JobChanged):
            self.states.append((event.job.id, event.job.state))
        self.changed.set()

    @property
    def frames(self) -> list[FrameProgress]:
        return [event.frames for event in self.progress if event.frames is not None]

    async def until_frames(self, count: int) -> None:
        async with asyncio.timeout(LIMIT_S):
            while not self.frames or self.frames[-1].done < count:
                self.changed.clear()
                await self.changed.wait()


async def swap_picture(program: Program) -> str:
    """Add a picture's job and return its id."""
    media, faces = await program.detection.detect(HOPPER)
    (person, *_) = await program.library.faces()
    await program.consents.state_on_command_line("hers", [person])
    recipe = await program.swapping.make_recipe(media, faces, {faces[0].index: person.id}, SwapOptions())
    (job,) = await program.swapping.submit([recipe])
    return job.id


async def test_a_video_renders_in_the_program(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    await add_job(home, await asyncio.to_thread(short_clip, tmp_path))
    # One worker, so that the picture has to come in between.
    program = await compose.build(home, ["jobs.workers=1"])
    try:
        told = Told(program)
        await program.pool.start(warm=False)
        assert await program.queue.watchable(JOB) == 0.0
        await program.queue.start()
        await told.until_frames(1)
        picture = await swap_picture(program)

        # What is finished can be watched, and holds just that.
        async with asyncio.timeout(LIMIT_S):
            while not (seconds := await program.queue.watchable(JOB)):  # noqa: ASYNC110 - chunks end out of order
                await asyncio.sleep(0.02)
        watched = await program.queue.watch(JOB)
        count = len(await asyncio.to_thread(frames_of, watched))
        assert round(seconds * RATE) <= count < FRAMES

        (done,) = await asyncio.wait_for(program.queue.wait([JOB]), LIMIT_S)
        assert done.state is JobState.SUCCEEDED, done.failure
    finally:
        await program.close()
    steps = list(dict.fromkeys(event.step for event in told.progress))
    assert steps == [step for step in ("index", "analyse", "render", "join") if step in steps]
    assert {"analyse", "render"} <= set(steps)
    fractions = [event.fraction for event in told.progress]
    assert fractions == sorted(fractions)
    assert told.frames[-1].done == told.frames[-1].total == FRAMES
    assert any(frames.per_second > 0 for frames in told.frames)
    assert any(event.seconds_left is not None and event.frames is not None for event in told.progress)
    # The picture did not wait for the video.
    order = [job for job, state in told.states if state is JobState.SUCCEEDED]
    assert order == [picture, JOB]
