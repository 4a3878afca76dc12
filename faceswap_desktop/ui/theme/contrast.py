"""How well two colours can be told apart, by WCAG 2.2; and which pairs the window uses."""

from __future__ import annotations

from typing import Final

TEXT_PAIRS: Final = (
    *((text, ground) for text in ("text", "muted") for ground in ("window", "rail", "surface", "hover", "pressed")),
    ("text", "canvas"),
    ("muted", "canvas"),
    *((text, ground) for text in ("accent_text", "danger", "warning", "success") for ground in ("window", "surface")),
    ("accent_text", "rail"),
    ("accent_text", "hover"),
    ("danger", "hover"),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("on_accent", "accent_pressed"),
)
"""Token names of text and of the grounds it stands on."""

LINE_PAIRS: Final = (
    *(("outline", ground) for ground in ("window", "surface")),
    *(("focus", ground) for ground in ("window", "rail", "surface", "canvas", "hover")),
)
"""Token names of lines that carry meaning and of their grounds."""


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb``, 0 (black) to 1 (white)."""
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, 1 (the same) to 21 (black and white)."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
