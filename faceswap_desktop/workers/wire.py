"""What the window's process and a worker say to each other over their pipe."""

from __future__ import annotations

import io
import pickle
import sys
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, Final

from faceswap_desktop.domain.errors import FaceSwapError

# ------------------------------------------------------------------------------------------------ to the worker


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """What a worker is told at birth.

    Attributes:
        task_modules: Modules with a ``TASKS`` mapping of name to function; imported at the first task.
        threads: How many threads its libraries may use.
        memory_mb: Most memory it may take, MiB; 0 for no limit.
        window_pid: Process that it works for.
        scratch_folder: Where its tasks may write temporary files.
        stands_back: Let others have the processor first, above all the window.
    """

    task_modules: tuple[str, ...]
    threads: int
    memory_mb: int
    window_pid: int
    scratch_folder: str
    stands_back: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """Do a task."""

    number: int
    task: str
    request: object


@dataclass(frozen=True, slots=True)
class Stop:
    """Leave the task at the next update."""

    number: int


@dataclass(frozen=True, slots=True)
class Received:
    """The last message was read: shared pixels need not be kept open any longer."""


@dataclass(frozen=True, slots=True)
class Quit:
    """Leave."""


ToWorker = Run | Stop | Received | Quit

# ---------------------------------------------------------------------------------------------- from the worker


@dataclass(frozen=True, slots=True)
class Update:
    """A task got on.

    Attributes:
        fraction: Share of the task that is done, 0 to 1.
        step: Name of the step that begins, for example ``"swap"``.
        payload: Something that is ready before the rest, or None.
    """

    fraction: float
    step: str
    payload: object | None = None


@dataclass(frozen=True, slots=True)
class Updated:
    """A task reported."""

    number: int
    update: Update


@dataclass(frozen=True, slots=True)
class Done:
    """A task returned."""

    number: int
    reply: object


class Trouble(StrEnum):
    """Why there is no reply."""

    CRASH = "crash"
    HANG = "hang"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Raised:
    """A task raised one of our errors."""

    number: int
    error: FaceSwapError


@dataclass(frozen=True, slots=True)
class OutOfMemory:
    """A task wanted more memory than it may have; the worker is of no use any more."""

    number: int


@dataclass(frozen=True, slots=True)
class Bug:
    """A task raised something that nobody foresaw."""

    number: int
    traceback: str


FromWorker = Updated | Done | Raised | OutOfMemory | Bug

_DOMAIN: Final = "faceswap_desktop.domain."
_OURS: Final = frozenset(
    {
        __name__,
        "faceswap_desktop.workers.copy_requests",
        "faceswap_desktop.workers.label_requests",
        "faceswap_desktop.workers.live_requests",
        "faceswap_desktop.workers.look_requests",
        "faceswap_desktop.workers.mark_requests",
        "faceswap_desktop.workers.render_requests",
        "faceswap_desktop.workers.requests",
        "faceswap_desktop.workers.shared",
        "faceswap_desktop.workers.sign_requests",
        "faceswap_desktop.workers.still_requests",
        "faceswap_desktop.workers.take_requests",
        "faceswap_desktop.workers.video_requests",
    }
)


class _Reader(pickle.Unpickler):
    """Reads a worker's message. It makes our own values and nothing else.

    A worker decodes files from outside. Should one of them take it over, the pipe must not be a way into the window's
    process, so neither foreign classes nor functions are ever looked up. That also keeps numpy out of it.
    """

    def find_class(self, module: str, name: str) -> type:
        if module in _OURS or module.startswith(_DOMAIN):
            # Never imported for the sake of a message: whoever waits for such a value has it loaded.
            found: object = sys.modules.get(module)
            for part in name.split("."):
                found = getattr(found, part, None)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"a worker's message holds {module}.{name}, which is not one of our values")


class _Writer(pickle.Pickler):
    """Writes messages that the reader takes."""

    def reducer_override(self, value: object) -> Any:
        # Python 3.11.0 to 3.11.3 (Debian 12 has 3.11.2) would write ``getattr(Class, "NAME")``, and the reader, which
        # knows no functions, would take the worker for a broken one.
        return (type(value), (value.value,)) if isinstance(value, Enum) else NotImplemented


def write_message(message: ToWorker | FromWorker) -> bytes:
    """Turn a message into bytes."""
    buffer = io.BytesIO()
    _Writer(buffer, protocol=pickle.HIGHEST_PROTOCOL).dump(message)
    return buffer.getvalue()


def read_message(data: bytes) -> FromWorker:
    """Read what a worker wrote.

    Raises:
        pickle.UnpicklingError: It holds something else than our own values.
    """
    message: FromWorker = _Reader(io.BytesIO(data)).load()
    return message
