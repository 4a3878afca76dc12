"""Tasks that misbehave; only the tests' pools know them."""

import mmap
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.messages import message
from faceswap_desktop.workers.process import TaskContext


def echo(request: object, context: TaskContext) -> object:
    context.report(0.5, "half", request)
    return request


def pid(request: object, context: TaskContext) -> int:
    return os.getpid()


def modules(request: object, context: TaskContext) -> tuple[str, ...]:
    return tuple(sys.modules)


def crash(request: object, context: TaskContext) -> None:
    os.abort()


def crash_once(mark: str, context: TaskContext) -> str:
    path = Path(mark)
    if not path.exists():
        path.touch()
        os.abort()
    return "second time"


def hang(seconds: float, context: TaskContext) -> None:
    context.report(0.0, "hang")
    time.sleep(seconds)


def hold(folder: str, context: TaskContext) -> str:
    """Run until a file appears, with signs of life; leaves a mark when it starts and when it is stopped."""
    here = Path(folder)
    (here / f"started-{os.getpid()}").touch()
    while not (here / "go").exists():
        try:
            context.report(0.0, "hold")
        except Exception:
            (here / "stopped").touch()
            raise
        time.sleep(0.02)
    return "went"


def eat_private(megabytes: int, context: TaskContext) -> int:
    blocks = [bytearray(2**20) for _ in range(megabytes)]
    return len(blocks)


def eat_shared(megabytes: int, context: TaskContext) -> int:
    """Memory that the kernel's limit on private memory does not count."""
    block = mmap.mmap(-1, megabytes * 2**20)
    for start in range(0, len(block), 4096):
        block[start] = 1
    time.sleep(5)
    return len(block)


def refuse(name: str, context: TaskContext) -> None:
    raise InputRefused(message("{name} is empty.", name=name), message("Choose another."), kind="empty")


def bug(request: object, context: TaskContext) -> None:
    raise KeyError("nothing here")


def smuggle(request: object, context: TaskContext) -> object:
    return Path("not one of our values")


def share(size: tuple[int, int], context: TaskContext) -> object:
    width, height = size
    rows = bytes((x + y) % 256 for y in range(height) for x in range(width) for _ in range(3))
    shared = context.share(memoryview(rows), width, height, 3)
    context.report(0.5, "shown", shared)
    return context.share(memoryview(rows[::-1]), width, height, 3)


def share_and_die(size: tuple[int, int], context: TaskContext) -> None:
    width, height = size
    context.share(memoryview(bytes(width * height * 3)), width, height, 3)
    os.abort()


def warm(request: object, context: TaskContext) -> None:
    del request, context


ALL: tuple[Callable[[Any, TaskContext], object], ...] = (
    echo,
    pid,
    modules,
    crash,
    crash_once,
    hang,
    hold,
    eat_private,
    eat_shared,
)
ALL += (refuse, bug, smuggle, share, share_and_die, warm)
TASKS = {task.__name__: task for task in ALL}
