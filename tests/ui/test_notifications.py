"""Notices: quiet, plain, in order, and never in the way."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from faceswap_desktop.domain.errors import Cancelled, InputRefused
from faceswap_desktop.domain.messages import message
from faceswap_desktop.ui.notifications import Notice, Notifications, Tone
from faceswap_desktop.ui.strip import Strip


@pytest.fixture
def strip(qtbot: QtBot) -> Strip:
    made = Strip()
    qtbot.addWidget(made)
    made.resize(1000, made.height())
    # Away from the pointer: what is pointed at does not go.
    made.move(0, 400)
    made.show()
    return made


def shown(strip: Strip) -> tuple[str, str]:
    text, hint = strip.findChild(QLabel, "strip-text"), strip.findChild(QLabel, "strip-hint")
    assert isinstance(text, QLabel)
    assert isinstance(hint, QLabel)
    return text.text(), hint.text()


def test_what_comes_before_the_window_waits_for_it(notifications: Notifications, strip: Strip) -> None:
    notifications.info("first")
    notifications.message(
        message("{name} is damaged.", name="settings.toml"), message("Defaults are used."), tone=Tone.ERROR
    )
    assert strip.notice is None
    notifications.attach(strip)
    assert shown(strip) == ("settings.toml is damaged.", "Defaults are used.")
    assert [notice.text for notice in notifications.history] == ["first", "settings.toml is damaged."]


def test_cancelled_is_not_an_error(notifications: Notifications, strip: Strip) -> None:
    notifications.attach(strip)
    notifications.error(Cancelled(message("Cancelled.")))
    assert strip.notice is None


def test_an_error_stays_under_what_comes_and_goes(strip: Strip) -> None:
    strip.present(Notice("cannot be read", Tone.ERROR))
    strip.present(Notice("2 results are deleted.", Tone.SUCCESS, button="Undo"))
    assert shown(strip)[0] == "2 results are deleted."
    strip.dismiss()
    assert shown(strip)[0] == "cannot be read"
    strip.dismiss()
    assert strip.notice is None
    strip.dismiss()


def test_the_same_key_replaces_and_can_be_withdrawn(strip: Strip) -> None:
    strip.present(Notice("one", Tone.ERROR, key="disk"))
    strip.present(Notice("two", Tone.ERROR, key="disk"))
    assert shown(strip)[0] == "two"
    strip.withdraw("disk")
    assert strip.notice is None


@pytest.mark.parametrize("tone", [Tone.INFO, Tone.SUCCESS])
def test_quiet_ones_go_by_themselves(strip: Strip, tone: Tone, qtbot: QtBot) -> None:
    strip.present(Notice("done", tone, seconds=0.02))
    qtbot.waitUntil(lambda: strip.notice is None)


@pytest.mark.parametrize("tone", [Tone.WARNING, Tone.ERROR])
def test_grave_ones_stay_and_nothing_ticks(strip: Strip, tone: Tone) -> None:
    strip.present(Notice("gone wrong", tone))
    assert not any(timer.isActive() for timer in strip.findChildren(QTimer))


def test_the_button_does_it_and_the_notice_goes(strip: Strip, qtbot: QtBot) -> None:
    undone: list[bool] = []
    strip.present(Notice("deleted", Tone.INFO, button="Undo", action=lambda: undone.append(True)))
    button = strip.findChild(QPushButton, "strip-button")
    assert isinstance(button, QPushButton)
    assert button.accessibleName() == "Undo"
    button.click()
    assert undone == [True]
    assert strip.notice is None


def test_it_takes_no_focus_and_no_room(qtbot: QtBot) -> None:
    window, strip = QWidget(), Strip()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    field = QLineEdit()
    column.addWidget(field)
    column.addWidget(strip)
    window.resize(720, 200)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    field.setFocus()
    place, size = field.geometry(), window.size()
    strip.present(Notice("A long sentence " * 20, Tone.ERROR, "and a hint " * 20, "Do something"))
    qtbot.wait(1)
    assert window.focusWidget() is field
    assert (field.geometry(), window.size()) == (place, size)


def test_markup_from_outside_is_shown_as_it_is(strip: Strip) -> None:
    text = "<b>x</b>.png"
    strip.present(Notice(f"{text} cannot be read.", Tone.ERROR))
    label = strip.findChild(QLabel, "strip-text")
    assert isinstance(label, QLabel)
    assert label.text() == "<b>x</b>.png cannot be read."
    from PySide6.QtCore import Qt

    assert label.textFormat() is Qt.TextFormat.PlainText


def test_errors_of_ours_come_with_their_hint(notifications: Notifications, strip: Strip) -> None:
    notifications.attach(strip)
    notifications.error(InputRefused(message("No face."), message("Take another photo.")), button="Open", key="k")
    assert shown(strip) == ("No face.", "Take another photo.")
    assert strip.notice is not None
    assert strip.notice.tone is Tone.ERROR
    assert strip.notice.button == "Open"


def test_after_the_window_is_gone_it_is_kept_in_the_history(notifications: Notifications, strip: Strip) -> None:
    notifications.attach(strip)
    notifications.detach()
    notifications.info("late")
    assert strip.notice is None
    assert notifications.history[-1].text == "late"
