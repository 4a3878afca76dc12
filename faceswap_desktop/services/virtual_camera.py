"""What a virtual camera needs on this system, and how to get it."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.messages import Message, message

_PACKAGE: Final = "pyvirtualcam"
_INSTALLER: Final = "pip"
_LOOPBACK: Final = Path("/sys/devices/virtual/video4linux")
_OBS_ON_MAC: Final = (
    Path("/Applications/OBS.app"),
    Path("/Library/CoreMediaIO/Plug-Ins/DAL/obs-mac-virtualcam.plugin"),
)
_LOAD_DRIVER: Final = 'sudo modprobe v4l2loopback exclusive_caps=1 card_label="Faceswap Desktop"'
_OBS_ON_WINDOWS: Final = r"CLSID\{A3FCE0F5-3493-419F-958A-ABA1250EC20B}"


def virtual_camera_need() -> Message | None:
    """Return what is missing for a virtual camera and how to get it; None where nothing is.

    Cheap: files are looked for, nothing is loaded.
    """
    look = _LOOKS.get(sys.platform)
    if look is None:
        return message("There is no virtual camera for this system.")
    driver = look()
    if importlib.util.find_spec(_PACKAGE) is not None:
        return driver
    if driver is None:
        return message(
            "The virtual camera needs a package that is not installed, because its licence is the GPL. Install it with:"
            " {command}",
            command=install_command(),
        )
    if look is _need_on_linux:
        return message(
            "The virtual camera needs two things. A package that is not installed, because its licence is the GPL."
            " Install it with: {command}\n"
            "And the driver v4l2loopback. Install the package v4l2loopback-dkms of your distribution, then run:"
            " {driver}",
            command=install_command(),
            driver=_LOAD_DRIVER,
        )
    return message(
        "The virtual camera needs two things. A package that is not installed, because its licence is the GPL."
        " Install it with: {command}\n"
        "And the camera of OBS Studio. Install OBS Studio, open it, and start its virtual camera once.",
        command=install_command(),
    )


def install_command() -> str:
    """Return what installs it beside the program: not every environment has a pip of its own."""
    if importlib.util.find_spec(_INSTALLER) is None:
        return f'uv pip install --python "{sys.executable}" {_PACKAGE}'
    return f'"{sys.executable}" -m pip install {_PACKAGE}'


def has_loopback(folder: Path) -> bool:
    """Whether v4l2loopback has made a camera; real cameras hang on a bus and are not in that folder."""
    return folder.is_dir() and any(one.name.startswith("video") for one in folder.iterdir())


def _need_on_linux() -> Message | None:
    if has_loopback(_LOOPBACK):
        return None
    return message(
        "The virtual camera needs the driver v4l2loopback. Install the package v4l2loopback-dkms of your distribution,"
        " then run: {command}",
        command=_LOAD_DRIVER,
    )


def _need_on_mac() -> Message | None:
    return None if any(path.exists() for path in _OBS_ON_MAC) else _no_obs()


def _need_on_windows() -> Message | None:
    if sys.platform == "win32":
        import winreg

        try:
            winreg.CloseKey(winreg.OpenKey(winreg.HKEY_CLASSES_ROOT, _OBS_ON_WINDOWS))
        except OSError:
            return _no_obs()
    return None


def _no_obs() -> Message:
    return message(
        "The virtual camera uses the one of OBS Studio. Install OBS Studio, open it, and start its virtual camera once."
    )


_LOOKS: Final[dict[str, Callable[[], Message | None]]] = {
    "linux": _need_on_linux,
    "darwin": _need_on_mac,
    "win32": _need_on_windows,
}
