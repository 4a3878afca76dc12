"""The computer's cameras as Qt reaches them, behind few calls, so that everything above can be tried without one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QCameraPermission, QCoreApplication, QMicrophonePermission, QObject, Qt, QTimer
from PySide6.QtMultimedia import QCamera, QMediaCaptureSession, QMediaDevices, QVideoFrame, QVideoSink

from faceswap_desktop.domain.live import Resolution
from faceswap_desktop.ui.live.device_run import DeviceSystem
from faceswap_desktop.ui.live.devices import camera_devices, id_of, offers_of
from faceswap_desktop.ui.live.formats import nearest

OnFrame = Callable[[QVideoFrame], None]
OnFailed = Callable[[str], None]


class OpenCamera(Protocol):
    """A camera that was opened.

    Attributes:
        per_second: Frames per second of the format that was chosen.
    """

    per_second: float

    def close(self) -> None:
        """Give it free; nothing is told any more."""
        ...


class CameraSystem(DeviceSystem, Protocol):
    """The cameras of a computer."""

    def is_locked(self, camera_id: str) -> bool:
        """Whether this camera's device file may not be opened by this user."""
        ...

    def open(self, camera_id: str, wish: Resolution, on_frame: OnFrame, on_failed: OnFailed) -> OpenCamera | None:
        """Open a camera in the format that comes nearest to a wish; None where it has none that can be used.

        ``on_failed`` is told what the system says, never before this returns.
        """
        ...


class QtCameraSystem(QObject):
    """The real one."""

    def ids(self) -> list[str]:
        """See ``DeviceSystem.ids``."""
        return [id_of(device.id()) for device in camera_devices()]

    def may_use(self) -> bool | None:
        """See ``DeviceSystem.may_use``."""
        return permission_of(QCameraPermission())

    def ask(self, on_answer: Callable[[bool], None]) -> None:
        """See ``DeviceSystem.ask``."""
        ask_permission(QCameraPermission(), self, on_answer)

    def is_locked(self, camera_id: str) -> bool:
        """See ``CameraSystem.is_locked``."""
        is_file = sys.platform.startswith("linux") and camera_id.startswith("/dev/")
        return is_file and Path(camera_id).exists() and not os.access(camera_id, os.R_OK | os.W_OK)

    def open(self, camera_id: str, wish: Resolution, on_frame: OnFrame, on_failed: OnFailed) -> OpenCamera | None:
        """See ``CameraSystem.open``."""
        device = next((one for one in camera_devices() if id_of(one.id()) == camera_id), None)
        if device is None:
            return None
        formats = device.videoFormats()
        offer = nearest(offers_of(formats), wish)
        # A backend that cannot list formats takes the one it likes.
        if offer is None and formats:
            return None
        camera = QCamera(device)
        if offer is not None:
            camera.setCameraFormat(formats[offer.number])
        return OpenedCamera(camera, wish.per_second if offer is None else offer.per_second, on_frame, on_failed, self)

    def follow(self, on_changed: Callable[[], None]) -> Callable[[], None]:
        """See ``DeviceSystem.follow``."""
        watch = QMediaDevices(self)
        watch.videoInputsChanged.connect(on_changed)

        def leave() -> None:
            watch.videoInputsChanged.disconnect(on_changed)
            watch.deleteLater()

        return leave


class OpenedCamera(QObject):
    """A camera, the session that it belongs to, and the sink where its frames come out."""

    def __init__(
        self, camera: QCamera, per_second: float, on_frame: OnFrame, on_failed: OnFailed, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.per_second = per_second
        self._on_frame, self._on_failed = on_frame, on_failed
        self._is_open = True
        camera.setParent(self)
        self._camera = camera
        self._session = QMediaCaptureSession(self)
        self._sink = QVideoSink(self)
        self._session.setVideoSink(self._sink)
        self._session.setCamera(camera)
        self._sink.videoFrameChanged.connect(self._on_frame_changed)
        # What start itself finds out is told after it has returned.
        camera.errorOccurred.connect(self._on_error, Qt.ConnectionType.QueuedConnection)
        camera.start()
        if camera.error() != QCamera.Error.NoError:
            # It said so while nobody was listening yet.
            QTimer.singleShot(0, self, self._tell_error)

    def close(self) -> None:
        """Stop the camera and let go of it."""
        if not self._is_open:
            return
        self._is_open = False
        self._sink.videoFrameChanged.disconnect(self._on_frame_changed)
        self._camera.errorOccurred.disconnect(self._on_error)
        self._camera.stop()
        # Qt takes none here, its stubs do not.
        self._session.setCamera(None)  # type: ignore[arg-type]
        self.deleteLater()

    def _on_frame_changed(self, frame: QVideoFrame) -> None:
        if self._is_open:
            self._on_frame(frame)

    def _tell_error(self) -> None:
        self._on_error(self._camera.error(), self._camera.errorString())

    def _on_error(self, error: QCamera.Error, text: str) -> None:
        if self._is_open and error != QCamera.Error.NoError:
            self._on_failed(text)


def permission_of(kind: QCameraPermission | QMicrophonePermission) -> bool | None:
    """Whether the system has given a permission; None where the user has not been asked."""
    application = QCoreApplication.instance()
    status = application.checkPermission(kind) if application is not None else Qt.PermissionStatus.Granted
    return {Qt.PermissionStatus.Granted: True, Qt.PermissionStatus.Denied: False}.get(status)


def ask_permission(
    kind: QCameraPermission | QMicrophonePermission, context: QObject, on_answer: Callable[[bool], None]
) -> None:
    """Let the system ask the user; told on the loop's thread."""
    application = QCoreApplication.instance()
    assert application is not None
    application.requestPermission(
        kind, context, lambda answer: on_answer(answer.status() == Qt.PermissionStatus.Granted)
    )
