"""Pixels that go from a worker to the window's process without being copied through a pipe.

The worker makes a block of shared memory, fills it and sends its name. Reading the message opens the block in the
window's process, which owns it from then on and unlinks it. A block is named after both processes
(``fsd_<window pid>_<worker pid>_<number>``), so that what a dead process left can be found and removed.
"""

from __future__ import annotations

import contextlib
import time
import weakref
from dataclasses import dataclass
from itertools import count
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Final

_PREFIX: Final = "fsd"
# Only Linux shows its blocks as files. Windows drops them with their last user, macOS when the resource tracker ends.
_BLOCK_FOLDER: Final = Path("/dev/shm")  # noqa: S108 - not a place to write to: the kernel's list of blocks

_PIECE: Final = 2**20
"""Bytes that are copied before another thread may run."""


class SharedPixels:
    """Rows of 8-bit pixels in shared memory.

    Attributes:
        name: Name of the block.
        width: Pixels per row.
        height: Rows.
        channels: Bytes per pixel: 3 for RGB, 4 for RGBA.
        stride: Bytes from one row to the next.
    """

    def __init__(self, name: str, width: int, height: int, channels: int, stride: int) -> None:
        self.name = name
        self.width = width
        self.height = height
        self.channels = channels
        self.stride = stride
        self._block: SharedMemory | None = None
        self._views: list[memoryview] = []
        self._discard: weakref.finalize[[SharedMemory, list[memoryview]], SharedPixels] | None = None

    def __reduce__(self) -> tuple[type[ReceivedPixels], tuple[str, int, int, int, int]]:
        # What arrives on the other side owns the block.
        return (ReceivedPixels, (self.name, self.width, self.height, self.channels, self.stride))

    def view(self) -> memoryview:
        """Return the bytes where they lie, ``height`` × ``stride``; they cannot be read after ``release``.

        Raises:
            ValueError: The pixels were released already, or never received from a worker.
        """
        if self._block is None:
            raise ValueError("these pixels are not held by this process")
        view = _bytes_of(self._block)[: self.height * self.stride]
        self._views.append(view)
        return view

    def take(self) -> bytearray:
        """Return a copy of the bytes, ``height`` × ``stride``, and release the block.

        May be called on another thread: the copy is made in pieces, between which other threads get their turn.

        Raises:
            ValueError: The pixels were released already, or never received from a worker.
        """
        shared = self.view()
        # It grows as it is filled: made at full length it would first be zeroed, with every other thread waiting.
        taken = bytearray()
        for start in range(0, shared.nbytes, _PIECE):
            taken += shared[start : start + _PIECE]
            time.sleep(0)
        self.release()
        return taken

    def release(self) -> None:
        """Give the memory back. A second call does nothing.

        Raises:
            BufferError: Something, for example an array, still lies on what ``view`` returned.
        """
        if self._discard is not None:
            self._discard()
        self._block = None


class ReceivedPixels(SharedPixels):
    """Pixels that came from a worker. They are released at the latest when nobody refers to them."""

    def __init__(self, name: str, width: int, height: int, channels: int, stride: int) -> None:
        super().__init__(name, width, height, channels, stride)
        with contextlib.suppress(FileNotFoundError):
            block = SharedMemory(name)
            self._block = block
            self._discard = weakref.finalize(self, _discard_block, block, self._views)


def _bytes_of(block: SharedMemory) -> memoryview:
    if block.buf is None:
        raise ValueError("the block is closed")
    return block.buf


def _discard_block(block: SharedMemory, views: list[memoryview]) -> None:
    # The name goes first: even where somebody still looks at the pages, they are gone when he stops.
    with contextlib.suppress(FileNotFoundError):
        block.unlink()
    for view in views:
        view.release()
    block.close()


@dataclass(frozen=True, slots=True)
class BlockNames:
    """Names blocks after the two processes that share them."""

    window_pid: int
    worker_pid: int

    @property
    def prefix(self) -> str:
        """What all names of this pair begin with."""
        return f"{_PREFIX}_{self.window_pid}_{self.worker_pid}_"


class PixelSender:
    """The worker's side: makes blocks and keeps them open until the window's process has opened them too."""

    def __init__(self, names: BlockNames) -> None:
        self._names = names
        self._numbers = count()
        self._kept: list[SharedMemory] = []

    def share(self, pixels: memoryview, width: int, height: int, channels: int) -> SharedPixels:
        """Copy tightly packed rows into a new block.

        Args:
            pixels: Contiguous bytes, ``height`` × ``width`` × ``channels``.
            width: Pixels per row.
            height: Rows.
            channels: Bytes per pixel.

        Raises:
            ValueError: There are more or fewer bytes than the sizes say.
        """
        length = width * height * channels
        if pixels.nbytes != length:
            raise ValueError(f"{pixels.nbytes} bytes given for {width} × {height} × {channels}")
        block = SharedMemory(f"{self._names.prefix}{next(self._numbers)}", create=True, size=max(1, length))
        _bytes_of(block)[:length] = pixels.cast("B")
        self._kept.append(block)
        return SharedPixels(block.name, width, height, channels, width * channels)

    def forget(self) -> None:
        """Close this side of every block; the other side has them."""
        for block in self._kept:
            block.close()
        self._kept.clear()


def remove_blocks_of(names: BlockNames) -> int:
    """Remove what a dead worker left and nobody received; returns how many blocks that were."""
    return sum(_remove(name) for name in _existing() if name.startswith(names.prefix))


def remove_blocks_of_dead_windows() -> int:
    """Remove what programs that no longer run left behind; returns how many blocks that were."""
    import psutil

    removed = 0
    for name in _existing():
        window_pid = name.split("_")[1]
        if window_pid.isdigit() and not psutil.pid_exists(int(window_pid)):
            removed += _remove(name)
    return removed


def _existing() -> list[str]:
    if not _BLOCK_FOLDER.is_dir():
        return []
    return [path.name for path in _BLOCK_FOLDER.glob(f"{_PREFIX}_*_*_*")]


def _remove(name: str) -> bool:
    try:
        block = SharedMemory(name)
    except (OSError, ValueError):
        return False
    block.close()
    block.unlink()
    return True
