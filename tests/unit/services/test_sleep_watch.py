"""Sleep is noticed by clocks that part, or by a time in which nothing ran."""

from __future__ import annotations

from faceswap_desktop.services.sleep_watch import GAP_S, JUMP_S, SleepWatch


def test_sleep_is_told_once() -> None:
    wall, steady = [1000.0], [10.0]
    watch = SleepWatch(lambda: wall[0], lambda: steady[0])

    def passes(on_the_wall: float, steadily: float) -> bool:
        wall[0] += on_the_wall
        steady[0] += steadily
        return watch.has_slept()

    assert not passes(1.0, 1.0)
    assert not passes(1.0 + JUMP_S, 1.0), "a clock that is set a little"
    assert passes(3600.0, 1.0), "the monotonic clock stood"
    assert not passes(1.0, 1.0), "told once"
    assert passes(GAP_S + 1.0, GAP_S + 1.0), "where it goes on, nothing ran for a while"
    assert not passes(-3600.0, 1.0), "set back by hand is no sleep"
