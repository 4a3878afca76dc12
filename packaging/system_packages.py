"""System libraries and programs on Debian, Ubuntu and their kin: which are missing, and how they get there.

What is looked for is the library or the program itself, not the package: names of packages differ between releases
(libglib2.0-0 and libglib2.0-0t64), the names of libraries do not. Other Linux systems get the list in words.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final


@dataclass(frozen=True)
class Need:
    """A Debian package and what shows that it is there: the name of a library or of a program, or a file.

    ``later`` is what the package is called since Debian 13 and Ubuntu 24.04, where apt does not take the old name.
    """

    package: str
    library: str = ""
    program: str = ""
    file: str = ""
    later: str = ""


# Found by starting a window in a bare Debian 12 with nothing but Python.
WINDOW: Final = (
    Need("libegl1", "libEGL.so.1"),
    Need("libgl1", "libGL.so.1"),
    Need("libdbus-1-3", "libdbus-1.so.3"),
    Need("libglib2.0-0", "libglib-2.0.so.0"),
    Need("libfontconfig1", "libfontconfig.so.1"),
    Need("libxkbcommon0", "libxkbcommon.so.0"),
    Need("libxcb-cursor0", "libxcb-cursor.so.0"),
    Need("libxcb-icccm4", "libxcb-icccm.so.4"),
    Need("libxcb-keysyms1", "libxcb-keysyms.so.1"),
    Need("libxcb-shape0", "libxcb-shape.so.0"),
    Need("libxcb-xkb1", "libxcb-xkb.so.1"),
    Need("libxkbcommon-x11-0", "libxkbcommon-x11.so.0"),
    # Sound: without the first, QtMultimedia cannot be imported; without the second it has no backend.
    Need("libpulse0", "libpulse.so.0"),
    Need("libxrandr2", "libXrandr.so.2"),
)
# Chromium's, for Live at a service: found by loading a page in that system with the window's packages. 7 MB together.
# The window starts without them; the Live page says what is missing.
LIVE: Final = (
    Need("libnss3", "libnss3.so"),
    Need("libasound2", "libasound.so.2", later="libasound2t64"),
    Need("libxcomposite1", "libXcomposite.so.1"),
    Need("libxdamage1", "libXdamage.so.1"),
    Need("libxtst6", "libXtst.so.6"),
    Need("libxkbfile1", "libxkbfile.so.1"),
)
TESTS: Final = (
    Need("xvfb", program="Xvfb"),
    Need("xauth", program="xauth"),
    Need("openbox", program="openbox"),
    Need("xdotool", program="xdotool"),
    Need("x11-utils", program="xwininfo"),
    # The independent witness of what a rendered video kept.
    Need("ffmpeg", program="ffprobe"),
    # The accessibility bus, over which a test reads the window as a screen reader does.
    Need("dbus-daemon", program="dbus-daemon"),
    Need("at-spi2-core", file="/usr/share/defaults/at-spi2/accessibility.conf"),
    # A session of its own with the keyring of Linux desktops, in which keys are kept and found again.
    Need("dbus-daemon", program="dbus-run-session"),
    Need("gnome-keyring", program="gnome-keyring-daemon"),
    # The independent witnesses of what results say of themselves: tests/witness, and XMP and IPTC.
    Need("nodejs", program="node"),
    Need("npm", program="npm"),
    Need("libimage-exiftool-perl", program="exiftool"),
)

LOCK_WAIT_S: Final = 300
"""How long apt may wait for another program that is installing something."""


def install_missing(needs: Iterable[Need]) -> bool:
    """Install what is missing and tell it; True if nothing is missing afterwards.

    Never ends the start: what cannot be installed is said, and the program tries without it.
    """
    if not sys.platform.startswith("linux"):
        return True
    missing = _missing(needs)
    if not missing:
        return True
    if _apt_install(missing) and not _missing(missing):
        return True
    wanted = [_name_here(need) for need in _missing(missing)]
    if not wanted:
        return True
    if shutil.which("apt-get"):
        advice = f"please run: sudo apt-get install {' '.join(wanted)}"
    else:
        names = ", ".join(need.library or need.program or need.file for need in missing)
        advice = f"please install them with this system's package manager: {names} (on Debian: {' '.join(wanted)})"
    print(f"Some system libraries or programs are missing; {advice}. Going on without them.", file=sys.stderr)
    return False


def install_venv_module() -> None:
    """Make ``python -m venv`` work where the system ships Python without it."""
    if importlib.util.find_spec("ensurepip") is None and sys.platform.startswith("linux"):
        _apt_install([Need(f"python{sys.version_info[0]}.{sys.version_info[1]}-venv")])


def _missing(needs: Iterable[Need]) -> list[Need]:
    needs = list(needs)
    libraries = _known_libraries() if any(need.library for need in needs) else ""
    return [need for need in needs if not _is_there(need, libraries)]


def _is_there(need: Need, libraries: str) -> bool:
    if need.file:
        return Path(need.file).exists()
    if need.program:
        return shutil.which(need.program) is not None
    if libraries:
        return f"{need.library} " in libraries
    return any(Path(folder).glob(f"**/{need.library}") for folder in ("/usr/lib", "/lib"))


def _known_libraries() -> str:
    # Not on every user's path; without it (musl, NixOS) the folders are searched instead.
    program = shutil.which("ldconfig") or "/sbin/ldconfig"
    try:
        answer = subprocess.run([program, "-p"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout


def _apt_install(needs: Sequence[Need]) -> bool:
    if not shutil.which("apt-get"):
        return False
    prefix: list[str] = []
    if os.geteuid() != 0:
        # -n: never ask for a password in the middle of a start.
        asked = shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
        if not asked or asked.returncode != 0:
            return False
        prefix = ["sudo", "-n"]
    named = " ".join(need.package for need in needs)
    print(f"Installing missing system packages with apt: {named} …", file=sys.stderr, flush=True)
    apt = [
        *prefix,
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-o",
        f"DPkg::Lock::Timeout={LOCK_WAIT_S}",
        "-qq",
    ]
    # The lists may be missing, or too old to name what is served today.
    _run_apt([*apt, "update"])
    packages = [_name_here(need) for need in needs]
    return _run_apt([*apt, "install", "-y", "--no-install-recommends", *packages])


def _name_here(need: Need) -> str:
    """Return what this system's apt calls the package."""
    if not need.later or not shutil.which("apt-cache"):
        return need.package
    shown = subprocess.run(["apt-cache", "show", need.later], capture_output=True, check=False)
    return need.later if shown.returncode == 0 else need.package


def _run_apt(command: Sequence[str]) -> bool:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        print(f"apt said: {''.join(last) or f'exit code {done.returncode}'}", file=sys.stderr)
    return done.returncode == 0
