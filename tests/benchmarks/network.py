"""Files that go and come over loopback, and what the transport adds to a call. The server is a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

import httpx
import psutil
from aiohttp import web

from faceswap_desktop.transport.calls import ApiCall, DownloadRules, Expected
from faceswap_desktop.transport.client import ApiClient
from tests.benchmarks.table import Row, median, percentile

_ROUNDS: Final = 5
_LENGTH: Final = 512 * 2**20
_CALLS: Final = 300
_LONGEST_TRANSFER_S: Final = _LENGTH / 300e6
"""At 300 MB/s."""
_FLAT_MB: Final = 16.0
_OVERHEAD_MS: Final = 2.0
_STALL_MS: Final = 16.0
_TICK_S: Final = 0.002


def rows() -> list[Row]:
    """Measure uploads, downloads and calls."""
    return asyncio.run(_measure())


async def _measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        async with _server() as base:
            client = ApiClient("benchmark", lambda: base)
            try:
                return [*await _transfers(client, base, Path(folder)), *await _overhead(client, base)]
            finally:
                await client.close()


async def _transfers(client: ApiClient, base: str, folder: Path) -> list[Row]:
    rules = DownloadRules(Expected.PICTURE)
    path = str(folder / "result")

    async def download() -> None:
        await client.download(f"{base}/file", path, rules, lambda _done, _total: None)

    async def upload() -> None:
        await client.put_file(f"{base}/file", f"{path}.png", "image/png", lambda _done, _total: None)

    await download()
    alone = await asyncio.to_thread(_write_alone, folder / "alone")
    return [
        *await _transfer("download", download),
        Row("the same bytes written and synced, without a network", alone, None, "s", f"best of {_ROUNDS}"),
        *await _transfer("upload", upload),
    ]


def _write_alone(path: Path) -> float:
    """Return how long the disk alone takes, for a download cannot be faster."""
    block, times = bytes(2**20), []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        with path.open("wb", buffering=0) as stream:
            for _ in range(_LENGTH // len(block)):
                stream.write(block)
            os.fsync(stream.fileno())
        times.append(time.perf_counter() - start)
        path.unlink()
    return min(times)


async def _transfer(what: str, work: Callable[[], Awaitable[None]]) -> list[Row]:
    times, pauses, before, most = [], list[float](), psutil.Process().memory_info().rss, 0
    spent = time.process_time()
    for _ in range(_ROUNDS):
        async with _watched(pauses) as peak:
            start = time.perf_counter()
            await work()
            times.append(time.perf_counter() - start)
        most = max(most, peak[0])
    spent = (time.process_time() - spent) / _ROUNDS
    seconds = min(times)
    size = f"{_LENGTH >> 20} MiB"
    speed = f"{_LENGTH / seconds / 1e6:,.0f} MB/s; budget is that of 300 MB/s; best of {_ROUNDS}"
    return [
        Row(f"{what} of {size}, loopback", seconds, _LONGEST_TRANSFER_S, "s", speed),
        Row(
            f"{what} of {size}: processor time",
            spent,
            _LONGEST_TRANSFER_S,
            "s",
            "all threads; hardly changes under load",
        ),
        Row(f"{what} of {size}: memory grows by", (most - before) / 1e6, _FLAT_MB, "MB", "peak of all rounds"),
        Row(f"{what} of {size}: event loop stalls", percentile(pauses, 0.99) * 1e3, _STALL_MS, "ms", "p99"),
    ]


@contextlib.asynccontextmanager
async def _watched(pauses: list[float]) -> AsyncIterator[list[int]]:
    """Note how late the loop is each tick, and the most memory that is held."""
    process, peak = psutil.Process(), [0]

    async def watch() -> None:
        while True:
            start = time.perf_counter()
            await asyncio.sleep(_TICK_S)
            pauses.append(time.perf_counter() - start - _TICK_S)
            peak[0] = max(peak[0], process.memory_info().rss)

    watching = asyncio.create_task(watch())
    try:
        yield peak
    finally:
        watching.cancel()


async def _overhead(client: ApiClient, base: str) -> list[Row]:
    """Make the same call through the transport and through bare httpx, in turn, so that both see the same machine."""
    call, body = ApiCall("POST", "/call", json={"ids": "1,2,3"}), {"ids": "1,2,3"}
    ours, bare = [], []
    async with httpx.AsyncClient(base_url=base, trust_env=False) as plain:
        for _ in range(_CALLS):
            start = time.perf_counter()
            await client.call(call)
            between = time.perf_counter()
            (await plain.post("/call", json=body)).json()
            ours.append(between - start)
            bare.append(time.perf_counter() - between)
    added = (median(ours) - median(bare)) * 1e3
    remark = f"{median(ours) * 1e3:.2f} ms against {median(bare) * 1e3:.2f} ms, medians of {_CALLS}"
    return [Row("a call: added to bare httpx", added, _OVERHEAD_MS, "ms", remark)]


# -------------------------------------------------------------------------------------------------------- the server


@contextlib.asynccontextmanager
async def _server() -> AsyncIterator[str]:
    process = subprocess.Popen(  # noqa: ASYNC220 - before anything is measured
        [sys.executable, "-m", "tests.benchmarks.network"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield (await asyncio.to_thread(process.stdout.readline)).strip()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


async def _serve() -> None:
    # From a file, so that the system hands it on and the server costs next to nothing.
    given = tempfile.NamedTemporaryFile()  # noqa: SIM115 - as long as the process
    given.write(b"\x89PNG\r\n\x1a\n")
    given.truncate(_LENGTH)
    given.flush()

    async def give(request: web.Request) -> web.StreamResponse:
        return web.FileResponse(given.name)

    async def take(request: web.Request) -> web.Response:
        async for _ in request.content.iter_chunks():
            pass
        return web.Response()

    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"code": 1000, "data": await request.json()})

    app = web.Application()
    app.router.add_get("/file", give)
    app.router.add_put("/file", take)
    app.router.add_post("/call", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"http://127.0.0.1:{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
