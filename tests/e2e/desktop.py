"""A screen with a window manager and an accessibility bus of the test's own, and the mouse and keyboard of it.

Every process is ended by its own id; what the accessibility bus starts ends with the bus.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.e2e.program import LIMIT_S, ROOT
from tests.e2e.screen_reader import has_registry

PROGRAMS: Final = ("Xvfb", "openbox", "xdotool", "xwininfo", "xprop", "dbus-daemon")
BUS_SETUP: Final = Path("/usr/share/defaults/at-spi2/accessibility.conf")
REGISTRY_SERVICE: Final = Path("/usr/share/dbus-1/accessibility-services/org.a11y.atspi.Registry.service")
"""Where the system says what its accessibility registry is called; the place differs between distributions."""

SIZE: Final = (1700, 900)
_STEP_S: Final = 0.02
_OF_OTHER_DESKTOPS: Final = frozenset(
    {"XDG_CURRENT_DESKTOP", "DESKTOP_SESSION", "KDE_FULL_SESSION", "GNOME_DESKTOP_SESSION_ID", "QT_QPA_PLATFORMTHEME"}
)
"""With these Qt would take the file dialog of the desktop on which the tests are run."""


def missing() -> str:
    """Return what is not installed, in words; empty if all is there."""
    if not sys.platform.startswith("linux"):
        return "an X server is on Linux only"
    absent = [program for program in PROGRAMS if shutil.which(program) is None]
    if not BUS_SETUP.is_file() or not REGISTRY_SERVICE.is_file():
        absent.append("at-spi2-core")
    return f"not installed: {', '.join(absent)}" if absent else ""


@dataclass(frozen=True, slots=True)
class Desktop:
    """A screen that runs.

    Attributes:
        environment: What programs need to be on it.
        bus: Address of its accessibility bus.
        folder: Where the programs' output goes.
    """

    environment: dict[str, str]
    bus: str
    folder: Path

    @contextmanager
    def program(self, name: str, *command: str | Path) -> Iterator[subprocess.Popen[str]]:
        """Run a program on this screen, and end it afterwards; its output is in ``NAME.log``."""
        with (self.folder / f"{name}.log").open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                [str(part) for part in command], cwd=ROOT, env=self.environment, stdout=log, stderr=log, text=True
            )
            try:
                yield process
            finally:
                _end(process)

    def said(self, name: str) -> list[str]:
        """Return the lines that a program has printed."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8").splitlines()

    def window_of(self, process: subprocess.Popen[str], title: str) -> str:
        """Wait for a program's window and return its id."""
        found: list[str] = []

        def is_there() -> bool:
            assert process.poll() is None, f"{title} ended with {process.returncode}"
            pattern = ["--pid", str(process.pid), "--name", title]
            found[:] = self.ask("xdotool", "search", "--all", "--onlyvisible", *pattern).split()
            return bool(found)

        wait_until(is_there, f"a window “{title}”")
        return found[0]

    def window_with_keyboard(self) -> str:
        """Return the id of the window that gets what is typed."""
        return self.ask("xdotool", "getwindowfocus").strip()

    def place(self, window: str, x: int, y: int) -> None:
        """Move a window, and wait until it is there (its frame is a little outside)."""
        self.do("xdotool", "windowmove", window, str(x), str(y))
        wait_until(lambda: abs(self.corner(window)[0] - x) < 40, "the window moving")

    def corner(self, window: str) -> tuple[int, int]:
        """Return where a window's content begins; xdotool is off by the frame."""
        said = self.ask("xwininfo", "-id", window)
        values = [line.rpartition(":")[2] for line in said.splitlines() if "Absolute upper-left" in line]
        return int(values[0]), int(values[1])

    def drag(self, start: tuple[int, int], end: tuple[int, int], is_taken: Callable[[], bool] = lambda: True) -> None:
        """Drag with the left button, as slowly as a person: short steps, and a rest before letting go.

        Args:
            start, end: Places on the screen.
            is_taken: Says whether what is below would take what is dragged; waited for before letting go, as a person
                waits for the pointer to say so: a window that is busy would not take it yet.
        """
        self._move(*start)
        self.do("xdotool", "mousedown", "1")
        time.sleep(0.3)
        for step in range(1, 8):
            self._move(start[0] + 3 * step, start[1] + 2 * step)
        for step in range(1, 13):
            self._move(
                round(start[0] + (end[0] - start[0]) * step / 12), round(start[1] + (end[1] - start[1]) * step / 12)
            )

        def nudged() -> bool:
            for nudge in (-2, 2, 0):
                self._move(end[0] + nudge, end[1])
            time.sleep(0.3)
            return is_taken()

        wait_until(nudged, "what is dragged being taken")
        self.do("xdotool", "mouseup", "1")

    def click(self, place: tuple[int, int]) -> None:
        """Click with the left button."""
        self._move(*place)
        self.do("xdotool", "click", "1")

    def press(self, *keys: str) -> None:
        """Press keys one after the other, such as "ctrl+Return"."""
        self.do("xdotool", "key", "--clearmodifiers", "--delay", "60", *keys)

    def write(self, text: str) -> None:
        """Write a text with the keyboard."""
        self.do("xdotool", "type", "--clearmodifiers", "--delay", "20", text)

    def do(self, *command: str) -> None:
        """Run a helper that has to succeed."""
        subprocess.run(command, env=self.environment, check=True, capture_output=True, timeout=LIMIT_S)

    def ask(self, *command: str) -> str:
        """Return what a helper says; it may say that there is nothing."""
        asked = subprocess.run(
            command, env=self.environment, check=False, capture_output=True, text=True, timeout=LIMIT_S
        )
        return asked.stdout

    def _move(self, x: int, y: int) -> None:
        self.do("xdotool", "mousemove", "--sync", str(x), str(y))
        time.sleep(_STEP_S)


@contextmanager
def desktop(folder: Path) -> Iterator[Desktop]:
    """Start a screen on a free number with a window manager and an accessibility bus, and end all of it."""
    with ExitStack() as stack:
        display = stack.enter_context(_x_server())
        environment = {
            **{name: value for name, value in os.environ.items() if name not in _OF_OTHER_DESKTOPS},
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "XDG_SESSION_TYPE": "x11",
            # Nothing may reach the session of whoever runs the tests.
            "DBUS_SESSION_BUS_ADDRESS": "disabled:",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "QT_SCALE_FACTOR": "1",
        }
        bus = stack.enter_context(_accessibility_bus(environment))
        environment["AT_SPI_BUS_ADDRESS"] = bus
        made = Desktop(environment, bus, folder)
        # Left to the bus it would start when the window asks for it, and let the window wait in vain for 25 s.
        setup = REGISTRY_SERVICE.read_text(encoding="utf-8").splitlines()
        registry = next(line.removeprefix("Exec=").split()[0] for line in setup if line.startswith("Exec="))
        stack.enter_context(made.program("registry", registry))
        stack.enter_context(made.program("openbox", "openbox", "--sm-disable"))
        wait_until(lambda: has_registry(bus), "the accessibility registry starting")
        wait_until(
            lambda: "window id" in made.ask("xprop", "-root", "_NET_SUPPORTING_WM_CHECK"), "the window manager starting"
        )
        yield made


@contextmanager
def _x_server() -> Iterator[str]:
    """Let the server choose its number itself: whatever a test chose might be taken a moment later."""
    reading, writing = os.pipe()
    screen = f"{SIZE[0]}x{SIZE[1]}x24"
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", screen, "-nolisten", "tcp", "-noreset"]
    process = subprocess.Popen(command, pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading, encoding="ascii") as numbers:
            number = numbers.readline().strip()
        assert number, "Xvfb did not start"
        yield f":{number}"
    finally:
        _end(process)


@contextmanager
def _accessibility_bus(environment: dict[str, str]) -> Iterator[str]:
    command = ["dbus-daemon", f"--config-file={BUS_SETUP}", "--nofork", "--nopidfile", "--print-address=1"]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"
    )
    assert process.stdout is not None
    try:
        address = process.stdout.readline().strip()
        assert address, "the accessibility bus did not start"
        yield address
    finally:
        _end(process)
        process.stdout.close()


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Wait until something is so.

    Raises:
        AssertionError: It never was.
    """
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen"
        time.sleep(0.05)


def _end(process: subprocess.Popen[Any]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=20)
