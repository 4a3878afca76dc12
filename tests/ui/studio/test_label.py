"""The label's switch in the inspector: remembered, and seen in the preview at once."""

from __future__ import annotations

import tomllib

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QCheckBox, QDialog, QLabel

from faceswap_desktop.domain.recipe import LabelSize
from faceswap_desktop.ui.studio.plan import Plan
from faceswap_desktop.ui.widgets.forms import Choice
from faceswap_desktop.ui.widgets.panels import SidePanel
from tests.ui.conftest import activate, until
from tests.ui.gallery.conftest import a_recipe
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


async def test_what_the_law_expects_is_scrolled_into_view(shown: Shown) -> None:
    switch, law = shown.page.findChild(QCheckBox, "label-switch"), shown.page.findChild(QLabel, "label-law")
    panel = shown.page.findChild(SidePanel, "inspector")
    assert isinstance(switch, QCheckBox)
    assert isinstance(law, QLabel)
    assert panel is not None
    shown.window.resize(1024, 640)
    await until(lambda: panel.verticalScrollBar().maximum() > 0)
    switch.click()
    await until(law.isVisible)

    def is_seen() -> bool:
        top = law.mapTo(panel.viewport(), QPoint(0, 0)).y()
        return top >= 0 and top + law.height() <= panel.viewport().height()

    await until(is_seen)


async def test_the_button_keeps_the_keyboard_while_jobs_are_handed_over(shown: Shown) -> None:
    card = shown.page.inspector.card
    card.show_plan(Plan(recipes=(a_recipe(),), faces=1))
    await activate(shown.window)
    card.button.setFocus()
    dialog = QDialog(shown.window)
    dialog.open()
    await until(dialog.isActiveWindow)
    card.set_running(True)
    assert shown.window.focusWidget() is not card.button
    card.set_running(False)
    dialog.close()
    assert shown.window.focusWidget() is card.button


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
