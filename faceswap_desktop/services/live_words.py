"""What is the matter with a camera or microphone, and what helps: the same words in the window and the terminal."""

from __future__ import annotations

import sys
from typing import Final

from faceswap_desktop.domain.live import CaptureTrouble, Resolution
from faceswap_desktop.domain.messages import Message, foreign, message

_WHAT: Final = {
    CaptureTrouble.NO_CAMERA: message("No camera is connected."),
    CaptureTrouble.IN_USE: message("“{name}” gives no picture: another program seems to use it."),
    CaptureTrouble.DENIED: message("The system does not let this program use the camera."),
    CaptureTrouble.UNPLUGGED: message("“{name}” is not connected."),
    CaptureTrouble.NO_RESOLUTION: message("“{name}” offers no resolution that can be used."),
    CaptureTrouble.UNREADABLE: message("“{name}” can no longer be read."),
    CaptureTrouble.NO_MICROPHONE: message("No microphone is connected."),
    CaptureTrouble.MICROPHONE_DENIED: message("The system does not let this program use the microphone."),
}
_HELP: Final = {
    CaptureTrouble.NO_CAMERA: message("Plug one in, or choose a video or a picture as camera."),
    CaptureTrouble.IN_USE: message("Close other programs and web pages that show its picture."),
    CaptureTrouble.UNPLUGGED: message("Plug it in again, or choose another camera."),
    CaptureTrouble.NO_RESOLUTION: message("Choose another camera."),
    CaptureTrouble.UNREADABLE: message("Choose another file."),
    CaptureTrouble.NO_MICROPHONE: message("Plug one in, or go live without sound."),
}
_WHERE: Final = {
    ("win32", CaptureTrouble.DENIED): message(
        "Allow it in Settings, Privacy & security, Camera: also “Let desktop apps access your camera”."
    ),
    ("win32", CaptureTrouble.MICROPHONE_DENIED): message(
        "Allow it in Settings, Privacy & security, Microphone: also “Let desktop apps access your microphone”."
    ),
    ("darwin", CaptureTrouble.DENIED): message(
        "Allow it in System Settings, Privacy & Security, Camera, and start the program again."
    ),
    ("darwin", CaptureTrouble.MICROPHONE_DENIED): message(
        "Allow it in System Settings, Privacy & Security, Microphone, and start the program again."
    ),
    ("linux", CaptureTrouble.DENIED): message(
        "Add your account to the group “video” and log in again; in a Flatpak or Snap, allow the program its devices."
    ),
    ("linux", CaptureTrouble.MICROPHONE_DENIED): message(
        "In a Flatpak or Snap, allow the program to record sound in its permissions."
    ),
}

_UNNAMED: Final = {
    CaptureTrouble.IN_USE: message("The camera gives no picture: another program seems to use it."),
    CaptureTrouble.UNPLUGGED: message("The camera is not connected."),
    CaptureTrouble.NO_RESOLUTION: message("The camera offers no resolution that can be used."),
    CaptureTrouble.UNREADABLE: message("The file can no longer be read."),
}


def what(trouble: CaptureTrouble, name: str = "") -> Message:
    """Say what is the matter.

    Args:
        trouble: Which.
        name: What people call the camera, microphone or file.
    """
    words = _WHAT[trouble]
    if "{name}" not in words.template:
        return words
    shown = foreign(name)
    return message(words.template, name=shown) if shown else _UNNAMED[trouble]


def what_helps(trouble: CaptureTrouble, system: str = sys.platform) -> Message:
    """Say what helps; where a permission is given depends on the system (as ``sys.platform`` names it)."""
    known = system if system in {"win32", "darwin"} else "linux"
    return _WHERE.get((known, trouble)) or _HELP[trouble]


def microphone_missing(name: str) -> Message:
    """A microphone that was chosen is not there, or cannot be opened."""
    return message("“{name}” gives no sound: it is not connected, or another program uses it.", name=foreign(name))


def microphone_lost(name: str) -> Message:
    """A microphone was unplugged, or stopped giving sound."""
    return message("“{name}” gives no sound any more.", name=foreign(name))


def other_resolution(wish: Resolution, given: Resolution) -> Message:
    """A camera does not offer what was wished."""
    return message(
        "The camera does not offer {wide} × {high}; it gives {width} × {height}.",
        wide=wish.width,
        high=wish.height,
        width=given.width,
        height=given.height,
    )


def no_multimedia() -> Message:
    """The libraries are missing through which cameras and microphones are reached."""
    return message("Cameras and microphones cannot be reached: a library of the system is missing, such as libpulse0.")
