"""The window: first paint, memory, rest. Each start is a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from tests.benchmarks.table import Row, median

ROOT: Final = Path(__file__).parents[2]
_STARTS: Final = 7
_IDLE_S: Final = 10

_PAINT: Final = """
import json, sys, time
from faceswap_desktop.app import show_window
from faceswap_desktop.storage.paths import Home
show_window(Home.find(sys.argv[1]))
painted = time.monotonic()
import psutil
print(json.dumps({"painted": painted, "rss": psutil.Process().memory_info().rss}))
import os
os._exit(0)
"""

_REST: Final = """
import asyncio, json, sys, time
import psutil
from faceswap_desktop.app.picture import drive
from faceswap_desktop.storage.paths import Home

async def arrange(start, session):
    await asyncio.sleep(3)
    rss = psutil.Process().memory_info().rss
    family = [psutil.Process(), *psutil.Process().children(recursive=True)]
    def spent():
        return sum(sum(one.cpu_times()[:2]) for one in family)
    def switched():
        return sum(one.num_ctx_switches().voluntary for one in family)
    cpu, switches = spent(), switched()
    await asyncio.sleep(float(sys.argv[2]))
    print(json.dumps({"cpu": spent() - cpu, "switches": switched() - switches, "rss": rss}))
    return True

drive(arrange, Home.find(sys.argv[1]))
"""


def rows() -> list[Row]:
    """Measure the window."""
    with tempfile.TemporaryDirectory() as home:
        _paint(home)
        warm = [_paint(home) for _ in range(_STARTS)]
        found = [
            Row(
                "window painted, warm",
                median([one[0] for one in warm]),
                250,
                "ms",
                f"process start to first paint, median of {_STARTS}",
            )
        ]
        if _drop_caches():
            cold = []
            for _ in range(3):
                _drop_caches()
                cold.append(_paint(home)[0])
            found.append(Row("window painted, cold", median(cold), 500, "ms", "file cache dropped, median of 3"))
        found.append(
            Row("memory at first paint", median([one[1] for one in warm]), None, "MB", "RSS of the window's process")
        )
        rest = _run(_REST, home, str(_IDLE_S))
        found.append(
            Row("memory before media", rest["rss"] / 1e6, 120, "MB", "RSS of the window's process, all pages made")
        )
        found.append(
            Row(
                "idle, window and worker",
                100 * rest["cpu"] / _IDLE_S,
                0.2,
                "% CPU",
                f"over {_IDLE_S} s; {rest['switches']} context switches",
            )
        )
    return found


def _paint(home: str) -> tuple[float, float]:
    started = time.monotonic()
    seen = _run(_PAINT, home)
    return (seen["painted"] - started) * 1000, seen["rss"] / 1e6


def _run(code: str, *arguments: str) -> dict[str, float]:
    variables = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _drop_caches() -> bool:
    try:
        os.sync()
        Path("/proc/sys/vm/drop_caches").write_text("1", encoding="ascii")
    except OSError:
        return False
    return True
