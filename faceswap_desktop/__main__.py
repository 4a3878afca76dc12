"""Start: a command goes to the command line, everything else opens the window."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

COMMANDS: Final = frozenset(
    {
        "detect",
        "swap",
        "reage",
        "jobs",
        "live",
        "providers",
        "accounts",
        "hosting",
        "webhook",
        "verify",
        "sandbox",
        "relay",
        "doctor",
        "demo",
    }
)
"""Words that are commands, not files."""

_WITH_VALUE: Final = frozenset({"--home", "--set", "--consent", "--max-credits", "--picture", "--page"})


@dataclass(frozen=True, slots=True)
class WindowStart:
    """How the window was asked for.

    Attributes:
        home: ``--home``, or None.
        overrides: Each ``--set``.
        files: What to open in the Studio.
        picture: Where a picture of the window is to go, after which the program ends; empty to stay.
        page: The page that the picture shows.
    """

    home: str | None = None
    overrides: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    picture: str = ""
    page: str = ""


def read_start(arguments: Sequence[str]) -> WindowStart | None:
    """Tell whether the window is wanted; None if it is the command line's turn.

    Only the options that the window shares with the command line are known here. Any other option
    goes to the command line, which says what is wrong with it.
    """
    home: str | None = None
    overrides: list[str] = []
    files: list[str] = []
    picture = page = ""
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            files.extend(rest)
        elif argument.startswith("-") and argument != "-":
            option, has_value, value = argument.partition("=")
            if option not in _WITH_VALUE:
                return None
            if not has_value and (value := next(rest, "")) == "":
                return None
            if option == "--home":
                home = value
            elif option == "--set":
                overrides.append(value)
            elif option == "--picture":
                picture = value
            elif option == "--page":
                page = value
        elif not files and argument in COMMANDS:
            return None
        else:
            files.append(argument)
    return WindowStart(home, tuple(overrides), tuple(files), picture, page)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    start = read_start(given)
    if start is None:
        from faceswap_desktop.cli.main import main as run_command

        return int(run_command(given))
    if start.files and not any(os.path.exists(file) for file in start.files):  # noqa: PTH110 - pathlib costs time here
        known = ", ".join(sorted(COMMANDS))
        sys.stderr.write(f"There is no file and no command called {start.files[0]}. The commands are: {known}.\n")
        return 2
    if start.picture:
        from faceswap_desktop.app.picture import take_picture

        return take_picture(start.picture, start.page, start.home, start.overrides, start.files)
    from faceswap_desktop.app import run_window

    return run_window(start.home, start.overrides, start.files)


if __name__ == "__main__":
    sys.exit(main())
