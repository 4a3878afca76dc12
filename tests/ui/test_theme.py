"""Colours can be told apart, greys carry no tint, and a change of theme reaches everything."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

import faceswap_desktop.ui
from faceswap_desktop.domain.settings import Motion, Theme
from faceswap_desktop.resources import resource_path
from faceswap_desktop.ui.theme.contrast import LINE_PAIRS, TEXT_PAIRS, contrast
from faceswap_desktop.ui.theme.manager import ThemeManager
from faceswap_desktop.ui.theme.stylesheet import stylesheet_of
from faceswap_desktop.ui.theme.tokens import (
    DARK,
    FACE_COLOURS,
    HIGH_CONTRAST,
    LIGHT,
    THEMES,
    Tokens,
    current_tokens,
    face_colour,
    on_face_colour,
)

UI = Path(faceswap_desktop.ui.__file__).parent
GREYS = ("canvas", "window", "rail", "surface", "hover", "pressed", "border", "outline", "text", "muted", "disabled")


@pytest.mark.parametrize("tokens", THEMES, ids=lambda tokens: tokens.name)
@pytest.mark.parametrize("pair", TEXT_PAIRS, ids="-on-".join)
def test_text_can_be_read(tokens: Tokens, pair: tuple[str, str]) -> None:
    needed = 7.0 if tokens.name == "contrast" else 4.5
    assert contrast(getattr(tokens, pair[0]), getattr(tokens, pair[1])) >= needed


@pytest.mark.parametrize("tokens", THEMES, ids=lambda tokens: tokens.name)
@pytest.mark.parametrize("pair", LINE_PAIRS, ids="-on-".join)
def test_lines_that_mean_something_can_be_seen(tokens: Tokens, pair: tuple[str, str]) -> None:
    assert contrast(getattr(tokens, pair[0]), getattr(tokens, pair[1])) >= 3.0


@pytest.mark.parametrize("tokens", THEMES, ids=lambda tokens: tokens.name)
@pytest.mark.parametrize("name", GREYS)
def test_greys_carry_no_tint(tokens: Tokens, name: str) -> None:
    colour = getattr(tokens, name)
    assert colour[1:3] == colour[3:5] == colour[5:7]


def test_contrast_is_wcags() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)


@pytest.mark.parametrize("index", range(9))
def test_numbers_on_face_colours_can_be_read(index: int) -> None:
    assert contrast(face_colour(index), on_face_colour(index)) >= 4.5
    assert face_colour(index) == FACE_COLOURS[index % 7]


@pytest.mark.parametrize("tokens", THEMES, ids=lambda tokens: tokens.name)
def test_pictures_of_controls_have_the_theme_s_colours(tokens: Tokens) -> None:
    wanted = {"check": tokens.on_accent, "dot": tokens.on_accent, "tick": tokens.text}
    wanted |= {"chevron-down": tokens.muted, "chevron-up": tokens.muted}
    for name, colour in wanted.items():
        text = resource_path("icons", "controls", f"{name}-{tokens.name}.svg").read_text(encoding="utf-8")
        assert set(re.findall(r"#[0-9a-f]{6}", text)) == {colour}


@pytest.mark.parametrize("tokens", THEMES, ids=lambda tokens: tokens.name)
def test_the_stylesheet_names_only_pictures_that_exist(tokens: Tokens) -> None:
    folder = resource_path("icons", "controls").as_posix()
    sheet = stylesheet_of(tokens, folder)
    assert "$" not in sheet
    pictures = re.findall(r'url\("([^"]+)"\)', sheet)
    assert pictures
    assert all(Path(picture).is_file() for picture in pictures)


def test_a_change_reaches_palette_stylesheet_and_widgets(qapp: QApplication, theme: ThemeManager, qtbot: QtBot) -> None:
    label = QLabel("text")
    qtbot.addWidget(label)
    label.setAutoFillBackground(True)
    label.show()
    seen = {}
    for choice, tokens in ((Theme.LIGHT, LIGHT), (Theme.DARK, DARK), (Theme.HIGH_CONTRAST, HIGH_CONTRAST)):
        theme.apply(choice)
        assert theme.tokens is tokens
        assert current_tokens() is tokens
        assert qapp.palette().window().color().name() == tokens.window
        assert tokens.outline in qapp.styleSheet()
        seen[choice] = label.palette().windowText().color().name()
    assert seen == {Theme.LIGHT: LIGHT.text, Theme.DARK: DARK.text, Theme.HIGH_CONTRAST: HIGH_CONTRAST.text}


def test_the_system_decides_where_nothing_is_chosen(qapp: QApplication, theme: ThemeManager) -> None:
    theme.apply(Theme.HIGH_CONTRAST)
    theme.apply(Theme.SYSTEM)
    assert theme.tokens in {LIGHT, DARK}
    assert theme.tokens is not HIGH_CONTRAST


def test_applying_the_same_theme_again_does_nothing(theme: ThemeManager, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(theme.changed):
        theme.apply(Theme.LIGHT)
    with qtbot.waitSignal(theme.changed):
        theme.apply(Theme.DARK)


def test_motion_follows_the_setting(theme: ThemeManager) -> None:
    theme.apply(Theme.LIGHT, Motion.REDUCED)
    assert theme.motion_ms == 0
    theme.apply(Theme.LIGHT, Motion.FULL)
    assert 0 < theme.motion_ms < 150


def test_every_theme_and_motion_of_the_domain_is_known(theme: ThemeManager) -> None:
    for choice in Theme:
        theme.apply(choice)
        assert theme.tokens is not None
    assert {str(one) for one in Motion} == {"system", "full", "reduced"}


def test_colours_are_written_in_the_theme_only() -> None:
    literal = re.compile(r"""["']#[0-9a-fA-F]{3,8}["']|Qt\.GlobalColor\.(?!transparent)|\bQColor\(\s*\d""")
    found = [
        f"{path.relative_to(UI)}:{number}"
        for path in UI.rglob("*.py")
        if path.relative_to(UI).parts[0] not in {"theme", "canvas"}
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if literal.search(text)
    ]
    assert found == []


def test_no_widget_has_a_stylesheet_of_its_own() -> None:
    found = [
        str(path.relative_to(UI))
        for path in UI.rglob("*.py")
        if "setStyleSheet" in path.read_text(encoding="utf-8") and path.name != "manager.py"
    ]
    assert found == []


def test_icons_take_the_colour_of_the_moment(theme: ThemeManager) -> None:
    from faceswap_desktop.ui.icons import IconColour, icon

    stop = icon("stop", IconColour.DANGER)

    def colours(shown: QIcon, mode: QIcon.Mode = QIcon.Mode.Normal) -> set[str]:
        image = shown.pixmap(QSize(48, 48), 1.0, mode).toImage()
        pixels = (image.pixelColor(x, y) for x in range(48) for y in range(48))
        return {pixel.name() for pixel in pixels if pixel.alpha() == 255}

    assert colours(stop) == {LIGHT.danger}
    theme.apply("dark")
    assert colours(stop) == {DARK.danger}
    assert colours(QIcon(stop)) == {DARK.danger}
    assert colours(stop, QIcon.Mode.Disabled) == {DARK.disabled}
