"""What calls cost: by the table of prices before, by the change of credits after, as far as that can be told."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from faceswap_desktop.domain.errors import ProviderError
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.settings import AkoolPrices
from faceswap_desktop.providers.facts import ProviderFacts
from faceswap_desktop.providers.fitting import sent_frames

SWAP: Final = "swap"
REAGE: Final = "reage-"
_KEPT_S: Final = 60.0
_PER_SECONDS: Final = 10.0


def years_of(recipe: Recipe) -> tuple[int, ...]:
    """Return the different years of a recipe, each of which takes a call of its own; 0 changes nothing."""
    return tuple(sorted({age.years for age in recipe.ages if age.years}))


def sent_seconds(recipe: Recipe, facts: ProviderFacts) -> float:
    """Return how many seconds of a video are sent; 0.0 for a picture."""
    if recipe.media.video is None:
        return 0.0
    return len(sent_frames(recipe, facts)) / (recipe.media.video.frames_per_second or 25.0)


def price(step: str, recipe: Recipe, prices: AkoolPrices, facts: ProviderFacts) -> float:
    """Return what a call costs by the table: a picture has one price, a video one per ten seconds begun."""
    is_swap = step == SWAP
    if not recipe.is_video:
        return prices.swap_image if is_swap else prices.reage_image
    # Header and frames differ a little; that alone begins no new ten seconds.
    parts = max(1, math.ceil((sent_seconds(recipe, facts) - 0.05) / _PER_SECONDS))
    return parts * (prices.swap_video if is_swap else prices.reage_video)


@dataclass(frozen=True, slots=True)
class Reading:
    """Credits at a time.

    Attributes:
        credits: What was left.
        at: By the monotonic clock.
        serial: How many jobs had been handed over before.
    """

    credits: float
    at: float
    serial: int


class Charges:
    """Tells what a job cost from what was left before and after, where no other job of ours came in between.

    Args:
        read: Asks for the credits.
    """

    def __init__(self, read: Callable[[], Awaitable[float]]) -> None:
        self._read = read
        self._last: Reading | None = None
        self._serial = 0
        self._open: dict[str, Reading] = {}

    async def before(self) -> Reading | None:
        """Return what is left before a job is handed over; None where its charge could not be told apart anyway."""
        if self._open:
            return None
        last = self._last
        if last is not None and last.serial == self._serial and time.monotonic() - last.at <= _KEPT_S:
            return last
        return await self._reading()

    def submitted(self, job: str, before: Reading | None) -> None:
        """Say that a job was handed over."""
        is_apart = before is not None and before.serial == self._serial and not self._open
        self._serial += 1
        if before is not None and is_apart:
            self._open[job] = before
        else:
            # Neither this one's nor the others' share of the change can be told.
            self._open.clear()

    async def after(self, job: str) -> float | None:
        """Return what a job cost once it has ended; None where that cannot be told."""
        before = self._open.pop(job, None)
        if before is None or before.serial + 1 != self._serial:
            return None
        now = await self._reading()
        if now is None or before.serial + 1 != self._serial or now.credits > before.credits:
            return None
        return before.credits - now.credits

    async def lost(self, before: Reading | None) -> float | None:
        """Return what was taken by a call of which nobody knows what became; None where that cannot be told."""
        serial, open_jobs = self._serial, bool(self._open)
        self.submitted("", None)
        if before is None or before.serial != serial or open_jobs:
            return None
        now = await self._reading()
        return None if now is None or self._serial != serial + 1 else before.credits - now.credits

    def forget(self, job: str) -> None:
        """Say that a job was cancelled: what it cost in the end will not be seen."""
        self._open.pop(job, None)

    async def _reading(self) -> Reading | None:
        serial = self._serial
        try:
            left = await self._read()
        except ProviderError:
            # The job matters more than what it costs; the table's price stands.
            return None
        self._last = Reading(left, time.monotonic(), serial)
        return self._last
