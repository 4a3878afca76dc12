"""What the pool raises when there is no reply."""

from __future__ import annotations

from faceswap_desktop.domain.errors import WorkerError
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.workers.wire import Trouble


class WorkerBug(Exception):
    """A task raised something that nobody foresaw.

    Attributes:
        task: Name of the task.
        traceback_text: Where it happened in the worker.
    """

    def __init__(self, task: str, traceback_text: str) -> None:
        super().__init__(f"task {task} failed in its worker:\n{traceback_text}")
        self.task = task
        self.traceback_text = traceback_text


def worker_error(trouble: Trouble, limit_s: float, memory_mb: int) -> WorkerError:
    """Put into words why a task gave no reply.

    Args:
        trouble: What happened to the worker.
        limit_s: Longest silence that was allowed, seconds.
        memory_mb: Most memory that was allowed, MiB.
    """
    said: Message
    hint: Message
    match trouble:
        case Trouble.HANG:
            said = message(
                "Nothing was heard from the worker for {seconds} seconds, so it was ended.", seconds=round(limit_s, 1)
            )
            hint = message(
                "Try again. If the computer is busy with other things, raise the time limit in the settings."
            )
        case Trouble.MEMORY:
            said = message(
                "This needed more memory than the {megabytes} MB that a worker may use.", megabytes=memory_mb
            )
            hint = message("Use a smaller picture, or raise the memory limit in the settings.")
        case Trouble.CRASH:
            said = message("The worker stopped unexpectedly while it was busy with this.")
            hint = message("Try again. If it happens with this file only, the file may be damaged.")
    return WorkerError(said, hint, kind=trouble.value)


def trouble_notice(trouble: Trouble) -> Message:
    """Say that a worker had to be replaced."""
    match trouble:
        case Trouble.HANG:
            return message("A worker gave no sign of life and was replaced.")
        case Trouble.MEMORY:
            return message("A worker ran out of memory and was replaced.")
        case Trouble.CRASH:
            return message("A worker stopped unexpectedly and was replaced.")
