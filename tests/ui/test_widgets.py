"""Shared widgets."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFontMetrics, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QSlider, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from faceswap_desktop.domain.settings import Theme
from faceswap_desktop.ui.theme.manager import ThemeManager
from faceswap_desktop.ui.widgets.buttons import IconButton, PrimaryButton
from faceswap_desktop.ui.widgets.flow import FlowLayout
from faceswap_desktop.ui.widgets.forms import Choice
from faceswap_desktop.ui.widgets.labels import ElidedLabel, PlainLabel, fitting
from faceswap_desktop.ui.widgets.numbers import NumberField
from faceswap_desktop.ui.widgets.progress import ProgressRow
from faceswap_desktop.ui.widgets.search import SearchField
from faceswap_desktop.ui.widgets.values import ValueSlider


@pytest.fixture
def blend(qtbot: QtBot, theme: ThemeManager) -> ValueSlider:
    made = ValueSlider("Blend", "blend", 0.0, 1.0, 1.0, is_percent=True)
    qtbot.addWidget(made)
    made.resize(272, 60)
    made.show()
    return made


def slider_of(blend: ValueSlider) -> QSlider:
    return blend.slider()


def test_dragging_moves_often_and_commits_once(blend: ValueSlider) -> None:
    moves: list[float] = []
    commits: list[float] = []
    blend.changed.connect(moves.append)
    blend.committed.connect(commits.append)
    slider = slider_of(blend)
    slider.setSliderDown(True)
    for position in (90, 70, 60):
        slider.setValue(position)
    assert moves == pytest.approx([0.9, 0.7, 0.6])
    assert commits == []
    slider.setSliderDown(False)
    assert commits == pytest.approx([0.6])
    assert blend.value() == pytest.approx(0.6)


def test_keys_commit_each_and_reset_leads_back(blend: ValueSlider, qtbot: QtBot) -> None:
    commits: list[float] = []
    blend.committed.connect(commits.append)
    slider = slider_of(blend)
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Left)
    assert commits == pytest.approx([0.99])
    reset = blend.findChild(QToolButton, "blend-reset")
    assert isinstance(reset, QToolButton)
    assert reset.isVisible()
    assert reset.accessibleName() == "Reset Blend"
    place = slider.geometry()
    reset.click()
    assert blend.value() == 1.0
    assert commits == pytest.approx([0.99, 1.0])
    assert not reset.isVisible()
    assert slider.geometry() == place, "nothing jumps"


def test_setting_a_value_tells_nobody(blend: ValueSlider, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(blend.changed), qtbot.assertNotEmitted(blend.committed):
        blend.set_value(0.25)
        blend.set_value(7.0)
    assert blend.value() == 1.0


def test_a_wheel_that_passes_by_changes_nothing(blend: ValueSlider) -> None:
    choice, number = Choice("c", "c", [(1, "one"), (2, "two")]), NumberField("n", "n", 0, 9)
    slider = slider_of(blend)
    slider.clearFocus()
    for widget in (slider, choice, number):
        event = QWheelEvent(
            QPointF(5, 5),
            QPointF(5, 5),
            QPoint(0, 0),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(widget, event)
        assert not event.isAccepted()
    assert (blend.value(), choice.value(), number.value()) == (1.0, 1, 0)
    choice.deleteLater()
    number.deleteLater()


def test_a_choice_gives_back_the_very_values(qtbot: QtBot) -> None:
    choice = Choice("Theme", "theme", [(Theme.LIGHT, "Light"), (Theme.DARK, "Dark")])
    qtbot.addWidget(choice)
    chosen: list[object] = []
    choice.chosen.connect(chosen.append)
    choice.setCurrentIndex(1)
    choice.activated.emit(1)
    assert chosen[0] is Theme.DARK
    assert choice.value() is Theme.DARK
    choice.set_values([(Theme.DARK, "Dark"), (Theme.SYSTEM, "System")])
    assert choice.value() is Theme.DARK
    choice.set_value(Theme.HIGH_CONTRAST)
    assert choice.value() is Theme.DARK, "what cannot be chosen is not"


def test_search_waits_for_a_pause_and_tells_once(qtbot: QtBot) -> None:
    field = SearchField("Search", "search")
    qtbot.addWidget(field)
    field.show()
    told: list[str] = []
    field.searched.connect(told.append)
    qtbot.keyClicks(field, "grace")
    assert told == []
    qtbot.waitUntil(lambda: told == ["grace"])
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert told == ["grace"]
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert told == ["grace", ""]
    assert field.text() == ""


def test_labels_show_markup_as_it_is(qtbot: QtBot) -> None:
    for label in (PlainLabel("<b>x</b>"), ElidedLabel("<b>x</b>")):
        qtbot.addWidget(label)
        assert isinstance(label, QLabel)
        assert label.textFormat() is Qt.TextFormat.PlainText


def test_a_long_line_is_shortened_and_the_tip_has_it_all(qtbot: QtBot) -> None:
    label = ElidedLabel("a very long file name.png " * 10)
    qtbot.addWidget(label)
    label.resize(120, 20)
    label.show()
    label.grab()
    assert label.toolTip() == label.text()
    label.setText("short")
    label.grab()
    assert label.toolTip() == ""


def test_a_flow_breaks_lines_and_says_how_high_it_gets(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    flow = FlowLayout(holder)
    for _ in range(6):
        box = QWidget()
        box.setFixedSize(50, 20)
        flow.addWidget(box)
    assert flow.heightForWidth(400) == 20
    assert flow.heightForWidth(120) == 3 * 20 + 2 * 8
    holder.resize(120, 100)
    holder.show()
    rows = {flow.itemAt(index).geometry().top() for index in range(flow.count())}  # type: ignore[union-attr]
    assert len(rows) == 3


def test_progress_says_what_is_being_done(qtbot: QtBot) -> None:
    row = ProgressRow("job")
    qtbot.addWidget(row)
    row.show()
    height = row.sizeHint().height()
    row.set_progress(0.5, "Swapping", "4 s left")
    assert row.sizeHint().height() == height, "its room is reserved"
    with qtbot.waitSignal(row.cancelled):
        button = row.findChild(QToolButton, "job-cancel")
        assert isinstance(button, QToolButton)
        button.click()


def test_buttons_say_aloud_what_they_show(qtbot: QtBot) -> None:
    primary, small = PrimaryButton("Swap 1 face", "run"), IconButton("trash", "Delete", "delete")
    qtbot.addWidget(primary)
    qtbot.addWidget(small)
    primary.set_words("Swap 3 faces · about 4 s")
    small.set_words("undo", "Bring back")
    assert primary.accessibleName() == primary.text() == "Swap 3 faces · about 4 s"
    assert small.accessibleName() == small.toolTip() == "Bring back"


def test_words_are_shortened_to_whole_lines_and_the_end_stays(qtbot: QtBot) -> None:
    label = PlainLabel("", None)
    qtbot.addWidget(label)
    metrics = QFontMetrics(label.font())
    words = "There seem to be glasses; the frame would be carried along. Use a photo of the person without glasses."
    assert fitting("Short.", "", metrics, 200, 3) == "Short."
    shortened = fitting(words, "(and 1 more)", metrics, 200, 3)
    assert shortened.startswith("There seem to be glasses")
    assert shortened.endswith("… (and 1 more)")
    label.setWordWrap(True)
    label.setText(shortened)
    assert label.heightForWidth(200) <= 3 * metrics.lineSpacing() + 2
