"""Which language the visible label is written in where the user did not choose one: the system's."""

from __future__ import annotations

import locale
import os
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from faceswap_desktop.domain.recipe import LabelOptions
from faceswap_desktop.media.label_texts import FALLBACK, closest_language

_VARIABLES: Final = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
_NO_LANGUAGE: Final = frozenset({"", "C", "POSIX"})


def settled(label: LabelOptions) -> LabelOptions:
    """Return a label with its language filled in, so that the result can be made again on another computer."""
    return replace(label, language=closest_language(label.language or system_language()))


def system_language() -> str:
    """Return the locale of the user's system, such as ``de_AT.UTF-8``; English where nothing says it."""
    for name in _VARIABLES:
        value = os.environ.get(name, "").split(":")[0]
        if value.split(".")[0] not in _NO_LANGUAGE:
            return value
    return _told_by_system() or FALLBACK


@cache
def _told_by_system() -> str:
    if sys.platform == "win32":
        import ctypes

        return locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
    if sys.platform == "darwin":
        import plistlib

        # Programs that are started from the dock have no LANG.
        try:
            with (Path.home() / "Library" / "Preferences" / ".GlobalPreferences.plist").open("rb") as stream:
                preferred: list[Any] = plistlib.load(stream).get("AppleLanguages", [])
        except (OSError, ValueError, plistlib.InvalidFileException):
            return ""
        return str(preferred[0]) if preferred else ""
    return ""
