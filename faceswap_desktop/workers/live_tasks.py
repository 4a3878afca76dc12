"""What the workers of a live session can do. Each task runs in a process of its own until it is stopped."""

from __future__ import annotations

from typing import Final

from faceswap_desktop.workers.live_requests import CaptureFile
from faceswap_desktop.workers.process import Task, TaskContext


def live_capture(request: CaptureFile, context: TaskContext) -> None:
    """Play a file in a camera's place; see ``live_capture.capture_file``."""
    # Loaded by those that need it: a session has four processes, and none does another's work.
    from faceswap_desktop.workers.live_capture import capture_file

    capture_file(request, context)


TASKS: Final[dict[str, Task]] = {"live_capture": live_capture}
"""Filled in by name: ``live_capture``, ``live_engine``, ``live_record``, ``live_virtual_camera``."""
