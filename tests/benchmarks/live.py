"""Live on this computer, the whole way: file camera, engine, the window's Live page, and what is seen on it.

One face in 640 × 480 pixels at 30 frames per second, offscreen and, where there is one, on an X server of its own.
``--minutes`` says for how long (default 1); for the growth of memory let it run for an hour.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.table import MINUTES, Row, percentile
from tests.clips import Coding, Place, make_clip, one_person, swaying
from tests.e2e.desktop import desktop, missing

ROOT: Final = Path(__file__).parents[2]
_CLIP_S: Final = 8.0
_FACE: Final = 0.5
"""Height of the face as a share of the picture's: somebody at a desk."""
_MOST_APART_MS: Final = 1000 / 20


def rows() -> list[Row]:
    """Measure on every platform that there is."""
    seconds = 60.0 * float(os.environ.get(MINUTES, "1"))
    found: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scene = one_person(_CLIP_S, "hopper", swaying(Place(0.5, 0.5, _FACE), 0.05, 4.0))
        clip = make_clip(
            folder / "camera.mp4", [scene], size=(640, 480), rate=30, coding=Coding(options={"preset": "veryfast"})
        )
        found += _rows(
            "offscreen", _measured(folder, clip.path, seconds, {**os.environ, "QT_QPA_PLATFORM": "offscreen"})
        )
        if not missing():
            with ExitStack() as stack:
                screen = stack.enter_context(desktop(folder))
                found += _rows("on a screen", _measured(folder, clip.path, seconds, screen.environment))
    return found


def _measured(folder: Path, clip: Path, seconds: float, environment: dict[str, str]) -> dict[str, Any]:
    home = folder / f"home-{environment.get('QT_QPA_PLATFORM', 'xcb')}"
    raw = home.with_suffix(".json")
    command = [sys.executable, "-m", "tests.benchmarks.live_window", str(clip), str(home), str(seconds), str(raw)]
    variables = {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(command, cwd=ROOT, env=variables, check=True, timeout=seconds + 300, stdout=sys.stderr)
    measured: dict[str, Any] = json.loads(raw.read_text(encoding="utf-8"))
    return measured


def _rows(where: str, seen: dict[str, Any]) -> list[Row]:
    per_second, given = seen["shown"] / seen["seconds"], statistics.mean(seen["camera_per_second"])
    read, gaps, view = sorted(seen["read_ms"]), seen["gaps_ms"], seen["view"]
    load = " and ".join(f"{one:.1f}" for one in seen["load"])
    so_long = f"{seen['seconds'] / 60:.1f} min, view of {view[0]} × {view[1]}, load {load} before and after"
    lost = f"{seen['missed']} came too late, {seen['unread']} could not be read"
    found = [
        Row(
            f"live, {where}: between two pictures",
            1000 / per_second,
            _MOST_APART_MS,
            "ms",
            f"{per_second:.1f} per second shown of {given:.1f} of the camera; {so_long}",
        ),
        Row(f"live, {where}: the same, p95", percentile(seen["apart_ms"], 0.95), None, "ms"),
        Row(
            f"live, {where}: camera to screen, p95",
            percentile(read, 0.95),
            150,
            "ms",
            f"time code read from the screen, {len(read)} times; {lost}",
        ),
        Row(f"live, {where}: camera to screen, median", percentile(read, 0.5), None, "ms"),
        Row(
            f"live, {where}: camera to paint, p95",
            percentile(seen["painted_ms"], 0.95),
            150,
            "ms",
            f"every picture; median {percentile(seen['painted_ms'], 0.5):.0f} ms",
        ),
        Row(f"live, {where}: event loop stall, largest", max(gaps), 50, "ms", f"{len(gaps)} ticks"),
        Row(f"live, {where}: event loop stall, p99", percentile(gaps, 0.99), None, "ms"),
        Row(
            f"live, {where}: start to first picture",
            seen["first_ms"],
            None,
            "ms",
            f"click on Start to paint; the first changed face after {seen['changed_ms']:.0f} ms",
        ),
        Row(
            f"live, {where}: smallest scale", min(seen["scale"]), None, "", "the governor's, 1 for the whole resolution"
        ),
    ]
    for name, share in sorted(seen["cpu"].items(), key=lambda one: -one[1]):
        if share > 0.005:
            each = f"100 % is one core; {1000 * share / per_second:.1f} ms for each picture"
            found.append(Row(f"live, {where}: processor, {name}", 100 * share, None, "%", each))
    for name, noted in seen["memory"].items():
        found.append(_memory_row(where, name, noted))
    return found


def _memory_row(where: str, name: str, noted: list[tuple[float, float]]) -> Row:
    """Tell what a process holds after a fifth of the time, and how much more at the end."""
    fifth = max(1, len(noted) // 5)
    early = statistics.median(used for _, used in noted[fifth : 2 * fifth] or noted)
    late = statistics.median(used for _, used in noted[-fifth:])
    peak = max(used for _, used in noted)
    remark = f"of its own, from {early:.1f} to {late:.1f} MB, medians of a fifth of the time; peak {peak:.1f} MB"
    return Row(f"live, {where}: memory gained, {name}", late - early, None, "MB", remark)
