"""What the window says of the visible label."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication, QLocale

from faceswap_desktop.domain.recipe import LabelCorner, LabelSize, LabelStyle, LabelWording

_CONTEXT: Final = "Label"
_SCRIPTS: Final = {"zh": "zh-Hans"}


def _tr(text: str) -> str:
    return QCoreApplication.translate(_CONTEXT, text)


def switch_words() -> str:
    """Name the switch."""
    return _tr("Visible label: AI-edited")


def law_words() -> str:
    """Say in a sentence what the law expects of those who publish."""
    return _tr(
        "In the EU, whoever publishes a deepfake has to say that it is one (AI Act, Article 50). This is no legal "
        "advice."
    )


def wording_choices() -> list[tuple[LabelWording, str]]:
    """Name how much it can say."""
    return [
        (LabelWording.SHORT, _tr("That AI edited it")),
        (LabelWording.FULL, _tr("Also what was changed")),
    ]


def corner_choices() -> list[tuple[LabelCorner, str]]:
    """Name where it can stand."""
    return [
        (LabelCorner.AUTO, _tr("Where no face is")),
        (LabelCorner.BOTTOM_RIGHT, _tr("Bottom right")),
        (LabelCorner.BOTTOM_LEFT, _tr("Bottom left")),
        (LabelCorner.TOP_RIGHT, _tr("Top right")),
        (LabelCorner.TOP_LEFT, _tr("Top left")),
    ]


def size_choices() -> list[tuple[LabelSize, str]]:
    """Name how large it can be."""
    return [
        (LabelSize.SMALL, _tr("Small")),
        (LabelSize.MEDIUM, _tr("Medium")),
        (LabelSize.LARGE, _tr("Large")),
    ]


def style_choices() -> list[tuple[LabelStyle, str]]:
    """Name how it can look."""
    return [
        (LabelStyle.DARK_PLATE, _tr("Light on dark")),
        (LabelStyle.LIGHT_PLATE, _tr("Dark on light")),
        (LabelStyle.OUTLINE, _tr("With an outline")),
    ]


def language_choices(codes: tuple[str, ...]) -> list[tuple[str, str]]:
    """Name languages in English and in their own words, by alphabet; the system's first."""
    named = sorted(((code, _name_of(code)) for code in codes), key=lambda one: one[1].casefold())
    return [("", _tr("The system's")), *named]


def _name_of(code: str) -> str:
    locale = QLocale(_SCRIPTS.get(code, code))
    english, own = QLocale.languageToString(locale.language()), locale.nativeLanguageName()
    if code.startswith("zh"):
        english = _tr("Chinese, traditional") if code == "zh-Hant" else _tr("Chinese, simplified")
    # Their own words last: not every system has all letters.
    return english if own in {"", english} or english == "English" else f"{english} ({own})"
