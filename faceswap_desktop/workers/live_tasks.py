"""What the workers of a live session can do. Each task runs in a process of its own until it is stopped."""

from __future__ import annotations

from typing import Final

from faceswap_desktop.workers.process import Task

TASKS: Final[dict[str, Task]] = {}
"""Filled in by name: ``live_capture``, ``live_engine``, ``live_record``, ``live_virtual_camera``."""
