"""What a provider gets in hand for one job."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.clearance import ClearedRecipe
from faceswap_desktop.domain.events import JobProgressed
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.job import Job, JobId
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.work import FrameProgress, Handle, SourceFiles, StepPlan, Transfer
from faceswap_desktop.jobs.events import EventBus

SourceFilesOf = Callable[[Recipe], Awaitable[Mapping[SourceFaceId, SourceFiles]]]

_PROGRESS_INTERVAL_S: Final = 0.1
_GUESS_AFTER_S: Final = 1.0
"""How long a step has to be watched before the time that is left can be guessed."""
_WINDOW_S: Final = 20.0


class JobContext:
    """The ``WorkContext`` of one job."""

    def __init__(
        self,
        job: Job,
        scratch_folder: Path,
        video_cache: Path,
        max_pixels: int,
        source_files: SourceFilesOf,
        bus: EventBus,
        on_got_on: Callable[[], Awaitable[None]],
    ) -> None:
        self.job: JobId = job.id
        self.recipe: Recipe = job.recipe
        self.scratch_folder = str(scratch_folder)
        self.video_cache = str(video_cache)
        self.max_pixels = max_pixels
        self.is_cancelled = False
        self._cleared: ClearedRecipe | None = None
        self.step = StepPlan("")
        self.prepared: Mapping[str, str] = {}
        self.earlier: Mapping[str, Handle] = {}
        self._source_files = source_files
        self._bus = bus
        self._on_got_on = on_got_on
        self._has_got_on = False
        self._step = ""
        self._seen: deque[tuple[float, float]] = deque()
        self._told = 0.0

    @property
    def cleared(self) -> ClearedRecipe:
        """What is to be done, as the gate let it through.

        Raises:
            RuntimeError: It was not let through: whoever asks is at the wrong place in a job's course.
        """
        if self._cleared is None:
            raise RuntimeError(f"job {self.job} has not passed the gate")
        return self._cleared

    def let_through(self, cleared: ClearedRecipe) -> None:
        """Note that the job has passed the gate.

        Raises:
            ValueError: Another recipe has.
        """
        if cleared.recipe != self.recipe:
            raise ValueError("another recipe has passed the gate")
        self._cleared = cleared

    def report(
        self, fraction: float, step: str, frames: FrameProgress | None = None, transfer: Transfer | None = None
    ) -> None:
        """Tell how far the work is, at most ten times a second; a new step at once."""
        now = time.monotonic()
        if step == self._step and now - self._told < _PROGRESS_INTERVAL_S:
            return
        self._told = now
        done = min(max(fraction, 0.0), 1.0)
        self._bus.publish(JobProgressed(self.job, done, step, self._left(now, done, step), frames, transfer))

    async def got_on(self) -> None:
        """Say that something is finished that will not have to be done again."""
        if not self._has_got_on:
            self._has_got_on = True
            await self._on_got_on()

    async def source_files(self) -> Mapping[SourceFaceId, SourceFiles]:
        """Return where the recipe's source faces lie.

        Raises:
            InputRefused: One was deleted (kind ``source-missing``).
        """
        return await self._source_files(self.recipe)

    def _left(self, now: float, done: float, step: str) -> float | None:
        """Return how many seconds the work will take, or None where that cannot be told yet.

        Told from the last seconds of the step at hand: what had been done before this start says nothing of the speed,
        and no more does another step.
        """
        if step != self._step:
            self._step = step
            self._seen.clear()
        self._seen.append((now, done))
        while self._seen[0][0] < now - _WINDOW_S and len(self._seen) > 2:
            self._seen.popleft()
        began, first = self._seen[0]
        if now - began < _GUESS_AFTER_S or done <= first:
            return None
        return (now - began) * (1 - done) / (done - first)
