"""What a video's result will be: how many frames, how long, how much room."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.video import FrameRange, FrameTimes
from faceswap_desktop.providers.on_device import sentences
from faceswap_desktop.workers.pool import Lane, WorkerPool
from faceswap_desktop.workers.render_requests import OutputPlan, PlanOutput

_KEPT: Final = 32


class OutputPlans:
    """Asks a worker what results will be, and remembers the last answers."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool
        self._known: OrderedDict[tuple[object, ...], OutputPlan] = OrderedDict()

    async def of(self, recipe: Recipe, lane: Lane = Lane.INTERACTIVE) -> OutputPlan:
        """Return what a result will be; ``lane`` says which workers are asked.

        Raises:
            InputRefused: The original is gone or cannot be read.
        """
        key = _key(recipe)
        if key not in self._known:
            plan: OutputPlan = await self._pool.run("plan_output", PlanOutput(recipe), lane=lane)
            self._known[key] = plan
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return self._known[key]

    async def room_of(self, recipe: Recipe, lane: Lane = Lane.INTERACTIVE) -> int:
        """Return the bytes that the chunks and the file that is joined from them take together.

        Raises:
            InputRefused: The original is gone or cannot be read.
        """
        plan = await self.of(recipe, lane)
        facts = recipe.media.video
        rate = facts.frames_per_second if facts is not None else 0.0
        seconds = frames_of(recipe) / rate if rate > 0 else (facts.seconds if facts is not None else 0.0)
        return int(plan.bytes_per_second * seconds)

    def known_rate(self, recipe: Recipe) -> float:
        """Return the bytes per second of chunks that a plan made earlier foresaw; 0.0 where there is none."""
        plan = self._known.get(_key(recipe))
        # The plan counts chunks and result together.
        return plan.bytes_per_second / 2 if plan is not None else 0.0


def frames_of(recipe: Recipe, *, whole: bool = False) -> int:
    """Return about how many frames are rendered, or, with ``whole``, the video has; from its header."""
    facts = recipe.media.video
    frames = max(1, facts.frames if facts is not None else 1)
    if whole or recipe.trim is None:
        return frames
    common = recipe.trim.common(FrameRange(0, frames))
    return max(1, len(common) if common is not None else 0)


def frames_to_render(recipe: Recipe, frames: int) -> FrameRange:
    """Return the frames of the result, given how many there really are.

    Raises:
        InputRefused: None of them exist (kind ``empty``).
    """
    whole = FrameRange(0, frames)
    wanted = whole if recipe.trim is None else recipe.trim.common(whole)
    if not wanted:
        raise sentences.nothing_to_render(recipe)
    return wanted


def seconds_of(times: FrameTimes, frames: FrameRange) -> float:
    """Return how long some frames are shown."""
    return max(0.0, times.of(frames.end) - times.of(frames.first))


def _key(recipe: Recipe) -> tuple[object, ...]:
    return (recipe.media.id, recipe.output, recipe.trim)
