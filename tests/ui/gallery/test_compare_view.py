"""Before and after: divider, lens, blink, zoom and pan, by mouse and by keys; and what of it can be seen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.ui.canvas.compare_view import CompareMode, CompareView
from faceswap_desktop.ui.canvas.picture_item import PictureLevels, make_levels

RED, BLUE = QColor(200, 20, 20), QColor(20, 20, 200)
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


def plain(colour: QColor, width: int = 400, height: int = 300) -> PictureLevels:
    pixels = bytes((colour.red(), colour.green(), colour.blue())) * (width * height)
    return make_levels(pixels, Size(width, height), 3 * width, Size(width, height))


@pytest.fixture
def view(qtbot: QtBot) -> CompareView:
    made = CompareView()
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.set_pictures(plain(RED), plain(BLUE))
    return made


def colour_at(view: CompareView, x: int, y: int) -> QColor:
    image: QImage = view.grab().toImage()
    return image.pixelColor(x, y)


def shows_original(view: CompareView) -> bool:
    # A function, so that mypy does not take the answer for settled.
    return view.shows_before


def is_red(view: CompareView, x: int, y: int = 60) -> bool:
    return colour_at(view, x, y).red() > 150


def wheel(view: CompareView, at: QPoint, steps: int) -> None:
    event = QWheelEvent(
        QPointF(at),
        view.mapToGlobal(QPointF(at)),
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        NONE,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


def move(view: CompareView, to: QPoint, buttons: Qt.MouseButton = Qt.MouseButton.NoButton) -> None:
    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(to), view.mapToGlobal(QPointF(to)), Qt.MouseButton.NoButton, buttons, NONE
    )
    QApplication.sendEvent(view, event)


def test_left_of_the_divider_is_the_original(view: CompareView) -> None:
    assert view.divider == 0.5
    assert is_red(view, 150)
    assert not is_red(view, 250)
    view.set_divider(0.75)
    assert is_red(view, 250)
    assert not is_red(view, 350)


def test_the_divider_is_dragged(view: CompareView) -> None:
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(view, left, NONE, QPoint(203, 100))
    move(view, QPoint(100, 100), left)
    QTest.mouseRelease(view, left, NONE, QPoint(100, 100))
    assert view.divider == pytest.approx(0.25, abs=0.01)
    move(view, QPoint(300, 100))
    assert view.divider == pytest.approx(0.25, abs=0.01), "let go is let go"
    QTest.mousePress(view, left, NONE, QPoint(100, 100))
    move(view, QPoint(-900, 100), left)
    QTest.mouseRelease(view, left, NONE, QPoint(100, 100))
    assert view.divider == 0.0


def test_the_divider_by_keys(view: CompareView) -> None:
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.divider == pytest.approx(0.52)
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert view.divider == pytest.approx(0.5)
    QTest.keyClick(view, Qt.Key.Key_End)
    assert view.divider == 1.0
    assert is_red(view, 390)
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert view.divider == 0.0
    assert not is_red(view, 10, 200)
    assert "Divider at 0 %" in view.accessibleDescription()


def test_space_shows_the_original_as_long_as_it_is_held(view: CompareView) -> None:
    view.set_mode(CompareMode.BLINK)
    assert not is_red(view, 100)
    QTest.keyPress(view, Qt.Key.Key_Space)
    assert shows_original(view)
    assert is_red(view, 300)
    QTest.keyRelease(view, Qt.Key.Key_Space)
    assert not shows_original(view)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, NONE, QPoint(200, 150))
    assert is_red(view, 300)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, NONE, QPoint(200, 150))
    assert not is_red(view, 300)


def test_a_lost_keyboard_lets_go(view: CompareView, qtbot: QtBot) -> None:
    other = CompareView()
    qtbot.addWidget(other)
    view.activateWindow()
    view.setFocus()
    QTest.keyPress(view, Qt.Key.Key_Space)
    assert shows_original(view)
    other.show()
    other.activateWindow()
    other.setFocus()
    QApplication.processEvents()
    assert not shows_original(view)


def test_the_lens_shows_both_under_the_pointer(view: CompareView) -> None:
    view.set_mode(CompareMode.LENS)
    move(view, QPoint(200, 150))
    assert str(view.lens_at) == str(QPointF(200, 150))
    assert is_red(view, 150, 150)
    assert not is_red(view, 250, 150)
    assert not is_red(view, 20, 280), "beside the lens is the result"
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert view.lens_at is None
    assert not is_red(view, 150, 150)


def test_the_lens_by_keys(view: CompareView) -> None:
    view.set_mode(CompareMode.LENS)
    assert view.lens_at == QPointF(view.rect().center()), "it is there without a mouse"
    QTest.keyClick(view, Qt.Key.Key_Left)
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert view.lens_at == QPointF(view.rect().center()) + QPointF(-24, 24)
    for _ in range(50):
        QTest.keyClick(view, Qt.Key.Key_Left)
    assert view.lens_at is not None
    assert view.lens_at.x() == 0


def test_the_wheel_zooms_to_the_pointer(view: CompareView) -> None:
    assert view.zoom == pytest.approx(1.0)
    at = QPoint(300, 75)
    before = QPointF(at) / view.zoom
    wheel(view, at, 2)
    assert view.zoom == pytest.approx(1.25**2)
    offset = view._offset
    assert ((QPointF(at) - offset) / view.zoom - before).manhattanLength() < 0.01
    wheel(view, at, 40)
    assert view.zoom == 16.0
    wheel(view, at, -80)
    assert view.zoom == pytest.approx(0.5), "not smaller than half of what fits"


def test_fit_and_actual_size(view: CompareView) -> None:
    told: list[float] = []
    view.zoom_changed.connect(told.append)
    view.set_pictures(plain(RED, 1600, 1200), plain(BLUE, 1600, 1200))
    assert view.zoom == pytest.approx(0.25)
    view.actual_size()
    assert view.zoom == pytest.approx(1.0 / view.devicePixelRatioF())
    view.resize(200, 150)
    assert view.zoom == pytest.approx(1.0 / view.devicePixelRatioF()), "a zoom that was chosen stays"
    view.fit()
    assert view.zoom == pytest.approx(0.125)
    view.resize(400, 300)
    assert view.zoom == pytest.approx(0.25), "the whole picture stays whole"
    assert told[-1] == pytest.approx(0.25)
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, NONE, QPoint(50, 50))
    assert view.zoom == pytest.approx(1.0 / view.devicePixelRatioF())
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, NONE, QPoint(50, 50))
    assert view.zoom == pytest.approx(0.25)


def test_the_picture_is_moved_and_cannot_be_lost(view: CompareView) -> None:
    view.set_mode(CompareMode.LENS)
    view.actual_size()
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(view, left, NONE, QPoint(50, 50))
    move(view, QPoint(5000, 5000), left)
    QTest.mouseRelease(view, left, NONE, QPoint(50, 50))
    assert view._offset == QPointF(view.width() - 64, view.height() - 64)
    QTest.keyClick(view, Qt.Key.Key_Right, SHIFT)
    assert view._offset.x() == view.width() - 64 - 48


def test_the_result_alone_says_so(view: CompareView) -> None:
    view.set_pictures(None, plain(BLUE), "The original is gone.")
    assert not is_red(view, 100)
    assert "The original is gone." in view.accessibleDescription()
    QTest.keyPress(view, Qt.Key.Key_Space)
    assert not shows_original(view)
    darkest = min(colour_at(view, x, 270).lightness() for x in range(120, 280, 8))
    assert darkest < 60, "the sentence has a plate of its own"


def test_focus_is_seen_and_dims_nothing(view: CompareView) -> None:
    view.activateWindow()
    view.setFocus()
    QApplication.processEvents()
    assert view.hasFocus()
    assert is_red(view, 100, 200), "only the ring is painted over the pictures"
    assert colour_at(view, 0, 150) != colour_at(view, 30, 150)
