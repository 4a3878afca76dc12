"""Names of results: safe on Linux, Windows and macOS, in any script."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.messages import message

PLACES: Final = ("name", "source", "date", "time", "n")
MAX_STEM_BYTES: Final = 200
"""UTF-8 bytes without the extension; file systems bear 255 with the number and the extension."""

_MAX_VALUE_BYTES: Final = 90
_PLACE: Final = re.compile(r"\{([^{}]*)\}")
_REPLACED: Final = str.maketrans(
    {'"': "'", "<": "_", ">": "_", ":": "_", "/": "_", "\\": "_", "|": "_", "?": "_", "*": "_"}
)
_DIRECTION_MARKS: Final = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_RESERVED: Final = re.compile(r"^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\..*)?$", re.IGNORECASE)
_FALLBACK: Final = "result"


def result_name(template: str, *, name: str, source: str, date: str, time: str, n: int) -> str:
    """Fill a template and make a safe file name of it, without extension.

    Args:
        template: Text with the places ``{name}``, ``{source}``, ``{date}``, ``{time}`` and ``{n}``.
        name: The original's name; a path or an extension should have been taken off.
        source: Names of the source faces.
        date: For example ``2026-11-21``.
        time: For example ``14.05.09``; colons are replaced.
        n: Number of the result.

    Returns:
        At least one character, at most ``MAX_STEM_BYTES`` bytes in UTF-8, NFC, without characters, endings and
        whole names that some system refuses.

    Raises:
        UsageError: The template names an unknown place (kind ``name-template``).
    """
    check_template(template)
    values = {"name": name, "source": source, "date": date, "time": time, "n": str(n)}
    short = {place: _shortened(_cleaned(value), _MAX_VALUE_BYTES) for place, value in values.items()}
    return safe_stem(_PLACE.sub(lambda match: short[match[1]], template))


def check_template(template: str) -> None:
    """Refuse a template that has an unknown place.

    Raises:
        UsageError: With a sentence for the settings page.
    """
    for place in _PLACE.findall(template):
        if place not in PLACES:
            raise UsageError(
                message("The name template has an unknown place: {place}.", place="{" + place + "}"),
                message("Known places are {places}.", places=", ".join("{" + known + "}" for known in PLACES)),
                kind="name-template",
            )


def safe_stem(text: str) -> str:
    """Turn any text into a file name without extension that every system takes."""
    stem = _shortened(_cleaned(text), MAX_STEM_BYTES).strip(" .")
    if _RESERVED.match(stem):
        stem = f"_{stem}"
    return stem or _FALLBACK


def unique_path(folder: str | os.PathLike[str], stem: str, extension: str) -> Path:
    """Return a path in ``folder`` that is free at this moment: ``stem.png``, ``stem (2).png`` and so on.

    Args:
        folder: Where to look; need not exist.
        stem: A safe stem.
        extension: With its dot, or empty.
    """
    candidate = Path(folder) / f"{stem}{extension}"
    number = 2
    while os.path.lexists(candidate):  # a dangling link takes a name, too
        candidate = Path(folder) / f"{stem} ({number}){extension}"
        number += 1
    return candidate


def _cleaned(text: str) -> str:
    """Replace what no name may hold; joiners that some scripts need are kept."""
    spaced = "".join(" " if character.isspace() else character for character in unicodedata.normalize("NFC", text))
    kept = "".join(character for character in spaced if not _is_dropped(character))
    return " ".join(kept.translate(_REPLACED).split())


def _is_dropped(character: str) -> bool:
    return character in _DIRECTION_MARKS or unicodedata.category(character) in {"Cc", "Cs", "Co", "Cn"}


def _shortened(text: str, max_bytes: int) -> str:
    """Cut at a character, and not between a letter and its marks."""
    encoded = text.encode("utf-8")
    if len(encoded) <= max_bytes:
        return text
    kept = encoded[:max_bytes].decode("utf-8", "ignore")
    following = text[len(kept)]
    if unicodedata.combining(following) or following == "\u200d" or kept.endswith("\u200d"):
        while kept and (unicodedata.combining(kept[-1]) or kept[-1] == "\u200d"):
            kept = kept[:-1]
        kept = kept[:-1]
    return kept.rstrip()
