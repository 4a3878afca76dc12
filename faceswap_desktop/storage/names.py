"""Names made comparable: for searching, and for sorting as people do."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_DIGITS: Final = re.compile(r"\d+")


def searchable(text: str) -> str:
    """Return text without case, accents and variants of width, so that "resume" finds "Résumé"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return bare.encode("utf-8", "replace").decode("utf-8")


def search_words(text: str) -> list[str]:
    """Return the words of a search; each has to occur."""
    return searchable(text).split()


def sortable(name: str) -> str:
    """Return a key by which "photo 2" comes before "photo 10"."""
    return _DIGITS.sub(lambda found: _counted(found[0].lstrip("0")), searchable(name))


def one_line(name: str) -> str:
    """Return a name as one line: control characters and runs of space become one space."""
    return " ".join("".join(" " if unicodedata.category(one) == "Cc" else one for one in name).split())


def _counted(digits: str) -> str:
    """Put the number of digits before a number, so that text order is number order."""
    return f"{min(len(digits), 99):02d}{digits}"
