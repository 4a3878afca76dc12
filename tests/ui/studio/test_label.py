"""The label's switch in the inspector: remembered, and seen in the preview at once."""

from __future__ import annotations

import tomllib

from PySide6.QtWidgets import QCheckBox, QLabel

from faceswap_desktop.domain.recipe import LabelSize
from faceswap_desktop.ui.widgets.forms import Choice
from tests.ui.conftest import until
from tests.ui.studio.conftest import COLLINS, HOPPER, Shown


def patches_of(shown: Shown) -> int:
    maker = shown.page.stage.preview
    return len(maker.shown.patches) if maker.shown is not None and not maker.is_busy else 0


async def test_switch_is_remembered_and_the_preview_shows_it(working: Shown) -> None:
    page = working.page
    switch, law = page.findChild(QCheckBox, "label-switch"), page.findChild(QLabel, "label-law")
    assert isinstance(switch, QCheckBox)
    assert isinstance(law, QLabel)
    assert switch.isChecked()
    assert law.isHidden()
    await working.opened(HOPPER)
    await working.with_sources(COLLINS)
    page.gestures.pair_number(0, 0)
    await until(lambda: patches_of(working) == 2, 60)
    switch.click()
    await until(lambda: patches_of(working) == 1, 60)
    assert not page.context.current_settings.label.is_on
    assert not law.isHidden()
    assert "Article 50" in law.text()
    stored = page.context.home.settings_file
    await until(lambda: "label" in tomllib.loads(stored.read_text("utf-8")), 20)
    assert tomllib.loads(stored.read_text("utf-8"))["label"] == {"is_on": False}
    switch.click()
    await until(lambda: patches_of(working) == 2, 60)
    assert law.isHidden()


def pick(shown: Shown, name: str, value: object) -> None:
    choice = shown.window.findChild(Choice, name)
    assert isinstance(choice, Choice)
    row = choice.values().index(value)
    choice.setCurrentIndex(row)
    choice.activated.emit(row)


async def test_settings_show_a_sample_as_results_have_it(working: Shown) -> None:
    working.window.show_page("settings", "label")
    sample = working.window.findChild(QLabel, "settings-label-sample")
    assert isinstance(sample, QLabel)
    pick(working, "settings-label-language", "ja")
    await until(lambda: sample.accessibleDescription() == "AIで編集", 60)
    first = sample.pixmap().toImage()
    pick(working, "settings-label-size", LabelSize.LARGE)
    await until(lambda: sample.pixmap().toImage() != first, 60)
    assert working.page.context.current_settings.label.language == "ja"
