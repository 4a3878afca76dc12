"""200 jobs at once at AKOOL, in the window's program: what asking after them costs, and what the window feels.

The service is a process of its own. Everything else is real: the window with its list of jobs in sight, the ledger, the
workers that make copies and look at results, connections.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from faceswap_desktop.domain.events import JobChanged
from faceswap_desktop.domain.job import JobState
from tests.benchmarks.akool_server import akool
from tests.benchmarks.material import COLLINS, HOPPER
from tests.benchmarks.table import Row, percentile

if TYPE_CHECKING:
    from faceswap_desktop.compose import Program

_JOBS: Final = 200
_QUEUED: Final = 500
_TICK_S: Final = 0.005
_POLLED_S: Final = 20.0
_REST_S: Final = 10.0
_LIMIT_S: Final = 400.0
_STALL_MS: Final = 16.0
_PER_CENT: Final = 5.0
_MOST_CONNECTIONS: Final = 10


@dataclass
class Pauses:
    """How late the loop was, tick by tick, and what its thread did between two ticks, in milliseconds."""

    late: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)

    def rows(self, what: str) -> list[Row]:
        """Tell it; a tick that is late while its thread did nothing waited for other programs on this machine."""
        held = [min(late, busy) for late, busy in zip(self.late, self.busy, strict=True)]
        remark = f"{len(self.late)} ticks of {_TICK_S * 1e3:g} ms; largest {max(self.late):.1f} ms"
        own = f"what the window's thread itself computed between two ticks; {sum(one > _STALL_MS for one in held)} over"
        return [
            Row(f"{what}: loop late, p99", percentile(self.late, 0.99), _STALL_MS, "ms", remark),
            Row(f"{what}: longest that the window computes", max(held), _STALL_MS, "ms", own),
        ]


@contextlib.asynccontextmanager
async def watched() -> AsyncIterator[Pauses]:
    """Watch the loop while the block runs."""
    pauses = Pauses()

    async def tick() -> None:
        while True:
            start, busy = time.perf_counter(), time.thread_time()
            await asyncio.sleep(_TICK_S)
            pauses.late.append(max(0.0, (time.perf_counter() - start - _TICK_S) * 1e3))
            pauses.busy.append((time.thread_time() - busy) * 1e3)

    ticking = asyncio.get_running_loop().create_task(tick())
    try:
        yield pauses
    finally:
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)


def rows() -> list[Row]:
    """Measure 200 jobs, and how 500 are queued."""
    from faceswap_desktop.app.picture import drive
    from faceswap_desktop.storage.paths import Home

    found: list[Row] = []
    os.environ["FACESWAP_AKOOL_API_KEY"] = "k" * 32

    async def arrange(start: Any, session: Any) -> bool:
        start.window.show_page("gallery")
        found.extend(await _idle())
        found.extend(await _in_window(session.program, Path(folder)))
        return True

    with tempfile.TemporaryDirectory() as folder:
        drive(arrange, Home.find(str(Path(folder) / "home")), ["swap.provider=akool"])
    return found


async def _idle() -> list[Row]:
    """With a key set and no jobs nothing is asked, and nothing ticks."""
    await asyncio.sleep(3.0)
    cpu = time.process_time()
    await asyncio.sleep(_REST_S)
    spent = 100 * (time.process_time() - cpu) / _REST_S
    return [Row("a key is set, no jobs: window's process", spent, 0.2, "% CPU", f"over {_REST_S:g} s")]


async def _in_window(program: Program, folder: Path) -> list[Row]:
    photo = folder / "photo.jpg"
    shutil.copy(HOPPER, photo)
    source = await program.library.add_face(COLLINS, name="Source")
    await program.consents.give_samples([source])
    media, faces = await program.detection.detect(photo)
    box = faces[0].box
    sides = [round(side) for side in (box.left, box.top, box.width, box.height)]
    async with akool(photo, sides) as base:
        await program.settings.update("providers.akool", base_url=base)
        recipe = await program.swapping.make_recipe(
            media, faces, {faces[0].index: source.id}, program.studio.options, target_url=f"{base}/files/photo.jpg"
        )
        return [*await _jobs(program, base, recipe), *await _crowd(program, recipe)]


async def _jobs(program: Program, base: str, recipe: Any) -> list[Row]:
    async with watched() as starting:
        jobs = await program.swapping.submit([recipe] * _JOBS)
        await _are(program, {JobState.RUNNING}, _JOBS)
    # Without the ticks, which cost more than what they watch.
    cpu, start = time.process_time(), time.monotonic()
    await asyncio.sleep(_POLLED_S)
    spent, lasted = time.process_time() - cpu, time.monotonic() - start
    polls = [one for one in (await _seen(base))["polls"] if start < one[0] < start + lasted]
    async with watched() as polled:
        await asyncio.sleep(_POLLED_S)
    async with watched() as ending:
        await asyncio.to_thread(_ask, f"{base}/finish", b"")
        await program.swapping.wait([job.id for job in jobs])
    end = await _seen(base)
    gaps = [after[0] - before[0] for before, after in pairwise(polls)]
    asked = f"{len(polls)} requests in {lasted:.0f} s, {min(count for _, count in polls)} ids each"
    return [
        Row("200 jobs polled: requests per tick", _per_tick(gaps), 1, "", asked),
        Row(
            "200 jobs polled: window's process", 100 * spent / lasted, _PER_CENT, "% CPU", "every row changes each tick"
        ),
        *polled.rows("200 jobs polled"),
        *starting.rows("200 jobs queued, prepared and handed over"),
        *ending.rows("200 jobs done in one moment, fetched and placed"),
        Row("connections at once, 200 jobs", end["connections"], _MOST_CONNECTIONS, "", "seen by the service"),
        Row("paid calls at once, 200 jobs", end["most_paid"], 4, "", f"{end['paid']} paid calls for {_JOBS} jobs"),
    ]


def _per_tick(gaps: list[float]) -> float:
    """Return how many requests fall into one wait between two looks, at most: requests that follow at once count."""
    most = run = 1
    for gap in gaps:
        run = run + 1 if gap < 1.0 else 1
        most = max(most, run)
    return float(most)


async def _crowd(program: Program, recipe: Any) -> list[Row]:
    """Queue 500 while the service cannot be reached, so that queueing alone is seen."""
    await program.settings.update("providers.akool", base_url="http://127.0.0.1:9")
    async with watched() as queueing:
        cpu, start = time.process_time(), time.perf_counter()
        jobs = await program.swapping.submit([recipe] * _QUEUED)
        took, spent = time.perf_counter() - start, time.process_time() - cpu
        await asyncio.sleep(2.0)
    await program.queue.cancel([job.id for job in jobs])
    await program.swapping.wait([job.id for job in jobs])
    return [
        Row("500 jobs queued", took * 1e3, 1000, "ms", f"committed when it returns; {spent * 1e3:.0f} ms of processor"),
        *queueing.rows("500 jobs queued"),
    ]


async def _are(program: Program, states: set[JobState], count: int) -> None:
    changed = asyncio.Event()
    unsubscribe = program.bus.subscribe(lambda event: changed.set() if isinstance(event, JobChanged) else None)
    try:
        async with asyncio.timeout(_LIMIT_S):
            while sum(job.state in states for job in await program.queue.unfinished()) < count:
                changed.clear()
                await changed.wait()
                # Asked seldom, so that the question does not weigh.
                await asyncio.sleep(0.5)
    finally:
        unsubscribe()


async def _seen(base: str) -> dict[str, Any]:
    seen: dict[str, Any] = await asyncio.to_thread(_ask, f"{base}/seen", None)
    return seen


def _ask(url: str, body: bytes | None) -> Any:
    with urllib.request.urlopen(url, body, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None
