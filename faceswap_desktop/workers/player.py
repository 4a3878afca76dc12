"""What the player's worker can do: look into videos and listen to them, with nothing heavy loaded."""

from __future__ import annotations

from typing import Final

from faceswap_desktop.workers import read_tasks
from faceswap_desktop.workers.process import Task, TaskContext


def warm(request: object, context: TaskContext) -> None:
    """Do nothing: what the player needs was loaded with this module."""
    del request, context


TASKS: Final[dict[str, Task]] = {"warm": warm, **read_tasks.TASKS}
