"""What arguments of the command line may be, beyond what their type says."""

from __future__ import annotations

import argparse
import math


def some_text(text: str) -> str:
    """Take a name that is not empty: a script whose variable is not set shall not mean another file or folder.

    Raises:
        argparse.ArgumentTypeError: It is empty.
    """
    if not text:
        raise argparse.ArgumentTypeError("it is empty")
    return text


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
