"""The words of the visible label in many languages. Light: the window's process reads them too."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Final

from faceswap_desktop.domain.recipe import LabelWording, Recipe
from faceswap_desktop.resources import resource_path

FALLBACK: Final = "en"
_NORWEGIAN: Final = frozenset({"no", "nn"})
_TRADITIONAL: Final = frozenset({"tw", "hk", "mo", "hant"})


@dataclass(frozen=True, slots=True)
class Changes:
    """What was changed in a picture or video, for the long wording."""

    is_swapped: bool = True
    is_reaged: bool = False

    @classmethod
    def of(cls, recipe: Recipe) -> Changes:
        """Return what a recipe changes."""
        return cls(bool(recipe.pairings), any(one.years for one in recipe.ages))


def languages() -> tuple[str, ...]:
    """Return the codes of all languages that the label can be written in."""
    return tuple(_texts())


def closest_language(code: str) -> str:
    """Return the language of the label for a locale: ``de_AT.UTF-8`` gives ``de``, ``zh-TW`` gives ``zh-Hant``.

    Languages that nobody has written words for, and those whose letters the bundled fonts lack, give English.
    """
    parts = code.split(".", maxsplit=1)[0].split("@", maxsplit=1)[0].replace("_", "-").lower().split("-")
    if parts[0] == "zh":
        return "zh-Hant" if _TRADITIONAL & set(parts[1:]) else "zh"
    known = "nb" if parts[0] in _NORWEGIAN else parts[0]
    return known if known in _texts() else FALLBACK


def label_texts(wording: LabelWording, language: str, changes: Changes) -> tuple[str, ...]:
    """Return what the label says, the wanted wording first, then shorter ones for pictures in which it has no room.

    Args:
        wording: How much is to be said.
        language: Code or locale; see ``closest_language``.
        changes: What was done.
    """
    words = _texts()[closest_language(language)]
    shorter = (words["short"], words["mark"])
    if wording is LabelWording.SHORT:
        return shorter
    what = "both" if changes.is_swapped and changes.is_reaged else "age" if changes.is_reaged else "face"
    return (f"{words['short']}: {words[what]}", *shorter)


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(resource_path("labels", "texts.toml").read_text("utf-8"))
