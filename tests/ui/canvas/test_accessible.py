"""What a screen reader finds on the canvas."""

from __future__ import annotations

import gc

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication

from faceswap_desktop.domain.geometry import BoundingBox, Size
from faceswap_desktop.ui.canvas.canvas import Canvas
from faceswap_desktop.ui.canvas.faces import place_words
from tests.ui.canvas.pictures import BOXES, MEDIA, fill, shown_faces


def names_of(canvas: Canvas) -> list[str]:
    """Walk the children of the canvas and return their names."""
    root = QAccessible.queryAccessibleInterface(canvas)
    return [root.child(place).text(QAccessible.Text.Name) for place in range(root.childCount())]


def test_every_face_says_its_number_its_place_and_whom_it_becomes(canvas: Canvas) -> None:
    fill(canvas, (None, "Anna", None, None))
    assert names_of(canvas) == [
        "Face 1 of 4, at the left edge, stays as it is",
        "Face 2 of 4, in the centre, becomes Anna",
        "Face 3 of 4, top, right of centre, stays as it is",
        "Face 4 of 4, bottom, right of centre, stays as it is",
    ]
    canvas.show_faces(shown_faces(("Ben", "Anna", None, None)), MEDIA)
    assert names_of(canvas)[0] == "Face 1 of 4, at the left edge, becomes Ben"


def test_a_face_knows_its_canvas_its_place_on_the_screen_and_its_state(canvas: Canvas) -> None:
    fill(canvas)
    root = QAccessible.queryAccessibleInterface(canvas)
    assert (root.text(QAccessible.Text.Name), root.role()) == ("Picture", QAccessible.Role.List)
    canvas.focus_face(2)
    canvas.choose(1)
    faces = [root.child(place) for place in range(4)]
    assert [face.state().focused for face in faces] == [0, 0, 1, 0]
    assert [face.state().selected for face in faces] == [0, 1, 0, 0]
    assert all(face.role() == QAccessible.Role.ListItem for face in faces)
    assert [root.indexOfChild(face) for face in faces] == [0, 1, 2, 3]
    assert faces[2].parent().object() is canvas
    centre = BOXES[2].center
    there = canvas.viewport().mapToGlobal(canvas.mapFromScene(centre.x, centre.y))
    assert faces[2].rect().contains(there)
    assert root.childAt(there.x(), there.y()).object() is faces[2].object()
    assert root.focusChild().object() is faces[2].object()


def test_faces_that_went_leave_nothing_behind(canvas: Canvas, qapp: QApplication) -> None:
    fill(canvas)
    old = QAccessible.queryAccessibleInterface(canvas).child(0)
    assert old.isValid()
    canvas.show_picture(MEDIA, None)
    qapp.processEvents()
    gc.collect()
    assert names_of(canvas) == []


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (0.5, 0.5, "in the centre"),
        (0.3, 0.5, "left of centre"),
        (0.7, 0.5, "right of centre"),
        (0.05, 0.1, "top left"),
        (0.95, 0.9, "bottom right"),
        (0.5, 0.1, "top centre"),
    ],
)
def test_places_in_words(x: float, y: float, words: str) -> None:
    size = Size(2000, 1000)
    box = BoundingBox(x * 2000 - 20, y * 1000 - 20, x * 2000 + 20, y * 1000 + 20)
    assert place_words(box, size) == words
