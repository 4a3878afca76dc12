"""The governor, fed with durations."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from faceswap_desktop.vision.live.governor import SCALES, Governor

GAP_S = 1 / 30


def fed(governor: Governor, frames: int, work_s: Callable[[float], float], gap_s: float = GAP_S) -> list[float]:
    """Feed a governor with work that hangs on the resolution; return the scales it chose."""
    scales = []
    for _ in range(frames):
        governor.note(work_s(governor.scale), gap_s)
        scales.append(governor.scale)
    return scales


def changes(scales: list[float]) -> int:
    return sum(one != other for one, other in pairwise(scales))


def test_a_quick_machine_works_at_full_resolution() -> None:
    assert set(fed(Governor(), 300, lambda scale: 0.02 * scale)) == {1.0}


def test_a_slow_machine_gets_a_lower_resolution_before_pictures_come_more_seldom() -> None:
    scales = fed(Governor(), 200, lambda scale: 0.012 + 0.03 * scale * scale)
    settled = scales[-60:]
    assert len(set(settled)) == 1
    assert 0.012 + 0.03 * settled[0] ** 2 <= GAP_S
    assert settled[0] > SCALES[-1]


def test_it_goes_down_within_a_second_and_no_further_than_needed() -> None:
    scales = fed(Governor(), 30, lambda scale: 0.015 + 0.02 * scale * scale)
    assert scales[-1] < 1.0


def test_one_slow_frame_is_no_reason() -> None:
    governor = Governor()
    fed(governor, 60, lambda _scale: 0.02)
    governor.note(0.4, GAP_S)
    assert set(fed(governor, 60, lambda _scale: 0.02)) == {1.0}


def test_it_goes_up_again_when_there_is_room() -> None:
    governor = Governor()
    fed(governor, 120, lambda scale: 0.01 + 0.035 * scale * scale)
    assert governor.scale < 1.0
    scales = fed(governor, 1200, lambda scale: 0.012 * scale)
    assert scales[-1] == 1.0


def test_it_does_not_flap_at_the_border() -> None:
    governor = Governor()
    # Full resolution is just too much, the next one is easy.
    scales = fed(governor, 30 * 120, lambda scale: 0.034 if scale == 1.0 else 0.012)
    assert changes(scales) <= 14  # in two minutes; waits grow
    late = scales[-30 * 40 :]
    assert changes(late) <= 3


def test_where_a_lower_resolution_gives_nothing_it_is_not_lowered_on_and_on() -> None:
    scales = fed(Governor(), 60, lambda _scale: 0.06)
    assert scales[-1] >= SCALES[2]


def test_a_slow_camera_leaves_more_time_up_to_a_point() -> None:
    assert set(fed(Governor(), 120, lambda _scale: 0.034, gap_s=1 / 15)) == {1.0}
    assert fed(Governor(), 120, lambda scale: 0.02 + 0.03 * scale, gap_s=1 / 15)[-1] < 1.0


def test_a_quick_camera_is_no_reason_to_hurry() -> None:
    assert set(fed(Governor(), 120, lambda _scale: 0.025, gap_s=1 / 60)) == {1.0}
