"""What the workers of a live session can do. Each task runs in a process of its own until it is stopped."""

from __future__ import annotations

import multiprocessing
import os
from typing import Final

from faceswap_desktop.workers.live_requests import CaptureFile, FeedVirtualCamera, RecordedSoFar, RecordLive, RunEngine
from faceswap_desktop.workers.process import Task, TaskContext

if multiprocessing.parent_process() is not None:
    # Read when numpy is loaded, which nothing in this process has done yet. The sums of a live picture are small: a
    # second thread for them gains nothing, and keeps another core busy with waiting.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"


def live_capture(request: CaptureFile, context: TaskContext) -> None:
    """Play a file in a camera's place; see ``live_capture.capture_file``."""
    # Loaded by those that need it: a session has four processes, and none does another's work.
    from faceswap_desktop.workers.live_capture import capture_file

    capture_file(request, context)


def live_engine(request: RunEngine, context: TaskContext) -> None:
    """Change the faces of a camera's pictures; see ``live_engine.run_engine``."""
    from faceswap_desktop.workers.live_engine import run_engine

    run_engine(request, context)


def live_record(request: RecordLive, context: TaskContext) -> RecordedSoFar:
    """Write what everybody sees into a file; see ``live_record.record``."""
    from faceswap_desktop.workers.live_record import record

    return record(request, context)


def warm(request: object, context: TaskContext) -> None:
    """Load what the engine will need, so that a session starts quickly."""
    del request, context
    from faceswap_desktop.vision import detect, embed, mesh, sensitive
    from faceswap_desktop.vision.checkpoints import session
    from faceswap_desktop.workers import live_engine

    # Importing it loads most of what takes time; it is not begun.
    del live_engine
    for name in (detect.CHECKPOINT, mesh.ROUGH_CHECKPOINT, mesh.CHECKPOINT, embed.CHECKPOINT, sensitive.CHECKPOINT):
        session(name)


def live_virtual_camera(request: FeedVirtualCamera, context: TaskContext) -> None:
    """Hand what everybody sees to a virtual camera; see ``live_virtual_camera.feed``."""
    from faceswap_desktop.workers.live_virtual_camera import feed

    feed(request, context)


TASKS: Final[dict[str, Task]] = {
    "live_capture": live_capture,
    "live_engine": live_engine,
    "live_record": live_record,
    "live_virtual_camera": live_virtual_camera,
    "warm": warm,
}
"""By name; each runs in a process of its own."""
