"""How well a live session goes, by times that are given."""

from __future__ import annotations

import pytest

from faceswap_desktop.services.live_figures import FigureKeeper

MS = 1_000_000


def test_rates_and_delays_are_of_the_last_two_seconds() -> None:
    keeper = FigureKeeper()
    for number in range(1, 101):
        taken = number * 50 * MS
        keeper.note_camera(2 * number, taken)
        keeper.note_given(number, taken)
        # Every tenth is late.
        keeper.note_shown(number, taken + (200 if number % 10 == 0 else 40) * MS)
    keeper.note_scale(0.7)
    figures = keeper.figures(5_000 * MS)
    assert figures.camera_per_second == pytest.approx(40.0)
    assert figures.per_second == pytest.approx(20.0, abs=2.0)
    assert figures.delay_ms == 40.0
    assert figures.delay_p95_ms == 200.0
    assert figures.scale == 0.7
    later = keeper.figures(60_000 * MS)
    assert (later.camera_per_second, later.per_second, later.delay_ms, later.delay_p95_ms) == (0.0, 0.0, None, None)


def test_a_picture_counts_once_and_only_if_it_was_given() -> None:
    keeper = FigureKeeper()
    keeper.note_given(1, 0)
    keeper.note_shown(1, 10 * MS)
    keeper.note_shown(1, 500 * MS)
    keeper.note_shown(7, 500 * MS)
    assert keeper.figures(600 * MS).delay_p95_ms == 10.0
    assert keeper.figures(600 * MS).per_second == 0.0, "one picture is no rate"
