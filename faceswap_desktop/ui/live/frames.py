"""A camera's frames as RGB bytes."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QLoggingCategory, QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader, QTransform
from PySide6.QtMultimedia import QVideoFrame, QVideoFrameFormat

from faceswap_desktop.domain.live import MOST_SIDE

_CHANNELS: Final = 3
_JPEG: Final = b"\xff\xd8"
_MOST_PIXELS: Final = 64_000_000
"""A frame that claims to be larger is not decoded."""


class Unpacker(QObject):
    """Makes images of frames, without keeping the window waiting.

    Raw frames are converted at once: one to five milliseconds. JPEG frames, as most cameras give for large pictures,
    take five times as long; a thread decodes them, one at a time, and of those that come meanwhile the newest is next.

    Signals:
        ready: An image in any format, upright, and when it was taken (``time.monotonic_ns``).
    """

    ready = Signal(QImage, object)
    _decoded = Signal(QImage, object, int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: ThreadPoolExecutor | None = None
        self._running: Future[None] | None = None
        self._next: tuple[bytes, QTransform, int] | None = None
        self._turn = 0
        """Rises when what was offered before is wanted no more."""
        self._decoded.connect(self._on_decoded, Qt.ConnectionType.QueuedConnection)

    def offer(self, frame: QVideoFrame, taken_ns: int) -> None:
        """Take a frame; ``ready`` tells of it, now or soon, or never where a newer one came or it is broken."""
        if not frame.isValid():
            return
        if frame.pixelFormat() != QVideoFrameFormat.PixelFormat.Format_Jpeg:
            image = frame.toImage()
            if not image.isNull():
                self.ready.emit(_turned(image, _turn(frame)), taken_ns)
        elif frame.map(QVideoFrame.MapMode.ReadOnly):
            data = bytes(frame.bits(0))
            frame.unmap()
            self._next = (data, _turn(frame), taken_ns)
            self._decode_next()

    def forget(self) -> None:
        """Want nothing more of what was offered so far."""
        self._turn += 1
        self._next = None

    async def close(self) -> None:
        """Forget everything; returns when the thread has ended. Nothing may be offered after it."""
        self.forget()
        running, self._running = self._running, None
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.shutdown(wait=False)
        if running is not None:
            await asyncio.wrap_future(running)

    def _decode_next(self) -> None:
        if self._next is None or (self._running is not None and not self._running.done()):
            return
        if self._thread is None:
            # Many cameras end each picture with some bytes too many, of which Qt would tell thirty times a second.
            QLoggingCategory.setFilterRules("qt.gui.imageio.jpeg.warning=false")
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="camera")
        work, self._next = self._next, None
        self._running = self._thread.submit(self._decode, *work, self._turn)

    def _decode(self, data: bytes, turn: QTransform, taken_ns: int, number: int) -> None:
        self._decoded.emit(_turned(decoded_jpeg(data), turn), taken_ns, number)

    def _on_decoded(self, image: QImage, taken_ns: int, number: int) -> None:
        if number == self._turn and not image.isNull():
            self.ready.emit(image, taken_ns)
        # The thread may not have left its work yet: then the next frame that is offered goes on.
        self._decode_next()


def decoded_jpeg(data: bytes) -> QImage:
    """Decode a JPEG frame; null where it is broken. Unlike ``QImage.fromData`` it lets other threads run."""
    if not data.startswith(_JPEG):
        return QImage()
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(b"jpeg"))
    size = reader.size()
    if not size.isValid() or size.width() * size.height() > _MOST_PIXELS:
        return QImage()
    return reader.read()


def rgb(image: QImage, *, is_mirrored: bool, room: QSize | None = None) -> tuple[bytes | memoryview, int, int]:
    """Return an image's pixels, its width and its height.

    Args:
        image: In any format.
        is_mirrored: Swap left and right.
        room: The result is shrunk to fit into this, its shape kept; into ``MOST_SIDE`` to each side if None.

    Returns:
        RGB, 8 bits, ``height`` × ``width`` × 3 bytes without gaps.
    """
    most = QSize(MOST_SIDE, MOST_SIDE) if room is None else room
    if image.width() > most.width() or image.height() > most.height():
        size = image.size().scaled(most, Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(1, 1))
        image = image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    if is_mirrored:
        image = image.flipped(Qt.Orientation.Horizontal)
    width, height, stride = image.width(), image.height(), image.bytesPerLine()
    bits = memoryview(image.constBits())
    length = width * _CHANNELS
    if stride == length:
        return bytes(bits[: length * height]), width, height
    return b"".join(bits[row * stride : row * stride + length] for row in range(height)), width, height


def _turn(frame: QVideoFrame) -> QTransform:
    """Return how a frame has to be turned: a tablet's camera says it of each."""
    turn = QTransform().rotate(float(frame.rotation().value))
    return turn.scale(-1.0, 1.0) if frame.mirrored() else turn


def _turned(image: QImage, turn: QTransform) -> QImage:
    return image if turn.isIdentity() or image.isNull() else image.transformed(turn)
