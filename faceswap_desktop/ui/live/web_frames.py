"""Frames into the page of a session, where a file is the camera, and out of it, for a virtual camera."""

from __future__ import annotations

import base64
import time
from typing import Final, Protocol

from PySide6.QtCore import QBuffer, QIODevice, QObject, Qt, QTimer
from PySide6.QtGui import QImage

from faceswap_desktop.domain.live import FrameSink
from faceswap_desktop.ui.live.web_channel import Bridge

PER_SECOND: Final = 20
"""What the service is sent."""
WIDTH, HEIGHT = 640, 480
_QUALITY: Final = 90


class Frame(Protocol):
    """A frame, as ``workers.boxes.BoxedFrame`` is one."""

    @property
    def number(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def pixels(self) -> bytes: ...


class FrameReader(Protocol):
    """Where frames are read from, as ``workers.boxes.FrameBox`` is one."""

    def read(self, after: int = 0) -> Frame | None:
        """Return the newest frame; None where there is none newer than ``after``."""
        ...


class CameraPump(QObject):
    """Sends the newest frame to the page, and the next when that was taken: nothing queues."""

    def __init__(self, frames: FrameReader, bridge: Bridge) -> None:
        super().__init__(bridge)
        self._frames, self._bridge = frames, bridge
        self._last = 0
        self._is_taken = True
        bridge.on_camera_taken = self._on_taken
        timer = QTimer(self)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(self._send)
        timer.start(1000 // PER_SECOND)
        self._timer = timer

    def stop(self) -> None:
        """Send nothing any more."""
        self._timer.stop()

    def _on_taken(self) -> None:
        self._is_taken = True

    def _send(self) -> None:
        if not self._is_taken:
            return
        try:
            frame = self._frames.read(self._last)
        except ValueError:  # the box was closed while the session ends
            self.stop()
            return
        if frame is None:
            return
        self._last, self._is_taken = frame.number, False
        self._bridge.camera_frame.emit(frame.number, _jpeg(frame))


def _jpeg(frame: Frame) -> str:
    picture = QImage(frame.pixels, frame.width, frame.height, frame.width * 3, QImage.Format.Format_RGB888)
    if frame.width > WIDTH or frame.height > HEIGHT:
        picture = picture.scaled(WIDTH, HEIGHT, Qt.AspectRatioMode.KeepAspectRatio)
    content = QBuffer()
    content.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(content, "JPEG", _QUALITY)  # type: ignore[call-overload]
    return base64.b64encode(content.data().data()).decode()


def pass_on(content: bytes, sink: FrameSink) -> None:
    """Write a JPEG of what everybody sees into a box; one that cannot be read, or is too large, is left out."""
    taken_ns = time.monotonic_ns()
    picture = QImage.fromData(content, "JPEG").convertToFormat(QImage.Format.Format_RGB888)  # type: ignore[arg-type]
    if picture.isNull():
        return
    width, height, row = picture.width(), picture.height(), picture.width() * 3
    pixels = bytes(picture.constBits())
    if picture.bytesPerLine() != row:  # Qt begins rows at multiples of four bytes
        step = picture.bytesPerLine()
        pixels = b"".join(pixels[line * step : line * step + row] for line in range(height))
    try:
        sink.write(pixels, width, height, taken_ns)
    except ValueError:
        return
