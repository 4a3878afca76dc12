"""Shared memory through which frames go from one process to others: the newest wins, and nothing queues.

A box has one writer and any number of readers, in whatever processes. Nobody waits for anybody: the writer goes round a
few places, and a reader that was overtaken while it copied notices and takes the newer frame.

The window's process reads boxes that workers write, and a worker decodes files from outside; so what a box says of
itself is checked against what it was made for before a byte is copied.
"""

from __future__ import annotations

import contextlib
import os
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from types import TracebackType
from typing import Final, Self

HEAD: Final = 64
"""Bytes before what a box or a place in it holds."""
NUMBER: Final = struct.Struct("<q")
SLOT: Final = struct.Struct("<qqqqii")
"""Number at the beginning, number at the end, time taken, camera's frame, width, height."""
TRIES: Final = 4
"""How often a reader that was overtaken tries again."""
_SLOTS: Final = 4
"""One is read, one is written, two lie between: a reader has two frames' time to copy."""
_CHANNELS: Final = 3
_NAP_S: Final = 0.001
_BLOCK_FOLDER: Final = Path("/dev/shm")  # noqa: S108 - where Linux shows its blocks as files


@dataclass(frozen=True, slots=True)
class BoxedFrame:
    """A frame that was copied out of its box.

    Attributes:
        number: Rising by one per frame written, from 1.
        taken_ns: When the camera took it, ``time.monotonic_ns``.
        camera_frame: Number of the camera's frame that it shows.
        width, height: Pixels.
        pixels: RGB, 8 bits, ``height`` × ``width`` × 3.
    """

    number: int
    taken_ns: int
    camera_frame: int
    width: int
    height: int
    pixels: bytes


class Box:
    """A block of shared memory, made here or opened by name."""

    def __init__(self, name: str, size: int = 0) -> None:
        """Make a block of ``size`` zero bytes, or open one that is there where that is 0.

        Raises:
            FileNotFoundError: It is gone: the session is over.
            OSError: There is no room for it.
        """
        self._block = SharedMemory(name, create=size > 0, size=size)
        self._is_owner = size > 0
        self._is_open = True
        if self._is_owner:
            try:
                _reserve(name, size)
            except OSError:
                self.close()
                raise

    @property
    def name(self) -> str:
        """What others open it by."""
        return self._block.name

    @property
    def _bytes(self) -> memoryview:
        if not self._is_open or self._block.buf is None:
            raise ValueError("the box is closed")
        return self._block.buf

    def close(self) -> None:
        """Let go of it; its maker removes it. A second call does nothing."""
        if not self._is_open:
            return
        self._is_open = False
        if self._is_owner:
            with contextlib.suppress(FileNotFoundError):
                self._block.unlink()
        # A thread of this process may be copying from it just now; the memory goes when it has done so.
        with contextlib.suppress(BufferError):
            self._block.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _reserve(name: str, size: int) -> None:
    """Have the room given now: Linux promises more than there is, and ends whoever writes into what is not there.

    Raises:
        OSError: There is not so much room.
    """
    if sys.platform.startswith("linux") and (path := _BLOCK_FOLDER / name).is_file():
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, size)


class FrameBox(Box):
    """Frames of up to ``most_pixels``; a ``domain.live.FrameSink`` for whoever writes."""

    def __init__(self, name: str, most_pixels: int = 0) -> None:
        """Make a box for frames of so many pixels, or open one where that is 0."""
        room = most_pixels * _CHANNELS
        super().__init__(name, HEAD + _SLOTS * (HEAD + room) if most_pixels else 0)
        if most_pixels:
            NUMBER.pack_into(self._bytes, 8, room)
        # A block may be larger than asked for, by the rest of a page.
        self._room: int = min(NUMBER.unpack_from(self._bytes, 8)[0], (len(self._bytes) - HEAD) // _SLOTS - HEAD)

    @property
    def newest(self) -> int:
        """Number of the newest frame; 0 while there is none."""
        return int(NUMBER.unpack_from(self._bytes, 0)[0])

    @property
    def newest_camera_frame(self) -> int:
        """Number of the camera's frame that the newest one shows; 0 while there is none."""
        for _ in range(TRIES):
            number = self.newest
            begun, _, _, camera_frame, _, _ = SLOT.unpack_from(self._bytes, self._start(number))
            if begun == number:
                return int(camera_frame)
        return 0

    def write(
        self,
        pixels: bytes | bytearray | memoryview,
        width: int,
        height: int,
        taken_ns: int,
        camera_frame: int | None = None,
    ) -> int:
        """Put a frame there; returns its number. See ``domain.live.FrameSink``.

        Args:
            pixels: RGB, 8 bits, C-contiguous, ``height`` × ``width`` × 3 bytes.
            width: Pixels.
            height: Pixels.
            taken_ns: When the camera took it.
            camera_frame: Number of the camera's frame that it shows; its own number if None.

        Raises:
            ValueError: It is larger than the box, or has another length than its size says.
        """
        given = memoryview(pixels).cast("B")
        length = width * height * _CHANNELS
        if width < 1 or height < 1 or given.nbytes != length or length > self._room:
            raise ValueError(f"{given.nbytes} bytes for {width} × {height} pixels in a box for {self._room} bytes")
        whole, number = self._bytes, self.newest + 1
        start = self._start(number)
        shows = number if camera_frame is None else camera_frame
        # Until its last number is written, nobody takes the place for a whole frame.
        SLOT.pack_into(whole, start, number, 0, taken_ns, shows, width, height)
        whole[start + HEAD : start + HEAD + length] = given
        NUMBER.pack_into(whole, start + 8, number)
        NUMBER.pack_into(whole, 0, number)
        return number

    def read(self, after: int = 0) -> BoxedFrame | None:
        """Copy the newest frame; None where there is none newer than ``after``.

        Raises:
            ValueError: The box was closed.
        """
        for _ in range(TRIES):
            number = self.newest
            if number <= after:
                return None
            start = self._start(number)
            whole = self._bytes
            begun, ended, taken_ns, camera_frame, width, height = SLOT.unpack_from(whole, start)
            length = width * height * _CHANNELS
            if begun != number or ended != number or width < 1 or height < 1 or length > self._room:
                continue
            pixels = bytes(whole[start + HEAD : start + HEAD + length])
            if SLOT.unpack_from(whole, start)[:2] == (number, number):
                return BoxedFrame(number, taken_ns, camera_frame, width, height, pixels)
        return None

    def wait(self, after: int, seconds: float, is_over: Callable[[], bool] = lambda: False) -> BoxedFrame | None:
        """Return the newest frame as soon as one is newer than ``after``; None after so long, or when it is over.

        That it was closed meanwhile, by another thread, is over too.

        It looks every millisecond; never to be called on a loop's thread.
        """
        deadline = time.monotonic() + seconds
        while not is_over():
            try:
                frame = self.read(after)
            except ValueError:
                return None
            if frame is not None or time.monotonic() >= deadline:
                return frame
            time.sleep(_NAP_S)
        return None

    def _start(self, number: int) -> int:
        return HEAD + (number % _SLOTS) * (HEAD + self._room)
