"""Which camera, microphone and resolution are chosen; remembered in the settings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from faceswap_desktop.domain.live import CameraChoice, CameraKind, MicrophoneChoice, Resolution
from faceswap_desktop.ui.dialogs.files import PICTURE_SUFFIXES, VIDEO_SUFFIXES
from faceswap_desktop.ui.live.words import tr

if TYPE_CHECKING:
    from faceswap_desktop.ui.context import AppContext
    from faceswap_desktop.ui.live.devices import Devices

NO_MICROPHONE: Final = "none"
"""What the settings hold where no sound is wanted."""
_USUAL: Final = ((640, 480), (1280, 720), (1920, 1080))
_RATE: Final = 30.0


class Cameras(QObject):
    """Follows the devices; a file that was chosen stands beside them.

    Attributes:
        changed: Something else is there, or chosen.
    """

    changed = Signal()

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._devices: Devices | None = None
        live = context.current_settings.live
        self._file = (
            file_choice(Path(live.camera)) if live.camera_kind is not CameraKind.DEVICE and live.camera else None
        )

    def open(self) -> bool:
        """Look for devices from now on: only here, for it loads what few need. True if nobody had before."""
        is_first = self._devices is None
        if self._devices is None:
            from faceswap_desktop.ui.live.devices import Devices

            self._devices = Devices(self)
            self._devices.cameras_changed.connect(self.changed)
            self._devices.microphones_changed.connect(self.changed)
            self.changed.emit()
        return is_first

    @property
    def cameras(self) -> Sequence[CameraChoice]:
        """What there is: devices, then the file."""
        devices = self._devices.cameras() if self._devices is not None else []
        return [*devices, *([self._file] if self._file is not None else [])]

    @property
    def camera(self) -> CameraChoice | None:
        """The one that is chosen; the first if it is not there; None where there is none."""
        live = self._context.current_settings.live
        there = self.cameras
        if live.camera_kind is not CameraKind.DEVICE and self._file is not None:
            return self._file
        devices = [one for one in there if one.kind is CameraKind.DEVICE]
        return next((one for one in devices if one.id == live.camera), there[0] if there else None)

    @property
    def microphones(self) -> Sequence[MicrophoneChoice]:
        """What there is."""
        return self._devices.microphones() if self._devices is not None else []

    @property
    def microphone(self) -> MicrophoneChoice | None:
        """The one that is chosen; None where no sound is wanted, or none is there."""
        wanted = self._context.current_settings.live.microphone
        there = self.microphones
        if wanted == NO_MICROPHONE or not there:
            return None
        return next((one for one in there if one.id == wanted), there[0])

    @property
    def resolutions(self) -> Sequence[Resolution]:
        """What the chosen camera can be asked for."""
        camera = self.camera
        if camera is not None and camera.resolutions:
            return camera.resolutions
        return [Resolution(width, height, _RATE) for width, height in _USUAL]

    @property
    def resolution(self) -> Resolution:
        """What is asked for: as the settings have it, or what the camera has that is nearest."""
        live = self._context.current_settings.live
        wish = Resolution(live.width, live.height, float(live.per_second))
        there = self.resolutions
        return wish if wish in there else min(there, key=lambda one: _apart(one, wish))

    async def choose(self, camera: CameraChoice) -> None:
        """Choose a camera, and remember it."""
        if camera.kind is not CameraKind.DEVICE:
            self._file = camera
        await self._save(camera=camera.id, camera_kind=camera.kind)

    async def choose_file(self, path: Path) -> None:
        """Use a video or a picture as camera."""
        await self.choose(file_choice(path))

    async def choose_microphone(self, microphone_id: str) -> None:
        """Choose a microphone by its id; ``NO_MICROPHONE`` for none."""
        await self._save(microphone=microphone_id)

    async def choose_resolution(self, resolution: Resolution) -> None:
        """Choose pixels and rate."""
        await self._save(width=resolution.width, height=resolution.height, per_second=round(resolution.per_second))

    async def _save(self, **changes: object) -> None:
        await self._context.settings.update("live", **changes)
        self.changed.emit()


def file_choice(path: Path) -> CameraChoice:
    """Return a file as camera: what is called like a video is played, a picture is moved gently."""
    suffix = path.suffix.lower().lstrip(".")
    is_video = suffix in VIDEO_SUFFIXES and suffix not in PICTURE_SUFFIXES
    return CameraChoice(CameraKind.FILE if is_video else CameraKind.STILL, str(path), path.name)


def camera_words(camera: CameraChoice) -> str:
    """Return what people read of a camera."""
    if camera.kind is CameraKind.DEVICE:
        return camera.name or tr("Camera")
    return tr("File: {name}").format(name=camera.name)


def _apart(one: Resolution, other: Resolution) -> float:
    return abs(one.width * one.height - other.width * other.height) + abs(one.per_second - other.per_second)
