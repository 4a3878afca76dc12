"""One live session in the window, measured from the file camera to what is seen: a program of its own for ``live``.

    python -m tests.benchmarks.live_window CLIP HOME SECONDS RAW

The camera's worker draws into every frame when it was taken; that is read back from what the window shows: from the X
server's screen where there is one, else from the view painted once more. What it prints is one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from array import array
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import psutil
from PySide6.QtCore import QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QApplication

from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.live import LivePicture, Shown
from faceswap_desktop.media import time_code
from faceswap_desktop.ui.live.view import LiveView
from faceswap_desktop.workers.live_requests import CaptureFile
from faceswap_desktop.workers.pool import Lane, WorkerPool
from tests.benchmarks.material import COLLINS

TICK_S: Final = 0.005
TURN_S: Final = 5.0
"""Pictures are read back for so long, then stalls are measured for so long, in turns: neither disturbs the other."""
_EVERY: Final = 4
"""Of so many pictures one is read back."""
_MEMORY_S: Final = 2.0
_START_S: Final = 90.0
_LOOK_S: Final = 2.0
WARM_UP_S: Final = 5.0


class Watch:
    """What is seen of a session in the window."""

    def __init__(self, view: LiveView) -> None:
        self._view = view
        self._page = view.on_shown
        self.is_reading = False
        # Arrays, here and below: lists of numbers would grow by megabytes, and that growth be measured.
        self.painted = array("q")
        self.ages = array("q")
        """When each picture was painted, and how old its frame was then, nanoseconds."""
        self.read_ms = array("d")
        self.unread = 0
        self.missed = 0
        self.other = 0
        self.first_swapped = asyncio.Event()
        view.on_shown = self._note

    def _note(self, number: int) -> None:
        self._page(number)
        picture = self._view.picture
        if picture is None or picture.shown is not Shown.SWAPPED:
            self.other += 1
            return
        now = time.monotonic_ns()
        self.painted.append(now)
        self.ages.append(now - picture.taken_ns)
        self.first_swapped.set()
        if self.is_reading and len(self.painted) % _EVERY == 0:
            # After this turn of the event loop what was painted is on the screen.
            QTimer.singleShot(0, lambda: self._read(picture))

    def _read(self, picture: LivePicture) -> None:
        if self._view.picture is not picture:
            # The next one is there already, and would be painted instead of it.
            self.missed += 1
            return
        now = time.monotonic_ns()
        image = self._seen().convertToFormat(QImage.Format.Format_RGB888)
        code = time_code.read(image.constBits(), image.width(), image.height(), image.bytesPerLine())
        if code is None:
            self.unread += 1
        else:
            self.read_ms.append(time_code.age_ms(code, now))

    def _seen(self) -> QImage:
        area = self._view._area.toRect()
        if QApplication.platformName() != "xcb":
            return self._view.grab(area).toImage()
        corner = self._view.mapToGlobal(area.topLeft())
        return self._view.screen().grabWindow(0, corner.x(), corner.y(), area.width(), area.height()).toImage()


class Family:
    """The window's process and its workers, by what they do."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool
        self._known: dict[int, tuple[str, psutil.Process]] = {os.getpid(): ("window", psutil.Process())}
        self._cpu: dict[int, float] = {}
        self.memory: dict[str, list[tuple[float, float]]] = {}

    def processes(self) -> dict[int, tuple[str, psutil.Process]]:
        """Return them by id."""
        for lane, slots in self._pool._slots.items():
            for slot in slots:
                if slot.pid and slot.pid not in self._known:
                    name = slot.ticket.task if lane is Lane.LIVE and slot.ticket else lane.value
                    self._known[slot.pid] = (name, psutil.Process(slot.pid))
        return {pid: one for pid, one in self._known.items() if one[1].is_running()}

    def begin(self) -> None:
        """Count the processor from now on."""
        self._cpu = {pid: sum(one.cpu_times()[:2]) for pid, (_, one) in self.processes().items()}

    def cpu(self) -> dict[str, float]:
        """Return the seconds of the processor since then by what they were spent on."""
        spent: dict[str, float] = {}
        for pid, (name, one) in self.processes().items():
            spent[name] = spent.get(name, 0.0) + sum(one.cpu_times()[:2]) - self._cpu.get(pid, 0.0)
        return spent

    def note_memory(self, now: float) -> None:
        """Note what each process holds by itself, in MB; the shared boxes are not counted."""
        for name, one in self.processes().values():
            used = one.memory_info()
            self.memory.setdefault(name, []).append((now, (used.rss - getattr(used, "shared", 0)) / 1e6))


async def measure(window: Any, program: Any, seconds: float) -> dict[str, Any]:
    """Start a session by the page's own button and watch it; returns what was seen."""
    with_time_codes(program.pool)
    face = await program.library.add_face(COLLINS, name="Source")
    await program.consents.give_samples([face])
    window.show_page("live")
    # As a person would: look at the page, then press the button.
    await asyncio.sleep(_LOOK_S)
    start = await _there(window, QAbstractButton, "live-run")
    view = window.findChild(LiveView)
    await program.live.set_everyone(SourceFaceId(face.id))
    watch, family = Watch(view), Family(program.pool)
    began = time.monotonic_ns()
    start.click()
    async with asyncio.timeout(_START_S):
        await watch.first_swapped.wait()
        first = watch.painted[0] - began
        while not any(one.is_changed for one in program.live.state.people):  # noqa: ASYNC110 - told ten times a second
            await asyncio.sleep(0.005)
    changed = time.monotonic_ns() - began
    await asyncio.sleep(WARM_UP_S)
    family.begin()
    before = len(watch.painted)
    watch.other = 0
    gaps = array("d")
    figures: list[Any] = []
    started = time.monotonic()
    load_before = os.getloadavg()[0]
    while (now := time.monotonic() - started) < seconds:
        watch.is_reading = not watch.is_reading
        family.note_memory(now)
        await (_stand(TURN_S) if watch.is_reading else _ticks(gaps, TURN_S))
        figures.append(program.live.state.figures)
    watch.is_reading = False
    lasted = time.monotonic() - started
    cpu, painted = family.cpu(), watch.painted[before:]
    found = {
        "platform": QApplication.platformName(),
        "view": [view.width(), view.height()],
        "first_ms": first / 1e6,
        "changed_ms": changed / 1e6,
        "seconds": lasted,
        "shown": len(painted),
        "other": watch.other,
        "unread": watch.unread,
        "missed": watch.missed,
        "read_ms": watch.read_ms.tolist(),
        "painted_ms": [age / 1e6 for age in watch.ages[before:]],
        "apart_ms": [(later - earlier) / 1e6 for earlier, later in pairwise(painted)],
        "gaps_ms": gaps.tolist(),
        "cpu": {name: spent / lasted for name, spent in cpu.items()},
        "memory": family.memory,
        "camera_per_second": [one.camera_per_second for one in figures],
        "scale": [one.scale for one in figures],
        "load": [load_before, os.getloadavg()[0]],
    }
    await program.live.stop()
    return found


async def _stand(seconds: float) -> None:
    await asyncio.sleep(seconds)


async def _ticks(gaps: array[float], seconds: float) -> None:
    last = time.perf_counter()
    end = last + seconds
    while last < end:
        await asyncio.sleep(TICK_S)
        now = time.perf_counter()
        gaps.append(max(0.0, (now - last - TICK_S) * 1000))
        last = now


async def _there(window: Any, kind: type[Any], name: str) -> Any:
    async with asyncio.timeout(_START_S):
        while True:
            found = window.findChild(kind, name)
            if found is not None and found.isVisible() and found.isEnabled():
                return found
            await asyncio.sleep(0.02)


def with_time_codes(pool: WorkerPool) -> None:
    """Have every file that is played as camera carry its time. There is no setting for it: this is the one place."""
    run: Callable[..., Any] = pool.run

    def stamped(task: str, request: object = None, **options: Any) -> Any:
        if isinstance(request, CaptureFile):
            request = replace(request, with_time_code=True)
        return run(task, request, **options)

    pool.run = stamped  # type: ignore[method-assign]


def main() -> int:
    """Measure in a window of its own."""
    from faceswap_desktop.app.picture import drive
    from faceswap_desktop.storage.paths import Home

    clip, home, seconds, raw = sys.argv[1:]
    found: dict[str, Any] = {}

    async def arrange(start: Any, session: Any) -> bool:
        found.update(await measure(start.window, session.program, float(seconds)))
        return True

    settings = [
        f"live.camera={clip}",
        "live.camera_kind=file",
        "live.width=640",
        "live.height=480",
        "live.per_second=30",
    ]
    if not drive(arrange, Home.find(home), settings):
        return 1
    Path(raw).write_text(json.dumps(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
