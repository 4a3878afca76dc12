"""Set everything up and start the program. Needs nothing but Python 3.11 or newer.

    python3 packaging/start.py                    open the window; without a display, run the demo
    python3 packaging/start.py FILE ...           open the window with these pictures or videos
    python3 packaging/start.py COMMAND ...        run a command: detect, swap, reage, jobs, providers, doctor, demo
    python3 packaging/start.py test               run every check and test, offscreen
    python3 packaging/start.py test ARGUMENT ...  run only pytest, with these arguments

The first run makes a virtual environment in .venv and installs the locked requirements into it; on Debian and Ubuntu
it also installs the system libraries that are missing. Later runs find all of that in place and start at once.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

OLDEST_PYTHON = (3, 11)

if sys.version_info < OLDEST_PYTHON:
    version = ".".join(str(part) for part in sys.version_info[:3])
    sys.exit(f"Faceswap Desktop needs Python 3.11 or newer; this is Python {version} ({sys.executable}).")

import system_packages  # noqa: E402 - older Pythons must reach the sentence above
import witness  # noqa: E402
from environment import Environment, SetUpError, say  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent


def has_display() -> bool:
    """Tell whether a window can be opened; on Windows and macOS that is taken for granted."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def child_environment() -> dict[str, str]:
    """Return the variables for what is started: nothing that slows it down or leads it to foreign packages."""
    variables = dict(os.environ)
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__"):
        variables.pop(name, None)
    return variables


def hand_over(command: Sequence[str], variables: dict[str, str]) -> int:
    """Become the program where the system can do that; else wait for it and return its exit code."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":
        os.execve(command[0], list(command), variables)  # noqa: S606 - a fixed program, no shell
    with subprocess.Popen(list(command), env=variables) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue  # the program got it as well and ends by itself


def run_program(environment: Environment, arguments: Sequence[str]) -> int:
    """Start the program with these arguments; without arguments and without a display, the demo."""
    system_packages.install_missing(system_packages.WINDOW)
    if has_display():
        # By itself: a name that this system does not know keeps none of the others away.
        system_packages.install_missing(system_packages.LIVE)
    environment.set_up("runtime")
    given = list(arguments)
    if not given and not has_display():
        folder = ROOT / "demo-output"
        say("There is no display here, so this runs the demo: a swap of the two sample pictures, both ways.")
        say(f"Its results and a picture of the window go to {folder}.")
        given = ["demo", "--folder", str(folder)]
    return hand_over([str(environment.python), "-m", "faceswap_desktop", *given], child_environment())


def run_tests(environment: Environment, arguments: Sequence[str]) -> int:
    """Set up what tests need and run them."""
    system_packages.install_missing([*system_packages.WINDOW, *system_packages.TESTS])
    system_packages.install_missing(system_packages.LIVE)
    environment.set_up("dev")
    if reason := witness.set_up():
        say(f"The witness of Content Credentials is not there ({reason}); its tests are skipped.")
    variables = child_environment()
    variables["QT_QPA_PLATFORM"] = "offscreen"
    return hand_over([str(environment.python), str(ROOT / "packaging" / "checks.py"), *arguments], variables)


def main(arguments: Sequence[str]) -> int:
    if arguments and arguments[0] in {"-h", "--help"}:
        print(__doc__)
        return 0
    environment = Environment(ROOT)
    try:
        if arguments and arguments[0] == "test":
            return run_tests(environment, arguments[1:])
        return run_program(environment, arguments)
    except SetUpError as error:
        print(f"Faceswap Desktop could not be set up: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. The next start goes on from here.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
