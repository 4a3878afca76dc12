"""Frames of a video on the canvas: the picture changes, everything else stays where it is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from faceswap_desktop.domain.geometry import BoundingBox, Size
from faceswap_desktop.ui.canvas.canvas import Canvas
from faceswap_desktop.ui.canvas.faces import CanvasFace
from faceswap_desktop.ui.canvas.picture_item import PictureLevels, make_frame
from tests.ui.canvas.pictures import MEDIA, SIZE, badge, colour_at, face_at, plain_levels


def frame(grey: int, size: Size = SIZE, *, halves: bool = False) -> PictureLevels:
    """Return a grey frame, half as large as the video it belongs to."""
    shown = Size(size.width // 2, size.height // 2)
    pixels = memoryview(bytes([grey]) * (shown.width * shown.height * 3))
    return make_frame(pixels, shown, shown.width * 3, size, halves=halves)


def people(left: float, *indices: int) -> list[CanvasFace]:
    """Return people beside each other, from a place on."""
    return [
        CanvasFace(
            face_at(index, BoundingBox(left + 200 * place, 200, left + 200 * place + 120, 340)),
            len(indices),
            SIZE,
            is_person=True,
        )
        for place, index in enumerate(indices)
    ]


def test_the_next_frame_changes_the_picture_and_nothing_else(canvas: Canvas) -> None:
    canvas.show_picture(MEDIA, plain_levels())
    canvas.show_faces(people(100, 3, 7), MEDIA)
    canvas.zoom_to(1.5)
    canvas.scroll_by(1, 1)
    zoom, place = canvas.zoom, canvas.mapFromScene(0, 0)
    for grey in (30, 200):
        canvas.show_frame(frame(grey, halves=grey == 200))
        seen = canvas.grab().toImage()
        middle = canvas.viewport().rect().center()
        assert colour_at(seen, middle.x(), middle.y()) == (grey, grey, grey)
    assert (canvas.zoom, canvas.mapFromScene(0, 0)) == (zoom, place)
    assert [item.shown.index for item in canvas.canvas.faces] == [3, 7]


def test_a_frame_of_another_video_is_not_shown(canvas: Canvas) -> None:
    canvas.show_picture(MEDIA, plain_levels())
    canvas.show_frame(frame(10, Size(640, 480)))
    middle = canvas.viewport().rect().center()
    assert colour_at(canvas.grab().toImage(), middle.x(), middle.y()) == (120, 120, 120)


def test_boxes_follow_people_and_keep_the_focus(canvas: Canvas) -> None:
    canvas.show_picture(MEDIA, plain_levels())
    canvas.show_faces(people(100, 3, 7), MEDIA)
    canvas.setFocus()
    canvas.focus_face(7)
    items = canvas.canvas.faces
    canvas.show_faces(people(140, 3, 7), MEDIA)
    assert canvas.canvas.faces == items
    assert items[0].rect.left() == 140
    assert items[0].label.pos().x() == 140
    assert canvas.focused_face == 7
    canvas.show_faces(people(140, 3), MEDIA)
    assert [item.shown.index for item in canvas.canvas.faces] == [3]


def test_tab_walks_through_people_whatever_their_numbers(canvas: Canvas) -> None:
    canvas.show_picture(MEDIA, plain_levels())
    canvas.show_faces(people(100, 3, 7, 9), MEDIA)
    canvas.setFocus(Qt.FocusReason.OtherFocusReason)
    went = []
    for _ in range(3):
        QTest.keyClick(canvas, Qt.Key.Key_Tab)
        went.append(canvas.focused_face)
    assert went == [3, 7, 9]


def test_people_are_called_by_their_names() -> None:
    plain = people(100, 4)[0]
    assert plain.description().startswith("Person 5, ")
    assert plain.words == ""
    named = CanvasFace(plain.face, 1, SIZE, None, is_person=True, name="Ada")
    assert named.description().startswith("Ada, ")
    assert named.words == "Ada"
    assert CanvasFace(plain.face, 1, SIZE, badge("Ben"), is_person=True, name="Ada").words == "Ada → Ben"
    assert CanvasFace(plain.face, 1, SIZE, badge("Ben"), is_person=True).words == "Ben"
