"""The live picture as a widget: what it paints, when boxes show, and what pointer and keys do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.live import Shown
from faceswap_desktop.ui.canvas.drag import mime_of_sources
from faceswap_desktop.ui.live.view import LiveView, Seen
from faceswap_desktop.ui.theme.manager import ThemeManager
from faceswap_desktop.ui.theme.tokens import face_colour
from tests.ui.live.fed import LEFT, RIGHT, picture


@pytest.fixture
def view(qtbot: QtBot, theme: ThemeManager) -> Iterator[LiveView]:
    # A window gives the keyboard to its first widget, and boxes show where the keyboard is.
    window = QWidget()
    qtbot.addWidget(window)
    elsewhere, made = QLineEdit(window), LiveView(window)
    made.resize(640, 480)
    window.resize(640, 480)
    # Nor is the pointer there.
    window.move(200, 200)
    elsewhere.setFocus()
    window.show()
    yield made
    window.hide()


def colour_at(view: LiveView, x: int, y: int) -> QColor:
    return view.grab().toImage().pixelColor(x, y)


def has_colour(view: LiveView, colour: str) -> bool:
    image = view.grab().toImage()
    wanted = QColor(colour)
    seen = (image.pixelColor(x, y) for x in range(0, 640, 2) for y in range(60, 330, 5))
    return any(
        max(abs(one.red() - wanted.red()), abs(one.green() - wanted.green()), abs(one.blue() - wanted.blue())) < 24
        for one in seen
    )


def boxes_show(view: LiveView) -> bool:
    # A function, so that mypy does not take the answer for settled.
    return view.shows_people


def test_the_newest_picture_is_painted_once_and_told(view: LiveView) -> None:
    told: list[int] = []
    view.on_shown = told.append
    view.show_picture(picture(1, 40))
    view.show_picture(picture(2, 200))
    assert colour_at(view, 320, 240).red() == 200
    view.update()
    view.grab()
    assert told == [2], "the first was never painted, the second is told once"


def test_the_next_session_counts_from_the_beginning(view: LiveView) -> None:
    view.show_picture(picture(1, 40))
    assert colour_at(view, 320, 240).red() == 40
    view.show_picture(None)
    view.show_picture(picture(1, 200))
    assert colour_at(view, 320, 240).red() == 200


def test_boxes_show_while_nobody_becomes_anybody(view: LiveView) -> None:
    view.show_picture(picture())
    view.show_seen(Seen((LEFT, RIGHT)))
    assert boxes_show(view)
    assert has_colour(view, face_colour(0))
    assert has_colour(view, face_colour(1))
    view.show_seen(Seen((LEFT, RIGHT), is_anybody_changed=True))
    assert not boxes_show(view)
    assert not has_colour(view, face_colour(0))


def test_a_card_has_no_boxes(view: LiveView) -> None:
    view.show_seen(Seen((LEFT, RIGHT)))
    view.show_picture(picture(shown=Shown.CARD))
    assert not view.shows_people


def test_compare_shows_the_camera_in_this_widget(view: LiveView) -> None:
    view.camera = lambda: picture(9, 10, Shown.CAMERA)
    view.show_picture(picture(1, 200))
    view.compare(True)
    assert colour_at(view, 320, 240).red() == 10
    view.compare(False)
    assert colour_at(view, 320, 240).red() == 200


def test_beside_shows_both(view: LiveView) -> None:
    view.camera = lambda: picture(9, 10, Shown.CAMERA)
    view.show_picture(picture(1, 200))
    view.resize(800, 300)
    view.set_beside(True)
    assert colour_at(view, 200, 150).red() == 10
    assert colour_at(view, 600, 150).red() == 200


def test_a_click_chooses_the_person_there(view: LiveView, qtbot: QtBot) -> None:
    view.show_picture(picture())
    view.show_seen(Seen((LEFT, RIGHT)))
    for person in (LEFT, RIGHT):
        with qtbot.waitSignal(view.person_clicked) as clicked:
            QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.place_of(person.number).center().toPoint())
        assert clicked.args == [person.number]
    with qtbot.waitSignal(view.person_clicked) as clicked:
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(5, 475))
    assert clicked.args == [0]


def test_arrows_go_from_person_to_person(view: LiveView, qtbot: QtBot) -> None:
    view.show_picture(picture())
    view.show_seen(Seen((RIGHT, LEFT)))
    view.setFocus()
    for key, number in ((Qt.Key.Key_Right, 1), (Qt.Key.Key_Right, 2), (Qt.Key.Key_Right, 1), (Qt.Key.Key_Left, 2)):
        with qtbot.waitSignal(view.person_focused) as focused:
            QTest.keyClick(view, key)
        assert focused.args == [number]
    with qtbot.waitSignal(view.person_clicked) as clicked:
        QTest.keyClick(view, Qt.Key.Key_Return)
    assert clicked.args == [2]
    with qtbot.waitSignal(view.person_cleared) as cleared:
        QTest.keyClick(view, Qt.Key.Key_Delete)
    assert cleared.args == [2]


@pytest.mark.parametrize(("place", "number"), [(QPointF(0, 0), 0), (None, 2)])
def test_a_face_is_dropped_on_whoever_is_there(
    view: LiveView, qtbot: QtBot, place: QPointF | None, number: int
) -> None:
    view.show_picture(picture())
    view.show_seen(Seen((LEFT, RIGHT)))
    where = place if place is not None else view.place_of(2).center()
    mime = mime_of_sources([SourceFaceId("grace")])
    event = QDropEvent(where, Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    with qtbot.waitSignal(view.sources_dropped) as dropped:
        view.dropEvent(event)
    assert dropped.args == [number, ["grace"]]
