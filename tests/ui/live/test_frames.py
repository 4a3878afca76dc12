from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import QtVideo, QVideoFrame

from faceswap_desktop.domain.live import MOST_SIDE
from faceswap_desktop.ui.live.frames import Unpacker, decoded_jpeg, rgb
from tests.ui.conftest import until
from tests.ui.live.hardware import Format, frame_of, jpeg_frame, picture, yuv_frame


@pytest.mark.parametrize("width", [1, 2, 3, 4, 61, 64])
def test_rows_have_no_gaps(width: int) -> None:
    pixels, wide, high = rgb(picture(width, 8), is_mirrored=False)
    assert (wide, high, len(pixels)) == (width, 8, width * 8 * 3)


@pytest.mark.parametrize(
    ("size", "room", "wanted"),
    [
        ((160, 90), QSize(64, 48), (64, 36)),
        ((90, 160), QSize(64, 48), (27, 48)),
        ((64, 48), QSize(64, 48), (64, 48)),
        ((32, 32), QSize(64, 48), (32, 32)),
        ((4000, 2), QSize(64, 48), (64, 1)),
        ((3840, 2160), None, (MOST_SIDE, 1080)),
    ],
)
def test_what_is_too_large_is_shrunk(size: tuple[int, int], room: QSize | None, wanted: tuple[int, int]) -> None:
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(0xFF102030)
    pixels, width, height = rgb(image, is_mirrored=False, room=room)
    assert (width, height) == wanted
    assert bytes(pixels[:3]) == b"\x10\x20\x30"


@pytest.mark.parametrize("packed", [False, True])
async def test_what_a_frame_says_of_its_turn_is_done(packed: bool) -> None:
    def turned(frame: QVideoFrame) -> QVideoFrame:
        frame.setRotation(QtVideo.Rotation.Clockwise90)
        return frame

    unpacker = Unpacker()
    images: list[QImage] = []
    unpacker.ready.connect(lambda image, _: images.append(image))
    unpacker.offer(turned(jpeg_frame(picture()) if packed else yuv_frame(Format.Format_NV12, picture())), 1)
    await until(lambda: images)
    # The green edge at the top is on the right now.
    assert images[0].size() == QSize(48, 64)
    assert images[0].pixelColor(45, 32).green() > 150 > images[0].pixelColor(10, 32).green()
    await unpacker.close()


async def test_a_frame_that_says_it_is_mirrored_is_mirrored() -> None:
    unpacker = Unpacker()
    images: list[QImage] = []
    unpacker.ready.connect(lambda image, _: images.append(image))
    frame = frame_of(picture())
    frame.setMirrored(True)
    unpacker.offer(frame, 1)
    assert images[0].pixelColor(5, 40).blue() > 150
    unpacker.offer(QVideoFrame(), 2)
    assert len(images) == 1
    await unpacker.close()


async def test_what_is_forgotten_never_comes() -> None:
    unpacker = Unpacker()
    images: list[tuple[QImage, int]] = []
    unpacker.ready.connect(lambda image, taken_ns: images.append((image, taken_ns)))
    unpacker.offer(jpeg_frame(picture()), 1)
    unpacker.offer(jpeg_frame(picture()), 2)
    unpacker.forget()

    def third_came() -> bool:
        unpacker.offer(jpeg_frame(picture()), 3)
        return bool(images)

    await until(third_came)
    assert {taken_ns for _, taken_ns in images} == {3}
    await unpacker.close()
    await unpacker.close()


def test_what_is_no_jpeg_is_nothing() -> None:
    assert decoded_jpeg(b"").isNull()
    assert decoded_jpeg(b"\x89PNG").isNull()
