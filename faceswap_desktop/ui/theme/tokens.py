"""Every colour and measure of the window, by name. Nothing outside this folder writes a colour.

Greys carry no tint (red = green = blue), because pictures are judged beside them. One accent says what
can be done next. Face colours are data and the same in every theme: see ``FACE_COLOURS``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtGui import QGuiApplication


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one theme, as ``#rrggbb``.

    Attributes:
        name: ``light``, ``dark`` or ``contrast``; part of the file names of the controls' pictures.
        is_dark: Whether text is lighter than its ground.
        canvas: Ground behind pictures.
        window: Ground of the window and its bars.
        rail: Ground of the rail.
        surface: Ground of cards, inputs, lists and menus.
        hover, pressed: Grounds of whatever the pointer is on; ``pressed`` also marks the selected.
        border: Lines that only divide.
        outline: Lines that show where a control is (3:1 and more against its grounds).
        text, muted, disabled: Text and icons.
        accent, accent_hover, accent_pressed: Grounds of the primary button and what is switched on.
        on_accent: Text on those.
        accent_text: The accent as text or icon on window, surface and hover.
        focus: The ring around what has the keyboard.
        danger, warning, success: Text and icons that say how something went.
        scrim: Ground of overlays upon a picture, opaque here, made translucent where it is painted.
        on_scrim: Text on it.
    """

    name: str
    is_dark: bool
    canvas: str
    window: str
    rail: str
    surface: str
    hover: str
    pressed: str
    border: str
    outline: str
    text: str
    muted: str
    disabled: str
    accent: str
    accent_hover: str
    accent_pressed: str
    on_accent: str
    accent_text: str
    focus: str
    danger: str
    warning: str
    success: str
    scrim: str
    on_scrim: str
    focus_width: int = 2


LIGHT: Final = Tokens(
    name="light",
    is_dark=False,
    canvas="#d4d4d4",
    window="#f3f3f3",
    rail="#e9e9e9",
    surface="#ffffff",
    hover="#e6e6e6",
    pressed="#dadada",
    border="#d2d2d2",
    outline="#808080",
    text="#1b1b1b",
    muted="#575757",
    disabled="#9a9a9a",
    accent="#4a4fc4",
    accent_hover="#3f44b0",
    accent_pressed="#353999",
    on_accent="#ffffff",
    accent_text="#4348b8",
    focus="#4a4fc4",
    danger="#a8201a",
    warning="#7a4f00",
    success="#1b6232",
    scrim="#000000",
    on_scrim="#ffffff",
)

DARK: Final = Tokens(
    name="dark",
    is_dark=True,
    canvas="#1c1c1c",
    window="#282828",
    rail="#212121",
    surface="#323232",
    hover="#3c3c3c",
    pressed="#464646",
    border="#414141",
    outline="#8a8a8a",
    text="#ededed",
    muted="#b6b6b6",
    disabled="#767676",
    accent="#565bdb",
    accent_hover="#6166dd",
    accent_pressed="#484dc2",
    on_accent="#ffffff",
    accent_text="#b3b6ff",
    focus="#a2a6ff",
    danger="#ffa59d",
    warning="#f1c04f",
    success="#83d69a",
    scrim="#000000",
    on_scrim="#ffffff",
)

HIGH_CONTRAST: Final = Tokens(
    name="contrast",
    is_dark=True,
    canvas="#000000",
    window="#000000",
    rail="#000000",
    surface="#000000",
    hover="#2a2a2a",
    pressed="#383838",
    border="#ffffff",
    outline="#ffffff",
    text="#ffffff",
    muted="#ececec",
    disabled="#a0a0a0",
    accent="#ffd60a",
    accent_hover="#ffe25c",
    accent_pressed="#f2c800",
    on_accent="#000000",
    accent_text="#ffd60a",
    focus="#ffd60a",
    danger="#ffb3ad",
    warning="#ffd60a",
    success="#8df0a6",
    scrim="#000000",
    on_scrim="#ffffff",
    focus_width=3,
)

THEMES: Final = (LIGHT, DARK, HIGH_CONTRAST)

FACE_COLOURS: Final = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7")
"""Okabe and Ito's colours that people with any colour vision tell apart; data colours for faces only."""

WEB_PAGE_DARK: Final = "#111111"
"""What the page of a live session at a service stands on (``resources/live_page/style.css``)."""

LIVE_RED: Final = "#e03131"
"""The dot that says that a camera runs: known as red everywhere, and 3:1 against the rail of every theme."""

ON_FACE_COLOUR: Final = "#000000"
"""Numbers on a patch of any face colour except the fifth (see ``on_face_colour``)."""

# The 8-pixel grid. HALF is for the gap between an icon and its word.
HALF: Final = 4
GRID: Final = 8
PAD: Final = 16
GAP: Final = 24
RADIUS: Final = 6
CONTROL_HEIGHT: Final = 32
BAR_HEIGHT: Final = 40
RAIL_WIDTH: Final = 80
PANEL_WIDTH: Final = 304
"""Width of the inspector and of other panels beside a canvas, in pixels."""

SMALL_PX: Final = 12
BODY_PX: Final = 13
TITLE_PX: Final = 20
FONT_FAMILY: Final = "Inter"

MOTION_MS: Final = 120
"""Length of any movement, where things may move at all."""


def face_colour(index: int) -> str:
    """Return the colour of a face or identity by its number from 0; they repeat after seven."""
    return FACE_COLOURS[index % len(FACE_COLOURS)]


def on_face_colour(index: int) -> str:
    """Return the colour of a number written on ``face_colour(index)``."""
    return "#ffffff" if face_colour(index) == "#0072b2" else ON_FACE_COLOUR


def current_tokens() -> Tokens:
    """Return the tokens in force, known by the application's palette.

    Whoever paints for himself asks at each paint, so a change of theme needs no message.
    """
    window = QGuiApplication.palette().window().color().name()
    return next((tokens for tokens in THEMES if tokens.window == window), LIGHT)
