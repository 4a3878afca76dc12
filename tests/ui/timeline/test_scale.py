"""From seconds to pixels and back, and how much is painted of a long clip."""

from __future__ import annotations

from itertools import pairwise

import pytest

from faceswap_desktop.ui.timeline.scale import TimeScale, visible_marks, visible_runs

THREE_HOURS = 3 * 3600.0


def test_all_of_a_video_is_seen_at_first() -> None:
    scale = TimeScale.of(10.0, 500.0, 12.0)
    assert (scale.x_of(0.0), scale.x_of(10.0)) == (12.0, 512.0)
    assert scale.time_at(262.0) == pytest.approx(5.0)
    assert (scale.time_at(-50), scale.time_at(900)) == (0.0, 10.0)
    assert scale.is_whole


@pytest.mark.parametrize("x", [12.0, 137.0, 300.0, 512.0])
@pytest.mark.parametrize("factor", [1.5, 4.0, 1000.0])
def test_zooming_keeps_what_is_under_the_pointer(x: float, factor: float) -> None:
    scale = TimeScale.of(600.0, 500.0, 12.0)
    zoomed = scale.zoomed(factor, x)
    assert zoomed.time_at(x) == pytest.approx(scale.time_at(x), abs=1e-6)
    assert 0.0 <= zoomed.first <= zoomed.last <= 600.0 + 1e-9
    assert zoomed.zoomed(1e-9, x) == scale


def test_scrolling_ends_at_the_ends_and_turning_the_page_shows_a_time() -> None:
    scale = TimeScale.of(100.0, 500.0).zoomed(10.0, 0.0)
    assert scale.scrolled(-5.0).first == 0.0
    assert scale.scrolled(500.0).last == pytest.approx(100.0)
    assert scale.showing(4.0) is scale
    assert scale.showing(40.0).first <= 40.0 <= scale.showing(40.0).last
    assert scale.scrolled(50.0).showing(3.0).first <= 3.0


@pytest.mark.parametrize("length", [0.04, 1.0, 9.7, 75.0, 600.0, THREE_HOURS])
@pytest.mark.parametrize("factor", [1.0, 7.0, 300.0])
def test_times_on_the_ruler_never_touch_each_other(length: float, factor: float) -> None:
    scale = TimeScale.of(length, 540.0).zoomed(factor, 100.0)
    ticks = list(scale.ticks())
    assert len(ticks) <= 540 / 8 + 2
    places = [scale.x_of(tick.seconds) for tick in ticks if tick.is_labelled]
    assert all(after - before >= 88 - 1e-6 for before, after in pairwise(places))
    assert all(scale.first - 1e-6 <= tick.seconds <= scale.last + 1e-6 for tick in ticks)


def test_spans_are_painted_where_they_are() -> None:
    scale = TimeScale.of(10.0, 1000.0)
    assert list(visible_runs(scale, [0.0, 4.0], [2.0, 9.0])) == [(0.0, 200.0), (400.0, 900.0)]
    zoomed = scale.zoomed(10.0, 500.0)
    [(left, right)] = visible_runs(zoomed, [0.0, 4.6, 6.0], [2.0, 5.0, 7.0])
    assert left == pytest.approx(100.0)
    assert right == pytest.approx(500.0)


def test_a_hundred_thousand_spans_are_a_few_hundred_on_the_screen() -> None:
    scale = TimeScale.of(THREE_HOURS, 700.0)
    starts = [number * 0.1 for number in range(108_000)]
    ends = [start + 0.05 for start in starts]
    [(left, right)] = visible_runs(scale, starts, ends)
    assert left == 0.0
    assert right == pytest.approx(700.0, abs=0.1)
    sparse = [number * 30.0 for number in range(360)]
    runs = list(visible_runs(scale, sparse, [one + 10.0 for one in sparse]))
    assert len(runs) <= 700
    assert all(before[1] < after[0] for before, after in pairwise(runs))
    marks = list(visible_marks(scale, starts))
    assert len(marks) <= 701
    assert all(after - before >= 1.0 for before, after in pairwise(marks))
