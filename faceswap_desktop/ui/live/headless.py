"""The computer's cameras and pages of services for the command line: Qt's loop without a window. Loaded when wanted."""

from __future__ import annotations

import os
import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtWidgets import QApplication

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.live import CameraChoice, CaptureTrouble, MicrophoneChoice
from faceswap_desktop.domain.messages import foreign, message
from faceswap_desktop.services import live_words
from faceswap_desktop.ui.live.devices import Devices

if TYPE_CHECKING:
    from faceswap_desktop.services.live_frames import FileFrames
    from faceswap_desktop.ui.live.camera import QtCamera
    from faceswap_desktop.ui.live.microphone import QtMicrophone
    from faceswap_desktop.ui.live.web_leg import WebLeg

_NO_MICROPHONE: Final = "none"


def run_in_qt(main: Coroutine[Any, Any, int]) -> int:
    """Run a coroutine to its end in Qt's loop, without a screen; returns what it returns."""
    if sys.platform.startswith("linux"):
        # A command may run where no screen is, and shows nothing where one is.
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from faceswap_desktop.ui.loop import run_once

    app = QApplication.instance()
    return run_once(main, app if isinstance(app, QApplication) else QApplication([sys.argv[0]]))


def find_camera(name: str | None) -> CameraChoice:
    """Return a camera by its name, or the system's default one.

    Raises:
        InputRefused: Kind ``no-camera``: there is none, or none of that name.
    """
    devices = Devices()
    if (trouble := devices.trouble()) is not None:
        raise InputRefused(trouble, kind=CaptureTrouble.NO_CAMERA.value)
    there = devices.cameras()
    found = [one for one in there if name is None or name.casefold() in {one.name.casefold(), one.id.casefold()}]
    if not found:
        raise _no_camera(name, there)
    return found[0]


def camera_capture(camera: CameraChoice) -> QtCamera:
    """Return what gives a camera's pictures."""
    from faceswap_desktop.ui.live.camera import QtCamera

    return QtCamera(camera)


def find_microphone(wanted: str) -> MicrophoneChoice | None:
    """Return the microphone of that id, else the default one; None for ``none``, and where there is none."""
    there = Devices().microphones() if wanted != _NO_MICROPHONE else []
    return next((one for one in there if one.id == wanted), there[0]) if there else None


def microphone_capture(microphone: MicrophoneChoice) -> QtMicrophone:
    """Return what gives a microphone's sound."""
    from faceswap_desktop.ui.live.microphone import QtMicrophone

    return QtMicrophone(microphone)


def make_leg(camera: CameraChoice, microphone: MicrophoneChoice | None, frames: FileFrames | None) -> WebLeg:
    """Return the way of the pictures to a service and back: a page that nobody sees.

    Raises:
        InputRefused: Kind ``no-engine``: the browser for it cannot be loaded.
    """
    from faceswap_desktop.ui.live.web_engine import available

    if (missing := available()) is not None:
        raise InputRefused(missing, kind="no-engine")
    from faceswap_desktop.ui.live.web_leg import WebLeg

    return WebLeg(camera, microphone, frames=frames)


def _no_camera(name: str | None, there: list[CameraChoice]) -> InputRefused:
    kind = CaptureTrouble.NO_CAMERA
    if name is None or not there:
        return InputRefused(live_words.what(kind), live_words.what_helps(kind), kind=kind.value)
    return InputRefused(
        message("There is no camera called “{name}”.", name=foreign(name)),
        message("Those there are: {names}.", names=foreign(", ".join(one.name for one in there))),
        kind=kind.value,
    )
