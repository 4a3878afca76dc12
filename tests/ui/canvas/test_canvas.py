"""Faces on the canvas: pointing, keys, drag and drop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl, SignalInstance
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.media import MediaId
from faceswap_desktop.domain.pairing import TargetFaceRef
from faceswap_desktop.ui.canvas.canvas import Canvas
from faceswap_desktop.ui.canvas.drag import mime_of_sources, mime_of_target
from faceswap_desktop.ui.canvas.face_item import Mark
from tests.ui.canvas.pictures import BOXES, MEDIA, fill, shown_faces


def heard(signal: SignalInstance) -> list[tuple[object, ...]]:
    """Return a list that fills with what a signal carries."""
    told: list[tuple[object, ...]] = []
    signal.connect(lambda *values: told.append(values))
    return told


def middle_of(canvas: Canvas, index: int) -> QPoint:
    """Return where a face is in the view."""
    centre = BOXES[index].center
    return canvas.mapFromScene(QPointF(centre.x, centre.y))


def drop(canvas: Canvas, mime: QMimeData, place: QPoint) -> tuple[bool, list[int]]:
    """Drag over the canvas and drop; return whether it was taken, and which faces were lit before."""
    view, action, left, held = (
        canvas.viewport(),
        Qt.DropAction.CopyAction,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(view, QDragEnterEvent(place, action, mime, left, held))
    move = QDragMoveEvent(place, action, mime, left, held)
    QApplication.sendEvent(view, move)
    lit = [item.shown.index for item in canvas.canvas.faces if Mark.DROP_TARGET in item.marks]
    if not move.isAccepted():
        return False, lit
    event = QDropEvent(QPointF(place), action, mime, left, held)
    QApplication.sendEvent(view, event)
    assert not any(Mark.DROP_TARGET in item.marks for item in canvas.canvas.faces)
    return event.isAccepted(), lit


def test_a_click_names_the_face_and_a_click_beside_them_lets_go(canvas: Canvas, qtbot: QtBot) -> None:
    fill(canvas)
    clicked, beside = heard(canvas.face_clicked), heard(canvas.background_clicked)
    qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=middle_of(canvas, 1))
    assert (clicked, canvas.focused_face) == ([(1,)], 1)
    qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert (len(beside), canvas.focused_face) == (1, None)


def test_the_smaller_of_two_boxes_is_meant(canvas: Canvas) -> None:
    fill(canvas)
    shown = shown_faces()
    inside = shown[3].face
    item = canvas.canvas.face_at(QPointF(inside.box.center.x, inside.box.center.y))
    assert item is not None
    assert item.shown.index == 3
    assert canvas.canvas.face_at(QPointF(5, 5)) is None


def test_arrows_walk_to_the_nearest_face_in_their_direction(canvas: Canvas, qtbot: QtBot) -> None:
    fill(canvas)
    canvas.focus_face(0)
    for key, expected in (
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Right, 3),
        (Qt.Key.Key_Up, 2),
        (Qt.Key.Key_Left, 1),
        (Qt.Key.Key_Left, 0),
    ):
        qtbot.keyClick(canvas, key)
        assert canvas.focused_face == expected, key


def test_shift_and_arrows_pan(canvas: Canvas, qtbot: QtBot) -> None:
    fill(canvas)
    canvas.zoom_to(3.0)
    canvas.focus_face(0)
    before = canvas.horizontalScrollBar().value()
    qtbot.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.horizontalScrollBar().value() > before
    assert canvas.focused_face == 0


def test_numbers_and_delete_act_on_the_face_with_the_keyboard(canvas: Canvas, qtbot: QtBot) -> None:
    fill(canvas)
    numbers, cleared, chosen = heard(canvas.number_pressed), heard(canvas.clear_pressed), heard(canvas.face_clicked)
    qtbot.keyClick(canvas, Qt.Key.Key_3)
    assert numbers == []  # no face yet
    canvas.focus_face(2)
    for key in (Qt.Key.Key_1, Qt.Key.Key_9, Qt.Key.Key_0):
        qtbot.keyClick(canvas, key)
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert (numbers, cleared, chosen) == ([(2, 0), (2, 8), (2, 9)], [(2,)], [(2,)])


def test_the_original_is_wanted_while_c_is_held(canvas: Canvas, qtbot: QtBot) -> None:
    fill(canvas)
    held = heard(canvas.compare_held)
    qtbot.keyPress(canvas, Qt.Key.Key_C)
    qtbot.keyRelease(canvas, Qt.Key.Key_C)
    assert held == [(True,), (False,)]


@pytest.fixture
def between_fields(canvas: Canvas, qtbot: QtBot) -> Iterator[tuple[QLineEdit, QLineEdit]]:
    """Put the canvas between two fields."""
    window = QWidget()
    qtbot.addWidget(window)
    before, after = QLineEdit(window), QLineEdit(window)
    column = QVBoxLayout(window)
    for widget in (before, canvas, after):
        column.addWidget(widget)
    QWidget.setTabOrder(before, canvas)
    QWidget.setTabOrder(canvas, after)
    window.resize(800, 700)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield before, after
    canvas.setParent(None)


def test_tab_walks_through_the_faces_and_leaves(
    canvas: Canvas, between_fields: tuple[QLineEdit, QLineEdit], qtbot: QtBot
) -> None:
    before, after = between_fields
    fill(canvas)
    before.setFocus()
    walked = []
    for _ in BOXES:
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert canvas.hasFocus()
        walked.append(canvas.focused_face)
    qtbot.keyClick(canvas, Qt.Key.Key_Tab)
    assert (walked, after.hasFocus()) == ([0, 1, 2, 3], True)
    assert not any(Mark.FOCUSED in item.marks for item in canvas.canvas.faces)
    qtbot.keyClick(after, Qt.Key.Key_Backtab)
    assert (canvas.hasFocus(), canvas.focused_face) == (True, 3)


def test_a_source_face_is_dropped_on_the_face_below_it(canvas: Canvas) -> None:
    fill(canvas)
    dropped = heard(canvas.sources_dropped)
    assert drop(canvas, mime_of_sources([SourceFaceId("anna")]), middle_of(canvas, 2)) == (True, [2])
    assert dropped == [(2, ["anna"])]


def test_a_source_face_dropped_beside_all_faces_lights_the_main_one(canvas: Canvas) -> None:
    fill(canvas)
    dropped = heard(canvas.sources_dropped)
    assert drop(canvas, mime_of_sources([SourceFaceId("anna")]), QPoint(6, 6)) == (True, [0])
    assert dropped == [(-1, ["anna"])]


def test_a_source_face_finds_no_place_where_there_is_no_face(canvas: Canvas) -> None:
    canvas.show_picture(MEDIA, None)
    assert drop(canvas, mime_of_sources([SourceFaceId("anna")]), QPoint(100, 100)) == (False, [])


def test_a_face_dropped_on_another_swaps_them(canvas: Canvas) -> None:
    fill(canvas, ("Anna", "Ben", None, None))
    swapped = heard(canvas.faces_swapped)
    one = mime_of_target(TargetFaceRef(MEDIA, 0))
    assert drop(canvas, one, middle_of(canvas, 1)) == (True, [1])
    assert drop(canvas, one, middle_of(canvas, 0)) == (False, [])
    assert drop(canvas, one, QPoint(6, 6)) == (False, [])
    assert drop(canvas, mime_of_target(TargetFaceRef(MediaId("other"), 0)), middle_of(canvas, 1)) == (False, [])
    assert swapped == [(0, 1)]


def test_files_are_taken_anywhere(canvas: Canvas) -> None:
    fill(canvas)
    dropped = heard(canvas.pictures_dropped)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile("/pictures/täst 漢.png")])
    assert drop(canvas, mime, middle_of(canvas, 1)) == (True, [])
    assert dropped == [(mime,)]
    words = QMimeData()
    words.setText("no picture")
    assert drop(canvas, words, middle_of(canvas, 1)) == (False, [])


def test_new_pairings_keep_the_items_and_the_keyboard_where_they_are(canvas: Canvas) -> None:
    fill(canvas)
    canvas.focus_face(1)
    canvas.choose(2)
    before = canvas.canvas.faces
    canvas.show_faces(shown_faces((None, "Anna", None, None)), MEDIA)
    assert canvas.canvas.faces == before
    assert (canvas.focused_face, canvas.chosen_face) == (1, 2)
    assert before[1].shown.badge is not None


def test_a_paired_face_looks_different_in_form_and_not_in_colour_alone(canvas: Canvas) -> None:
    """The dashed line has gaps where the solid one has none: told apart in grey."""
    fill(canvas)
    canvas.canvas.set_layers(points=False, numbers=False)
    along = [
        canvas.mapFromScene(QPointF(BOXES[0].left + share * BOXES[0].width / 60, BOXES[0].bottom))
        for share in range(5, 55)
    ]

    def lightness() -> set[int]:
        image = canvas.grab().toImage()
        return {max(image.pixelColor(place.x(), place.y() + by).lightness() for by in (-1, 0, 1)) for place in along}

    dashed = lightness()
    canvas.show_faces(shown_faces(("Anna", None, None, None)), MEDIA)
    solid = lightness()
    assert len(solid) == 1
    assert len(dashed) > 1


def test_landmarks_and_numbers_can_be_switched_off(canvas: Canvas) -> None:
    fill(canvas)
    canvas.zoom_actual()
    pictures = []
    for points, numbers in ((True, True), (False, True), (True, False), (False, False)):
        canvas.canvas.set_layers(points=points, numbers=numbers)
        pictures.append(canvas.grab().toImage())
    assert all(one != other for place, one in enumerate(pictures) for other in pictures[place + 1 :])
