"""The keyboard on the live picture: it is seen, and the picture with it."""

from __future__ import annotations

from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.live import LivePerson, LivePicture
from faceswap_desktop.ui.live.view import LiveView, Seen

WHITE = QColor(255, 255, 255)


async def test_focus_is_a_frame_and_leaves_the_picture_as_it_is(qtbot: QtBot) -> None:
    view = LiveView()
    qtbot.addWidget(view)
    view.resize(320, 240)
    view.show_picture(LivePicture(1, 0, 320, 240, bytes([255]) * (320 * 240 * 3)))
    view.show_seen(Seen([LivePerson(1, BoundingBox(40, 60, 120, 160))], {1: "stays as it is"}))
    view.show()
    view.activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    image = view.grab().toImage()
    assert image.pixelColor(250, 200) == WHITE
    assert image.pixelColor(160, 1) != WHITE, "the frame"
