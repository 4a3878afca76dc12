"""Photos: detection after a drop, a swap to a file, and what the window feels meanwhile."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.material import COLLINS, photo_of_12_megapixels
from tests.benchmarks.table import Row, median, percentile

ROOT: Final = Path(__file__).parents[2]
_TIMES: Final = 7
_TICK_S: Final = 0.005


def rows() -> list[Row]:
    """Measure photos, in the window's program with its real workers."""
    from faceswap_desktop.app.picture import drive
    from faceswap_desktop.storage.paths import Home

    found: list[Row] = []

    async def arrange(start: Any, session: Any) -> bool:
        start.window.show_page("studio")
        found.extend(await _in_window(session.program, Path(folder)))
        return True

    with tempfile.TemporaryDirectory() as folder:
        drive(arrange, Home.find(str(Path(folder) / "home")))
        found.append(_cold_swap(Path(folder)))
    return found


async def _in_window(program: Any, folder: Path) -> list[Row]:
    photos = [photo_of_12_megapixels(folder, f"photo-{number}.jpg", number) for number in range(_TIMES + 1)]
    source = await program.library.add_face(COLLINS, name="Source")
    await program.consents.give_samples([source])
    found = [await _drops(program, photos), *await _swaps(program, photos, source)]
    found += await _stalls(program, photos, source)
    return found


async def _drops(program: Any, photos: list[Path]) -> Row:
    times = []
    for number, photo in enumerate(photos):
        started = time.perf_counter()
        [key] = program.studio.open([photo])
        await _ready(program, key)
        # The first one warms the worker and is not counted.
        if number:
            times.append((time.perf_counter() - started) * 1000)
    return Row(
        "drop of a 12-megapixel photo to boxes and landmarks",
        median(times),
        250,
        "ms",
        f"warm worker, median of {_TIMES}, shown on the canvas meanwhile",
    )


async def _ready(program: Any, key: str) -> None:
    changed = asyncio.Event()
    unsubscribe = program.bus.subscribe(lambda _event: changed.set())
    try:
        while program.studio.picture(key).status != "ready":
            changed.clear()
            await changed.wait()
    finally:
        unsubscribe()


async def _swaps(program: Any, photos: list[Path], source: Any) -> list[Row]:
    times, inside = [], []
    for number, photo in enumerate(photos):
        media, faces = await program.detection.detect(photo)
        recipe = await program.swapping.make_recipe(media, faces, {0: source.id}, program.studio.options)
        started = time.perf_counter()
        [job] = await program.swapping.submit([recipe])
        [ended] = await program.swapping.wait([job.id])
        took = time.perf_counter() - started
        [result] = await program.gallery.results([ended.result])
        if number:
            times.append(took)
            inside.append(result.seconds)
    return [
        Row(
            "photo swap, one face, 12 megapixels, to file, warm",
            median(times),
            1.0,
            "s",
            f"job committed to result committed, JPEG, median of {_TIMES}",
        ),
        Row("of that, in the worker", median(inside), None, "s", "open, mesh, swap, write, sync"),
    ]


async def _stalls(program: Any, photos: list[Path], source: Any) -> list[Row]:
    recipes = []
    for photo in photos:
        media, faces = await program.detection.detect(photo)
        recipes.append(await program.swapping.make_recipe(media, faces, {0: source.id}, program.studio.options))
    gaps: list[float] = []

    async def tick() -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(_TICK_S)
            now = time.perf_counter()
            gaps.append(max(0.0, (now - last - _TICK_S) * 1000))
            last = now

    ticking = asyncio.get_running_loop().create_task(tick())
    jobs = await program.swapping.submit(recipes)
    await program.swapping.wait([job.id for job in jobs])
    ticking.cancel()
    await asyncio.gather(ticking, return_exceptions=True)
    remark = f"{len(jobs)} jobs, ticks every {_TICK_S * 1000:g} ms, {len(gaps)} ticks"
    return [
        Row("event loop stall during jobs, p99", percentile(gaps, 0.99), 16, "ms", remark),
        Row("event loop stall during jobs, largest", max(gaps), 50, "ms", remark),
    ]


def _cold_swap(folder: Path) -> Row:
    photo = photo_of_12_megapixels(folder, "cold.jpg", 99)
    times = []
    for number in range(3):
        command = [sys.executable, "-m", "faceswap_desktop", "--home", str(folder / f"cold-{number}"), "swap"]
        command += ["--target", str(photo), "--source", str(COLLINS), "--consent", "public domain"]
        variables = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        started = time.perf_counter()
        subprocess.run(command, cwd=ROOT, env=variables, check=True, capture_output=True, timeout=120)
        times.append(time.perf_counter() - started)
    return Row(
        "photo swap, one face, 12 megapixels, to file, cold program",
        median(times),
        2.5,
        "s",
        "whole command line, a new home, median of 3",
    )
