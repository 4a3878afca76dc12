"""Cameras and microphones that tests plug in: real frames of Qt, and the errors that Qt tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QColor, QImage, QImageWriter
from PySide6.QtMultimedia import QVideoFrame, QVideoFrameFormat

from faceswap_desktop.domain.live import CaptureEvent, CaptureNote, Resolution
from faceswap_desktop.ui.live.camera_system import OnFailed as OnCameraFailed
from faceswap_desktop.ui.live.camera_system import OnFrame, OpenCamera
from faceswap_desktop.ui.live.microphone_system import OnFailed, OnSound, OpenMicrophone
from faceswap_desktop.ui.live.sound_shape import SoundShape

Format = QVideoFrameFormat.PixelFormat


class Plugs:
    """What is plugged in, and who listens to that."""

    def __init__(self, *connected: str) -> None:
        self.connected = list(connected)
        self.permission: bool | None = True
        self.followers: list[Callable[[], None]] = []
        self.questions: list[Callable[[bool], None]] = []

    def ids(self) -> list[str]:
        return list(self.connected)

    def may_use(self) -> bool | None:
        return self.permission

    def ask(self, on_answer: Callable[[bool], None]) -> None:
        self.questions.append(on_answer)

    def follow(self, on_changed: Callable[[], None]) -> Callable[[], None]:
        self.followers.append(on_changed)
        return lambda: self.followers.remove(on_changed)

    def plug(self, *connected: str) -> None:
        """Let these be connected from now on."""
        self.connected = list(connected)
        for tell in list(self.followers):
            tell()


@dataclass
class PluggedCamera:
    """A camera that was opened."""

    id: str
    wish: Resolution
    give: OnFrame
    fail: OnCameraFailed
    per_second: float = 30.0
    is_open: bool = True

    def close(self) -> None:
        assert self.is_open, "closed twice"
        self.is_open = False


class Cameras(Plugs):
    """The cameras of a computer.

    Attributes:
        opened: All that were opened, in order.
        locked: Those whose device file may not be opened.
        is_usable: Whether they have a format.
    """

    def __init__(self, *connected: str) -> None:
        super().__init__(*connected)
        self.opened: list[PluggedCamera] = []
        self.locked: set[str] = set()
        self.is_usable = True

    def is_locked(self, camera_id: str) -> bool:
        return camera_id in self.locked

    def open(self, camera_id: str, wish: Resolution, on_frame: OnFrame, on_failed: OnCameraFailed) -> OpenCamera | None:
        assert not any(one.is_open for one in self.opened), "the camera belongs to one at a time"
        if not self.is_usable:
            return None
        self.opened.append(PluggedCamera(camera_id, wish, on_frame, on_failed))
        return self.opened[-1]


@dataclass
class PluggedMicrophone:
    """A microphone that was opened."""

    shape: SoundShape
    give: OnSound
    fail: OnFailed
    is_open: bool = True

    def close(self) -> None:
        assert self.is_open, "closed twice"
        self.is_open = False


class Microphones(Plugs):
    """The microphones of a computer; all give sound of one shape."""

    def __init__(self, *connected: str, shape: SoundShape | None = None) -> None:
        super().__init__(*connected)
        self.shape: SoundShape | None = shape or SoundShape()
        self.opened: list[PluggedMicrophone] = []

    def open(self, microphone_id: str, on_sound: OnSound, on_failed: OnFailed) -> OpenMicrophone | None:
        assert microphone_id in self.connected
        if self.shape is None:
            return None
        self.opened.append(PluggedMicrophone(self.shape, on_sound, on_failed))
        return self.opened[-1]


@dataclass
class Frame:
    """What a camera has written."""

    pixels: bytes
    width: int
    height: int
    taken_ns: int

    def colour(self, x: int, y: int) -> tuple[int, int, int]:
        start = (y * self.width + x) * 3
        red, green, blue = self.pixels[start : start + 3]
        return red, green, blue


@dataclass
class Sink:
    """Takes frames of up to so many pixels."""

    most_pixels: int = 1920 * 1080
    frames: list[Frame] = field(default_factory=list)

    def write(self, pixels: bytes | bytearray | memoryview, width: int, height: int, taken_ns: int) -> int:
        data = bytes(pixels)
        if len(data) != width * height * 3 or width * height > self.most_pixels:
            raise ValueError(f"{len(data)} bytes for {width} × {height}")
        self.frames.append(Frame(data, width, height, taken_ns))
        return len(self.frames)


class Notes(list[CaptureNote]):
    """What was told."""

    @property
    def events(self) -> list[CaptureEvent]:
        return [note.event for note in self]


def picture(width: int = 64, height: int = 48) -> QImage:
    """Return a picture that is red on the left and blue on the right, with a green upper edge."""
    image = QImage(width, height, QImage.Format.Format_RGBA8888)
    image.fill(QColor(200, 30, 30))
    for y in range(height):
        for x in range(width):
            if y < height // 4:
                image.setPixelColor(x, y, QColor(30, 200, 30))
            elif x >= width // 2:
                image.setPixelColor(x, y, QColor(30, 30, 200))
    return image


def frame_of(image: QImage) -> QVideoFrame:
    """Return a frame with an image's pixels: RGBA8888, ARGB32 and others that Qt takes as they are."""
    return QVideoFrame(image)


def yuv_frame(kind: QVideoFrameFormat.PixelFormat, image: QImage) -> QVideoFrame:
    """Return a frame in NV12 or YUYV, filled by hand (ITU-R BT.601, 16 to 235)."""
    width, height = image.width(), image.height()
    frame = QVideoFrame(QVideoFrameFormat(QSize(width, height), kind))
    assert frame.map(QVideoFrame.MapMode.WriteOnly)
    planes = [_writable(frame, number) for number in range(frame.planeCount())]
    for y in range(height):
        for x in range(width):
            colour = image.pixelColor(x, y)
            luma, blue, red = _yuv(colour.red(), colour.green(), colour.blue())
            if kind == Format.Format_NV12:
                planes[0][y * frame.bytesPerLine(0) + x] = luma
                chroma = frame.bytesPerLine(1) * (y // 2) + x // 2 * 2
                planes[1][chroma] = blue
                planes[1][chroma + 1] = red
            else:
                at = y * frame.bytesPerLine(0) + 2 * x
                planes[0][at] = luma
                planes[0][at + 1] = red if x % 2 else blue
    frame.unmap()
    return frame


def jpeg_frame(image: QImage) -> QVideoFrame:
    """Return a frame as a camera gives it that packs its pictures."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"jpeg"))
    writer.setQuality(95)
    assert writer.write(image.convertToFormat(QImage.Format.Format_RGB888))
    return packed_frame(bytes(data.data()), image.size())


def packed_frame(data: bytes, size: QSize) -> QVideoFrame:
    """Return a frame that claims to be a JPEG."""
    frame = QVideoFrame(QVideoFrameFormat(size, Format.Format_Jpeg))
    assert frame.map(QVideoFrame.MapMode.WriteOnly)
    _writable(frame, 0)[: len(data)] = data
    frame.unmap()
    return frame


def _writable(frame: QVideoFrame, plane: int) -> memoryview:
    bits = frame.bits(plane)
    assert isinstance(bits, memoryview)
    return bits


def _yuv(red: int, green: int, blue: int) -> tuple[int, int, int]:
    return (
        round(16 + 0.257 * red + 0.504 * green + 0.098 * blue),
        round(128 - 0.148 * red - 0.291 * green + 0.439 * blue),
        round(128 + 0.439 * red - 0.368 * green - 0.071 * blue),
    )
