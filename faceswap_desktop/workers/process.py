"""The worker's side: one process that does one task after the other until its window is gone.

Nothing heavy is imported before the first task. One thread reads the pipe all the time, so that a request to stop is
heard while a task runs, and the death of the window's process is noticed at once: the pipe ends, and the worker too.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from pickle import loads
from queue import SimpleQueue
from typing import Any, Final

from faceswap_desktop.domain.errors import Cancelled, FaceSwapError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.media.limits import limit_memory
from faceswap_desktop.workers.shared import BlockNames, PixelSender, SharedPixels
from faceswap_desktop.workers.wire import (
    Bug,
    Done,
    FromWorker,
    OutOfMemory,
    Quit,
    Raised,
    Received,
    Run,
    Stop,
    ToWorker,
    Update,
    Updated,
    WorkerSetup,
    write_message,
)

MEMORY_CHECK_S: Final = 0.2
NICENESS: Final = 5
EXIT_ORPHAN: Final = 70
EXIT_MEMORY: Final = 71

# What libraries in C++ say instead of raising MemoryError.
_MEMORY_WORDS: Final = ("bad_alloc", "Insufficient memory", "Failed to allocate memory", "Cannot allocate memory")


class TaskContext:
    """What a task knows of the world around it."""

    def __init__(
        self, send: Callable[[FromWorker], None], sender: PixelSender, setup: WorkerSetup, number: int
    ) -> None:
        self._send = send
        self._sender = sender
        self._number = number
        self.threads = setup.threads
        self.scratch_folder = Path(setup.scratch_folder)
        self.stop_event = threading.Event()

    def report(self, fraction: float, step: str, payload: object | None = None) -> None:
        """Say how far the task is; also its sign of life, and the place where it can be stopped.

        Args:
            fraction: 0 to 1.
            step: Name of the step that begins.
            payload: One of our values that is ready already.

        Raises:
            Cancelled: Nobody waits for the task any more.
        """
        self.check_stopped()
        self._send(Updated(self._number, Update(fraction, step, payload)))

    def check_stopped(self) -> None:
        """Raise ``Cancelled`` if nobody waits for the task any more."""
        if self.stop_event.is_set():
            raise Cancelled(message("Cancelled."))

    def share(self, pixels: memoryview, width: int, height: int, channels: int) -> SharedPixels:
        """Put pixels where the window's process can read them; see ``PixelSender.share``."""
        return self._sender.share(pixels, width, height, channels)


Task = Callable[[Any, TaskContext], object]


def worker_main(connection: Connection, setup: WorkerSetup) -> None:
    """Run a worker until its window leaves. The target of the spawned process."""
    # Ctrl+C in a terminal reaches the whole group; the program itself ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Before onnxruntime is imported: it would report its use to its makers, and we promise that nothing is sent.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, str(setup.threads))
    if setup.memory_mb > 0:
        # Then an allocation fails instead of the machine; where the kernel cannot do that, the watch below can.
        limit_memory(setup.memory_mb)
    if setup.stands_back:
        _stand_back()
    _Worker(connection, setup).serve()


def _as_domain_error(error: FaceSwapError) -> FaceSwapError:
    """Return an error that the other side knows: rooms that only workers load may have kinds of their own."""
    for kind in type(error).__mro__:
        if kind.__module__ == FaceSwapError.__module__:
            return error if kind is type(error) else kind(error.message, error.hint, kind=error.kind)
    return error


def _stand_back() -> None:
    """Lower this process's priority a little: on a machine with few cores the window stays smooth."""
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            import psutil

            psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        else:
            os.nice(NICENESS)


class _Worker:
    def __init__(self, connection: Connection, setup: WorkerSetup) -> None:
        self._connection = connection
        self._setup = setup
        self._sender = PixelSender(BlockNames(setup.window_pid, os.getpid()))
        self._runs: SimpleQueue[Run | None] = SimpleQueue()
        self._sending = threading.Lock()
        self._context: TaskContext | None = None
        self._number = -1
        self._stopped: set[int] = set()
        self._tasks: Mapping[str, Task] = {}

    def serve(self) -> None:
        threading.Thread(target=self._listen, name="listen", daemon=True).start()
        while (run := self._runs.get()) is not None:
            self._do(run)

    # ------------------------------------------------------------------------------------------ listening thread

    def _listen(self) -> None:
        while True:
            try:
                said: ToWorker = loads(self._connection.recv_bytes())  # noqa: S301 - our own process speaks
            except (EOFError, OSError):
                # The window's process is gone. A task may hold the main thread, so this is the way out.
                os._exit(EXIT_ORPHAN)
            match said:
                case Run():
                    self._runs.put(said)
                case Stop(number):
                    self._stop(number)
                case Received():
                    self._sender.forget()
                case Quit():
                    self._runs.put(None)
                    return

    def _stop(self, number: int) -> None:
        self._stopped.add(number)
        if self._context is not None and self._number == number:
            self._context.stop_event.set()

    # ----------------------------------------------------------------------------------------------- main thread

    def _send(self, said: FromWorker) -> None:
        with self._sending:
            self._connection.send_bytes(write_message(said))

    def _do(self, run: Run) -> None:
        context = TaskContext(self._send, self._sender, self._setup, run.number)
        self._number, self._context = run.number, context
        if run.number in self._stopped:
            context.stop_event.set()
        is_over = threading.Event()
        if self._setup.memory_mb > 0:
            threading.Thread(target=self._watch_memory, args=(run.number, is_over), daemon=True).start()
        answer: FromWorker
        try:
            context.check_stopped()
            answer = Done(run.number, self._task(run.task)(run.request, context))
        except FaceSwapError as error:
            answer = Raised(run.number, _as_domain_error(error))
        except MemoryError:
            answer = OutOfMemory(run.number)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other side has to hear of it
            text = traceback.format_exc()
            short_of_memory = any(words in str(error) for words in _MEMORY_WORDS)
            answer = OutOfMemory(run.number) if short_of_memory else Bug(run.number, text)
        finally:
            is_over.set()
            self._context = None
            self._stopped.discard(run.number)
        self._answer(answer)

    def _answer(self, answer: FromWorker) -> None:
        try:
            self._send(answer)
        except OSError:
            os._exit(EXIT_ORPHAN)
        except Exception:  # noqa: BLE001 - a reply that cannot be written is a bug of the task
            self._send(Bug(answer.number, traceback.format_exc()))

    def _task(self, name: str) -> Task:
        if not self._tasks:
            found: dict[str, Task] = {}
            for module in self._setup.task_modules:
                found.update(import_module(module).TASKS)
            self._tasks = found
        return self._tasks[name]

    def _watch_memory(self, number: int, is_over: threading.Event) -> None:
        """End this process when it takes more than it may; the kernel's own limit does not count everything."""
        import psutil

        this = psutil.Process()
        while not is_over.wait(MEMORY_CHECK_S):
            if this.memory_info().rss > self._setup.memory_mb * 2**20:
                with contextlib.suppress(OSError):
                    self._send(OutOfMemory(number))
                os._exit(EXIT_MEMORY)
