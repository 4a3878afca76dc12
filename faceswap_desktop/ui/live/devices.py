"""Which cameras and microphones there are, and when one comes or goes. To be loaded when something of Live starts."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from faceswap_desktop.domain.live import CameraChoice, CameraKind, MicrophoneChoice
from faceswap_desktop.domain.messages import Message
from faceswap_desktop.services import live_words
from faceswap_desktop.ui.live.formats import Offer, resolutions

if TYPE_CHECKING:
    from PySide6.QtCore import QByteArray
    from PySide6.QtMultimedia import QAudioDevice, QCameraDevice, QCameraFormat

logger = logging.getLogger(__name__)


class Devices(QObject):
    """Looks after the computer's cameras and microphones. One of them serves a program.

    Signals:
        changed: Either of the two.
        cameras_changed: A camera came or went, or another one is the default.
        microphones_changed: Likewise.
    """

    changed = Signal()
    cameras_changed = Signal()
    microphones_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cameras: list[CameraChoice] | None = None
        self._microphones: list[MicrophoneChoice] | None = None
        self._watched: QObject | None = None
        try:
            from PySide6.QtMultimedia import QMediaDevices
        except ImportError as error:
            logger.info("no multimedia: %s", error)
            return
        watched = QMediaDevices(self)
        watched.videoInputsChanged.connect(self._on_cameras)
        watched.audioInputsChanged.connect(self._on_microphones)
        self._watched = watched

    def trouble(self) -> Message | None:
        """Say why no device can be reached at all; None where they can."""
        return live_words.no_multimedia() if self._watched is None else None

    def cameras(self) -> list[CameraChoice]:
        """Return the cameras, the system's default one first; equal names are told apart by numbers."""
        if self._cameras is None:
            found = list(camera_devices())
            names = told_apart([device.description() for device in found])
            self._cameras = [
                CameraChoice(CameraKind.DEVICE, id_of(device.id()), name, resolutions(offers_of(device.videoFormats())))
                for device, name in zip(found, names, strict=True)
            ]
        return list(self._cameras)

    def microphones(self) -> list[MicrophoneChoice]:
        """Return the microphones, the system's default one first."""
        if self._microphones is None:
            found = list(microphone_devices())
            names = told_apart([device.description() for device in found])
            self._microphones = [
                MicrophoneChoice(id_of(device.id()), name) for device, name in zip(found, names, strict=True)
            ]
        return list(self._microphones)

    def _on_cameras(self) -> None:
        self._cameras = None
        self.cameras_changed.emit()
        self.changed.emit()

    def _on_microphones(self) -> None:
        self._microphones = None
        self.microphones_changed.emit()
        self.changed.emit()


def camera_devices() -> Iterator[QCameraDevice]:
    """Go through the system's cameras, the default one first."""
    with contextlib.suppress(ImportError):
        from PySide6.QtMultimedia import QMediaDevices

        default = QMediaDevices.defaultVideoInput()
        found = [device for device in QMediaDevices.videoInputs() if not device.isNull()]
        yield from sorted(found, key=lambda device: device.id() != default.id())


def microphone_devices() -> Iterator[QAudioDevice]:
    """Go through the system's microphones, the default one first."""
    with contextlib.suppress(ImportError):
        from PySide6.QtMultimedia import QMediaDevices

        default = QMediaDevices.defaultAudioInput()
        found = [device for device in QMediaDevices.audioInputs() if not device.isNull()]
        yield from sorted(found, key=lambda device: device.id() != default.id())


def id_of(said: QByteArray) -> str:
    """Return a device's id as text; whatever bytes it has, the same text means the same device."""
    return bytes(said.data()).decode("utf-8", "backslashreplace")


def offers_of(formats: Sequence[QCameraFormat]) -> list[Offer]:
    """Return a camera's formats as values, each with its place in the list."""
    from PySide6.QtMultimedia import QVideoFrameFormat

    jpeg = QVideoFrameFormat.PixelFormat.Format_Jpeg
    return [
        Offer(
            one.resolution().width(),
            one.resolution().height(),
            one.maxFrameRate(),
            one.pixelFormat() == jpeg,
            number,
        )
        for number, one in enumerate(formats)
    ]


def told_apart(names: list[str]) -> list[str]:
    """Return the names, with numbers behind the second and further ones of the same kind."""
    seen: dict[str, int] = {}
    told = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        told.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return told
