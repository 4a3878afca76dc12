from __future__ import annotations

import pytest

from faceswap_desktop.domain.live import Resolution
from faceswap_desktop.ui.live.formats import Offer, nearest, resolutions

WEBCAM = [
    Offer(640, 480, 30.0, number=0),
    Offer(640, 360, 30.0, number=1),
    Offer(1280, 720, 10.0, number=2),
    Offer(1920, 1080, 5.0, number=3),
    Offer(640, 480, 30.0, is_jpeg=True, number=4),
    Offer(1280, 720, 30.0, is_jpeg=True, number=5),
    Offer(1280, 720, 60.0, is_jpeg=True, number=6),
    Offer(1920, 1080, 30.0, is_jpeg=True, number=7),
    Offer(3840, 2160, 30.0, is_jpeg=True, number=8),
]


@pytest.mark.parametrize(
    ("wish", "number"),
    [
        ((640, 480, 30), 0),
        ((640, 360, 30), 1),
        ((1280, 720, 30), 5),
        ((1280, 720, 10), 2),
        ((1280, 720, 60), 6),
        ((1920, 1080, 30), 7),
        ((1280, 800, 30), 5),
        ((800, 600, 30), 0),
        ((600, 440, 29.97), 0),
    ],
)
def test_the_format_nearest_to_the_wish(wish: tuple[int, int, float], number: int) -> None:
    found = nearest(WEBCAM, Resolution(*wish))
    assert found is not None
    assert found.number == number


def test_a_rate_that_is_all_but_the_wished_one_will_do() -> None:
    offers = [Offer(640, 480, 29.97), Offer(640, 480, 30.0, is_jpeg=True, number=1)]
    assert nearest(offers, Resolution()) == offers[0]


def test_no_format_that_can_be_used() -> None:
    assert nearest([], Resolution()) is None
    assert nearest([Offer(0, 0, 30.0), Offer(640, 480, 0.0), Offer(640, 8, 30.0)], Resolution()) is None


def test_what_can_be_chosen_stands_once_and_the_largest_first() -> None:
    assert resolutions([*WEBCAM, Offer(8, 8, 30.0), Offer(320, 240, 1000.0)]) == (
        Resolution(1920, 1080, 30.0),
        Resolution(1280, 720, 60.0),
        Resolution(640, 480, 30.0),
        Resolution(640, 360, 30.0),
        Resolution(320, 240, 60.0),
    )
