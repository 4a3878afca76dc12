"""The live engine alone: pictures per second, milliseconds and CPU time per picture, and memory over time.

A worker runs the engine as in a session; frames of a moved sample picture are put into the camera's box by a thread of
this process. ``FACESWAP_LIVE_ENGINE_S`` says for how many seconds memory is watched (20 otherwise).
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import psutil
from numpy.typing import NDArray

from faceswap_desktop.domain.faces import PhotoId, SourceFaceId
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.live import LiveControls, LivePart, LiveReport, LiveSource
from faceswap_desktop.domain.recipe import LabelOptions, SourceRef
from faceswap_desktop.media.label import boxes_of
from faceswap_desktop.media.label_texts import Changes
from faceswap_desktop.workers.live_boxes import LiveBoxes
from faceswap_desktop.workers.live_label import LiveLabel
from faceswap_desktop.workers.live_requests import RunEngine
from faceswap_desktop.workers.pool import Lane, WorkerPool
from faceswap_desktop.workers.wire import Update
from tests import clips
from tests.benchmarks.table import Row, median, percentile
from tests.clearing import cleared_source
from tests.unit.workers.people import HOPPER, Listener, keep

SIZE: Final = (640, 480)
RATE: Final = 30.0
LEAST_PER_SECOND: Final = 20.0
_WARM: Final = 30
_SECONDS: Final = 8.0
_MEMORY_S: Final = float(os.environ.get("FACESWAP_LIVE_ENGINE_S", "20"))
_CPU_BUDGET_MS: Final = 40.0
_DELAY_BUDGET_MS: Final = 110.0
"""Of the 150 ms from camera to screen, capture and window need some."""

Rgb = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run of the engine gave.

    Attributes:
        per_second: Pictures per second.
        work_ms: How long each was worked on.
        delay_ms: From the camera's frame to the finished picture, each.
        cpu_ms: CPU time of the engine's process per picture, all its threads.
        scales: Shares of the resolution that the governor chose.
        memory_mb: Resident memory after the first pictures and at the end.
    """

    per_second: float
    work_ms: Sequence[float]
    delay_ms: Sequence[float]
    cpu_ms: float
    scales: Sequence[float]
    memory_mb: tuple[float, float]


def rows() -> list[Row]:
    """Measure one face, two faces, ages, the label, and memory."""
    alone = clips.Scene(4.0, (clips.Actor("collins", clips.swaying(clips.Place(0.5, 0.52, 0.4), 0.06, 2.0), 0.0),))
    both = clips.two_people(4.0, 0.4)
    with tempfile.TemporaryDirectory() as folder:
        source = _source(Path(folder))
        part = LivePart(source.id)
        face = LiveControls(part, (), (source,), card_title="Back soon")
        older = replace(face, everyone=LivePart(source.id, 20))

        def measure(scene: clips.Scene, controls: LiveControls, seconds: float = _SECONDS) -> Measured:
            return asyncio.run(_measured(Path(folder), scene, controls, seconds))

        found = [
            *_rows("one face", measure(alone, face), budget=True),
            *_rows("two faces", measure(both, face)),
            *_rows("one face, 20 years older", measure(alone, older)),
            _label_row(),
        ]
        long = measure(alone, face, _MEMORY_S)
    growth = long.memory_mb[1] - long.memory_mb[0]
    remark = f"over {_MEMORY_S:g} s, from {long.memory_mb[0]:.0f} MB on"
    return [*found, Row("Live engine: memory grows by", growth, 16.0, "MB", remark)]


def _rows(name: str, one: Measured, *, budget: bool = False) -> list[Row]:
    title = f"Live engine, 640×480, {name}"
    lowest = f"faces at {100 * min(one.scales):.0f} to {100 * max(one.scales):.0f} % of the resolution"
    every = 1000.0 / one.per_second
    return [
        Row(f"{title}: time between pictures", every, 1000.0 / LEAST_PER_SECOND if budget else None, "ms", lowest),
        Row(f"{title}: work, p50", median(one.work_ms), None, "ms"),
        Row(f"{title}: work, p95", percentile(one.work_ms, 0.95), None, "ms"),
        Row(
            f"{title}: camera to picture, p95",
            percentile(one.delay_ms, 0.95),
            _DELAY_BUDGET_MS if budget else None,
            "ms",
        ),
        Row(
            f"{title}: CPU per picture", one.cpu_ms, _CPU_BUDGET_MS if budget else None, "ms", "all threads, with looks"
        ),
    ]


def _label_row() -> Row:
    label, pixels = LiveLabel(), np.full((SIZE[1], SIZE[0], 3), 120, np.uint8)
    boxes = boxes_of([BoundingBox(220.0, 100.0, 420.0, 380.0)])
    spent = []
    for number in range(60):
        started = time.thread_time()
        label.lay(pixels, LabelOptions(), Changes(), boxes, number / RATE)
        spent.append((time.thread_time() - started) * 1000)
    return Row("Live engine: the label", median(spent), 1.0, "ms", "per picture")


def _source(folder: Path) -> LiveSource:
    kept = keep(HOPPER, folder, Listener(folder).context)
    ref = SourceRef(SourceFaceId("hopper"), "Hopper", (PhotoId("hopper-1"),))
    return LiveSource(cleared_source(ref), kept.files)


async def _measured(folder: Path, scene: clips.Scene, controls: LiveControls, seconds: float) -> Measured:
    frames = [clips.draw_frame(scene, number / RATE, SIZE)[0] for number in range(round(scene.seconds * RATE))]
    pool = WorkerPool(folder / "cache", job_slots=1, memory_mb=0, task_limit_s=60.0)
    await pool.start(warm=False)
    boxes = LiveBoxes(os.getpid(), SIZE[0] * SIZE[1])
    boxes.controls.write(controls)
    told: list[LiveReport] = []

    def hear(update: Update) -> None:
        if isinstance(update.payload, LiveReport):
            told.append(update.payload)

    over = threading.Event()
    camera = threading.Thread(target=_film, args=(frames, boxes, over.is_set))
    try:
        engine = asyncio.create_task(
            pool.run(
                "live_engine",
                RunEngine(boxes.names),
                lane=Lane.LIVE,
                on_update=hear,
                retries=0,
                until_stopped=True,
            )
        )
        camera.start()
        while sum(any(person.is_changed for person in one.people) for one in told) < _WARM:
            if engine.done():
                engine.result()
            await asyncio.sleep(0.02)
        found = await _watched(psutil.Process(pool.worker_pids()[0]), told, seconds)
        engine.cancel()
        await asyncio.gather(engine, return_exceptions=True)
        return found
    finally:
        over.set()
        camera.join()
        boxes.close()
        await pool.close()


async def _watched(process: psutil.Process, told: list[LiveReport], seconds: float) -> Measured:
    told.clear()
    began, cpu, memory = time.monotonic(), _cpu_s(process), process.memory_info().rss
    await asyncio.sleep(seconds)
    took, spent = time.monotonic() - began, _cpu_s(process) - cpu
    seen = list(told)
    return Measured(
        per_second=len(seen) / took,
        work_ms=[one.work_ms for one in seen],
        delay_ms=[(one.made_ns - one.taken_ns) / 1e6 for one in seen],
        cpu_ms=spent / len(seen) * 1000,
        scales=[one.scale for one in seen],
        memory_mb=(memory / 2**20, process.memory_info().rss / 2**20),
    )


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _film(frames: Sequence[Rgb], boxes: LiveBoxes, is_over: Callable[[], bool]) -> None:
    """Put frames into the camera's box at its rate, to and fro."""
    number, due = 0, time.monotonic()
    while not is_over():
        place = number % (2 * len(frames))
        frame = frames[place if place < len(frames) else 2 * len(frames) - 1 - place]
        boxes.camera.write(frame.data.cast("B"), *SIZE, time.monotonic_ns())
        number, due = number + 1, due + 1 / RATE
        time.sleep(max(0.0, due - time.monotonic()))
