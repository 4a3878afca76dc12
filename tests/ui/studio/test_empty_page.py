"""The page before there is anything: what it teaches, what it allows, and that a screen reader finds all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from faceswap_desktop.domain.recipe import OutputFormat, SwapOptions
from faceswap_desktop.services.presets import BUILT_IN
from faceswap_desktop.ui.widgets.forms import Choice, Switch
from faceswap_desktop.ui.widgets.values import ValueSlider
from tests.ui.conftest import until
from tests.ui.studio.conftest import Shown, by_hand

_NAMED = {
    QAccessible.Role.Button,
    QAccessible.Role.CheckBox,
    QAccessible.Role.ComboBox,
    QAccessible.Role.EditableText,
    QAccessible.Role.List,
    QAccessible.Role.Slider,
    QAccessible.Role.SpinBox,
}


def walk(root: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    """Return an interface and all below it."""
    yield root
    for place in range(root.childCount()):
        child: QAccessibleInterface | None = root.child(place)
        if child is not None and child.isValid():
            yield from walk(child)


async def test_every_control_has_a_name(shown: Shown) -> None:
    shown.page.inspector.output.set_open(True)
    found = [one for one in walk(QAccessible.queryAccessibleInterface(shown.page)) if one.role() in _NAMED]
    # Qt's own inner parts (the field and the list of a combo box) speak through the control they belong to.
    own = [
        one for one in found if isinstance(one.object(), QWidget) and one.object().objectName()[:3] not in {"", "qt_"}
    ]
    nameless = [one.object() for one in own if not one.text(QAccessible.Text.Name)]
    assert len(own) > 25
    assert nameless == []


async def test_tab_reaches_the_shelf_the_options_and_comes_round(shown: Shown) -> None:
    start = shown.page.shelf.add_button
    start.setFocus()
    seen = []
    widget: QWidget | None = start
    for _ in range(400):
        assert widget is not None
        seen.append(widget.objectName())
        widget = widget.nextInFocusChain()
        if widget is start:
            break
    assert {"shelf-add", "empty-open", "empty-samples", "preset", "option-blend-slider", "provider", "run"} <= set(seen)


async def test_the_run_button_waits_for_a_pairing_and_says_so(shown: Shown) -> None:
    card = shown.page.inspector.card
    await until(lambda: shown.page.preflight.plan.waiting == 0)
    assert not card.button.isEnabled()
    shown.window.table.trigger("studio.run")
    await until(lambda: shown.window.notifications.history)
    assert shown.window.notifications.history[-1].text == "Pair a face, or change an age, first."
    assert await shown.program.queue.all() == []


async def test_options_change_in_steps_of_undo_and_reset(shown: Shown, qtbot: QtBot) -> None:
    studio, stack = shown.program.studio, shown.page.undo_stack
    assert stack is not None
    blend = shown.page.findChild(ValueSlider, "option-blend")
    keep_eyes = shown.page.findChild(Switch, "option-keep_eyes")
    assert isinstance(blend, ValueSlider)
    assert isinstance(keep_eyes, Switch)
    slider = blend.slider()
    slider.setSliderDown(True)
    for position in (90, 70, 40):
        slider.setValue(position)
        await asyncio.sleep(0.01)
    slider.setSliderDown(False)
    await by_hand(lambda: qtbot.mouseClick(keep_eyes, Qt.MouseButton.LeftButton, pos=keep_eyes.rect().center() / 2))
    assert studio.options == SwapOptions(blend=0.4, keep_eyes=False)
    assert [stack.text(step) for step in range(stack.count())] == ["change Blend", "change Keep eyes"]
    stack.undo()
    stack.undo()
    assert studio.options == SwapOptions()
    await until(lambda: blend.value() == 1.0 and keep_eyes.isChecked())
    stack.redo()
    await until(lambda: blend.value() == 0.4)
    reset = shown.page.findChild(QWidget, "options-reset")
    assert reset is not None
    await by_hand(lambda: qtbot.mouseClick(reset, Qt.MouseButton.LeftButton))
    assert studio.options == SwapOptions()


async def test_a_preset_is_chosen_and_shown_as_custom_once_an_option_moves(shown: Shown) -> None:
    choice = shown.page.findChild(Choice, "preset")
    assert isinstance(choice, Choice)
    strong = BUILT_IN[1]
    choice.chosen.emit(strong.name)
    await until(lambda: shown.program.settings.current.swap.preset == strong.name)
    assert shown.program.studio.options == strong.options
    await until(lambda: choice.currentText() == "Strong likeness")
    shown.program.studio.set_options(SwapOptions(blend=0.123))
    await until(lambda: choice.currentText() == "Custom")


async def test_the_output_is_a_setting(shown: Shown) -> None:
    choice = shown.page.findChild(Choice, "output-format")
    assert isinstance(choice, Choice)
    choice.chosen.emit(OutputFormat.PNG)
    await until(lambda: shown.program.settings.current.output.format is OutputFormat.PNG)
    quality = shown.page.findChild(QWidget, "output-quality")
    assert quality is not None
    await until(lambda: not quality.isEnabled())


async def test_pages_say_what_a_drop_would_do(shown: Shown) -> None:
    mime = QMimeData()
    assert shown.page.drop_hint(mime) == ""
    mime.setUrls([QUrl.fromLocalFile(f"/pictures/{number}.jpg") for number in range(3)])
    assert shown.page.drop_hint(mime) == "Drop to open 3 files"


async def test_an_empty_folder_is_said(shown: Shown, tmp_path: Path) -> None:
    folder = tmp_path / "holiday"
    folder.mkdir()
    shown.page.receive_files([folder])
    await until(lambda: shown.window.notifications.history)
    assert shown.window.notifications.history[-1].text == "There is no picture or video in holiday."
    assert shown.program.studio.pictures == ()


async def test_the_first_step_has_its_buttons(shown: Shown) -> None:
    buttons = {one.objectName() for one in shown.page.panel.findChildren(QPushButton) if one.isVisibleTo(shown.page)}
    assert {"empty-open", "empty-samples"} <= buttons
