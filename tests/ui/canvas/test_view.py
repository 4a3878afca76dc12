"""Zoom, fit and pan."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.ui.canvas.canvas import Canvas
from faceswap_desktop.ui.canvas.picture_item import make_levels, make_patch
from tests.ui.canvas.pictures import MEDIA, SIZE, colour_at, fill, plain_levels


def test_a_picture_is_shown_whole_and_stays_whole_when_the_view_grows(canvas: Canvas) -> None:
    fill(canvas)
    for size in ((800, 600), (400, 700)):
        canvas.resize(*size)
        QApplication.processEvents()
        seen = canvas.mapFromScene(canvas.canvas.picture_rect).boundingRect()
        assert canvas.viewport().rect().contains(seen)
        assert seen.width() > size[0] - 60
        assert canvas.is_fitted


def test_zooming_keeps_what_lies_under_the_pointer(canvas: Canvas) -> None:
    fill(canvas)
    place = QPointF(250, 330)
    for zoom in (0.9, 2.0, 5.0, 1.3):
        before = canvas.mapToScene(place.toPoint())
        canvas.zoom_to(zoom, place)
        after = canvas.mapToScene(place.toPoint())
        assert canvas.zoom == pytest.approx(zoom)
        assert (after - before).manhattanLength() <= 2.0 / zoom + 0.01
    assert not canvas.is_fitted


def test_the_wheel_zooms_and_shift_pans(canvas: Canvas) -> None:
    fill(canvas)
    canvas.zoom_to(2.0)
    turn(canvas, 120)
    assert canvas.zoom == pytest.approx(2.5)
    turn(canvas, -240)
    assert canvas.zoom == pytest.approx(1.6)
    left = canvas.horizontalScrollBar().value()
    turn(canvas, -120, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.horizontalScrollBar().value() > left
    assert canvas.zoom == pytest.approx(1.6)


def test_a_hundred_percent_is_one_pixel_per_pixel(canvas: Canvas) -> None:
    fill(canvas)
    told: list[float] = []
    canvas.zoom_changed.connect(told.append)
    canvas.zoom_actual()
    width = canvas.mapFromScene(QPointF(700, 300)).x() - canvas.mapFromScene(QPointF(100, 300)).x()
    assert width * canvas.devicePixelRatioF() == pytest.approx(600, abs=1)
    assert told[-1] == pytest.approx(1.0)


def test_zoom_has_ends(canvas: Canvas) -> None:
    fill(canvas)
    for _ in range(60):
        canvas.zoom_in()
    assert canvas.zoom == pytest.approx(32.0)
    for _ in range(90):
        canvas.zoom_out()
    assert canvas.zoom == pytest.approx(0.02)


def test_the_middle_button_and_the_space_bar_pan(canvas: Canvas, qtbot: QtBot) -> None:
    fill(canvas)
    canvas.zoom_to(3.0)
    view = canvas.viewport()
    for button, held in ((Qt.MouseButton.MiddleButton, False), (Qt.MouseButton.LeftButton, True)):
        before = canvas.mapToScene(QPoint(400, 300))
        if held:
            qtbot.keyPress(canvas, Qt.Key.Key_Space)
        qtbot.mousePress(view, button, pos=QPoint(400, 300))
        qtbot.mouseMove(view, QPoint(340, 270))
        qtbot.mouseRelease(view, button, pos=QPoint(340, 270))
        if held:
            qtbot.keyRelease(canvas, Qt.Key.Key_Space)
        moved = canvas.mapToScene(QPoint(400, 300)) - before
        assert moved.x() == pytest.approx(20, abs=1)
        assert moved.y() == pytest.approx(10, abs=1)
    assert not canvas.is_panning


def test_a_small_picture_is_not_blown_up(canvas: Canvas) -> None:
    canvas.show_picture(MEDIA, plain_levels(Size(20, 10)))
    assert canvas.zoom == pytest.approx(4.0)


def test_a_large_picture_has_smaller_copies_and_a_scaled_display_copy_fills_the_scene(canvas: Canvas) -> None:
    display = Size(1200, 900)
    levels = make_levels(bytes([90]) * (1200 * 900 * 3), display, 3600, Size(4800, 3600))
    assert [level.width() for level in levels.levels] == [1200, 600]
    canvas.show_picture(MEDIA, levels)
    assert (canvas.canvas.picture_rect.width(), canvas.canvas.picture_rect.height()) == (4800, 3600)
    image = canvas.grab().toImage()
    assert colour_at(image, 400, 300) == (90, 90, 90)


def test_the_preview_lies_over_the_picture_until_the_original_is_asked_for(canvas: Canvas) -> None:
    fill(canvas)
    centre = canvas.mapFromScene(QPointF(SIZE.width / 2, 520))
    canvas.canvas.set_patches([make_patch(400, 480, 200, 80, bytes([250, 10, 20]) * (200 * 80))])
    assert colour_at(canvas.grab().toImage(), centre.x(), centre.y()) == (250, 10, 20)
    canvas.canvas.show_original(True)
    assert colour_at(canvas.grab().toImage(), centre.x(), centre.y()) == (120, 120, 120)
    canvas.canvas.show_original(False)
    assert colour_at(canvas.grab().toImage(), centre.x(), centre.y()) == (250, 10, 20)


def turn(canvas: Canvas, angle: int, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Turn the wheel over the middle of the canvas."""
    place = QPointF(canvas.viewport().rect().center())
    event = QWheelEvent(
        place,
        canvas.viewport().mapToGlobal(place),
        QPoint(),
        QPoint(0, angle),
        Qt.MouseButton.NoButton,
        held,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas.viewport(), event)
