"""What arguments of the command line may be, beyond what their type says."""

from __future__ import annotations

import argparse
import math
import os
import re
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.recipe import MOST_YEARS

_CLOCK: Final = re.compile(r"(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:[.,]\d*)?|[.,]\d+)")


def some_text(text: str) -> str:
    """Take a name that is not empty: a script whose variable is not set shall not mean another file or folder.

    Raises:
        argparse.ArgumentTypeError: It is empty.
    """
    if not text:
        raise argparse.ArgumentTypeError("it is empty")
    return text


def plain_path(path: str) -> Path:
    """Return an absolute path without ``..``; links are kept, and where one stands before a ``..`` that is kept too."""
    given = Path(path).absolute()
    plain = Path(os.path.abspath(given))  # noqa: PTH100 - no symlinks resolved
    try:
        is_same = plain.parent.samefile(given.parent)
    except OSError:
        is_same = False
    return plain if is_same else given


def clock_time(seconds: float) -> str:
    """Write a time in a video as ``moment`` takes it: ``0:01.2``, ``1:02:03.4``."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    start = f"{hours}:{minutes:02d}" if hours else str(minutes)
    return f"{start}:{rest // 10:02d}.{rest % 10}"


def amount(text: str) -> float:
    """Take an amount of credits: zero or more, and finite.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise argparse.ArgumentTypeError(f"it must be a number that is not negative, not {text!r}")
    return value


def moment(text: str) -> float:
    """Take a time in a video: seconds, ``m:ss.mmm`` or ``h:mm:ss.mmm``.

    Returns:
        Seconds.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    found = _CLOCK.fullmatch(text.strip())
    if found is not None:
        hours, minutes, seconds = (float((part or "0").replace(",", ".")) for part in found.groups())
        if found[2] is None or (seconds < 60 and (found[1] is None or minutes < 60)):
            return hours * 3600 + minutes * 60 + seconds
    raise argparse.ArgumentTypeError(f"it must be seconds or h:mm:ss.mmm, not {text!r}")


def seconds(text: str) -> float:
    """Take how long something is to last: seconds, more than none.

    Raises:
        argparse.ArgumentTypeError: It is no such number.
    """
    value = amount(text)
    if value == 0:
        raise argparse.ArgumentTypeError("it must be more than 0 seconds")
    return value


def years(text: str) -> int:
    """Take by how many years a face changes its age.

    Raises:
        argparse.ArgumentTypeError: It is no whole number, 0, or beyond what can be done.
    """
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value == 0 or abs(value) > MOST_YEARS:
        raise argparse.ArgumentTypeError(f"it must be between -{MOST_YEARS} and {MOST_YEARS}, and not 0, not {text!r}")
    return value
