"""Reads answers strictly: what is missing, of another type, or not plain text is said, never guessed."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}", re.ASCII)
_NOT_IN_ADDRESSES: Final = re.compile(r"[\s<>\"'\\\x00-\x1f\x7f]")
_LONGEST_ADDRESS: Final = 4096


class BrokenAnswerError(ValueError):
    """An answer is not as the service's texts have it."""


def mapping(value: object, what: str) -> Mapping[str, Any]:
    """Return a JSON object.

    Raises:
        BrokenAnswerError: It is something else.
    """
    if not isinstance(value, Mapping):
        raise BrokenAnswerError(f"{what} is no object")
    return value


def sequence(value: object, what: str) -> list[Any]:
    """Return a JSON list.

    Raises:
        BrokenAnswerError: It is something else.
    """
    if not isinstance(value, list):
        raise BrokenAnswerError(f"{what} is no list")
    return value


def whole(value: object, what: str) -> int:
    """Return a whole number; 5.0 is one too.

    Raises:
        BrokenAnswerError: It is something else.
    """
    found = number(value, what)
    if found != int(found):
        raise BrokenAnswerError(f"{what} is no whole number")
    return int(found)


def number(value: object, what: str) -> float:
    """Return a finite number.

    Raises:
        BrokenAnswerError: It is something else.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BrokenAnswerError(f"{what} is no number")
    try:
        found = float(value)
    except OverflowError as error:
        raise BrokenAnswerError(f"{what} is too large") from error
    if not math.isfinite(found):
        raise BrokenAnswerError(f"{what} is no number")
    return found


def text(value: object, what: str) -> str:
    """Return a text.

    Raises:
        BrokenAnswerError: It is something else.
    """
    if not isinstance(value, str):
        raise BrokenAnswerError(f"{what} is no text")
    return value


def identifier(value: object, what: str) -> str:
    """Return a text that can only be an id: letters, digits and a few marks, at most 128.

    Raises:
        BrokenAnswerError: It is something else.
    """
    found = text(value, what)
    if _ID.fullmatch(found) is None:
        raise BrokenAnswerError(f"{what} is no id")
    return found


def address(value: object, what: str) -> str:
    """Return an http or https address without blanks or markup.

    Raises:
        BrokenAnswerError: It is something else.
    """
    found = text(value, what)
    try:
        parts = urlsplit(found)
        is_one = parts.scheme in {"http", "https"} and bool(parts.hostname) and len(found) <= _LONGEST_ADDRESS
    except ValueError:
        is_one = False
    if not is_one or _NOT_IN_ADDRESSES.search(found):
        raise BrokenAnswerError(f"{what} is no address")
    return found
