"""The card that is shown live instead of any picture: calm, dark, a title and a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.resources import resource_path

Pixels = NDArray[np.uint8]

_TITLE, _TEXT = "Inter-SemiBold.otf", "Inter-Regular.otf"
_OTHERS: Final = (
    "NotoSansCJK-Regular.ttc",
    "NotoSans-Regular.ttf",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "AppleSDGothicNeo.ttc",
    "Arial Unicode.ttf",
    "msyh.ttc",
    "YuGothM.ttc",
    "malgun.ttf",
    "segoeui.ttf",
    "DejaVuSans.ttf",
)
"""Fonts of Linux, macOS and Windows that may have letters which ours lacks. Pillow knows where they lie."""
_TOP, _BOTTOM = (30, 33, 40), (17, 19, 24)
_BRIGHT, _QUIET = (236, 239, 244), (158, 166, 178)
_TITLE_SIZE, _TEXT_SIZE = 0.062, 0.04
"""Of the picture's shorter side, or what its longer side has room for."""
_LEAST_PX: Final = 9
_ACROSS: Final = 0.8
"""Share of the width that a line may take."""
_SPACING: Final = 1.4
_GAP: Final = 0.9
"""Between title and text, in sizes of the text's letters."""
_MOST_LINES: Final = 6
_MOST_LETTERS: Final = 400
_NOWHERE: Final = "\U0010fffd"
"""A character for private use, which no font draws."""

_Font = ImageFont.FreeTypeFont


@lru_cache(4)
def draw_card(title: str, text: str, size: Size) -> Pixels:
    """Draw the card.

    Args:
        title: One line, shortened where it has no room.
        text: A sentence or two, wrapped; empty for none. Letters that no font at hand has are left out.
        size: Of the picture, in pixels.

    Returns:
        uint8 (height, width, 3), RGB, read-only.
    """
    image = _background(size)
    draw = ImageDraw.Draw(image)
    base = min(*size, 0.7 * max(size))
    lines = [
        *_set(title, _TITLE, max(_LEAST_PX, round(base * _TITLE_SIZE)), size, _BRIGHT, 2),
        *_set(text, _TEXT, max(_LEAST_PX, round(base * _TEXT_SIZE)), size, _QUIET, _MOST_LINES),
    ]
    gap = round(_GAP * base * _TEXT_SIZE) if any(one.colour == _QUIET for one in lines) else 0
    y = (size.height - sum(one.height for one in lines) - gap) / 2
    for place, one in enumerate(lines):
        if place and one.colour != lines[place - 1].colour:
            y += gap
        draw.text((size.width / 2, y + one.height / 2), one.text, one.colour, one.font, anchor="mm")
        y += one.height
    pixels = np.array(image, np.uint8)
    pixels.flags.writeable = False
    return pixels


class _Line:
    """A line of letters."""

    def __init__(self, text: str, font: _Font, colour: tuple[int, int, int]) -> None:
        self.text, self.font, self.colour = text, font, colour
        self.height = font.size * _SPACING


def _set(text: str, name: str, letters: int, size: Size, colour: tuple[int, int, int], most: int) -> list[_Line]:
    """Break a text into lines."""
    text = " ".join(text[:_MOST_LETTERS].split())
    font = _font_for(text, name, letters)
    text = "".join(letter for letter in text if letter.isspace() or _has(font, letter))
    lines = list(_wrapped(text, font, size.width * _ACROSS))
    if len(lines) > most:
        lines = [*lines[: most - 1], _shortened(" ".join(lines[most - 1 :]), font, size.width * _ACROSS)]
    return [_Line(line, font, colour) for line in lines]


def _wrapped(text: str, font: _Font, width: float) -> Iterator[str]:
    line = ""
    for word in _words(text):
        if line and font.getlength((line + word).rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += word
        while font.getlength(line) > width and len(line) > 1:
            cut = _fitting(line, font, width)
            yield line[:cut].rstrip()
            line = line[cut:]
    if line.strip():
        yield line.rstrip()


def _words(text: str) -> Iterator[str]:
    """Yield words with the space after them; of scripts without spaces, single letters."""
    word = ""
    for letter in text:
        is_dense = ord(letter) >= 0x2E80
        if is_dense and word:
            yield word
            word = ""
        word += letter
        if is_dense or letter == " ":
            yield word
            word = ""
    if word:
        yield word


def _fitting(line: str, font: _Font, width: float) -> int:
    """Return how many letters of a line have room; one at least."""
    count = len(line)
    while count > 1 and font.getlength(line[:count]) > width:
        count -= 1
    return count


def _shortened(line: str, font: _Font, width: float) -> str:
    return line if font.getlength(line) <= width else line[: _fitting(f"{line}…", font, width) - 1].rstrip() + "…"


def _background(size: Size) -> Image.Image:
    """Draw a quiet gradient from top to bottom."""
    along = np.linspace(0.0, 1.0, size.height, dtype=np.float32)[:, None]
    rows = np.array(_TOP, np.float32) * (1 - along) + np.array(_BOTTOM, np.float32) * along
    return Image.fromarray(np.rint(np.repeat(rows[:, None], size.width, axis=1)).astype(np.uint8))


def _font_for(text: str, name: str, letters: int) -> _Font:
    """Return our font, or another one where that lacks fewer of the text's letters."""
    wanted = {letter for letter in text if not letter.isspace()}
    best, missing = _ours(name, letters), len(wanted)
    for font in _candidates(name, letters):
        lacks = sum(not _has(font, letter) for letter in wanted)
        if lacks < missing:
            best, missing = font, lacks
        if not missing:
            break
    return best


def _candidates(name: str, letters: int) -> Iterator[_Font]:
    yield _ours(name, letters)
    for other in _OTHERS:
        font = _other(other, letters)
        if font is not None:
            yield font


@lru_cache(16)
def _ours(name: str, letters: int) -> _Font:
    path = str(resource_path("fonts", name))
    return ImageFont.truetype(path, letters, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(64)
def _other(name: str, letters: int) -> _Font | None:
    try:
        return ImageFont.truetype(name, letters, layout_engine=ImageFont.Layout.BASIC)
    except OSError:
        return None


@lru_cache(4096)
def _has(font: _Font, letter: str) -> bool:
    """Say whether a font draws a letter: not as it draws those that it lacks."""
    return bytes(font.getmask(letter)) != _lacking(font) or font.getlength(letter) != font.getlength(_NOWHERE)


@cache
def _lacking(font: _Font) -> bytes:
    return bytes(font.getmask(_NOWHERE))
