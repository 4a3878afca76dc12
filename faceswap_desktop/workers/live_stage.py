"""Where the frames of a file that stands in for a camera go: sized, turned, mirrored, stamped, and in time."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from av.video.frame import VideoFrame

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.live import MOST_SIDE, CaptureEvent, CaptureNote, CaptureTrouble, Resolution
from faceswap_desktop.domain.messages import Message
from faceswap_desktop.media import refusals, time_code
from faceswap_desktop.media.colour import Pixels
from faceswap_desktop.media.video.pixels import rgb_of
from faceswap_desktop.workers.boxes import FrameBox
from faceswap_desktop.workers.live_boxes import SwitchBox
from faceswap_desktop.workers.live_requests import CaptureFile, CaptureUpdate
from faceswap_desktop.workers.process import TaskContext

STEP: Final = "capture"
LEAST_SIDE: Final = 16
MOST_RATE: Final = 60.0
_NAP_S: Final = 0.02
"""So often it is looked whether the session is over."""
_SIGN_NS: Final = 1_000_000_000
_LOOK_NS: Final = 500_000_000
_TURNS: Final = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


class SessionOver(Exception):
    """Nobody looks any more."""


class FileGone(Exception):
    """The file cannot be read on.

    Attributes:
        text: Why.
    """

    def __init__(self, text: Message) -> None:
        super().__init__(text.text())
        self.text = text


def fitted(width: int, height: int, wish: Resolution) -> tuple[int, int]:
    """Return the size in which a picture is given: its own shape, within the wish, even, never enlarged.

    A picture that is tiny, or so narrow that a side would vanish, has at least 16 pixels to each side.
    """
    most_width, most_height = (min(MOST_SIDE, max(LEAST_SIDE, side)) for side in (wish.width, wish.height))
    scale = min(1.0, most_width / width, most_height / height)
    return _even(width * scale, most_width), _even(height * scale, most_height)


def rate_of(wish: Resolution) -> float:
    """Return the wished frames per second, within what is done."""
    return min(MOST_RATE, max(1.0, wish.per_second))


class FileWatch:
    """Looks now and then whether a file is still there and as long as it was.

    Attributes:
        is_changed: It was written to since, or is another file now.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._next_ns = 0
        try:
            found = Path(path).stat()
        except (OSError, ValueError) as error:
            raise refusals.refuse_os_error(path, error) from error
        self._size, self._changed_ns = found.st_size, found.st_mtime_ns
        self.is_changed = False

    def look(self, now_ns: int = 0) -> None:
        """Look, if it is time; at once where no time is given.

        Raises:
            FileGone: It was removed, or cut short.
        """
        if now_ns and now_ns < self._next_ns:
            return
        self._next_ns = now_ns + _LOOK_NS
        try:
            found = Path(self._path).stat()
        except OSError as error:
            raise FileGone(refusals.refuse_os_error(self._path, error).message) from error
        if found.st_size < self._size:
            raise FileGone(refusals.damaged(self._path).message)
        self.is_changed = (found.st_size, found.st_mtime_ns) != (self._size, self._changed_ns)


class Stage:
    """What stands between a file and the boxes.

    Attributes:
        written_ns: When the last frame was written; 0 before the first.
    """

    def __init__(self, request: CaptureFile, context: TaskContext, camera: FrameBox, switch: SwitchBox) -> None:
        self.written_ns = 0
        self._request = request
        self._context = context
        self._camera = camera
        self._switch = switch
        self._last: Pixels | None = None
        self._said: Resolution | None = None
        self._sign_ns = 0

    # ----------------------------------------------------------------------------------------------------- time

    def check(self) -> int:
        """Return the time; also the sign of life, and the place where it ends.

        Raises:
            SessionOver: The boxes are closed.
            Cancelled: The task is stopped.
        """
        self._context.check_stopped()
        if self._switch.is_over:
            raise SessionOver
        now = time.monotonic_ns()
        if now - self._sign_ns >= _SIGN_NS:
            self._sign_ns = now
            self._context.report(0.0, STEP)
        return now

    def wait_until(self, due_ns: int) -> int:
        """Wait for a time and return it; raises like ``check``."""
        while (left := due_ns - (now := self.check())) > 0:
            self._context.stop_event.wait(min(left / 1e9, _NAP_S))
        return now

    # --------------------------------------------------------------------------------------------------- frames

    def rgb(self, frame: VideoFrame, rotation: int, shape: float) -> Pixels:
        """Return a video's frame as it is written: upright, in its size.

        Args:
            frame: As decoded.
            rotation: Degrees by which it has to be turned with the clock.
            shape: Width of a pixel by its height.

        Raises:
            InputRefused: It is larger than may be.
        """
        if frame.width * frame.height > self._request.max_pixels:
            raise refusals.too_large(self._request.path, frame.width, frame.height, self._request.max_pixels)
        wide, high = max(1, round(frame.width * shape)), frame.height
        is_across = rotation in {90, 270}
        width, height = fitted(*((high, wide) if is_across else (wide, high)), self._request.wish)
        pixels = rgb_of(frame, *((height, width) if is_across else (width, height)))
        if rotation in _TURNS:
            pixels = np.asarray(cv2.rotate(pixels, _TURNS[rotation]), np.uint8)
        return pixels

    def write(self, pixels: Pixels, per_second: float, taken_ns: int) -> None:
        """Give a frame.

        Args:
            pixels: uint8 (H, W, 3), RGB; it is kept for ``again``.
            per_second: How many of them come in a second.
            taken_ns: Its time.
        """
        if self._request.is_mirrored:
            pixels = np.asarray(cv2.flip(pixels, 1), np.uint8)
        self._last = pixels
        self._put(pixels, taken_ns)
        height, width = pixels.shape[:2]
        gives = Resolution(width, height, round(per_second, 3))
        if self._said != gives:
            self._said = gives
            self.tell(CaptureNote(CaptureEvent.STARTED, resolution=gives))

    def again(self, taken_ns: int) -> None:
        """Give the last frame once more, as a camera does that looks at something that does not move."""
        if self._last is not None:
            self._put(self._last, taken_ns)

    def _put(self, pixels: Pixels, taken_ns: int) -> None:
        height, width = pixels.shape[:2]
        if self._request.with_time_code:
            pixels = pixels.copy()
            time_code.draw(pixels.data, width, height, taken_ns)
        self._camera.write(np.ascontiguousarray(pixels).data, width, height, taken_ns)
        self.written_ns = taken_ns

    # ---------------------------------------------------------------------------------------------------- notes

    def tell(self, note: CaptureNote) -> None:
        """Send a note to the window."""
        self._context.report(0.0, STEP, CaptureUpdate(note))

    def tell_gone(self, event: CaptureEvent, text: Message) -> None:
        """Say that the file cannot be read on; should it be back, that it started is told again."""
        self._said = None
        self.tell(CaptureNote(event, CaptureTrouble.UNREADABLE, text=text))


def gone(error: InputRefused) -> FileGone:
    """Turn a refusal in the middle of a session into the end of the file."""
    return FileGone(error.message)


def _even(side: float, most: int) -> int:
    return max(LEAST_SIDE, min(round(side / 2) * 2, most // 2 * 2))
