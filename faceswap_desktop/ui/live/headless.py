"""The computer's cameras for the command line: Qt's loop without a window. To be loaded when a camera is wanted."""

from __future__ import annotations

import os
import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtGui import QGuiApplication

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.live import CameraChoice, CaptureTrouble
from faceswap_desktop.domain.messages import foreign, message
from faceswap_desktop.services import live_words
from faceswap_desktop.ui.live.devices import Devices

if TYPE_CHECKING:
    from faceswap_desktop.ui.live.camera import QtCamera
    from faceswap_desktop.ui.live.microphone import QtMicrophone

_NO_MICROPHONE: Final = "none"


def run_in_qt(main: Coroutine[Any, Any, int]) -> int:
    """Run a coroutine to its end in Qt's loop, without a screen; returns what it returns."""
    if sys.platform.startswith("linux"):
        # A command may run where no screen is, and shows nothing where one is.
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    import qasync

    app = QGuiApplication.instance() or QGuiApplication([sys.argv[0]])
    with qasync.QEventLoop(app) as loop:
        return int(loop.run_until_complete(main))


def find_camera(name: str | None) -> tuple[CameraChoice, QtCamera]:
    """Return a camera by its name, or the system's default one, and what gives its pictures.

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
    from faceswap_desktop.ui.live.camera import QtCamera

    return found[0], QtCamera(found[0])


def find_microphone(wanted: str) -> QtMicrophone | None:
    """Return the microphone of that id, else the default one; None for ``none``, and where there is none."""
    there = Devices().microphones() if wanted != _NO_MICROPHONE else []
    if not there:
        return None
    from faceswap_desktop.ui.live.microphone import QtMicrophone

    return QtMicrophone(next((one for one in there if one.id == wanted), there[0]))


def _no_camera(name: str | None, there: list[CameraChoice]) -> InputRefused:
    kind = CaptureTrouble.NO_CAMERA
    if name is None or not there:
        return InputRefused(live_words.what(kind), live_words.what_helps(kind), kind=kind.value)
    return InputRefused(
        message("There is no camera called “{name}”.", name=foreign(name)),
        message("Those there are: {names}.", names=foreign(", ".join(one.name for one in there))),
        kind=kind.value,
    )
