"""The engine on a thread of the test's own process, with real boxes; the test is camera and window."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.domain.errors import Cancelled
from faceswap_desktop.domain.live import LiveControls, LiveReport
from faceswap_desktop.workers.boxes import BoxedFrame
from faceswap_desktop.workers.live_boxes import LiveBoxes
from faceswap_desktop.workers.live_engine import run_engine
from faceswap_desktop.workers.live_requests import RunEngine
from tests.unit.workers.people import Listener

Rgb = NDArray[np.uint8]
LIMIT_S = 90.0
MOST_PIXELS = 640 * 480


def until(is_so: Callable[[], object], what: str) -> None:
    """Wait for a state."""
    deadline = time.monotonic() + LIMIT_S
    while not is_so():
        assert time.monotonic() < deadline, f"{what} did not come"
        time.sleep(0.002)


class LiveRun:
    """One engine between boxes."""

    def __init__(
        self, scratch: Path, boxes: LiveBoxes | None = None, *, checks: bool = True, fails: bool = False
    ) -> None:
        self._fails = fails
        self.boxes = boxes or LiveBoxes(os.getpid(), MOST_PIXELS)
        self._owns = boxes is None
        self.listener = Listener(scratch)
        self.error: BaseException | None = None
        self._request = RunEngine(self.boxes.names, checks)
        self._thread = threading.Thread(target=self._run, name="engine")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self._owns:
            self.boxes.close()
        assert error is not None or self._fails == (self.error is not None), self.error

    def stop(self) -> None:
        """Ask the engine to end, and wait until it has."""
        self.listener.context.stop_event.set()
        self.join()

    def join(self) -> None:
        """Wait until the engine has ended."""
        self._thread.join(LIMIT_S)
        assert not self._thread.is_alive(), "the engine does not end"

    def set(self, controls: LiveControls) -> None:
        """Hand over what is to be done."""
        self.boxes.controls.write(controls)

    def give(self, frame: Rgb) -> int:
        """Hand a camera's frame over; returns its number."""
        height, width = frame.shape[:2]
        return self.boxes.camera.write(np.ascontiguousarray(frame).data.cast("B"), width, height, time.monotonic_ns())

    def show(self, frame: Rgb) -> tuple[Rgb, LiveReport]:
        """Hand a camera's frame over; returns the picture that the engine made of it, and what it told of it."""
        number = self.give(frame)
        made: list[BoxedFrame] = []

        def is_made() -> bool:
            assert self._thread.is_alive(), self.error
            found = self.boxes.picture.read()
            if found is not None and found.camera_frame == number:
                made.append(found)
            return bool(made) and any(one.camera_frame == number for one in self.reports)

        until(is_made, f"the picture of frame {number}")
        one = made[-1]
        pixels = np.frombuffer(one.pixels, np.uint8).reshape(one.height, one.width, 3)
        return pixels, next(report for report in self.reports if report.camera_frame == number)

    def show_until(self, frame: Rgb, is_so: Callable[[Rgb, LiveReport], object], what: str) -> tuple[Rgb, LiveReport]:
        """Hand the same frame over again and again until something is so."""
        found: list[tuple[Rgb, LiveReport]] = []

        def is_there() -> object:
            found[:] = [self.show(frame)]
            return is_so(*found[0])

        until(is_there, what)
        return found[0]

    @property
    def reports(self) -> list[LiveReport]:
        """What the engine told so far."""
        return [one.payload for one in self.listener.updates if isinstance(one.payload, LiveReport)]

    def _run(self) -> None:
        try:
            run_engine(self._request, self.listener.context)
        except Cancelled:
            pass
        except BaseException as error:  # noqa: BLE001 - the test tells of it
            self.error = error
